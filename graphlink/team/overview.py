"""The reader, the state of the workspace, the audit log and tokens over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.errors import NotFoundError
from graphlink.explorer.answers.base import Page
from graphlink.team.answers import team as answers
from graphlink.team.answers.common import Activity, Done
from graphlink.team.asked import labels_in, page_of
from graphlink.team.events import activity_of
from graphlink.workspace import versions
from graphlink.workspace.audit import read_newest
from graphlink.workspace.decisions import PROPOSED, is_same_person
from graphlink.workspace.lists import count_queue
from graphlink.workspace.runs import last_run
from graphlink.workspace.store import Choice
from graphlink.workspace.tokens import read_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.team.asked import Asked, Subjects
    from graphlink.workspace.tokens import Token


def describe_me(asked: Asked) -> answers.Me:
    """Who the reader is here."""
    person = asked.person
    return answers.Me(
        name=person.name,
        roles=list(person.roles),
        rights=sorted(person.rights),
        way=person.way,
        profile=asked.glasses.profile,
    )


def describe_overview(asked: Asked) -> answers.OverviewAnswer:
    """The last accepted run, and how much there is to do."""
    workspace, me = asked.workspace, asked.person.name
    with workspace.folder.store.read() as rows:
        last = last_run(rows)
        proposed = rows.rows("decisions", state=PROPOSED)
        n_alerts, n_lineages = rows.count("alerts", Choice({"state": "open"})), rows.count("lineages")
        n_mine, n_unassigned = count_queue(rows, me), count_queue(rows, "")
    back = [one for one in workspace.returns().noticed if one.decision is not None]
    return answers.OverviewAnswer(
        workspace=workspace.path.resolve().name,
        run=f"R-{last['run_no']}" if last else "",
        data_until=(last["data_until"] or "") if last else "",
        n_lineages=n_lineages,
        n_open_alerts=n_alerts,
        n_mine=n_mine,
        n_unassigned=n_unassigned,
        n_to_decide=sum(not is_same_person(me, row["proposed_by"]) for row in proposed),
        n_back=sum(one.is_named for one in back),
    )


def list_activity(asked: Asked) -> Page[Activity]:
    """The audit log, the newest first."""
    offset, limit = asked.query.window
    log, total = asked.reading(lambda rows: read_newest(rows, offset, limit))
    rows = activity_of(log, asked.glasses, asked.blind(labels_in(log)).seqs)
    return Page(rows=rows, total=total, offset=offset, limit=limit)


def verify_log(asked: Asked) -> answers.AuditAnswer:
    """Make sure that the audit log is as it was written."""
    done = asked.workspace.verify(asked.query.text("last_hash"))
    return answers.AuditAnswer(n_events=done.n_events, n_forgotten=done.n_forgotten, last_hash=done.last_hash)


def list_tokens(asked: Asked) -> Page[answers.TokenRow]:
    """The tokens of scripts, without their secrets."""
    tokens = asked.versioned(read_tokens, "token")

    def rows(some: Sequence[tuple[Token, int]]) -> list[answers.TokenRow]:
        return [_token(asked, *one) for one in some]

    return page_of(asked, tokens, rows)


def revoke_token(asked: Asked) -> Done:
    """Revoke a token; it opens nothing from now on."""
    number = asked.number("token")
    asked.workspace.tokens.revoke(number)
    return Done(number=number, version=asked.written(versions.of_token(number)))


def version_of_token(asked: Asked) -> Subjects:
    """The events about the token of the path."""
    number = asked.number("token")
    if number not in {one.number for one in asked.reading(read_tokens)}:
        raise NotFoundError(f"no token {number}")
    return versions.of_token(number)


def _token(asked: Asked, one: Token, version: int) -> answers.TokenRow:
    return answers.TokenRow(
        **one._asdict(),
        is_valid=one.is_valid(asked.workspace.now()),
        version=version,
    )
