"""Leiden communities (Traag, Waltman and van Eck 2019) of components, each solved by itself.

With the constant Potts model: two groups merge while their links average more than the resolution
per pair of their accounts. Each component is solved with its links in order of account and from the same
seed, so that it doesn't matter which others are solved with it, or where.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import igraph
import numpy as np
import pyarrow as pa

from graphlink.clustering.components import least_member

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]

_ITERATIONS = 10
PARTITION = pa.schema(
    [("account_no", pa.int32()), ("component_no", pa.int32()), ("community_no", pa.int32())]
)
"""The columns of `partition_links`."""


def partition_links(links: pa.Table, *, resolution: float, seed: int) -> pa.Table:
    """Solve whole components, given as their links in any order.

    Args:
        links: component_no, l, r and bits of each link.
        resolution: Mean bits per pair of accounts that merge two groups.
        seed: Seed of each component.

    Returns:
        `PARTITION`: each account with its component and the least account of its community.
    """
    lesser, greater = (links[name].to_numpy().astype(np.int64) for name in ("l", "r"))
    order = np.lexsort((greater, lesser))
    ends = np.column_stack([lesser[order], greater[order]])
    accounts, places = np.unique(ends, return_inverse=True)
    places = places.reshape(-1, 2)
    component = np.zeros(len(accounts), dtype=np.int64)
    for side in (0, 1):
        component[places[:, side]] = links["component_no"].to_numpy()[order]
    community = partition(component, places, links["bits"].to_numpy()[order], resolution, seed)
    columns = (accounts, component, accounts[community])
    return pa.table([pa.array(column, pa.int32()) for column in columns], schema=PARTITION)


def partition(component: Integers, ends: Integers, weights: Floats, resolution: float, seed: int) -> Integers:
    """Per account number, the least account of its community.

    Args:
        component: Per account number, its component.
        ends: The links, as rows of two account numbers in order.
        weights: Of each link.
        resolution: Mean weight per pair of accounts that merges two groups.
        seed: Seed of each component.
    """
    community = np.arange(len(component))
    if not len(ends):
        return community
    component_of = component[ends[:, 0]]
    if (component_of[1:] < component_of[:-1]).any():
        order = np.argsort(component_of, kind="stable")
        ends, weights, component_of = ends[order], weights[order], component_of[order]
    starts = np.flatnonzero(np.diff(component_of, prepend=-1))
    # Accounts numbered by component, so that each component's are a slice, in order of account.
    is_linked = np.zeros(len(component), dtype=bool)
    is_linked[ends.ravel()] = True
    accounts = np.flatnonzero(is_linked)
    accounts = accounts[np.argsort(component[accounts], kind="stable")]
    edges = np.append(np.flatnonzero(np.diff(component[accounts], prepend=-1)), len(accounts))
    sizes = np.diff(edges)
    place = np.zeros(len(component), dtype=np.int64)
    place[accounts] = np.arange(len(accounts)) - np.repeat(edges[:-1], sizes)
    # Per account so numbered a label that is a position within its component: two accounts are in one group.
    labels = np.zeros(len(accounts), dtype=np.int64)
    stops = np.append(starts[1:], len(ends))
    for i in np.flatnonzero(sizes > 2).tolist():
        rows = slice(starts[i], stops[i])
        solved = _solved(int(sizes[i]), place[ends[rows]], weights[rows], resolution, seed)
        labels[edges[i] : edges[i + 1]] = solved
    community[accounts] = accounts[least_member(labels + np.repeat(edges[:-1], sizes))]
    return community


def _solved(n: int, ends: Integers, weights: Floats, resolution: float, seed: int) -> list[int]:
    # Two lists zipped are three times as fast to hand over as an array of pairs.
    graph = igraph.Graph(n=n, edges=zip(ends[:, 0].tolist(), ends[:, 1].tolist(), strict=True))
    # igraph draws from the generator of the calling thread; python-igraph ignores random.seed elsewhere.
    igraph.set_random_number_generator(random.Random(seed))
    clustering = graph.community_leiden(
        objective_function="CPM",
        weights=weights.tolist(),
        resolution=resolution,
        n_iterations=_ITERATIONS,
    )
    return list(clustering.membership)
