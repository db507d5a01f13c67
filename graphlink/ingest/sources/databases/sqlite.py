"""Queries of SQLite files -> batches of Arrow."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.core.errors import InputError
from graphlink.core.sql import quoted_name
from graphlink.ingest.sources.databases.query import AT_ONCE, Database, without_semicolon
from graphlink.kinds.spelling import EXACT

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def sqlite_batches(database: Database) -> Iterator[pa.RecordBatch]:
    """Every cell as the bytes of its text: SQLite has no types of columns, and not all its text is UTF-8.

    Other text is rejected where cells are read: replaced here, different accounts would become one.
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
            # A comment at the end of the query ends with the line.
            source = f"FROM ({without_semicolon(database.query)}\n)"
            names = [column[0] for column in connection.execute(f"SELECT * {source} LIMIT 0").description]
            cells = ", ".join(_sqlite_text(quoted_name(name)) for name in names)
            connection.text_factory = bytes
            cursor = connection.execute(f"SELECT {cells} {source}")
            schema = pa.schema([(name, pa.binary()) for name in names])
            yield pa.record_batch([pa.array([], pa.binary()) for _ in names], schema=schema)
            while rows := cursor.fetchmany(AT_ONCE):
                arrays = [pa.array(cells, pa.binary()) for cells in zip(*rows, strict=True)]
                yield pa.record_batch(arrays, schema=schema)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise InputError(
            f"{database.name}: SQLite says: {error}; check the table or query, which is one SELECT"
        ) from None


def _sqlite_text(name: str) -> str:
    """SQLite's text of a cell: a whole REAL without its fraction, or such that `has_lost_digits` holds."""
    is_exact = f"{name} = CAST({name} AS INTEGER) AND abs({name}) < {EXACT['DOUBLE']}"
    return (
        f"CASE WHEN typeof({name}) <> 'real' THEN CAST({name} AS TEXT) "
        f"WHEN {is_exact} THEN CAST(CAST({name} AS INTEGER) AS TEXT) "
        f"WHEN abs({name}) >= {EXACT['DOUBLE']} THEN printf('%.14e', {name}) ELSE CAST({name} AS TEXT) END"
    )
