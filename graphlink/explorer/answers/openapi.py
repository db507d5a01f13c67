"""The answers of the API -> its OpenAPI document."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from graphlink.core.settings.schema import descriptions_of
from graphlink.explorer.answers.base import Page
from graphlink.explorer.answers.parameters import PARAMETERS, Parameter
from graphlink.explorer.answers.routes import GET, POST

_ROOT = "/api/v1"
_REF = "#/components/schemas/{name}"


class Fault(msgspec.Struct):
    """What went wrong."""

    code: str
    message: str


class Refusal(msgspec.Struct):
    """The answer to a request that is refused."""

    error: Fault


def openapi_document() -> dict[str, Any]:
    """Make the OpenAPI document (3.1) of the API: paths, parameters, bodies and answers."""
    bodies = [body for body, _ in POST.values()]
    kinds = [*GET.values(), *(answer for _, answer in POST.values()), *bodies, Refusal]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    by_kind = dict(zip(map(str, kinds), schemas, strict=True))
    paths: dict[str, Any] = {}
    for path, answer in GET.items():
        paths[_ROOT + path] = {"get": _operation(path, answer, by_kind)}
    for path, (body, answer) in POST.items():
        carried = {"required": True, "content": _json(by_kind[str(body)])}
        paths[_ROOT + path] = {"post": _operation(path, answer, by_kind) | {"requestBody": carried}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "graphlink explorer", "version": "1"},
        "paths": paths,
        "components": {"schemas": {name: _described(name, components[name]) for name in sorted(components)}},
    }


def _operation(path: str, answer: Any, by_kind: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "responses": {
            "200": {"description": "The answer.", "content": _json(by_kind[str(answer)])},
            "default": {"description": "A refusal.", "content": _json(by_kind[str(Refusal)])},
        }
    }
    parameters = [_parameter("query", one) for one in PARAMETERS.get(path, ())]
    if "{cluster_id}" in path:
        cluster = Parameter("cluster_id", {"type": "string"}, "the cluster", required=True)
        parameters.insert(0, _parameter("path", cluster))
    return operation | ({"parameters": parameters} if parameters else {})


def _parameter(place: str, one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": place,
        "required": one.required,
        "description": one.about,
        "schema": one.schema,
    }


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _described(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with the first line of its class, and the description of each field."""
    kind = struct_named(name)
    fields = descriptions_of(kind)
    properties = {
        field: inner | ({"description": fields[field]} if field in fields else {})
        for field, inner in schema["properties"].items()
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
