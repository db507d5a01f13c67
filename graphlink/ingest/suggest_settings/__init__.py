"""Files -> a commented `graphlink.toml` with the best guesses."""

from graphlink.ingest.suggest_settings.settings_text import guess, guess_settings

__all__ = ["guess", "guess_settings"]
