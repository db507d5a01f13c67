"""Cuts of evidence against trying every set; paths against networkx."""

from __future__ import annotations

import itertools
import math
import random
from typing import TYPE_CHECKING

import networkx as nx
import pyarrow as pa
import pytest

from graphlink.explanations.cuts import least_drop, least_split, single_cuts
from graphlink.explanations.paths import find_paths
from graphlink.explanations.reweighing import EvidenceGraph, make_evidence_graph

if TYPE_CHECKING:
    from graphlink.result.result import Result

PRIOR = -12.0
KINDS = ("card", "ip", "mail")
Rows = dict[tuple[str, str], list[tuple[str, str, float, float]]]


def draw_rows(seed: int) -> Rows:
    """Evidence of some pairs of six accounts: kind, value, bits alone and counted, weighed as a run would."""
    draws = random.Random(seed)
    names = [f"a{i}" for i in range(6)]
    held = {
        (kind, f"{kind}{i}"): draws.sample(names, draws.randint(2, 4)) for kind in KINDS for i in range(2)
    }
    alone = {piece: draws.choice([9.0, 13.0, 14.0, 20.0]) for piece in held}
    rows: Rows = {}
    for pair in itertools.combinations(names, 2):
        shared = [piece for piece, holders in held.items() if set(pair) <= set(holders)]
        if shared:
            rows[pair] = weighed(shared, alone)
    return rows


def weighed(
    shared: list[tuple[str, str]], alone: dict[tuple[str, str], float]
) -> list[tuple[str, str, float, float]]:
    """The strongest kind counts in full, others a quarter; a kind counts with its strongest, told at once."""
    most = {kind: max(alone[piece] for piece in shared if piece[0] == kind) for kind, _ in shared}
    first = min(most, key=lambda kind: (-most[kind], kind))
    by_name = {kind: bits if kind == first else bits / 4 for kind, bits in most.items()}
    n = {kind: sum(piece[0] == kind for piece in shared) for kind in most}
    return [(kind, value, alone[kind, value], by_name[kind] / n[kind]) for kind, value in shared]


def graph_of(rows: Rows) -> EvidenceGraph:
    evidence = [(*pair, *row, "facet", None, None) for pair, actual in sorted(rows.items()) for row in actual]
    columns = ("account_id_l", "account_id_r", "kind", "value", "bits", "contribution_bits", "facet")
    table = pa.table({name: [row[i] for row in evidence] for i, name in enumerate(columns)})
    for name in ("first_joint", "last_joint"):
        table = table.append_column(name, pa.nulls(len(evidence), pa.timestamp("us", "UTC")))
    links = pa.table(
        {
            "account_id_l": [pair[0] for pair in sorted(rows)],
            "account_id_r": [pair[1] for pair in sorted(rows)],
            "bits": [PRIOR + sum(row[3] for row in rows[pair]) for pair in sorted(rows)],
        }
    )
    return make_evidence_graph(sorted({name for pair in rows for name in pair}), links, table, PRIOR)


def holding(rows: Rows, gone: set[tuple[str, str]]) -> nx.Graph[str]:
    """The links that hold when pieces are gone, weighed from the start."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(name for pair in rows for name in pair)
    for pair, actual in rows.items():
        alone = {(kind, value): bits for kind, value, bits, _ in actual}
        left = [piece for piece in alone if piece not in gone]
        if left and PRIOR + sum(row[3] for row in weighed(left, alone)) > 0:
            graph.add_edge(*pair)
    return graph


def connected_worlds() -> list[int]:
    return [
        seed for seed in range(150) if (rows := draw_rows(seed)) and nx.is_connected(holding(rows, set()))
    ]


SEEDS = connected_worlds()


def test_there_are_worlds_of_every_size_of_cut() -> None:
    sizes = {len(least_split(graph_of(draw_rows(seed)), 0.0).items) for seed in SEEDS}
    assert {1, 2} <= sizes


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_least_split_is_the_least_of_all_sets(seed: int) -> None:
    rows = draw_rows(seed)
    evidence_graph = graph_of(rows)
    pieces = [(piece.kind, piece.value) for piece in evidence_graph.items]
    least = next(
        size
        for size in range(1, len(pieces) + 1)
        if any(not nx.is_connected(holding(rows, set(row))) for row in itertools.combinations(pieces, size))
    )
    cut = least_split(evidence_graph, 0.0)
    assert cut.is_exact
    assert len(cut.items) == least
    assert not nx.is_connected(holding(rows, {pieces[i] for i in cut.items}))
    singles = {pieces[i] for i in single_cuts(evidence_graph, 0.0)}
    assert singles == {row for row in pieces if not nx.is_connected(holding(rows, {row}))}
    assert least_split(evidence_graph, 0.0, single_cuts(evidence_graph, 0.0)) == cut, "asked once or twice"


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_least_drop_is_the_least_of_all_sets(seed: int) -> None:
    rows = draw_rows(seed)
    evidence_graph = graph_of(rows)
    pieces = [(piece.kind, piece.value) for piece in evidence_graph.items]
    for place, account in enumerate(evidence_graph.accounts):
        least = next(
            size
            for size in range(1, len(pieces) + 1)
            if any(not holding(rows, set(row))[account] for row in itertools.combinations(pieces, size))
        )
        cut = least_drop(evidence_graph, place, 0.0)
        assert (len(cut.items), cut.is_exact) == (least, True)
        assert not holding(rows, {pieces[i] for i in cut.items})[account]


def test_a_loss_raises_no_link_that_a_weaker_kind_leads() -> None:
    """The address leads, since the card adds more to it than it to the card."""
    counted = {"card": (8.0, 7.0), "ip": (6.0, 6.0), "mail": (3.0, 0.5)}
    rows: Rows = {("a", "b"): [(kind, f"{kind}0", *bits) for kind, bits in counted.items()]}
    graph = graph_of(rows)
    without = {
        graph.items[i].kind: float(graph.bits_without_items((i,))[1][0]) - PRIOR
        for i in range(len(graph.items))
    }
    assert without == {"mail": 13.0, "card": 6.5, "ip": 8.5}


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_links_are_weighed_again_as_from_the_start(seed: int) -> None:
    rows = draw_rows(seed)
    evidence_graph = graph_of(rows)
    for piece, actual in enumerate(evidence_graph.items):
        links, bits = evidence_graph.bits_without_items((piece,))
        for link, outcome in zip(links.tolist(), bits.tolist(), strict=True):
            pair = tuple(evidence_graph.accounts[end] for end in evidence_graph.ends[link])
            alone = {(k, v): b for k, v, b, _ in rows[pair[0], pair[1]]}
            left = [one for one in alone if one != (actual.kind, actual.value)]
            wanted = PRIOR + sum(row[3] for row in weighed(left, alone)) if left else PRIOR
            assert outcome == pytest.approx(wanted)


@pytest.mark.parametrize("seed", range(6))
def test_paths_are_the_cheapest_that_networkx_finds(sample_result: Result, seed: int) -> None:
    graph: nx.Graph[str] = nx.Graph()
    for link in sample_result.table("links").to_pylist():
        cost = -math.log(min(1 / (1 + 2.0 ** -link["bits"]), 0.99))
        weight = cost + (0.0 if link["bits"] >= 0 else 1000.0)
        graph.add_edge(link["account_id_l"], link["account_id_r"], cost=weight)
    part = max(nx.connected_components(graph), key=len)
    start, end = random.Random(seed).sample(sorted(part), 2)
    paths = find_paths(sample_result, start, end, 5)
    wanted = list(itertools.islice(nx.shortest_simple_paths(graph, start, end, weight="cost"), 5))
    text = [[str(node.account_id) for node in path.nodes] for path in paths.strongest]
    costs = [[nx.path_weight(graph, route, "cost") for route in routes] for routes in (text, wanted)]
    assert costs[0] == pytest.approx(costs[1])
    assert len({tuple(route) for route in text}) == len(text)
    likely = nx.Graph((a, b) for a, b, data in graph.edges(data=True) if data["cost"] < 1000)
    if start in likely and end in likely and nx.has_path(likely, start, end):
        assert len(paths.shortest[0].hops) == nx.shortest_path_length(likely, start, end)
