"""Lineages: names that stay with a group of accounts across runs, however its clusters change.

A lineage is matched by its *last known* members, those of the last run that had it, however long ago. An
arrow goes from a lineage to a cluster when they share at least two accounts and half of the smaller (as in
Greene, Doyle and Cunningham 2010). Arrows are taken by the accounts shared, the most first; each lineage
gives its number to one cluster and each cluster takes one. What remains is named: a cluster with arrows but
no number is *split* off, a lineage whose accounts went into another's cluster is *merged* into that one, a
cluster without arrow is *born*. Numbers are never reused, and a lineage without a cluster is kept: it may
form again.

Two accounts alone get no number until a second run has them: households come and go, and make most births.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection, Iterable, Mapping

BORN, PENDING, SAME = "born", "pending", "same"
GROWN, SHRUNK, MERGED, SPLIT = "grown", "shrunk", "merged", "split"
REFORMED, REGROWN, GONE = "re-formed", "regrown", "gone"
CHANGES = (REGROWN, REFORMED, MERGED, SPLIT, BORN, GROWN, SHRUNK, SAME, PENDING)
"""What may have become of a cluster's lineage, the most urgent first."""

_LEAST_SHARED = 2  # accounts
_LEAST_SHARE = 0.5  # of the smaller


class Lineage(NamedTuple):
    """A lineage before a run.

    Attributes:
        number: Its number, the 417 of K-417.
        members: Its last known members.
        is_present: Whether the last accepted run had a cluster of it.
        merged_into: The lineage that it was merged into, if any.
    """

    number: int
    members: frozenset[str]
    is_present: bool = True
    merged_into: int | None = None


class Placement(NamedTuple):
    """The lineage of a cluster.

    Attributes:
        cluster_id: The cluster, of one result.
        lineage: The number of its lineage; None while it is pending.
        change: One of CHANGES.
        n_accounts: Its accounts.
        n_joined: Accounts that were in no lineage that goes on in it.
        n_left: Last known members that are neither in it nor in what was split off.
        n_shared: Last known members in it.
        jaccard: Shared accounts over those of either; 0 without a lineage before.
    """

    cluster_id: str
    lineage: int | None
    change: str
    n_accounts: int
    n_joined: int
    n_left: int
    n_shared: int
    jaccard: float


class LineageEvent(NamedTuple):
    """What became of a lineage in a run.

    Attributes:
        kind: `born`, `merged` (into `other`), `split` (from `other`), `re-formed`, `regrown` or `gone`.
        lineage: The lineage.
        other: The other lineage, if any.
        n_shared: Accounts that the lineage shares with the cluster of the run.
    """

    kind: str
    lineage: int
    other: int | None
    n_shared: int


class Lifetimes(NamedTuple):
    """When accounts were opened, or first seen, and when those that are closed were."""

    opened: Mapping[str, datetime.datetime]
    closed: Mapping[str, datetime.datetime]


class Assignment(NamedTuple):
    """Placements in order of the clusters, events in order of the lineages, and the next number."""

    placements: tuple[Placement, ...]
    events: tuple[LineageEvent, ...]
    next_number: int


class _Arrow(NamedTuple):
    lineage: Lineage
    cluster_id: str
    n_shared: int


class _Claims(NamedTuple):
    """The arrows to each cluster, and the lineage whose number it takes."""

    incoming: Mapping[str, list[_Arrow]]
    taken: Mapping[str, Lineage]


class _Run(NamedTuple):
    """The accounts of each cluster of a run, and the number of its lineage."""

    clusters: Mapping[str, frozenset[str]]
    placed: Mapping[str, int | None]


class _Related(NamedTuple):
    """Lineages that others were split from, or merged into, in this run."""

    parted: Collection[int | None]
    joined: Collection[int | None]


def assign_lineages(
    lineages: Iterable[Lineage],
    clusters: Mapping[str, frozenset[str]],
    next_number: int,
    pending: Collection[frozenset[str]] = (),
    lifetimes: Lifetimes | None = None,
) -> Assignment:
    """Give each cluster of a run its lineage.

    Args:
        lineages: All lineages before the run.
        clusters: The accounts of each cluster, by its id; disjoint.
        next_number: The number of the next lineage that is born.
        pending: Clusters of two accounts of the last accepted run that had no lineage.
        lifetimes: When accounts were opened and closed.
    """
    known = {one.number: one for one in lineages}
    arrows = _arrows(known.values(), clusters)
    claims = _claims(arrows)
    placed, begun = _place(clusters, claims, pending, next_number)
    events = [*begun, *_events_of_known(known, arrows, placed)]
    related = _Related(
        {event.other for event in events if event.kind == SPLIT},
        {event.other for event in events if event.kind == MERGED},
    )
    run = _Run(clusters, placed)
    placements = [_placement(cluster_id, run, claims, related) for cluster_id in placed]
    placements = [
        one._replace(change=REGROWN)
        if _is_regrown(one, known, clusters[one.cluster_id], lifetimes or Lifetimes({}, {}))
        else one
        for one in placements
    ]
    events += [
        LineageEvent(REGROWN, one.lineage, None, one.n_shared)
        for one in placements
        if one.change == REGROWN and one.lineage is not None
    ]
    return Assignment(
        tuple(sorted(placements)),
        tuple(sorted(events, key=lambda one: (one.lineage, one.kind, one.other or 0))),
        next_number + len(begun),
    )


def _place(
    clusters: Mapping[str, frozenset[str]],
    claims: _Claims,
    pending: Collection[frozenset[str]],
    next_number: int,
) -> tuple[dict[str, int | None], list[LineageEvent]]:
    """The number of each cluster's lineage, and which lineages begin; a pair waits until it is seen again."""
    placed: dict[str, int | None] = {}
    begun: list[LineageEvent] = []
    for cluster_id in sorted(clusters, key=lambda one: min(clusters[one])):
        members, sources = clusters[cluster_id], claims.incoming[cluster_id]
        if cluster_id in claims.taken:
            placed[cluster_id] = claims.taken[cluster_id].number
        elif not sources and len(members) == _LEAST_SHARED and members not in pending:
            placed[cluster_id] = None
        else:
            number = placed[cluster_id] = next_number + len(begun)
            other, n_shared = (sources[0].lineage.number, sources[0].n_shared) if sources else (None, 0)
            begun.append(LineageEvent(SPLIT if sources else BORN, number, other, n_shared))
    return placed, begun


def _arrows(known: Iterable[Lineage], clusters: Mapping[str, frozenset[str]]) -> list[_Arrow]:
    """All arrows, in the order in which they are taken."""
    place = {account: cluster_id for cluster_id, members in clusters.items() for account in members}
    arrows = []
    for lineage in known:
        shared: dict[str, int] = defaultdict(int)
        for account in lineage.members:
            if account in place:
                shared[place[account]] += 1
        arrows += [
            _Arrow(lineage, cluster_id, n)
            for cluster_id, n in shared.items()
            if n >= max(_LEAST_SHARED, _LEAST_SHARE * min(len(lineage.members), len(clusters[cluster_id])))
        ]
    return sorted(
        arrows,
        key=lambda one: (
            -one.n_shared,
            not one.lineage.is_present,
            one.lineage.number,
            min(clusters[one.cluster_id]),
        ),
    )


def _claims(arrows: Iterable[_Arrow]) -> _Claims:
    """All arrows of each cluster, and the number that it takes: each lineage gives its number once."""
    incoming: dict[str, list[_Arrow]] = defaultdict(list)
    taken: dict[str, Lineage] = {}
    given: set[int] = set()
    for arrow in arrows:
        incoming[arrow.cluster_id].append(arrow)
        if arrow.cluster_id not in taken and arrow.lineage.number not in given:
            taken[arrow.cluster_id] = arrow.lineage
            given.add(arrow.lineage.number)
    return _Claims(incoming, taken)


def _events_of_known(
    known: Mapping[int, Lineage], arrows: Iterable[_Arrow], placed: Mapping[str, int | None]
) -> list[LineageEvent]:
    """What became of the lineages that were there."""
    first: dict[int, _Arrow] = {}
    for arrow in arrows:
        first.setdefault(arrow.lineage.number, arrow)
    given = {number for number in placed.values() if number in known}
    events = []
    for number, lineage in known.items():
        into = placed[first[number].cluster_id] if number in first else None
        n_shared = first[number].n_shared if number in first else 0
        if number in given:
            if not lineage.is_present:
                events.append(LineageEvent(REFORMED, number, lineage.merged_into, n_shared))
        elif into is not None:
            if into != lineage.merged_into:
                events.append(LineageEvent(MERGED, number, into, n_shared))
        elif lineage.is_present:
            events.append(LineageEvent(GONE, number, None, 0))
    return events


def _placement(cluster_id: str, run: _Run, claims: _Claims, related: _Related) -> Placement:
    own, sources = claims.taken.get(cluster_id), claims.incoming[cluster_id]
    members, number = run.clusters[cluster_id], run.placed[cluster_id]
    before = own.members if own else frozenset[str]()
    shared = len(members & before)
    joined = members.difference(*(arrow.lineage.members for arrow in sources))
    elsewhere = {
        account
        for other, at in run.placed.items()
        if own and own.number in related.parted and at is not None and other != cluster_id
        for account in run.clusters[other] & before
    }
    n_left = len(before - members - elsewhere)
    return Placement(
        cluster_id,
        number,
        _change(number, own, sources, related, (len(joined), n_left)),
        len(members),
        len(joined),
        n_left,
        shared,
        shared / len(members | before),
    )


def _change(
    number: int | None,
    own: Lineage | None,
    sources: list[_Arrow],
    related: _Related,
    moved: tuple[int, int],
) -> str:
    n_joined, n_left = moved
    if own is None:
        return PENDING if number is None else SPLIT if sources else BORN
    if not own.is_present:
        return REFORMED
    if own.number in related.joined:
        return MERGED
    if own.number in related.parted:
        return SPLIT
    if n_joined:
        return GROWN
    return SHRUNK if n_left else SAME


def _is_regrown(
    placement: Placement, known: Mapping[int, Lineage], members: frozenset[str], lifetimes: Lifetimes
) -> bool:
    """Whether most of a lineage was closed, and accounts joined that were opened after the first closing."""
    lineage = known.get(placement.lineage) if placement.lineage is not None else None
    if lineage is None:
        return False
    closed = [lifetimes.closed[account] for account in lineage.members if account in lifetimes.closed]
    if 2 * len(closed) <= len(lineage.members):
        return False
    return any(
        lifetimes.opened[account] > min(closed)
        for account in members - lineage.members
        if account in lifetimes.opened
    )
