"""Groups of accounts before and after a change, and which of them became which."""

from __future__ import annotations

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


def groups_of(community: dict[str, int] | dict[str, str]) -> set[frozenset[str]]:
    """The accounts of each group."""
    groups: dict[int | str, set[str]] = {}
    for name, group in community.items():
        groups.setdefault(group, set()).add(name)
    return {frozenset(group) for group in groups.values()}


def compare_groups(
    cluster_id: str, before: dict[str, str], after: set[frozenset[str]]
) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """The groups before that change, the cluster itself first, and what becomes of them."""
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
    return (
        tuple(_group(name, groups[name], (), own) for name in first),
        tuple(_group(f"after-{i}", group, _sources(group, before), own) for i, group in enumerate(became, 1)),
    )


def _group(name: str, accounts: Collection[str], sources: tuple[str, ...], own: set[str]) -> Group:
    n_own = len(own.intersection(accounts))
    return Group(name, len(accounts), tuple(sorted(accounts)[:N_ACCOUNTS]), sources, n_own)


def _sources(group: frozenset[str], before: dict[str, str]) -> tuple[str, ...]:
    clusters = [before[account] for account in sorted(group) if account in before]
    return tuple(sorted(set(clusters), key=lambda name: (-clusters.count(name), name)))
