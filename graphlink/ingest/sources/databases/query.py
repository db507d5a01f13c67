"""A query of a database, as the drivers take it."""

from __future__ import annotations

from typing import NamedTuple

from graphlink.core.credentials import shown_database

AT_ONCE = 50_000  # rows fetched from a database at a time


class Database(NamedTuple):
    """A query of a database.

    Attributes:
        name: The name of the source in messages, which holds no address.
        address: A DuckDB or SQLite file, or the address of a server or profile.
        query: One SELECT.
        table: The table that is read, where the settings name one instead of a query.
    """

    name: str
    address: str
    query: str
    table: str = ""

    def __repr__(self) -> str:
        return f"Database(name={self.name!r}, address={shown_database(self.address)!r})"


def without_semicolon(query: str) -> str:
    """A query without the semicolon that people end it with; any other one is refused where it is run."""
    return query.rstrip().removesuffix(";")


def select_all(table: str, quote: str = '"') -> str:
    """The query of a whole table.

    Args:
        table: Its name, with dots between those of catalog, schema and table.
        quote: What stands around names in the SQL of the database.
    """
    names = (quote + name.replace(quote, quote * 2) + quote for name in table.split("."))
    return f"SELECT * FROM {'.'.join(names)}"
