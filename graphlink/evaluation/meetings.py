"""Which pairs of accounts meet: hold one identifier in one window that few others held then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from graphlink.evaluation.columns import codes_of, column_of, positions_of

if TYPE_CHECKING:
    from typing import Any

    import pyarrow as pa

    from graphlink.evaluation.columns import Codes, Flags

MOST_BY_CHANCE = 0.01
"""Blocks are rare, the smallest first, as long as no more of all pairs of accounts than this meet in them."""


@dataclass(frozen=True, slots=True)
class Meetings:
    """Who held which rare block (an identifier in a window): sorted keys of account and block.

    Attributes:
        keys: Account code times the number of blocks, plus the block; sorted.
        n_blocks: Blocks.
        starts: Where the keys of each account start, and where the last ones end.
        kinds: Of each account the kinds it has a value of, as bits.
    """

    keys: Codes
    n_blocks: int
    starts: Codes
    kinds: Codes

    def have_both(self, left: Codes, right: Codes) -> Flags:
        """Whether both accounts have a value of one kind, so that they could meet."""
        return np.asarray((self.kinds[left] & self.kinds[right]) != 0)

    def meet(self, left: Codes, right: Codes) -> Flags:
        """Whether the accounts of each pair share a rare block."""
        n_held = self.starts[left + 1] - self.starts[left]
        pair = np.repeat(np.arange(len(left)), n_held)
        place = np.arange(len(pair)) - np.repeat(np.cumsum(n_held) - n_held, n_held)
        block = self.keys[self.starts[left[pair]] + place] % self.n_blocks
        wanted = right[pair] * self.n_blocks + block
        found = np.minimum(np.searchsorted(self.keys, wanted), max(len(self.keys) - 1, 0))
        is_shared = self.keys[found] == wanted if len(self.keys) else np.zeros(0, bool)
        return np.asarray(np.bincount(pair, weights=is_shared, minlength=len(left)) > 0)


def read_meetings(accounts: Any, holdings: pa.Table, held: pa.Table) -> Meetings:
    """Make the meetings of accounts.

    Args:
        accounts: The accounts, whose positions are their codes.
        holdings: account_id, identifier_no, window_no.
        held: account_id, kind: who has any value of a kind.
    """
    n = len(accounts)
    account = positions_of(column_of(holdings, "holdings", ("account_id",)), accounts)
    identifier, window = (
        column_of(holdings, "holdings", (name,)).to_numpy().astype(np.int64)
        for name in ("identifier_no", "window_no")
    )
    chosen = account >= 0
    block = np.unique(np.stack([identifier, window])[:, chosen], axis=1, return_inverse=True)[1].ravel()
    n_blocks = max(int(block.max(initial=-1)) + 1, 1)
    keys = np.unique(account[chosen] * n_blocks + block)
    size = np.bincount(keys % n_blocks, minlength=n_blocks)
    keys = keys[(size <= _largest_rare(size, n))[keys % n_blocks]]
    starts = np.searchsorted(keys, np.arange(n + 1) * n_blocks)
    kind = codes_of(column_of(held, "held", ("kind",)))
    holder = positions_of(column_of(held, "held", ("account_id",)), accounts)
    kinds = np.zeros(n, np.int64)
    np.bitwise_or.at(kinds, holder[holder >= 0], 1 << np.minimum(kind[holder >= 0], 62))
    return Meetings(keys, n_blocks, starts, kinds)


def _largest_rare(size: Codes, n_accounts: int) -> int:
    """The accounts of the largest block that is rare."""
    sizes, n_blocks = np.unique(size, return_counts=True)
    share = np.cumsum(n_blocks * sizes * (sizes - 1)) / max(n_accounts * (n_accounts - 1), 1)
    return int(sizes[share <= MOST_BY_CHANCE].max(initial=0))


def all_accounts(*columns: Any) -> Any:
    """The accounts of some columns, each once, in the order of names."""
    from graphlink.storage.arrow_values import one_array

    names = pc.unique(one_array(_joined([pc.cast(one, "string") for one in columns])))
    return names.take(pc.array_sort_indices(names))


def _joined(columns: list[Any]) -> Any:
    import pyarrow as pa

    chunks = [
        chunk for one in columns for chunk in (one.chunks if isinstance(one, pa.ChunkedArray) else [one])
    ]
    return pa.chunked_array(chunks, pa.string())
