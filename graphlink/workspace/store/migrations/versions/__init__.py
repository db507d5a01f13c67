"""The migrations, the first first."""
