"""Links whose two accounts nothing ties but what the link itself leads with."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import igraph
import numpy as np

if TYPE_CHECKING:
    from graphlink.clustering.communities.partitioning import Integers
    from graphlink.clustering.merging import Flags, Links


class _Tree(NamedTuple):
    """The tree of blocks and cut vertices: per vertex its place in an order in which subtrees are runs.

    Attributes:
        enter: The place.
        leave: The place after the last of its subtree.
        child_parent: Per child, in the order of parents and places, its parent.
        child_enter: The place of that child.
    """

    enter: Integers
    leave: Integers
    child_parent: Integers
    child_enter: Integers


def has_other_path(community: Integers, links: Links) -> Flags:
    """Per link inside a community, whether its two accounts hold together without what the link leads with.

    Accounts and the leading identifiers of their links make a graph, each identifier one vertex; a behaviour
    is an edge of its own. Without an identifier two accounts fall apart when it lies on their way in the tree
    of blocks and cut vertices (Hopcroft and Tarjan 1973).

    Args:
        community: Per account the least account of its community.
        links: Links inside communities. Those that are likelier than not carry the paths.
    """
    n = len(community)
    one, other, identifier = (column.astype(np.int64) for column in (links.l, links.r, links.identifier))
    hub = _hubs(n, community[one], identifier)
    holds = links.bits > 0
    n_vertices = int(hub.max(initial=n - 1)) + 1
    edges = _edges(links.only(holds), hub[holds])
    graph = igraph.Graph(n=n_vertices, edges=edges.tolist())
    component = np.asarray(graph.connected_components().membership)
    blocks = list(graph.biconnected_components())
    sizes = np.array([len(block) for block in blocks], dtype=np.int64)
    inside = np.concatenate([np.asarray(block, dtype=np.int64) for block in blocks] or [sizes])
    tree = _rooted(n_vertices, sizes, inside)
    by_behaviour = hub < 0
    separated = component[one] != component[other]
    rows = ~by_behaviour
    separated[rows] |= _is_between(tree, hub[rows], one[rows], other[rows])
    rows = by_behaviour & holds
    bridges = _pair_key(_pairs_of_two(sizes, inside))
    separated[rows] |= np.isin(_pair_key(np.column_stack([one[rows], other[rows]])), bridges)
    holds_together: Flags = ~separated
    return holds_together


def _pairs_of_two(sizes: Integers, inside: Integers) -> Integers:
    """The blocks of two vertices: edges without which these fall apart."""
    starts = np.cumsum(sizes) - sizes
    two = starts[sizes == 2]
    return np.column_stack([inside[two], inside[two + 1]]) if len(two) else np.zeros((0, 2), dtype=np.int64)


def _pair_key(ends: Integers) -> Integers:
    one, other = ends.T.astype(np.int64)
    key: Integers = (np.minimum(one, other) << 32) | np.maximum(one, other)
    return key


def _hubs(n: int, community: Integers, identifier: Integers) -> Integers:
    """Per link the vertex of its leading identifier in its community; -1 for a behaviour."""
    key = (community.astype(np.int64) << 32) | np.maximum(identifier, 0)
    is_shared = identifier >= 0
    hub = np.full(len(key), -1, dtype=np.int64)
    _, place = np.unique(key[is_shared], return_inverse=True)
    hub[is_shared] = n + place
    return hub


def _edges(links: Links, hub: Integers) -> Integers:
    """Each account with the identifiers that lead a link of it, and the two accounts of each behaviour."""
    shared = hub >= 0
    one, other, of = links.l[shared], links.r[shared], hub[shared]
    held = np.unique((np.concatenate([one, other]).astype(np.int64) << 32) | np.concatenate([of, of]))
    direct = np.column_stack([links.l[~shared], links.r[~shared]]).astype(np.int64)
    return np.concatenate([np.column_stack([held >> 32, held & 0xFFFFFFFF]), direct])


def _rooted(n: int, sizes: Integers, inside: Integers) -> _Tree:
    """The tree of vertices and blocks under one root, which ties the components together."""
    block = n + np.repeat(np.arange(len(sizes)), sizes)
    n_nodes = n + len(sizes) + 1
    forest = igraph.Graph(n=n_nodes, edges=np.column_stack([inside, block]).tolist())
    labels = np.asarray(forest.connected_components().membership)
    _, firsts = np.unique(labels[:-1], return_index=True)
    root = n_nodes - 1
    forest.add_edges(np.column_stack([firsts, np.full(len(firsts), root)]).tolist())
    order, starts, parent = (np.asarray(column) for column in forest.bfs(root))
    size = np.ones(n_nodes, dtype=np.int64)
    layers = [order[a:b] for a, b in itertools.pairwise(starts.tolist())]
    for layer in layers[:0:-1]:
        np.add.at(size, parent[layer], size[layer])
    enter = np.zeros(n_nodes, dtype=np.int64)
    for layer in layers[1:]:
        # The children of one parent are adjacent in the order of a breadth-first search.
        before = np.cumsum(size[layer]) - size[layer]
        is_first = np.diff(parent[layer], prepend=-1) != 0
        base = before[is_first][np.cumsum(is_first) - 1]
        enter[layer] = enter[parent[layer]] + 1 + before - base
    child = order[1:]
    child = child[np.lexsort((enter[child], parent[child]))]
    return _Tree(enter, enter + size, parent[child], enter[child])


def _is_between(tree: _Tree, cut: Integers, one: Integers, other: Integers) -> Flags:
    """Whether a vertex lies on the way between two others of the tree."""
    has_one, has_other = _is_above(tree, cut, one), _is_above(tree, cut, other)
    both = has_one & has_other
    key = (tree.child_parent.astype(np.int64) << 32) | tree.child_enter
    of_one, of_other = (
        np.searchsorted(key, (cut.astype(np.int64) << 32) | tree.enter[end], side="right")
        for end in (one, other)
    )
    is_between: Flags = (has_one != has_other) | (both & (of_one != of_other))
    return is_between


def _is_above(tree: _Tree, cut: Integers, vertex: Integers) -> Flags:
    is_above: Flags = (tree.enter[cut] <= tree.enter[vertex]) & (tree.enter[vertex] < tree.leave[cut])
    return is_above
