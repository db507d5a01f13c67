"""The page of one cluster in the report, and its entry in the index."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphlink.core import wording
from graphlink.core.organisations import OPENLY
from graphlink.kinds import shown
from graphlink.report.joined import joined_of, returns_of
from graphlink.report.model import LOOK, OPEN, STRONG, WEAK, Entry, Page, Reason
from graphlink.report.page_rows import fact_rows, member_row, reason_row, signal_row, tie_row
from graphlink.report.page_sentences import (
    against_sentences,
    change_sentences,
    collateral_sentences,
    confidence_sentences,
    dependency_sentences,
)
from graphlink.report.picture import draw_picture
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.explanations import Joined
    from graphlink.explanations.priority import Priority
    from graphlink.explanations.returns import Returns
    from graphlink.report.blocks import ClusterTables
    from graphlink.result.comparison import Change

_MOST_TIES = 60
_MOST_MOVES = 500
_N_SPARKS = 30
_EPOCH = datetime.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Context:
    """What is the same for every page.

    Attributes:
        threshold: Least probability of a core member, from the run's settings.
        first: First moment of the data.
        last: Last moment of the data.
        changes: Cluster to what became of it since the earlier result; empty without one.
        searched: Clusters that are searched for what would break them.
        since: The moment that `changes` counts from; None where they are of an earlier result.
        caveats: What makes an earlier result hard to compare with, in sentences.
        priorities: Cluster to its place in the order.
        scale: First and last day of the bulk of the data, which small drawings span; None for all of it.
        lineages: Cluster to its lineage, where the result is one of a workspace.
    """

    threshold: float
    first: datetime.datetime | None
    last: datetime.datetime | None
    changes: Mapping[str, Change]
    searched: frozenset[str] = frozenset()
    since: datetime.datetime | None = None
    caveats: tuple[str, ...] = ()
    priorities: Mapping[str, Priority] = field(default_factory=dict)
    scale: tuple[datetime.date, datetime.date] | None = None
    lineages: Mapping[str, str] = field(default_factory=dict)


def probability_of(cluster: Mapping[str, Any]) -> float:
    """The probability that one organisation operates a cluster, by its row of `clusters`."""
    stated = cluster.get("p_same_operator")
    return float(cluster["score"] if stated is None else stated)


def lead_of(cluster: Mapping[str, Any], threshold: float) -> str:
    """How much to make of a cluster, by the rules of `LEADS`."""
    if cluster["hypothesis"] == OPENLY:
        return OPEN
    if cluster["hypothesis"] != "same_operator":
        return WEAK
    if cluster.get("also_explained_by"):
        return LOOK
    if probability_of(cluster) < threshold:
        return WEAK
    return STRONG if "," in cluster["facets"] else LOOK


def make_page(tables: ClusterTables, rank: int, context: Context) -> Page:
    """Make the page of a cluster."""
    change = context.changes.get(tables.cluster["cluster_id"])
    bits = tables.ties["bits"].to_pylist()
    ties = tuple(tie_row(row, bits) for row in rows_of(tables.ties.slice(0, _MOST_TIES)))
    reasons = tuple(reason_row(row) for row in rows_of(tables.reasons))
    days = _days(tables)
    members = rows_of(tables.members)
    is_constrained = tables.cluster["n_constrained"] > 0
    moves = tuple(move.as_dict() for move in change.moves[:_MOST_MOVES]) if change else ()
    joined = joined_of(tables, change)
    returns = returns_of(tables, joined, (context.first, context.last))
    entry = _entry(tables, rank, context, (reasons, days, joined, returns))
    return Page(
        entry,
        wording.finding_of(tables.cluster).claim,
        context.priorities[entry.cluster_id].sentence,
        tuple(confidence_sentences(tables.cluster, entry)),
        tuple(against_sentences(tables, entry, ties)),
        tuple(dependency_sentences(tables, ties, entry, is_searched=entry.cluster_id in context.searched)),
        tuple(collateral_sentences(tables, ties, members)),
        change_sentences(change, returns),
        tuple(member_row(row, is_constrained=is_constrained) for row in members if row["role"] == "core"),
        tuple(member_row(row, is_constrained=is_constrained) for row in members if row["role"] != "core"),
        ties,
        max(0, tables.ties.num_rows - _MOST_TIES),
        reasons,
        tuple(signal_row(row) for row in rows_of(tables.signals)),
        fact_rows(rows_of(tables.facts)),
        joined,
        moves,
        days,
        draw_picture(tables, ties, members),
    )


def _entry(
    tables: ClusterTables,
    rank: int,
    context: Context,
    derived: tuple[Sequence[Reason], Sequence[tuple[datetime.date, int]], Sequence[Joined], Returns],
) -> Entry:
    reasons, days, joined, returns = derived
    cluster = tables.cluster
    activity, n_before = _activity(days, context)
    change = context.changes.get(cluster["cluster_id"])
    priority = context.priorities[cluster["cluster_id"]]
    return Entry(
        rank=rank,
        cluster_id=cluster["cluster_id"],
        lineage=context.lineages.get(cluster["cluster_id"], ""),
        lead=lead_of(cluster, context.threshold),
        priority=priority.total,
        why_first=priority.phrase,
        status=change.status if change else "",
        probability=probability_of(cluster),
        n_accounts=cluster["n_accounts"],
        n_core=cluster["n_core"],
        n_fringe=cluster["n_accounts"] - cluster["n_core"],
        n_links=cluster["n_links"],
        n_joined=len(joined),
        n_news=sum(one.is_news for one in joined),
        n_soon_after=returns.n_soon_after,
        n_soon_after_by_chance=returns.by_chance,
        is_above_chance=returns.is_above_chance,
        returned=wording.returned_phrase(returns.lag_s, returns.n_within, returns.within_by_chance or 0.0)
        if returns.is_above_chance
        else "",
        n_left=change.n_left if change else 0,
        hypothesis=cluster["hypothesis"],
        also_explained_by=cluster.get("also_explained_by") or "",
        expected_by_chance=cluster.get("expected_by_chance"),
        fdr=cluster.get("fdr"),
        facets=_facets(tables),
        headline=_headline(reasons),
        first_seen=cluster["first_seen"],
        last_seen=cluster["last_seen"],
        activity=activity,
        n_before=n_before,
        row=cluster,
    )


def _facets(tables: ClusterTables) -> tuple[tuple[str, float], ...]:
    bits: dict[str, float] = {}
    facets, amounts = tables.ties["facet"].to_pylist(), tables.ties["bits"].to_pylist()
    for facet, amount in zip(facets, amounts, strict=True):
        if amount > 0:
            bits[facet] = bits.get(facet, 0.0) + amount
    total = math.fsum(bits.values()) or 1.0
    shares = [(facet, round(amount / total, 6)) for facet, amount in bits.items()]
    return tuple(sorted(shares, key=lambda share: (-share[1], share[0])))


def _headline(reasons: Sequence[Reason]) -> str:
    leading = [reason for reason in reasons if reason.kind and reason.bits > 0][:2]
    return "; ".join(_reason_words(reason) for reason in leading)


def _reason_words(reason: Reason) -> str:
    if reason.value:
        return f"{reason.n_accounts or 0:,} share {reason.kind.replace('_', ' ')} {shown(reason.value)}"
    return reason.detail or wording.behaviour_name(reason.kind)


def _days(tables: ClusterTables) -> tuple[tuple[datetime.date, int], ...]:
    return tuple(
        (_EPOCH + datetime.timedelta(days=day), n)
        for day, n in zip(tables.days["day"].to_pylist(), tables.days["n"].to_pylist(), strict=True)
    )


def _activity(days: Sequence[tuple[datetime.date, int]], context: Context) -> tuple[tuple[int, ...], int]:
    """Observations per equal interval of the bulk of the data, as for all clusters, and those before."""
    if not days or context.first is None or context.last is None:
        return (), 0
    first, last = context.scale or (context.first.date(), context.last.date())
    n_days = (last - first).days + 1
    counts = [0] * min(_N_SPARKS, n_days)
    for day, n in days:
        if day >= first:
            place = (day - first).days * len(counts) // n_days
            counts[min(place, len(counts) - 1)] += n
    return tuple(counts), sum(n for day, n in days if day < first)
