"""Names and texts in SQL, quoted: the only way that anything of the settings gets into a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class SqlText(str):
    """A text that is SQL already, where others are quoted."""

    __slots__ = ()


def quoted_name(name: str) -> str:
    """A name of a column or table in SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """A text in SQL; for paths, names of files and columns, and texts of the settings, never for data."""
    return "'" + text.replace("'", "''") + "'"


def one_of_sql(sql: str, texts: Iterable[str], length: str = "") -> str:
    """Condition that a text is one of those given; their length first, so that few are compared.

    The engine makes a join of a long IN, and after a join the rows are in any order: their numbers, which
    tell people where a row at fault stands, would be those of other rows. Inside a CASE it makes none.

    Args:
        sql: SQL of the text.
        texts: Those it may be.
        length: SQL of its length, where there is a cheaper one.
    """
    by_length: dict[int, list[str]] = {}
    for text in set(texts):
        by_length.setdefault(len(text), []).append(text)
    return _halved(sql, length or f"length({sql})", sorted(by_length.items())) if by_length else "false"


def _halved(sql: str, length: str, groups: list[tuple[int, list[str]]]) -> str:
    if len(groups) > 1:
        middle = len(groups) // 2
        halves = [_halved(sql, length, half) for half in (groups[:middle], groups[middle:])]
        return f"CASE WHEN {length} < {groups[middle][0]} THEN {halves[0]} ELSE {halves[1]} END"
    ((n, texts),) = groups
    listed = ", ".join(map(quoted_text, sorted(texts)))
    return f"CASE WHEN {length} = {n} THEN {sql} IN ({listed}) ELSE false END"
