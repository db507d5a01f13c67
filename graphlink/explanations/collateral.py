"""Collateral: whom an action on accounts or identifiers would hit, and how many of them wrongly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.errors import QuestionError
from graphlink.explanations.stored import check_accounts, check_identifiers, holders_of, membership_of
from graphlink.explanations.values import Explanation, counted
from graphlink.kinds import shown

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from graphlink.result import Result

_LARGEST_EXACT = 2_000
_TAIL = 0.025
_LIKELY = 0.5
_N_NAMED = 50


@dataclass(frozen=True, slots=True)
class HitCluster:
    """A cluster that is hit: how many of its accounts, and how many of those are likely honest."""

    cluster_id: str
    n_hit: int
    expected_wrong: float


@dataclass(frozen=True, slots=True)
class Collateral(Explanation):
    """What an action would hit.

    An account is wrongly accused when it does not belong to its cluster; one outside all clusters always is.

    Attributes:
        n_accounts: Accounts hit: those named, and all that were ever seen with an identifier named.
        n_core: Of them, core members of a cluster.
        n_fringe: Of them, fringe members.
        n_outside: Of them, accounts in no cluster.
        n_likely_honest: Of them, those in no cluster, or likelier not in theirs than in it.
        expected_wrong: Expected number of wrongly accused.
        least_wrong: Lower end of the interval that holds their number with probability 0.95.
        most_wrong: Upper end.
        method: How the interval was found: exact (Poisson-binomial by convolution) or normal.
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
    method: str
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
                f"Expected wrongly accused: {self.expected_wrong:.1f} of {self.n_accounts:,}, "
                f"between {self.least_wrong:,} and {self.most_wrong:,} "
                "with probability 0.95 if accounts are wrong independently."
            ),
        ]
        if self.clusters:
            first = self.clusters[0]
            told.append(
                f"Most hit of {counted(len(self.clusters), 'cluster')}: {first.cluster_id} with "
                f"{counted(first.n_hit, 'account')}."
            )
        return tuple(told)


def estimate_collateral(
    result: Result, accounts: Collection[str] = (), identifiers: Collection[tuple[str, str]] = ()
) -> Collateral:
    """Estimate whom closing these accounts and blocking these identifiers would hit.

    The interval is of a Poisson-binomial number: exact by convolution for up to 2,000 uncertain accounts,
    else by the normal approximation (Le Cam bounds its error by the sum of squares). It takes the accounts'
    probabilities as independent, so where a whole cluster is wrong at once the number lies outside it.

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
    wrong = np.array([1.0 if row["probability"] is None else 1.0 - row["probability"] for row in rows])
    least, most, method = wrong_interval(wrong)
    roles = [row["role"] for row in rows]
    return Collateral(
        n_accounts=len(rows),
        n_core=roles.count("core"),
        n_fringe=roles.count("fringe"),
        n_outside=roles.count("none"),
        n_likely_honest=int((wrong > _LIKELY).sum()),
        expected_wrong=float(wrong.sum()),
        least_wrong=least,
        most_wrong=most,
        method=method,
        clusters=_hit_clusters([(row["cluster_id"], p) for row, p in zip(rows, wrong.tolist(), strict=True)]),
        outside=tuple(sorted(row["account_id"] for row in rows if row["role"] == "none")[:_N_NAMED]),
    )


def wrong_interval(wrong: NDArray[np.float64]) -> tuple[int, int, str]:
    """Interval that holds the number of wrong ones with probability 0.95, and how it was found.

    Args:
        wrong: Per account the probability that it is wrong.
    """
    sure = int((wrong >= 1.0).sum())
    open_ones = wrong[(wrong > 0.0) & (wrong < 1.0)]
    if len(open_ones) > _LARGEST_EXACT:
        half = 1.959964 * math.sqrt(float((open_ones * (1.0 - open_ones)).sum()))
        mean = float(open_ones.sum())
        low, high = math.floor(mean - half), math.ceil(mean + half)
        return sure + max(0, low), sure + min(len(open_ones), high), "normal"
    law = np.ones(1)
    for probability in open_ones.tolist():
        law = np.convolve(law, [1.0 - probability, probability])
    below = np.cumsum(law)
    low = int(np.searchsorted(below, _TAIL, side="right"))
    high = int(np.searchsorted(below, 1.0 - _TAIL))
    return sure + min(low, len(open_ones)), sure + min(high, len(open_ones)), "exact"


def _hit_clusters(rows: list[tuple[str | None, float]]) -> tuple[HitCluster, ...]:
    hit: dict[str, list[float]] = {}
    for cluster_id, wrong in rows:
        if cluster_id is not None:
            hit.setdefault(cluster_id, []).append(wrong)
    found = [HitCluster(name, len(wrong), math.fsum(wrong)) for name, wrong in hit.items()]
    return tuple(sorted(found, key=lambda cluster: (-cluster.n_hit, cluster.cluster_id)))


def parse_identifier(text: str) -> tuple[str, str]:
    """Make (kind, value) of `kind:value`, as people type it.

    Raises:
        QuestionError: There is no colon.
    """
    kind, colon, value = text.partition(":")
    if not (kind and colon and value):
        raise QuestionError(f"{shown(text)!r} names no identifier; write KIND:VALUE, such as ip:203.0.113.7")
    return kind, value
