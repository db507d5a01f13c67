"""Sources -> observations: read, clean, hash, number, and reject what can't be used."""

from graphlink.ingest.observations.collect import check_input, collect_observations
from graphlink.ingest.observations.routers import add_routers

__all__ = ["add_routers", "check_input", "collect_observations"]
