"""Intervals of shares and ratios: exact binomial, bootstrap by account, and the ratio of two shares."""

from __future__ import annotations

import functools
import math
import statistics
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Numbers = NDArray[np.int64]
    Interval = tuple[float | None, float | None]

LEVEL = 0.95  # of every interval and range
_TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
_Z = statistics.NormalDist().inv_cdf((1 + LEVEL) / 2)
_LARGEST = 700.0  # exponent of a number that still is one
_HALVINGS = 50  # of an interval that is searched for: 1e-15


def tails(values: Floats) -> tuple[float, float]:
    """Find the percentiles between which values lie at `LEVEL`, to the bit as `numpy.percentile` does.

    That takes several times as long for a few hundred values, as there are for each measure of a cluster.

    Args:
        values: The values, at least one, all of them finite.
    """
    ordered = np.sort(values)
    low, high = (_quantile(ordered, share) for share in _TAILS)
    return low, high


def _quantile(ordered: Floats, share: float) -> float:
    place = (len(ordered) - 1) * share
    before = int(place)
    one, next_one = float(ordered[before]), float(ordered[min(before + 1, len(ordered) - 1)])
    beyond, step = place - before, next_one - one
    return one + step * beyond if beyond < 0.5 else next_one - step * (1 - beyond)


@functools.lru_cache(maxsize=1 << 16)
def binomial_interval(n_hits: int, n: int) -> Interval:
    """Compute the exact interval of a share (Clopper and Pearson 1934).

    Args:
        n_hits: Accounts that have it.
        n: All accounts, at least one.
    """
    tail = (1 - LEVEL) / 2
    ways = np.array([_log_choose(n, i) for i in range(n + 1)])
    hits = np.arange(n + 1)

    def at_least(share: float) -> float:
        logs = ways + hits * math.log(share) + (n - hits) * math.log1p(-share)
        return float(np.exp(logs[n_hits:]).sum())

    def at_most(share: float) -> float:
        logs = ways + hits * math.log(share) + (n - hits) * math.log1p(-share)
        return float(np.exp(logs[: n_hits + 1]).sum())

    low = 0.0 if n_hits == 0 else _crossing(lambda share: at_least(share) < tail)
    high = 1.0 if n_hits == n else _crossing(lambda share: at_most(share) > tail)
    return low, high


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _crossing(is_below: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return (low + high) / 2


def resampled_ratio(values: Floats, weights: Floats, draws: Numbers | None) -> Interval:
    """Compute the interval of a ratio of sums by the percentiles of resampled accounts (Efron 1979).

    Args:
        values: What is summed above the line, per account.
        weights: What is summed below it.
        draws: Per repetition, the accounts drawn, by place; None where they are too few.
    """
    if draws is None:
        return None, None
    above, below = values[draws].sum(axis=1), weights[draws].sum(axis=1)
    ratios = above[below > 0] / below[below > 0]
    if not len(ratios):
        return None, None
    return tails(ratios)


def resampled_median(values: Floats, draws: Numbers | None, of: Callable[[Floats], Floats]) -> Interval:
    """Compute the interval of a median by resampled accounts.

    Args:
        values: Of each account.
        draws: Per repetition, the accounts drawn, by place; None where they are too few.
        of: The median of each row.
    """
    if draws is None:
        return None, None
    return tails(of(values[draws]))


def share_variance(values: Floats, weights: Floats) -> float:
    """Estimate the variance of a ratio of sums over accounts (the ratio estimator of Cochran 1977)."""
    n, total = len(values), float(weights.sum())
    if n < 2 or not total:
        return math.inf
    share = float(values.sum()) / total
    residuals = values - share * weights
    return n / (n - 1) * float((residuals**2).sum()) / total**2


def ratio_interval(value: float, interval: Interval, usual: float, relative_variance: float) -> Interval:
    """Compute the interval of a share over the usual one, of the intervals of both (Zou and Donner 2008).

    Args:
        value: The share.
        interval: Its interval; the ratio has none without it.
        usual: The usual share.
        relative_variance: Of the usual share, its variance over its square.
    """
    low, high = interval
    if low is None or high is None or not usual or not value or not math.isfinite(relative_variance):
        return None, None
    error = _Z * math.sqrt(relative_variance)
    below = math.hypot(math.log(value / low), error) if low else math.inf
    above = math.hypot(math.log(max(high, value) / value), error)
    return value / usual * math.exp(-below), value / usual * math.exp(min(above, _LARGEST))
