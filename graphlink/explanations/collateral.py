"""Collateral: the accounts that an action on accounts or identifiers would hit, and how many wrongly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from graphlink.core import wording
from graphlink.core.arguments import checked
from graphlink.core.errors import QuestionError
from graphlink.core.organisations import probability_of_one
from graphlink.core.wording.figures import counted, format_probability
from graphlink.explanations.common_causes import shared_causes
from graphlink.explanations.stored import check_accounts, check_identifiers, holders_of, membership_of
from graphlink.explanations.values import Explanation
from graphlink.explanations.wrong_hits import LEVEL, Struck, doubt_of, wrong_law, wrong_law_of_cluster
from graphlink.kinds import shown
from graphlink.result.integrity import of_result
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from graphlink.explanations.readable import Readable

_LIKELY = 0.5
_N_NAMED = 50
_N_HARMLESS_NAMED = 3


@dataclass(frozen=True, slots=True)
class HitCluster:
    """A cluster that is hit.

    Attributes:
        cluster_id: The cluster.
        n_hit: Of its accounts, how many are hit.
        one_organisation: Probability that one organisation operates it, openly or not; None when the result
            does not have it.
        doubt: Probability that no single organisation does, as it is counted here: the greatest doubt that
            the result states of the cluster; 1 where a harmless reading explains it too.
        also_explained_by: The harmless reading; None without one.
        expected_wrong: Of those hit, the expected number of wrongly hit; an upper bound where a harmless
            reading explains the cluster too.
    """

    cluster_id: str
    n_hit: int
    one_organisation: float | None
    doubt: float
    also_explained_by: str | None
    expected_wrong: float

    @property
    def is_estimated(self) -> bool:
        """Whether its probability of one operator is known and no harmless reading explains it too."""
        return self.also_explained_by is None and self.doubt < 1.0


@dataclass(frozen=True, slots=True, repr=False)
class Collateral(Explanation):
    """What an action would hit.

    An account is rightly hit when one organisation operates its cluster and it belongs to it; one outside
    all clusters never is. The clusters and the accounts outside add up to all that is hit. Accounts of
    clusters that a harmless reading explains too count as wrongly hit in `expected_wrong` and `most_wrong`,
    as they do in the false discovery rate, and not in `least_wrong`; sentences give no number for them.

    Attributes:
        n_accounts: Accounts hit: those named, and all that were ever seen with an identifier named.
        n_core: Of them, core members of a cluster.
        n_fringe: Of them, fringe members.
        n_outside: Of them, accounts in no cluster.
        n_harmless: Of them, accounts of clusters without an estimate: a harmless reading explains them too.
        n_likely_honest: Of the others, those likelier wrongly hit than rightly.
        expected_wrong: Expected number of wrongly hit accounts.
        least_wrong: Lower end of the interval that holds their number with probability `level`.
        most_wrong: Upper end.
        level: Probability of the interval; what lies beyond either end has at most half of the rest.
        clusters: Clusters hit, those with most accounts hit first.
        outside: The first of the accounts in no cluster.
        law: The number of wrongly hit accounts, in sentences.
    """

    main: ClassVar[str] = "clusters"
    n_accounts: int
    n_core: int
    n_fringe: int
    n_outside: int
    n_harmless: int
    n_likely_honest: int
    expected_wrong: float
    least_wrong: int
    most_wrong: int
    level: float
    clusters: tuple[HitCluster, ...]
    outside: tuple[str, ...]
    law: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        if not self.n_accounts:
            return ("It hits no account.",)
        split = f"{self.n_core:,} core, {self.n_fringe:,} fringe and {self.n_outside:,} in no cluster"
        sentences = [f"It hits {counted(self.n_accounts, 'account')}: {split}."]
        if self.n_harmless < self.n_accounts and not (self.n_harmless and not self.n_likely_honest):
            sentences.append(wording.honest_sentence(self.n_likely_honest))
        sentences += self.law
        if len(self.clusters) > 1:
            first = self.clusters[0]
            sentences.append(
                f"Most hit of {counted(len(self.clusters), 'cluster')}: {first.cluster_id} with "
                f"{counted(first.n_hit, 'account')}{_operator_words(first)}."
            )
        return tuple(sentences)


@of_result
def estimate_collateral(
    result: Readable, accounts: Collection[str] = (), identifiers: Collection[tuple[str, str]] = ()
) -> Collateral:
    """Estimate the accounts that closing these accounts and blocking these identifiers would hit.

    The law of the number of wrongly hit accounts is that of `graphlink.explanations.wrong_hits`: whether one
    organisation operates a cluster is one question for all its accounts, and members that mostly depend on
    the same identifier are wrong together.

    Args:
        result: A finished run.
        accounts: Accounts to be closed.
        identifiers: (kind, value) of identifiers to be blocked; all that ever held them are hit.

    Returns:
        How many accounts are hit, and how many of them wrongly: the expectation, and both ends of an
        interval.

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
    roles = [row["role"] for row in rows]
    struck = _struck(result, rows)
    clusters = _hit_clusters(result, struck)
    estimated = {one.cluster_id: one for one in clusters if one.is_estimated}
    n_harmless = sum(one.n_hit for one in clusters if not one.is_estimated)
    n_outside = roles.count("none")
    laws = [struck[name] for name in estimated]
    doubts = [one.doubt for one in estimated.values()]
    least, most = wrong_law(laws, doubts).interval()
    return Collateral(
        n_accounts=len(rows),
        n_core=roles.count("core"),
        n_fringe=roles.count("fringe"),
        n_outside=n_outside,
        n_harmless=n_harmless,
        n_likely_honest=n_outside
        + sum(int((one.right(doubt) < _LIKELY).sum()) for one, doubt in zip(laws, doubts, strict=True)),
        expected_wrong=math.fsum(one.expected_wrong for one in clusters) + n_outside,
        least_wrong=n_outside + least,
        most_wrong=n_outside + n_harmless + most,
        level=LEVEL,
        clusters=clusters,
        outside=tuple(sorted(row["account_id"] for row in rows if row["role"] == "none")[:_N_NAMED]),
        law=tuple(_law_sentences(clusters, struck, n_outside, (least, most))),
    )


def _struck(result: Readable, rows: list[dict[str, Any]]) -> dict[str, Struck]:
    """Of each cluster hit, the membership probabilities of its accounts and the identifier they share."""
    inside = [row for row in rows if row["cluster_id"] is not None]
    doubted = {row["account_id"]: row["cluster_id"] for row in inside if row["probability"] < 1.0}
    group = shared_causes(result, doubted)
    by_cluster: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(inside, key=lambda row: row["account_id"]):
        by_cluster.setdefault(row["cluster_id"], []).append(row)
    return {
        name: Struck(
            np.array([row["probability"] for row in members], dtype=np.float64),
            tuple(group.get(row["account_id"], row["account_id"]) for row in members),
        )
        for name, members in by_cluster.items()
    }


def _hit_clusters(result: Readable, struck: dict[str, Struck]) -> tuple[HitCluster, ...]:
    rows = rows_of(result.table("clusters", where={"cluster_id": list(struck)})) if struck else []
    known = {str(row["cluster_id"]): row for row in rows}
    clusters = [_hit_cluster(name, one, known.get(name, {})) for name, one in struck.items()]
    return tuple(sorted(clusters, key=lambda cluster: (-cluster.n_hit, cluster.cluster_id)))


def _hit_cluster(name: str, struck: Struck, row: dict[str, Any]) -> HitCluster:
    doubt = doubt_of(row)
    return HitCluster(
        cluster_id=name,
        n_hit=len(struck.belong),
        one_organisation=probability_of_one(row),
        doubt=doubt,
        also_explained_by=row.get("also_explained_by"),
        expected_wrong=math.fsum((1.0 - struck.right(doubt)).tolist()),
    )


def _law_sentences(
    clusters: tuple[HitCluster, ...], struck: dict[str, Struck], n_outside: int, interval: tuple[int, int]
) -> list[str]:
    """The law in words: for one cluster its two cases, for several an interval; of harmless ones the case."""
    harmless = [one for one in clusters if not one.is_estimated]
    estimated = [one for one in clusters if one.is_estimated]
    sentences = [
        wording.harmless_hit_sentence(one.cluster_id, one.n_hit, one.also_explained_by)
        for one in harmless[:_N_HARMLESS_NAMED]
    ]
    further = harmless[_N_HARMLESS_NAMED:]
    if further:
        n = sum(one.n_hit for one in further)
        sentences.append(
            f"So it is of {counted(len(further), 'further cluster')} with {counted(n, 'account')} hit."
        )
    if n_outside:
        sentences.append(
            f"The {counted(n_outside, 'account')} in no cluster {'counts' if n_outside == 1 else 'count'} as "
            "wrongly hit."
        )
    if not estimated:
        return sentences
    n_hit = sum(one.n_hit for one in estimated)
    other = f"Of the other {counted(n_hit, 'account')}: " if harmless or n_outside else ""
    expected = math.fsum(one.expected_wrong for one in estimated)
    if len(estimated) == 1:
        law = wrong_law_of_cluster(struck[estimated[0].cluster_id], estimated[0].doubt)
        most, p_most = law.most_if_operated()
        if most < n_hit:
            return [
                *sentences,
                other + wording.whole_law_sentence(n_hit, most, p_most, estimated[0].doubt, expected),
            ]
    return [*sentences, other + wording.interval_sentence(n_hit, *interval, LEVEL, expected)]


def _operator_words(cluster: HitCluster) -> str:
    if cluster.one_organisation is None or not cluster.is_estimated:
        return ""
    return (
        f", which one organisation operates with probability {format_probability(cluster.one_organisation)}"
    )


@checked
def parse_identifier(text: str) -> tuple[str, str]:
    """Make (kind, value) of `kind:value`, as people type it.

    Raises:
        QuestionError: There is no colon.
    """
    kind, colon, value = text.partition(":")
    if not (kind and colon and value):
        raise QuestionError(f"{shown(text)!r} names no identifier; write KIND:VALUE, such as ip:203.0.113.7")
    return kind, value
