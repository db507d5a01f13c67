"""Counts and their tails: Poisson's, the negative binomial's, and the false discovery rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from graphlink.model.timing.parameters import Bools, Floats, Ints


_STEPS = 20  # points of the grid of densities in the width of the kernel


def _log_gamma(x: Floats) -> Floats:
    """Log of the gamma function: from a table for whole numbers, which most are."""
    log_factorial, is_whole = np.empty(len(x)), x == np.floor(x)
    whole = x[is_whole].astype(np.int64)
    log_factorial[is_whole] = np.array([0.0, *map(math.lgamma, range(1, whole.max(initial=0) + 1))])[whole]
    log_factorial[~is_whole] = [math.lgamma(one) for one in x[~is_whole].tolist()]
    return log_factorial


def _log_factorial(n: Ints) -> Floats:
    table = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n.max(initial=0) + 1)))])
    return np.asarray(table[n])


def log_poisson(n: Ints, mean: Floats) -> Floats:
    """Log of Poisson's probability of n."""
    return np.asarray(n * np.log(mean) - mean - _log_factorial(n))


def log_tail(n: Ints | Floats, mean: Floats) -> Floats:
    """Chernoff's bound of the log of Poisson's tail from n on, where n is above the mean."""
    return np.asarray(n - mean - n * np.log(np.maximum(n, 1e-9) / mean))


def log_negative_binomial(n: Ints, mean: Floats, size: Floats) -> Floats:
    """Log of the negative binomial's probability of n, by its mean and size."""
    more, less = np.log(mean / (mean + size)), np.log(size / (mean + size))
    return np.asarray(_log_gamma(n + size) - _log_gamma(size) - _log_factorial(n) + size * less + n * more)


def negative_binomial_tail(log_term: Floats, n: Ints, mean: Floats, size: Floats) -> Floats:
    """Upper bound of the negative binomial's tail from n on: its terms fall as a geometric series does."""
    fall = np.maximum((n + size) / (n + 1.0), 1.0) * mean / (mean + size)
    tail = np.exp(log_term) / np.maximum(1 - fall, 1e-12)
    return np.asarray(np.where((fall < 1) & (n > 0), np.minimum(tail, 1.0), 1.0))


def is_discovered(p_value: Floats, n_tested: int, rate: float) -> Bools:
    """Benjamini and Hochberg's procedure at a rate; tested pairs that are not given have no small chance."""
    order = np.argsort(p_value, kind="stable")
    passes = p_value[order] <= rate * np.arange(1, len(order) + 1) / max(n_tested, 1)
    n_discoveries = int(np.flatnonzero(passes)[-1]) + 1 if passes.any() else 0
    is_discovery = np.zeros(len(p_value), bool)
    is_discovery[order[:n_discoveries]] = True
    return is_discovery


def local_false_discovery(p_value: Floats, vote: Floats, n_tested: int, width: float) -> Floats:
    """Share of the discoveries at each probability that chance gives, by how dense they are there.

    Both densities are smoothed over the logarithm of the probability by a normal kernel, so that the rate
    moves little when a probability does. A discovery that stands alone has itself for density. The rate does
    not fall as the probability rises, and lies between 0 and 1, which it is neither.

    Args:
        p_value: Probabilities of the discoveries under the null.
        vote: What each counts.
        n_tested: Tests, those without a discovery included: by chance so many times p have at most p.
        width: Standard deviation of the kernel, in e-folds.
    """
    if not len(p_value):
        return np.zeros(0)
    at = np.log(np.maximum(p_value, 1e-300)) / (width / _STEPS)
    # Each vote is divided among the two points of the grid that it is between, so that nothing jumps.
    begin = int(np.floor(at.min()))
    point = np.floor(at).astype(np.int64) - begin
    share, n = at - np.floor(at), int(point.max()) + 2
    votes = np.bincount(point, vote * (1 - share), minlength=n) + np.bincount(
        point + 1, vote * share, minlength=n
    )
    steps = np.arange(-4 * _STEPS, 4 * _STEPS + 1) / _STEPS
    kernel = np.exp(-0.5 * steps * steps) / (width * math.sqrt(2 * math.pi))
    density = np.interp(at - begin, np.arange(n), np.convolve(votes, kernel)[4 * _STEPS : 4 * _STEPS + n])
    by_chance = n_tested * np.exp(at * (width / _STEPS) + 0.5 * width * width)
    order = np.argsort(p_value, kind="stable")
    rate = np.empty(len(order))
    rate[order] = np.maximum.accumulate((by_chance / density)[order])
    return np.clip(rate, 1e-12, 1 - 1e-6)
