"""The graphs of a cluster: networkx's writers, pyvis, igraph and algorithms take them."""

from __future__ import annotations

import datetime
import io
import json
import math
import pickle
from typing import TYPE_CHECKING, Any

import igraph
import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyvis.network import Network

from graphlink.result.graphs import evidence_graph
from graphlink.result.redaction import LEGAL, PARTNER, redact

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graphlink.result.result import Result

WRITERS: dict[str, Callable[[Any, Any], None]] = {
    "gexf": nx.write_gexf,
    "graphml": nx.write_graphml,
    "graphml_xml": nx.write_graphml_xml,
    "gml": nx.write_gml,
    "pajek": nx.write_pajek,
    "adjlist": nx.write_adjlist,
    "multiline": nx.write_multiline_adjlist,
    "edgelist": nx.write_edgelist,
    "weighted": nx.write_weighted_edgelist,
}
DAY = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)


@pytest.fixture
def graph(sample_result: Result) -> nx.Graph[Any]:
    return sample_result.graph(str(sample_result.clusters["cluster_id"][0]))


def hostile(names: list[str], text: str) -> nx.Graph[Any]:
    """A graph of two accounts whose attributes have any name and text."""
    accounts = [
        {"account_id": one, "probability": 0.5, "role": "core", **dict.fromkeys(names, text), "n": 2**40}
        for one in ("a b", "identifier:ip:x")
    ]
    identifiers = [{"kind": "ip", "value": "x", "label": text, "p_exclusive": math.nan, "first_seen": DAY}]
    edge = {"kind": "ip", "value": "x", "bits": -0.5, "n": None, "first_seen": DAY, "last_seen": None}
    tie = {
        "account_id_l": "a b", "account_id_r": "identifier:ip:x", "contribution_bits": -1.0, "n_windows": 1,
        "first_joint": None, "last_joint": None,
    }  # fmt: skip
    return evidence_graph(
        {"cluster_id": "C-1"},
        accounts,
        identifiers,
        (
            [{"account_id": one["account_id"], **edge} for one in accounts],
            [{**tie, "kind": "lockstep"}, {**tie, "kind": "client"}],
        ),
    )


@pytest.mark.filterwarnings("ignore:.*is not processed:UserWarning")  # Pajek holds text only
@pytest.mark.parametrize("name", WRITERS)
def test_every_writer_takes_it(graph: nx.Graph[Any], tmp_path: Path, name: str) -> None:
    WRITERS[name](graph, tmp_path / name)
    assert (tmp_path / name).stat().st_size > 1_000


def test_json_and_pickle_take_it_and_give_it_back(graph: nx.Graph[Any]) -> None:
    data = json.loads(json.dumps(nx.node_link_data(graph), allow_nan=False))
    for back in (nx.node_link_graph(data), pickle.loads(pickle.dumps(graph))):
        assert nx.utils.graphs_equal(back, graph)


@pytest.mark.parametrize("form", ["graphml", "gexf", "gml"])
def test_what_was_written_is_read_back(graph: nx.Graph[Any], tmp_path: Path, form: str) -> None:
    WRITERS[form](graph, tmp_path / "g")
    back = getattr(nx, f"read_{form}")(tmp_path / "g")
    assert set(back) == set(graph)
    assert back.number_of_edges() == graph.number_of_edges()


def test_pyvis_and_igraph_take_it(graph: nx.Graph[Any], sample_result: Result, tmp_path: Path) -> None:
    network = Network()
    network.from_nx(graph.copy())  # it takes the weights away
    assert len(network.nodes) == graph.number_of_nodes()
    assert "account:" in network.generate_html()
    other = igraph.Graph.from_networkx(graph)
    assert (other.vcount(), other.ecount()) == (graph.number_of_nodes(), graph.number_of_edges())
    own = sample_result.igraph(str(sample_result.clusters["cluster_id"][0]))
    own.write_gml(str(tmp_path / "g.gml"))
    for made in (other, own):
        made.write_graphml(str(tmp_path / "g.graphml"))
        made.community_multilevel(weights="weight")
        assert min(made.es["weight"]) >= 0


def test_algorithms_find_weights_that_never_speak_against(graph: nx.Graph[Any]) -> None:
    assert nx.minimum_spanning_tree(graph).number_of_edges()
    assert nx.single_source_dijkstra(graph, next(iter(graph)))
    assert nx.community.louvain_communities(graph, seed=1)
    for *_, edge in graph.edges(data=True):
        assert edge["weight"] == max(edge["bits"], 0)


@pytest.mark.parametrize("profile", [LEGAL, PARTNER])
def test_a_redacted_graph_is_taken_as_well(sample_result: Result, tmp_path: Path, profile: Any) -> None:
    shown = redact(sample_result, profile, b"a key of the tests, 32 bytes long")
    graph = shown.graph(str(shown.clusters["cluster_id"][0]))
    nx.write_gexf(graph, tmp_path / "g.gexf")
    json.dumps(nx.node_link_data(graph), allow_nan=False)


@pytest.mark.filterwarnings("ignore:.*is not processed:UserWarning")
@settings(max_examples=25)
@given(
    names=st.lists(
        st.sampled_from(
            [
                "id",
                "label",
                "x",
                "shape",
                "type",
                "start",
                "node_for_adding",
                "from",
                "weight",
                "color",
                "key",
            ]
        )
        | st.text(min_size=1, max_size=8).filter(
            lambda name: name not in {"account_id", "probability", "role"}
        ),
        max_size=6,
        unique=True,
    ),
    text=st.text(max_size=20),
)
def test_whatever_an_attribute_is_called_and_states(names: list[str], text: str) -> None:
    graph = hostile(names, text)
    for name, write in WRITERS.items():
        if name not in {"gexf", "graphml"} or all(map(str.isprintable, [text, *names])):
            write(graph, io.BytesIO())
    for _, actual in [*graph.nodes(data=True), *((0, edge) for *_, edge in graph.edges(data=True))]:
        assert None not in actual.values()
    assert graph.nodes["account:a b"]["key"] == "a b"
    Network().from_nx(graph)
    igraph.Graph.from_networkx(graph)
    json.dumps(nx.node_link_data(graph), allow_nan=False)


def test_exact_values_are_there_when_requested_for(sample_result: Result) -> None:
    cluster = str(sample_result.clusters["cluster_id"][0])
    text, exact = sample_result.graph(cluster), sample_result.graph(cluster, exact=True)
    assert {":".join(node) for node in exact} == set(text)
    for node in exact:
        actual = exact.nodes[node].get("first_seen")
        assert actual is None or actual.isoformat() == text.nodes[":".join(node)]["first_seen"]
