"""Exports for other platforms: sized for partners, in the words of MISP, Neo4j and spreadsheets."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
import json
import uuid
from typing import TYPE_CHECKING, Any

import networkx as nx
import openpyxl
import pyarrow as pa
import pytest

from graphlink.export.formats import Export, subgraph_bytes
from graphlink.export.strongest import strongest_ties
from graphlink.export.subgraph import cluster_subgraph
from graphlink.result.redaction import LEGAL, Redacted, redact
from graphlink.storage.arrow_values import rows_of
from tests.exported import write_folder

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.export.subgraph import Subgraph
    from graphlink.result.result import Result


@pytest.fixture(scope="module")
def subgraph(sample_result: Result) -> Subgraph:
    return cluster_subgraph(sample_result, sample_result.clusters["cluster_id"][0])


def pairs_of(links: pa.Table) -> list[tuple[str, str]]:
    return list(zip(links["account_id_l"].to_pylist(), links["account_id_r"].to_pylist(), strict=True))


def test_the_strongest_links_are_a_spanning_forest_with_the_most_bits(subgraph: Subgraph) -> None:
    strongest = strongest_ties(subgraph)
    graph: nx.Graph[str] = nx.Graph()
    for row in rows_of(subgraph.links):
        if row["bits"] > 0:
            graph.add_edge(row["account_id_l"], row["account_id_r"], weight=row["bits"])
    expected = nx.maximum_spanning_tree(graph)
    kept = strongest.links["bits"].to_pylist()
    assert sum(kept) == pytest.approx(expected.size(weight="weight"))
    assert nx.number_connected_components(nx.Graph(pairs_of(strongest.links))) == 1
    assert len(kept) == len(subgraph.accounts) - 1 < subgraph.links.num_rows


def test_each_account_keeps_its_strongest_identifiers_that_others_hold(subgraph: Subgraph) -> None:
    strongest = strongest_ties(subgraph)
    rows = rows_of(strongest.edges)
    for account in {row["account_id"] for row in rows}:
        own = sorted((row["bits"] for row in rows if row["account_id"] == account), reverse=True)
        every = [row["bits"] for row in rows_of(subgraph.edges) if row["account_id"] == account]
        assert len(own) <= 3
        assert own[0] == max(every)
    holders: dict[tuple[str, str], int] = {}
    for row in rows:
        holders[row["kind"], row["value"]] = holders.get((row["kind"], row["value"]), 0) + 1
    assert min(holders.values()) >= 2
    assert {(row["kind"], row["value"]) for row in strongest.identifiers} == set(holders)
    assert strongest.accounts == subgraph.accounts
    assert f"Of {subgraph.edges.num_rows:,} holdings" in strongest.left_out[-1]


def test_what_is_small_already_stays_whole(subgraph: Subgraph) -> None:
    once = strongest_ties(subgraph)
    twice = strongest_ties(once)
    assert (twice.edges, twice.links, twice.left_out) == (once.edges, once.links, once.left_out)
    empty = dataclasses.replace(subgraph, edges=subgraph.edges[:0], links=subgraph.links[:0], identifiers=[])
    assert strongest_ties(empty).left_out == subgraph.left_out


def test_a_clique_of_many_accounts_is_a_few_relations_an_account(subgraph: Subgraph) -> None:
    names = [f"a{i:03}" for i in range(180)]
    ends = [(left, right) for i, left in enumerate(names) for right in names[i + 1 :]]
    links = pa.table(
        {
            "account_id_l": [one for one, _ in ends],
            "account_id_r": [other for _, other in ends],
            "bits": [5.0] * len(ends),
        }
    )
    held = [(name, f"v{j}") for name in names for j in range(20)]
    edges = pa.table(
        {
            "account_id": [name for name, _ in held],
            "kind": ["ip"] * len(held),
            "value": [value for _, value in held],
            "bits": [1.0] * len(held),
        }
    )
    identifiers = [{"kind": "ip", "value": f"v{j}", "bits": 1.0} for j in range(20)]
    made = strongest_ties(dataclasses.replace(subgraph, links=links, edges=edges, identifiers=identifiers))
    assert (links.num_rows, made.links.num_rows, made.edges.num_rows) == (16_110, 179, 540)


def event_of(result: Result, subgraph: Subgraph) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(subgraph_bytes(subgraph, result.manifest, "misp"))["Event"]
    return event


def test_the_event_has_accounts_identifiers_and_ties(sample_result: Result, subgraph: Subgraph) -> None:
    event, strongest = event_of(sample_result, subgraph), strongest_ties(subgraph)
    names = {
        attribute["value"]
        for one in event["Object"]
        for attribute in one["Attribute"]
        if attribute["object_relation"] == "user-id"
    }
    assert names == {row["account_id"] for row in subgraph.accounts}
    assert len(event["Attribute"]) == 1 + len(strongest.identifiers)
    references = [one for account in event["Object"] for one in account["ObjectReference"]]
    assert len(references) == strongest.edges.num_rows + strongest.links.num_rows
    known = {one["uuid"] for one in (*event["Attribute"], *event["Object"])}
    assert {one["referenced_uuid"] for one in references} <= known
    description = event["Attribute"][0]["value"]
    assert description.startswith("A lead, not a verdict")
    assert strongest.left_out[-1] in description


def test_nothing_of_the_event_is_for_detection_or_for_everybody(
    sample_result: Result, subgraph: Subgraph
) -> None:
    event = event_of(sample_result, subgraph)
    attributes = [*event["Attribute"], *(one for account in event["Object"] for one in account["Attribute"])]
    assert not any(one["to_ids"] for one in attributes)
    assert (event["distribution"], event["published"]) == ("0", False)
    identities = [one["uuid"] for one in (*attributes, *event["Object"])]
    assert len(set(identities)) == len(identities)
    assert {uuid.UUID(one).version for one in identities} == {5}


def test_addresses_and_mails_have_types_of_their_own(sample_result: Result, subgraph: Subgraph) -> None:
    types = {
        one["comment"].partition(";")[0]: (one["category"], one["type"])
        for one in event_of(sample_result, subgraph)["Attribute"][1:]
    }
    assert types["ip"] == ("Network activity", "ip-src")
    assert types["payment"] == ("Other", "text")


def test_redacted_values_are_text_and_no_probability_is_certain(
    sample_result: Result, subgraph: Subgraph
) -> None:
    shown = redact(sample_result, LEGAL, b"a key of the tests, 32 bytes long")
    assert isinstance(shown, Redacted)
    redacted = cluster_subgraph(shown, shown.name_of_cluster(subgraph.name))
    event = event_of(shown, redacted)
    types = {one["comment"].partition(";")[0]: one["type"] for one in event["Attribute"][1:]}
    assert types["ip"] == "text"
    assert "1.000" not in json.dumps(event_of(sample_result, subgraph))


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_neo4j_gets_nodes_with_ids_and_relationships_between_them(
    sample_result: Result, subgraph: Subgraph, tmp_path: Path
) -> None:
    write_folder(subgraph, sample_result.manifest, "neo4j", tmp_path)
    accounts, identifiers, holds, linked = (
        read_csv(tmp_path / f"{name}.csv") for name in ("accounts", "identifiers", "holds", "linked")
    )
    nodes = {row["id:ID"] for row in (*accounts, *identifiers)}
    assert len(nodes) == len(subgraph.accounts) + len(subgraph.identifiers)
    assert {row[":LABEL"] for row in accounts} == {"Account"}
    assert {row[":LABEL"] for row in identifiers} == {"Identifier"}
    assert {row[":TYPE"] for row in holds} == {"HOLDS"}
    assert {row[":TYPE"] for row in linked} == {"LINKED"}
    assert (len(holds), len(linked)) == (subgraph.edges.num_rows, subgraph.links.num_rows)
    assert {row[end] for row in (*holds, *linked) for end in (":START_ID", ":END_ID")} <= nodes
    assert {"bits:double", "n:long", "first_seen:datetime"} <= set(holds[0])
    assert {"probability:double", "is_abuse:boolean", "created_at:datetime", "plan"} <= set(accounts[0])
    assert {row["is_abuse:boolean"] for row in accounts} <= {"true", "false", ""}
    assert all(row["created_at:datetime"].endswith("Z") for row in accounts if row["created_at:datetime"])


def test_neo4j_reads_no_type_or_formula_of_the_data(
    sample_result: Result, subgraph: Subgraph, tmp_path: Path
) -> None:
    hostile = [
        {**row, "account_id": f"=cmd|{i}\n", "x:ID": "=1+1", "x_ID": "b", "id": "c"}
        for i, row in enumerate(subgraph.accounts)
    ]
    small = dataclasses.replace(
        subgraph, accounts=hostile, edges=subgraph.edges[:0], links=subgraph.links[:0]
    )
    write_folder(small, sample_result.manifest, "neo4j", tmp_path)
    rows = read_csv(tmp_path / "accounts.csv")
    assert len(rows) == len(hostile)
    assert rows[0]["id:ID"] == "account:=cmd|0\\n" or rows[0]["id:ID"].startswith("account:=cmd|0")
    assert "\n" not in rows[0]["id:ID"]
    assert (rows[0]["x_ID"], rows[0]["x_ID_"], rows[0]["id_"]) == ("'=1+1", "b", "c")
    assert rows[0]["account_id"].startswith("'=cmd")
    assert [name for name in rows[0] if name.endswith(":ID")] == ["id:ID"]


def test_an_earlier_neo4j_folder_is_replaced_and_a_foreign_file_is_not(
    sample_result: Result, subgraph: Subgraph, tmp_path: Path
) -> None:
    from graphlink.export.formats import format_of
    from graphlink.export.writing import write_export

    export, target = Export(subgraph, sample_result.manifest), tmp_path / "c-neo4j"
    for _ in range(2):
        write_export(export, format_of("neo4j"), target, overwrite=True)
    assert len(list(target.iterdir())) == 5


def test_the_workbook_has_a_sheet_a_table_and_text_stays_text(
    sample_result: Result, subgraph: Subgraph
) -> None:
    accounts = [{**row, "plan": "=1+1"} for row in subgraph.accounts]
    named = dataclasses.replace(subgraph, accounts=accounts, left_out=("Something is left out.",))
    book = openpyxl.load_workbook(io.BytesIO(subgraph_bytes(named, sample_result.manifest, "xlsx")))
    assert book.sheetnames == [
        *("about", "clusters", "reasons", "accounts", "identifiers", "edges", "links", "evidence"),
    ]
    sheet = book["accounts"]
    header = [cell.value for cell in sheet[1]]
    assert sheet.max_row == len(accounts) + 1
    plan = sheet.cell(2, header.index("plan") + 1)
    assert (plan.value, plan.data_type) == ("=1+1", "s")
    assert isinstance(sheet.cell(2, header.index("created_at") + 1).value, datetime.datetime)
    assert sheet.freeze_panes == "A2"
    about = [row[0] for row in book["about"].iter_rows(values_only=True)]
    assert "Something is left out." in about
    assert f"cluster {subgraph.name}" in about
