"""The joint law of how many accounts an action hits wrongly.

Of each cluster two things can be false:

- No single organisation operates it. That is one event for all its accounts, and then all are hit wrongly.
  Its probability is the greatest doubt that the result states of the cluster, see `doubt_of`.
- One organisation operates it, but an account does not belong to it. Each account errs with the probability
  that its membership leaves. Accounts that mostly depend on the same identifier err together: the identifier
  was taken for exclusive and is not, or it is. In such a group one number U, even between 0 and 1, decides
  for all, and an account errs when U is above its membership probability (comonotone: the strongest
  dependence that leaves every account its own probability). Groups err independently of each other.

So with D the doubt, and in a group the probabilities of error sorted from the greatest as w_1 >= w_2 >= ...,
P(at least k of the group err) = w_k; the groups' laws are convolved to the law L of a cluster's number N, and
P(N = k) = (1 - D) L(k), and D more at k = all. Clusters are false independently of each other, so that their
laws are convolved once more. The law is exact; nothing is drawn.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.core.organisations import probability_of_one

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.99
"""Probability of the interval. No hypothesis of a run is surer than 0.99 (`graphlink.assessment.hypotheses`),
so that a tail of 0.005 never hides that a whole cluster is wrong."""

_TAIL = (1.0 - LEVEL) / 2.0
_LARGEST_PLAIN = 64  # terms up to which laws are convolved as sums, longer ones by Fourier transform
_ROUNDING = 1e-12  # by which sums of probabilities may miss a level that they reach


@dataclass(frozen=True, slots=True)
class Struck:
    """The accounts of one cluster that are hit.

    Attributes:
        belong: Of each the probability that it belongs to the cluster.
        group: Of each what names the accounts that err together.
    """

    belong: Floats
    group: tuple[str, ...]

    def right(self, doubt: float) -> Floats:
        """Of each the probability that it is rightly hit."""
        return np.asarray((1.0 - doubt) * self.belong, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class WrongLaw:
    """The law of a number of wrongly hit accounts.

    Attributes:
        law: Probabilities of 0, 1, 2, ... accounts.
        operated: The same of one cluster, with one organisation operating it; empty of several clusters.
    """

    law: Floats
    operated: Floats

    def interval(self) -> tuple[int, int]:
        """Least and most: the number is below the one, or above the other, with `_TAIL` at most."""
        below = np.cumsum(self.law)
        last = len(below) - 1
        low = int(np.searchsorted(below, _TAIL + _ROUNDING, side="right"))
        high = int(np.searchsorted(below, 1.0 - _TAIL - _ROUNDING))
        return min(low, last), min(high, last)

    def most_if_operated(self) -> tuple[int, float]:
        """The most that are wrong with probability `LEVEL` when one organisation operates the cluster.

        Returns:
            That number, and the probability of the whole law that no more are wrong.
        """
        below = np.cumsum(self.operated)
        most = min(int(np.searchsorted(below, LEVEL - _ROUNDING)), len(below) - 1)
        return most, float(min(1.0, self.law[: most + 1].sum()))


def doubt_of(cluster: Mapping[str, Any]) -> float:
    """The probability that no single organisation operates a cluster: the greatest doubt stated of it.

    What the hypotheses leave to those by which it is not one organisation's, openly or not; its false
    discovery rate, which is the mean doubt of the list down to it and so at most its own; and 1 where a
    harmless reading explains it too, or where the result has none of these.
    """
    if cluster.get("also_explained_by"):
        return 1.0
    one, rate = probability_of_one(cluster), cluster.get("fdr")
    if one is None and rate is None:
        return 1.0
    return float(max(0.0 if one is None else 1.0 - one, rate or 0.0))


def wrong_law(clusters: Sequence[Struck], doubts: Sequence[float]) -> WrongLaw:
    """Make the law over several clusters, of each with its doubt."""
    laws = [wrong_law_of_cluster(one, doubt).law for one, doubt in zip(clusters, doubts, strict=True)]
    return WrongLaw(_sum_law(laws), np.zeros(0))


def wrong_law_of_cluster(struck: Struck, doubt: float) -> WrongLaw:
    """Make the law of one cluster; see the head of the module."""
    groups: dict[str, list[float]] = {}
    for belongs, name in zip(struck.belong.tolist(), struck.group, strict=True):
        groups.setdefault(name, []).append(1.0 - belongs)
    operated = _sum_law([_group_law(np.array(errs, dtype=np.float64)) for errs in groups.values()])
    law = (1.0 - doubt) * operated
    law[-1] += doubt
    return WrongLaw(law, operated)


def _group_law(errs: Floats) -> Floats:
    """Probabilities that 0, 1, 2, ... accounts of a group that errs together do."""
    at_least = np.concatenate([[1.0], np.sort(np.clip(errs, 0.0, 1.0))[::-1], [0.0]])
    return np.asarray(at_least[:-1] - at_least[1:], dtype=np.float64)


def _sum_law(laws: list[Floats]) -> Floats:
    """The law of a sum of independent numbers, halves first: its time is that of the longest convolution."""
    if not laws:
        return np.ones(1)
    while len(laws) > 1:
        pairs = itertools.zip_longest(laws[::2], laws[1::2], fillvalue=np.ones(1))
        laws = [_convolved(first, second) for first, second in pairs]
    return laws[0]


def _convolved(first: Floats, second: Floats) -> Floats:
    if min(len(first), len(second)) <= _LARGEST_PLAIN:
        return np.convolve(first, second)
    n = len(first) + len(second) - 1
    both = np.fft.irfft(np.fft.rfft(first, n) * np.fft.rfft(second, n), n)
    return np.asarray(np.clip(both, 0.0, None), dtype=np.float64)
