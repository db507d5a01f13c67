"""How many accounts of a cluster would be opened soon after a closing by chance alone.

In a cluster with many closings nearly every moment lies within three days after one of them, so that an
account opened then is no sign of a return. Of the time that the data span, the share that lies within
`RETURN_LAG` after a closing is the probability that an account opened at a random moment is opened there; the
number of new accounts that are is then binomial.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.signals import SUCCESSION_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]

RETURN_LAG = dt.timedelta(seconds=max(SUCCESSION_S.values()))
"""Opened within this time after a closing for abuse in the same cluster: the account may be a return."""

_RARE = 0.05  # probability of as many by chance, from which on they are more than chance gives


@dataclass(frozen=True, slots=True)
class Returns:
    """The new accounts of a cluster that were opened soon after a closing, and what chance gives.

    Attributes:
        n_soon_after: How many there are.
        by_chance: How many are expected by chance; None where the data have no time span.
        is_above_chance: Whether chance gives as many with a probability of at most 5 %.
    """

    n_soon_after: int
    by_chance: float | None
    is_above_chance: bool


def covered_shares(cluster: Longs, closed: Longs, n_clusters: int, span: tuple[int, int]) -> Floats:
    """Compute which share of a time span lies within `RETURN_LAG` after a closing, of each cluster.

    Args:
        cluster: The cluster of each closing, from 0.
        closed: When it was, in seconds since 1970.
        n_clusters: Number of clusters.
        span: First and last moment of the data, in seconds since 1970.

    Returns:
        A share per cluster; NaN where the span is empty.
    """
    first, last = span
    if last <= first:
        return np.full(n_clusters, np.nan)
    order = np.lexsort((closed, cluster))
    cluster, closed = cluster[order], closed[order]
    end = np.minimum(closed + int(RETURN_LAG.total_seconds()), last)
    has_next = np.append(cluster[1:] == cluster[:-1], False)[: len(cluster)]
    end = np.where(has_next, np.minimum(end, np.roll(closed, -1)), end)
    covered = np.maximum(end - np.maximum(closed, first), 0)
    return np.bincount(cluster, covered, n_clusters) / (last - first)


def judge_returns(n_soon_after: int, n_opened: int, share: float) -> Returns:
    """Compare the accounts opened soon after a closing with what chance gives.

    Args:
        n_soon_after: New accounts that were.
        n_opened: New accounts of which it is known when they were opened.
        share: Probability that one is by chance, of `covered_shares`; NaN when not known.
    """
    if math.isnan(share):
        return Returns(n_soon_after, None, False)
    is_above = n_soon_after > 0 and _tail(n_soon_after, n_opened, share) <= _RARE
    return Returns(n_soon_after, n_opened * share, is_above)


def returns_among(
    is_soon_after: Iterable[bool],
    n_opened: int,
    closings: Iterable[dt.datetime],
    span: tuple[dt.datetime | None, dt.datetime | None],
) -> Returns:
    """Do so for one cluster: its new accounts, its closings, and the first and last moment of the data."""
    first, last = (0 if moment is None else int(moment.timestamp()) for moment in span)
    closed = np.array([int(moment.timestamp()) for moment in closings], np.int64)
    share = covered_shares(np.zeros(len(closed), np.int64), closed, 1, (first, last))[0]
    return judge_returns(sum(is_soon_after), n_opened, float(share))


def _tail(least: int, n: int, share: float) -> float:
    """Probability that a binomial number is `least` or more."""
    if share <= 0.0:
        return 0.0
    if share >= 1.0:
        return 1.0
    logs = (math.log(share), math.log1p(-share))
    return math.fsum(
        math.exp(
            math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * logs[0] + (n - k) * logs[1]
        )
        for k in range(least, n + 1)
    )
