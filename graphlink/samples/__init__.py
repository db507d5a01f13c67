"""Planted worlds: a provider's tables drawn by seed, with known truth and dials of evasion."""

from graphlink.samples.dials import (
    DEFAULT_STYLES,
    FARM_STYLES,
    HELD_OUT_STYLES,
    HONEST_STYLES,
    OPEN_STYLES,
    STYLES,
    Dials,
    FarmShares,
    HonestShares,
)
from graphlink.samples.world import World, draw_sample, draw_world

__all__ = [
    "DEFAULT_STYLES",
    "FARM_STYLES",
    "HELD_OUT_STYLES",
    "HONEST_STYLES",
    "OPEN_STYLES",
    "STYLES",
    "Dials",
    "FarmShares",
    "HonestShares",
    "World",
    "draw_sample",
    "draw_world",
]
