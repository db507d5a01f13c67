"""What steps, ingest and a run need of a database: SQL over named tables, readers, and stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from graphlink.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
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
        n_before: Blank lines before the header of each csv.
        records: Of json, the path of JSON from each document to its records, without its `$`; empty where
            the documents are the records.
    """

    paths: tuple[str, ...]
    form: str
    n_columns: int = 0
    delimiter: str = ","
    n_before: int = 0
    records: str = ""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that could not be read.

    Attributes:
        file: Which of the files, counted from 0.
        line: Which record of it, counted from 1.
        reason: Why, as a code.
        n_lines: Physical lines that it spans: more than one where a quote is open.
        at: Where it begins in the text of the file, in bytes.
    """

    file: int
    line: int
    reason: str
    n_lines: int = 1
    at: int = 0


ROWS_OF_FILE = 1 << 43  # more than any file has, so that the number of a row and of its file are one number


class StoredFile(NamedTuple):
    """A file at an address.

    Attributes:
        path: Its own address.
        n_bytes: Its size.
        changed: When it was last written to, in ISO 8601 and UTC.
    """

    path: str
    n_bytes: int
    changed: str


class Sql(Protocol):
    """Named tables, and SQL that makes one from others: all that a step needs."""

    @property
    def is_distributed(self) -> bool:
        """Whether tables may be too large for this machine, so that as little as can be is brought here."""

    @property
    def n_threads(self) -> int:
        """How many threads of this machine a step may keep busy with what it computes itself."""

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
        """Let a name stand for a query; its rows are stored nowhere, and computed at each use."""

    def rename(self, name: str, new_name: str) -> None:
        """Give a table another name, which no table has; no row is copied."""

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


class Store(Protocol):
    """Files at addresses of a store, which an engine of many machines reads and writes itself."""

    def list_stored(self, address: str) -> list[StoredFile]:
        """The files that an address of a store (of a file, a folder or a glob) names; none if there are none.

        Raises:
            InputError: The store can't be reached, or is none that the engine knows.
        """

    def stored_columns(self, path: str) -> dict[str, str]:
        """The columns of a Parquet file at an address: name to type, in order.

        Raises:
            InputError: The file is not Parquet, or broken.
        """

    def read_stored(self, name: str, files: Sequence[tuple[int, str]], columns: Sequence[str]) -> bool:
        """Make a table from columns of Parquet files at addresses, which have the same columns.

        Args:
            name: The table. The columns are named c0, c1 and so on; `part` is the number given with the file,
                and `row` that number times ROWS_OF_FILE plus the number of the row in the file, from 0.
            files: Numbers and addresses of the files.
            columns: The columns to read.

        Returns:
            Whether the engine knows the numbers of rows; `row` is another number of each row when not.

        Raises:
            InputError: A file can't be read.
        """

    def catalog_columns(self, table: str, query: str, where: str) -> list[tuple[str, str]]:
        """The columns of a table or query of the engine's catalog: name and type, in order.

        Args:
            table: Its name, with dots between catalog, schema and table; a part with dots is in backticks.
            query: One SELECT in the engine's own dialect instead; empty for the table.
            where: What it is called in messages.

        Raises:
            InputError: There is none, or the query is refused.
        """

    def read_catalog(self, name: str, source: tuple[str, str, str], columns: Sequence[str]) -> None:
        """Make a table from columns of a table or query of the engine's catalog.

        Args:
            name: The table. The columns are named c0, c1 and so on; `part` is 0, and `row` a number of each.
            source: Table, query and name in messages, as of `catalog_columns`.
            columns: The columns to read.

        Raises:
            InputError: It can't be read.
        """

    def write_stored(self, sql: str, address: str) -> None:
        """Write the rows of a query, in the query's order, to a new folder of Parquet files at an address.

        Raises:
            EngineError: The store can't be reached, or is none that the engine knows.
        """


class Reader(Sql, Protocol):
    """What ingest needs in addition: files, databases, and the engine of this machine."""

    @property
    def here(self) -> Reader:
        """The embedded engine of this machine: itself, or the one that a distributed engine has beside it."""

    @property
    def folder(self) -> Path:
        """A temporary folder of this machine, which goes with all that is in it when the engine closes."""

    def import_table(self, name: str) -> None:
        """Make a table of the one of this name in the engine `here`; nothing where that is this engine."""

    def load_batches(self, name: str, batches: pa.RecordBatchReader) -> None:
        """Make a table from Arrow batches as they come, few held at a time; rowid counts the rows."""

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

        The query sees that file and nothing else of this machine; rowid counts its rows in order.

        Raises:
            InputError: The file is no such database, is in use, or refuses the query, which is one SELECT.
        """

    def query_files(
        self, name: str, tables: Mapping[str, Sequence[tuple[FileSet, str]]], query: str
    ) -> list[str]:
        """Make a table from a query over files, with the columns c0, c1 and so on.

        Args:
            name: The table; rowid counts its rows in order.
            tables: What the query may name: files that are read alike, each with a SELECT of the table
                `arriving`, as of `read_files`; further files add rows, and columns that others lack.
            query: Exactly one SELECT; it sees these files and nothing else of this machine.

        Returns:
            The names of its columns.

        Raises:
            InputError: A file is broken, a line can't be read, or the query is refused.
        """

    @property
    def store(self) -> Store | None:
        """Files at addresses, where the engine reads them itself; None when it does not."""


class Engine(Reader, Protocol):
    """A database that a run works in, from its start to its end."""

    @property
    def version(self) -> str:
        """Version of what answers, such as 2.0.0."""

    def read_parquet(self, name: str, path: Path) -> None:
        """Make a table from a Parquet file."""

    def write_parquet(self, sql: str, path: Path) -> None:
        """Write the rows of a query, in the query's order, to one Parquet file.

        Raises:
            OSError: The disk of the file is full, or refuses to be written to.
        """

    def close(self) -> None:
        """Drop everything and give the memory and the disk back."""


def number(engine: Sql, sql: str) -> int:
    """The single integer that a query gives; zero when it gives null."""
    value = engine.rows(sql)[0][0]
    return int(value) if isinstance(value, int | float) else 0


def store_at(engine: Reader, address: str) -> Store:
    """Get the store of an engine, for the files at an address.

    Raises:
        InputError: The engine reads and writes no addresses.
    """
    if engine.store is None:
        raise InputError(f"{address}: the embedded engine has no access to it; run with --engine spark")
    return engine.store
