"""Components, partitions and cuts against networkx, on random graphs of links."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest

from graphlink.clustering.clusters import name_cluster, score_clusters
from graphlink.clustering.communities import find_communities
from graphlink.clustering.components import components_of, spanning_forest
from graphlink.core.schema import ACCOUNTS, MEMBERSHIP
from graphlink.core.settings import Settings
from graphlink.core.tables.clusters import COMMUNITIES, MEMBER_SUPPORT
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, NETWORKS, SHARED_IDENTIFIERS
from graphlink.core.tables.model import (
    DISAGREEMENT_WEIGHTS,
    EVIDENCE_KINDS,
    EXCLUSIVITY,
    MARKED_ACCOUNTS,
    PAIR_EVIDENCE,
    PAIR_LABELS,
    SCORED_PAIRS,
    SINGLE_VALUES,
)
from graphlink.engine.duck import DuckEngine
from tests.tables import load as load_table
from tests.tables import make

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Pair = tuple[int, int]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def load(engine: DuckEngine, n_accounts: int, links: Mapping[Pair, float]) -> None:
    """Links of so many bits, each by a card of its own."""
    numbers = np.arange(1, n_accounts + 1)
    names = [f"a{i:04}" for i in numbers]
    load_table(engine, ACCOUNT_NUMBERS, rows=zip(numbers, names, strict=True))
    make(engine, ACCOUNTS, "SELECT account_id FROM account_numbers")
    load_table(engine, SCORED_PAIRS, rows=[(*pair, bits) for pair, bits in links.items()])
    load_table(engine, PAIR_EVIDENCE, "l r kind_no identifier_no facet bits contribution_bits", [
        (*pair, 0, i, "payment", bits + 12.0, bits + 12.0)
        for i, (pair, bits) in enumerate(sorted(links.items()), 1)
    ])  # fmt: skip
    load_table(engine, SHARED_IDENTIFIERS, "identifier_no value", [
        (i, f"card {i}") for i in range(1, len(links) + 1)
    ])  # fmt: skip
    make(engine, EXCLUSIVITY, "SELECT identifier_no, 0.9 AS p_exclusive FROM pair_evidence")
    load_table(engine, EVIDENCE_KINDS, "kind_no kind facet", [(0, "payment", "payment")])
    for spec in (NETWORKS, SINGLE_VALUES, DISAGREEMENT_WEIGHTS, PAIR_LABELS, MARKED_ACCOUNTS):
        load_table(engine, spec)


def random_links(seed: int, n_accounts: int, n_links: int) -> dict[Pair, float]:
    rng = np.random.default_rng(seed)
    pairs = list(combinations(range(1, n_accounts + 1), 2))
    chosen = rng.choice(len(pairs), n_links, replace=False)
    return {pairs[j]: round(float(rng.uniform(0.5, 12)), 3) for j in chosen}


def communities(engine: DuckEngine) -> dict[int, tuple[int, int]]:
    rows = engine.rows("SELECT account_no, component_no, community_no FROM communities")
    return {int(str(x)): (int(str(component)), int(str(group))) for x, component, group in rows}


@pytest.mark.parametrize(("seed", "n_links"), [(1, 20), (2, 45), (3, 60), (4, 120)])
def test_components_are_those_of_networkx(engine: DuckEngine, seed: int, n_links: int) -> None:
    links = random_links(seed, 60, n_links)
    load(engine, 60, links)
    find_communities(engine, Settings())
    graph: nx.Graph[int] = nx.Graph(list(links))
    least = {x: min(part) for part in nx.connected_components(graph) for x in part}
    actual = communities(engine)
    assert actual
    assert {x: component for x, (component, _) in actual.items()} == {x: least[x] for x in actual}
    for x, (_, group) in actual.items():
        members = [y for y, (_, other) in actual.items() if other == group]
        assert min(members) == group
        assert len(members) > 1
        assert nx.is_connected(graph.subgraph(members)), f"the community of {x} does not hang together"


def shapes() -> dict[str, np.ndarray]:
    """Graphs whose numbers stand in orders that make it easy or hard to find what hangs together."""
    draws = np.random.default_rng(3)
    chain = np.column_stack([np.arange(999), np.arange(1, 1000)])
    return {
        "chain": chain,
        "shuffled chain": draws.permutation(1000)[chain],
        "star around the greatest": np.column_stack([np.arange(999), np.full(999, 999)]),
        "stars in a row": np.array([(i, 900 + i // 90) for i in range(900)] + [(899, 900), *chain[900:909]]),
        "sparse": draws.integers(0, 1000, (700, 2)),
        "dense": draws.integers(0, 50, (2000, 2)),
        "none": np.zeros((0, 2), dtype=np.int64),
    }


@pytest.mark.parametrize("shape", shapes())
@pytest.mark.parametrize("kind", [np.int64, np.int32])
def test_components_and_forests_of_any_shape_are_those_of_networkx(shape: str, kind: type) -> None:
    ends: Any = shapes()[shape].astype(kind)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(1000))
    for row, (x, y) in reversed(list(enumerate(ends.tolist()))):
        graph.add_edge(x, y, weight=row)  # of rows of the same two the first
    least = {x: min(part) for part in nx.connected_components(graph) for x in part}
    assert components_of(1000, ends).tolist() == [least[x] for x in range(1000)]
    forest = sorted(actual["weight"] for _, _, actual in nx.minimum_spanning_edges(graph))
    assert spanning_forest(1000, ends).tolist() == forest


def test_weights_decide_the_communities(engine: DuckEngine) -> None:
    strong = [*combinations(range(1, 6), 2), *combinations(range(6, 11), 2)]
    links = dict.fromkeys(strong, 9.0) | {(x, y): 0.05 for x in range(1, 6) for y in range(6, 11)}
    load(engine, 10, links)
    # Each faint link is far below the resolution; counted as one each they would hold everything together.
    assert find_communities(engine, Settings())["communities_before_joining"] == 2
    load(engine, 10, dict.fromkeys(links, 9.0))
    assert find_communities(engine, Settings())["communities_before_joining"] == 1


def test_the_seed_decides_and_the_numbering_does_not(engine: DuckEngine) -> None:
    links = random_links(7, 40, 110)
    load(engine, 40, links)
    find_communities(engine, Settings())
    first = communities(engine)
    find_communities(engine, Settings())
    assert communities(engine) == first
    # The same graph behind ten strangers whose names come first.
    load(engine, 50, {(x + 10, y + 10): bits for (x, y), bits in links.items()})
    find_communities(engine, Settings())
    assert communities(engine) == {x + 10: (c + 10, g + 10) for x, (c, g) in first.items()}


@pytest.mark.parametrize("seed", range(5))
def test_weakest_cuts_are_those_of_networkx(engine: DuckEngine, seed: int) -> None:
    # Three clusters of eight accounts: a ring, so that they hang together, and some chords.
    links: dict[Pair, float] = {}
    for first in (1, 9, 17):
        ring = [(first + i, first + i + 1) for i in range(7)] + [(first, first + 7)]
        chords = [pair for pair in combinations(range(first, first + 8), 2) if pair not in ring]
        rng = np.random.default_rng([seed, first])
        chosen = ring + [chords[j] for j in rng.choice(len(chords), 6, replace=False)]
        links |= {pair: round(float(rng.uniform(0.1, 9)), 3) for pair in chosen}
        links[chords[0]] = -2.0  # a link less likely than not holds nothing together
    load(engine, 24, links)
    load_table(engine, COMMUNITIES, rows=[(i, *((i - 1) // 8 * 8 + 1,) * 2) for i in range(1, 25)])
    make(engine, MEMBER_SUPPORT, "SELECT account_no, 0.95 AS probability FROM account_numbers")
    score_clusters(engine, Settings())
    MEMBERSHIP.check_columns(engine)
    MEMBERSHIP.check_rows(engine)
    rows = engine.rows(
        "SELECT cluster_id, weakest_cut, weakest_cut_side, weakest_cut_is_bound FROM cluster_scores"
    )
    text = {str(row[0]): row[1:] for row in rows}
    for first in (1, 9, 17):
        graph: nx.Graph[int] = nx.Graph()
        for (x, y), bits in links.items():
            if first <= x < first + 8 and bits > 0:
                graph.add_edge(x, y, weight=bits)
        cut, sides = nx.stoer_wagner(graph)
        side = min(len(part) for part in sides)
        assert text[name_cluster(f"a{first:04}")] == (pytest.approx(cut, abs=1e-6), side, False)


def test_the_cut_of_a_large_cluster_is_a_bound(engine: DuckEngine) -> None:
    links = {(i, i + 1): 5.0 for i in range(1, 450)} | {(1, 450): 4.0, (1, 2): 3.0}
    load(engine, 450, links)
    load_table(engine, COMMUNITIES, rows=[(i, 1, 1) for i in range(1, 451)])
    make(engine, MEMBER_SUPPORT, "SELECT account_no, 0.95 AS probability FROM account_numbers")
    score_clusters(engine, Settings())
    rows = engine.rows("SELECT weakest_cut, weakest_cut_side, weakest_cut_is_bound FROM cluster_scores")
    assert rows == [(7.0, 1, True)]


def test_means_are_the_same_in_whatever_order_rows_come(engine: DuckEngine) -> None:
    # Sums of fractions depend on the order in their last digit, and what is rounded later falls either way.
    rng = np.random.default_rng(3)
    pairs = list(combinations(range(1, 25), 2))
    bits = rng.uniform(0.1, 20, len(pairs)).round(6).tolist()
    values = set()
    for _ in range(8):
        order = rng.permutation(len(pairs))
        load(engine, 24, {pairs[i]: bits[i] for i in order})
        accounts = order[order < 24] + 1
        load_table(engine, COMMUNITIES, rows=[(account, 1, 1) for account in accounts])
        load_table(engine, MEMBER_SUPPORT, "account_no probability", [
            (account, round(account * 37 % 101 / 101, 6)) for account in accounts.tolist()
        ])  # fmt: skip
        score_clusters(engine, Settings())
        values |= set(engine.rows("SELECT score, mean_bits FROM cluster_scores"))
    assert len(values) == 1
