"""Collateral: whom an action on accounts or identifiers would hit, and how many of them wrongly."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.errors import QuestionError
from graphlink.explanations.stored import check_accounts, check_identifiers, holders_of, membership_of
from graphlink.explanations.values import Explanation, counted, told_probability
from graphlink.folder import rows_of
from graphlink.kinds import shown
from graphlink.wholeness import of_result

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from graphlink.result import Result

    Floats = NDArray[np.float64]

_LARGEST_PLAIN = 64  # terms up to which laws are convolved as sums, longer ones by Fourier transform
_TAIL = 0.025
_LIKELY = 0.5
_N_NAMED = 50


@dataclass(frozen=True, slots=True)
class HitCluster:
    """A cluster that is hit.

    Attributes:
        cluster_id: The cluster.
        n_hit: Of its accounts, how many are hit.
        same_operator: Probability that one organisation operates it; None when the result does not tell.
        expected_wrong: Of those hit, the expected number of wrongly accused.
    """

    cluster_id: str
    n_hit: int
    same_operator: float | None
    expected_wrong: float


@dataclass(frozen=True, slots=True)
class Collateral(Explanation):
    """What an action would hit.

    An account is rightly accused when one organisation operates its cluster and it belongs to it; one outside
    all clusters never is. The clusters and the accounts outside add up to all that is hit.

    Attributes:
        n_accounts: Accounts hit: those named, and all that were ever seen with an identifier named.
        n_core: Of them, core members of a cluster.
        n_fringe: Of them, fringe members.
        n_outside: Of them, accounts in no cluster.
        n_likely_honest: Of them, those likelier wrongly accused than rightly.
        expected_wrong: Expected number of wrongly accused.
        least_wrong: Lower end of the interval that holds their number with probability 0.95.
        most_wrong: Upper end.
        clusters: Clusters hit, those with most accounts hit first.
        outside: The first of the accounts in no cluster.
    """

    n_accounts: int
    n_core: int
    n_fringe: int
    n_outside: int
    n_likely_honest: int
    expected_wrong: float
    least_wrong: int
    most_wrong: int
    clusters: tuple[HitCluster, ...]
    outside: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        if not self.n_accounts:
            return ("It hits no account.",)
        parts = f"{self.n_core:,} core, {self.n_fringe:,} fringe and {self.n_outside:,} in no cluster"
        told = [
            f"It hits {counted(self.n_accounts, 'account')}: {parts}.",
            (
                f"{self.n_likely_honest:,} of them {'is' if self.n_likely_honest == 1 else 'are'} likelier "
                "honest than not."
            ),
            (
                f"Expected wrongly accused: {self.expected_wrong:.1f} of {self.n_accounts:,}, "
                f"between {self.least_wrong:,} and {self.most_wrong:,} with probability 0.95."
            ),
        ]
        if self.clusters:
            first = self.clusters[0]
            told.append(
                f"Most hit of {counted(len(self.clusters), 'cluster')}: {first.cluster_id} with "
                f"{counted(first.n_hit, 'account')}{_operator_words(first)}."
            )
        return tuple(told)


@of_result
def estimate_collateral(
    result: Result, accounts: Collection[str] = (), identifiers: Collection[tuple[str, str]] = ()
) -> Collateral:
    """Estimate whom closing these accounts and blocking these identifiers would hit.

    Whether one organisation operates a cluster is one question for all its accounts, whether an account
    belongs to it one for each: with the probability that no organisation does, all its accounts hit are wrong
    at once; else each is wrong with the probability that it does not belong. Clusters are wrong independently
    of each other. The interval is of the exact law of that number, found by convolution.

    Args:
        result: A finished run.
        accounts: Accounts to be closed.
        identifiers: (kind, value) of identifiers to be blocked; all that ever held them are hit.

    Raises:
        QuestionError: Nothing is named.
        NotFoundError: Something named is not in the result.
    """
    if not accounts and not identifiers:
        raise QuestionError("name the accounts or identifiers to act on")
    check_accounts(result, accounts)
    check_identifiers(result, identifiers)
    hit = set(accounts).union(*(holders_of(result, kind, value) for kind, value in identifiers))
    rows = list(membership_of(result, hit).values())
    operated = _operated(result, {row["cluster_id"] for row in rows} - {None})
    right = [_rightly(row, operated) for row in rows]
    groups: dict[str, list[float]] = {}
    for row in rows:
        if row["cluster_id"] is not None:
            groups.setdefault(row["cluster_id"], []).append(row["probability"])
    least, most = wrong_interval(
        [(np.array(belong), operated.get(name)) for name, belong in groups.items()],
        sum(row["cluster_id"] is None for row in rows),
    )
    roles = [row["role"] for row in rows]
    return Collateral(
        n_accounts=len(rows),
        n_core=roles.count("core"),
        n_fringe=roles.count("fringe"),
        n_outside=roles.count("none"),
        n_likely_honest=sum(share < _LIKELY for share in right),
        expected_wrong=len(rows) - math.fsum(right),
        least_wrong=least,
        most_wrong=most,
        clusters=_hit_clusters(rows, right, operated),
        outside=tuple(sorted(row["account_id"] for row in rows if row["role"] == "none")[:_N_NAMED]),
    )


def _operated(result: Result, clusters: Collection[str]) -> dict[str, float | None]:
    """Of each cluster the probability that one organisation operates it."""
    rows = rows_of(result.table("clusters", where={"cluster_id": clusters})) if clusters else []
    return {str(row["cluster_id"]): row.get("p_same_operator") for row in rows}


def _rightly(row: dict[str, Any], operated: dict[str, float | None]) -> float:
    """Probability that an account is rightly accused."""
    if row["cluster_id"] is None:
        return 0.0
    operator = operated.get(row["cluster_id"])
    return float(row["probability"]) * (1.0 if operator is None else operator)


def wrong_interval(clusters: Sequence[tuple[Floats, float | None]], n_sure: int = 0) -> tuple[int, int]:
    """Interval that holds the number of wrongly accused with probability 0.95.

    Args:
        clusters: Per cluster, of each of its accounts the probability that it belongs to it; and that of one
            organisation operating it, None for surely.
        n_sure: Further accounts that are surely wrong.
    """
    laws = [_law(belong, 1.0 if operator is None else operator) for belong, operator in clusters]
    below = np.cumsum(_sum_law(laws))
    low = int(np.searchsorted(below, _TAIL, side="right"))
    high = int(np.searchsorted(below, 1.0 - _TAIL))
    return n_sure + min(low, len(below) - 1), n_sure + min(high, len(below) - 1)


def _law(belong: Floats, operator: float) -> Floats:
    """Probabilities that 0, 1, 2, ... accounts of a cluster are wrongly accused."""
    law = operator * _sum_law([np.array([share, 1.0 - share]) for share in belong.tolist()])
    law[-1] += 1.0 - operator
    return law


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


def _hit_clusters(
    rows: list[dict[str, Any]], right: list[float], operated: dict[str, float | None]
) -> tuple[HitCluster, ...]:
    wrong: dict[str, list[float]] = {}
    for row, share in zip(rows, right, strict=True):
        if row["cluster_id"] is not None:
            wrong.setdefault(row["cluster_id"], []).append(1.0 - share)
    found = [
        HitCluster(name, len(shares), operated.get(name), math.fsum(shares)) for name, shares in wrong.items()
    ]
    return tuple(sorted(found, key=lambda cluster: (-cluster.n_hit, cluster.cluster_id)))


def _operator_words(cluster: HitCluster) -> str:
    if cluster.same_operator is None:
        return ""
    return f", which one organisation operates with probability {told_probability(cluster.same_operator)}"


def parse_identifier(text: str) -> tuple[str, str]:
    """Make (kind, value) of `kind:value`, as people type it.

    Raises:
        QuestionError: There is no colon.
    """
    kind, colon, value = text.partition(":")
    if not (kind and colon and value):
        raise QuestionError(f"{shown(text)!r} names no identifier; write KIND:VALUE, such as ip:203.0.113.7")
    return kind, value
