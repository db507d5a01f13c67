"""What every layer stands on: the contracts of the tables."""
