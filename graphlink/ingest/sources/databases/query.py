"""A query of a database, as the drivers take it."""

from __future__ import annotations

from typing import NamedTuple

from graphlink.core.credentials import shown_database

AT_ONCE = 50_000  # rows fetched from a database at a time


class Database(NamedTuple):
    """A query of a database.

    Attributes:
        name: The name of the source in messages, which holds no address.
        address: A DuckDB or SQLite file, or the address of a PostgreSQL server.
        query: One SELECT.
    """

    name: str
    address: str
    query: str

    def __repr__(self) -> str:
        return f"Database(name={self.name!r}, address={shown_database(self.address)!r})"


def without_semicolon(query: str) -> str:
    """A query without the semicolon that people end it with; any other one is refused where it is run."""
    return query.rstrip().removesuffix(";")
