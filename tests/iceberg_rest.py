"""A server that speaks the REST protocol of Iceberg catalogs, as far as reading a table needs it.

PyIceberg has the client of that protocol and no server. What it requests when a table is read is answered
here from the tables of another catalog, to whoever has the token.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "a-token-of-the-tests"


@contextmanager
def rest_catalog(tables: dict[tuple[str, str], Any]) -> Iterator[tuple[str, list[str]]]:
    """Serve tables by namespace and name until the block ends.

    Yields:
        The URI of the catalog, and the paths that were asked for so far.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            asked.append(path)
            if path != "/v1/config" and self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self._answer(401, _error("NotAuthorizedException", "no such token", 401))
            elif path == "/v1/config":
                self._answer(200, {"defaults": {}, "overrides": {}})
            else:
                *_, namespace, _, name = path.split("/")
                made = tables.get((namespace, name))
                found = None if made is None else json.loads(made.metadata.model_dump_json())
                if made is None:
                    self._answer(404, _error("NoSuchTableException", f"no {namespace}.{name}", 404))
                else:
                    content = {"metadata-location": made.metadata_location, "metadata": found, "config": {}}
                    self._answer(200, content)

        def _answer(self, status: int, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing to standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _error(kind: str, message: str, code: int) -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "code": code}}
