"""The answers of the API -> its OpenAPI document."""

from __future__ import annotations

import inspect
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from graphlink.core.settings.schema import descriptions_of
from graphlink.explorer.answers.base import Page
from graphlink.explorer.answers.parameters import PARAMETERS
from graphlink.explorer.answers.routes import GET, POST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ROOT = "/api/v1"
_PARAMETER = re.compile(r"{(\w+)}")
_REF = "#/components/schemas/{name}"


class Fault(msgspec.Struct):
    """What went wrong."""

    code: str
    message: str


class Refusal(msgspec.Struct):
    """The answer to a request that is refused."""

    error: Fault


class Operation(NamedTuple):
    """What the document states of a route.

    Attributes:
        method: `get` or `post`.
        path: Below the root, with parameters in braces.
        answer: The class of the answer.
        body: The class of what it carries; None of a GET.
        refusals: Status to description and class of refusals besides the usual one.
        more: Further parts of the operation.
    """

    method: str
    path: str
    answer: Any
    body: Any = None
    refusals: Mapping[str, tuple[str, Any]] = MappingProxyType({})
    more: Mapping[str, Any] = MappingProxyType({})


def openapi_document() -> dict[str, Any]:
    """Make the OpenAPI document (3.1) of the API: paths, parameters, bodies and answers."""
    gets = [Operation("get", path, answer, more=_of_query(path)) for path, answer in GET.items()]
    posts = [Operation("post", path, answer, body) for path, (body, answer) in POST.items()]
    return document_of("graphlink explorer", "1", _ROOT, [*gets, *posts])


def document_of(title: str, version: str, root: str, operations: Sequence[Operation]) -> dict[str, Any]:
    """Make the OpenAPI document of an API.

    Args:
        title: Its title.
        version: Its version.
        root: What its paths begin with.
        operations: Its routes.
    """
    further = [kind for one in operations for _, kind in one.refusals.values()]
    bodies = [one.body for one in operations if one.body is not None]
    kinds = [*(one.answer for one in operations), *bodies, *further, Refusal]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    by_kind = dict(zip(map(str, kinds), schemas, strict=True))
    paths: dict[str, Any] = {}
    for one in operations:
        paths.setdefault(root + one.path, {})[one.method] = _operation(one, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {"schemas": {name: _described(name, components[name]) for name in sorted(components)}},
    }


def _of_query(path: str) -> dict[str, Any]:
    parameters = [
        {
            "name": one.name,
            "in": "query",
            "required": one.required,
            "description": one.about,
            "schema": one.schema,
        }
        for one in PARAMETERS.get(path, ())
    ]
    return {"parameters": parameters} if parameters else {}


def _operation(one: Operation, by_kind: dict[str, Any]) -> dict[str, Any]:
    responses = {"200": {"description": "The answer.", "content": _json(by_kind[str(one.answer)])}}
    for status, (about, kind) in one.refusals.items():
        responses[status] = {"description": about, "content": _json(by_kind[str(kind)])}
    responses["default"] = {"description": "A refusal.", "content": _json(by_kind[str(Refusal)])}
    operation: dict[str, Any] = {"responses": responses}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(one.path)
    ]
    parameters += one.more.get("parameters", [])
    if parameters:
        operation["parameters"] = parameters
    if one.body is not None:
        operation["requestBody"] = {"required": True, "content": _json(by_kind[str(one.body)])}
    return operation | {name: value for name, value in one.more.items() if name != "parameters"}


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _described(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with the first line of its class, and the description of each field."""
    kind = struct_named(name)
    fields = descriptions_of(kind)
    properties = {
        field: inner | ({"description": fields[field]} if field in fields else {})
        for field, inner in schema.get("properties", {}).items()
    }
    about = (inspect.getdoc(kind) or "").partition("\n")[0]
    return schema | {"description": about, "properties": properties}


def struct_named(name: str) -> type:
    """The class of a component of the document."""
    if name.startswith("Page_"):
        return Page
    waiting: list[type] = [msgspec.Struct]
    while waiting:
        kind = waiting.pop()
        if kind.__name__ == name and kind.__module__.startswith("graphlink."):
            return kind
        waiting += kind.__subclasses__()
    raise KeyError(name)
