"""Types of columns on both engines, and Arrow tables as either takes them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

SIGNED = {"UTINYINT": "SMALLINT", "USMALLINT": "INTEGER", "UINTEGER": "BIGINT", "UBIGINT": "BIGINT"}
_TYPES = {
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "string": "VARCHAR",
    "binary": "BLOB",
    "date": "DATE",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "timestamp_ntz": "TIMESTAMP",
    "void": '"NULL"',
}


def duck_type(kind: Any) -> str:
    """The name of one of Spark's types on DuckDB."""
    name = str(kind.simpleString())
    if name.startswith("decimal"):
        return name.upper()
    if name.startswith("array"):
        return f"{duck_type(kind.elementType)}[]"
    return _TYPES.get(name, name.upper())


def spark_type(kind: str) -> str:
    """The name of one of DuckDB's types on Spark."""
    return {duck: spark for spark, duck in _TYPES.items()}.get(kind, kind)


def without_unsigned(table: pa.Table) -> pa.Table:
    """A table that Spark takes: it knows no unsigned numbers and no dictionaries."""
    fields = []
    for field in table.schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_unsigned_integer(kind):
            kind = pa.int64()
        fields.append(pa.field(field.name, pa.string() if pa.types.is_null(kind) else kind))
    return table.cast(pa.schema(fields)).replace_schema_metadata(None)


def as_duck_gives(table: pa.Table) -> pa.Table:
    """A table as the embedded engine gives it: times in UTC, numbers of one row of a group plain."""
    fields = []
    for field in table.schema:
        kind = (
            pa.timestamp("us", "UTC") if pa.types.is_timestamp(field.type) and field.type.tz else field.type
        )
        fields.append(pa.field(field.name, kind))
    return table.cast(pa.schema(fields)).replace_schema_metadata(None)
