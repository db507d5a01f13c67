"""Whole runs over small inputs: the same input gives the same bytes, and little input is no fault."""

from __future__ import annotations

import json
import random
import shutil
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import graphlink
from graphlink import EngineSettings
from graphlink.core.schema import TABLES
from graphlink.samples import draw_world

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink import Result


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_world(seed=3, n_accounts=300).write(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def result(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return graphlink.run(world, out=tmp_path_factory.mktemp("out") / "r", limits=EngineSettings(threads=1))


def tables(result: Result) -> dict[str, bytes]:
    return {spec.name: (result.path / f"{spec.name}.parquet").read_bytes() for spec in TABLES}


def manifest(result: Result) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((result.path / "run.json").read_text(encoding="utf-8"))
    del data["this_run"]
    return data


@pytest.mark.slow
def test_a_second_run_is_the_same_whatever_the_threads(world: Path, result: Result, tmp_path: Path) -> None:
    again = graphlink.run(world, out=tmp_path / "r", limits=EngineSettings(threads=3, memory="500MB"))
    assert manifest(again) == manifest(result)
    assert tables(again) == tables(result)


@pytest.mark.slow
def test_explaining_all_in_advance_changes_no_other_table(
    world: Path, result: Result, tmp_path: Path
) -> None:
    one, three = (
        graphlink.run(
            world, out=tmp_path / str(threads), limits=EngineSettings(threads=threads), explain_all=True
        )
        for threads in (1, 3)
    )
    assert manifest(one) == manifest(three)
    assert tables(one) == tables(three) == tables(result)
    for name in ("member_reasons", "link_reasons"):
        files = {(made.path / f"{name}.parquet").read_bytes() for made in (one, three)}
        assert len(files) == 1
    actual, plain = manifest(one), manifest(result)
    assert [actual["tables"].pop(name)["rows"] > 0 for name in ("member_reasons", "link_reasons")]
    assert actual["steps"].pop()["step"] == "explanations"
    assert actual == plain


@pytest.mark.slow
def test_the_order_of_the_rows_changes_no_table(tmp_path: Path) -> None:
    frame = draw_world(seed=4, n_accounts=150).observations().to_pandas()
    rows = list(range(len(frame)))
    random.Random(1).shuffle(rows)
    first = graphlink.run(frame, out=tmp_path / "first")
    second = graphlink.run(frame.iloc[rows], out=tmp_path / "second")
    assert tables(first) == tables(second)
    assert len(first.clusters) > 0


def test_the_planted_world_gives_clusters_that_can_be_requested_about(result: Result) -> None:
    assert len(result.clusters) > 0
    cluster = result.clusters["cluster_id"].iloc[0]
    members = result.members(cluster)
    assert len(members) == result.clusters["n_accounts"].iloc[0]
    assert len(result.reasons(cluster)) > 0
    graph = result.graph(cluster)
    assert {node["key"] for _, node in graph.nodes(data=True) if node["node_type"] == "account"} == set(
        members["account_id"]
    )
    assert graph.number_of_edges() > 0
    total = sum(edge["bits"] for *_, edge in graph.edges(data=True))
    assert total == pytest.approx(result.evidence(cluster=cluster)["contribution_bits"].sum())
    assert result.igraph(cluster).vcount() == len(members)


@pytest.mark.slow
def test_the_same_input_elsewhere_gives_the_same_result(world: Path, result: Result, tmp_path: Path) -> None:
    shutil.copytree(world.parent, tmp_path / "elsewhere")
    again = graphlink.run(tmp_path / "elsewhere" / world.name, out=tmp_path / "r")
    assert manifest(again) == manifest(result)
    assert tables(again) == tables(result)


@pytest.mark.slow
@pytest.mark.parametrize(
    "rows",
    [
        [("a", "ip", "192.0.2.1")],
        [("a", "ip", "192.0.2.1"), ("b", "ip", "192.0.2.2")],
        [("a", "payment", "p1"), ("b", "payment", "p1")],
        [("007", "note", "x"), ("7", "note", "x")],
    ],
    ids=["one account", "nothing shared", "one pair", "an open kind"],
)
def test_little_input_is_a_result_too(rows: list[tuple[str, str, str]], tmp_path: Path) -> None:
    frame = pd.DataFrame(rows, columns=["account_id", "kind", "value"]).assign(
        seen_at=pd.Timestamp("2026-01-01", tz="UTC")
    )
    result = graphlink.run(frame, out=tmp_path / "r")
    assert sorted(result.accounts["account_id"]) == sorted({row[0] for row in rows})
    assert len(result.membership) == len(result.accounts)
    assert result.clusters["n_accounts"].sum() == (result.membership["role"] != "none").sum()
