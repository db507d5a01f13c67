"""Values of Arrow columns and texts as Arrow, without pandas, which takes a command a second to import."""

from __future__ import annotations

import datetime
from array import array
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table as Python values; times as aware datetimes in UTC.

    As `to_pylist`, which for times with a zone imports pandas, and that takes a command a second.
    """
    columns = {name: _values_of(table[name]) for name in table.column_names}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _values_of(column: pa.ChunkedArray) -> list[Any]:
    if column.type != pa.timestamp("us", "UTC"):
        values: list[Any] = column.to_pylist()
        return values
    microseconds = column.cast(pa.int64()).to_pylist()
    return [None if n is None else _EPOCH + datetime.timedelta(microseconds=n) for n in microseconds]


def one_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column as one array, which is a copy only where it has several chunks."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def numbers_of(column: pa.Array | pa.ChunkedArray, dtype: Any) -> NDArray[Any]:
    """The numbers of a column as they are in memory; where it is null they are arbitrary.

    As `to_numpy`, which imports pandas, and that takes a second.
    """
    whole = one_array(column)
    if not len(whole):
        return np.empty(0, dtype)
    return np.frombuffer(whole.buffers()[1], dtype)[whole.offset : whole.offset + len(whole)]


def index_in(column: pa.Array | pa.ChunkedArray, values: list[str]) -> pa.Array | pa.ChunkedArray:
    """The place of each text among distinct values."""
    return pc.index_in(column, options=pc.SetLookupOptions(value_set=text_array(values)))


def is_unicode(value: str) -> bool:
    """Whether a text can be in a file at all: a half of a surrogate pair can't, so no row has it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def text_array(values: Sequence[str]) -> pa.Array:
    """Text as Arrow. Made from buffers, because `pa.array` imports pandas, which takes a command a second."""
    encoded = [value.encode() for value in values]
    ends = array("i", accumulate(map(len, encoded), initial=0))
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))
