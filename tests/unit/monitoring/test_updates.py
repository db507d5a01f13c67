"""Updates: whole or nothing, under one model, one at a time. The run is a stand-in that copies a result."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

import graphlink
from graphlink.core.errors import EngineError, NotFoundError, ResultError, SettingsError, WorkspaceError
from graphlink.model.saved import load_model
from graphlink.monitoring import Workspace, open_workspace, updates
from graphlink.workspace.folder import init_workspace
from graphlink.workspace.found import found_in
from graphlink.workspace.runs import record_run
from tests.disks import fill, mounted
from tests.hostile.test_full_disk import digests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink import Result
    from graphlink.task import Task

SETTINGS = '[[sources]]\npath = "seen.csv"\n'


class Runs:
    """A stand-in for the pipeline: copies a result, and keeps what it was to run."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.tasks: list[Task] = []
        self.labels: list[list[dict[str, Any]]] = []
        self.fails = False

    def run(self, task: Task, out: Path, **_: object) -> Result:
        self.tasks.append(task)
        place = task.settings.labels.path
        self.labels.append(pq.read_table(place).to_pylist() if place else [])
        if self.fails:
            raise EngineError("memory ran out")
        shutil.copytree(self.result.path, out)
        return graphlink.read_result(out)


@pytest.fixture
def runs(sample_result: Result, monkeypatch: pytest.MonkeyPatch) -> Runs:
    runs = Runs(sample_result)
    monkeypatch.setattr(updates, "run_task", runs.run)
    monkeypatch.setattr(updates, "fit", lambda *_, **__: load_model(sample_result.path))
    return runs


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    init_workspace(tmp_path / "ws", by="ana")
    (tmp_path / "ws" / "graphlink.toml").write_text(SETTINGS, encoding="utf-8")
    workspace = open_workspace(tmp_path / "ws", by="ana")
    yield workspace
    workspace.close()


def test_the_first_update_keeps_the_model_and_the_next_run_under_it(workspace: Workspace, runs: Runs) -> None:
    first = workspace.update()
    assert (first.exit_code, first.recorded.state, first.summary["drift_bits"]) == (3, "accepted", None)
    second = workspace.update()
    # A pair is a lineage when it is seen again, and only then an alert.
    alerts = second.summary["alerts"]
    assert {alert["accounts"] for alert in alerts} <= {2}  # type: ignore[attr-defined]  # mappings
    assert second.exit_code == (3 if alerts else 0)
    assert [task.model is not None for task in runs.tasks] == [False, True]
    assert set(second.summary["drift_bits"].values()) == {0.0}  # type: ignore[attr-defined]  # a mapping
    model = load_model(workspace.path / "models" / "M-1.json")
    assert model.digest() == runs.tasks[1].model.digest()  # type: ignore[union-attr]  # asserted above
    summary = json.loads((workspace.path / "update.json").read_text(encoding="utf-8"))
    assert summary == json.loads(json.dumps(second.summary))
    assert (summary["run"], summary["model"], summary["result"]) == ("R-2", "M-1", "results/R-2")
    assert workspace.last.path == workspace.path / "results" / "R-2"


def test_an_update_in_postgresql_is_the_same(
    tmp_path: Path, workspace: Workspace, empty_postgres: str, runs: Runs
) -> None:
    init_workspace(tmp_path / "other", empty_postgres, by="ana")
    (tmp_path / "other" / "graphlink.toml").write_text(SETTINGS, encoding="utf-8")
    other = open_workspace(tmp_path / "other", by="ana")
    summaries = [[one.update().summary for _ in range(2)] for one in (workspace, other)]
    assert summaries[0] == summaries[1]
    assert other.lineages() == workspace.lineages()
    assert [(one.title, one.alerts) for one in other.cases.queue()] == [
        (one.title, one.alerts) for one in workspace.cases.queue()
    ]
    other.verify()
    other.close()


def test_a_lineage_of_each_cluster_and_an_alert_of_the_sure_ones(workspace: Workspace, runs: Runs) -> None:
    done = workspace.update()
    found = found_in(done.result)
    sure = [
        one
        for one in found.clusters.values()
        if one.p_same_operator >= 0.9 and (one.fdr is None or one.fdr <= 0.05) and len(one.members) > 2
    ]
    assert sure
    assert len(done.recorded.alerts) == len(sure)
    assert len(workspace.lineages()) == sum(len(one.members) > 2 for one in found.clusters.values())
    alert, case = done.recorded.alerts[0]
    assert workspace.cases.get(case).lineages == (alert.lineage,)
    assert workspace.cluster(f"K-{alert.lineage}") in found.clusters
    assert workspace.overview()["cases to work on"] == len(sure)


def test_labels_in_force_reach_the_run(workspace: Workspace, runs: Runs) -> None:
    workspace.update()
    account = min(found_in(workspace.last).clusters.items())[1].core[0]
    workspace.labels.add("no", account="zz-1", other="aa-1", why="two firms")
    workspace.labels.add("yes", account="zz-1", lineage="K-1", why="same card in the files")
    workspace.labels.add("unsure", account=account, other="aa-1", why="?")
    workspace.labels.add("no", identifier=("ip", "203.0.113.7"), why="a campus")
    workspace.update()
    core = found_in(workspace.last).clusters[workspace.cluster("K-1")].core[0]
    assert runs.labels[0] == []
    assert {(one["account_id_l"], one["account_id_r"], one["verdict"]) for one in runs.labels[1]} == {
        ("aa-1", "zz-1", "no"),
        (*sorted((core, "zz-1")), "yes"),
    }
    task = runs.tasks[1]
    assert task.settings.labels.as_in_result
    assert task.given.labels.path == "labels.parquet"  # no path of this machine in the manifest
    (override,) = task.settings.overrides
    assert (override.kind, override.value, override.p_exclusive) == ("ip", "203.0.113.7", 0.01)


def test_labels_of_the_settings_or_of_hashed_identifiers_are_refused(
    workspace: Workspace, runs: Runs
) -> None:
    workspace.labels.add("no", identifier=("ip", "203.0.113.7"), why="a campus")
    (workspace.path / "key").write_bytes(b"0" * 32)
    hashing = SETTINGS + '[pseudonymize]\nkinds = ["ip"]\nkey_file = "key"\n'
    (workspace.path / "graphlink.toml").write_text(hashing, encoding="utf-8")
    with pytest.raises(SettingsError, match="about an identifier of kind ip, which the settings hash"):
        workspace.update()
    (workspace.path / "graphlink.toml").write_text(SETTINGS + '[labels]\npath = "l.csv"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="a workspace has its own"):
        workspace.update()


def test_a_run_that_fails_leaves_the_workspace_as_it_was(workspace: Workspace, runs: Runs) -> None:
    workspace.update()
    before, lineages = digests(workspace.path / "results" / "R-1"), workspace.lineages()
    runs.fails = True
    with pytest.raises(EngineError):
        workspace.update()
    assert (workspace.lineages(), workspace.last.path.name) == (lineages, "R-1")
    assert digests(workspace.path / "results" / "R-1") == before
    runs.fails = False
    assert workspace.update().summary["run"] == "R-3"  # a number is never reused


def test_a_result_that_was_never_recorded_is_removed_and_no_other_file(
    workspace: Workspace, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(updates, "record_run", killed)
        with pytest.raises(KeyboardInterrupt):
            workspace.update()
    left = workspace.path / "results" / "R-1"
    assert left.is_dir()
    assert workspace.lineages() == []
    (workspace.path / "results" / "R-notes").mkdir()
    shutil.copytree(left, workspace.path / "results" / "R-77")
    (workspace.path / "results" / "R-77" / "notes.txt").write_text("mine", encoding="utf-8")
    workspace.update()
    assert sorted(path.name for path in (workspace.path / "results").iterdir()) == ["R-2", "R-77", "R-notes"]


def test_a_second_update_at_once_is_refused(workspace: Workspace, runs: Runs) -> None:
    with workspace._context.folder.updating(), pytest.raises(ResultError, match="another run is writing"):
        workspace.update()
    assert runs.tasks == []


def test_a_full_disk_when_it_is_recorded_leaves_nothing_half_made(
    tmp_path: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mounted(tmp_path / "disk", 8) as disk:
        init_workspace(disk / "ws", by="ana")
        (disk / "ws" / "graphlink.toml").write_text(SETTINGS, encoding="utf-8")
        workspace = open_workspace(disk / "ws", by="ana")

        def full(*given: Any, **named: Any) -> Any:
            fill(disk, 4)
            return record_run(*given, **named)

        with monkeypatch.context() as patch:
            patch.setattr(updates, "record_run", full)
            with pytest.raises(WorkspaceError, match="no room left on its disk"):
                workspace.update()
        (disk / "filling").unlink()
        assert workspace.lineages() == []
        assert workspace.update().summary["run"] == "R-2"
        assert [path.name for path in (disk / "ws" / "results").iterdir()] == ["R-2"]
        workspace.verify()
        workspace.close()


_KILLED = """
import os, signal, shutil, sys
import graphlink
from graphlink.monitoring import open_workspace, updates
place, result, at = sys.argv[1:]

def run(task, out, **_):
    shutil.copytree(result, out)
    return graphlink.read_result(out)

def dying(name):
    action = getattr(updates, name)
    def die(*given, **named):
        done = action(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(updates, name, die)

updates.run_task = run
dying(at)
open_workspace(place, by="ben").update(drift=False)
"""


@pytest.mark.slow
@pytest.mark.parametrize("at", ["start_run", "found_in", "record_run", "_summary"])
def test_killed_at_any_moment_it_is_done_or_not(
    workspace: Workspace, runs: Runs, sample_result: Result, at: str
) -> None:
    command = [sys.executable, "-c", _KILLED, str(workspace.path), str(sample_result.path), at]
    killed = subprocess.run(command, check=False, env=os.environ | {"GRAPHLINK_CHECK": "0"})
    assert killed.returncode == -signal.SIGKILL
    workspace.verify()
    is_done = at == "_summary"
    assert bool(workspace.lineages()) == is_done
    done = workspace.update()
    assert done.recorded.state == "accepted"
    larger = [alert for alert in done.summary["alerts"] if alert["accounts"] > 2]  # type: ignore[attr-defined]  # mappings
    assert (not larger) == is_done  # the alerts of all but pairs were raised, or are raised now
    recorded = {"R-1", "R-2"} if is_done else {done.result.path.name}
    assert {path.name for path in (workspace.path / "results").iterdir()} == recorded


def test_without_settings_it_states_what_to_do(workspace: Workspace, runs: Runs) -> None:
    (workspace.path / "graphlink.toml").unlink()
    with pytest.raises(SettingsError, match=r"`graphlink init FILES... --out .*graphlink.toml` writes them"):
        workspace.update()
    assert workspace.update(workspace.path / "seen.csv").recorded.state == "accepted"
    assert runs.tasks[0].settings.sources[0].path == str(workspace.path / "seen.csv")


def test_a_model_is_adopted_on_purpose_and_refused_when_it_was_changed(
    workspace: Workspace, runs: Runs
) -> None:
    workspace.update()
    with pytest.raises(WorkspaceError, match="Another model moves everything"):
        workspace.adopt_model(runs.result.path, " ")
    assert workspace.adopt_model(runs.result.path, "refitted for the spring") == 2
    assert workspace.update().summary["model"] == "M-2"
    model = workspace.path / "models" / "M-2.json"
    text = model.read_text(encoding="utf-8").replace('"n_labels": 0', '"n_labels": 1')
    model.write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"M-2.json is not the model that was adopted"):
        workspace.update()


def test_a_workspace_without_a_run_has_no_result(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError, match="has no accepted run yet"):
        _ = workspace.last
    assert workspace.labels.conflicts() == []
    assert workspace.overview()["last run"] == ""


def test_a_refused_run_stays_readable_and_exits_with_4(
    workspace: Workspace, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.update()
    aged = {"ip": 2.5}
    monkeypatch.setattr(updates, "_drift", lambda *_: aged)
    refused = workspace.update()
    assert (refused.exit_code, refused.summary["state"], refused.summary["changes"]) == (4, "refused", {})
    assert graphlink.read_result(workspace.path / "results" / "R-2").manifest
    assert workspace.last.path.name == "R-1"
    assert workspace.update(force=True).recorded.state == "accepted"
