"""Tables that a step takes, made from their declarations: a test gives the columns that matter to it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphlink.core.stages import Column, TableSpec
    from graphlink.engine import Engine

_ANY: dict[str, Any] = {"VARCHAR": "", "BOOLEAN": False, "DOUBLE": 0.0}  # of other types a zero


def rows_of(spec: TableSpec, columns: str = "", rows: Iterable[Sequence[object]] = ()) -> pa.Table:
    """Make a table of the contract, with the declared types.

    Args:
        spec: The contract.
        columns: Names of the columns that the rows give, between spaces; the others are null where they may
            be, else the least that they may be: zero, false or empty text. Without names, all columns.
        rows: The rows.
    """
    names, given = columns.split() or list(spec.column_names), [tuple(row) for row in rows]
    if unknown := set(names) - set(spec.column_names):
        raise ValueError(f"{spec.name} has no column {', '.join(sorted(unknown))}")
    places = {name: i for i, name in enumerate(names)}
    cells = {
        column.name: [row[places[column.name]] for row in given]
        if column.name in places
        else [_default(spec, column)] * len(given)
        for column in spec.columns
    }
    arrays = [pa.array(cells[field.name], field.type) for field in spec.arrow_schema]
    return pa.Table.from_arrays(arrays, schema=spec.arrow_schema)


def load(engine: Engine, spec: TableSpec, columns: str = "", rows: Iterable[Sequence[object]] = ()) -> None:
    """Load a table of the contract, as `rows_of` makes it."""
    engine.load(spec.name, rows_of(spec, columns, rows))


def make(engine: Engine, spec: TableSpec, sql: str) -> None:
    """Make a table of the contract from a query of some of its columns; the others are as in `rows_of`."""
    engine.make("given", sql)
    given = engine.columns("given")
    if unknown := set(given) - set(spec.column_names):
        raise ValueError(f"{spec.name} has no column {', '.join(sorted(unknown))}")
    cells = ", ".join(
        f"{column.name if column.name in given else _literal(spec, column)}::{column.type} AS {column.name}"
        for column in spec.columns
    )
    engine.make(spec.name, f"SELECT {cells} FROM given")
    engine.drop("given")


def _default(spec: TableSpec, column: Column) -> object:
    if not column.is_required and column.name not in spec.key:
        return None
    if column.choices:
        return column.choices[0]
    least = column.bounds[0] if column.bounds else -math.inf
    return max(_ANY.get(column.type, 0), least) if math.isfinite(least) else _ANY.get(column.type, 0)


def _literal(spec: TableSpec, column: Column) -> str:
    value = _default(spec, column)
    return "NULL" if value is None else f"'{value}'"
