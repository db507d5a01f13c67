"""Paths from what is known to accounts, over links, exclusive values and clusters of one organisation.

A link counts as far as the clusters of the run bear it out. Between two clusters it is one that the run
weighed and did not take, so no path goes along it. A link to an account in no cluster ends the path, unless
that account is known itself: what is only linked to an account that is only linked is mostly its household.
And where such a link is by places and clients only, which join nobody to a cluster, it counts by how many of
the cluster the account is linked to: one stranger on one exit of an operator has one such link, an account of
it has several.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from graphlink.core.organisations import ONE_ORGANISATION, probability_of_one
from graphlink.kinds import KINDS, shown
from graphlink.kinds.facets import FACETS
from graphlink.storage.arrow_values import rows_of
from graphlink.workspace.holdings import Holding, Identifier, holdings_of, identifier_rows, texts
from graphlink.workspace.parameters import HalfLives

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from graphlink.storage.tables import Tables
    from graphlink.workspace.parameters import OrganisationRules

KNOWN_VALUE, LINK, SHARED_VALUE, CLUSTER = "known_value", "link", "shared_value", "cluster"
_ENDS = ("account_id_l", "account_id_r")
_NO_GROUND = {facet.name for facet in FACETS if not facet.ground}
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Start:
    """Where a path starts.

    Attributes:
        account_id: The account.
        identifier: The known value that it holds; None where the account itself is known.
        confidence: Probability that it is the organisation's.
    """

    account_id: str
    identifier: Identifier | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a path.

    Attributes:
        how: known_value (the account holds a value that is known), link, shared_value (both hold a value
            that is one operator's) or cluster (both are in one).
        start: Account that it comes from; None of the first step.
        end: Account that it leads to.
        kind: Kind of the identifier, or of the behaviour that supports the link most; empty of a cluster.
        value: The identifier; empty of a behaviour. Of a cluster its id.
        probability: Probability of the step.
    """

    how: str
    start: str | None
    end: str
    kind: str
    value: str
    probability: float

    @property
    def sentence(self) -> str:
        """The step in words."""
        value = f"{self.kind.replace('_', ' ')} {shown(self.value)}".strip()
        p = f"{self.probability:.2f}"
        if self.start is None:
            return f"{shown(self.end)} holds {value} ({p})"
        how = {LINK: f"is linked to it most by {value}", SHARED_VALUE: f"shares {value} with it"}
        words = how.get(self.how, f"is in {shown(self.value)} with it")
        return f"{shown(self.end)} {words} ({p})"


@dataclass
class Reach:
    """What paths lead to.

    Attributes:
        probability: Account to the probability of its best path.
        steps: Account to the last step of that path; those that are known have none.
        support: Account to the sum of the probabilities of its paths, by the account before it: for ranking.
        cluster_of: Account to its cluster.
        membership: Account to the probability that it belongs to its cluster.
        one: Cluster to the probability that one organisation has it.
        n_accounts: Cluster to its accounts.
    """

    probability: dict[str, float] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    support: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    cluster_of: dict[str, str] = field(default_factory=dict)
    membership: dict[str, float] = field(default_factory=dict)
    one: dict[str, float] = field(default_factory=dict)
    n_accounts: dict[str, int] = field(default_factory=dict)

    def path_to(self, account: str) -> tuple[Step, ...]:
        """The steps of the best path to an account; empty where it is known itself."""
        path: list[Step] = []
        at: str | None = account
        while at is not None and at in self.steps:
            path.append(self.steps[at])
            at = path[-1].start
        return tuple(reversed(path))


def reach_from(result: Tables, starts: Iterable[Start], rules: OrganisationRules) -> Reach:
    """Follow the best paths from what is known, at most as many steps as the rules allow.

    Args:
        result: A finished run.
        starts: Where paths start.
        rules: How far they go.
    """
    reach = Reach()
    for one in sorted(
        starts, key=lambda start: (-start.confidence, start.account_id, start.identifier or ())
    ):
        if one.confidence >= rules.least_probability and one.account_id not in reach.probability:
            reach.probability[one.account_id] = one.confidence
            reach.support[one.account_id] += one.confidence
            if one.identifier is not None:
                step = Step(KNOWN_VALUE, None, one.account_id, *one.identifier, one.confidence)
                reach.steps[one.account_id] = step
    _read_clusters(result, reach)
    known = set(reach.probability)
    frontier = set(known)
    for _ in range(rules.most_hops):
        steps = [
            *_by_links(result, frontier & known - reach.cluster_of.keys(), rules),
            *_by_cluster_links(result, reach, frontier & reach.cluster_of.keys(), rules),
            *_by_shared_values(result, frontier, rules),
            *_by_clusters(reach, frontier),
        ]
        improved = _improve(reach, steps, rules)
        frontier = {name for name in improved if name in known or name in reach.cluster_of}
        if not frontier:
            break
    _name_evidence(result, reach)
    return reach


def _improve(reach: Reach, steps: Sequence[Step], rules: OrganisationRules) -> set[str]:
    """Take the steps that make a path better; gives the accounts that they lead to."""
    improved: dict[str, Step] = {}
    best = dict(reach.probability)
    along: dict[tuple[str, str], float] = {}
    for step in sorted(steps, key=lambda one: (one.end, one.start or "", one.how, one.kind, one.value)):
        if step.start is None:
            continue
        probability = min(rules.most_probable, reach.probability[step.start] * step.probability)
        key = (step.start, step.end)
        along[key] = max(along.get(key, 0.0), probability)
        if probability >= rules.least_probability and probability > best.get(step.end, 0.0):
            best[step.end] = probability
            improved[step.end] = step
    for (_, end), probability in along.items():
        reach.support[end] += probability
    reach.probability.update({end: best[end] for end in improved})
    reach.steps.update(improved)
    return set(improved)


def _by_links(result: Tables, frontier: Collection[str], rules: OrganisationRules) -> Iterable[Step]:
    """Links of accounts in no cluster that are known themselves."""
    for start, end, probability in _links_of(result, frontier, rules):
        yield Step(LINK, start, end, "", "", probability)


def _by_cluster_links(
    result: Tables, reach: Reach, frontier: Collection[str], rules: OrganisationRules
) -> Iterable[Step]:
    """Links of accounts in clusters: to others of the cluster, and to accounts in no cluster."""
    clusters = {reach.cluster_of[account] for account in frontier}
    members = [account for account, cluster in reach.cluster_of.items() if cluster in clusters]
    outside: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for start, end, probability in _links_of(result, members, rules):
        cluster = reach.cluster_of.get(end)
        if cluster is None:
            outside[reach.cluster_of[start], end].append((start, probability))
        elif cluster == reach.cluster_of[start] and start in frontier:
            yield Step(LINK, start, end, "", "", probability)
    strongest = strongest_evidence(
        result, {_pair(start, end) for (_, end), links in outside.items() for start, _ in links}
    )
    for (_, end), links in outside.items():
        borne_out = len(links) / (len(links) + rules.chance_links)
        for start, probability in links:
            if start in frontier:
                by_place = _is_place(strongest.get(_pair(start, end), ("", ""))[0])
                yield Step(LINK, start, end, "", "", probability * (borne_out if by_place else 1.0))


def _links_of(
    result: Tables, accounts: Collection[str], rules: OrganisationRules
) -> Iterable[tuple[str, str, float]]:
    """The links of accounts, from each of them: account, other account, probability."""
    columns = [*_ENDS, "probability"]
    for near, far in (_ENDS, _ENDS[::-1]):
        for row in rows_of(result.table("links", columns, {near: sorted(accounts)})):
            if row["probability"] >= rules.least_probability:
                yield row[near], row[far], min(rules.most_probable, row["probability"])


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _is_place(kind: str) -> bool:
    """Whether strangers share it as they share places and clients; a behaviour and an open kind are none."""
    known = KINDS.get(kind)
    return known is not None and known.facet in _NO_GROUND


def _by_shared_values(result: Tables, frontier: Collection[str], rules: OrganisationRules) -> Iterable[Step]:
    """Instruments and secrets that the model takes for one operator's, however far apart in time."""
    mine: dict[Identifier, list[Holding]] = defaultdict(list)
    for one in holdings_of(result, frontier):
        if not _is_place(one.identifier.kind):
            mine[one.identifier].append(one)
    exclusive = {
        identifier: float(str(row["p_exclusive"]))
        for identifier, row in identifier_rows(result, list(mine)).items()
        if row["p_exclusive"] is not None and float(str(row["p_exclusive"])) >= rules.exclusive_from
    }
    if not exclusive:
        return
    half_lives = HalfLives()
    where = {name: sorted({getattr(one, name) for one in exclusive}) for name in ("kind", "value")}
    holders = pc.unique(result.table("observations", ["account_id", "kind", "value"], where)["account_id"])
    for other in holdings_of(result, holders.to_pylist()):
        if (p_exclusive := exclusive.get(other.identifier)) is None:
            continue
        half_life = getattr(half_lives, other.identifier.kind, half_lives.open)
        for own in mine[other.identifier]:
            if own.account_id != other.account_id:
                fade = 0.5 ** (_gap_days(own, other) / half_life)
                yield Step(
                    SHARED_VALUE, own.account_id, other.account_id, *other.identifier, p_exclusive * fade
                )


def _gap_days(one: Holding, other: Holding) -> float:
    """Days between the end of one holding and the beginning of the other; 0 where they overlap."""
    if one.first_seen is None or one.last_seen is None or other.first_seen is None or other.last_seen is None:
        return 0.0
    gap = max(one.first_seen - other.last_seen, other.first_seen - one.last_seen, dt.timedelta())
    return gap.total_seconds() / _DAY_S


def _read_clusters(result: Tables, reach: Reach) -> None:
    table = result.table("membership", ["account_id", "cluster_id", "probability"])
    table = table.filter(pc.is_valid(table["cluster_id"]))
    for row in rows_of(table):
        reach.cluster_of[row["account_id"]] = row["cluster_id"]
        reach.membership[row["account_id"]] = row["probability"]
        reach.n_accounts[row["cluster_id"]] = reach.n_accounts.get(row["cluster_id"], 0) + 1
    for row in rows_of(result.table("clusters", ["cluster_id", *ONE_ORGANISATION])):
        reach.one[row["cluster_id"]] = probability_of_one(row) or 0.0


def _by_clusters(reach: Reach, frontier: Collection[str]) -> Iterable[Step]:
    """From the surest account of each cluster to its others."""
    best: dict[str, tuple[float, str]] = {}
    for account in sorted(frontier):
        if (cluster := reach.cluster_of.get(account)) is not None:
            sure = reach.probability[account] * reach.membership[account]
            best[cluster] = max(best.get(cluster, (0.0, "")), (sure, account))
    for account, cluster in reach.cluster_of.items():
        if cluster in best and account != best[cluster][1]:
            start = best[cluster][1]
            both = reach.membership[start] * reach.membership[account]
            yield Step(CLUSTER, start, account, "", cluster, both * reach.one[cluster])


def _name_evidence(result: Tables, reach: Reach) -> None:
    """Give each link of a path the evidence that supports it most."""
    links = {
        _pair(step.start, step.end): step
        for step in reach.steps.values()
        if step.how == LINK and step.start is not None
    }
    strongest = strongest_evidence(result, links)
    for name, step in list(reach.steps.items()):
        if step.how == LINK and step.start is not None:
            kind, value = strongest.get(_pair(step.start, step.end), ("", ""))
            reach.steps[name] = Step(LINK, step.start, step.end, kind, value, step.probability)


def strongest_evidence(
    result: Tables, pairs: Collection[tuple[str, str]] | Mapping[tuple[str, str], object]
) -> dict[tuple[str, str], tuple[str, str]]:
    """The evidence that supports each of some pairs most, as (kind, value)."""
    if not pairs:
        return {}
    names = texts(name for pair in pairs for name in pair).to_pylist()
    columns = [*_ENDS, "kind", "value", "contribution_bits"]
    rows = rows_of(result.table("evidence", columns, dict.fromkeys(_ENDS, names)))
    best: dict[tuple[str, str], tuple[str, str]] = {}
    for row in sorted(rows, key=lambda row: (row["contribution_bits"], row["kind"], row["value"])):
        if (pair := (row["account_id_l"], row["account_id_r"])) in pairs:
            best[pair] = (row["kind"], row["value"])
    return best
