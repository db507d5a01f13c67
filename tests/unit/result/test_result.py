"""A finished run, written from tables made by hand and read back."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import igraph
import networkx as nx
import pytest

from graphlink import run
from graphlink.core.errors import NotFoundError, ResultError, TableError
from graphlink.core.schema import EXPLAINED_TABLES, TABLES
from graphlink.core.wording.findings import finding_of
from graphlink.engine.duck import DuckEngine
from graphlink.result.result import Result, read_result
from graphlink.storage.result_folder.layout import result_files
from graphlink.storage.result_folder.manifest import read_manifest, write_manifest
from graphlink.storage.result_folder.reading import read_batches, read_table
from graphlink.storage.result_folder.writing import write_tables

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert(1)</script>"
DAY = "TIMESTAMPTZ '2026-01-{:02d} 00:00:00+00'"
NO_PLACE = "NULL, NULL"  # of evidence and reasons: the identifier at which a behaviour was


def joint_sql(first: int, last: int) -> str:
    return f"{DAY.format(first)}, {DAY.format(last)}, {NO_PLACE}"


ROWS: dict[str, list[str]] = {
    "observations": [
        f"('a', 'ip', '198.51.100.7', {DAY.format(1)}, 2)",
        f"('a', 'ip', '198.51.100.7', {DAY.format(3)}, 1)",
        f"('b', 'ip', '198.51.100.7', {DAY.format(2)}, 5)",
        f"('a', 'ip', '203.0.113.1', {DAY.format(9)}, 1)",
        f"('b', 'payment', 'a', {DAY.format(4)}, 1)",
        f"('c', 'payment', 'a', {DAY.format(5)}, 1)",
        f"('{HOSTILE}', 'ip', '203.0.113.1', {DAY.format(9)}, 1)",
        "('e', 'payment', 'p9', NULL, 1)",
    ],
    "rejected_rows": ["('log.csv', 7, 1, 'seen_at', 'unparsable_time', 'found tomorrow')"],
    "accounts": [
        f"('a', {DAY.format(1)}, NULL, 'active', false, {DAY.format(1)}, {DAY.format(9)}, 4, 2, 'DE')",
        f"('b', NULL, NULL, 'banned', true, {DAY.format(2)}, {DAY.format(4)}, 6, 2, NULL)",
        f"('c', NULL, NULL, NULL, NULL, {DAY.format(5)}, {DAY.format(5)}, 1, 1, NULL)",
        "('e', NULL, NULL, NULL, NULL, NULL, NULL, 1, 1, NULL)",
        f"('{HOSTILE}', NULL, NULL, NULL, NULL, {DAY.format(9)}, {DAY.format(9)}, 1, 1, NULL)",
    ],
    "identifiers": [
        "('ip', '198.51.100.7', 'network', 2, 1, 1, false, false, 0.9, false, NULL, NULL, NULL, NULL)",
        "('ip', '203.0.113.1', 'network', 2, 1, 0, false, false, 0.1, false, 'Campus', 'campus', NULL, NULL)",
        "('payment', 'a', 'payment', 2, 1, 1, false, false, 0.95, false, NULL, NULL, NULL, NULL)",
        "('router', 'R', 'network', 90, 4005, 0, true, false, NULL, false, NULL, NULL, NULL, NULL)",
    ],
    "evidence": [
        f"('a', 'b', 'ip', '198.51.100.7', 'network', 9, 8, 2, 2, 3600, {joint_sql(1, 3)})",
        f"('b', 'c', 'payment', 'a', 'payment', 7, 6.5, 1, 2, NULL, {joint_sql(4, 5)})",
        f"('a', 'b', 'lockstep', 'day', 'behaviour', 2, 1, 3, 2, 60, {joint_sql(2, 8)})",
    ],
    "links": [
        "('a', 'b', 5, 0.9, 0.6, 0, false, 0.96, 2, 2, 3, 0.01)",
        "('b', 'c', 3, 0.88, 0, 0, false, 0.88, 1, 1, NULL, NULL)",
    ],
    "membership": [
        "('a', 'a', 'C-1', 0.9, 'core', NULL)",
        "('b', 'a', 'C-1', 0.99, 'core', NULL)",
        "('c', 'a', 'C-1', 0.6, 'fringe', 'must_link')",
        "('e', NULL, NULL, NULL, 'none', NULL)",
        f"('{HOSTILE}', NULL, 'C-2', 0.5, 'fringe', NULL)",
    ],
    "constraints": [
        "('b', 'c', 'must_link', 'applied', NULL)",
        "('a', 'e', 'cannot_link', 'applied', 4.5)",
    ],
    "clusters": [
        (
            "('C-1', 3, 2, 1, 2, 0.8, 0.67, 4, 3, 1, false, 2, 2, NULL, NULL, 'network,payment', "
            "'same_operator', 0.9, 0.04, 0.05, 0.01, 'shared_network', 3.9, 0.01, NULL, NULL, NULL, NULL)"
        ),
        (
            f"('C-2', 2, 0, 0, 1, 0.9, 1, 3, 3, 1, false, 2, 2, NULL, NULL, '{HOSTILE}', 'shared_network', "
            "0.3, 0.1, 0.59, 0.01, 'same_operator', 1.0, NULL, NULL, NULL, NULL, NULL)"
        ),
    ],
    "hypotheses": ["('C-1', 'payment', 1, 1, -0.1, -5, -4, -0.1, 'whose the shared cards are')"],
    "signals": ["('C-1', 'share_closed', 0.5, 0.1, 2, 'share of accounts that are closed')"],
    "facts": [
        "('C-1', 'night_share', '', '', .31, .3, .34, .05, .01, .11, NULL, NULL, NULL, 3, 90, 'at night')",
        (
            f"('C-1', 'moved_share', 'model', '{HOSTILE}', 0.8, NULL, NULL, 0.1, 0, 0.3, 8, 4, 16, 3, 90, "
            "'share of the calls that went to it')"
        ),
    ],
    "reasons": [
        "('C-1', 2, 'shared_identifier', 'payment', 'a', 6.5, 2, 'two pay with one card', NULL, NULL)",
        "('C-1', 1, 'shared_identifier', 'ip', '198.51.100.7', 8, 2, 'two on one address', NULL, NULL)",
        "('C-2', 1, 'further_identifiers', NULL, NULL, 1, 2, 'the rest', NULL, NULL)",
    ],
}


def make_tables(engine: DuckEngine, rows: dict[str, list[str]] = ROWS) -> None:
    for spec in TABLES:
        columns = list(spec.column_names) + (["country"] if spec.name == "accounts" else [])
        types = [column.type for column in spec.columns] + ["VARCHAR"]
        select = ", ".join(f"{c}::{t} AS {c}" for c, t in zip(columns, types, strict=False))
        values = ", ".join(rows[spec.name])
        engine.make(spec.name, f"SELECT {select} FROM (VALUES {values}) AS v({', '.join(columns)})")


def made(folder: Path, rows: dict[str, list[str]] = ROWS, threads: int = 1) -> Result:
    folder.mkdir(exist_ok=True)
    with DuckEngine(threads=threads) as engine:
        make_tables(engine, rows)
        tables = write_tables(engine, folder)
    write_manifest(folder, {"graphlink": "0.1.0", "tables": tables})
    return read_result(folder)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return made(tmp_path_factory.mktemp("result"))


def test_written_tables_have_the_contract_columns_in_order(result: Result) -> None:
    for spec in TABLES:
        extra = ["country"] if spec.name == "accounts" else []
        assert result.table(spec.name).column_names == [*spec.column_names, *extra]


def test_tables_are_sorted_by_key_whatever_the_order_they_came_in(tmp_path: Path) -> None:
    there = made(tmp_path / "there")
    back = made(tmp_path / "back", {name: rows[::-1] for name, rows in ROWS.items()}, threads=2)
    for spec in TABLES:
        name = f"{spec.name}.parquet"
        assert (there.path / name).read_bytes() == (back.path / name).read_bytes(), name
    assert (there.path / "run.json").read_bytes() == (back.path / "run.json").read_bytes()


@pytest.mark.slow
def test_many_rows_are_the_same_bytes_on_one_thread_and_on_four(tmp_path: Path) -> None:
    made_by: list[bytes] = []
    for threads, order in ((1, "i"), (4, "hash(i)")):
        with DuckEngine(threads=threads) as engine:
            make_tables(engine)
            engine.make(
                "observations",
                "SELECT 'a' || (i % 4999) AS account_id, 'ip' AS kind, (i // 7)::VARCHAR AS value, "
                "make_timestamptz(i * 1000000) AS seen_at, 1::BIGINT AS n "
                f"FROM range(260000) AS r(i) ORDER BY {order}",
            )
            folder = tmp_path / str(threads)
            folder.mkdir()
            write_tables(engine, folder)
        made_by.append((folder / "observations.parquet").read_bytes())
    assert made_by[0] == made_by[1]


def test_a_table_that_breaks_its_contract_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="two rows with the key"):
        made(tmp_path / "x", ROWS | {"links": ROWS["links"] + ROWS["links"]})
    assert not (tmp_path / "x" / "run.json").exists()


def test_clusters_come_with_the_most_core_accounts_first(result: Result) -> None:
    clusters = result.clusters
    assert list(clusters["cluster_id"]) == ["C-1", "C-2"]
    assert list(clusters["n_core"]) == sorted(clusters["n_core"], reverse=True)


def test_joint_behaviour_is_an_edge_between_accounts_and_no_identifier(tmp_path: Path) -> None:
    together = f"('a', 'b', 'lockstep', '', 'behaviour', 2, 1, 3, 2, 60, {joint_sql(2, 8)})"
    graph = made(tmp_path / "r", ROWS | {"evidence": [ROWS["evidence"][0], together]}).graph(
        "C-1", exact=True
    )
    edge = graph.edges[("account", "a"), ("account", "b")]
    assert (edge["kind"], edge["bits"], edge["n"]) == ("lockstep", 1.0, 3)
    assert not any(node[0] == "identifier" and node[-1] == "" for node in graph)


def test_frames_have_utc_times_and_nullable_integers(result: Result) -> None:
    observed = result.evidence()
    assert str(observed["first_joint"].dtype) == "datetime64[us, UTC]"
    assert str(observed["lag_seconds"].dtype) == "Int64"
    assert str(result.links["n_evidence"].dtype) == "Int64"
    assert list(observed["lag_seconds"].isna()) == [False, True, False]


def test_members_are_joined_to_their_accounts_surest_first(result: Result) -> None:
    members = result.members("C-1")
    assert list(members["account_id"]) == ["b", "a", "c"]
    assert list(members["status"].fillna("?")) == ["banned", "active", "?"]
    assert "country" in members


def test_an_account_in_no_cluster_has_no_cluster_id(result: Result) -> None:
    alone = result.membership.set_index("account_id").loc[["e"]].iloc[0]
    assert alone.isna()["cluster_id"]
    assert alone["role"] == "none"


@pytest.mark.parametrize("pair", [("a", "b"), ("b", "a")])
def test_evidence_of_a_pair_in_either_order(result: Result, pair: tuple[str, str]) -> None:
    assert list(result.evidence(*pair)["kind"]) == ["ip", "lockstep"]


def test_evidence_of_one_account_and_of_a_cluster(result: Result) -> None:
    assert list(result.evidence("c")["kind"]) == ["payment"]
    assert list(result.evidence(cluster="C-1")["contribution_bits"]) == [8, 6.5, 1]
    assert len(result.evidence(cluster="C-2")) == 0
    assert list(result.evidence("a", "b", cluster="C-1")["kind"]) == ["ip", "lockstep"]
    assert len(result.evidence("a", "c")) == 0


def test_reasons_come_by_rank(result: Result) -> None:
    assert list(result.reasons("C-1")["rank"]) == [1, 2]
    assert len(result.reasons()) == 3


@pytest.mark.parametrize("ask", ["members", "reasons", "graph", "igraph"])
def test_an_unknown_cluster_is_named(result: Result, ask: str) -> None:
    with pytest.raises(ResultError, match="no cluster 'C-9'"):
        getattr(result, ask)("C-9")


def test_unknown_tables_and_columns_list_what_there_is(result: Result) -> None:
    with pytest.raises(ResultError, match="no table 'x'; there are observations"):
        result.table("x")
    with pytest.raises(ResultError, match="no column 'x'; it has account_id_l"):
        result.table("links", ["x"])


def test_an_account_and_an_identifier_of_one_name_are_two_nodes(result: Result) -> None:
    graph = result.graph("C-1", exact=True)
    assert graph.nodes["account", "a"]["node_type"] == "account"
    assert graph.nodes["identifier", "payment", "a"]["node_type"] == "identifier"
    assert set(graph["account", "a"]) == {
        ("identifier", "ip", "198.51.100.7"),
        ("identifier", "lockstep", "day"),
    }


def test_the_graph_carries_times_counts_and_what_is_known_of_nodes(result: Result) -> None:
    graph = result.graph("C-1", exact=True)
    actual = graph["account", "a"]["identifier", "ip", "198.51.100.7"]
    assert (actual["n"], actual["bits"]) == (3, 4)
    assert [f"{actual[name]:%m-%d}" for name in ("first_seen", "last_seen")] == ["01-01", "01-03"]
    assert graph.nodes["identifier", "ip", "198.51.100.7"]["p_exclusive"] == 0.9
    assert graph.nodes["account", "b"]["status"] == "banned"
    joint = graph["account", "a"]["identifier", "lockstep", "day"]
    assert "n" not in joint
    assert f"{joint['first_seen']:%m-%d}" == "01-02"


def test_the_graphs_bits_add_up_to_the_evidence(result: Result) -> None:
    actual = sum(edge["bits"] for _, _, edge in result.graph("C-1").edges(data=True))
    assert actual == pytest.approx(result.evidence(cluster="C-1")["contribution_bits"].sum())
    assert isinstance(result.graph("C-1"), nx.Graph)


def test_a_cluster_without_evidence_is_a_graph_of_its_accounts(result: Result) -> None:
    assert list(result.graph("C-2").nodes) == [f"account:{HOSTILE}"]


def test_igraph_has_names_weights_and_probabilities(result: Result) -> None:
    graph = result.igraph("C-1")
    assert isinstance(graph, igraph.Graph)
    assert graph.vs["name"] == ["a", "b", "c"]
    assert {graph.vs[e.source]["name"] + graph.vs[e.target]["name"]: e["weight"] for e in graph.es} == {
        "ab": 5,
        "bc": 3,
    }
    assert graph.es["probability"] == [0.96, 0.88]


def test_the_cluster_of_an_account(result: Result) -> None:
    assert [result.cluster_of(name) for name in ("a", "e", HOSTILE)] == ["C-1", None, "C-2"]
    with pytest.raises(NotFoundError, match="no account 'A' in"):
        result.cluster_of("A")


def test_every_table_is_a_frame(result: Result) -> None:
    assert set(result.tables) == {spec.name for spec in TABLES}
    for name in result.tables:
        assert len(result.to_frame(name)) == len(ROWS[name])
    assert list(result.hypotheses["evidence"]) == ["payment"]
    assert list(result.signals["signal"]) == ["share_closed"]
    assert list(result.facts["measure"]) == ["moved_share", "night_share"]
    assert str(result.observations["seen_at"].dtype).endswith("UTC]")
    assert list(result.to_frame("links", ["bits"], {"account_id_l": ["b"]})["bits"]) == [3]
    assert list(result.to_frame()["cluster_id"]) == ["C-1", "C-2"]
    with pytest.raises(ResultError, match="no table 'x'"):
        result.to_frame("x")


def test_the_graph_of_an_account_has_what_it_is_linked_to(result: Result) -> None:
    graph = result.graph("a", of="account")
    assert {node for node in graph if node.startswith("account:")} == {"account:a", "account:b"}
    assert (graph.graph["of"], graph.nodes["account:a"]["cluster_id"]) == ("account", "C-1")
    assert list(result.graph("e", of="account")) == ["account:e"]
    assert result.igraph("a", of="account").vs["name"] == ["a", "b"]


def test_the_graph_of_some_accounts_has_what_these_share(result: Result) -> None:
    graph = result.graph(["a", "c"], of="accounts")
    assert (set(graph), graph.number_of_edges()) == ({"account:a", "account:c"}, 0)
    assert result.graph(result.membership["account_id"][:4], of="accounts").number_of_edges() == 6


def test_the_graph_of_all_has_every_account_with_a_link(result: Result) -> None:
    graph = result.graph(of="all")
    assert {node for node in graph if node.startswith("account:")} == {"account:a", "account:b", "account:c"}
    actual = sum(edge["bits"] for _, _, edge in graph.edges(data=True))
    assert actual == pytest.approx(result.evidence()["contribution_bits"].sum())
    assert result.igraph(of="all").vs["name"] == ["a", "b", "c"]


def test_weights_are_bits_or_observations_or_none(result: Result) -> None:
    edge = "account:a", "identifier:ip:198.51.100.7"
    assert result.graph("C-1").edges[edge]["weight"] == 4
    assert result.graph("C-1", weight="n").edges[edge]["weight"] == 3
    assert "weight" not in result.graph("C-1", weight=None).edges[edge]


@pytest.mark.parametrize(
    ("subject", "of", "weight", "expected"),
    [
        ("C-1", "clusters", "bits", "of: expected cluster, account, path, accounts, all, found 'clusters'"),
        ("C-1", "all", "bits", "subject: expected none with of='all'"),
        (None, "cluster", "bits", "subject: expected the name of one cluster"),
        (["a"], "account", "bits", "subject: expected the name of one account"),
        ("a", "accounts", "bits", "subject: expected a list of accounts"),
        ("C-1", "cluster", "p", "weight: expected bits, n or None, found 'p'"),
        ("x", "account", "bits", "no account 'x'"),
        ("C-9", "cluster", "bits", "no cluster 'C-9'"),
    ],
)
def test_a_graph_of_what_is_not_there_is_refused(
    result: Result, subject: Any, of: str, weight: str, expected: str
) -> None:
    with pytest.raises(ResultError, match=expected):
        result.graph(subject, of=of, weight=weight)


def test_reprs_show_the_counts_and_escape_the_data(result: Result) -> None:
    assert "5 accounts, 2 clusters, 2 links, 1 rejected_rows" in repr(result)
    shown = result._repr_html_()
    assert "C-2" in shown
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    for row in result.table("clusters").to_pylist():
        assert f"<td>{finding_of(row).name}</td>" in shown


def test_filters_read_only_the_row_groups_that_can_match(tmp_path: Path) -> None:
    with DuckEngine(threads=1) as engine:
        make_tables(engine)
        engine.make(
            "links",
            "SELECT lpad(i::VARCHAR, 7, '0') AS account_id_l, 'z' AS account_id_r, 1::DOUBLE AS bits, "
            "0.5::DOUBLE AS p_direct, 0::DOUBLE AS p_via_cluster, 0::DOUBLE AS p_apart, "
            "false AS is_explained, 0.5::DOUBLE AS probability, "
            "1::BIGINT AS n_evidence, 1::BIGINT AS n_facets, NULL::DOUBLE AS expected_by_chance, "
            "NULL::DOUBLE AS fdr "
            "FROM range(250000) AS r(i)",
        )
        write_tables(engine, tmp_path)
    actual = read_table(tmp_path, "links", ["bits"], {"account_id_l": ["0200000", "none"]})
    assert actual.num_rows == 1
    assert actual.column_names == ["bits"]
    # Only the second of three groups is whole; the others' pages may be anything.
    path = tmp_path / "links.parquet"
    blob = bytearray(path.read_bytes())
    blob[4:2000] = b"\0" * 1996
    path.write_bytes(blob)
    assert read_table(tmp_path, "links", None, {"account_id_l": ["0200000"]}).num_rows == 1
    with pytest.raises(ResultError, match=r"links\.parquet can't be read"):
        read_table(tmp_path, "links", None, {"account_id_l": ["0000001"]})


def damaged(result: Result, tmp_path: Path) -> Path:
    for file in result.path.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_a_missing_folder_states_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match=r"no folder .*graphlink run SOURCE --out"):
        read_result(tmp_path / "none")


def test_a_folder_that_is_no_result_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="not a graphlink result"):
        read_result(tmp_path)
    assert not result_files(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", '{"name": "other tool"}', "\x00"])
def test_another_tools_run_json_is_not_ours(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    assert not result_files(tmp_path)
    with pytest.raises(ResultError):
        read_manifest(tmp_path)


def test_another_format_is_refused(result: Result, tmp_path: Path) -> None:
    folder = damaged(result, tmp_path)
    data = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps(data | {"format": 99}), encoding="utf-8")
    with pytest.raises(ResultError, match="format 99"):
        read_result(folder)
    assert result_files(folder)[0] == "run.json"


def tiny(folder: Path) -> Path:
    path = folder / "log.csv"
    rows = "".join(f"a{i},client,c{i // 2},2026-01-0{i + 1}T00:00:00Z\n" for i in range(6))
    path.write_text("account_id,kind,value,seen_at\n" + rows, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "told",
    [
        {"graphlink": "0", "format": 0},
        {"graphlink": "0", "format": 0, "tables": ["photo.jpg"]},
        {"graphlink": "0", "format": 0, "tables": {"photo.jpg": {}, "../photo": {}, "photo": {}, "p/q": {}}},
        {"graphlink": "0", "format": 0, "tables": 3, "folder": "."},
    ],
)
def test_a_forged_run_json_never_loses_a_photo(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, told: dict[str, object]
) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"mine")
    (tmp_path / "run.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(ResultError, match=r"did not write: photo\.jpg;"):
        run(tiny(tmp_path_factory.mktemp("world")), out=tmp_path, overwrite=True)
    assert (tmp_path / "photo.jpg").read_bytes() == b"mine"


@pytest.mark.slow
def test_a_result_with_notes_is_replaced_once_they_are_moved(tmp_path: Path) -> None:
    out, world = tmp_path / "r", tiny(tmp_path)
    run(world, out=out, explain_all=True)
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ResultError, match=r"did not write: notes\.txt;"):
        run(world, out=out, overwrite=True)
    (out / "notes.txt").rename(tmp_path / "notes.txt")
    assert run(world, out=out, overwrite=True).manifest["tables"].keys() == {spec.name for spec in TABLES}


def test_a_missing_table_is_named(result: Result, tmp_path: Path) -> None:
    folder = damaged(result, tmp_path)
    (folder / "links.parquet").unlink()
    with pytest.raises(ResultError, match=r"incomplete: links\.parquet is missing"):
        read_result(folder)


def test_a_truncated_table_is_named(result: Result, tmp_path: Path) -> None:
    folder = damaged(result, tmp_path)
    (folder / "links.parquet").write_bytes((folder / "links.parquet").read_bytes()[:-1])
    with pytest.raises(ResultError, match=r"links\.parquet is not the file that the run wrote"):
        read_result(folder)


NAMES = [spec.name for spec in EXPLAINED_TABLES]


@pytest.fixture
def explained(tmp_path: Path) -> Result:
    with DuckEngine(threads=1) as engine:
        make_tables(engine)
        for spec in EXPLAINED_TABLES:
            columns = ", ".join(f"NULL::{column.type} AS {column.name}" for column in spec.columns)
            engine.make(spec.name, f"SELECT {columns} WHERE false")
        tables = write_tables(engine, tmp_path)
    write_manifest(tmp_path, {"graphlink": "0.1.0", "tables": tables})
    return read_result(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_not_explained_in_advance_states_how_to_ask_for_it(result: Result, name: str) -> None:
    with pytest.raises(ResultError, match=rf"has no table {name}.*run it again with explain_all=True"):
        result.table(name)
    with pytest.raises(ResultError, match="explain_all=True"):
        next(read_batches(result.path, name, ["bits"]))
    with pytest.raises(ResultError, match=rf"no table 'other'; there are .*{name}"):
        result.table("other")


@pytest.mark.parametrize("name", NAMES)
def test_what_was_explained_in_advance_belongs_to_a_whole_result(explained: Result, name: str) -> None:
    spec = next(spec for spec in EXPLAINED_TABLES if spec.name == name)
    assert explained.table(name).column_names == list(spec.column_names)
    assert explained.manifest["tables"][name]["rows"] == 0
    file = explained.path / f"{name}.parquet"
    actual = file.read_bytes()
    file.write_bytes(actual[:-1])
    with pytest.raises(ResultError, match=rf"{name}\.parquet is not the file that the run wrote"):
        read_result(explained.path)
    file.unlink()
    with pytest.raises(ResultError, match=rf"incomplete: {name}\.parquet is missing"):
        read_result(explained.path)


def test_reading_a_table_needs_neither_engine_nor_pandas(result: Result) -> None:
    values = (
        "import sys; from graphlink import read_result; "
        "r = read_result(sys.argv[1]); r.table('links', None, {'account_id_l': ['a']}); "
        "print(sorted({'duckdb', 'pandas', 'igraph', 'networkx'} & set(sys.modules)))"
    )
    process: Any = subprocess.run(
        [sys.executable, "-c", values, str(result.path)], capture_output=True, check=True
    )
    assert process.stdout.decode().strip() == "[]"
