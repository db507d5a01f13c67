"""The routes of the workspace's API -> its OpenAPI document, and the table of its routes for the docs."""

from __future__ import annotations

from typing import Any

from graphlink.explorer.answers.openapi import Operation, document_of
from graphlink.team.answers.common import Conflict
from graphlink.team.routes import ROOT, ROUTES, Route
from graphlink.workspace.roles import RIGHTS, ROLES

_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": 'The ETag under which it was read, such as "17"; "0" of what is new.',
    "schema": {"type": "string"},
}
_CHANGED = "It was changed since; with what happened."


def workspace_document() -> dict[str, Any]:
    """Make the OpenAPI document (3.1) of the workspace's API; `x-right` is the right that a route needs."""
    return document_of("graphlink workspace", "2", ROOT, [_operation(one) for one in ROUTES])


def routes_table() -> str:
    """The table of the routes, in Markdown."""
    lines = ["| route | right | compared with | what it does |", "|---|---|---|---|"]
    for one in ROUTES:
        compared = "If-Match" if _is_compared(one) else "ETag" if one.version else ""
        about = (one.handler.__doc__ or "").partition("\n")[0]
        lines.append(f"| {one.method} `{ROOT}{one.path}` | `{one.right}` | {compared} | {about} |")
    return "\n".join(lines)


def rights_table() -> str:
    """The table of rights and roles, in Markdown."""
    head = ["| right | " + " | ".join(ROLES) + " |", "|---|" + "---|" * len(ROLES)]
    rows = [
        f"| `{right}` | " + " | ".join("yes" if role in having else "" for role in ROLES) + " |"
        for right, having in RIGHTS.items()
    ]
    return "\n".join([*head, *rows])


def _is_compared(route: Route) -> bool:
    return route.method == "POST" and route.version is not None


def _operation(route: Route) -> Operation:
    more: dict[str, Any] = {
        "summary": (route.handler.__doc__ or "").partition("\n")[0],
        "x-right": route.right,
    }
    if _is_compared(route):
        more["parameters"] = [_IF_MATCH]
    refusals = {"412": (_CHANGED, Conflict)} if _is_compared(route) else {}
    return Operation(route.method.lower(), route.path, route.answer, route.body, refusals, more)
