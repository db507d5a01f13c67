"""A column that was chosen, and from which share on values count as alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST = 0.8  # share of the filled values that have to look alike


SOME = 0.25  # share that suffices where the name suggests the same


class Choice(NamedTuple):
    """A column that was chosen.

    Attributes:
        column: Its name; empty where there is none.
        why: How sure that is, or why there is none, for a comment.
        time_format: Of a time.
        kind: Of an identifier.
    """

    column: str
    why: str
    time_format: str = ""
    kind: str = ""


def share(values: Sequence[str], is_like: Callable[[str], bool]) -> float:
    """The share of values that are like something; zero without values."""
    return sum(1 for value in values if is_like(value)) / len(values) if values else 0.0
