"""How the columns of a table fit a terminal: folded where they are text, else dropped by rank."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = 2
"""Characters between two columns."""
_LEAST_TEXT = 18  # a narrower column of text is a ladder of words


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its cells need it.

    Attributes:
        name: Its name; it may be broken after an underscore.
        natural: Characters of its widest cell.
        is_text: Whether its cells may be folded. Ids and numbers may not: nobody can copy what is broken.
    """

    name: str
    natural: int
    is_text: bool

    @property
    def least(self) -> int:
        """Characters that it needs at least."""
        cells = min(self.natural, _LEAST_TEXT) if self.is_text else self.natural
        return max(cells, *map(len, _pieces(self.name)))


@dataclass(frozen=True, slots=True)
class Fit:
    """The columns that fit.

    Attributes:
        widths: Characters of each column that is shown, by name, in the order of the table.
        dropped: The columns that are not shown, in the order of the table.
    """

    widths: dict[str, int]
    dropped: tuple[str, ...]


def fit_columns(columns: Sequence[Column], keep: Sequence[str], width: int, *, drops: bool = True) -> Fit:
    """Choose the columns of a table and their widths.

    Args:
        columns: The columns in the order of the table.
        keep: Those that stay longest, the most important first. The others are dropped before them, from the
            right; one column always stays.
        width: Characters of a line.
        drops: Whether columns may be dropped; if not, all are narrowed until they fit.
    """
    order = [name for name in keep if name in {column.name for column in columns}]
    order += [column.name for column in columns if column.name not in order]
    while drops and len(order) > 1 and _total([c.least for c in columns if c.name in order]) > width:
        order.pop()
    shown = [column for column in columns if column.name in order]
    widths = {column.name: column.least for column in shown}
    _shrink(widths, width)
    _grow(widths, {c.name: c.natural for c in shown if c.is_text}, width)
    _grow(widths, {c.name: len(c.name) for c in shown}, width)
    return Fit(widths, tuple(column.name for column in columns if column.name not in order))


def broken_header(name: str, width: int) -> str:
    """A column's name in lines of at most `width` characters, broken after underscores."""
    lines = [""]
    for piece in _pieces(name):
        if lines[-1] and len(lines[-1]) + len(piece) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


def _pieces(name: str) -> list[str]:
    return re.findall(r"n_[^_]+_*|[^_]*_+|[^_]+", name) or [name]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * max(0, len(widths) - 1)


def _shrink(widths: dict[str, int], width: int) -> None:
    """Narrow the widest column, one character at a time, until the line fits or nothing is left to take."""
    while _total(list(widths.values())) > width and max(widths.values()) > 1:
        widest = max(widths, key=lambda name: widths[name])
        widths[widest] -= 1


def _grow(widths: dict[str, int], wanted: dict[str, int], width: int) -> None:
    """Give the free characters to the columns that want more, those that want least first."""
    for name in sorted(wanted, key=lambda name: wanted[name] - widths[name]):
        free = width - _total(list(widths.values()))
        widths[name] += max(0, min(free, wanted[name] - widths[name]))
