"""Cases and decisions over HTTP; every change goes through the workspace, so that its audit log has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.errors import NotFoundError, ResultError
from graphlink.team.answers import cases as answers
from graphlink.team.answers.common import ActivityList, Done, LineageName, ReviewRow
from graphlink.team.asked import found, lineage_in, next_of, page_of, with_versions
from graphlink.team.events import activity_of
from graphlink.workspace import cases, decisions, lists, versions
from graphlink.workspace.case_states import subject_of
from graphlink.workspace.chain import digest
from graphlink.workspace.reviews import read_reviews
from graphlink.workspace.runs import last_run
from graphlink.workspace.store import Choice
from graphlink.workspace.versions import Expected

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from graphlink.explorer.answers.base import Page
    from graphlink.team.asked import Asked, Subjects
    from graphlink.team.glasses import Glasses
    from graphlink.workspace.case_states import Case
    from graphlink.workspace.decisions import Decision
    from graphlink.workspace.reviews import Review
    from graphlink.workspace.store import Reading

_STATES = ("open", "closed", "all")
_MOST_EVENTS = 100  # of a case with its page; the rest is read by the part


def list_cases(asked: Asked) -> answers.CaseList:
    """Cases, the last changed first."""
    query, (_, limit) = asked.query, asked.query.window
    state, after = query.choice("state", _STATES), asked.after
    listed = asked.reading(
        lambda rows: lists.read_case_list(
            rows,
            limit,
            after,
            is_at_rest=None if state == "all" else state == "closed",
            lineage=lineage_in(query.text("lineage")) if query.text("lineage") else None,
            assignee=query.text("assignee"),
        )
    )
    return _case_list(asked, listed)


def list_lineages(asked: Asked) -> Page[answers.LineageRow]:
    """The lineages that the last accepted run has, with `cluster` that of one cluster."""
    clusters, about = asked.reading(_clusters), asked.reading(_cases_about)
    rows = [
        answers.LineageRow(name=f"K-{number}", cluster_id=shown, case=about.get(number))
        for number, cluster_id in sorted(clusters.items())
        if (shown := asked.glasses.cluster(cluster_id)) is not None
    ]
    wanted = asked.query.text("cluster")
    return page_of(asked, [one for one in rows if wanted in ("", one.cluster_id)], list)


def version_of_lineage(asked: Asked) -> Subjects:
    """What a case that is to be opened is compared with: the cases of its lineages."""
    named = asked.query.words("lineage") if asked.body is None else asked.body.lineages
    return versions.of_lineages([lineage_in(name) for name in named])


def list_queue(asked: Asked) -> answers.CaseList:
    """The cases to work on: the reader's, nobody's, then those of others."""
    (_, limit), after, me = asked.query.window, asked.after, asked.person.name
    return _case_list(asked, asked.reading(lambda rows: lists.read_queue(rows, me, limit, after)))


def describe_case(asked: Asked) -> answers.CaseAnswer:
    """A case with what was done about it."""
    number = asked.number("case")
    case = found(lambda: asked.workspace.cases.get(number))
    subject, me = subject_of(number), asked.person.name
    listed = asked.reading(lambda rows: lists.read_activity(rows, subject, _MOST_EVENTS))
    last_own, n_news = asked.reading(lambda rows: lists.news_of(rows, subject, me))
    made = asked.versioned(lambda rows: decisions.read_decisions(rows, case_no=number), "decision")
    return answers.CaseAnswer(
        case=_rows_of(asked, [case])[0],
        activity=activity_of(listed.rows[::-1], asked.glasses, asked.blind().seqs),
        earlier=next_of(listed),
        decisions=_decision_rows(asked, made),
        next_statuses=list(cases.next_statuses(case)),
        last_own=last_own,
        n_news=n_news,
    )


def list_case_activity(asked: Asked) -> ActivityList:
    """What was done about a case, the newest first."""
    number, (_, limit), after = asked.number("case"), asked.query.window, asked.after
    found(lambda: asked.workspace.cases.get(number))
    listed = asked.reading(lambda rows: lists.read_activity(rows, subject_of(number), limit, after))
    rows = activity_of(listed.rows, asked.glasses, asked.blind().seqs)
    return ActivityList(rows=rows, total=listed.total, limit=limit, next=next_of(listed))


def version_of_case(asked: Asked) -> Subjects:
    """The events about the case of the path."""
    number = asked.number("case")
    found(lambda: asked.workspace.cases.get(number))
    return versions.of_case(number)


def open_case(asked: Asked) -> Done:
    """Open a case by hand."""
    body = asked.body
    number = asked.workspace.cases.open(body.title, body.lineages, body.priority)
    return _done(asked, number, versions.of_case(number))


def comment(asked: Asked) -> Done:
    """Comment on a case."""
    number = asked.number("case")
    asked.workspace.cases.comment(number, asked.body.text)
    return _done(asked, number, versions.of_case(number))


def assign(asked: Asked) -> Done:
    """Assign a case to somebody."""
    number = asked.number("case")
    asked.workspace.cases.assign([number], asked.body.to)
    return _done(asked, number, versions.of_case(number))


def claim(asked: Asked) -> Done:
    """Take a case that is nobody's; one of somebody else is assigned by who may assign."""
    number = asked.number("case")
    asked.workspace.cases.claim(number)
    return _done(asked, number, versions.of_case(number))


def release(asked: Asked) -> Done:
    """Give back one's own case."""
    number = asked.number("case")
    asked.workspace.cases.release(number)
    return _done(asked, number, versions.of_case(number))


def merge(asked: Asked) -> Done:
    """Merge a case into another one, which goes on with the lineages of both."""
    number, body = asked.number("case"), asked.body
    asked.workspace.cases.merge(number, body.into, body.why)
    return _done(asked, number, versions.of_case(number))


def seen_of_other(asked: Asked) -> Expected:
    """What the writer has read of the case that another is merged into."""
    into = asked.body.into
    found(lambda: asked.workspace.cases.get(into))
    return Expected(versions.of_case(into), asked.body.into_version)


def split(asked: Asked) -> Done:
    """Split lineages off a case into a new one, whose number is returned."""
    body = asked.body
    lineages = [f"K-{lineage_in(name)}" for name in body.lineages]
    number = asked.workspace.cases.split(asked.number("case"), lineages, body.title)
    return _done(asked, number, versions.of_case(number))


def set_status(asked: Asked) -> Done:
    """Set the status of a case by hand."""
    number, body = asked.number("case"), asked.body
    asked.workspace.cases.set_status([number], body.status, body.why, body.resolution)
    return _done(asked, number, versions.of_case(number))


def set_priority(asked: Asked) -> Done:
    """Set the priority of a case."""
    number = asked.number("case")
    asked.workspace.cases.set_priority([number], asked.body.priority)
    return _done(asked, number, versions.of_case(number))


def propose(asked: Asked) -> Done:
    """Propose a decision about the core of a lineage of a case."""
    body = asked.body
    number = asked.workspace.decisions.propose(
        asked.number("case"),
        body.action,
        body.why,
        lineage=body.lineage,
        fringe=body.fringe,
        leave_out=body.leave_out,
    )
    return _done(asked, number, versions.of_decision(number))


def list_decisions(asked: Asked) -> answers.DecisionList:
    """Decisions, the newest first."""
    (_, limit), after, state = asked.query.window, asked.after, asked.query.text("state")

    def read(rows: Reading) -> lists.Listed[tuple[Decision, int]]:
        listed = lists.read_decision_list(rows, limit, after, state)
        return lists.Listed(with_versions(rows, listed.rows, "decision"), listed.total, listed.next)

    listed = asked.reading(read)
    return answers.DecisionList(
        rows=_decision_rows(asked, listed.rows), total=listed.total, limit=limit, next=next_of(listed)
    )


def describe_decision(asked: Asked) -> answers.DecisionAnswer:
    """A decision with its evidence in short."""
    number = _decision(asked).number
    ((decision, version),) = asked.versioned(lambda rows: [decisions.read_decision(rows, number)], "decision")
    evidence = asked.workspace.decisions.evidence(decision.number)
    glasses, is_blind = asked.glasses, decision.number in asked.blind().decisions
    may_decide = (
        "decisions.decide" in asked.person.rights
        and decision.state == decisions.PROPOSED
        and not decisions.is_same_person(asked.person.name, decision.proposed_by)
        and not is_blind
    )
    given = [] if is_blind else asked.reading(lambda rows: read_reviews(rows, decisions=[number]))
    return answers.DecisionAnswer(
        decision=_decision_rows(asked, [(decision, version)])[0],
        accounts=[
            answers.DecisionAccount(
                account_id=glasses.account(one.account_id), role=one.role, probability=one.probability
            )
            for one in decision.proposal.accounts
        ],
        collateral=glasses.texts(evidence["collateral"]),
        changes=glasses.texts(asked.workspace.decisions.changes_since(decision.number)),
        may_review=is_blind,
        may_decide=may_decide,
        reviews=[review_row(one, decision.proposal.action, glasses) for one in given],
    )


def review_row(one: Review, first: str, glasses: Glasses) -> ReviewRow:
    """What a second person stated, beside the first verdict."""
    is_other = one.verdict != first
    return ReviewRow(by=one.by, at=one.at, verdict=one.verdict, why=glasses.text(one.why), is_other=is_other)


def review_decision(asked: Asked) -> Done:
    """State which action one would take oneself, before the proposal is shown."""
    number = _decision(asked).number
    asked.workspace.decisions.review(number, asked.body.action, asked.body.why)
    return _done(asked, number, versions.of_decision(number))


def version_of_decision(asked: Asked) -> Subjects:
    """The events about the decision of the path."""
    return versions.of_decision(_decision(asked).number)


def approve(asked: Asked) -> Done:
    """Approve a decision as a second person."""
    return _decide(asked, decisions.APPROVED)


def reject(asked: Asked) -> Done:
    """Reject a decision as a second person."""
    return _decide(asked, decisions.REJECTED)


def withdraw(asked: Asked) -> Done:
    """Withdraw one's own proposal."""
    return _decide(asked, decisions.WITHDRAWN)


def export(asked: Asked) -> answers.ExportAnswer:
    """Make the file of an approved decision, and record that it was exported."""
    decision, form = _decision(asked), asked.body.form
    content = asked.workspace.decisions.export(decision.number, form)
    return answers.ExportAnswer(
        name=f"{decision.name}.{'json' if form == 'stix' else form}",
        content=content.decode(),
        sha256=digest(content),
        n_exports=decision.n_exports + 1,  # what was read is what If-Match states, or this was refused
        version=asked.written(versions.of_decision(decision.number)),
    )


def read_profile(asked: Asked) -> answers.ProfileAnswer:
    """The facts about one account of a decision, for an appeal; the reading is logged."""
    decision = _decision(asked)
    profile = asked.workspace.decisions.profile(decision.number, asked.body.account_id)
    return answers.ProfileAnswer(
        decision=profile.decision,
        account_id=profile.account_id,
        role=profile.role,
        probability=profile.probability,
        facts=list(profile.facts),
        against=list(profile.against),
        version=asked.written(versions.of_decision(decision.number)),
    )


def record_outcome(asked: Asked) -> Done:
    """Record what became of an appeal."""
    number, body = _decision(asked).number, asked.body
    asked.workspace.decisions.record_outcome(number, body.account_id, body.outcome, body.why)
    return _done(asked, number, versions.of_decision(number))


def _decide(asked: Asked, state: str) -> Done:
    number = _decision(asked).number
    asked.workspace.decisions.decide(number, state, asked.body.why)
    return _done(asked, number, versions.of_decision(number))


def _decision(asked: Asked) -> Decision:
    number = asked.number("decision")
    return found(lambda: asked.workspace.decisions.get(number))


def _done(asked: Asked, number: int, subjects: Subjects) -> Done:
    return Done(number=number, version=asked.written(subjects))


def _case_list(asked: Asked, listed: lists.Listed[Case]) -> answers.CaseList:
    limit = asked.query.window[1]
    return answers.CaseList(
        rows=_rows_of(asked, listed.rows), total=listed.total, limit=limit, next=next_of(listed)
    )


def _rows_of(asked: Asked, chosen: Sequence[Case]) -> list[answers.CaseRow]:
    about = {number for one in chosen for number in one.lineages}
    clusters = asked.reading(lambda rows: _clusters(rows, about))
    sizes = _sizes(asked, set(clusters.values())) if clusters else {}
    glasses = asked.glasses

    def named(number: int) -> LineageName:
        shown = glasses.cluster(clusters.get(number))
        n_accounts, probability = sizes.get(clusters[number], (None, None)) if shown else (None, None)
        return LineageName(
            name=f"K-{number}",
            cluster_id=shown,
            n_accounts=n_accounts,
            p_same_operator=probability,
        )

    return [
        answers.CaseRow(
            number=one.number,
            title=glasses.text(one.title),
            status=one.status,
            resolution=one.resolution,
            assignee=one.assignee,
            priority=one.priority,
            lineages=[named(number) for number in one.lineages],
            alerts=list(one.alerts),
            merged_into=one.merged_into,
            linked=list(one.linked),
            n_comments=one.n_comments,
            opened_at=one.opened_at,
            changed_at=one.changed_at,
            version=one.last_seq,
        )
        for one in chosen
    ]


def _cases_about(rows: Reading) -> dict[int, int]:
    """The case about each lineage: the oldest that still has it."""
    held = sorted(rows.rows("case_lineages", to_seq=None), key=lambda row: -int(row["case_no"]))
    return {row["lineage_no"]: row["case_no"] for row in held}


def _clusters(rows: Reading, lineages: Collection[int] | None = None) -> dict[int, str]:
    """The cluster of some lineages, or of each, in the last accepted run."""
    last = last_run(rows)
    if last is None:
        return {}
    among = {} if lineages is None else {"lineage_no": lineages}
    of = Choice({"run_no": last["run_no"]}, among)
    placed = rows.part("placements", "run_no", None, of=[of])
    return {row["lineage_no"]: row["cluster_id"] for row in placed if row["lineage_no"] is not None}


def _sizes(asked: Asked, clusters: Collection[str]) -> dict[str, tuple[int | None, float | None]]:
    """Accounts and probability of clusters of the last accepted run; nothing where its result is gone."""
    try:
        last = asked.workspace.last
    except (NotFoundError, ResultError):
        return {}
    columns = ["cluster_id", "n_accounts", "p_same_operator"]
    table = last.table("clusters", columns, {"cluster_id": clusters})
    names, sizes, probabilities = (column.to_pylist() for column in table.columns)
    return dict(zip(names, zip(sizes, probabilities, strict=True), strict=True))


def _decision_rows(asked: Asked, chosen: Iterable[tuple[Decision, int]]) -> list[answers.DecisionRow]:
    glasses, blind = asked.glasses, asked.blind().decisions
    return [
        answers.DecisionRow(
            number=one.number,
            case=one.proposal.case,
            lineage=f"K-{one.proposal.lineage}",
            action="" if one.number in blind else one.proposal.action,
            state=one.state,
            n_accounts=len(one.proposal.accounts),
            why="" if one.number in blind else glasses.text(one.proposal.why),
            proposed_by=one.proposed_by,
            proposed_at=one.proposed_at,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
            decided_why=glasses.text(one.decided_why),
            n_exports=one.n_exports,
            is_blind=one.number in blind,
            version=version,
        )
        for one, version in chosen
    ]
