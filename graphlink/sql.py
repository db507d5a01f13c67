"""Names and texts in SQL, quoted: the only way that anything of the settings gets into a statement."""

from __future__ import annotations


class Sql(str):
    """A text that is SQL already, where others are quoted."""

    __slots__ = ()


def quoted_name(name: str) -> str:
    """A name of a column or table in SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """A text in SQL; for paths, names of files and columns, and texts of the settings, never for data."""
    return "'" + text.replace("'", "''") + "'"
