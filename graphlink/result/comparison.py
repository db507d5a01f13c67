"""What changed between two results: their clusters matched by the accounts they share.

A cluster goes on in a later one when the two share at least two accounts that are half of either. From these
arrows follow the changes, as in Greene, Doyle and Cunningham (2010): new and gone have no arrow, merged has
two that come in, split has two that go out. Of the rest, whoever joined is the news: a cluster that any
account joined has grown, however many left it. An operator whose old accounts drop out of the data while new
ones come in would otherwise pass for shrunk.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from graphlink.core.errors import ResultError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    import pyarrow as pa

    from graphlink.result.result import Result

STATUSES = ("new", "grown", "merged", "split", "shrunk", "same", "gone")
"""What may have become of a cluster, the most urgent first."""

_LEAST_SHARED = 2
_LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Move:
    """An account that is elsewhere than its cluster: None where it was or is in none.

    Attributes:
        account_id: The account.
        cluster_before: Its cluster in the earlier result.
        cluster_after: Its cluster in the later one.
        was_known: Whether the earlier result had the account at all.
    """

    account_id: str
    cluster_before: str | None
    cluster_after: str | None
    was_known: bool

    def as_dict(self) -> dict[str, Any]:
        """The move as plain values."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one cluster.

    Attributes:
        status: One of STATUSES.
        cluster_id: The cluster in the later result; of what is gone, in the earlier one.
        before: The earlier clusters that go on in it, the one that shares most first.
        after: The later clusters that it goes on in, itself included.
        n_joined: Accounts that were in none of `before`.
        n_left: Accounts of the first of `before` that are not in it, nor in what else it goes on in.
        moves: Accounts that were not in the first of `before`, and those that left it, by name.
    """

    status: str
    cluster_id: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    n_joined: int
    n_left: int
    moves: tuple[Move, ...]

    @property
    def joined(self) -> tuple[Move, ...]:
        """The accounts that are in it and were in none of the clusters that go on in it."""
        return tuple(
            move
            for move in self.moves
            if move.cluster_after == self.cluster_id and move.cluster_before not in self.before
        )

    def as_dict(self) -> dict[str, Any]:
        """The change as plain values."""
        return dataclasses.asdict(self)

    def sentence(self) -> str:
        """The change in words."""
        names = ", ".join(self.before)
        sentences = {
            "new": "New: no earlier cluster goes on in it.",
            "gone": "Gone: no cluster goes on from it.",
            "same": "The same accounts as before.",
            "merged": f"Merged from {names}.",
            "split": f"Split from {names}, which also went to "
            f"{', '.join(name for name in self.after if name != self.cluster_id)}.",
        }
        moved = f"{self.n_joined:,} joined, {self.n_left:,} left"
        named = f" (was {names})" if names and names != self.cluster_id else ""
        if self.status in ("merged", "split") and self.n_joined:
            return f"{sentences[self.status]} {self.n_joined:,} more joined."
        return sentences.get(self.status, f"{self.status.capitalize()}: {moved}{named}.")


def compare_clusters(before: pa.Table, after: pa.Table) -> dict[str, Change]:
    """Match the clusters of two results.

    Args:
        before: Table `membership` of the earlier result.
        after: That of the later one.

    Returns:
        Every cluster of the later result, and those of the earlier one that are gone, to what became of it.
        A cluster that is gone and whose id another cluster now has is listed under its id and " (before)".
    """
    place_before, place_after = _places(before), _places(after)
    known = set(before["account_id"].to_pylist())
    held_before, held_after = _held(place_before), _held(place_after)
    shared = _shared(place_before, place_after)
    arrows = [
        (n, b, a)
        for (b, a), n in shared.items()
        if n >= _LEAST_SHARED and n >= _LEAST_SHARE * min(len(held_before[b]), len(held_after[a]))
    ]
    incoming: dict[str, list[str]] = defaultdict(list)
    outgoing: dict[str, list[str]] = defaultdict(list)
    for _, b, a in sorted(arrows, key=lambda arrow: (-arrow[0], arrow[1], arrow[2])):
        incoming[a].append(b)
        outgoing[b].append(a)
    changes = {}
    for cluster, accounts in sorted(held_after.items()):
        sources = incoming.get(cluster, [])
        main = held_before[sources[0]] if sources else set()
        # What a split leaves elsewhere did not leave this cluster.
        left = (
            main - accounts - {a for to in outgoing.get(sources[0], []) for a in held_after[to]}
            if sources
            else set()
        )
        moves = tuple(
            Move(account, place_before.get(account), place_after.get(account), account in known)
            for account in sorted((accounts - main) | left)
        )
        targets = tuple(outgoing[sources[0]]) if sources else (cluster,)
        n_joined = len(accounts.difference(*(held_before[source] for source in sources)))
        status = _status(sources, targets, n_joined, len(left))
        changes[cluster] = Change(status, cluster, tuple(sources), targets, n_joined, len(left), moves)
    for cluster, accounts in sorted(held_before.items()):
        if cluster not in outgoing:
            moves = tuple(
                Move(account, cluster, place_after.get(account), True) for account in sorted(accounts)
            )
            name = cluster if cluster not in changes else f"{cluster} (before)"
            changes[name] = Change("gone", cluster, (cluster,), (), 0, len(accounts), moves)
    return changes


def _status(sources: list[str], targets: tuple[str, ...], n_joined: int, n_left: int) -> str:
    if not sources:
        return "new"
    if len(sources) > 1:
        return "merged"
    if len(targets) > 1:
        return "split"
    if n_joined:
        return "grown"
    return "shrunk" if n_left else "same"


def changes_since(
    membership: pa.Table, opened: Mapping[str, dt.datetime | None], since: dt.datetime
) -> dict[str, Change]:
    """What became of the clusters of one result since a moment, by when their accounts were opened.

    Without an earlier result nobody leaves, and clusters that merged or split look alike then and now.

    Args:
        membership: Table `membership`.
        opened: Account to when it was opened, or first seen where that is not known.
        since: Accounts opened at this moment or later joined.
    """
    changes = {}
    for cluster, accounts in sorted(_held(_places(membership)).items()):
        joined = {account for account in accounts if (at := opened.get(account)) is not None and at >= since}
        moves = tuple(Move(account, None, cluster, False) for account in sorted(joined))
        before = (cluster,) if joined != accounts else ()
        status = _status(list(before), (cluster,), len(joined), 0)
        changes[cluster] = Change(status, cluster, before, (cluster,), len(joined), 0, moves)
    return changes


def caveats_of(result: Result, earlier: Result) -> tuple[str, ...]:
    """What makes an earlier result hard to compare with, in sentences.

    Args:
        result: The later result.
        earlier: The earlier one.
    """
    notes = []
    before, after = (one.manifest.get("settings", {}) for one in (earlier, result))
    if any(before.get(name) != after.get(name) for name in ("model", "kinds", "parameters")):
        notes.append(
            "The earlier result is of other settings (model or kinds): accounts may have joined or left "
            "because of that."
        )
    names = [one.table("accounts", ["account_id"])["account_id"] for one in (earlier, result)]
    if len(names[1]) and not pc.any(pc.is_in(names[1], value_set=names[0])).as_py():
        notes.append("The two results have no account in common: every cluster is new, and that is no news.")
    return tuple(notes)


def moment_of(since: dt.datetime) -> dt.datetime:
    """A moment in UTC; one without a zone is taken as UTC, as everywhere.

    Raises:
        ResultError: In UTC it is before the year 1 or after 9999.
    """
    aware = since if since.tzinfo else since.replace(tzinfo=datetime.UTC)
    try:
        return aware.astimezone(datetime.UTC)
    except OverflowError:
        raise ResultError(f"since: {since.isoformat()} is no moment of the years 1 to 9999 in UTC") from None


def _places(membership: pa.Table) -> dict[str, str]:
    placed = membership.filter(pc.is_valid(membership["cluster_id"]))
    return dict(zip(placed["account_id"].to_pylist(), placed["cluster_id"].to_pylist(), strict=True))


def _held(places: dict[str, str]) -> dict[str, set[str]]:
    held: dict[str, set[str]] = defaultdict(set)
    for account, cluster in places.items():
        held[cluster].add(account)
    return dict(held)


def _shared(before: dict[str, str], after: dict[str, str]) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for account, cluster in after.items():
        if account in before:
            counts[before[account], cluster] += 1
    return dict(counts)


def counts_of(changes: Iterable[Change]) -> dict[str, int]:
    """How many clusters have each status, in the order of STATUSES."""
    statuses = [change.status for change in changes]
    return {status: statuses.count(status) for status in STATUSES if status in statuses}
