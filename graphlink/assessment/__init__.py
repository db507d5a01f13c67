"""What a cluster may be, what chance alone would give, signals and reasons."""
