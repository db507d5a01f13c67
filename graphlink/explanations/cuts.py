"""Cuts of evidence: the smallest set of evidence items whose loss separates connected accounts.

A link holds while its bits are above a limit. Losing an item never strengthens a link, so a set of items
splits a cluster only if it removes a link of every tree that spans it: the search branches on the items of
one such tree, the one that rests on the fewest, and tries all sets of one item, then of two, and so on. A
search that is not finished is bounded by a minimum vertex cut between accounts and items (Even and Tarjan
1975), made minimal.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from graphlink.explanations.reweighing import EvidenceGraph

    Integers = NDArray[np.int64]
    Mask = NDArray[np.bool_]

_WORK = 20_000_000  # links examined, over all sets tried, before the search gives up
_MOST_SETS = 1_500
_MOST_SINKS = 24  # accounts that a minimum cut is computed for: those with the fewest items
_LARGEST_SET = 8


@dataclass(frozen=True, slots=True)
class Cut:
    """Items whose loss separates accounts.

    Attributes:
        items: The smallest set known, by number; empty when the accounts are not connected without any loss.
        n_proved: No set of so many items or fewer does it: all were tried.
    """

    items: tuple[int, ...]
    n_proved: int

    @property
    def is_exact(self) -> bool:
        """Whether there is no smaller set."""
        return len(self.items) <= self.n_proved + 1


def components_of(n: int, ends: Integers) -> Integers:
    """Per vertex the least vertex of its connected component."""
    label = np.arange(n)
    while True:
        least = np.minimum(label[ends[:, 0]], label[ends[:, 1]])
        before = label.copy()
        np.minimum.at(label, before[ends[:, 0]], least)
        np.minimum.at(label, before[ends[:, 1]], least)
        label = label[label]
        if np.array_equal(label, before):
            return label


def components_without(graph: EvidenceGraph, items: tuple[int, ...], least_bits: float) -> Integers:
    """Per account the least account of its component when these items are gone."""
    return components_of(len(graph.accounts), graph.ends[_holding_without(graph, items, least_bits)])


def single_cuts(graph: EvidenceGraph, least_bits: float) -> list[int]:
    """Every item whose loss alone separates the accounts."""
    holds = graph.bits > least_bits
    fallen = {item: _fallen(graph, item, holds, least_bits) for item in range(graph.n_items)}
    fallen = {item: links for item, links in fallen.items() if len(links)}
    is_fragile = np.zeros(len(holds), dtype=bool)
    for links in fallen.values():
        is_fragile[links] = True
    # What never falls by one loss is one vertex; only links between such vertices are examined again.
    groups = components_of(len(graph.accounts), graph.ends[holds & ~is_fragile])
    names, group = np.unique(groups, return_inverse=True)
    if len(names) == 1:
        return []
    fragile = np.flatnonzero(is_fragile)
    ends = group[graph.ends[fragile]]
    n_components = len(np.unique(components_of(len(names), ends)))
    cuts = []
    for item, links in fallen.items():
        left = ends[~np.isin(fragile, links)]
        if len(np.unique(components_of(len(names), left))) > n_components:
            cuts.append(item)
    return cuts


def least_split(graph: EvidenceGraph, least_bits: float, singles: Sequence[int] | None = None) -> Cut:
    """The fewest items whose loss separates the accounts of a graph.

    Args:
        graph: The evidence of the accounts.
        least_bits: A link holds above these bits.
        singles: The items whose loss alone does it, where `single_cuts` was asked already.
    """
    if _is_split(graph, (), least_bits):
        return Cut((), 0)
    singles = single_cuts(graph, least_bits) if singles is None else singles
    if singles:
        n_lost = {item: _n_separated(graph, (item,), least_bits) for item in singles}
        return Cut((max(singles, key=lambda item: (n_lost[item], -item)),), 0)
    bound = _bound(graph, least_bits)
    budget = _Budget(min(_MOST_SETS, _WORK // max(1, len(graph.bits))))
    for size in range(2, min(len(bound), _LARGEST_SET)):
        smallest = _search(graph, (), size, least_bits, budget)
        if smallest:
            return Cut(smallest, size - 1)
        if budget.is_spent:
            return Cut(bound, size - 1)
    return Cut(bound, min(len(bound), _LARGEST_SET) - 1)


def least_drop(graph: EvidenceGraph, account: int, least_bits: float) -> Cut:
    """The fewest items whose loss leaves an account of a graph without a link that holds."""
    if not len(_own_links(graph, account, (), least_bits)):
        return Cut((), 0)
    bound = _greedy_drop(graph, account, least_bits)
    budget = _Budget(_MOST_SETS)
    for size in range(1, min(len(bound), _LARGEST_SET)):
        smallest = _search_drop(graph, account, (), size, least_bits, budget)
        if smallest:
            return Cut(smallest, size - 1)
        if budget.is_spent:
            return Cut(bound, size - 1)
    return Cut(bound, min(len(bound), _LARGEST_SET) - 1)


class _Budget:
    """How many more sets may be tried, and which were."""

    def __init__(self, n: int) -> None:
        self._left = n
        self._seen: set[tuple[int, ...]] = set()

    @property
    def is_spent(self) -> bool:
        return self._left <= 0

    def takes(self, items: tuple[int, ...], depth: int) -> bool:
        """Whether a set is new at this depth and may be tried."""
        key = (depth, *sorted(items))
        if key in self._seen or self.is_spent:
            return False
        self._seen.add(key)
        self._left -= 1
        return True


def _holding_without(graph: EvidenceGraph, items: tuple[int, ...], least_bits: float) -> Mask:
    holds = graph.bits > least_bits
    if items:
        links, bits = graph.bits_without_items(items)
        holds[links] &= bits > least_bits
    return np.asarray(holds)


def _fallen(graph: EvidenceGraph, item: int, holds: Mask, least_bits: float) -> Integers:
    links, bits = graph.bits_without_items((item,))
    return links[holds[links] & (bits <= least_bits)]


def _is_split(graph: EvidenceGraph, items: tuple[int, ...], least_bits: float) -> bool:
    return bool(components_without(graph, items, least_bits).any())


def _n_separated(graph: EvidenceGraph, items: tuple[int, ...], least_bits: float) -> int:
    """Accounts outside the largest component."""
    components = components_without(graph, items, least_bits)
    return len(components) - int(np.bincount(components).max())


def _search(
    graph: EvidenceGraph, items: tuple[int, ...], depth: int, least_bits: float, budget: _Budget
) -> tuple[int, ...]:
    """A set of `depth` more items that splits the graph; empty when there is none, or the budget is spent."""
    if items and not budget.takes(items, depth):
        return ()
    holds = _holding_without(graph, items, least_bits)
    if components_of(len(graph.accounts), graph.ends[holds]).any():
        return tuple(sorted(items))
    if depth == 0:
        return ()
    for item in _tree_items(graph, holds):
        if item not in items:
            smallest = _search(graph, (*items, item), depth - 1, least_bits, budget)
            if smallest:
                return smallest
    return ()


def _tree_items(graph: EvidenceGraph, holds: Mask) -> list[int]:
    """The items of a spanning tree of the links that hold, one that rests on few; most used first."""
    rows = np.flatnonzero(holds[graph.link] & (graph.alone > 0))
    n_links = np.bincount(graph.item[rows], minlength=graph.n_items)
    rank = np.empty(graph.n_items, dtype=np.int64)
    rank[np.argsort(-n_links, kind="stable")] = np.arange(graph.n_items)
    rarest = np.zeros(len(holds), dtype=np.int64)
    np.maximum.at(rarest, graph.link[rows], rank[graph.item[rows]])
    import igraph

    links = np.flatnonzero(holds)
    link_graph = igraph.Graph(n=len(graph.accounts), edges=graph.ends[links].tolist())
    tree = links[link_graph.spanning_tree(weights=rarest[links].tolist(), return_tree=False)]
    is_tree = np.zeros(len(holds), dtype=bool)
    is_tree[tree] = True
    used = graph.item[rows[is_tree[graph.link[rows]]]].tolist()
    n_uses = Counter(one for item in used for one in (item, *_leaders(graph).get(item, ())))
    return [item for item, _ in sorted(n_uses.items(), key=lambda entry: (-entry[1], entry[0]))]


def _bound(graph: EvidenceGraph, least_bits: float) -> tuple[int, ...]:
    """A small set of items that splits the graph, minimal but perhaps not the smallest."""
    holds = graph.bits > least_bits
    rows = np.flatnonzero(holds[graph.link] & (graph.alone > 0))
    pairs = np.unique(
        np.concatenate(
            [np.column_stack([graph.ends[graph.link[rows], side], graph.item[rows]]) for side in (0, 1)]
        ),
        axis=0,
    )
    cuts = list(_vertex_cuts(len(graph.accounts), graph.n_items, pairs))
    best = min(cuts, key=lambda cut: (len(cut), cut))
    return _made_minimal(graph, best, least_bits)


def _vertex_cuts(n_accounts: int, n_items: int, pairs: Integers) -> Iterator[tuple[int, ...]]:
    """Minimum sets of items between the account with the most items and those with the fewest."""
    import igraph

    enter, leave = n_accounts, n_accounts + n_items
    through = np.arange(n_items)
    edges = np.concatenate(
        [
            np.column_stack([pairs[:, 0], enter + pairs[:, 1]]),
            np.column_stack([leave + pairs[:, 1], pairs[:, 0]]),
            np.column_stack([enter + through, leave + through]),
        ]
    )
    capacity = [float(n_items + 1)] * (2 * len(pairs)) + [1.0] * n_items
    graph = igraph.Graph(n=n_accounts + 2 * n_items, edges=edges.tolist(), directed=True)
    order = np.argsort(np.bincount(pairs[:, 0], minlength=n_accounts), kind="stable")
    source = int(order[-1])
    for sink in order[: min(_MOST_SINKS, n_accounts - 1)].tolist():
        cut = graph.maxflow(source, sink, capacity=capacity)
        near = np.zeros(graph.vcount(), dtype=bool)
        near[cut.partition[0]] = True
        yield tuple(np.flatnonzero(near[enter:leave] & ~near[leave:]).tolist())


def _made_minimal(graph: EvidenceGraph, items: tuple[int, ...], least_bits: float) -> tuple[int, ...]:
    """The set without the items it does not need, those of few links kept first."""
    kept = items
    for item in sorted(items, key=lambda item: (-len(graph.rows_of_item(item)), item)):
        without = tuple(other for other in kept if other != item)
        if without and _is_split(graph, without, least_bits):
            kept = without
    return tuple(sorted(kept))


def _own_links(graph: EvidenceGraph, account: int, items: tuple[int, ...], least_bits: float) -> Integers:
    own = (graph.ends == account).any(axis=1)
    return np.flatnonzero(own & _holding_without(graph, items, least_bits))


def _search_drop(
    graph: EvidenceGraph, account: int, items: tuple[int, ...], depth: int, least_bits: float, budget: _Budget
) -> tuple[int, ...]:
    """As `_search`, for one account: each link that holds must lose one of its items."""
    if items and not budget.takes(items, depth):
        return ()
    left = _own_links(graph, account, items, least_bits)
    if not len(left):
        return tuple(sorted(items))
    if depth == 0:
        return ()
    choices = min((_items_of(graph, link, items) for link in left.tolist()), key=len)
    for item in choices:
        smallest = _search_drop(graph, account, (*items, item), depth - 1, least_bits, budget)
        if smallest:
            return smallest
    return ()


def _greedy_drop(graph: EvidenceGraph, account: int, least_bits: float) -> tuple[int, ...]:
    items: tuple[int, ...] = ()
    while len(left := _own_links(graph, account, items, least_bits)):
        n_links = Counter(item for link in left.tolist() for item in _items_of(graph, link, items))
        items = (*items, min(n_links, key=lambda item: (-n_links[item], item)))
    for item in items:
        without = tuple(other for other in items if other != item)
        if without and not len(_own_links(graph, account, without, least_bits)):
            items = without
    return tuple(sorted(items))


def _items_of(graph: EvidenceGraph, link: int, but: tuple[int, ...]) -> list[int]:
    rows = slice(graph.link_starts[link], graph.link_starts[link + 1])
    rows_of_link = zip(graph.item[rows].tolist(), graph.alone[rows].tolist(), strict=True)
    own = [item for item, alone in rows_of_link if alone > 0]
    along = [leader for item in own for leader in _leaders(graph).get(item, ())]
    return [item for item in dict.fromkeys([*own, *along]) if item not in but]


def _leaders(graph: EvidenceGraph) -> dict[int, list[int]]:
    """Per item those with which it is lost."""
    leaders: dict[int, list[int]] = {}
    for leader, along in graph.dependants.items():
        for item in along:
            leaders.setdefault(item, []).append(leader)
    return leaders
