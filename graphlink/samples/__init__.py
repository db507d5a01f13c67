"""Planted worlds: a provider's tables drawn by seed, with known truth and dials of evasion."""

from graphlink.samples.dials import FARM_STYLES, HONEST_STYLES, STYLES, Dials, FarmShares, HonestShares
from graphlink.samples.world import World, draw_sample, draw_world

__all__ = [
    "FARM_STYLES",
    "HONEST_STYLES",
    "STYLES",
    "Dials",
    "FarmShares",
    "HonestShares",
    "World",
    "draw_sample",
    "draw_world",
]
