"""Sub-communities: what the map of a large cluster shows in place of its accounts.

Leiden (Traag, Waltman and van Eck 2019) computes them with the constant Potts model over the links inside
the cluster: two sub-communities stay apart while the links between them average less than `resolution_bits`
per pair of their accounts, pairs without a link counting none. The resolution begins at that average over
the whole cluster, so that accounts linked more densely than the whole are one sub-community, and is doubled
or halved until the map can be read.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import igraph
import numpy as np

from graphlink.explorer.index.runs import gathered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explorer.index.accounts import Accounts
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.links import Links

    Ints = NDArray[np.int32]
    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]

MOST_GROUPS = 200
_LARGEST_SHARE = 0.5  # of the accounts that one sub-community may have, where the links separate them
_LEAST_COVERED = 0.5  # of the accounts that the sub-communities shown hold at least
_MOST_LINK_BITS = 12.0  # one very strong link counts no more than this, as in a run
_MOST_LINKS = 400_000  # the strongest; more take longer than one waits
_MOST_STEPS = 12
_ITERATIONS = 3
_SEED = 1


@dataclass(frozen=True)
class Subcommunities:
    """The sub-communities of a cluster, the largest first.

    Attributes:
        group: Per member, in the order of the members, its sub-community; the number of those shown for what
            is in none of them.
        n_groups: How many are shown.
        resolution_bits: Bits per pair of accounts that links between two of them stay below on average.
    """

    group: Ints
    n_groups: int
    resolution_bits: float


def find_subcommunities(n: int, left: Longs, right: Longs, bits: Floats) -> Subcommunities:
    """Find the sub-communities of `n` accounts; the same links give the same answer.

    Args:
        n: How many accounts, counted from 0.
        left: Per link its one account.
        right: Its other account.
        bits: Its log2 odds; links not likelier than not are left out.
    """
    strongest = np.sort(np.lexsort((right, left, -bits))[:_MOST_LINKS])
    strongest = strongest[bits[strongest] > 0]
    weights = np.minimum(bits[strongest], _MOST_LINK_BITS)
    if n < 2 or not len(weights):
        return Subcommunities(np.zeros(n, np.int32), 0, 0.0)
    # Two lists zipped are three times as fast to hand over as an array of pairs.
    graph = igraph.Graph(n=n, edges=zip(left[strongest].tolist(), right[strongest].tolist(), strict=True))
    return _readable(graph, weights, float(weights.sum()) / (n * (n - 1) / 2))


def _readable(graph: igraph.Graph, weights: Floats, mean_bits: float) -> Subcommunities:
    """The sub-communities at the resolution nearest to the mean at which none is most of the map."""
    resolution = mean_bits
    groups = _solved(graph, weights, resolution)
    if _covered(groups) < _LEAST_COVERED:  # all equally linked: at the mean nothing is gained
        resolution /= 2
        groups = _solved(graph, weights, resolution)
    is_finer = _largest_share(groups) > _LARGEST_SHARE
    for _ in range(_MOST_STEPS):
        if not is_finer and _n_groups(groups) <= MOST_GROUPS:
            break
        resolution = resolution * 2 if is_finer else resolution / 2
        tried = _solved(graph, weights, resolution)
        if _covered(tried) < _LEAST_COVERED or (not is_finer and _largest_share(tried) > _LARGEST_SHARE):
            break  # links do not separate them, or not so few: the one before stands
        groups = tried
        if is_finer and _largest_share(groups) <= _LARGEST_SHARE:
            break
    return groups


def _solved(graph: igraph.Graph, weights: Floats, resolution: float) -> Subcommunities:
    igraph.set_random_number_generator(random.Random(_SEED))
    try:
        labels = graph.community_leiden(
            objective_function="CPM",
            weights=weights.tolist(),
            resolution=resolution,
            n_iterations=_ITERATIONS,
        ).membership
    finally:
        igraph.set_random_number_generator(random)
    _, first, label, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    order = order[sizes[order] > 1][:MOST_GROUPS]
    rank = np.full(len(sizes), len(order), np.int32)
    rank[order] = np.arange(len(order))
    return Subcommunities(rank[label], len(order), resolution)


def _sizes(groups: Subcommunities) -> Longs:
    return np.bincount(groups.group, minlength=groups.n_groups + 1)


def _largest_share(groups: Subcommunities) -> float:
    return float(_sizes(groups)[:-1].max(initial=0)) / len(groups.group)


def _covered(groups: Subcommunities) -> float:
    return float(_sizes(groups)[:-1].sum()) / len(groups.group)


def _n_groups(groups: Subcommunities) -> int:
    return groups.n_groups + int(_sizes(groups)[-1] > 0 and groups.n_groups == MOST_GROUPS)


def find_subcommunities_of(
    number: int, accounts: Accounts, clusters: Clusters, links: Links
) -> Subcommunities:
    """Find the sub-communities of a cluster from the links inside it."""
    members = clusters.members_of(number)
    rows, left = gathered(links.starts, members)
    inside = accounts.cluster[links.right[rows]] == number
    right = np.searchsorted(members, links.right[rows[inside]])
    return find_subcommunities(len(members), left[inside], right, links.bits[rows[inside]])
