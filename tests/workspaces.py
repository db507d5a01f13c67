"""Rows that tests of a workspace start from: accepted runs under one model, and lineages."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import graphlink
from graphlink.model.saved import load_model
from graphlink.monitoring import open_workspace, updates
from graphlink.workspace.folder import init_workspace
from graphlink.workspace.store import Actor, create_database

if TYPE_CHECKING:
    from graphlink.result.result import Result
    from graphlink.workspace.store import Store

ANA, BEN = Actor("ana"), Actor("ben")


@functools.cache
def _made() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        create_database(Path(folder) / "workspace.db")
        return (Path(folder) / "workspace.db").read_bytes()


def fresh(folder: Path) -> Path:
    """An empty database of a workspace in a folder: a copy, since to make one takes a third of a second."""
    place = folder / "workspace.db"
    place.write_bytes(_made())
    return place


def stock(store: Store, n_runs: int = 1, n_lineages: int = 0) -> None:
    """Insert a model, runs and lineages that were born in the first."""
    with store.write(ANA) as rows:
        seq = rows.append("stocked", "workspace", {})
        rows.insert("models", {"model_no": rows.number("model"), "sha256": "", "seq": seq})
        for _ in range(n_runs):
            number = rows.number("run")
            rows.insert(
                "runs",
                {
                    "run_no": number,
                    "folder": f"results/R-{number}",
                    "manifest_sha256": "",
                    "model_no": 1,
                    "labels_sha256": "",
                    "data_from": None,
                    "data_until": None,
                    "state": "accepted",
                    "seq": seq,
                },
            )
        for _ in range(n_lineages):
            number = rows.number("lineage")
            rows.insert(
                "lineages",
                {"lineage_no": number, "born_run": 1, "last_run": 1, "merged_into": None, "name": None},
            )


def find_again(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every update find what a result has, without a run."""

    def run(_task: object, out: Path, **_: object) -> Result:
        shutil.copytree(result.path, out)
        return graphlink.read_result(out)

    monkeypatch.setattr(updates, "run_task", run)
    monkeypatch.setattr(updates, "fit", lambda *_, **__: load_model(result.path))


def stocked_workspace(result: Result, folder: Path) -> Path:
    """Make a workspace whose first run has the given result."""

    def run(_task: object, out: Path, **_: object) -> Result:
        shutil.copytree(result.path, out)
        return graphlink.read_result(out)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(updates, "run_task", run)
        patch.setattr(updates, "fit", lambda *_, **__: load_model(result.path))
        init_workspace(folder, by="ana")
        workspace = open_workspace(folder, by="ana")
        workspace.update(folder / "seen.csv")
        workspace.close()
    return folder
