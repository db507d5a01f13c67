"""Known organisations: what is known of one, and which accounts and clusters are linked to it, by which path.

Knowledge starts paths: an account that is known to be the organisation's, or one that holds a value of it (a
mail domain, a network, a card), as surely as the knowledge is held to be right. From there a path goes on by
links of the result, by values that the model takes for exclusive, and by clusters of one organisation. The
probability of a path is the product of its steps, and that of an account the one of its best path: paths
mostly share steps, so a second one is a reason and no second proof. People's hints start no path. They move
what evidence says by a bounded number of bits, and where there is none they stay below what is listed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.workspace.against import objections_of
from graphlink.workspace.holdings import PLAIN, Spelling
from graphlink.workspace.knowledge import ACCOUNT, Knowledge, Organisation, pointers_of
from graphlink.workspace.parameters import OrganisationRules
from graphlink.workspace.paths import Reach, Step, reach_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphlink.storage.tables import Tables


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An account that may be linked to an organisation.

    Attributes:
        account_id: The account.
        organisation: The organisation.
        probability: Probability that it is the organisation's.
        by_evidence: The same without hints; 0 where there are only hints.
        is_known: Whether the account itself is known to be the organisation's.
        path: From what is known to the account; empty where it is known or only hinted at.
        hints: What people say of it.
        against: What speaks against it, in sentences.
        is_declared: Whether the organisation is openly a customer.
        cluster_id: Its cluster; None outside one.
    """

    account_id: str
    organisation: str
    probability: float
    by_evidence: float
    is_known: bool
    path: tuple[Step, ...]
    hints: tuple[Knowledge, ...]
    against: tuple[str, ...]
    is_declared: bool
    cluster_id: str | None


@dataclass(frozen=True, slots=True)
class LinkedCluster:
    """A cluster that may be linked to an organisation.

    Attributes:
        cluster_id: The cluster.
        organisation: The organisation.
        probability: Probability that it is the organisation's: of its surest account, and that one
            organisation has the cluster.
        n_accounts: Its accounts.
        n_known: Of them, those known to be the organisation's.
        n_likely: Of them, those that are likelier linked than not.
        strongest: The account that links it.
        is_declared: Whether the organisation is openly a customer.
    """

    cluster_id: str
    organisation: str
    probability: float
    n_accounts: int
    n_known: int
    n_likely: int
    strongest: str
    is_declared: bool


@dataclass(frozen=True)
class LinkedTo:
    """What a result says of an organisation.

    Attributes:
        organisation: The organisation.
        accounts: Accounts that may be linked to it, the most probable first, those known at the end.
        clusters: Clusters that may be, the most probable first.
        not_used: What was known and not used, with the reason.
    """

    organisation: Organisation
    accounts: tuple[LinkedAccount, ...]
    clusters: tuple[LinkedCluster, ...]
    not_used: tuple[tuple[Knowledge, str], ...]

    @property
    def unknown(self) -> tuple[LinkedAccount, ...]:
        """The accounts that are not known yet, by rank."""
        return tuple(one for one in self.accounts if not one.is_known)


def link_organisation(
    result: Tables,
    organisation: Organisation,
    rules: OrganisationRules | None = None,
    spelling: Spelling = PLAIN,
) -> LinkedTo:
    """Link accounts and clusters to a known organisation.

    Args:
        result: A finished run.
        organisation: What is known.
        rules: How far the knowledge reaches.
        spelling: How values are spelled in the result.
    """
    rules = rules or OrganisationRules()
    pointers = pointers_of(result, organisation, spelling)
    hints = pointers.hints
    reach = reach_from(result, pointers.starts, rules)
    known = {one.value for one in organisation.known if one.what == ACCOUNT}
    objections = objections_of(result, {name: reach.path_to(name) for name in reach.probability}, rules)
    accounts = []
    for name in sorted({*reach.probability, *hints}):
        evidence = reach.probability.get(name, 0.0)
        evidence = 0.0 if name in objections.excluded else evidence
        probability = _with_hints(evidence, hints.get(name, ()), rules)
        if probability < rules.least_probability and name not in hints:
            continue
        accounts.append(
            LinkedAccount(
                name,
                organisation.name,
                probability,
                evidence,
                name in known,
                reach.path_to(name) if name not in known else (),
                tuple(hints.get(name, ())),
                objections.sentences.get(name, ()),
                organisation.is_declared,
                reach.cluster_of.get(name),
            )
        )
    accounts.sort(
        key=lambda one: (one.is_known, -one.probability, -reach.support[one.account_id], one.account_id)
    )
    return LinkedTo(organisation, tuple(accounts), _clusters_of(reach, accounts, rules), pointers.not_used)


def _with_hints(evidence: float, hints: Sequence[Knowledge], rules: OrganisationRules) -> float:
    """The probability by evidence, moved by the surest hint; a hint alone is bounded."""
    surest = max((one.confidence for one in hints), default=0.0)
    if evidence <= 0.0:
        return surest * rules.hint_alone
    if surest <= 0.0 or evidence >= rules.most_probable:
        return evidence
    odds: float = evidence / (1.0 - evidence) * 2.0 ** (rules.hint_bits * surest)
    return min(rules.most_probable, odds / (1.0 + odds))


def _clusters_of(
    reach: Reach, accounts: Sequence[LinkedAccount], rules: OrganisationRules
) -> tuple[LinkedCluster, ...]:
    by_cluster: dict[str, list[LinkedAccount]] = defaultdict(list)
    for one in accounts:
        if one.cluster_id is not None and one.by_evidence > 0.0:
            by_cluster[one.cluster_id].append(one)
    made = []
    for cluster, linked in by_cluster.items():
        n_known = sum(one.is_known for one in linked)
        best = max(
            linked, key=lambda one: (one.probability * reach.membership[one.account_id], one.account_id)
        )
        sure = best.probability * reach.membership[best.account_id]
        made.append(
            LinkedCluster(
                cluster,
                best.organisation,
                sure * reach.one[cluster],
                reach.n_accounts[cluster],
                n_known,
                sum(one.probability >= rules.likely_at for one in linked),
                best.account_id,
                best.is_declared,
            )
        )
    kept = [one for one in made if one.probability >= rules.least_probability]
    return tuple(sorted(kept, key=lambda one: (-one.probability, one.cluster_id)))


def declared_accounts(linked: Iterable[LinkedTo], rules: OrganisationRules | None = None) -> dict[str, str]:
    """The accounts of openly declared customers, with the organisation: a queue puts them last.

    Args:
        linked: What a result says of organisations.
        rules: From which probability an account counts.
    """
    rules = rules or OrganisationRules()
    declared: dict[str, tuple[float, str]] = {}
    for one in linked:
        if one.organisation.is_declared:
            for account in one.accounts:
                if account.by_evidence >= rules.likely_at:
                    best = declared.get(account.account_id, (0.0, ""))
                    declared[account.account_id] = max(best, (account.by_evidence, account.organisation))
    return {account: name for account, (_, name) in sorted(declared.items())}


def declared_clusters(linked: Iterable[LinkedTo], rules: OrganisationRules | None = None) -> dict[str, str]:
    """The clusters of which more than half of the accounts are openly declared, with the organisation."""
    rules = rules or OrganisationRules()
    return {
        cluster.cluster_id: cluster.organisation
        for one in linked
        if one.organisation.is_declared
        for cluster in one.clusters
        if 2 * cluster.n_likely > cluster.n_accounts
    }
