"""The workspace's server against those who should not reach it, or should not do what they try."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from graphlink.core.errors import ResultError
from graphlink.explorer.guard import Access
from graphlink.monitoring import open_workspace
from graphlink.team.person import ProxyHeaders
from graphlink.team.server import Place, _listening, serve_behind_proxy
from tests.served import BASE, PORT, Caller, serve_in_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

    from graphlink.monitoring import Workspace

TEAM = '\n[team.people]\nana = ["lead"]\n\n[team.groups]\nts = ["investigator"]\n'
SITE = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def workspace(stocked_folder: Path, tmp_path: Path) -> Iterator[Workspace]:
    folder = shutil.copytree(stocked_folder, tmp_path / "ws")
    with (folder / "workspace.toml").open("a", encoding="utf-8") as file:
        file.write(TEAM)
    opened = open_workspace(folder, by="ana")
    yield opened
    opened.close()


@pytest.fixture
def access() -> Access:
    return Access(PORT)


@pytest.fixture
def client(workspace: Workspace, access: Access, tmp_path: Path) -> TestClient:
    return serve_in_process(workspace, tmp_path, access=access)


@pytest.fixture
def lead(client: TestClient, workspace: Workspace) -> Caller:
    return Caller(client, workspace, "lea", "lead")


def bearer(access: Access) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.token}"}


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/queue", "/api/v2/me", "/api/v2/cases", "/static/explorer.js", "/x"]
)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Forwarded-User": "ana"},
        {"X-Forwarded-User": "ana", "X-Forwarded-Groups": "ts"},
        {"X-Forwarded-Email": "ana", "Remote-User": "ana", "X-Remote-User": "ana"},
        {"Authorization": "Bearer glt_1_" + "A" * 43},
        {"Authorization": "Basic YW5hOmFuYQ=="},
        {"Cookie": f"graphlink-{PORT}=ana"},
    ],
)
def test_over_tcp_no_header_makes_anybody(client: TestClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 401
    assert "K-1" not in answer.text


def test_a_header_changes_nothing_of_who_holds_a_token(lead: Caller) -> None:
    answer = lead.send("GET", "/me", **{"X-Forwarded-User": "boss", "X-Forwarded-Groups": "admin"})
    assert (answer.json()["name"], answer.json()["roles"]) == ("lea", ["lead"])


@pytest.mark.parametrize("place", [Place(), Place(socket=None, allowed_hosts=("box.example:443",))])
def test_a_header_without_a_socket_is_refused(workspace: Workspace, place: Place) -> None:
    with pytest.raises(ResultError, match="on a socket of the file system only"):
        serve_behind_proxy(workspace, place, ("X-Forwarded-User", ""))


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", ""]
)
def test_another_name_for_this_machine_is_refused(lead: Caller, host: str) -> None:
    assert lead.send("GET", "/cases", Host=host).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": f"http://127.0.0.1:{PORT + 1}"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/cases/1/comment", "/cases/1/decisions", "/labels", "/searches", "/tokens/1/revoke"]
)
def test_another_site_changes_nothing_with_a_browsers_cookie(
    client: TestClient, access: Access, workspace: Workspace, headers: dict[str, str], path: str
) -> None:
    client.cookies.set(access.cookie_name, access.cookie_value)
    before = len(workspace.log())
    sent = {"Content-Type": "application/json", "If-Match": '"1"', **headers}
    answer = client.post(f"/api/v2{path}", content=b'{"text": "x"}', headers=sent)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "cross_site"
    assert len(workspace.log()) == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_form_of_another_kind_is_no_body(lead: Caller, kind: str) -> None:
    """These are the kinds that a browser sends across sites without asking first."""
    headers = {"Authorization": f"Bearer {lead.token}", "If-Match": '"1"', "Content-Type": kind}
    answer = lead.client.post("/api/v2/cases/1/comment", content=b'{"text": "x"}', headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "more",
    [
        {"by": "boss"},
        {"role": "admin"},
        {"roles": ["lead"]},
        {"person": "boss"},
        {"at": "2020-01-01"},
        {"__class__": 1},
    ],
)
def test_a_body_states_no_role_and_no_name(
    client: TestClient, workspace: Workspace, more: dict[str, Any]
) -> None:
    ida = Caller(client, workspace, "ida", "investigator")
    before = len(workspace.log())
    answer = ida.post("/cases/1/comment", {"text": "x"} | more, 1)
    assert answer.status_code == 400
    assert "unknown field" in answer.text
    assert len(workspace.log()) == before


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"null", b"{", b'{"text": 3}', b'{"text": null}', b'{"text": "\xff"}',
        b'{"text": "\\ud800"}', b'{"text": "' + b"x" * 10_001 + b'"}', b"[" * 100_000,
        b'{"text": ' + b"9" * 50_000 + b"}", b"\x1f\x8b\x08",
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_refused(lead: Caller, workspace: Workspace, content: bytes) -> None:
    before = len(workspace.log())
    headers = {"Authorization": f"Bearer {lead.token}", "If-Match": '"1"', "Content-Type": "application/json"}
    answer = lead.client.post("/api/v2/cases/1/comment", content=content, headers=headers)
    assert answer.status_code == 400, answer.text
    assert len(workspace.log()) == before


def test_a_body_that_is_too_large_is_refused(lead: Caller) -> None:
    answer = lead.post("/cases/1/comment", {"text": "x" * (1 << 20)}, 1)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../workspace.db", "/static/%2e%2e%2fworkspace.toml", "/api/v2/../../workspace.db",
        "/api/v2/cases/..%2f..%2fworkspace.db", "/api/v2/cases/1%00", "/api/v2/organisations/..%2f..%2fx",
        "/api/v2/decisions/1;x", "/api/v2//cases", "/api/v1/../v2/tokens", "/results/R-1/run.json",
    ],
)  # fmt: skip
def test_no_path_leads_out(lead: Caller, path: str) -> None:
    answer = lead.client.get(path, headers={"Authorization": f"Bearer {lead.token}"})
    assert answer.status_code in (400, 403, 404)
    assert b"SQLite" not in answer.content
    assert b"format = 1" not in answer.content


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(lead: Caller, method: str) -> None:
    assert lead.send(method, "/cases/1").status_code == 405


def test_markup_comes_back_as_it_is_and_never_as_a_page(lead: Caller) -> None:
    text = "</script><script>window.__pwn=1</script>"
    seen = lead.get("/cases/1")["case"]["version"]
    lead.post("/cases/1/comment", {"text": text}, seen)
    answer = lead.send("GET", "/cases/1")
    assert answer.json()["activity"][-1]["text"] == f"commented: {text}"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_person_without_a_role_gets_in_nowhere(workspace: Workspace, tmp_path: Path) -> None:
    known = ProxyHeaders("X-Forwarded-User", "X-Forwarded-Groups", workspace.folder.team)
    client = serve_in_process(workspace, tmp_path, known)
    for path in ("/", "/static/explorer.js", "/nothing"):
        assert client.get(path, headers={"X-Forwarded-User": "nobody"}).status_code == 403
    for path in ("/api/v2/me", "/api/v2/cases", "/api/v1/queue"):
        assert client.get(path, headers={"X-Forwarded-User": "nobody"}).status_code == 403
        assert (
            client.get(path, headers={"X-Forwarded-User": "nobody", "X-Forwarded-Groups": "ts"}).status_code
            == 200
        )


def test_two_writers_at_once_one_wins_and_nothing_is_lost(lead: Caller, workspace: Workspace) -> None:
    seen = lead.get("/cases/1")["case"]["version"]
    ready, statuses = threading.Barrier(8), []

    def write(number: int) -> None:
        ready.wait()
        statuses.append(lead.post("/cases/1/comment", {"text": f"writer {number}"}, seen).status_code)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(statuses) == [200, *[412] * 7]
    assert workspace.cases.get(1).n_comments == 1
    workspace.verify()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no sockets in the file system")
def test_a_socket_is_for_its_owner_and_group_and_no_file_is_replaced(tmp_path: Path) -> None:
    place = tmp_path / "s"
    place.write_text("mine", encoding="utf-8")
    with pytest.raises(ResultError, match="no socket"), _listening(place):
        pass
    assert place.read_text(encoding="utf-8") == "mine"
    place.unlink()
    with _listening(place):
        assert stat.S_IMODE(place.stat().st_mode) == 0o660
        with pytest.raises(ResultError, match="another server listens there"), _listening(place):
            pass
    assert not place.exists()
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(place))
    left.close()
    with _listening(place):
        assert place.exists()


@contextmanager
def proxied(folder: Path, place: Path) -> Iterator[httpx2.Client]:
    """A server behind a socket, as a process of its own, and a client that stands for the proxy."""
    command = [
        sys.executable,
        "-m",
        "graphlink",
        "serve",
        str(folder),
        "--socket",
        str(place),
        "--user-header",
    ]
    command += [
        "X-Forwarded-User",
        "--groups-header",
        "X-Forwarded-Groups",
        "--allow-host",
        "box.example:443",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        try:
            assert b"listening" in process.stderr.readline()
            with httpx2.Client(
                transport=httpx2.HTTPTransport(uds=str(place)), base_url="https://box.example", timeout=60
            ) as client:
                yield client
        finally:
            process.terminate()
            process.wait()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no sockets in the file system")
def test_a_proxy_on_a_socket_states_who_it_is(workspace: Workspace, tmp_path: Path) -> None:
    place = tmp_path / "ws.sock"
    token = workspace.tokens.add("nightly", person="cem", role="viewer")
    with proxied(workspace.path, place) as client:
        plain = httpx2.Client(
            transport=httpx2.HTTPTransport(uds=str(place)), base_url="http://box.example:443", timeout=60
        )
        ana = {"X-Forwarded-User": "ana"}
        assert plain.get("/api/v2/me", headers=ana).json()["roles"] == ["lead"]
        assert plain.get("/api/v2/me").status_code == 401
        assert plain.get("/").status_code == 401
        assert plain.get("/api/v2/me", headers={**ana, "Host": "evil.example"}).status_code == 421
        assert plain.get("/api/v2/me", headers={"Authorization": f"Bearer {token}"}).json()["way"] == "token"
        seen = plain.get("/api/v2/cases/1", headers=ana).headers["etag"]
        body = json.dumps({"text": "Through the proxy."}).encode()
        sent = {**ana, "Content-Type": "application/json", "If-Match": seen}
        assert plain.post("/api/v2/cases/1/comment", content=body, headers=sent).status_code == 403
        sent["Origin"] = "https://box.example"
        assert plain.post("/api/v2/cases/1/comment", content=body, headers=sent).status_code == 200
        plain.close()
        del client
    event = workspace.log()[-1].event
    assert (event.by, event.role) == ("ana", "lead")
    assert not place.exists(), "the socket is gone with the server"
    assert os.path.lexists(workspace.path / "workspace.db")


@pytest.mark.parametrize(
    "more",
    [
        {"href": "https://evil.example"},
        {"owner": "boss"},
        {"is_shared": True},
        {"view": "javascript:alert(1)"},
        {"view": "//evil.example/#/queue"},
        {"query": {"on click=": "x"}},
        {"query": {"q": {"toString": "x"}}},
        {"query": {f"p{i}": "" for i in range(51)}},
        {"subject": "x" * 2_001},
        {"name": ""},
    ],
)
def test_a_saved_search_leads_nowhere_else(lead: Caller, workspace: Workspace, more: dict[str, Any]) -> None:
    before = len(workspace.log())
    answer = lead.post("/searches", {"name": "Mine", "view": "queue"} | more, 0)
    assert answer.status_code in (400, 409), answer.text
    assert len(workspace.log()) == before


def test_nobody_learns_of_a_search_that_is_not_shared(
    lead: Caller, client: TestClient, workspace: Workspace
) -> None:
    made = lead.post("/searches", {"name": "Mine", "view": "queue"}, 0).json()
    other = Caller(client, workspace, "ben", "lead")
    unknown, hidden = [
        (answer.status_code, answer.json()["error"]["message"].replace(str(number), "N"))
        for number in (made["number"] + 1, made["number"])
        for answer in [other.post(f"/searches/{number}/share", {}, made["version"])]
    ]
    assert unknown == hidden == (404, "no search N")
