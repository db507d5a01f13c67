"""Quick positions: nobody lies on anybody, accounts lie around what ties them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from graphlink.explorer.placing import place_by_force, place_in_discs


def graph(n_accounts: int, n_identifiers: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    nodes = [{"id": f"a:{i}", "type": "account"} for i in range(n_accounts)]
    nodes += [{"id": f"i:{i}", "type": "identifier"} for i in range(n_identifiers)]
    edges = [
        {"source": f"a:{i}", "target": f"i:{(i + j) % n_identifiers}", "bits": 10.0 - j}
        for i in range(n_accounts - 1)
        for j in range(2)
        if n_identifiers
    ]
    if n_accounts > 1:
        edges.append({"source": "a:0", "target": "a:1", "bits": 50.0})
    return nodes, edges


@pytest.mark.parametrize("sizes", [(0, 0), (1, 0), (5, 0), (40, 7), (400, 3), (300, 300)])
def test_every_node_has_a_place_of_its_own(sizes: tuple[int, int]) -> None:
    nodes, edges = graph(*sizes)
    place_in_discs(nodes, edges)
    places = [(node["x"], node["y"]) for node in nodes]
    nearest = min((math.dist(a, b) for i, a in enumerate(places) for b in places[:i]), default=1.0)
    assert nearest > 0.4
    assert all(math.isfinite(x) and math.isfinite(y) for x, y in places)


def test_accounts_lie_around_what_ties_them_most() -> None:
    nodes, edges = graph(60, 4)
    place_in_discs(nodes, edges)
    at = {node["id"]: (node["x"], node["y"]) for node in nodes}
    for i in range(59):
        distances = {f"i:{j}": math.dist(at[f"a:{i}"], at[f"i:{j}"]) for j in range(4)}
        assert min(distances, key=distances.__getitem__) == f"i:{i % 4}"


@pytest.mark.parametrize("place", [place_in_discs, place_by_force])
def test_the_same_graph_has_the_same_places(place: Any) -> None:
    listed = []
    for _ in range(2):
        nodes, edges = graph(30, 4)
        place(nodes, edges)
        listed.append(nodes)
    assert listed[0] == listed[1]
