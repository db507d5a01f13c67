"""Groups of accounts before and after a change, and which of them became which."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

N_ACCOUNTS = 200


@dataclass(frozen=True, slots=True)
class Group:
    """A group of accounts, before or after.

    Attributes:
        name: Of a group before, its cluster; of one after, after-1 and so on, the largest first.
        n_accounts: Accounts in it.
        accounts: The first of them, in order.
        sources: Of a group after, the groups before that its accounts were in, those with most first.
        n_own: Of its accounts, those of the cluster examined.
    """

    name: str
    n_accounts: int
    accounts: tuple[str, ...]
    sources: tuple[str, ...]
    n_own: int


@dataclass(frozen=True, slots=True)
class Move:
    """Accounts that go from one group to another.

    Attributes:
        before: The group before; empty for accounts that were in none.
        after: The group after; empty for accounts that are in none.
        n_accounts: How many.
    """

    before: str
    after: str
    n_accounts: int


def groups_of(community: dict[str, int] | dict[str, str]) -> set[frozenset[str]]:
    """The accounts of each group."""
    groups: dict[int | str, set[str]] = {}
    for name, group in community.items():
        groups.setdefault(group, set()).add(name)
    return {frozenset(group) for group in groups.values()}


@dataclass(frozen=True, slots=True)
class Change:
    """The groups before that change, and what becomes of them.

    Attributes:
        before: They and the cluster itself, which is first.
        after: The groups that hold their accounts after, the largest first.
        moves: How many accounts go from which to which, in that order.
        named: Account to its group after, of the accounts in `after`.
    """

    before: tuple[Group, ...]
    after: tuple[Group, ...]
    moves: tuple[Move, ...]
    named: dict[str, str]


def compare_groups(cluster_id: str, before: dict[str, str], after: set[frozenset[str]]) -> Change:
    """Compare the groups before with those after."""
    groups: dict[str, set[str]] = {}
    for account, cluster in before.items():
        groups.setdefault(cluster, set()).add(account)
    moved = {name for name, group in groups.items() if frozenset(group) not in after} | {cluster_id}
    became = [
        group
        for group in after
        if {before.get(account) for account in group} & moved or group.isdisjoint(before)
    ]
    became.sort(key=lambda group: (-len(group), min(group)))
    first = sorted(moved, key=lambda name: (name != cluster_id, -len(groups[name]), name))
    own = groups[cluster_id]
    named = {account: f"after-{i}" for i, group in enumerate(became, 1) for account in group}
    return Change(
        tuple(_group(name, groups[name], (), own) for name in first),
        tuple(_group(f"after-{i}", group, _sources(group, before), own) for i, group in enumerate(became, 1)),
        _moves([name for one in first for name in groups[one]] + [*named], before, named, first),
        named,
    )


def _moves(
    accounts: list[str], before: dict[str, str], named: dict[str, str], first: list[str]
) -> tuple[Move, ...]:
    """How many accounts go from which group to which."""
    n = Counter((before.get(account, ""), named.get(account, "")) for account in set(accounts))
    place = {name: i for i, name in enumerate([*first, "", *dict.fromkeys(named.values())])}
    ordered = sorted(n, key=lambda move: (place[move[0]], not move[1], place[move[1]]))
    return tuple(Move(*move, n[move]) for move in ordered)


def _group(name: str, accounts: Collection[str], sources: tuple[str, ...], own: set[str]) -> Group:
    n_own = len(own.intersection(accounts))
    return Group(name, len(accounts), tuple(sorted(accounts)[:N_ACCOUNTS]), sources, n_own)


def _sources(group: frozenset[str], before: dict[str, str]) -> tuple[str, ...]:
    clusters = Counter(before[account] for account in group if account in before)
    return tuple(sorted(clusters, key=lambda name: (-clusters[name], name)))
