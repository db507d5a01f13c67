"""Sources of every form -> staged tables: `stage.stage` is the way in."""
