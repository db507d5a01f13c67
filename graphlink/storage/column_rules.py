"""What the columns of a stored table may hold, checked as they are read: results are passed on as files.

The rules of single columns (`graphlink.core.stages.Column`) are looked at here without an engine, so that
reading stays quick. Rules between columns are checked when a run writes its tables.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.errors import ResultError
from graphlink.core.schema import EXPLAINED_TABLES, TABLES

if TYPE_CHECKING:
    from graphlink.core.stages import Column

Values: TypeAlias = "pa.Array | pa.ChunkedArray"
_TYPES = {
    "VARCHAR": pa.string(),
    "DOUBLE": pa.float64(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
}
_COLUMNS = {spec.name: {one.name: one for one in spec.columns} for spec in (*TABLES, *EXPLAINED_TABLES)}


def check_stored(name: str, table: pa.Table | pa.RecordBatch) -> None:
    """Raise unless every column of a stored table holds what its contract allows.

    Args:
        name: The table's name in `graphlink.core.schema`; of a plugin's table only texts are looked at.
        table: Some of its columns and rows; columns that the contract doesn't know are attributes.

    Raises:
        ResultError: A column has another type, or a value that no run writes.
    """
    known = _COLUMNS.get(name, {})
    for column in table.column_names:
        fault = _fault_of(known.get(column), table[column])
        if fault:
            raise ResultError(
                f"{name}.parquet, column {column}: {fault}, which no run writes; the file was changed after "
                "its run: run it again"
            )


def _fault_of(column: Column | None, values: Values) -> str:
    """What is wrong with the values of a column; empty when nothing is."""
    type_ = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if column is not None and type_ != _TYPES[column.type]:
        return f"of type {type_}, not {_TYPES[column.type]}"
    if pa.types.is_string(type_) and not _is_utf8(values):
        return "text that is no UTF-8"
    if column is None:
        return ""
    if column.is_required and values.null_count:
        return "a value is missing"
    if column.choices:
        unknown = set(pc.unique(values).to_pylist()) - {None, *column.choices}
        return f"a value that is none of {', '.join(column.choices)}" if unknown else ""
    return _fault_of_numbers(column, values)


def _is_utf8(values: Values) -> bool:
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    try:
        for chunk in chunks:
            (chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _fault_of_numbers(column: Column, values: Values) -> str:
    if column.bounds is None:
        return ""
    if column.type == "DOUBLE" and pc.all(pc.is_finite(values)).as_py() is False:
        return "a number that is not finite"
    lowest, highest = column.bounds
    limits = pc.min_max(values)
    if limits["min"].is_valid and (limits["min"].as_py() < lowest or limits["max"].as_py() > highest):
        above = f" to {highest:g}" if math.isfinite(highest) else " or more"
        return f"a number that is not {lowest:g}{above}"
    return ""
