"""The observations by account, activity over time, and identifiers of one account alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.explorer.index.arrow import arrow_ints
from graphlink.explorer.index.batches import N_ROWS, read_in_batches
from graphlink.explorer.index.columns import UNDATED, Ints, Longs, filled_numbers, numbers_in
from graphlink.explorer.index.identifiers import Identifiers, Numbering
from graphlink.explorer.index.runs import gathered
from graphlink.render.bulk import bulk_of
from graphlink.storage.arrow_values import numbers_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explorer.index.accounts import Accounts
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.result.result import Result

N_BINS = 24
"""Bins of a cluster's activity."""
_N_FINE = 1_000  # bins in which the bulk of all observations is found


@dataclass(frozen=True)
class Singles:
    """Identifiers that one account holds alone, in batches: kind, value and account of each."""

    batches: list[tuple[NDArray[np.int16], pa.Array, Ints]]


@dataclass(frozen=True)
class Observations:
    """The observations by account; `identifier` is below 0 for what nobody else holds.

    Then it is -1 - number of the kind; else it is below `n_identifiers`. `at` is in seconds from the start of
    the data, `activity` the observations of each cluster per bin of `bulk`, the span of the bulk of the data
    in the same seconds; `before` are those of each cluster before it.
    """

    starts: Longs
    n_identifiers: int
    identifier: Ints
    at: Ints
    n: NDArray[Any]
    kinds: list[str]
    bulk: tuple[int, int]
    activity: Longs
    before: Longs
    total_activity: Longs
    singles: Singles

    def rows_of(self, accounts: NDArray[Any]) -> tuple[Longs, Longs]:
        """The rows of accounts, and for each row the place of its account among them."""
        return gathered(self.starts, accounts)


def _single_values(
    identifier: Ints, value: pa.Array, account: Ints
) -> tuple[NDArray[np.int16], pa.Array, Ints]:
    """What nobody else holds, once per account: rows are sorted by account, kind and value."""
    rows = np.flatnonzero(identifier < 0)
    values = value.take(arrow_ints(rows))
    if len(rows) > 1:
        equal = pc.equal(values.slice(1), values.slice(0, len(rows) - 1))
        same = numbers_of(equal.cast(pa.uint8()), np.uint8) == 1
        same &= (account[rows][1:] == account[rows][:-1]) & (identifier[rows][1:] == identifier[rows][:-1])
        kept = np.flatnonzero(np.concatenate([[True], ~same]))
        rows, values = rows[kept], values.take(arrow_ints(kept))
    return (-1 - identifier[rows]).astype(np.int16), values, account[rows]


def read_observations(
    result: Result, accounts: Accounts, clusters: Clusters, identifiers: Identifiers
) -> Observations:
    """Read the observations by account."""
    columns = ("account_id", "kind", "value", "seen_at", "n")
    size, read = read_in_batches(result, "observations", columns, columns[:2])
    into = {name: np.empty(size, np.int32) for name in ("identifier", "at", "n")}
    numbering = Numbering(identifiers)
    n_rows = np.zeros(len(accounts.names) + 1, np.int64)
    batches = []
    start = 0
    for batch in read:
        window = slice(start, start + len(batch))
        start += len(batch)
        account = numbers_in(batch["account_id"], accounts.names.values)
        into["identifier"][window] = numbering.numbers(batch["kind"], batch["value"])
        into["at"][window] = accounts.seconds_from_start(batch["seen_at"])
        into["n"][window] = np.minimum(filled_numbers(batch["n"], np.int64), np.iinfo(np.int32).max)
        batches.append(_single_values(into["identifier"][window], batch["value"], account))
        n_rows[1:] += np.bincount(account, minlength=len(n_rows) - 1)
    starts = np.cumsum(n_rows)
    bulk = _bulk_of_all(into["at"], into["n"], accounts.span)
    activity = _bin_activity(accounts, len(clusters.rows), starts, (into["at"], into["n"]), bulk)
    return Observations(
        starts=starts,
        n_identifiers=len(identifiers.names),
        identifier=into["identifier"],
        at=into["at"],
        n=into["n"].astype(np.min_scalar_type(into["n"].max(initial=0))),
        kinds=numbering.kinds,
        bulk=bulk,
        activity=activity[:-1, 1:],
        before=activity[:-1, 0],
        total_activity=activity[:, 1:].sum(axis=0),
        singles=Singles(batches),
    )


def _bulk_of_all(at: Ints, n: Ints, span: tuple[int, int]) -> tuple[int, int]:
    """The bulk of all observations, in seconds from the start of the data, to a thousandth of their span."""
    width = max((span[1] - span[0]) // _N_FINE, 1)
    sums = np.zeros((span[1] - span[0]) // width + 1, np.float64)
    for start in range(0, len(at), N_ROWS):
        some, counts = at[start : start + N_ROWS], n[start : start + N_ROWS]
        dated = some != UNDATED
        bins = np.clip(some[dated] // width, 0, len(sums) - 1)
        sums += np.bincount(bins, counts[dated], len(sums))
    seen = np.flatnonzero(sums)
    first, last = bulk_of(seen * width, sums[seen])
    return first, min(last + width, span[1] - span[0])


def _bin_activity(
    accounts: Accounts, n_clusters: int, starts: Longs, seen: tuple[Ints, Ints], bulk: tuple[int, int]
) -> Longs:
    """Observations before the bulk, then per bin of it: of each cluster, and last of accounts in none.

    Those behind the bulk are in the last bin.
    """
    at, n = seen
    width = max((bulk[1] - bulk[0]) / N_BINS, 1)
    shape = (n_clusters + 1, N_BINS + 1)
    sums = np.zeros(shape[0] * shape[1], np.float64)
    for start in range(0, len(at), N_ROWS):
        stop = min(start + N_ROWS, len(at))
        dated = np.flatnonzero(at[start:stop] != UNDATED)
        rows = start + dated
        bins = np.clip((at[rows].astype(np.int64) - bulk[0]) // width, -1, N_BINS - 1).astype(np.int64) + 1
        cluster = accounts.cluster[_accounts_of(starts, start, stop)[dated]].astype(np.int64)
        cluster[cluster < 0] = shape[0] - 1
        sums += np.bincount(cluster * shape[1] + bins, n[rows], len(sums))
    return sums.astype(np.int64).reshape(shape)


def _accounts_of(starts: Longs, start: int, stop: int) -> Longs:
    """The account of each of the rows from `start` to before `stop`; rows are sorted by account."""
    first, last = (int(one) - 1 for one in np.searchsorted(starts, (start, stop - 1), side="right"))
    bounds = np.clip(starts[first : last + 2], start, stop)
    accounts: Longs = np.repeat(np.arange(first, last + 1), bounds[1:] - bounds[:-1])
    return accounts
