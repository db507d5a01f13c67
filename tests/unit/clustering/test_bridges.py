"""Links whose two accounts hold together without what the link leads with, against the definition."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from graphlink.clustering.communities.bridges import has_other_path
from graphlink.clustering.merging import Links


def _drawn(rng: np.random.Generator) -> tuple[np.ndarray, Links]:
    """Two communities and links within them, of few identifiers and some behaviours (-1)."""
    n, n_links = int(rng.integers(4, 16)), int(rng.integers(3, 24))
    ends = np.sort(rng.integers(0, n, (n_links, 2)), axis=1)
    ends = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0).astype(np.int32)
    half = n // 2 if rng.random() < 0.5 else n
    community = np.where(np.arange(n) < half, 0, half)
    ends = ends[community[ends[:, 0]] == community[ends[:, 1]]]
    flags = np.zeros(len(ends), dtype=bool)
    identifier = rng.integers(-1, 6, len(ends))
    return community, Links(
        ends[:, 0], ends[:, 1], rng.normal(0.7, 1.0, len(ends)), identifier, flags, flags, flags
    )


def _expected(community: np.ndarray, links: Links, row: int) -> bool:
    graph: nx.Graph[int | tuple[int, int]] = nx.Graph()
    graph.add_nodes_from(range(len(community)))
    lead = (community[links.l[row]], links.identifier[row])
    for i in range(len(links.l)):
        if links.bits[i] <= 0:
            continue
        hub = (int(community[links.l[i]]), int(links.identifier[i]))
        if hub[1] < 0:
            if i != row:
                graph.add_edge(int(links.l[i]), int(links.r[i]))
        elif hub != lead:
            graph.add_edge(int(links.l[i]), hub)
            graph.add_edge(int(links.r[i]), hub)
    return nx.has_path(graph, int(links.l[row]), int(links.r[row]))


@pytest.mark.parametrize("seed", range(4))
def test_it_is_whether_a_path_is_left_without_the_leading_identifier(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seen = set()
    for _ in range(60):
        community, links = _drawn(rng)
        expected = [_expected(community, links, row) for row in range(len(links.l))]
        assert has_other_path(community, links).tolist() == expected
        seen.update(expected)
    assert seen == {True, False}


def test_without_links_there_is_nothing_to_say() -> None:
    nothing = np.zeros(0, dtype=np.int32)
    flags = nothing.astype(bool)
    assert not len(
        has_other_path(
            np.arange(3), Links(nothing, nothing, nothing.astype(np.float64), nothing, flags, flags, flags)
        )
    )
