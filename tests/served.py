"""A workspace with an accepted run, served to people of every role.

For tests that have `starlette.testclient`; `tests.workspaces` makes the workspace without it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

from graphlink.explorer.guard import Access
from graphlink.team.explorers import Explorers
from graphlink.team.person import LocalUser
from graphlink.team.server import make_team_app

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.monitoring import Workspace
    from graphlink.team.person import Known

PORT = 8125
BASE = f"http://127.0.0.1:{PORT}"


def serve_in_process(
    workspace: Workspace, static: Path, known: Known | None = None, access: Access | None = None
) -> TestClient:
    """A client of the workspace's server that holds nothing yet."""
    access = access or Access(PORT)
    app = make_team_app(
        workspace, access, known or LocalUser(access, workspace.by), Explorers(workspace), static=static
    )
    return TestClient(app, BASE, follow_redirects=False, raise_server_exceptions=False)


class Caller:
    """Somebody who calls the API by a token: reads, and writes with what was read.

    Args:
        client: A client of the server.
        workspace: The workspace, as whoever makes the token.
        name: The name.
        role: The role.
    """

    def __init__(self, client: TestClient, workspace: Workspace, name: str, role: str) -> None:
        self.client = client
        self.token = workspace.tokens.add("test", person=name, role=role)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request and return the whole response."""
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            sent["Content-Type"] = "application/json"
        return self.client.request(method, f"/api/v2{path}", content=content, headers=sent)

    def get(self, path: str) -> Any:
        """The answer of a GET that succeeds."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, version: int | str) -> Any:
        """Send a change with the version that was read, and return the response."""
        return self.send("POST", path, body, **{"If-Match": f'"{version}"'})


def done(answer: Any) -> Any:
    """The answer of a change that was made, which states its version twice."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    return answer.json()
