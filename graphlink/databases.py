"""Tables and queries of databases: DuckDB and SQLite files, and PostgreSQL.

A query runs where it can do nothing but read: one SELECT, on a connection of its own that writes nothing and
sees nothing else of this machine. Rows pass in batches, so that no table is held in memory as a whole.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from graphlink.credentials import (
    DATABASES,
    POSTGRES,
    database_kind,
    postgres_address,
    redacted_text,
    shown_database,
)
from graphlink.errors import GraphlinkError, InputError
from graphlink.files import digest_file
from graphlink.spelling import postgres_text, sqlite_text
from graphlink.sql import quoted_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphlink.engine import Engine

_AT_ONCE = 50_000  # rows fetched from a database at a time


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


def load_database(engine: Engine, table: str, database: Database) -> list[dict[str, object]]:
    """Make a table of the embedded engine from a query of a database; rowid counts its rows in order.

    Returns:
        The files read, for the manifest: name, bytes and sha256; none of a server.

    Raises:
        InputError: The database can't be reached or read, or refuses the query. The message holds no secret.
    """
    kind = database_kind(database.address)
    if kind == POSTGRES:
        _load(engine, table, _postgres_batches(database))
        return []
    if kind:
        raise InputError(f"{database.name}: no driver for {kind}: a database is one of {DATABASES}")
    path = Path(database.address)
    inputs: list[dict[str, object]] = [
        {"name": database.name, "bytes": _size(path), "sha256": digest_file(path)}
    ]
    if _is_sqlite(path):
        _load(engine, table, _sqlite_batches(database))
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
        said = getattr(error, "strerror", None) or "no path"
        # Whatever is no file may be an address in words that nobody here knows, with its secret.
        raise InputError(
            f"{shown_database(str(path))}: {said}; name a database file that you can read, or the address "
            f"of a database: known are {DATABASES}"
        ) from None


def _asked_once(query: str) -> str:
    """A query without the semicolon that people end it with; any other one is refused where it is run."""
    return query.rstrip().removesuffix(";")


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\x00"


def _load(engine: Engine, table: str, batches: Iterator[pa.RecordBatch]) -> None:
    """Load batches, of which the first has their columns; a fault of theirs is told as it was raised."""
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
    except Exception:  # whatever class the engine wraps a fault of its input in; all else goes on as it is
        if faults:
            raise faults[0] from None
        raise


# --- SQLite ------------------------------------------------------------------------------------------------

_REFUSED = frozenset(
    (
        sqlite3.SQLITE_ATTACH,
        sqlite3.SQLITE_DETACH,
        sqlite3.SQLITE_PRAGMA,
        sqlite3.SQLITE_SAVEPOINT,
        sqlite3.SQLITE_TRANSACTION,
    )
)
_FORBIDDEN = frozenset(("load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"))


def _sqlite_authorizer(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Keep a statement to its own database, which is open for reading only; full-text tables work."""
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() == "data_version":
        return sqlite3.SQLITE_OK  # what full-text tables look at
    is_refused = action in _REFUSED or (
        action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FORBIDDEN
    )
    return sqlite3.SQLITE_DENY if is_refused else sqlite3.SQLITE_OK


def _sqlite_batches(database: Database) -> Iterator[pa.RecordBatch]:
    """Every cell as the bytes of its text: SQLite has no types of columns, and not all its text is UTF-8.

    What is not is found where cells are read: replaced here, accounts that differ in it would become one.
    """
    address = Path(database.address).resolve().as_uri() + "?mode=ro"
    try:
        # The engine takes batches from threads of its own, one at a time.
        with contextlib.closing(sqlite3.connect(address, uri=True, check_same_thread=False)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.set_authorizer(_sqlite_authorizer)
            # A name that is no UTF-8 can be named by nobody.
            connection.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
            asked = f"FROM ({_asked_once(database.query)}\n)"  # a comment at its end ends with the line
            names = [column[0] for column in connection.execute(f"SELECT * {asked} LIMIT 0").description]
            cells = ", ".join(sqlite_text(quoted_name(name)) for name in names)
            connection.text_factory = bytes
            cursor = connection.execute(f"SELECT {cells} {asked}")
            schema = pa.schema([(name, pa.binary()) for name in names])
            yield pa.record_batch([pa.array([], pa.binary()) for _ in names], schema=schema)
            while rows := cursor.fetchmany(_AT_ONCE):
                arrays = [pa.array(cells, pa.binary()) for cells in zip(*rows, strict=True)]
                yield pa.record_batch(arrays, schema=schema)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise InputError(
            f"{database.name}: SQLite says: {error}; check the table or query, which is one SELECT"
        ) from None


# --- PostgreSQL --------------------------------------------------------------------------------------------


def _postgres_batches(database: Database) -> Iterator[pa.RecordBatch]:
    """Every cell as text, times in UTC: so the types that Arrow lacks (inet, numeric) come too."""
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise InputError(
            f"{database.name}: PostgreSQL needs a driver; `pip install 'graphlink[postgres]'`"
        ) from None
    try:
        address = postgres_address(database.address)
    except ValueError as error:
        raise InputError(f"{database.name}: the address of the database can't be read: {error}") from None
    try:
        with dbapi.connect(address) as connection, connection.cursor() as cursor:
            yield from _asked(cursor, database.query)
    except (dbapi.Error, pa.ArrowException, OSError) as error:  # those two amid the rows
        said = redacted_text(str(error), database.address, address).split("\n", 1)[0]
        raise InputError(
            f"{database.name}: PostgreSQL says: {said}; check the address, and the table or query, which is "
            "one SELECT that writes nothing"
        ) from None


def _asked(cursor: Any, query: str) -> Iterator[pa.RecordBatch]:
    # The first statement of the transaction that the driver has begun: from here on the server itself refuses
    # to write, also by a function, and no later statement can take that back.
    cursor.execute("SET TRANSACTION READ ONLY")
    for setting in ("TIME ZONE 'UTC'", "datestyle TO ISO"):
        cursor.execute(f"SET {setting}")
    asked = f"FROM ({_asked_once(query)}\n) AS asked"
    cursor.execute(f"SELECT * {asked} LIMIT 0")
    reader = cursor.fetch_record_batch()
    told = reader.schema
    reader.read_all()
    # Of a list or a row the text would be one value of many; as a list it is refused where it is asked for.
    cells = ", ".join(
        f"{'NULL::text[]' if pa.types.is_nested(field.type) else postgres_text(name)} AS {name}"
        for field in told
        for name in [quoted_name(field.name)]
    )
    cursor.execute(f"SELECT {cells} {asked}")
    reader = cursor.fetch_record_batch()
    yield pa.record_batch([pa.array([], field.type) for field in reader.schema], schema=reader.schema)
    yield from reader
