"""Columns that the behaviours read, and the rows that they add to `behaviours`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.engine import number

if TYPE_CHECKING:
    from graphlink.engine import Sql
    from graphlink.model.timing.parameters import Floats, Ints


def as_float(value: object) -> float:
    """A number from a query as a float; 0 for anything else."""
    return float(value) if isinstance(value, int | float) else 0.0


def read_columns(engine: Sql, sql: str) -> list[Ints]:
    """The columns of a query that gives integers."""
    return [column.to_numpy().astype(np.int64, copy=False) for column in engine.arrow(sql).columns]


def add_behaviours(
    engine: Sql, behaviour: str, pairs: tuple[Ints, Ints], values: dict[str, Floats | Ints]
) -> None:
    """Add rows to `behaviours`: lesser and greater accounts, and bits, n_events, chance, first_s, last_s."""
    columns = {"l": pairs[0], "r": pairs[1], **values}
    engine.load("arrived", pa.table({name: pa.array(column) for name, column in columns.items()}))
    engine.append(
        "behaviours",
        f"SELECT l::INTEGER, r::INTEGER, '{behaviour}', round(bits, 6), n_events::BIGINT, p_value, "
        "first_s::BIGINT, last_s::BIGINT FROM arrived ORDER BY l, r",
    )
    engine.drop("arrived")


def has_time(engine: Sql, column: str) -> bool:
    """Whether any account has this time."""
    return number(engine, f"SELECT count({column}) FROM accounts") > 0
