"""Leiden communities of components, each solved by itself."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa

from graphlink.clustering.leiden import PARTITION, partition_links


def links_of(*cliques: tuple[int, ...], bridge: tuple[int, int, float] | None = None) -> pa.Table:
    """Cliques of one component with 20 bits a link, and one bridge."""
    rows = [(0, l_no, r_no, 20.0) for clique in cliques for l_no, r_no in itertools.combinations(clique, 2)]
    rows += [(0, *bridge)] if bridge else []
    columns = list(zip(*rows, strict=True))
    return pa.table(dict(zip(("component_no", "l", "r", "bits"), map(list, columns), strict=True)))


def communities(links: pa.Table, resolution: float = 1.0) -> dict[int, int]:
    solved = partition_links(links, resolution=resolution, seed=1)
    assert solved.schema == PARTITION
    rows = solved.to_pylist()
    return {row["account_no"]: row["community_no"] for row in rows}


def test_two_dense_groups_with_a_weak_bridge_are_two_communities() -> None:
    actual = communities(links_of((0, 1, 2, 3), (4, 5, 6, 7), bridge=(3, 4, 2.0)))
    assert set(actual.values()) == {0, 4}
    assert [actual[i] for i in range(8)] == [0, 0, 0, 0, 4, 4, 4, 4]


def test_a_resolution_above_all_links_leaves_everyone_alone() -> None:
    actual = communities(links_of((0, 1, 2)), resolution=50.0)
    assert actual == {0: 0, 1: 1, 2: 2}


def test_the_order_of_the_links_changes_nothing() -> None:
    links = links_of((0, 1, 2, 3), (4, 5, 6), bridge=(3, 4, 15.0))
    shuffled = links.take(np.random.default_rng(3).permutation(len(links)))
    assert communities(links) == communities(shuffled)
