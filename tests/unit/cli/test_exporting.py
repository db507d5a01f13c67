"""`graphlink export`: every format and subject from the command line, whole or not at all."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from graphlink.cli import commands
from graphlink.export.formats import registry
from graphlink.export.formats.json_file import JSON
from tests.tampered import change_column, copy_of, sign

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result as Outcome

    from graphlink.result.result import Result


def call(result: Result, *arguments: str) -> Outcome:
    return CliRunner().invoke(commands, ["export", str(result.path), *arguments])


def strongest(result: Result) -> str:
    return str(result.clusters["cluster_id"][0])


@pytest.mark.slow
@pytest.mark.parametrize("form", ["html", "graphml", "gexf", "json", "stix"])
def test_a_file_is_written_and_not_replaced_unasked(sample_result: Result, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    arguments = ("--cluster", strongest(sample_result), "--format", form, "--out", str(out))
    assert call(sample_result, *arguments).exit_code == 0
    first = out.read_bytes()
    refused = call(sample_result, *arguments)
    assert refused.exit_code == 1
    assert "--overwrite" in refused.output
    assert call(sample_result, *arguments, "--overwrite").exit_code == 0
    assert out.read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_tables_are_a_folder_and_no_other_folder_is_replaced(
    sample_result: Result, tmp_path: Path, form: str
) -> None:
    out = tmp_path / "out"
    arguments = ("--cluster", strongest(sample_result), "--format", form, "--out", str(out))
    assert call(sample_result, *arguments).exit_code == 0
    assert {f"{name}.{form}" for name in ("accounts", "edges", "links", "reasons")} < {
        path.name for path in out.iterdir()
    }
    assert call(sample_result, *arguments, "--overwrite").exit_code == 0
    (out / "export.json").unlink()
    assert call(sample_result, *arguments, "--overwrite").exit_code == 1
    assert (out / f"links.{form}").exists()


def test_neighbourhood_path_and_selection(sample_result: Result) -> None:
    one, *others = sample_result.members(strongest(sample_result))["account_id"]
    for arguments in (
        ("--account", one),
        ("--path", one, others[-1]),
        ("--select", one, "--select", others[0]),
    ):
        done = call(sample_result, *arguments, "--format", "json", "--out", "-")
        assert done.exit_code == 0, done.output
        assert one in {row["account_id"] for row in json.loads(done.stdout)["accounts"]}


def test_a_redacted_export_names_its_file_by_the_pseudonym(
    sample_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    key = tmp_path / "key"
    key.write_text("a key of the tests, 32 bytes long")
    key.chmod(0o600)
    cluster = strongest(sample_result)
    arguments = ("--cluster", cluster, "--profile", "legal", "--format", "graphml")
    assert "--key-file" in call(sample_result, *arguments).output
    assert call(sample_result, *arguments, "--key-file", str(key)).exit_code == 0
    (made,) = tmp_path.glob("*.graphml")
    assert cluster not in made.name


def test_a_key_that_cannot_be_used_is_reported_by_its_option(sample_result: Result, tmp_path: Path) -> None:
    key = tmp_path / "key"
    arguments = ("--cluster", strongest(sample_result), "--profile", "legal", "--key-file", str(key))
    missing = call(sample_result, *arguments)
    assert missing.exit_code == 1
    assert f"--key-file: {key}: no such file" in missing.output
    assert "pseudonymize" not in missing.output
    key.write_text("short")
    key.chmod(0o600)
    assert "5 bytes" in call(sample_result, *arguments).output


@pytest.mark.parametrize("arguments", [(), ("--cluster", "C-1", "--account", "a")])
def test_exactly_one_subject_is_requested_for(sample_result: Result, arguments: tuple[str, ...]) -> None:
    done = call(sample_result, *arguments)
    assert done.exit_code == 2
    assert "one of --cluster, --account, --path, --select" in done.output


def test_a_graph_of_a_large_cluster_is_its_core_and_frontier_and_its_table_is_whole(
    sample_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = str(sample_result.clusters.sort_values("n_accounts")["cluster_id"].iloc[-1])
    n_members = len(sample_result.members(cluster))
    few = dataclasses.replace(JSON, most_nodes=n_members - 2)
    monkeypatch.setitem(registry._BUILT_IN, "json", few)
    for form, most in (("json", n_members - 2), ("csv", n_members)):
        out = tmp_path / form
        done = call(sample_result, "--cluster", cluster, "--format", form, "--out", str(out))
        assert done.exit_code == 0
        shown = int(re.findall(r": ([\d,]+) accounts", done.stderr)[0].replace(",", ""))
        assert n_members // 2 < shown <= most
        assert (f"The cluster has {n_members:,} accounts; {shown:,} are shown" in done.stderr) == (
            form == "json"
        )
    assert len((tmp_path / "csv" / "accounts.csv").read_text(encoding="utf-8").splitlines()) == n_members + 1


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_tables_with_foreign_files_stay(sample_result: Result, tmp_path: Path, form: str) -> None:
    out = tmp_path / "tables"
    arguments = ("--cluster", strongest(sample_result), "--format", form, "--out", str(out))
    assert call(sample_result, *arguments).exit_code == 0
    (out / f"notes.{form}").write_text("mine", encoding="utf-8")
    refused = call(sample_result, *arguments, "--overwrite")
    assert (refused.exit_code, f"did not write: notes.{form};" in refused.output) == (1, True)
    (out / f"notes.{form}").unlink()
    assert call(sample_result, *arguments, "--overwrite").exit_code == 0


def test_a_clusters_id_is_no_path(
    sample_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, own, forged = copy_of(sample_result, tmp_path / "r"), strongest(sample_result), "C-../../x"
    for name in ("clusters", "membership", "hypotheses", "signals", "reasons"):
        change_column(folder, name, "cluster_id", lambda one: forged if one == own else one)
    sign(folder)
    work = tmp_path / "deep" / "work"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    command = ["export", str(folder), "--cluster", forged, "--format", "json"]
    refused = CliRunner().invoke(commands, command)
    assert refused.exit_code == 1
    assert "not one that graphlink makes" in refused.output
    assert not list(work.rglob("*"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "r"]
