"""The result that users hold: explained, drawn, exported and reported, with paths as text or as paths."""

from __future__ import annotations

import gc
import json
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import pandas as pd
import pytest

import graphlink
from graphlink.api.results import RedactedResult, public
from graphlink.core.errors import NotFoundError, QuestionError, ResultError, SettingsError
from graphlink.explanations import explain_cluster, explain_member, explain_pair
from graphlink.result.result import read_result

if TYPE_CHECKING:
    from graphlink import Result

KEY = b"a key of the tests, 32 bytes long"


@pytest.fixture(scope="session")
def cluster(sample_result: Result) -> str:
    return str(sample_result.clusters["cluster_id"][0])


@pytest.fixture(scope="session")
def pair(sample_result: Result, cluster: str) -> tuple[str, str]:
    first, second = sample_result.members(cluster)["account_id"][:2]
    return first, second


def test_run_and_read_result_give_what_users_hold(sample_result: Result) -> None:
    for result in (sample_result, graphlink.read_result(str(sample_result.path))):
        assert type(result) is graphlink.Result
    assert public(sample_result) is sample_result


def test_a_result_can_be_pickled(sample_result: Result) -> None:
    back = pickle.loads(pickle.dumps(sample_result))
    assert back.clusters.equals(sample_result.clusters)


def test_explain_tells_clusters_accounts_and_pairs_apart(
    sample_result: Result, cluster: str, pair: tuple[str, str]
) -> None:
    assert sample_result.explain(cluster) == explain_cluster(sample_result, cluster)
    assert sample_result.explain(pair[0]) == explain_member(sample_result, pair[0])
    assert sample_result.explain(*pair) == explain_pair(sample_result, *pair)
    with pytest.raises(NotFoundError, match="no account 'nobody'"):
        sample_result.explain("nobody")
    with pytest.raises(NotFoundError):
        sample_result.explain(pair[0], of="cluster")
    with pytest.raises(QuestionError, match="of: expected account or cluster, found 'pair'"):
        sample_result.explain(pair[0], of="pair")


def test_an_account_named_as_a_cluster_is_not_mistaken_for_it(
    sample_result: Result, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = graphlink.Result.table

    def forged(self: Result, name: str, columns: Any = None, where: Any = None) -> Any:
        if name == "accounts" and where == {"account_id": [cluster]}:
            where = {"account_id": sample_result.members(cluster)["account_id"][:1].tolist()}
        return read(self, name, columns, where)

    monkeypatch.setattr(graphlink.Result, "table", forged)
    with pytest.raises(QuestionError, match="a cluster and an account have this name"):
        sample_result.explain(cluster)
    assert sample_result.explain(cluster, of="cluster")


def test_the_graph_of_a_path_leads_from_one_end_to_the_other(
    sample_result: Result, pair: tuple[str, str]
) -> None:
    graph = sample_result.graph(pair, of="path")
    assert graph.graph["of"] == "path"
    assert nx.has_path(graph, f"account:{pair[0]}", f"account:{pair[1]}")
    assert set(pair) <= set(sample_result.igraph(pair, of="path").vs["name"])
    with pytest.raises(QuestionError, match="two ends of the path, found 1"):
        sample_result.graph([pair[0]], of="path")


def test_a_redacted_result_can_do_the_same(sample_result: Result, cluster: str, tmp_path: Path) -> None:
    shown = graphlink.redact(sample_result, "partner", KEY)
    assert type(shown) is RedactedResult
    assert isinstance(shown, graphlink.Result)
    name = str(shown.clusters["cluster_id"][0])
    accounts = set(sample_result.accounts["account_id"])
    text = json.dumps(shown.explain(name).as_dict())
    assert not [account for account in accounts if account in text]
    assert shown.export(name, tmp_path / "c.json").stat().st_size
    with pytest.raises(ResultError, match="a redacted result is a view"):
        shown.save(tmp_path / "copy")


@pytest.mark.parametrize("kind", [str, Path])
def test_exports_go_to_text_and_paths_in_the_format_of_their_end(
    sample_result: Result, cluster: str, tmp_path: Path, kind: Any
) -> None:
    written = sample_result.export(cluster, kind(tmp_path / "c.graphml"))
    assert nx.read_graphml(written).number_of_nodes()
    folder = sample_result.export(cluster, kind(tmp_path / "c-csv"), most=3)
    assert len((folder / "accounts.csv").read_text("utf-8").splitlines()) == 4
    with pytest.raises(ResultError, match="overwrite=True replaces it"):
        sample_result.export(cluster, written)
    sample_result.export(cluster, written, overwrite=True)


def test_an_export_names_what_is_wrong(sample_result: Result, cluster: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no export format ends so; .*\.graphml \(graphml\)"):
        sample_result.export(cluster, tmp_path / "c.docx")
    with pytest.raises(SettingsError, match="no export format 'docx'"):
        sample_result.export(cluster, tmp_path / "c.docx", form="docx")
    with pytest.raises(QuestionError, match="of: expected cluster, account, path, accounts, found 'all'"):
        sample_result.export(cluster, tmp_path / "c.json", of="all")
    with pytest.raises(QuestionError, match="subject: expected one cluster, found 2 names"):
        sample_result.export([cluster, cluster], tmp_path / "c.json")
    with pytest.raises(QuestionError, match="subject: expected two accounts, found 1 names"):
        sample_result.export("a", tmp_path / "c.json", of="path")
    with pytest.raises(SettingsError, match="which need a key"):
        sample_result.export(cluster, tmp_path / "c.json", profile="legal")
    assert list(tmp_path.iterdir()) == []


def test_a_redacted_export_names_the_raw_cluster(sample_result: Result, cluster: str, tmp_path: Path) -> None:
    written = sample_result.export(cluster, tmp_path / "c.json", profile="partner", key=KEY)
    document = json.loads(written.read_text("utf-8"))
    assert document["name"] != cluster
    assert len(document["accounts"]) == len(sample_result.members(cluster))


def test_a_path_is_exported_between_its_ends(
    sample_result: Result, pair: tuple[str, str], tmp_path: Path
) -> None:
    document = json.loads(sample_result.export(pair, tmp_path / "p.json", of="path").read_text("utf-8"))
    assert document["what"] == "path"
    assert set(pair) <= {row["account_id"] for row in document["accounts"]}


def test_a_report_takes_text_and_an_earlier_folder(sample_result: Result, tmp_path: Path) -> None:
    made = sample_result.report(str(tmp_path / "report"), top=2, since=str(sample_result.path))
    assert [entry.status for entry in made.entries] == ["same", "same"]
    assert (tmp_path / "report" / "index.html").stat().st_size


def test_a_saved_result_is_the_same(sample_result: Result, tmp_path: Path) -> None:
    saved = sample_result.save(str(tmp_path / "copy"))
    assert type(saved) is graphlink.Result
    assert all(saved.verify().values())
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == sorted(
        path.name for path in Path(sample_result.path).iterdir()
    )
    with pytest.raises(ResultError, match="overwrite=True replaces it"):
        sample_result.save(tmp_path / "copy")
    assert sample_result.save(tmp_path / "copy", overwrite=True).path == tmp_path / "copy"
    with pytest.raises(ResultError, match="only a folder of this machine"):
        sample_result.save("s3://bucket/result")


def test_a_temporary_result_lives_as_long_as_it_is_used_and_progress_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = pd.DataFrame(
        {"account_id": ["a", "b", "c"], "kind": "client", "value": ["x", "x", "y"], "seen_at": "2026-01-01"}
    )
    result = graphlink.run(frame, progress=True)
    printed = capsys.readouterr()
    assert (printed.out, len(printed.err.splitlines())) == ("", 22)  # a line a step
    folder = Path(result.path)
    gc.collect()
    assert len(result.accounts) == 3
    kept = result.save(tmp_path / "kept")
    del result
    gc.collect()
    assert not folder.exists()
    assert len(kept.accounts) == 3


def test_results_of_the_floors_below_have_no_paths(sample_result: Result, pair: tuple[str, str]) -> None:
    with pytest.raises(QuestionError, match=r"graphlink\.read_result opens results with paths"):
        read_result(sample_result.path).graph(pair, of="path")
