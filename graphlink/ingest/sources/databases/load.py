"""Tables and queries of databases: DuckDB and SQLite files, and PostgreSQL.

A query runs where it can do nothing but read: one SELECT, on a connection of its own that writes nothing and
sees nothing else of this machine. Rows pass in batches, so that no table is held in memory as a whole.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.core.credentials import DATABASES, POSTGRES, database_kind, shown_database
from graphlink.core.errors import GraphlinkError, InputError
from graphlink.ingest.sources.databases.postgres import postgres_batches
from graphlink.ingest.sources.databases.sqlite import sqlite_batches
from graphlink.storage.files import digest_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphlink.engine import Reader
    from graphlink.ingest.sources.databases.query import Database


_FILES = ("sqlite", "duckdb", "file")  # what others write before the path of a file


def load_database(engine: Reader, table: str, database: Database) -> list[dict[str, object]]:
    """Make a table of the embedded engine from a query of a database; rowid counts its rows in order.

    Returns:
        The files read, for the manifest: name, bytes and sha256; none of a server.

    Raises:
        InputError: The database can't be reached or read, or refuses the query. The message holds no secret.
    """
    kind = database_kind(database.address)
    if kind == POSTGRES:
        load_batches(engine, table, postgres_batches(database))
        return []
    if kind in _FILES:
        raise InputError(f"{database.name}: name a {kind} file by its path, without {kind}://")
    if kind:
        raise InputError(f"{database.name}: no driver for {kind}: a database is one of {DATABASES}")
    path = Path(database.address)
    inputs: list[dict[str, object]] = [
        {"name": database.name, "bytes": _size(path), "sha256": digest_file(path)}
    ]
    if _is_sqlite(path):
        load_batches(engine, table, sqlite_batches(database))
    else:
        try:
            engine.read_database(table, path, database.query)
        except InputError as error:
            expected = (
                "a DuckDB or SQLite file that no program is writing to, and a table or query of it, which is "
                "one SELECT that reads nothing else"
            )
            raise InputError(f"{database.name}: {error}; expected {expected}") from None
    return inputs


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no path"
        # A text that names no file may be an address of an unknown form, with its secret.
        raise InputError(
            f"{shown_database(str(path))}: {reason}; name a database file that you can read, or the address "
            f"of a database: known are {DATABASES}"
        ) from None


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\x00"


def load_batches(engine: Reader, table: str, batches: Iterator[pa.RecordBatch]) -> None:
    """Load batches, of which the first has their columns; their errors are raised as they are."""
    faults: list[GraphlinkError] = []

    def watched(first: pa.RecordBatch) -> Iterable[pa.RecordBatch]:
        try:
            yield first
            yield from batches
        except GraphlinkError as error:  # would come back as a fault of the engine
            faults.append(error)
            raise

    first = next(batches)
    try:
        engine.load_batches(table, pa.RecordBatchReader.from_batches(first.schema, watched(first)))
    except Exception:  # any class that the engine wraps a fault of its input in; others pass as they are
        if faults:
            raise faults[0] from None
        raise
