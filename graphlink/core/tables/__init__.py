"""The tables that cross a step of a run and are no table of the result, declared by area."""
