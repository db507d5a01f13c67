"""The server of a workspace: the explorer of its newest result, its API, and who may do what."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread
from starlette.routing import Route

from graphlink.core.errors import ResultError, SettingsError
from graphlink.explorer.connections import MOST_AT_ONCE
from graphlink.explorer.guard import Access, refusal
from graphlink.explorer.server import STATIC, hosts_of, listen, make_inner_app, run_server
from graphlink.team.api import PERSON, WorkspaceApi
from graphlink.team.explorers import Explorers
from graphlink.team.guard import TeamGuard
from graphlink.team.person import LocalUser, ProxyHeaders, Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

    from graphlink.monitoring import Workspace
    from graphlink.team.person import Known
    from graphlink.team.sign_in import SignInPages

_RIGHT = "result.read"
_AT_ONCE = 8


@dataclass(frozen=True)
class Place:
    """Where a server listens.

    Attributes:
        host: The address, unless a socket is named.
        port: The port; 0 takes a free one.
        allowed_hosts: Further names that requests may name.
        socket: A socket in the file system, of which only a proxy may know; None listens on the address.
    """

    host: str = "127.0.0.1"
    port: int = 0
    allowed_hosts: tuple[str, ...] = ()
    socket: Path | None = None


class _Explorer:
    """The explorer's API as the person of a request sees it."""

    def __init__(self, explorers: Explorers) -> None:
        self._explorers = explorers
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        person = scope[PERSON]
        app: ASGIApp = refusal(403, "no_right", f"this needs the right {_RIGHT}")
        if _RIGHT in person.rights:
            if self._limiter is None:
                self._limiter = anyio.CapacityLimiter(_AT_ONCE)
            # It may open a newer result, which takes a while; everybody else is answered meanwhile.
            app = await to_thread.run_sync(self._explorers.app_of, person, limiter=self._limiter)
        await app(scope, receive, send)


def make_team_app(
    workspace: Workspace,
    access: Access,
    known: Known,
    explorers: Explorers,
    *,
    sign_in: SignInPages | None = None,
    static: Path = STATIC,
) -> ASGIApp:
    """Make the ASGI application of a workspace.

    Args:
        workspace: The workspace.
        access: The names that the server answers to, and the secrets of the local user.
        known: Knows people who have no token.
        explorers: The workspace's newest result.
        sign_in: The pages of a sign-in; None where people do not sign in here.
        static: The folder of the built front end.
    """
    routes = [
        Route("/api/v1/{rest:path}", _Explorer(explorers), methods=["GET", "POST"]),
        *WorkspaceApi(workspace, explorers).routes(),
        *(sign_in.routes() if sign_in is not None else ()),
    ]
    app = make_inner_app(routes, lambda: _WITHOUT_FRONT_END, static)
    return TeamGuard(
        app,
        access,
        Tokens(workspace.folder, known),
        is_local=isinstance(known, LocalUser),
        signs_in=sign_in is not None,
    )


def serve_local(
    workspace: Workspace,
    place: Place,
    *,
    formats: Sequence[Mapping[str, object]] = (),
    when_up: Callable[[Access], None] = lambda _: None,
) -> None:
    """Serve a workspace to its user on this machine, until interrupted; scripts may use tokens.

    Args:
        workspace: The workspace, opened as the user.
        place: Where to listen.
        formats: As in `Explorers`.
        when_up: Called with the server's secrets once it listens.

    Raises:
        ResultError: The address can't be listened on.
    """
    with contextlib.closing(listen(place.host, place.port)) as sock:
        access = Access(sock.getsockname()[1], hosts_of(place.host, place.allowed_hosts))
        app = make_team_app(workspace, access, LocalUser(access, workspace.by), _reading(workspace, formats))
        when_up(access)
        run_server(app, sock)


def serve_with_sign_in(
    workspace: Workspace,
    place: Place,
    secret: str,
    *,
    formats: Sequence[Mapping[str, object]] = (),
    when_up: Callable[[Access], None] = lambda _: None,
) -> None:
    """Serve a workspace to people who sign in with a provider of OpenID Connect.

    Args:
        workspace: The workspace; its settings name the provider.
        place: Where to listen; the first allowed host is the name under which browsers see the server.
        secret: The secret that the provider gave to this server; empty for a public client.
        formats: As in `Explorers`.
        when_up: As in `serve_local`.

    Raises:
        SettingsError: The settings name no provider, or the extra `team` is not installed.
        ResultError: The address can't be listened on.
    """
    from graphlink.team.sign_in import Provider, SignInPages

    team = workspace.folder.team
    if team.sign_in is None:
        raise SettingsError("workspace.toml names no provider; add [team.sign_in] with issuer and client_id")
    provider = Provider(team.sign_in, secret)
    with contextlib.closing(listen(place.host, place.port)) as sock:
        access = Access(sock.getsockname()[1], hosts_of(place.host, place.allowed_hosts))
        origin = access.origins((place.allowed_hosts or access.hosts)[0])[0]
        pages = SignInPages(provider, team, access, origin)
        app = make_team_app(workspace, access, pages, _reading(workspace, formats), sign_in=pages)
        when_up(access)
        run_server(app, sock)


def serve_behind_proxy(
    workspace: Workspace,
    place: Place,
    headers: tuple[str, str],
    *,
    formats: Sequence[Mapping[str, object]] = (),
    when_up: Callable[[Access], None] = lambda _: None,
) -> None:
    """Serve a workspace to a proxy on a socket of the file system, which states who each request is from.

    Args:
        workspace: The workspace.
        place: Where to listen: a socket, and the names under which browsers see the proxy.
        headers: The headers of the user and of the groups; the second may be empty.
        formats: As in `Explorers`.
        when_up: As in `serve_local`.

    Raises:
        ResultError: There is no socket or name, or the socket can't be listened on.
    """
    if place.socket is None or not place.allowed_hosts:
        raise ResultError(
            "a proxy's header is taken on a socket of the file system only: name it (--socket PATH), and "
            "the name under which browsers see the proxy (--allow-host NAME:443)"
        )
    with _listening(place.socket) as sock:
        access = Access(0, place.allowed_hosts)
        known = ProxyHeaders(*headers, workspace.folder.team)
        app = make_team_app(workspace, access, known, _reading(workspace, formats))
        when_up(access)
        run_server(app, sock)


def _reading(workspace: Workspace, formats: Sequence[Mapping[str, object]]) -> Explorers:
    """The newest result, which is read from now on: whoever comes first does not wait."""
    explorers = Explorers(workspace, formats)
    explorers.start()
    return explorers


@contextlib.contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    """A socket in the file system that only its owner and group may connect to; gone afterwards."""
    if not hasattr(socket, "AF_UNIX"):
        raise ResultError("this system has no sockets in the file system; serve on an address")
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_socket(path)
        # The permissions are there from its first moment: nobody else gets in between.
        before = os.umask(0o117)
        try:
            sock.bind(str(path))
        finally:
            os.umask(before)
        sock.listen(MOST_AT_ONCE)
    except OSError as error:
        sock.close()
        raise ResultError(f"can't listen on {path}: {error}; name another --socket") from error
    try:
        yield sock
    finally:
        sock.close()
        path.unlink(missing_ok=True)


def _remove_socket(path: Path) -> None:
    """Remove a socket that a killed server left; another file at its place, or one in use, stays."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FileExistsError("there is another file, which is no socket")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(str(path)) == 0:
                raise FileExistsError("another server listens there")
        path.unlink()


_WITHOUT_FRONT_END = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>graphlink</title></head>
<body><h1>graphlink</h1>
<p>The explorer's front end is not in this installation: it could not be built when graphlink was installed.
Install graphlink again from its source with a network that reaches npm's registry
(<code>pip install --force-reinstall .</code>), then start <code>graphlink serve</code> again. The API under
<code>/api/v2</code> works without it, and so does the command line.</p></body></html>
"""
