"""The explorer of the newest accepted result: none yet, a newer one, and one that is gone."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import pytest

from graphlink.monitoring import open_workspace
from graphlink.team.explorers import Explorers
from graphlink.team.person import Person
from graphlink.workspace.folder import init_workspace
from tests.served import Caller, serve_in_process
from tests.workspaces import find_again

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import ASGIApp

    from graphlink.explorer.index.loading import Index
    from graphlink.monitoring import Workspace
    from graphlink.result.result import Result

LEAD, VIEWER = Person("lea", ("lead",), "local"), Person("vic", ("viewer",), "local")


def test_before_the_first_run_there_are_cases_and_no_explorer(tmp_path: Path) -> None:
    init_workspace(tmp_path / "ws", by="ana")
    opened = open_workspace(tmp_path / "ws", by="ana")
    client = serve_in_process(opened, tmp_path)
    for role in ("lead", "viewer"):
        caller = Caller(client, opened, role, role)
        answer = client.get("/api/v1/status", headers={"Authorization": f"Bearer {caller.token}"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_run")
        assert caller.get("/overview")["run"] == ""
        assert caller.get("/queue")["rows"] == []
        reading = caller.send("POST", "/reveal", {"kind": "ip", "name": "x", "why": "y"})
        assert reading.status_code == {"lead": 409, "viewer": 404}[role]
    opened.close()


def test_a_newer_run_takes_its_place_once_it_is_read(
    workspace: Workspace, sample_result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_again(sample_result, monkeypatch)
    made: list[Index] = []

    def keep(index: Index) -> None:
        made.append(index)  # and nothing is read by itself

    monkeypatch.setattr("graphlink.explorer.index.loading.Index.start", keep)
    now = 0.0
    explorers = Explorers(workspace, clock=lambda: now)
    first = explorers.app_of(LEAD)
    made[0].read()
    workspace.update(workspace.path / "seen.csv")
    now = 1.0
    assert explorers.app_of(LEAD) is first, "it is not looked for at every request"
    now = 3.0
    assert explorers.app_of(LEAD) is first, "it is not read yet"
    assert [index.result.path.name for index in made] == ["R-1", "R-2"]
    made[1].read()
    second = explorers.app_of(LEAD)
    assert second is not first
    assert explorers.app_of(LEAD) is second
    assert len(made) == 2
    explorers.app_of(VIEWER)
    assert [index.result.path.name for index in made] == ["R-1", "R-2", "legal-view"]


def test_a_result_that_is_gone_is_reported_without_its_place(workspace: Workspace, tmp_path: Path) -> None:
    shutil.rmtree(workspace.path / "results" / "R-1")
    client = serve_in_process(workspace, tmp_path)
    caller = Caller(client, workspace, "lea", "lead")
    answer = client.get("/api/v1/status", headers={"Authorization": f"Bearer {caller.token}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
    assert str(tmp_path) not in answer.text
    assert caller.send("GET", "/cases/1").status_code == 200
    viewer = Caller(client, workspace, "vic", "viewer")
    assert viewer.get("/cases/1")["case"]["title"] == ""


def test_a_result_is_opened_beside_the_requests_of_others(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = serve_in_process(workspace, tmp_path)
    caller = Caller(client, workspace, "vic", "viewer")
    used: list[str] = []
    app_of = Explorers.app_of

    def noted(explorers: Explorers, person: Person) -> ASGIApp:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        used.append(person.name)
        return app_of(explorers, person)

    monkeypatch.setattr(Explorers, "app_of", noted)
    answer = client.get("/api/v1/status", headers={"Authorization": f"Bearer {caller.token}"})
    assert (answer.status_code, used) == (200, ["vic"])
