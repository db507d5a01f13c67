"""Accounts outside clusters that are as active as those of a cluster, and groups of them drawn at random."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.core.parameters import Facts

    Floats = NDArray[np.float64]
    Numbers = NDArray[np.int64]

_MOST_DRAWN = 1_000  # members that a group stands for; the range of a larger cluster is narrower still


def generator(seed: int, name: str) -> np.random.Generator:
    """Make the random numbers of a cluster: the same in every run, whatever other clusters there are."""
    digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


class Pool:
    """Accounts in the order of their activity, of which groups are drawn.

    Args:
        activity: Calls of each account, in rising order.
        rules: What is comparable.
    """

    def __init__(self, activity: Floats, rules: Facts) -> None:
        self.activity, self._rules = activity, rules

    def windows(self, activity: Floats) -> tuple[Numbers, Numbers]:
        """Find where the accounts comparable with each begin and end; too few of them are left out."""
        low = np.searchsorted(self.activity, activity / self._rules.comparable_factor, "left")
        high = np.searchsorted(self.activity, activity * self._rules.comparable_factor, "right")
        enough = high - low >= self._rules.least_comparable
        return low[enough], high[enough]

    def groups(self, activity: Floats, random: np.random.Generator) -> Numbers:
        """Draw groups of comparable accounts, one for each member; none where too few members have any.

        Args:
            activity: Calls of each member.
            random: Random numbers.

        Returns:
            Places in the pool, a row per group; without columns where there is nothing to compare with.
        """
        low, high = self.windows(activity[:_MOST_DRAWN])
        if 2 * len(low) < len(activity[:_MOST_DRAWN]):
            return np.empty((self._rules.groups, 0), np.int64)
        drawn = random.random((self._rules.groups, len(low)))
        return low + (drawn * (high - low)).astype(np.int64)
