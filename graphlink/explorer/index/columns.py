"""Columns of Arrow as arrays of numpy: times, codes of texts, numbers and flags; none imports pandas."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphlink.storage.arrow_values import numbers_of, one_array

if TYPE_CHECKING:
    from collections.abc import Sequence

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
NEVER = np.iinfo(np.int64).min
"""Stands for a time that is not known."""
UNDATED = np.iinfo(np.int32).min
"""The same among seconds from the start of the data."""
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def iso_time(seconds: float) -> str | None:
    """A time in seconds since 1970 as text; None when it is not known."""
    if seconds == NEVER:
        return None
    try:
        moment = _EPOCH + datetime.timedelta(seconds=int(seconds))
    except OverflowError:
        return None
    return moment.isoformat().replace("+00:00", "Z")


def seconds_of(times: pa.Array | pa.ChunkedArray) -> Longs:
    """Times as seconds since 1970, `NEVER` for null."""
    whole = one_array(times).cast(pa.int64())
    return np.where(is_null(whole), NEVER, numbers_of(whole, np.int64) // 1_000_000)


def is_null(column: pa.Array) -> Flags:
    """Where a column is null."""
    if not column.null_count:
        return np.zeros(len(column), np.bool_)
    return numbers_of(column.is_null().cast(pa.uint8()), np.uint8).astype(np.bool_)


def coded(column: pa.Array | pa.ChunkedArray) -> tuple[Ints, list[str | None]]:
    """Text as numbers of its distinct values, in the order they are met; null is one of them."""
    whole = one_array(column)
    if not pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_encode()
    values: list[str | None] = whole.dictionary.to_pylist()
    indices = whole.indices.cast(pa.int32())
    codes = numbers_of(indices, np.int32)
    if indices.null_count:
        codes, values = np.where(is_null(indices), np.int32(len(values)), codes), [*values, None]
    return codes.astype(np.int32), values


def numbers_in(column: pa.Array | pa.ChunkedArray, values: pa.Array) -> Ints:
    """The place of each text among distinct values; -1 for what is not there."""
    if isinstance(column, pa.ChunkedArray):
        chunks = [numbers_in(chunk, values) for chunk in column.chunks]
        return np.concatenate(chunks) if chunks else np.empty(0, np.int32)
    if not pa.types.is_dictionary(column.type):
        matches = pc.index_in(column, options=pc.SetLookupOptions(value_set=values))
        return np.where(is_null(matches), -1, numbers_of(matches, np.int32)).astype(np.int32)
    matches = pc.index_in(column.dictionary.cast(pa.string()), options=pc.SetLookupOptions(value_set=values))
    places = np.append(np.where(is_null(matches), -1, numbers_of(matches, np.int32)), -1)
    indices = column.indices.cast(pa.int32())
    numbers: Ints = places[np.where(is_null(indices), -1, numbers_of(indices, np.int32))].astype(np.int32)
    return numbers


def codes_among(column: pa.ChunkedArray, values: Sequence[str | None]) -> Ints:
    """The place of each text among given values; 0 for any other."""
    codes, names = coded(column)
    places = [values.index(name) if name in values else 0 for name in names]
    return np.array(places or [0], np.int32)[codes]


def filled_numbers(column: pa.Array | pa.ChunkedArray, dtype: Any, missing: float = 0) -> NDArray[Any]:
    """The numbers of a column; `missing` where it is null."""
    whole = one_array(column)
    raw = numbers_of(whole, np.float64 if pa.types.is_floating(whole.type) else np.int64)
    return np.where(is_null(whole), missing, raw).astype(dtype)


def flags_of(column: pa.ChunkedArray) -> Flags:
    """Where a column is true."""
    whole = one_array(column)
    is_true: Flags = (numbers_of(whole.cast(pa.uint8()), np.uint8) == 1) & ~is_null(whole)
    return is_true


def text_of(column: pa.ChunkedArray) -> pa.Array:
    """A column of texts as one array."""
    return one_array(column).cast(pa.string())
