"""The formats of a subgraph, read back by readers that did not write them, with every attribute."""

from __future__ import annotations

import csv
import datetime
import json
import math
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import igraph
import pyarrow.parquet as pq
import pytest

from graphlink.export.formats import subgraph_bytes
from graphlink.export.formats.graph import graph_of
from graphlink.export.formats.registry import FORMATS
from graphlink.export.formats.tables import TableRows
from graphlink.export.strongest import strongest_ties
from graphlink.export.subgraph import cluster_subgraph
from graphlink.storage.arrow_values import rows_of
from tests.exported import FILE_FORMATS, write_folder

if TYPE_CHECKING:
    import networkx as nx

    from graphlink.export.subgraph import Subgraph
    from graphlink.result.result import Result

GEXF = "{http://www.gexf.net/1.2draft}"
DOCS = Path(__file__).parents[3] / "docs" / "extending.md"
STIX_ID = re.compile(r"([a-z0-9-]+)--([0-9a-f-]{36})")


@pytest.fixture(scope="module")
def subgraph(sample_result: Result) -> Subgraph:
    return cluster_subgraph(sample_result, sample_result.clusters["cluster_id"][0])


@pytest.fixture(scope="module")
def graph(subgraph: Subgraph) -> nx.Graph[str]:
    made = graph_of(subgraph)
    assert made.number_of_nodes() == len(subgraph.accounts) + len(subgraph.identifiers)
    return made


def told(value: Any) -> Any:
    return round(value, 9) if isinstance(value, float) else value


def known(facts: dict[str, Any]) -> dict[str, Any]:
    """Attributes without what igraph gives a node that has none: nothing, not a number, false."""
    return {
        name: told(value)
        for name, value in facts.items()
        if value not in (None, "")
        and value is not False
        and not (isinstance(value, float) and math.isnan(value))
    }


def test_igraph_reads_the_graphml_with_every_attribute(
    sample_result: Result, subgraph: Subgraph, graph: nx.Graph[str], tmp_path: Path
) -> None:
    path = tmp_path / "graph.graphml"
    path.write_bytes(subgraph_bytes(subgraph, sample_result.manifest, "graphml"))
    read = igraph.Graph.Read_GraphML(str(path))
    nodes = {vertex["id"]: known(vertex.attributes()) for vertex in read.vs}
    assert nodes == {node: known({"id": node, **facts}) for node, facts in graph.nodes(data=True)}
    edges = {
        frozenset((read.vs[edge.source]["id"], read.vs[edge.target]["id"])): known(edge.attributes())
        for edge in read.es
    }
    assert edges == {frozenset((left, right)): known(facts) for left, right, facts in graph.edges(data=True)}


def test_the_gexf_declares_and_holds_every_attribute(
    sample_result: Result, subgraph: Subgraph, graph: nx.Graph[str]
) -> None:
    tree = ElementTree.fromstring(subgraph_bytes(subgraph, sample_result.manifest, "gexf"))
    titles = {
        (group.attrib["class"], one.attrib["id"]): one.attrib["title"]
        for group in tree.iter(f"{GEXF}attributes")
        for one in group.iter(f"{GEXF}attribute")
    }

    def attributes_of(element: ElementTree.Element, of: str) -> dict[str, str]:
        values = element.iter(f"{GEXF}attvalue")
        return {titles[of, one.attrib["for"]]: one.attrib["value"] for one in values}

    for element in tree.iter(f"{GEXF}node"):
        facts = dict(graph.nodes[element.attrib["id"]])
        assert element.attrib["label"] == facts.pop("label")
        assert set(attributes_of(element, "node")) == set(facts)
        assert [one.tag for one in element if one.tag.endswith("position")]
    edges = list(tree.iter(f"{GEXF}edge"))
    assert len(edges) == graph.number_of_edges()
    for element in edges:
        facts = graph.edges[element.attrib["source"], element.attrib["target"]]
        written = {  # booleans as XML has them
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in facts.items()
        }
        assert written == attributes_of(element, "edge")


def test_the_bundle_is_stix_as_the_standard_states(sample_result: Result, subgraph: Subgraph) -> None:
    bundle = json.loads(subgraph_bytes(subgraph, sample_result.manifest, "stix"))
    objects = {one["id"]: one for one in bundle["objects"]}
    assert len(objects) == len(bundle["objects"])
    for name, one in objects.items():
        actual = STIX_ID.fullmatch(name)
        assert actual is not None
        assert actual[1] == one["type"]
        assert uuid.UUID(actual[2]).version == 5
        assert one["spec_version"] == "2.1"
        for field in ("created", "modified", "start_time", "stop_time", "account_created"):
            if field in one:
                assert one[field].endswith("Z")
                datetime.datetime.fromisoformat(one[field])
        references = [*one.get("object_refs", ()), *(one[key] for key in one if key.endswith("_ref"))]
        assert set(references) <= set(objects)
        assert set(one.get("extensions", ())) <= set(objects)
    types = [one["type"] for one in objects.values()]
    assert types.count("user-account") == len(subgraph.accounts)
    strongest = strongest_ties(subgraph)
    assert types.count("relationship") == strongest.edges.num_rows + strongest.links.num_rows
    links = [one for one in objects.values() if one.get("relationship_type") == "related-to"]
    assert {0 <= one["confidence"] <= 99 for one in links} == {True}


def test_tables_hold_what_the_result_states_of_the_cluster(
    sample_result: Result, subgraph: Subgraph, tmp_path: Path
) -> None:
    for form in ("csv", "parquet"):
        (tmp_path / form).mkdir()
        write_folder(subgraph, sample_result.manifest, form, tmp_path / form)
    cluster = pq.read_table(tmp_path / "parquet" / "clusters.parquet").to_pylist()
    (own,) = sample_result.table("clusters", where={"cluster_id": [subgraph.name]}).to_pylist()
    assert cluster == [own]  # chance, fdr and the probability of each hypothesis among them
    with (tmp_path / "csv" / "clusters.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert set(row) == set(own)
    for name in (
        "fdr",
        "expected_by_chance",
        "p_same_operator",
        "p_shared_intermediary",
        "p_shared_network",
        "rival_bits",
    ):
        assert float(row[name]) == own[name]
    for name, table in (
        ("links", subgraph.links),
        ("evidence", subgraph.evidence),
        ("edges", subgraph.edges),
    ):
        read = pq.read_table(tmp_path / "parquet" / f"{name}.parquet")
        assert read.to_pylist() == table.to_pylist()
        assert {column.nullable for column in read.schema} == {True}
        with (tmp_path / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert sum(1 for _ in csv.reader(file)) == table.num_rows + 1


def test_rows_made_in_pieces_are_the_rows_of_the_table(
    subgraph: Subgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TableRows, "_N_ROWS", 7)
    rows = TableRows(subgraph.edges)
    assert list(rows) == rows_of(subgraph.edges)
    assert (len(rows), rows[0], rows[1:3]) == (subgraph.edges.num_rows, next(iter(rows)), list(rows)[1:3])


@pytest.mark.parametrize("form", FILE_FORMATS)
def test_twice_gives_the_same_bytes(sample_result: Result, subgraph: Subgraph, form: str) -> None:
    again = cluster_subgraph(sample_result, subgraph.name)
    first, second = (subgraph_bytes(one, sample_result.manifest, form) for one in (subgraph, again))
    assert first == second


def test_the_docs_list_all_formats() -> None:
    rows = "\n".join(
        f"| `{one.name}` | {one.suffix} | {one.about} | {most(one.most_nodes)} | {most(one.most_links)} |"
        for one in FORMATS
    )
    head = "| format | ending | what opens it | accounts | links |\n|---|---|---|---|---|\n"
    begin, end = "<!-- formats: written by tests/unit/export/test_formats.py -->\n", "<!-- end -->"
    text = DOCS.read_text(encoding="utf-8")
    assert text.partition(begin)[2].partition(end)[0] == f"{head}{rows}\n"


def most(n: int | None) -> str:
    return "all" if n is None else f"{n:,}"
