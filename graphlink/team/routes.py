"""The routes of the workspace's API as one table: what each answers, carries, needs, and is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from graphlink.explorer.answers.base import Page
from graphlink.team import cases, knowledge, lineages, overview, searches
from graphlink.team.answers import bodies, common
from graphlink.team.answers import cases as of_cases
from graphlink.team.answers import knowledge as of_knowledge
from graphlink.team.answers import lineages as of_lineages
from graphlink.team.answers import searches as of_searches
from graphlink.team.answers import team as of_team

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.team.asked import Asked, Subjects
    from graphlink.workspace.versions import Expected

ROOT = "/api/v2"


class Route(NamedTuple):
    """A route.

    Attributes:
        method: GET reads; POST changes, or reads what is logged.
        path: Below ROOT.
        right: What the person needs; see `graphlink.workspace.roles`.
        answer: The class of the answer.
        handler: Makes it.
        body: The class of what a POST carries.
        version: Gives the events that ETag and If-Match stand for, or None for a reader who may not know
            them; a POST without it changes nothing that somebody else could have changed.
        also: What the body states to have been read of a second thing that is changed.
    """

    method: Literal["GET", "POST"]
    path: str
    right: str
    answer: Any
    handler: Callable[[Asked], Any]
    body: Any = None
    version: Callable[[Asked], Subjects | None] | None = None
    also: Callable[[Asked], Expected] | None = None


def _get(
    path: str,
    right: str,
    answer: Any,
    handler: Callable[[Asked], Any],
    version: Callable[[Asked], Subjects | None] | None = None,
) -> Route:
    return Route("GET", path, right, answer, handler, None, version)


def _post(
    path: str,
    right: str,
    carried: tuple[Any, Any],
    handler: Callable[[Asked], Any],
    version: Callable[[Asked], Subjects | None] | None,
) -> Route:
    body, answer = carried
    return Route("POST", path, right, answer, handler, body, version)


_DONE = common.Done
_CASE, _DECISION = cases.version_of_case, cases.version_of_decision
_WHY, _NOTHING = (bodies.WhyBody, _DONE), (bodies.NoBody, _DONE)
_SEARCH = searches.version_of_search
ROUTES: tuple[Route, ...] = (
    _get("/me", "self.read", of_team.Me, overview.describe_me),
    _get("/overview", "work.read", of_team.OverviewAnswer, overview.describe_overview),
    _get("/queue", "work.read", of_cases.CaseList, cases.list_queue),
    _get("/cases", "work.read", of_cases.CaseList, cases.list_cases, cases.version_of_lineage),
    _post("/cases", "cases.work", (bodies.OpenCaseBody, _DONE), cases.open_case, cases.version_of_lineage),
    _get("/cases/{case}", "work.read", of_cases.CaseAnswer, cases.describe_case, _CASE),
    _get("/cases/{case}/activity", "work.read", common.ActivityList, cases.list_case_activity),
    _post("/cases/{case}/comment", "cases.work", (bodies.CommentBody, _DONE), cases.comment, _CASE),
    _post("/cases/{case}/assign", "cases.assign", (bodies.AssignBody, _DONE), cases.assign, _CASE),
    _post("/cases/{case}/claim", "cases.work", _NOTHING, cases.claim, _CASE),
    _post("/cases/{case}/release", "cases.work", _NOTHING, cases.release, _CASE),
    _post("/cases/{case}/status", "cases.work", (bodies.StatusBody, _DONE), cases.set_status, _CASE),
    _post("/cases/{case}/priority", "cases.work", (bodies.PriorityBody, _DONE), cases.set_priority, _CASE),
    _post("/cases/{case}/merge", "cases.work", (bodies.MergeBody, _DONE), cases.merge, _CASE)._replace(
        also=cases.seen_of_other
    ),
    _post("/cases/{case}/split", "cases.work", (bodies.SplitBody, _DONE), cases.split, _CASE),
    _post("/cases/{case}/decisions", "decisions.propose", (bodies.ProposeBody, _DONE), cases.propose, _CASE),
    _get("/lineages", "work.read", Page[of_cases.LineageRow], cases.list_lineages),
    _get("/lineages/{lineage}", "work.read", of_lineages.LineageAnswer, lineages.describe_lineage),
    _get("/decisions", "work.read", of_cases.DecisionList, cases.list_decisions),
    _get("/decisions/{decision}", "work.read", of_cases.DecisionAnswer, cases.describe_decision, _DECISION),
    _post(
        "/decisions/{decision}/review",
        "decisions.decide",
        (bodies.DecisionReviewBody, _DONE),
        cases.review_decision,
        _DECISION,
    ),
    _post("/decisions/{decision}/approve", "decisions.decide", _WHY, cases.approve, _DECISION),
    _post("/decisions/{decision}/reject", "decisions.decide", _WHY, cases.reject, _DECISION),
    _post("/decisions/{decision}/withdraw", "decisions.propose", _WHY, cases.withdraw, _DECISION),
    _post(
        "/decisions/{decision}/export",
        "decisions.export",
        (bodies.ExportBody, of_cases.ExportAnswer),
        cases.export,
        _DECISION,
    ),
    _post(
        "/decisions/{decision}/profile",
        "appeals.work",
        (bodies.AccountBody, of_cases.ProfileAnswer),
        cases.read_profile,
        _DECISION,
    ),
    _post(
        "/decisions/{decision}/outcome",
        "appeals.work",
        (bodies.OutcomeBody, _DONE),
        cases.record_outcome,
        _DECISION,
    ),
    _get(
        "/labels",
        "work.read",
        of_knowledge.LabelList,
        knowledge.list_labels,
        knowledge.version_of_labels,
    ),
    _post(
        "/labels",
        "labels.write",
        (bodies.LabelBody, _DONE),
        knowledge.add_label,
        knowledge.version_of_labels,
    ),
    _post(
        "/labels/{label}/review",
        "labels.write",
        (bodies.LabelReviewBody, _DONE),
        knowledge.review_label,
        knowledge.version_of_label,
    ),
    _get("/conflicts", "work.read", of_knowledge.ConflictList, knowledge.list_conflicts),
    _post("/labels/{label}/undo", "labels.write", _WHY, knowledge.undo_label, knowledge.version_of_label),
    _get("/returns", "work.read", of_knowledge.ReturnsAnswer, knowledge.list_returns),
    _get("/watch", "work.read", Page[of_knowledge.WatchRow], knowledge.list_watched),
    _get("/alerts", "work.read", Page[of_knowledge.AlertRow], knowledge.list_alerts),
    _get(
        "/organisations",
        "organisations.read",
        Page[of_knowledge.OrganisationRow],
        knowledge.list_organisations,
    ),
    _get(
        "/organisations/{name}",
        "organisations.read",
        of_knowledge.OrganisationRow,
        knowledge.describe_organisation,
        knowledge.version_of_organisation,
    ),
    _post(
        "/organisations/{name}/facts",
        "organisations.write",
        (bodies.FactBody, _DONE),
        knowledge.add_fact,
        knowledge.version_of_organisation,
    ),
    _post("/facts/{fact}/end", "organisations.write", _WHY, knowledge.end_fact, knowledge.version_of_fact),
    _post(
        "/reveal",
        "values.reveal",
        (bodies.RevealBody, of_knowledge.Revealed),
        knowledge.reveal_value,
        None,
    ),
    _get("/searches", "searches.keep", Page[of_searches.SearchRow], searches.list_searches),
    _post(
        "/searches",
        "searches.keep",
        (bodies.SearchBody, _DONE),
        searches.save_search,
        searches.version_of_name,
    ),
    _post("/searches/{search}/share", "searches.share", _NOTHING, searches.share_search, _SEARCH),
    _post("/searches/{search}/unshare", "searches.keep", _NOTHING, searches.unshare_search, _SEARCH),
    _post("/searches/{search}/delete", "searches.keep", _NOTHING, searches.delete_search, _SEARCH),
    _get("/activity", "activity.read", Page[common.Activity], overview.list_activity),
    _get("/audit", "audit.verify", of_team.AuditAnswer, overview.verify_log),
    _get("/tokens", "tokens.manage", Page[of_team.TokenRow], overview.list_tokens),
    _post(
        "/tokens/{token}/revoke",
        "tokens.manage",
        _NOTHING,
        overview.revoke_token,
        overview.version_of_token,
    ),
)
