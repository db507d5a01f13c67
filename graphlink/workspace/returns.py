"""Accounts of decided lineages that came back, by two roads, and how many did.

In the run: the new account is in one cluster with accounts of the lineage. By the watch list: it holds what
was exclusive to the lineage, or is in one cluster with a new account that does.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pyarrow.compute as pc

from graphlink.core.organisations import ONE_ORGANISATION, probability_of_one
from graphlink.core.wording.figures import format_probability
from graphlink.kinds import shown
from graphlink.storage.arrow_values import rows_of
from graphlink.workspace.holdings import data_end, holdings_on, opened_since, texts
from graphlink.workspace.watch import combined_probability, hits_on

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from graphlink.storage.tables import Tables
    from graphlink.workspace.watch import DecidedLineage, Hit, WatchList

IN_THE_RUN = "run"
BY_WATCH_LIST = "watch_list"
THROUGH_CLUSTER = "watch_list_cluster"
ROADS = (IN_THE_RUN, BY_WATCH_LIST, THROUGH_CLUSTER)
"""How a return was noticed: clustered with decided accounts; by hits of its own; by hits of its cluster."""

NAMED, POSSIBLE = "named", "possible"
RATE_DAYS = (7, 30, 90)
"""After how many days the return rates of a decision are stated."""


@dataclass(frozen=True, slots=True)
class Return:
    """An account that may be a decided lineage's.

    Attributes:
        account_id: The account.
        lineage_id: The lineage.
        road: The first of ROADS that names it by itself, else the surest.
        probability: Probability that it is the lineage's, by the surest road.
        roads: Every road with its probability.
        opened_at: When it was opened, or first seen; None of an older account.
        hits: What it holds of the watch list, the weightiest first.
        cluster_id: Its cluster; None outside one.
        state: `named`, or `possible` where the probability is not enough for that.
        is_older: Whether it was opened before the decision and came to watched values since: it may be bought
            or missed, and is never named.
    """

    account_id: str
    lineage_id: str
    road: str
    probability: float
    roads: tuple[tuple[str, float], ...]
    opened_at: dt.datetime | None
    hits: tuple[Hit, ...]
    cluster_id: str | None
    state: str
    is_older: bool

    @property
    def is_named(self) -> bool:
        """Whether it is named as a return."""
        return self.state == NAMED

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is said of it, and by what, in sentences."""
        first = return_sentence(self.account_id, self.lineage_id, self)
        older = (older_sentence(self.account_id),) if self.is_older else ()
        return (first, *older, *(f"It {hit.sentence}." for hit in self.hits))


class Stated(Protocol):
    """How a return is known, how surely, and by which cluster."""

    @property
    def road(self) -> str:
        """The first of ROADS that names it."""

    @property
    def probability(self) -> float:
        """Probability that it is a return."""

    @property
    def cluster_id(self) -> str | None:
        """Its cluster; None outside one."""

    @property
    def is_named(self) -> bool:
        """Whether it is named."""


def return_sentence(account_id: str, lineage_id: str, stated: Stated) -> str:
    """State of an account that it is a return, how likely, and how that is known."""
    likely = "likely" if stated.is_named else "possibly"
    how = {
        IN_THE_RUN: f"it is in cluster {stated.cluster_id} with accounts of the decision",
        BY_WATCH_LIST: "it holds what was exclusive to the decision",
        THROUGH_CLUSTER: f"new accounts of its cluster {stated.cluster_id} hold what was exclusive to it",
    }[stated.road]
    p = format_probability(stated.probability)
    return f"{shown(account_id)} is {likely} a return of {shown(lineage_id)}, probability {p}: {how}."


def older_sentence(account_id: str) -> str:
    """State of an account that it was there before the decision."""
    return f"{shown(account_id)} was open before the decision: it may be bought or missed."


@dataclass(frozen=True, slots=True)
class ReturnRate:
    """How much of a decided lineage was back within some days after the decision.

    Attributes:
        lineage_id: The lineage.
        days: Within how many days.
        n_decided: Accounts of the decision.
        n_back: Accounts opened since and named.
        share_back: Their number for each decided account; above 1 when more came back.
        volume_before: Observations of the decided accounts in as many days before the decision.
        volume_back: Observations of those that are back, until the days are over.
        is_over: Whether the data reach to the end of these days; until then the figures grow.
    """

    lineage_id: str
    days: int
    n_decided: int
    n_back: int
    volume_before: int
    volume_back: int
    is_over: bool

    @property
    def share_back(self) -> float:
        """Accounts that are back for each decided account."""
        return self.n_back / self.n_decided if self.n_decided else 0.0

    @property
    def volume_share(self) -> float | None:
        """Volume that is back for the volume before; None without any before."""
        return self.volume_back / self.volume_before if self.volume_before else None


def find_returns(
    result: Tables,
    watch_list: WatchList,
    decided: Sequence[DecidedLineage],
    cleared: Collection[str] = (),
) -> tuple[Return, ...]:
    """Find the accounts opened since a decision that may be the lineage's, the surest first.

    Older accounts that came to watched values since the decision are listed as possible and never named. Of
    several lineages an account is the one's that is likeliest. Accounts of any decision are no returns.

    Args:
        result: The run that the watch list was sized from.
        watch_list: The watch list.
        decided: The decided lineages.
        cleared: Accounts that are not to be named, such as after an appeal.
    """
    if not decided:
        return ()
    known = {account for one in decided for account in one.accounts}
    opened = opened_since(result, min(one.decided_at for one in decided))
    new = {account: at for account, at in opened.items() if account not in known and account not in cleared}
    since = {one.lineage_id: one.decided_at for one in decided}
    rules = watch_list.rules
    hits, older = _hits_since(result, watch_list, since, new, {*known, *cleared})
    clusters = _Clusters.of(result, {*new, *known})
    found = []
    for lineage in decided:
        own = hits[lineage.lineage_id]
        roads: dict[str, dict[str, float]] = defaultdict(dict)
        for account, its in own.items():
            roads[account][BY_WATCH_LIST] = combined_probability(its)
        for account, road, probability in clusters.by_cluster(lineage, new, own):
            roads[account][road] = probability
        for account, by_road in roads.items():
            probability = max(by_road.values())
            if probability < rules.possible_at:
                continue
            is_named = probability >= rules.named_at
            found.append(
                Return(
                    account,
                    lineage.lineage_id,
                    _road_of(by_road, rules.named_at),
                    probability,
                    tuple((name, by_road[name]) for name in ROADS if name in by_road),
                    new[account],
                    tuple(own.get(account, ())),
                    clusters.cluster_of.get(account),
                    NAMED if is_named else POSSIBLE,
                    False,
                )
            )
        found += _older(lineage.lineage_id, older[lineage.lineage_id], clusters, rules.possible_at)
    return _likeliest(found)


_HitsByLineage = dict[str, dict[str, list["Hit"]]]


def _hits_since(
    result: Tables,
    watch_list: WatchList,
    since: Mapping[str, dt.datetime],
    new: Mapping[str, dt.datetime],
    others: Collection[str],
) -> tuple[_HitsByLineage, _HitsByLineage]:
    """The hits of accounts that were opened since a decision, and those of older ones that came since.

    Args:
        result: A finished run.
        watch_list: The watch list.
        since: Lineage to when it was decided.
        new: Account to when it was opened, of those opened since the first decision.
        others: Accounts that are no returns, whatever they hold.
    """
    hits: _HitsByLineage = {name: defaultdict(list) for name in since}
    older: _HitsByLineage = {name: defaultdict(list) for name in since}
    entries = watch_list.by_identifier()
    for hit in hits_on(entries, holdings_on(result, entries), watch_list.rules.least_weight):
        account, decided_at = hit.account_id, since.get(hit.watched.lineage_id)
        if decided_at is None or account in others:
            continue
        if account in new and new[account] >= decided_at:
            hits[hit.watched.lineage_id][account].append(hit)
        elif hit.seen_at is not None and hit.seen_at >= decided_at:
            older[hit.watched.lineage_id][account].append(hit)
    return hits, older


def _older(
    lineage_id: str, hits: Mapping[str, Sequence[Hit]], clusters: _Clusters, possible_at: float
) -> Iterable[Return]:
    """Accounts that were there before the decision and came to hold watched values since: never named.

    They may be accounts that the lineage bought, members whom the decision missed, or people whom a value was
    given to.
    """
    for account, own in hits.items():
        probability = combined_probability(own)
        if probability >= possible_at:
            road = ((BY_WATCH_LIST, probability),)
            cluster = clusters.cluster_of.get(account)
            yield Return(
                account,
                lineage_id,
                BY_WATCH_LIST,
                probability,
                road,
                None,
                tuple(own),
                cluster,
                POSSIBLE,
                True,
            )


def _road_of(by_road: Mapping[str, float], named_at: float) -> str:
    """The first road that names the account by itself, else the surest."""
    enough = [road for road in ROADS if by_road.get(road, 0.0) >= named_at]
    return enough[0] if enough else max(by_road, key=lambda road: by_road[road])


def _likeliest(found: Iterable[Return]) -> tuple[Return, ...]:
    best: dict[str, Return] = {}
    for one in sorted(found, key=lambda one: (-one.probability, one.account_id, one.lineage_id)):
        best.setdefault(one.account_id, one)
    return tuple(best.values())


@dataclass(frozen=True)
class _Clusters:
    """The clusters of a run in which there are decided or new accounts.

    Attributes:
        cluster_of: Account to its cluster.
        membership: Account to the probability that it belongs to its cluster.
        members: Cluster to its accounts.
        one: Cluster to the probability that one organisation has its accounts, openly or not.
    """

    cluster_of: Mapping[str, str]
    membership: Mapping[str, float]
    members: Mapping[str, Sequence[str]]
    one: Mapping[str, float]

    @classmethod
    def of(cls, result: Tables, accounts: Collection[str]) -> _Clusters:
        table = result.table("membership", ["account_id", "cluster_id", "probability"])
        table = table.filter(pc.is_valid(table["cluster_id"]))
        wanted = table.filter(pc.is_in(table["account_id"], value_set=texts(accounts)))["cluster_id"]
        rows = rows_of(table.filter(pc.is_in(table["cluster_id"], value_set=wanted)))
        members: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            members[row["cluster_id"]].append(row["account_id"])
        columns = ["cluster_id", *ONE_ORGANISATION]
        clusters: list[dict[str, Any]] = rows_of(
            result.table("clusters", columns, {"cluster_id": sorted(members)})
        )
        return cls(
            {row["account_id"]: row["cluster_id"] for row in rows},
            {row["account_id"]: row["probability"] for row in rows},
            members,
            {row["cluster_id"]: probability_of_one(row) or 0.0 for row in clusters},
        )

    def by_cluster(
        self, lineage: DecidedLineage, new: Mapping[str, dt.datetime], hits: Mapping[str, Sequence[Hit]]
    ) -> Iterable[tuple[str, str, float]]:
        """New accounts that are a lineage's by their cluster: account, road, probability.

        The cluster is the lineage's where at least half of its accounts that are not new are decided: else it
        is another one that some of them are in. Without decided accounts it is by the hits of its new ones,
        each as far as the account belongs to it. An account of such a cluster is the lineage's if one
        organisation has the cluster and it belongs to it; if not, as often as the others are.

        Args:
            lineage: The lineage.
            new: Account to when it was opened, of those opened since the first decision.
            hits: Account to its hits on the lineage.
        """
        held = lineage.accounts.union(hits)
        for cluster in sorted({self.cluster_of[account] for account in held if account in self.cluster_of}):
            members = self.members[cluster]
            old = [account for account in members if account not in new]
            n_decided = sum(account in lineage.accounts for account in old)
            if n_decided:
                road, of_lineage = IN_THE_RUN, float(2 * n_decided >= len(old))
            else:
                road = THROUGH_CLUSTER
                of_lineage = combined_probability(
                    dataclasses.replace(hit, weight=hit.weight * self.membership[account])
                    for account in members
                    for hit in hits.get(account, ())
                )
            by_hits = {account: combined_probability(hits[account]) for account in members if account in hits}
            others = n_decided + math.fsum(by_hits.values())
            for account in members:
                if account not in new or new[account] < lineage.decided_at:
                    continue
                share = (others - by_hits.get(account, 0.0)) / (len(members) - 1)
                one = self.one[cluster]
                yield account, road, of_lineage * (one * self.membership[account] + (1.0 - one) * share)


class Back(NamedTuple):
    """An account that was named as a return: account, lineage, and when it was opened."""

    account_id: str
    lineage_id: str
    opened_at: dt.datetime | None


def return_rates(
    result: Tables,
    decided: Sequence[DecidedLineage],
    returns: Iterable[Return],
    earlier: Iterable[Back] = (),
) -> tuple[ReturnRate, ...]:
    """State how much of each lineage was back within 7, 30 and 90 days after its decision.

    Args:
        result: The run that the returns were found in.
        decided: The decided lineages.
        returns: Their returns; those that are named count.
        earlier: Returns that were named in earlier runs and are no longer found, such as accounts that a
            later decision is about.
    """
    named: dict[str, dict[str, Back]] = defaultdict(dict)
    for one in (*earlier, *(Back(r.account_id, r.lineage_id, r.opened_at) for r in returns if r.is_named)):
        named[one.lineage_id][one.account_id] = one
    end = data_end(result)
    rates = []
    for lineage in decided:
        back = named[lineage.lineage_id].values()
        accounts = {*lineage.accounts, *(one.account_id for one in back)}
        seen = result.table("observations", ["account_id", "seen_at", "n"], {"account_id": sorted(accounts)})
        for days in RATE_DAYS:
            spell = dt.timedelta(days=days)
            over = lineage.decided_at + spell
            within = [one.account_id for one in back if one.opened_at is not None and one.opened_at < over]
            rates.append(
                ReturnRate(
                    lineage.lineage_id,
                    days,
                    len(lineage.accounts),
                    len(within),
                    _volume(seen, lineage.accounts, (lineage.decided_at - spell, lineage.decided_at)),
                    _volume(seen, within, (lineage.decided_at, over)),
                    end is not None and end >= over,
                )
            )
    return tuple(rates)


def _volume(seen: Any, accounts: Collection[str], spell: tuple[dt.datetime, dt.datetime]) -> int:
    first, last = spell
    is_theirs = pc.is_in(seen["account_id"], value_set=texts(accounts))
    is_then = pc.and_(pc.greater_equal(seen["seen_at"], first), pc.less(seen["seen_at"], last))
    return int(pc.sum(seen.filter(pc.and_(is_theirs, is_then))["n"]).as_py() or 0)
