"""Files -> a commented `graphlink.toml` with suggested settings."""

from graphlink.ingest.suggest_settings.settings_text import suggest, suggest_settings

__all__ = ["suggest", "suggest_settings"]
