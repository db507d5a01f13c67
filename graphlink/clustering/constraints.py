"""Constraints: the labels of analysts as must-link and cannot-link on a partition that evidence made.

A partition is transformed after everything else, in this order, and links are not touched:

1. **Contraction.** Accounts that a chain of labels "yes" ties are one node, and the communities of its
   accounts become one, also where no link is between them.
2. **Minimum cut.** Two accounts with a label "no" in one community are separated where the sum of the bits of
   the links between them is smallest (Ford and Fulkerson 1956), each node whole. Several such pairs of one
   community are separated in the order of their cuts, the weakest first: one cut often separates further
   pairs. Of equal cuts the one that separates fewer accounts is taken, then the one whose side has fewer
   bits, then the one around the lesser account.
3. **Pruning** of what a cut left: accounts were held by links to both sides, and those to the own side may
   not hold them.

A label "no" between two accounts that a chain of "yes" ties contradicts it: must-link wins, and the pair is
reported. Labels "unsure" are no constraints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import igraph
import numpy as np
from numpy.typing import NDArray

from graphlink.clustering.components import components_of
from graphlink.core.constraint_names import AGREES, APPLIED, CANNOT_LINK, CONFLICT, MUST_LINK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphlink.clustering.merging import Links

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
_UNITS = 1_000_000  # of a bit: sums of whole numbers are the same in any order


class PairLabels(NamedTuple):
    """Labelled pairs, the lesser account first, in order, and whether the label is "yes"."""

    lesser: Integers
    greater: Integers
    is_same: Flags

    @property
    def ends(self) -> Integers:
        """Rows of two accounts."""
        return np.column_stack([self.lesser, self.greater]).astype(np.int64)


class Constrained(NamedTuple):
    """A partition after the labels.

    Attributes:
        community: Per account the least account of its community.
        owner: Per account the least account that labels "yes" tie it to: one node of the contraction.
        constrained_by: Per account what moved it from where evidence puts it: `must_link`, `cannot_link` or
            None.
        is_changed: Per account whether its community has other accounts than by evidence.
        outcomes: Per labelled pair: `agrees` with the evidence, `applied`, or `conflict`.
        cut_bits: Per labelled pair the bits of the minimum cut that separated it; NaN where there is none.
    """

    community: Integers
    owner: Integers
    constrained_by: NDArray[np.object_]
    is_changed: Flags
    outcomes: list[str]
    cut_bits: NDArray[np.float64]


def constrain(
    community: Integers,
    links: Links,
    labels: PairLabels,
    prune: Callable[[Integers, Links], Integers],
) -> Constrained:
    """Transform a partition so that it obeys the labels.

    Args:
        community: Per account the least account of its community by evidence.
        links: All links; those of positive bits hold accounts.
        labels: The labelled pairs.
        prune: Takes accounts out of communities where their links do not hold them, as it did before.
    """
    ends, is_same = labels.ends, labels.is_same
    owner = components_of(len(community), ends[is_same])
    merged = components_of(len(community), community[ends[is_same]])[community]
    is_conflict = ~is_same & (owner[labels.lesser] == owner[labels.greater])
    is_cut = ~is_same & ~is_conflict & (merged[labels.lesser] == merged[labels.greater])
    cut_bits = np.full(len(ends), np.nan)
    constrained = merged.copy()
    for at in np.unique(merged[labels.lesser[is_cut]]).tolist():
        rows = np.flatnonzero(is_cut & (merged[labels.lesser] == at))
        members = np.flatnonzero(merged == at)
        inside = links.only((links.bits > 0) & (merged[links.l] == at) & (merged[links.r] == at))
        cut_bits[rows] = _separate(members, constrained, inside, owner, ends[rows])
    is_affected = np.isin(merged, merged[labels.lesser[is_cut]])
    constrained = _pruned(constrained, is_affected, links, owner, prune)
    outcomes = np.where(is_conflict, CONFLICT, np.where(is_cut, APPLIED, AGREES))
    outcomes[is_same & (community[labels.lesser] != community[labels.greater])] = APPLIED
    touched = np.flatnonzero(np.isin(community, community[ends.ravel()]))
    constrained_by, is_changed = _compared(community, constrained, touched)
    return Constrained(constrained, owner, constrained_by, is_changed, outcomes.tolist(), cut_bits)


class _Graph(NamedTuple):
    """A community after contraction: nodes with the number of their accounts, edges with their bits."""

    size: Integers
    ends: Integers
    units: Integers

    def part(self, nodes: Integers) -> _Graph:
        """The graph of some nodes, numbered in their order."""
        place = np.full(len(self.size), -1)
        place[nodes] = np.arange(len(nodes))
        ends = place[self.ends]
        is_inside = (ends >= 0).all(axis=1)
        return _Graph(self.size[nodes], ends[is_inside], self.units[is_inside])

    def cut(self, a: int, b: int) -> tuple[int, Integers]:
        """The units of the minimum cut between two nodes, and the nodes of the side that leaves."""
        graph = igraph.Graph(n=len(self.size), edges=self.ends.tolist())
        sides = []
        for one, other in ((b, a), (a, b)):
            # The side of the target is the smallest of all minimum cuts.
            cut = graph.mincut(one, other, capacity=self.units.tolist())
            side = np.array(sorted(cut.partition[1]), dtype=np.int64)
            order = (int(self.size[side].sum()), int(self.part(side).units.sum()), other)
            sides.append((order, side))
        _, best = min(sides, key=lambda one: one[0])
        return round(cut.value), best


def _contracted(members: Integers, links: Links, owner: Integers) -> tuple[Integers, _Graph]:
    """The node of each member and the graph of the nodes, in the order of their owners."""
    owners, node = np.unique(owner[members], return_inverse=True)
    ends = np.searchsorted(owners, owner[np.column_stack([links.l, links.r]).astype(np.int64)])
    ends.sort(axis=1)
    is_edge = ends[:, 0] != ends[:, 1]
    units = np.round(links.bits[is_edge] * _UNITS).astype(np.int64)
    edges, edge = np.unique(ends[is_edge], axis=0, return_inverse=True)
    summed = np.zeros(len(edges), dtype=np.int64)
    np.add.at(summed, edge.ravel(), units)
    return node, _Graph(np.bincount(node, minlength=len(owners)), edges, summed)


def _separate(
    members: Integers, community: Integers, links: Links, owner: Integers, pairs: Integers
) -> NDArray[np.float64]:
    """Separate pairs within one community, in place; gives the bits of the minimum cut of each."""
    node, graph = _contracted(members, links, owner)
    ends = node[np.searchsorted(members, pairs)]
    units = np.array([graph.cut(int(a), int(b))[0] for a, b in ends], dtype=np.int64)
    part = np.zeros(len(graph.size), dtype=np.int64)
    for row in np.lexsort((ends[:, 1], ends[:, 0], units)).tolist():
        a, b = ends[row]
        if part[a] == part[b]:
            nodes = np.flatnonzero(part == part[a])
            _, side = graph.part(nodes).cut(*np.searchsorted(nodes, (a, b)).tolist())
            part[nodes[side]] = part.max() + 1
    for one in range(part.max() + 1):
        accounts = members[part[node] == one]
        community[accounts] = accounts[0]
    return np.asarray(units / _UNITS, dtype=np.float64)


def _pruned(
    community: Integers,
    is_affected: Flags,
    links: Links,
    owner: Integers,
    prune: Callable[[Integers, Links], Integers],
) -> Integers:
    """The partition without accounts whose links to their side of a cut do not hold them.

    What labels tie is pruned as one node: no must-link is undone.
    """
    if not is_affected.any():
        return community
    rows = is_affected[links.l] & (community[links.l] == community[links.r])
    rest = links.only(rows & (owner[links.l] != owner[links.r]))
    rest = rest._replace(l=owner[rest.l], r=owner[rest.r])
    held = prune(community, rest)
    return np.where(is_affected, held[owner], community)


def _compared(before: Integers, after: Integers, touched: Integers) -> tuple[NDArray[np.object_], Flags]:
    """Per account what moved it, and whether its community changed.

    The largest part of a community keeps its place, if it is larger than all others: whoever came to it, or
    left it, is there because of a label.

    Args:
        before: Per account its community by evidence.
        after: Per account its community after the labels.
        touched: The accounts of all communities that may have changed.
    """
    constrained_by = np.full(len(before), None, dtype=object)
    is_changed = np.zeros(len(before), dtype=bool)
    for community, other, name in ((before, after, CANNOT_LINK), (after, before, MUST_LINK)):
        for group in _groups(touched, community):
            parts, part, n = np.unique(other[group], return_inverse=True, return_counts=True)
            if len(parts) > 1:
                is_largest = n == n.max()
                is_main = is_largest & (is_largest.sum() == 1)
                constrained_by[group[~is_main[part]]] = name
                is_changed[group] = True
    return constrained_by, is_changed


def _groups(accounts: Integers, community: Integers) -> Iterator[Integers]:
    """The accounts of each community."""
    order = accounts[np.argsort(community[accounts], kind="stable")]
    starts = np.flatnonzero(np.diff(community[order])) + 1
    yield from np.split(order, starts)
