"""Columns of the given tables as arrays: accounts by position, values by integer code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.errors import InputError
from graphlink.storage.arrow_values import one_array

if TYPE_CHECKING:
    from collections.abc import Sequence

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def column_of(table: pa.Table, what: str, names: Sequence[str]) -> Any:
    """The first of the named columns that a table has."""
    for name in names:
        if name in table.column_names:
            return table.column(name)
    raise InputError(f"{what}: no column {' or '.join(names)}; it has {', '.join(table.column_names)}")


def unique_accounts(table: pa.Table, what: str) -> Any:
    """The column account_id of a table as text; an error when one is null or repeated."""
    accounts = one_array(pc.cast(column_of(table, what, ("account_id",)), pa.string()))
    if accounts.null_count:
        raise InputError(f"{what}: account_id is null in {accounts.null_count} rows; remove them")
    counts = accounts.value_counts()
    times = np.asarray(counts.field("counts"))
    if times.max(initial=0) > 1:
        repeated = counts[int(times.argmax())]["values"].as_py()
        raise InputError(f"{what}: account {repeated!r} is there {times.max()} times; keep one row")
    return accounts


def codes_of(column: Any) -> Codes:
    """Integer codes of a column in sorted order of its values as text, -1 for null."""
    encoded = one_array(pc.cast(column, pa.string())).dictionary_encode()
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    rank = np.empty(len(encoded.dictionary) + 1, np.int64)
    rank[pc.array_sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(encoded.dictionary))
    rank[-1] = -1
    return np.asarray(rank[indices])


def positions_of(accounts: Any, among: Any) -> Codes:
    """Where each account stands in `among`; -1 when it doesn't."""
    places = one_array(pc.index_in(pc.cast(accounts, pa.string()), value_set=among))
    return np.asarray(places.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
