"""Connections to the explorer that do nothing, or lie about where a request ends."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import uvicorn
from uvicorn.server import ServerState

from graphlink.explorer import connections, server
from graphlink.explorer.connections import SlowClientGuard
from tests.hostile.test_explorer import PATIENCE, bearer, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.result.result import Result


class Loop:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.due: list[tuple[float, Handle, Callable[..., None], tuple[Any, ...]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, call: Callable[..., None], *told: Any) -> Handle:
        self.due.append((self.now + seconds, handle := Handle(), call, told))
        return handle

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for one in [one for one in self.due if one[0] <= self.now]:
            self.due.remove(one)
            if not one[1].is_cancelled:
                one[2](*one[3])


class Handle:
    is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Transport:
    """One end of a connection, with so many bytes that were not read yet."""

    def __init__(self) -> None:
        self.unread = 0
        self.ended = ""

    def get_extra_info(self, _: str) -> None:
        return None

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return bool(self.ended)

    def close(self) -> None:
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        self.ended = "aborted"


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def connect(loop: Loop) -> Callable[[], tuple[SlowClientGuard, Transport]]:
    config = uvicorn.Config(lambda *_: None, lifespan="off", log_config=None)
    state = ServerState()

    def made() -> tuple[SlowClientGuard, Transport]:
        one, transport = SlowClientGuard(config, state, {}, _loop=loop), Transport()  # type: ignore[arg-type]  # a clock only
        one.connection_made(transport)  # type: ignore[arg-type]  # what is used of one
        return one, transport

    return made


def test_of_many_idle_connections_the_oldest_gives_way(connect: Any, loop: Loop) -> None:
    ends = []
    for _ in range(connections.MOST_IDLE + 3):
        loop.advance(0.001)
        ends.append(connect())
    assert [transport.ended for _, transport in ends[:4]] == ["aborted"] * 3 + [""]
    assert len(ends[-1][0].connections) == connections.MOST_IDLE


def test_a_client_that_never_reads_is_hung_up_on(connect: Any, loop: Loop) -> None:
    one, transport = connect()
    transport.unread = 100_000
    one.pause_writing()
    loop.advance(15)
    assert one.is_idle
    loop.advance(15.1)
    assert transport.ended == "aborted"


def test_a_client_that_reads_slowly_is_not(connect: Any, loop: Loop) -> None:
    one, transport = connect()
    one._stop()  # its request is there
    transport.unread = 100_000
    one.pause_writing()
    for _ in range(5):
        transport.unread -= 10_000
        loop.advance(30.1)
        assert transport.ended == ""
    one.resume_writing()
    loop.advance(100)
    assert transport.ended == ""


def test_closing_waits_not_for_ever_for_what_is_unread(connect: Any, loop: Loop) -> None:
    one, transport = connect()
    transport.unread = 10
    one.timeout_keep_alive_handler()
    assert transport.ended == "closed"
    loop.advance(30.1)
    assert transport.ended == "aborted"


def test_idle_connections_shut_nobody_out(sample_result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_IDLE", 8)
    monkeypatch.setattr(server, "MOST_AT_ONCE", 16)
    with serving(sample_result) as access, ExitStack() as held:
        for _ in range(40):
            held.enter_context(socket.create_connection(("127.0.0.1", access.port), timeout=PATIENCE))
        with httpx2.Client(timeout=PATIENCE) as client:
            url = f"http://127.0.0.1:{access.port}/api/v1/status"
            for _ in range(3):
                assert client.get(url, headers=bearer(access)).status_code == 200


@pytest.mark.parametrize(
    "head",
    [
        "POST /api/v1/lookup HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
        "POST /api/v1/lookup HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 400",
        "GET /api/v1/status HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
        "POST /api/v1/lookup HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked",
    ],
)
def test_a_request_that_may_smuggle_another_ends_its_connection(sample_result: Result, head: str) -> None:
    with serving(sample_result) as access:
        secret = f"Host: 127.0.0.1:{access.port}\r\nAuthorization: Bearer {access.token}\r\n\r\n"
        second = f"GET /api/v1/status HTTP/1.1\r\n{secret}"
        with socket.create_connection(("127.0.0.1", access.port), timeout=PATIENCE) as connection:
            connection.sendall(f"{head}\r\n{secret}0\r\n\r\n{second}".encode())
            answer = b""
            while part := connection.recv(1 << 16):
                answer += part
    lines = [line for line in answer.splitlines() if line.startswith(b"HTTP/1.1 ")]
    assert [line.split()[1] for line in lines] == [b"400"]
    assert b"connection: close" in answer.lower()
