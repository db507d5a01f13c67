"""The server of the explorer: the page, its files, the API, and the guard before all of them."""

from __future__ import annotations

import html
import logging
import socket
import sys
import tempfile
import webbrowser
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from graphlink.core.errors import ResultError
from graphlink.core.wording.findings import finding_of
from graphlink.explorer.api import Api
from graphlink.explorer.connections import MOST_AT_ONCE, SlowClientGuard
from graphlink.explorer.guard import Access, Guard, is_loopback, refusal
from graphlink.explorer.index.loading import Index, IndexNotReadyError
from graphlink.render.escape import shortened

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

    from graphlink.result.result import Result

STATIC = Path(__file__).parent.parent / "static"
_FILES = {
    "explorer.js": "text/javascript",
    "explorer.css": "text/css",
    "icon.svg": "image/svg+xml",
    "THIRD-PARTY-NOTICES.txt": "text/plain",
}
_PAGE = "index.html"
_MOST_LISTED = 100
log = logging.getLogger("graphlink.explorer")


def make_app(index: Index, access: Access, static: Path = STATIC) -> ASGIApp:
    """Make the ASGI application over an index that was started.

    Args:
        index: What the server keeps.
        access: Its secrets and names.
        static: The folder of the built front end; the page explains what to do without it.
    """
    return Guard(make_inner_app(Api(index).routes(), lambda: _plain_page(index), static), access)


def make_inner_app(
    routes: Sequence[BaseRoute], plain_page: Callable[[], str], static: Path = STATIC
) -> Starlette:
    """Make the application behind the guard: the page, its files, and the routes of an API.

    Args:
        routes: Those of the API.
        plain_page: Makes the page that is shown where the front end was not built.
        static: The folder of the built front end.
    """
    # Read once, by name: no request names a path.
    files = {name: (static / name).read_bytes() for name in (*_FILES, _PAGE) if (static / name).is_file()}
    page = files.get(_PAGE) if "explorer.js" in files else None

    def show_page(_: Request) -> Response:
        return Response(page, media_type="text/html") if page else HTMLResponse(plain_page())

    def show_file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _FILES or name not in files:
            return refusal(404, "not_found", "there is no such file")
        return Response(files[name], media_type=_FILES[name])

    app = Starlette(
        routes=[Route("/", show_page), Route("/static/{name}", show_file), *routes],
        exception_handlers={404: _no_route, 405: _no_method, Exception: _fault},
    )
    app.router.redirect_slashes = False
    return app


def serve(  # noqa: PLR0913 - one per choice of a server
    result: Result,
    host: str = "127.0.0.1",
    port: int = 0,
    allowed_hosts: Sequence[str] = (),
    *,
    since: Result | datetime.datetime | None = None,
    formats: Sequence[Mapping[str, object]] = (),
    lineages: Mapping[str, str] | None = None,
    when_up: Callable[[Access], None] = lambda _: None,
) -> None:
    """Serve a result until it is interrupted.

    Args:
        result: The finished run; nothing of it is changed.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        allowed_hosts: Further names that requests may name besides the address itself.
        since: What counts as new in the queue, see `Index`.
        formats: The formats that clusters can be exported in, see `Index`.
        lineages: Cluster to its lineage, see `Index`.
        when_up: Called with the server's secrets once it listens.

    Raises:
        ResultError: The address can't be listened on.
    """
    # Of Arrow's ways to take memory the one that gives it back soonest.
    pa.set_memory_pool(pa.system_memory_pool())
    sock = listen(host, port)
    try:
        access = Access(sock.getsockname()[1], hosts_of(host, allowed_hosts))
        index = Index(result, since=since, formats=formats, lineages=lineages)
        index.start()
        when_up(access)
        run_server(make_app(index, access), sock)
    finally:
        sock.close()


def run_server(app: ASGIApp, sock: socket.socket) -> None:
    """Answer on a socket until interrupted, within limits of connections and of time."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, ws="none",
        http=SlowClientGuard, limit_concurrency=MOST_AT_ONCE, timeout_keep_alive=5,
        timeout_graceful_shutdown=2, h11_max_incomplete_event_size=32_768, proxy_headers=False,
        lifespan="off",
    )  # fmt: skip
    uvicorn.Server(config).run([sock])


def hosts_of(host: str, allowed: Sequence[str] = ()) -> tuple[str, ...]:
    """The names that requests may name for a server on this address, the one to print first."""
    loopback = ("127.0.0.1", "localhost", "::1")
    if is_loopback(host):
        return tuple(dict.fromkeys([host, *loopback, *allowed]))
    own = () if host in {"0.0.0.0", "::"} else (host,)  # these stand for every address
    return tuple(dict.fromkeys([*own, *allowed, *loopback]))


@contextmanager
def opened_in_browser(link: str) -> Iterator[None]:
    """Open a link in the user's browser, without naming it in an argument that other users could list."""
    with tempfile.TemporaryDirectory(prefix="graphlink-") as folder:
        file = Path(folder) / "open.html"
        file.touch(0o600)
        target = html.escape(link, quote=True)
        file.write_text(
            f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={target}">',
            "utf-8",
        )
        webbrowser.open(file.as_uri())
        yield


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address.

    Raises:
        ResultError: It can't be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once only on sockets declared as TCP.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(MOST_AT_ONCE)
    except (OSError, OverflowError) as error:
        sock.close()
        raise ResultError(
            f"can't listen on {host} port {port}: {error}; try another --port or --host"
        ) from error
    sock.set_inheritable(True)
    return sock


def _plain_page(index: Index) -> str:
    """The page when the front end was not built: what to do, and the first clusters as a table."""
    try:
        rows = _plain_rows(index)
    except IndexNotReadyError as error:
        rows = f"<tr><td colspan=5>{html.escape(str(error))}</td></tr>"
    return _WITHOUT_FRONT_END.format(rows=rows)


def _plain_rows(index: Index) -> str:
    clusters = index.clusters
    order = clusters.order_of(clusters.priorities).argsort()[:_MOST_LISTED].tolist()
    cells = (
        (
            clusters.rows[i]["cluster_id"], clusters.rows[i]["n_accounts"],
            f"{clusters.rows[i]['score']:.2f}",
            finding_of(clusters.rows[i]).name, clusters.rows[i]["facets"],
        )
        for i in order
    )  # fmt: skip
    return "".join(
        "<tr>"
        + "".join(f"<td><bdi>{html.escape(shortened(str(cell), 200))}</bdi></td>" for cell in row)
        + "</tr>"
        for row in cells
    )


async def _no_route(_: Request, __: Exception) -> Response:
    return refusal(404, "not_found", "there is no such route; docs/explorer-api.md lists them")


async def _no_method(_: Request, __: Exception) -> Response:
    return refusal(405, "method", "this route does not take this method")


async def _fault(_: Request, error: Exception) -> Response:
    """A fault of graphlink: named in the log, and on the page without details of the machine."""
    log.error("%s while answering", type(error).__name__)
    return refusal(500, "fault", "graphlink failed to answer; this is a fault in graphlink")


_WITHOUT_FRONT_END = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>graphlink</title></head>
<body><h1>graphlink</h1>
<p>The explorer's front end is not in this installation: it could not be built when graphlink was installed.
Install graphlink again from its source with a network that reaches npm's registry
(<code>pip install --force-reinstall .</code>), then start <code>graphlink explore</code> again. The API under
<code>/api/v1</code> works without it, and so does the command line: <code>graphlink clusters</code>,
<code>graphlink show</code>, <code>graphlink why</code>.</p>
<h2>Clusters, those first that want a decision first</h2>
<table><thead><tr><th>cluster</th><th>accounts</th><th>score</th><th>finding</th><th>facets</th></tr></thead>
<tbody>{rows}</tbody></table></body></html>
"""
