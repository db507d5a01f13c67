"""How often and when accounts were seen with identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explorer.index.columns import UNDATED, Longs
from graphlink.explorer.index.runs import summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explorer.index.observations import Observations


def sightings(
    observations: Observations, accounts: NDArray[Any], identifiers: NDArray[Any]
) -> tuple[Longs, Longs, Longs]:
    """Of each pair of account and identifier: how often seen; first and last, in seconds from the start."""
    whole = np.unique(accounts)
    rows, place = observations.rows_of(whole)
    dated = observations.at[rows] != UNDATED
    rows, place = rows[dated], place[dated]
    width = np.int64(observations.n_identifiers + 1)
    keys, group = np.unique(
        whole[place] * width + np.maximum(observations.identifier[rows], -1) + 1, return_inverse=True
    )
    n = summed(group, observations.n[rows], len(keys)).astype(np.int64)
    first, last = (
        least_of_each(observations.at[rows], group, len(keys)),
        -least_of_each(-observations.at[rows].astype(np.int64), group, len(keys)),
    )
    wanted = accounts.astype(np.int64) * width + identifiers + 1
    if not len(keys):
        nothing = np.zeros(len(wanted), np.int64)
        return nothing, nothing, nothing
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    there = (keys[at] == wanted) & (identifiers >= 0)
    return np.where(there, n[at], 0), np.where(there, first[at], 0), np.where(there, last[at], 0)


def least_of_each(values: NDArray[Any], place: Longs, n: int) -> Longs:
    """The least value at each place; of a place without any the largest whole number."""
    least = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(least, place, values)
    return least
