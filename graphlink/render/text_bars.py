"""Bars of text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.render.escape import shortened, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_FULL, _NEGATIVE = "█", "▒"
_NUMBER = 7  # characters of a number


def text_bars(rows: Sequence[tuple[str, float]], *, width: int = 80, most_name: int = 24) -> list[str]:
    """Draw a bar for each number, in proportion to the largest; negative ones are shaded.

    Args:
        rows: Names and numbers.
        width: Characters of a line at most.
        most_name: Characters of a name at most.
    """
    if not rows:
        return []
    names = [shortened(visible(name), most_name) for name, _ in rows]
    margin = max(map(len, names))
    room = max(1, width - margin - _NUMBER - 2)
    largest = max(abs(number) for _, number in rows) or 1.0
    return [
        f"{name:<{margin}} {number:>{_NUMBER}.1f} {_bar(number, room, largest)}".rstrip()
        for name, (_, number) in zip(names, rows, strict=True)
    ]


def _bar(number: float, room: int, largest: float) -> str:
    return (_FULL if number >= 0 else _NEGATIVE) * round(abs(number) / largest * room)
