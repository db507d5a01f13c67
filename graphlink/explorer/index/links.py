"""The scored pairs, by left and by right account."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explorer.index.batches import read_in_batches
from graphlink.explorer.index.columns import filled_numbers, numbers_in

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explorer.index.accounts import Accounts
    from graphlink.explorer.index.columns import Floats, Ints, Longs
    from graphlink.result.result import Result


@dataclass(frozen=True)
class Links:
    """The scored pairs in their table's order; `starts` are the first rows of each left account."""

    left: Ints
    right: Ints
    bits: Floats
    probability: NDArray[np.float32]
    n_evidence: NDArray[np.int16]
    n_facets: NDArray[np.int16]
    starts: Longs

    @cached_property
    def by_right(self) -> Ints:
        """The rows ordered by their right account."""
        return np.argsort(self.right, kind="stable").astype(np.int32)

    @cached_property
    def right_starts(self) -> Longs:
        """Of each account, where its rows begin in `by_right`."""
        counts = np.bincount(self.right, minlength=len(self.starts) - 1)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def read_links(result: Result, accounts: Accounts) -> Links:
    """Read the scored pairs."""
    columns = ("account_id_l", "account_id_r", "bits", "probability", "n_evidence", "n_facets")
    size, batches = read_in_batches(result, "links", columns, columns[:2])
    types: dict[str, Any] = {
        "left": np.int32, "right": np.int32, "bits": np.float64, "probability": np.float32,
        "n_evidence": np.int16, "n_facets": np.int16,
    }  # fmt: skip
    into = {name: np.empty(size, dtype) for name, dtype in types.items()}
    at = 0
    for batch in batches:
        rows = slice(at, at + len(batch))
        at += len(batch)
        for name, column in zip(types, columns, strict=True):
            is_account = column.startswith("account_id")
            into[name][rows] = (
                numbers_in(batch[column], accounts.names.values)
                if is_account
                else filled_numbers(batch[column], types[name])
            )
    return Links(**into, starts=accounts.first_rows(into["left"]))
