"""How many accounts of a cluster would be opened soon after a closing by chance alone.

In a cluster with many closings nearly every moment lies within three days after one of them, so that an
account opened then is no sign of a return; opened within six hours it still may be. Of the time that the data
span, the share that lies so soon after a closing is the probability that an account opened at a random moment
is opened there; the number of new accounts that are is then binomial.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.assessment.signals import SUCCESSION_S

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]

LAGS_S = tuple(sorted(SUCCESSION_S.values()))
"""How long after a closing an opening is compared with chance, in seconds."""
RETURN_LAG = dt.timedelta(seconds=LAGS_S[-1])
"""Opened within this time after a closing for abuse in the same cluster: the account may be a return."""

_RARE = 0.05 / len(LAGS_S)  # probability of as many by chance; 5 % over all lags (Bonferroni)


@dataclass(frozen=True, slots=True)
class Returns:
    """The new accounts of a cluster that were opened soon after a closing, and what chance gives.

    Attributes:
        n_soon_after: How many were within `RETURN_LAG`.
        by_chance: How many of these are expected by chance; None where the data have no time span.
        is_above_chance: Whether there are more than chance gives, within the longest lag or a shorter one.
        lag_s: The lag in seconds of which that is the most improbable.
        n_within: New accounts opened within that lag.
        within_by_chance: How many of these are expected by chance.
    """

    n_soon_after: int
    by_chance: float | None
    is_above_chance: bool
    lag_s: int
    n_within: int
    within_by_chance: float | None


def covered_shares(
    cluster: Longs, closed: Longs, n_clusters: int, span: tuple[int, int], lag_s: int = LAGS_S[-1]
) -> Floats:
    """Compute which share of a time span lies within a lag after a closing, of each cluster.

    Args:
        cluster: The cluster of each closing, from 0.
        closed: When it was, in seconds since 1970.
        n_clusters: Number of clusters.
        span: First and last moment of the data, in seconds since 1970.
        lag_s: The lag in seconds.

    Returns:
        A share per cluster; NaN where the span is empty.
    """
    first, last = span
    if last <= first:
        return np.full(n_clusters, np.nan)
    order = np.lexsort((closed, cluster))
    cluster, closed = cluster[order], closed[order]
    end = np.minimum(closed + lag_s, last)
    has_next = np.append(cluster[1:] == cluster[:-1], False)[: len(cluster)]
    end = np.where(has_next, np.minimum(end, np.roll(closed, -1)), end)
    covered = np.maximum(end - np.maximum(closed, first), 0)
    return np.bincount(cluster, covered, n_clusters) / (last - first)


def judge_returns(n_within: Sequence[int], n_opened: int, shares: Sequence[float]) -> Returns:
    """Compare the accounts opened soon after a closing with what chance gives.

    Args:
        n_within: New accounts that were opened within each of `LAGS_S` after a closing.
        n_opened: New accounts that were opened while the data last.
        shares: Probability that one is by chance, of `covered_shares`, for each lag; NaN when not known.
    """
    if math.isnan(shares[-1]):
        return Returns(n_within[-1], None, False, LAGS_S[-1], n_within[-1], None)
    n_opened = max(n_opened, *n_within)
    tails = [_tail(n, n_opened, share) if n else 1.0 for n, share in zip(n_within, shares, strict=True)]
    # Of equally improbable lags the longest, which counts more accounts.
    best = min(range(len(LAGS_S)), key=lambda i: (tails[i], -i))
    return Returns(
        n_soon_after=n_within[-1],
        by_chance=n_opened * shares[-1],
        is_above_chance=tails[best] <= _RARE,
        lag_s=LAGS_S[best],
        n_within=n_within[best],
        within_by_chance=n_opened * shares[best],
    )


def returns_among(
    opened: Collection[dt.datetime],
    lags: Collection[dt.timedelta],
    closings: Collection[dt.datetime],
    span: tuple[dt.datetime | None, dt.datetime | None],
) -> Returns:
    """Do so for one cluster.

    Args:
        opened: When its new accounts were opened, where that is known.
        lags: Of each that was opened after a closing, how long after the last one.
        closings: The closings of the cluster.
        span: First and last moment of the data.
    """
    first, last = (0 if moment is None else int(moment.timestamp()) for moment in span)
    closed = np.array([int(moment.timestamp()) for moment in closings], np.int64)
    number = np.zeros(len(closed), np.int64)
    shares = [float(covered_shares(number, closed, 1, (first, last), lag)[0]) for lag in LAGS_S]
    n_within = [sum(lag.total_seconds() <= most for lag in lags) for most in LAGS_S]
    return judge_returns(n_within, sum(moment.timestamp() >= first for moment in opened), shares)


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
