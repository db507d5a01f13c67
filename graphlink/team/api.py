"""Requests to the workspace's API: checked against rights and versions, answered in threads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import anyio
import msgspec
from anyio import to_thread
from starlette import routing
from starlette.responses import JSONResponse, Response

from graphlink.core.errors import (
    ConflictError,
    GraphlinkError,
    NotFoundError,
    QuestionError,
    ResultError,
    SettingsError,
    WorkspaceError,
)
from graphlink.explorer.api import parameters_of, read_body
from graphlink.explorer.guard import refusal
from graphlink.explorer.query import Query, RequestError, bad_request
from graphlink.team.asked import Asked, labels_in
from graphlink.team.events import activity_of
from graphlink.team.routes import ROOT, ROUTES
from graphlink.workspace.versions import Expected, version_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from graphlink.monitoring import Workspace
    from graphlink.team.explorers import Explorers
    from graphlink.team.person import Person
    from graphlink.team.routes import Route

PERSON = "graphlink.person"
"""Under this name the guard leaves the person in the scope of a request."""
_AT_ONCE = 8
_SECONDS = 60.0
_TAG = re.compile(r'"(\d{1,18})"')


class WorkspaceApi:
    """Answers requests about a workspace.

    Args:
        workspace: The workspace.
        explorers: Its newest result, plain and redacted.
    """

    def __init__(self, workspace: Workspace, explorers: Explorers) -> None:
        self._workspace = workspace
        self._explorers = explorers
        self._limiter: anyio.CapacityLimiter | None = None

    def routes(self) -> list[routing.Route]:
        """The routes of the API."""
        return [routing.Route(ROOT + one.path, self._endpoint(one), methods=[one.method]) for one in ROUTES]

    def _endpoint(self, route: Route) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            try:
                person: Person = request.scope[PERSON]
                if route.right not in person.rights:
                    return refusal(403, "no_right", f"this needs the right {route.right}")
                query, content = Query(parameters_of(request)), b""
                if query.is_csv:
                    raise bad_request("format: this API answers JSON only")
                if route.method == "POST":
                    content = await _content(request)
                if self._limiter is None:
                    self._limiter = anyio.CapacityLimiter(_AT_ONCE)
                given = request.headers.getlist("if-match")
                with anyio.fail_after(_SECONDS):
                    # A change that was begun is not given up: it stands as a whole, or not at all.
                    return await to_thread.run_sync(
                        self._answer, route, person, (query, content, given), limiter=self._limiter
                    )
            except TimeoutError:
                return refusal(503, "timeout", "the response took too long; narrow the request")
            except GraphlinkError as error:
                return self._refused(error)

        return answer

    def _answer(self, route: Route, person: Person, sent: tuple[Query, bytes, list[str]]) -> Response:
        query, content, given = sent
        body = _body_of(route, content) if route.method == "POST" else None
        glasses = self._explorers.glasses_of(person)
        asked = Asked(self._workspace.as_user(person.name, person.acting), person, query, body, glasses)
        subjects = route.version(asked) if route.version is not None else None
        if subjects is None:
            return _json(route.handler(asked))
        if route.method == "GET":
            version = asked.version(
                subjects
            )  # before what is answered: a change between the two is refused later
            return _json(route.handler(asked), {"ETag": f'"{version}"'})
        also = route.also(asked) if route.also is not None else None
        expected = Expected(subjects, _version_in(given), also)
        try:
            made = route.handler(asked.expecting(expected))
        except ConflictError as error:
            return _conflict(asked, expected, str(error))
        return _json(made, {"ETag": f'"{made.version}"'})

    def _refused(self, error: GraphlinkError) -> Response:
        if isinstance(error, RequestError):
            return refusal(error.status, error.code, self._without_path(str(error)))
        status, code = _status_of(error)
        return refusal(status, code, self._without_path(str(error)))

    def _without_path(self, message: str) -> str:
        path = self._workspace.path
        for one in (str(path.resolve()), str(path)):
            message = message.replace(one, "the workspace")
        return message


def _status_of(error: GraphlinkError) -> tuple[int, str]:
    if isinstance(error, NotFoundError):
        return 404, "not_found"
    if isinstance(error, QuestionError | SettingsError):
        return 400, "bad_request"
    if isinstance(error, WorkspaceError | ResultError):  # what is asked does not fit what is there
        return 409, "refused"
    return 500, "fault"


async def _content(request: Request) -> bytes:
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise RequestError(415, "content_type", "send Content-Type: application/json")
    return await read_body(request)


def _body_of(route: Route, content: bytes) -> Any:
    try:
        return msgspec.json.decode(content, type=route.body)
    except msgspec.ValidationError as error:
        raise bad_request(f"the body: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise bad_request("the body is not JSON") from None


def _version_in(given: list[str]) -> int:
    """The version that a request states to have seen."""
    if not given:
        raise RequestError(
            428, "no_version", 'send If-Match with the ETag under which this was read; "0" of what is new'
        )
    tag = _TAG.fullmatch(given[0].strip()) if len(given) == 1 else None
    if tag is None:
        raise bad_request('If-Match: expected one version such as "17"')
    return int(tag[1])


def _conflict(asked: Asked, expected: Expected, message: str) -> Response:
    with asked.workspace.folder.store.read() as rows:
        version = version_of(rows, expected.subjects(rows))
        log = expected.changes(rows)
    changes = activity_of(log, asked.glasses, asked.blind(labels_in(log)).seqs)
    content = {
        "error": {"code": "changed", "message": message},
        "version": version,
        "changes": msgspec.to_builtins(changes),
    }
    return JSONResponse(content, 412, {"ETag": f'"{version}"'})


def _json(answer: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json", headers=headers)
