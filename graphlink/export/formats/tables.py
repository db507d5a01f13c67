"""The tables of a subgraph, as rows and as Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import pyarrow as pa

from graphlink.core.schema import TABLES
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from graphlink.export.subgraph import Subgraph

TABLE_NAMES = ("clusters", "reasons", "accounts", "identifiers", "edges", "links", "evidence")
"""The tables of an export."""


_TYPES = {
    "VARCHAR": pa.string(),
    "DOUBLE": pa.float64(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
}


_COLUMN_TYPES = {column.name: _TYPES[column.type] for spec in TABLES for column in spec.columns}


class TableRows(Sequence[dict[str, Any]]):
    """The rows of a table, made in batches as they are read, so that a large table takes no memory."""

    _N_ROWS = 50_000

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __len__(self) -> int:
        n: int = self._table.num_rows
        return n

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, at: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        return rows_of(self._table)[at]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self), self._N_ROWS):
            yield from rows_of(self._table.slice(start, self._N_ROWS))


def tables_of(subgraph: Subgraph) -> dict[str, list[dict[str, Any]] | pa.Table]:
    """The tables of a subgraph by name: rows where they are few, else Arrow."""
    others = {name: getattr(subgraph, name) for name in TABLE_NAMES if name != "clusters"}
    return {"clusters": [subgraph.cluster] if subgraph.cluster else [], **others}


def columns(name: str, rows: list[dict[str, Any]] | pa.Table) -> list[str]:
    """The columns of a table, also of one without rows."""
    if isinstance(rows, pa.Table):
        return list(rows.column_names)
    if rows:
        return list(rows[0])
    return next(
        (list(spec.column_names) for spec in TABLES if spec.name == name), ["account_id", "kind", "value"]
    )


def nullable(table: pa.Table) -> pa.Table:
    """The table with columns that may be null, whichever of them are: the same types for every subgraph."""
    return table.cast(pa.schema([column.with_nullable(True) for column in table.schema]))


def arrow(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as Arrow, of the types that the tables of a result have."""
    values = {column: [row.get(column) for row in rows] for column in columns(name, rows)}
    return pa.table(
        {
            column: pa.array(column_values, _COLUMN_TYPES.get(column))
            for column, column_values in values.items()
        }
    )
