"""Queries of PostgreSQL -> batches of Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphlink.core.credentials import postgres_address, redacted_text
from graphlink.core.errors import InputError
from graphlink.core.sql import quoted_name
from graphlink.ingest.sources.databases.query import Database, without_semicolon
from graphlink.kinds.spelling import EXACT

if TYPE_CHECKING:
    from collections.abc import Iterator


def postgres_batches(database: Database) -> Iterator[pa.RecordBatch]:
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
            yield from _read_rows(cursor, database.query)
    except (dbapi.Error, pa.ArrowException, OSError) as error:  # those two amid the rows
        reason = redacted_text(str(error), database.address, address).split("\n", 1)[0]
        raise InputError(
            f"{database.name}: PostgreSQL says: {reason}; check the address, and the table or query, which "
            "is one SELECT that writes nothing"
        ) from None


def _read_rows(cursor: Any, query: str) -> Iterator[pa.RecordBatch]:
    # The first statement of the transaction that the driver has begun: from here on the server itself refuses
    # to write, also by a function, and no later statement can take that back.
    cursor.execute("SET TRANSACTION READ ONLY")
    for setting in ("TIME ZONE 'UTC'", "datestyle TO ISO"):
        cursor.execute(f"SET {setting}")
    source = f"FROM ({without_semicolon(query)}\n) AS source"
    cursor.execute(f"SELECT * {source} LIMIT 0")
    reader = cursor.fetch_record_batch()
    schema = reader.schema
    reader.read_all()
    # The text of a list or a row would be one value of many; as a list it is refused where it is used.
    cells = ", ".join(
        f"{'NULL::text[]' if pa.types.is_nested(field.type) else _postgres_text(name)} AS {name}"
        for field in schema
        for name in [quoted_name(field.name)]
    )
    cursor.execute(f"SELECT {cells} {source}")
    reader = cursor.fetch_record_batch()
    yield pa.record_batch([pa.array([], field.type) for field in reader.schema], schema=reader.schema)
    yield from reader


def _postgres_text(name: str) -> str:
    """PostgreSQL's text of a cell: a number without its last zeros, null for NaN, the host of an inet."""
    text, type_ = f"{name}::text", f"pg_typeof({name})"
    # Casts of the text, since a branch for another type of column must be right for this one too.
    number = f"({text})::numeric"
    is_large = f"{text} ~ 'e[+]'"
    return (
        f"CASE WHEN {type_} = 'inet'::regtype THEN regexp_replace({text}, '/(32|128)$', '') "
        f"WHEN {type_} NOT IN ('numeric'::regtype, 'float4'::regtype, 'float8'::regtype) THEN {text} "
        f"WHEN {text} = 'NaN' THEN NULL "
        f"WHEN {type_} = 'numeric'::regtype AND {text} LIKE '%.%' THEN rtrim(rtrim({text}, '0'), '.') "
        f"WHEN {type_} = 'float8'::regtype AND {is_large} AND abs({number}) < {EXACT['DOUBLE']} "
        f"THEN ({number})::text "
        f"WHEN {type_} = 'float4'::regtype AND {is_large} THEN CASE WHEN abs({number}) < {EXACT['FLOAT']} "
        f"THEN ({number})::text ELSE regexp_replace({text}, '([.][0-9]+)[0-9]e[+]', '\\1e+') END "
        f"ELSE {text} END"
    )
