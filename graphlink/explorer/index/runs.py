"""Sums by place, and rows of groups that lie together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explorer.index.columns import Floats, Longs


def summed(place: NDArray[Any], weights: NDArray[Any], n: int) -> Floats:
    """The sum of the weights at each place from 0 to n - 1."""
    return np.bincount(place, weights, n).astype(np.float64)


def gathered(starts: Longs, groups: NDArray[Any]) -> tuple[Longs, Longs]:
    """The rows of groups of rows that lie together, and for each row the place of its group among them."""
    first, sizes = starts[groups], starts[np.asarray(groups) + 1] - starts[groups]
    return spread(first, sizes), np.repeat(np.arange(len(groups)), sizes)


def spread(first: Longs, sizes: Longs) -> Longs:
    """The numbers of runs, one run after another: each begins at `first` and is so long."""
    numbers: Longs = np.arange(int(sizes.sum())) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
    return numbers


def distinct(values: NDArray[Any], n: int) -> tuple[Longs, Longs]:
    """The distinct numbers among values from 0 to n - 1, in order, and the place of each value among them.

    As `np.unique` with its inverse, but in linear time where there are many values.
    """
    if 4 * len(values) < n:
        found, place = np.unique(values, return_inverse=True)
        return found.astype(np.int64), place.astype(np.int64)
    is_there = np.zeros(n, np.bool_)
    is_there[values] = True
    rank = np.cumsum(is_there) - 1
    return np.flatnonzero(is_there), rank[values]
