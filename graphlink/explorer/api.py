"""The API's routes (docs/explorer-api.md): each a function from the index and a query to JSON."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import anyio
from anyio import to_thread
from starlette.responses import Response
from starlette.routing import Route

from graphlink.core.errors import GraphlinkError, NotFoundError, QuestionError, SettingsError
from graphlink.explorer import (
    brief,
    case_evidence,
    cases,
    drawing,
    infrastructure,
    joined,
    meta,
    queue,
    result_map,
    run_summary,
    search,
    styling,
    subjects,
    timeline,
)
from graphlink.explorer.cluster_rows import cluster_number
from graphlink.explorer.guard import refusal
from graphlink.explorer.index.loading import IndexNotReadyError
from graphlink.explorer.query import Query, RequestError, body_of
from graphlink.render.escape import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from graphlink.explorer.index.loading import Index

    Handler = Callable[[Index, Query], dict[str, Any]]

ROOT = "/api/v1"
LARGEST_BODY = 1 << 20
_SECONDS_TO_SEND = 10.0
_MOST_PARAMETERS = 50
_MOST_CACHED = 32 << 20  # bytes of answers that are remembered
_LARGEST_CACHED = 2 << 20


def describe_status(index: Index, _: Query) -> dict[str, Any]:
    """How far the index is."""
    from importlib.metadata import version

    state = "failed" if index.fault else "ready" if index.done == 1 else "indexing"
    return {
        "api": 1,
        "graphlink": version("graphlink"),
        "name": index.result.path.resolve().name,
        "fingerprint": index.result.manifest.get("fingerprint"),
        "state": state,
        "done": round(index.done, 2),
        "message": _message(index),
        "is_of_workspace": index.is_of_workspace,
    }


def _message(index: Index) -> str:
    if index.changed:
        return _without_path(index.changed, index)
    return "a table of the result could not be read; run it again" if index.fault else ""


def describe_cluster(index: Index, query: Query) -> dict[str, Any]:
    """A cluster's header, and how its graph will be drawn."""
    header = cases.describe_cluster(index, query)
    n_nodes, kinds = None, None
    if index.has_evidence:
        number = cluster_number(index.clusters, query.needed("cluster_id"))
        n_nodes = drawing.n_graph_nodes(index.clusters, index.evidence, number)
        kinds = sorted({tie["kind"] for tie in case_evidence.ties_of(index, number)})
    mode = None if n_nodes is None else "full" if n_nodes <= drawing.MOST_NODES else "groups"
    return {**header, "n_graph_nodes": n_nodes, "graph_mode": mode, "kinds": kinds}


def _explained(name: str) -> Handler:
    """An explanation; its module loads when it is first needed."""

    def answer(index: Index, query: Query) -> dict[str, Any]:
        from graphlink.explorer import why

        explain: Handler = getattr(why, name)
        return explain(index, query)

    return answer


def _deferred_compare(index: Index, query: Query) -> dict[str, Any]:
    """Two clusters side by side; its module loads when it is first needed, with the explanations."""
    from graphlink.explorer.comparison import compare

    return compare(index, query)


GET: dict[str, Handler] = {
    "/status": describe_status,
    "/meta": meta.describe_meta,
    "/summary": run_summary.summarize,
    "/queue": queue.list_clusters,
    "/map": result_map.draw_map,
    "/search": search.search,
    "/clusters/{cluster_id}": describe_cluster,
    "/clusters/{cluster_id}/brief": brief.brief_cluster,
    "/clusters/{cluster_id}/members": cases.list_members,
    "/clusters/{cluster_id}/evidence": case_evidence.list_evidence,
    "/clusters/{cluster_id}/infrastructure": infrastructure.list_infrastructure,
    "/clusters/{cluster_id}/links": cases.list_links,
    "/clusters/{cluster_id}/joined": joined.list_joined,
    "/clusters/{cluster_id}/explanation": _explained("explain_cluster"),
    "/clusters/{cluster_id}/graph": drawing.draw_cluster,
    "/clusters/{cluster_id}/style": styling.style_accounts,
    "/clusters/{cluster_id}/timeline": timeline.draw_timeline,
    "/compare": _deferred_compare,
    "/expand": drawing.expand,
    "/account": subjects.describe_account,
    "/identifier": subjects.describe_identifier,
    "/pair": _explained("explain_pair"),
    "/member": _explained("explain_member"),
    "/break": _explained("find_breaks"),
    "/path": _explained("find_paths"),
}
POST: dict[str, Handler] = {
    "/lookup": search.look_up,
    "/collateral": _explained("estimate_collateral"),
    "/what-if": _explained("try_without"),
}
_SLOW = frozenset(
    {
        "/clusters/{cluster_id}/explanation", "/compare", "/pair", "/member", "/break", "/path",
        "/collateral", "/what-if", "/lookup",
    }
)  # fmt: skip
_UNCACHED = frozenset({"/status", "/summary", "/queue", "/search", "/clusters/{cluster_id}"})


class Api:
    """Answers requests from an index, in threads, within limits of number and time.

    Args:
        index: What the server keeps.
        seconds: The longest that an answer may take.
    """

    def __init__(self, index: Index, seconds: float = 60.0) -> None:
        self.index = index
        self.seconds = seconds
        self._cache: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._limits: dict[bool, anyio.CapacityLimiter] = {}

    def routes(self) -> list[Route]:
        """The routes of the API."""
        return [
            *(
                Route(ROOT + path, self._endpoint(path, handler), methods=["GET"])
                for path, handler in GET.items()
            ),
            *(
                Route(ROOT + path, self._endpoint(path, handler), methods=["POST"])
                for path, handler in POST.items()
            ),
        ]

    def _endpoint(self, path: str, handler: Handler) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            try:
                with anyio.fail_after(self.seconds):
                    return await self._answer(request, path, handler)
            except RequestError as error:
                return refusal(error.status, error.code, str(error))
            except IndexNotReadyError as error:
                return refusal(503, "busy", str(error))
            except TimeoutError:
                return refusal(503, "timeout", "the response took too long; narrow the request")
            except GraphlinkError as error:
                # Its message is for whoever has the folder; here it must not contain the folder's path.
                return refusal(*_status_of(error), _without_path(str(error), self.index))

        return answer

    async def _answer(self, request: Request, path: str, handler: Handler) -> Response:
        query = await _query_of(request)
        key = (path, repr(sorted(query.parameters.items())))
        is_cached = request.method == "GET" and path not in _UNCACHED
        if is_cached and key in self._cache:
            self._cache.move_to_end(key)
            content = self._cache[key]
        else:
            content = await self._made(handler, query, self._limiter(path in _SLOW))
            if is_cached and len(content) <= _LARGEST_CACHED and self.index.done == 1:
                self._cache[key] = content
                while sum(map(len, self._cache.values())) > _MOST_CACHED:
                    self._cache.popitem(last=False)
        return _response(content, query, path)

    async def _made(self, handler: Handler, query: Query, limiter: anyio.CapacityLimiter) -> bytes:
        try:
            return await to_thread.run_sync(
                _content, handler, self.index, query, limiter=limiter, abandon_on_cancel=True
            )
        finally:
            query.work.give_up()  # the thread goes on when this waits no longer; its loops look here

    def _limiter(self, is_slow: bool) -> anyio.CapacityLimiter:
        """Slow answers wait for each other, so that quick ones do not wait for them."""
        if is_slow not in self._limits:
            self._limits[is_slow] = anyio.CapacityLimiter(2 if is_slow else 8)
        return self._limits[is_slow]


def _content(handler: Handler, index: Index, query: Query) -> bytes:
    is_csv = query.is_csv
    answer = handler(index, query)
    if not is_csv:
        return json.dumps(answer, allow_nan=False, separators=(",", ":"), default=_plain).encode()
    table = answer if "rows" in answer else answer.get("holders", {})
    if "rows" not in table:
        raise RequestError(400, "bad_request", "format: this is no table; use json")
    return _csv(table["rows"])


def _plain(value: Any) -> Any:
    """What JSON does not know, as it knows it: numbers of numpy, times."""
    if hasattr(value, "item"):
        return value.item()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _csv(rows: list[dict[str, Any]]) -> bytes:
    """Rows as CSV that a spreadsheet reads as text and numbers only."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    if rows:
        writer.writerow(rows[0])
    for row in rows:
        writer.writerow([_cell(value) for value in row.values()])
    return file.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        value = json.dumps(value, default=_plain)
    # A null character ends the file for some readers.
    return guarded(value.replace("\x00", "")) if isinstance(value, str) else value


def _response(content: bytes, query: Query, path: str) -> Response:
    if not query.is_csv:
        return Response(content, media_type="application/json")
    name = path.rsplit("/", 1)[-1].strip("{}")
    headers = {"Content-Disposition": f'attachment; filename="graphlink-{name}.csv"'}
    return Response(content, media_type="text/csv", headers=headers)


async def _query_of(request: Request) -> Query:
    parameters = parameters_of(request)
    if request.method != "POST":
        return Query(parameters)
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise RequestError(415, "content_type", "send Content-Type: application/json")
    return Query(parameters, body_of(await read_body(request)))


def parameters_of(request: Request) -> dict[str, str]:
    """The parameters of a request, those of the path too.

    Raises:
        RequestError: They are too many.
    """
    pairs = request.query_params.multi_items()
    if len(pairs) > _MOST_PARAMETERS:
        raise RequestError(400, "bad_request", f"at most {_MOST_PARAMETERS} parameters")
    return {**dict(pairs), **{name: str(value) for name, value in request.path_params.items()}}


async def read_body(request: Request) -> bytes:
    """The body of a request, of limited size and in limited time.

    Raises:
        RequestError: It is too large, or does not arrive.
    """
    content = bytearray()
    try:
        async with asyncio.timeout(_SECONDS_TO_SEND):
            async for chunk in request.stream():
                content += chunk
                if len(content) > LARGEST_BODY:
                    raise RequestError(413, "too_large", f"the body is larger than {LARGEST_BODY:,} bytes")
    except TimeoutError:
        raise RequestError(408, "timeout", "the body did not arrive in time") from None
    return bytes(content)


def _status_of(error: GraphlinkError) -> tuple[int, str]:
    """The status and the code of an error that an explanation or the result raised."""
    if isinstance(error, NotFoundError):
        return 404, "not_found"
    if isinstance(error, QuestionError | SettingsError):
        return 400, "bad_request"
    return 500, "fault"


def _without_path(message: str, index: Index) -> str:
    for path in (str(index.result.path), str(index.result.path.resolve())):
        message = message.replace(path, "the result")
    return message
