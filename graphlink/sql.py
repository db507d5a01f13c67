"""Names and texts in SQL, quoted: the only way that anything of the settings gets into a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Sql(str):
    """A text that is SQL already, where others are quoted."""

    __slots__ = ()


def quoted_name(name: str) -> str:
    """A name of a column or table in SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """A text in SQL; for paths, names of files and columns, and texts of the settings, never for data."""
    return "'" + text.replace("'", "''") + "'"


def one_of_sql(sql: str, texts: Iterable[str]) -> str:
    """Condition that a text is one of those given; their length first, so that few are compared.

    The engine makes a join of a long IN, and after a join the rows are in any order: their numbers, which
    tell people where a row at fault stands, would be those of other rows. Inside a CASE it makes none.
    """
    by_length: dict[int, list[str]] = {}
    for text in sorted(set(texts)):
        by_length.setdefault(len(text), []).append(quoted_text(text))
    if not by_length:
        return "false"
    cases = " ".join(
        f"WHEN {n} THEN {sql} IN ({', '.join(listed)})" for n, listed in sorted(by_length.items())
    )
    return f"CASE length({sql}) {cases} ELSE false END"
