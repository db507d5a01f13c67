"""What people read of the order of clusters."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PRIORITY_PARTS = MappingProxyType(
    {
        "burner_domains": "burner domains",
        "routers": "routers",
        "exits": "rented exits",
        "addresses": "addresses per account",
        "succession": "opened after closures",
        "closures": "closed for abuse",
        "volume": "volume",
        "growth": "growth",
        "size": "size",
    }
)
"""Part of the order to its name for people: first what conceals, then what harms."""

PRIORITY = (
    "Points for what conceals (burner domains, routers, rented exits, addresses per account) and what harms "
    "(accounts opened after closures, closed for abuse, volume, growth, size), times the probability of one "
    "concealed operator."
)


_CONFIDENCE = "probability of one operator, less once all accounts are closed"


def priority_phrase(parts: Iterable[tuple[str, float]], most: int = 3) -> str:
    """The parts that count most, in words: "opened after closures 2.9, addresses per account 1.1".

    Args:
        parts: Name and points of each part.
        most: Parts to name.
    """
    leading = sorted((part for part in parts if part[1] >= 0.05), key=lambda part: -part[1])[:most]
    return ", ".join(f"{PRIORITY_PARTS[name]} {points:.1f}" for name, points in leading)


def priority_sentence(total: float, confidence: float, parts: Iterable[tuple[str, float]]) -> str:
    """How a cluster's priority comes about."""
    named = priority_phrase(parts, len(PRIORITY_PARTS)) or "nothing above the usual"
    return f"Priority {total:.1f} = {confidence:.2f} ({_CONFIDENCE}) x points: {named}."
