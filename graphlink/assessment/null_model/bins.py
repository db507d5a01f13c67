"""Bins of bits that links by chance are counted in, and numbers as they are reported."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
BINS_PER_BIT = 4
MOST_BITS = 120.0


def bin_of(bits: Floats) -> Integers:
    """Bins of numbers of bits, from -MOST_BITS up."""
    floor = np.floor(np.round(bits, 6) * BINS_PER_BIT) + MOST_BITS * BINS_PER_BIT
    return np.asarray(np.clip(floor, 0, 2 * MOST_BITS * BINS_PER_BIT), dtype=np.int64)


def n_lifted_to(expected: Floats, bits: float) -> float:
    """Expected number of links that chance lifts to that many bits."""
    return float(expected[bin_of(np.array([bits]))[0]])


def significant(value: float) -> float:
    """A number to six digits: sums in another order differ in the last ones."""
    return float(f"{value:.6g}")


def significant_all(values: Floats) -> Floats:
    """Numbers to six digits."""
    return np.array([significant(value) for value in values.tolist()], dtype=np.float64)
