"""The one seam to a database: a small protocol that every step works through.

Steps hand it SQL in DuckDB's dialect and the explicit name of the table to make. There is no hidden cache:
`make` and `load` are the only things that create a table, and `define` names a query without storing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class FileSet:
    """Files that are read alike.

    Attributes:
        paths: The files.
        form: csv, lines (one column `line` with the text of each line), json (one column `line` with each
            object of an array or of a run of objects) or parquet.
        n_columns: Columns of a csv; they arrive as text and are named c0, c1 and so on.
        delimiter: What stands between the cells of a csv.
    """

    paths: tuple[str, ...]
    form: str
    n_columns: int = 0
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that could not be read: which of the files (counted from 0), which line (from 1), and why."""

    file: int
    line: int
    reason: str


class Engine(Protocol):
    """Named tables, and SQL that makes one from others."""

    @property
    def version(self) -> str:
        """Version of what answers, such as 2.0.0."""

    @property
    def is_distributed(self) -> bool:
        """Whether tables may be too large for this machine, so that as little as can be is brought here."""

    def load(self, name: str, table: pa.Table) -> None:
        """Make a table from an Arrow table."""

    def make(self, name: str, sql: str) -> None:
        """Make (or replace) a table from a query."""

    def make_by(
        self, name: str, sql: str, group: str, function: Callable[[pa.Table], pa.Table], schema: pa.Schema
    ) -> dict[int, int]:
        """Make a table by a function of the rows of a query, which may run on another machine.

        Args:
            name: The table.
            sql: The query.
            group: Column of it, of whole numbers below 2 ** 31: the function sees all rows of one at once.
            function: Gives the rows of the table for those of several groups, in any order.
            schema: What the function gives.

        Returns:
            The groups too large for a worker of the engine, solved on this machine: number to rows.
        """

    def define(self, name: str, sql: str) -> None:
        """Let a name stand for a query, whose rows are stored nowhere; anew where its tables have changed."""

    def drop(self, *names: str) -> None:
        """Drop tables that are there; the rest is ignored."""

    def has(self, name: str) -> bool:
        """Whether a table of this name was made, or a query defined."""

    def columns(self, name: str) -> dict[str, str]:
        """The columns of a table: name to DuckDB type, in order."""

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a small query. Times come as integers or text: cast them in the query."""

    def arrow(self, sql: str) -> pa.Table:
        """The rows of a query as an Arrow table."""

    def append(self, name: str, sql: str) -> None:
        """Add the rows of a query to a table."""

    def read_files(self, name: str, files: FileSet, select: str) -> list[RejectedRow]:
        """Add the rows of files, in their order, to a table, which is made when it is not there.

        `select` is a query of the table `arriving`: the columns of the files and `graphlink_file`, the number
        of the file in the set. The pseudo-column `rowid` of the table counts its rows in order, from 0.

        Raises:
            InputError: A file is broken; the message is the engine's, without the file's content.
        """

    def file_columns(self, path: Path) -> dict[str, str]:
        """The columns of a Parquet file: name to type, in order.

        Raises:
            InputError: The file is not Parquet, or broken.
        """

    def read_database(self, name: str, path: Path, query: str) -> None:
        """Make a table from a query of another database file of this engine, which is only read.

        Raises:
            InputError: The file is no such database, is in use, or refuses the query.
        """

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
