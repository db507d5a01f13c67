"""Every route against every role: who lacks its right is refused and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from graphlink.team.answers import bodies
from graphlink.team.routes import ROUTES, Route
from graphlink.workspace.roles import RIGHTS, ROLES

if TYPE_CHECKING:
    from graphlink.monitoring import Workspace
    from tests.served import Caller

BODIES: dict[Any, dict[str, Any]] = {
    bodies.NoBody: {},
    bodies.OpenCaseBody: {"title": "By hand"},
    bodies.CommentBody: {"text": "One beat."},
    bodies.AssignBody: {"to": "ana"},
    bodies.StatusBody: {"status": "open", "why": "Seen."},
    bodies.MergeBody: {"into": 2, "into_version": 1, "why": "One operator."},
    bodies.SplitBody: {"lineages": ["K-1"], "title": "The rest"},
    bodies.LabelReviewBody: {"verdict": "no", "why": "Two people."},
    bodies.DecisionReviewBody: {"action": "close", "why": "A farm."},
    bodies.PriorityBody: {"priority": "high"},
    bodies.ProposeBody: {"action": "close", "why": "A farm."},
    bodies.WhyBody: {"why": "It holds."},
    bodies.ExportBody: {"form": "csv"},
    bodies.AccountBody: {"account_id": "a"},
    bodies.OutcomeBody: {"account_id": "a", "outcome": "upheld", "why": "It holds."},
    bodies.LabelBody: {"verdict": "no", "why": "Two people.", "account": "a", "other": "b"},
    bodies.FactBody: {"what": "email_domain", "value": "acme.example", "source": "registry"},
    bodies.SearchBody: {"name": "Growing", "view": "queue", "query": {"min_new": "1"}},
    bodies.RevealBody: {"kind": "account", "name": "x", "why": "An appeal."},
}
PLACES = {
    "case": "1",
    "decision": "1",
    "label": "1",
    "fact": "1",
    "token": "1",
    "search": "1",
    "name": "Acme",
    "lineage": "K-1",
}


@pytest.mark.parametrize("route", ROUTES, ids=lambda one: f"{one.method} {one.path}")
def test_who_lacks_the_right_is_refused(
    people: dict[str, Caller], workspace: Workspace, route: Route
) -> None:
    path = route.path.format(**PLACES)
    body = BODIES[route.body] if route.body else None
    for role in ROLES:
        before = workspace.log()[-1].event.seq
        # A version that nothing has: who has the right learns of the change, and changes nothing either.
        answer = people[role].send(route.method, path, body, **{"If-Match": '"999999999"'})
        if role in RIGHTS[route.right]:
            assert answer.status_code in (200, 404, 409, 412), (role, answer.text)
        else:
            assert answer.status_code == 403, (role, answer.text)
            assert answer.json()["error"]["message"] == f"this needs the right {route.right}"
            assert workspace.log()[-1].event.seq == before


@pytest.mark.parametrize("role", ROLES)
def test_the_explorer_needs_its_right_too(people: dict[str, Caller], role: str) -> None:
    caller = people[role]
    answer = caller.client.get("/api/v1/status", headers={"Authorization": f"Bearer {caller.token}"})
    assert answer.status_code == (200 if role in RIGHTS["result.read"] else 403)
