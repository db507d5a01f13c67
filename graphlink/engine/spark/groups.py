"""Groups of rows that a function is called for, on the workers."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphlink.engine.shuffle import shuffled_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS_OF_CALL = 1 << 18  # of small groups handed to a function together
LARGEST_GROUP = 10_000_000  # rows of a group that a worker gets; Leiden takes some 250 bytes for each


def calls_sql(group: str, n_calls: int, largest: int) -> str:
    """Query of `grouped` with the call that each row goes into: small groups share one, others have one each.

    Numbers are shuffled by a product modulo a prime: those of neighbours may have one remainder.
    """
    number = f"g.{group}::BIGINT"
    shared = f"{shuffled_sql(number)} % {n_calls}"
    return (
        f"SELECT g.*, CASE WHEN s.n > {ROWS_OF_CALL} THEN -1 - {number} ELSE {shared} END AS call_no "
        f"FROM grouped g JOIN group_sizes s ON s.group_no = g.{group} WHERE s.n <= {largest}"
    )


@contextmanager
def shipped() -> Iterator[None]:
    """Send what a function uses of graphlink along with it: workers need none, and can't have another."""
    from pyspark import cloudpickle

    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "graphlink"]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)
