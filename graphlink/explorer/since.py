"""Which accounts of a result are news: by an earlier result, by a date, or by the last week of the data."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.explanations.returns import LAGS_S
from graphlink.result.comparison import compare_clusters, moment_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.result.result import Result

    Flags = NDArray[np.bool_]
    Longs = NDArray[np.int64]

WEEK = 7 * 86_400
_SPAN = 1 << 40  # seconds, more than times of data lie apart: a cluster and a moment make one number


def words_of(since: Result | dt.datetime | None) -> str:
    """What "new" means, for people."""
    if since is None:
        return "Accounts that were opened, or first seen, in the last seven days of the data"
    if isinstance(since, dt.datetime):
        return f"Accounts that were opened, or first seen, since {moment_of(since):%Y-%m-%d %H:%M} UTC"
    return "Accounts that joined their cluster since the earlier result"


def new_accounts(result: Result, since: Result | dt.datetime | None, born: Longs, last: int) -> Flags:
    """Whether each account is new.

    Args:
        result: The result that is shown.
        since: An earlier result, a moment, or None for the last week of the data.
        born: When each account of `accounts` was opened or first seen, in seconds since 1970.
        last: The last moment of the data.
    """
    if since is None:
        return born >= last - WEEK
    if isinstance(since, dt.datetime):
        return born >= moment_of(since).timestamp()
    columns = ["account_id", "cluster_id"]
    membership = result.table("membership", columns)
    changes = compare_clusters(since.table("membership", columns), membership)
    joined = {move.account_id for change in changes.values() for move in change.joined}
    names = pa.array(sorted(joined), pa.string())
    is_new: Flags = pc.is_in(membership["account_id"], value_set=names).to_numpy()
    return is_new


def opened_after_closings(
    cluster: Longs, born: Longs, closed: Longs, never: int, lag_s: int = LAGS_S[-1]
) -> Flags:
    """Whether each account was opened within a lag after another of its cluster was closed.

    Args:
        cluster: The cluster of each account, below 0 for none.
        born: When it was opened or first seen, in seconds since 1970; `never` when not known.
        closed: When it was closed for abuse (for any reason where none is known); `never` when it was not.
        never: What stands for no time.
        lag_s: The lag in seconds; by default three days.
    """
    is_closed = (cluster >= 0) & (closed != never)
    closings = np.flatnonzero(is_closed)
    keys = cluster[closings].astype(np.int64) * _SPAN + closed[closings]
    order = np.argsort(keys, kind="stable")
    keys, closings = keys[order], closings[order]
    opened = np.flatnonzero((cluster >= 0) & (born != never))
    moment = cluster[opened].astype(np.int64) * _SPAN + born[opened]
    place = np.searchsorted(keys, moment, side="right") - 1
    # Its own closing is no reason to open it: then the one before counts.
    place -= (place >= 0) & (closings[np.maximum(place, 0)] == opened) if len(closings) else 0
    is_after = np.zeros(len(cluster), np.bool_)
    if len(closings):
        lag = moment - keys[np.maximum(place, 0)]
        is_after[opened] = (place >= 0) & (lag >= 0) & (lag <= lag_s)
    return is_after
