"""Columns that the behaviours read, and the rows that they add to `behaviours`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.engine import number

if TYPE_CHECKING:
    from graphlink.engine import Sql
    from graphlink.model.timing.parameters import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Ties:
    """Pairs of accounts and a joint behaviour of theirs, column by column.

    Attributes:
        l: Lesser account.
        r: Greater account.
        bits: Evidence for one operator, in bits.
        n_events: Joint events.
        p_value: Probability under the null.
        first_s: First joint event.
        last_s: Last joint event.
    """

    l: Ints
    r: Ints
    bits: Floats
    n_events: Ints
    p_value: Floats
    first_s: Ints
    last_s: Ints

    def at(self, rows: Ints) -> Ties:
        """Some of the pairs."""
        return Ties(*(getattr(self, one.name)[rows] for one in dataclasses.fields(self)))


def as_float(value: object) -> float:
    """A number from a query as a float; 0 for anything else."""
    return float(value) if isinstance(value, int | float) else 0.0


def read_columns(engine: Sql, sql: str) -> list[Ints]:
    """The columns of a query that gives integers."""
    return [column.to_numpy().astype(np.int64, copy=False) for column in engine.arrow(sql).columns]


def distinct_rows(*columns: Ints) -> tuple[list[Ints], Ints, Ints]:
    """The distinct rows of columns, ascending, as `numpy.unique` gives them, which is many times as slow.

    Returns:
        The columns of the distinct rows; where each is first; and per row its place among them.
    """
    order = np.lexsort(columns[::-1])
    is_new = np.zeros(len(order), bool)
    is_new[:1] = True
    for column in columns:
        ordered = column[order]
        is_new[1:] |= ordered[1:] != ordered[:-1]
    first, place = order[is_new], np.empty(len(order), np.int64)
    place[order] = np.cumsum(is_new) - 1
    return [column[first] for column in columns], first, place


def are_among(numbers: Ints, few: Ints) -> Bools:
    """Whether each number, none below 0, is one of a few, without sorting the many as `numpy.isin` does."""
    ordered = np.append(np.sort(few), -1)
    return np.asarray(ordered[np.searchsorted(ordered[:-1], numbers)] == numbers)


def add_behaviours(
    engine: Sql, behaviour: str, pairs: tuple[Ints, Ints], values: dict[str, Floats | Ints]
) -> None:
    """Add rows to `behaviours`: lesser and greater accounts, and bits, n_events, chance, first_s, last_s.

    Where one identifier is where they did so, `at_no` has its number.
    """
    columns = {"l": pairs[0], "r": pairs[1], **values}
    at_no = "at_no::INTEGER" if "at_no" in values else "NULL::INTEGER"
    engine.load("arrived", pa.table({name: pa.array(column) for name, column in columns.items()}))
    engine.append(
        "behaviours",
        f"SELECT l::INTEGER, r::INTEGER, '{behaviour}', round(bits, 6), n_events::BIGINT, p_value, "
        f"first_s::BIGINT, last_s::BIGINT, {at_no} FROM arrived ORDER BY l, r",
    )
    engine.drop("arrived")


def no_ties() -> Ties:
    """No pairs."""
    none = np.zeros(0, np.int64)
    return Ties(none, none, np.zeros(0), none, np.zeros(0), none, none)


def greater(one: Ties, other: Ties) -> tuple[Ties, Ties]:
    """Leave a pair that both have to the one that gives it more bits; the first at a tie."""
    base = 1 + max(one.r.max(initial=0), other.r.max(initial=0))
    of_one, of_other = one.l * base + one.r, other.l * base + other.r
    _, at_one, at_other = np.intersect1d(of_one, of_other, assume_unique=True, return_indices=True)
    is_less = one.bits[at_one] < other.bits[at_other]
    left = np.setdiff1d(np.arange(len(of_one)), at_one[is_less])
    right = np.setdiff1d(np.arange(len(of_other)), at_other[~is_less])
    return one.at(left), other.at(right)


def best_of_each(l: Ints, r: Ints, bits: Floats) -> Ints:
    """Of each pair of accounts the row with the most bits."""
    order = np.lexsort((-bits, r, l))
    return order[np.flatnonzero(np.diff(l[order] << 32 | r[order], prepend=-1))]


def add_ties(engine: Sql, behaviour: str, ties: Ties) -> None:
    """Add pairs to `behaviours`."""
    columns = {one.name: getattr(ties, one.name) for one in dataclasses.fields(ties)}
    add_behaviours(engine, behaviour, (columns.pop("l"), columns.pop("r")), columns)


def has_time(engine: Sql, column: str) -> bool:
    """Whether any account has this time."""
    return number(engine, f"SELECT count({column}) FROM accounts") > 0
