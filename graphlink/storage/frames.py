"""Tables and rows as pandas frames: the one place that imports pandas, which takes a second."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    Frame = pd.DataFrame


def frame_of(table: pa.Table) -> Frame:
    """Make the frame of a table: times in UTC, and nullable integers whatever the data."""
    import pandas as pd

    # A column must not turn to floats because one value is null.
    frame: Frame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    return frame


def frame_of_rows(rows: Iterable[object], columns: Iterable[str] = ()) -> Frame:
    """Make the frame of rows, each a mapping or a dataclass; what is nested in one becomes columns.

    Args:
        rows: The rows; a column that one lacks is null there.
        columns: The columns of a frame without rows.
    """
    listed = [flat_row(row) for row in rows]
    names = list(dict.fromkeys(name for row in listed for name in row)) or list(columns)
    return frame_of(pa.table({name: pa.array([row.get(name) for row in listed]) for name in names}))


def flat_row(row: object, before: str = "") -> dict[str, Any]:
    """A row as plain columns: those of a nested mapping or dataclass are named OUTER_INNER."""
    flat: dict[str, Any] = {}
    for name, value in _items(row).items():
        if isinstance(value, dict) or _is_value(value):
            flat |= flat_row(value, f"{before}{name}_")
        elif isinstance(value, tuple | list):
            flat[before + name] = [flat_row(one) if _is_value(one) else one for one in value]
        else:
            flat[before + name] = value
    return flat


def _is_value(value: object) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _items(row: Any) -> Mapping[str, Any]:
    """The fields of a dataclass, or a mapping as it is."""
    if dataclasses.is_dataclass(row):
        return {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    return dict(row)
