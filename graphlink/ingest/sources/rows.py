"""Rows of Python -> a table of Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence


def rows_table(
    names: Sequence[str], types: Sequence[pa.DataType], rows: Sequence[Sequence[object]]
) -> pa.Table:
    """An Arrow table of rows."""
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    arrays = [pa.array(list(column), type_) for column, type_ in zip(columns, types, strict=True)]
    return pa.table(arrays, names=list(names))
