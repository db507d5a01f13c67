"""Alerts are sent to webhooks, signed, to public addresses; what fails waits, and stops no update."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from graphlink.core.errors import WorkspaceError
from graphlink.monitoring import Workspace, open_workspace, sending, updates
from graphlink.monitoring.sending import is_public, send_waiting
from graphlink.workspace.folder import init_workspace
from graphlink.workspace.store import Actor
from graphlink.workspace.webhooks import MOST_ATTEMPTS
from tests.workspaces import find_again

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink.result.result import Result
    from graphlink.workspace.webhooks import Delivery, Webhook

ANA = Actor("ana")
SECRET = "of the receiver"


class Receiver:
    """A server that keeps what it is sent.

    Attributes:
        status: What it answers.
        got: Paths, headers and contents.
    """

    def __init__(self) -> None:
        self.status = 204
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.url = ""


@contextmanager
def receiving() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append((self.path, dict(self.headers), content))
            self.send_response(kept.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.url = f"http://127.0.0.1:{server.server_address[1]}/hook?team=1"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield kept
        server.shutdown()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as kept:
        yield kept


@pytest.fixture
def workspace(tmp_path: Path, sample_result: Result, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace without a run; its updates find what the sample has."""
    find_again(sample_result, monkeypatch)
    monkeypatch.setenv("HOOK", SECRET)
    init_workspace(tmp_path / "ws", by="ana")
    opened = open_workspace(tmp_path / "ws", by="ana")
    yield opened
    opened.close()


def test_an_update_sends_its_alerts_signed(workspace: Workspace, receiver: Receiver, tmp_path: Path) -> None:
    workspace.webhooks.add(receiver.url, secret_from="env:HOOK", allow_private=True)
    done = workspace.update(tmp_path / "seen.csv")
    alerts = done.summary["alerts"]
    assert isinstance(alerts, list)
    contents = [json.loads(content) for _, _, content in receiver.got]
    assert [
        {name: one[name] for name in ("rule", "lineage", "accounts", "case")} for one in contents
    ] == alerts
    assert len({one["delivery"] for one in contents}) == len(alerts) > 0
    for path, headers, content in receiver.got:
        assert path == "/hook?team=1"
        moment, _, signature = headers["X-Graphlink-Signature"].partition(",v1=")
        signed = moment.removeprefix("t=").encode() + b"." + content
        assert signature == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert {one.state for one in workspace.webhooks.deliveries()} == {"delivered"}
    names = set(workspace.last.accounts["account_id"])
    assert not any(name in content.decode() for _, _, content in receiver.got for name in names)
    send_waiting(workspace.folder, ANA)
    assert len(receiver.got) == len(alerts), "nothing is sent twice"
    workspace.verify()


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_is_refused_waits_for_the_next_update(
    workspace: Workspace, receiver: Receiver, tmp_path: Path, status: int
) -> None:
    receiver.status = status
    workspace.webhooks.add(receiver.url, secret_from="env:HOOK", allow_private=True)
    done = workspace.update(tmp_path / "seen.csv")
    assert done.exit_code == 3, "the update is what it is"
    assert {one.outcome for one in workspace.webhooks.deliveries()} == {f"answered {status}"}
    assert all(path == "/hook?team=1" for path, _, _ in receiver.got), "no redirection is followed"
    receiver.status = 200
    workspace.update(tmp_path / "seen.csv")
    states = {(one.run_no, one.state, one.n_attempts) for one in workspace.webhooks.deliveries()}
    # Whether the same clusters raise anything a second time is the rules' matter.
    assert {(1, "delivered", 2)} <= states <= {(1, "delivered", 2), (2, "delivered", 1)}


def test_after_many_attempts_it_is_given_up(workspace: Workspace, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        workspace.webhooks.add(url, secret_from="env:HOOK", allow_private=True)
        workspace.update(tmp_path / "seen.csv")
        for _ in range(MOST_ATTEMPTS):
            send_waiting(workspace.folder, ANA)
    assert {(one.state, one.n_attempts) for one in workspace.webhooks.deliveries()} == {
        ("failed", MOST_ATTEMPTS)
    }
    assert send_waiting(workspace.folder, ANA) == []


def test_a_receiver_that_answers_nothing_holds_no_update(
    workspace: Workspace, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = threading.Event()
    monkeypatch.setattr(sending, "_send", lambda *_: silent.wait(60))
    workspace.webhooks.add(receiver.url, secret_from="env:HOOK", allow_private=True)
    monkeypatch.setattr(updates, "send_waiting", lambda folder, actor: send_waiting(folder, actor, 0.2))
    assert workspace.update(tmp_path / "seen.csv").exit_code == 3
    silent.set()
    kept = workspace.webhooks.deliveries()
    assert [one.outcome for one in kept if one.n_attempts] == ["took too long"], "only one was begun"
    assert {one.state for one in kept} == {"waiting"}


def test_a_webhook_that_hangs_takes_no_turn_and_no_attempt_of_others(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = threading.Event()

    def send(webhook: Webhook, _: Delivery) -> int:
        if webhook.number == 1:
            silent.wait(60)
        return 204

    monkeypatch.setattr(sending, "_send", send)
    monkeypatch.setattr(sending, "_AT_ONCE", 2)
    for name in ("hangs", "answers"):
        workspace.webhooks.add(f"https://{name}.example/", secret_from="env:HOOK")
    monkeypatch.setattr(updates, "send_waiting", lambda *_: [])
    workspace.update(tmp_path / "seen.csv")
    assert len(workspace.webhooks.deliveries()) == 2 * 2
    made = send_waiting(workspace.folder, ANA, 1.0)
    silent.set()
    assert sorted(one.is_delivered for one in made) == [False, True, True]
    attempts = [(one.webhook, one.n_attempts) for one in workspace.webhooks.deliveries() if one.n_attempts]
    assert sorted(attempts) == [(1, 1), (2, 1), (2, 1)]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]", "0.0.0.0"]
)
def test_private_addresses_are_refused_unless_allowed(
    workspace: Workspace, tmp_path: Path, host: str
) -> None:
    workspace.webhooks.add(f"https://{host}:1/", secret_from="env:HOOK")
    workspace.update(tmp_path / "seen.csv")
    assert {one.outcome for one in workspace.webhooks.deliveries()} == {
        "refused: an address of a private network (webhook add --allow-private)"
    }


def test_a_name_is_looked_up_once_and_that_address_is_used(
    workspace: Workspace, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that shows a public address first, and a private one later, reaches nothing private."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = "93.184.215.14" if len(asked) % 2 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    connected: list[Any] = []

    def connect(address: Any, **_: Any) -> Any:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    workspace.webhooks.add("https://hooks.example/", secret_from="env:HOOK")
    workspace.update(tmp_path / "seen.csv")
    assert set(connected) == {"93.184.215.14"}
    assert len(asked) == len(workspace.webhooks.deliveries())


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True), ("127.0.0.1", False),
        ("100.64.0.1", False), ("192.0.2.1", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("fe80::1", False), ("fc00::1", False), ("::", False), ("::ffff:10.0.0.1", False),
        ("2002:a00:1::", False), ("64:ff9b::10.0.0.1", False), ("64:ff9b::93.184.215.14", True),
        ("64:ff9b:1::93.184.215.14", False), ("::93.184.215.14", False), ("::ffff:0:10.0.0.1", False),
        ("::ffff:0:93.184.215.14", False), ("fec0::1", False), ("::ffff:93.184.215.14", True),
    ],
)  # fmt: skip
def test_only_addresses_of_the_internet_are_public(address: str, expected: bool) -> None:
    assert is_public(address) is expected


@pytest.mark.parametrize(
    ("url", "secret_from", "fault"),
    [
        ("http://hooks.example/", "env:HOOK", "with https"),
        ("ftp://hooks.example/", "env:HOOK", "with https"),
        ("https://ana:pw@hooks.example/", "env:HOOK", "no user"),
        ("hooks", "env:HOOK", "with https"),
        ("https://hooks.example/", "HOOK", "env:NAME"),
        ("https://hooks.example/", "env:NOT_THERE", "no secret"),
        ("https://hooks.example/", "file:/nowhere/at/all", "nowhere"),
    ],
)
def test_a_webhook_needs_an_address_and_a_secret(
    workspace: Workspace, url: str, secret_from: str, fault: str
) -> None:
    with pytest.raises(WorkspaceError, match=fault) as caught:
        workspace.webhooks.add(url, secret_from=secret_from)
    assert "pw" not in str(caught.value)
    assert workspace.webhooks.all() == []


def test_a_secret_is_read_from_a_file_and_kept_nowhere(
    workspace: Workspace, receiver: Receiver, tmp_path: Path
) -> None:
    place = tmp_path / "secret"
    place.write_text(f"{SECRET}\n", encoding="utf-8")
    number = workspace.webhooks.add(receiver.url, secret_from=f"file:{place}", allow_private=True)
    workspace.update(tmp_path / "seen.csv")
    _, headers, content = receiver.got[0]
    at = int(headers["X-Graphlink-Signature"].removeprefix("t=").partition(",")[0])
    assert headers["X-Graphlink-Signature"] == sending.signature_of(SECRET.encode(), at, content)
    workspace.webhooks.remove(number)
    with pytest.raises(WorkspaceError, match="no webhook 1"):
        workspace.webhooks.remove(number)
    workspace.close()
    assert SECRET.encode() not in (workspace.path / "workspace.db").read_bytes()
