"""Many people and many updates at once on one served workspace: every change stands once, and the log holds.

`pytest tests/hostile/test_team_crowd.py --bench -s` runs 100 updates beside 50 clients and prints the figures
of docs/team.md.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from graphlink.monitoring import Workspace, open_workspace
from tests.workspaces import find_again

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink.result.result import Result

PATIENCE_S = 120.0  # a busy machine is slow, not wrong


class Client:
    """One of many clients: reads a case, comments on what it has read, and reads again after a conflict.

    Attributes:
        seconds: How long each request took.
        n_conflicts: Changes that came too late.
    """

    def __init__(self, address: str, token: str, case: int) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx2.Client(base_url=f"{address}/api/v2", headers=headers, timeout=PATIENCE_S)
        self._path = f"/cases/{case}"
        self.seconds: list[float] = []
        self.n_conflicts = 0

    def comment(self, texts: list[str]) -> None:
        """Make comments, each until it stands."""
        for text in texts:
            version = self._send("GET", self._path).headers["etag"]
            while True:
                answer = self._send("POST", f"{self._path}/comment", {"text": text}, version)
                if answer.status_code == 200:
                    break
                assert answer.status_code == 412, answer.text
                self.n_conflicts += 1
                version = answer.headers["etag"]
        self._http.close()

    def _send(self, method: str, path: str, body: Any = None, version: str = "") -> Any:
        start = time.perf_counter()
        more = {"Content-Type": "application/json", "If-Match": version} if body is not None else {}
        content = json.dumps(body).encode() if body is not None else None
        answer = self._http.request(method, path, content=content, headers=more)
        self.seconds.append(time.perf_counter() - start)
        assert answer.status_code < 500, answer.text
        return answer


@pytest.fixture
def workspace(
    stocked_folder: Path, sample_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workspace]:
    """A workspace whose further updates find what the sample has."""
    find_again(sample_result, monkeypatch)
    opened = open_workspace(shutil.copytree(stocked_folder, tmp_path / "ws"), by="ana")
    yield opened
    opened.close()


@pytest.fixture
def address(workspace: Workspace) -> Iterator[str]:
    """The address of its server, a process of its own."""
    command = [sys.executable, "-m", "graphlink", "serve", str(workspace.path), "--no-browser", "--quiet"]
    with subprocess.Popen([*command, "--by", "ana"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().decode().partition("/?")[0].strip()
        finally:
            process.terminate()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_updates", "n_clients", "n_each"), [(3, 12, 3), pytest.param(100, 50, 10, marks=pytest.mark.bench)]
)
def test_nothing_is_lost(
    workspace: Workspace, address: str, n_updates: int, n_clients: int, n_each: int
) -> None:
    cases = [workspace.cases.open(f"Case of group {i}") for i in range(max(1, n_clients // 5))]
    before, n_runs = len(workspace.log()), len(workspace.lineage("K-1").stages)
    clients = [
        Client(
            address,
            workspace.tokens.add("crowd", person=f"user {i}", role="investigator"),
            cases[i % len(cases)],
        )
        for i in range(n_clients)
    ]
    wanted = [[f"{i}.{j}" for j in range(n_each)] for i in range(n_clients)]
    took: list[float] = []
    faults: list[BaseException] = []

    def update() -> None:
        try:
            for _ in range(n_updates):
                start = time.perf_counter()
                workspace.update(workspace.path / "seen.csv", drift=False)
                took.append(time.perf_counter() - start)
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread of the test
            faults.append(error)

    start = time.perf_counter()
    updating = threading.Thread(target=update)
    updating.start()
    with ThreadPoolExecutor(n_clients) as pool:
        list(pool.map(lambda one: one[0].comment(one[1]), zip(clients, wanted, strict=True)))
    of_clients = time.perf_counter() - start
    updating.join()
    assert faults == []
    said = [one.payload["text"] for one in workspace.log()[before:] if one.event.action == "case.comment"]
    assert sorted(said) == sorted(text for own in wanted for text in own), "each once, and none lost"
    by = {one.payload["text"]: one.event.by for one in workspace.log() if one.event.action == "case.comment"}
    assert all(by[text] == f"user {text.partition('.')[0]}" for text in said)
    assert len(workspace.lineage("K-1").stages) == n_runs + n_updates
    assert workspace.verify().n_events == len(workspace.log())
    assert _shown(address, workspace) == f"R-{n_runs + n_updates}", "the explorer follows the runs"
    _print_figures(clients, took, of_clients)


def _shown(address: str, workspace: Workspace) -> str:
    """The result that the explorer shows once it has read the newest."""
    token = workspace.tokens.add("look", person="ana", role="lead")
    end, name = time.monotonic() + PATIENCE_S, ""
    while name != workspace.last.path.name and time.monotonic() < end:
        answer = httpx2.get(
            f"{address}/api/v1/status", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_S
        )
        name = str(answer.json()["name"])
    return name


def _print_figures(clients: list[Client], took: list[float], of_clients: float) -> None:
    seconds = sorted(one for client in clients for one in client.seconds)
    n_conflicts = sum(client.n_conflicts for client in clients)
    cut = statistics.quantiles(seconds, n=20)
    of_requests = f"{len(seconds)} requests in {of_clients:.1f} s, of them {n_conflicts} conflicts"
    of_times = f"median {1000 * cut[9]:.0f} ms, 95 % within {1000 * cut[18]:.0f} ms"
    of_updates = f"{len(took)} updates, median {statistics.median(took):.2f} s"
    sys.stdout.write(f"{len(clients)} clients: {of_requests}; {of_times}; {of_updates}\n")
