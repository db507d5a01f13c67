"""The one seam to a database: a small protocol that every step works through.

Steps hand it SQL in DuckDB's dialect and the explicit name of the table to make. There is no hidden cache:
`make` and `load` are the only things that create a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa


class Engine(Protocol):
    """Named tables, and SQL that makes one from others."""

    def load(self, name: str, table: pa.Table) -> None:
        """Make a table from an Arrow table."""

    def make(self, name: str, sql: str) -> None:
        """Make (or replace) a table from a query."""

    def drop(self, *names: str) -> None:
        """Drop tables that are there; the rest is ignored."""

    def has(self, name: str) -> bool:
        """Whether a table of this name was made."""

    def columns(self, name: str) -> dict[str, str]:
        """The columns of a table: name to DuckDB type, in order."""

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a small query. Times come as integers or text: cast them in the query."""

    def arrow(self, sql: str) -> pa.Table:
        """The rows of a query as an Arrow table."""

    def read_parquet(self, name: str, path: Path) -> None:
        """Make a table from a Parquet file."""

    def write_parquet(self, sql: str, path: Path) -> None:
        """Write the rows of a query, in the query's order, to one Parquet file."""

    def close(self) -> None:
        """Drop everything and give the memory and the disk back."""


def number(engine: Engine, sql: str) -> int:
    """The single integer that a query gives; nought when it gives null."""
    value = engine.rows(sql)[0][0]
    return int(value) if isinstance(value, int | float) else 0
