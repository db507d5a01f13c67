"""Tables of Python libraries -> Arrow: pandas frames, and any object with the Arrow C stream.

The stream is the standard between libraries (the Arrow PyCapsule interface): polars, DuckDB relations, ibis,
narwhals, nanoarrow and pyarrow's own readers have it, so none of them has to be known here.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from graphlink.core.errors import InputError

TAKEN = (
    "a pandas DataFrame, a pyarrow Table, or a table with the Arrow C stream (polars, DuckDB, ibis, narwhals "
    "and others)"
)

# A method that only an unfinished or distant table has -> what makes a table of it.
_METHODS = {
    "to_frame": "a single column has no names; hand over a frame of several",  # a Series
    "collect_schema": "call .collect() first",  # a LazyFrame of polars
    "toArrow": "hand over .toArrow(), or name its files with --engine spark",  # Spark
    "to_arrow_table": "hand over .to_arrow_table()",
    "to_arrow": "hand over .to_arrow()",
    "compute": "call .compute() first",  # dask
    "scanner": "hand over .scanner().to_reader(), which is read as a stream",  # a dataset of pyarrow
}


def is_pandas(frame: object) -> bool:
    """Whether a frame is of pandas (or of a subclass, such as geopandas), without an import of it."""
    return any(
        kind.__name__ == "DataFrame" and kind.__module__.partition(".")[0] == "pandas"
        for kind in type(frame).__mro__
    )


def taken_frame(frame: object, name: str) -> Any:
    """A frame that can be read more than once: a pandas frame as it is, the Arrow table of any other.

    A stream can be read only once, so that an estimate of the cost would leave nothing of it for the run.

    Raises:
        InputError: It is no frame; the error names the accepted types, and how to convert.
    """
    return frame if is_pandas(frame) else arrow_of(frame, name)


def arrow_of(frame: Any, name: str) -> pa.Table:
    """The Arrow table of a frame.

    Args:
        frame: A frame of pandas, of pyarrow, or of any library with the Arrow C stream.
        name: What the frame is called in errors.

    Raises:
        InputError: It is no frame, or a column has no single type.
    """
    return _known_types(_arrow_of(frame, name), name)


def _arrow_of(frame: Any, name: str) -> pa.Table:
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if is_pandas(frame):
        try:
            return pa.Table.from_pandas(frame, preserve_index=False)
        except (pa.ArrowException, AttributeError, OverflowError, TypeError, ValueError) as error:
            reason = " ".join(str(argument) for argument in error.args)
            raise InputError(f"{name}: {reason}; give each column one type, such as astype(str)") from None
    if isinstance(frame, type) or not hasattr(type(frame), "__arrow_c_stream__"):
        raise _not_taken(frame, name)
    return _of_stream(frame, name)


def _known_types(arrow: pa.Table, name: str) -> pa.Table:
    """With the types that engines know: halves of floats as floats, wide decimals as narrower ones."""
    for place, column in enumerate(arrow.schema):
        if pa.types.is_float16(column.type):
            known = pa.float32()
        elif pa.types.is_decimal(column.type) and (column.type.scale < 0 or column.type.precision > _WIDEST):
            known = pa.decimal128(_WIDEST, max(column.type.scale, 0))
        else:
            continue
        try:
            arrow = arrow.set_column(place, column.name, arrow.column(place).cast(known))
        except pa.ArrowException:
            raise InputError(
                f"{name}, column {column.name!r}: numbers of type {column.type} have more than {_WIDEST} "
                "digits; export the column as text"
            ) from None
    return arrow


_WIDEST = 38  # digits of a decimal that engines know


def in_microseconds(arrow: pa.Table) -> pa.Table:
    """With times to the microsecond: engines have no casts for pandas' nanoseconds with a time zone."""
    for place, column in enumerate(arrow.schema):
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
            coarser = pa.timestamp("us", column.type.tz)
            arrow = arrow.set_column(place, column.name, arrow.column(place).cast(coarser, safe=False))
    return arrow


def _of_stream(frame: Any, name: str) -> pa.Table:
    try:
        return pa.RecordBatchReader.from_stream(frame).read_all()
    except pa.ArrowInvalid as error:
        if "non-struct" in str(error):  # a Series, or a column of Arrow
            raise _not_taken(frame, name) from None
        raise InputError(f"{name}: {_library(frame)} hands out no table: {_first_line(error)}") from None
    except Exception as error:  # noqa: BLE001 - any error of the library that owns the frame
        raise InputError(
            f"{name}: {_library(frame)} could not hand over its rows: {_first_line(error)}; hand over a "
            "pyarrow Table"
        ) from None


def _not_taken(frame: object, name: str) -> InputError:
    message = f"{name}: expected a path, Settings, or {TAKEN}, found {_library(frame)}"
    hint = _hint(frame)
    return InputError(f"{message}; {hint}" if hint else message)


def _hint(frame: object) -> str:
    if isinstance(frame, dict):
        return "make a table of it with pyarrow.table(...)"
    if isinstance(frame, list | tuple) and frame:
        if all(isinstance(row, dict) for row in frame):
            return "make a table of it with pyarrow.Table.from_pylist(...)"
        if all(isinstance(row, list | tuple) for row in frame):
            return "make a table of its rows with pandas.DataFrame(..., columns=[...])"
        return "a mapping hands over frames by name; make a table of columns with pyarrow.table(...)"
    if hasattr(type(frame), "__next__"):
        return "make a table of its rows with pandas.DataFrame(...)"
    return next((hint for method, hint in _METHODS.items() if hasattr(type(frame), method)), "")


def _library(frame: object) -> str:
    """The type with its library, such as polars LazyFrame; only the type where it is Python's own."""
    kind = type(frame)
    library = kind.__module__.partition(".")[0]
    return kind.__name__ if library == "builtins" else f"{library} {kind.__name__}"


def _first_line(error: Exception) -> str:
    """The first line of another library's error; further lines may quote data."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
