"""Labels, returns, the watch list, organisations and alerts over HTTP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphlink.core.errors import NotFoundError, WorkspaceError
from graphlink.explorer.query import RequestError, bad_request
from graphlink.team.answers import knowledge as answers
from graphlink.team.answers.common import Done
from graphlink.team.asked import found, lineage_in, page_of, with_versions
from graphlink.team.cases import review_row
from graphlink.team.glasses import reveal
from graphlink.workspace import versions
from graphlink.workspace.audit import FORGOTTEN
from graphlink.workspace.conflicts import REVIEWED
from graphlink.workspace.knowledge import ACCOUNT, HINT, NETWORK, Knowledge
from graphlink.workspace.labels import Subject
from graphlink.workspace.lists import AT_ONCE, Listed, read_label_list
from graphlink.workspace.organisation_rows import read_organisation, read_organisations
from graphlink.workspace.reviews import read_reviews
from graphlink.workspace.store import Choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.explorer.answers.base import Page
    from graphlink.team.asked import Asked, Subjects
    from graphlink.team.glasses import Glasses
    from graphlink.workspace.conflicts import Conflict
    from graphlink.workspace.labels import Label
    from graphlink.workspace.organisation_rows import KnownOrganisation
    from graphlink.workspace.return_rows import Noticed
    from graphlink.workspace.reviews import Difference
    from graphlink.workspace.store import Reading
    from graphlink.workspace.watch_rows import Entry

_NOBODY = -1  # the number of no account
_ABOUT = ("account", "other", "lineage", "kind", "value")


def list_labels(asked: Asked) -> answers.LabelList:
    """Labels, the newest first; with parameters only those about an account, a pair or an identifier."""
    (_, limit), after = asked.query.window, asked.after
    given = {name: asked.query.text(name) for name in _ABOUT if asked.query.text(name)}
    shown: list[answers.LabelRow] = []
    total = None
    while len(shown) < limit:
        with asked.workspace.folder.store.read() as rows:
            listed = _read_labels(rows, asked, given, (limit, after))
        part = [one for one in _label_rows(asked, listed.rows) if _is_about(one, given)]
        room, total, after = limit - len(shown), listed.total, listed.next
        shown += part[:room]
        if len(part) > room:  # who sees replaced names asks for these: there they are looked for by the part
            after = shown[-1].number
        if after is None:
            break
    return answers.LabelList(
        rows=shown,
        total=None if given else total,
        limit=limit,
        next=None if after is None else str(after),
    )


def _read_labels(
    rows: Reading, asked: Asked, given: dict[str, str], window: tuple[int, int | None]
) -> Listed[tuple[Label, int]]:
    """A part of the labels that may be about what is given, with their versions."""
    limit, after = window
    is_known = asked.glasses.is_plain or not given
    of = _choices(rows, given) if is_known else ()
    listed = read_label_list(rows, limit if is_known else AT_ONCE, after, of)
    return Listed(with_versions(rows, listed.rows, "label"), listed.total, listed.next)


def _choices(rows: Reading, given: dict[str, str]) -> list[Choice]:
    """Which labels are about what is given, the accounts of a pair in either order."""
    numbers = rows.known_accounts([given[name] for name in ("account", "other") if name in given])
    account, other = (numbers.get(given.get(name, ""), _NOBODY) for name in ("account", "other"))
    about: dict[str, object] = {name: given[name] for name in ("kind", "value") if name in given}
    if "lineage" in given:
        about["lineage_no"] = lineage_in(given["lineage"])
    if "other" in given:
        ends: list[dict[str, object]] = [{"account_l": account, "account_r": other}]
        ends.append({"account_l": other, "account_r": account})
    elif "account" in given:
        ends = [{"account_l": account}, {"account_r": account}]
    else:
        ends = [{}]
    return [Choice(about | one) for one in ends]


def version_of_labels(asked: Asked) -> Subjects | None:
    """What a label is compared with: the labels about the same subject."""
    if asked.body is None and not asked.glasses.is_plain:
        # The version would tell of real names and values whether anybody labelled them.
        return None
    given = asked.body if asked.body is not None else asked.query
    about = {name: getattr(given, name, "") if given is asked.body else given.text(name) for name in _ABOUT}
    lineage = lineage_in(about["lineage"]) if about["lineage"] else None
    return versions.of_labels_about(
        Subject(about["account"], about["other"], lineage, about["kind"], about["value"])
    )


def add_label(asked: Asked) -> Done:
    """Label two accounts, an account and a lineage, or an identifier."""
    body = asked.body
    number = asked.workspace.labels.add(
        body.verdict,
        why=body.why,
        account=body.account,
        other=body.other,
        lineage=body.lineage,
        identifier=(body.kind, body.value),
        until=body.until,
        second=body.second,
    )
    return Done(number=number, version=asked.written(versions.of_label(number)))


def review_label(asked: Asked) -> Done:
    """State one's own verdict on a label that waits for a second person."""
    number = asked.number("label")
    asked.workspace.labels.review(number, asked.body.verdict, asked.body.why)
    return Done(number=number, version=asked.written(versions.of_label(number)))


def list_conflicts(asked: Asked) -> answers.ConflictList:
    """The labels and decisions that somebody should look at again."""
    limit = asked.query.window[1]
    what, number = _conflicts_after(asked)
    rows: list[answers.ConflictRow] = []
    following: int | None = None
    if what == "label":
        labels = asked.workspace.labels.some_conflicts(limit, number)
        blind = asked.blind([one.label.number for one in labels.rows])
        rows = [_conflict(one, asked.glasses) for one in labels.rows if one.label.number not in blind.labels]
        following, number = labels.next, None
    if following is None and len(rows) < limit:
        what = "decision"
        made = asked.workspace.decisions.some_conflicts(limit - len(rows), number)
        blind = asked.blind()
        rows += [
            _difference(one, asked.glasses) for one in made.rows if one.decision.number not in blind.decisions
        ]
        following = made.next
    elif following is None:
        what, following = "decision", 0
    after = None if following is None else f"{what} {following}"
    return answers.ConflictList(rows=rows, total=None, limit=limit, next=after)


def _conflicts_after(asked: Asked) -> tuple[str, int | None]:
    """What a part of the conflicts follows on: a label, or a decision once all labels were listed."""
    text = asked.query.text("after")
    match = re.fullmatch(r"(label|decision) (\d{1,10})", text, re.ASCII)
    if text and match is None:
        raise bad_request("after: expected what the part before states as next")
    return (match[1], int(match[2])) if match else ("label", None)


def undo_label(asked: Asked) -> Done:
    """Withdraw a label; a "yes" on accounts is followed by a "no", whose number is returned."""
    number = asked.number("label")
    if number in asked.blind([number]).labels:
        raise WorkspaceError(f"label {number} waits for your own verdict first (review); then it is shown")
    made = asked.workspace.labels.undo(number, asked.body.why)
    return Done(number=made or number, version=asked.written(versions.of_label(made or number)))


def version_of_label(asked: Asked) -> Subjects:
    """The events about the label of the path."""
    number = asked.number("label")
    if asked.reading(lambda rows: rows.row("labels", label_no=number)) is None:
        raise NotFoundError(f"no label {number}")
    return versions.of_label(number)


def list_returns(asked: Asked) -> answers.ReturnsAnswer:
    """Who came back, as the last accepted run has it."""
    returned = asked.workspace.returns()
    return answers.ReturnsAnswer(
        noticed=[_noticed(one, asked.glasses) for one in returned.noticed],
        rates=[
            answers.RateRow(
                decision=f"D-{one.decision}",
                days=one.rate.days,
                n_decided=one.rate.n_decided,
                n_back=one.rate.n_back,
                is_over=one.rate.is_over,
            )
            for one in returned.rates
        ],
    )


def list_watched(asked: Asked) -> Page[answers.WatchRow]:
    """The watch list, the weightiest first; with `all=1` also what is no longer watched."""
    at, with_all = asked.workspace.now(), asked.query.text("all") == "1"
    chosen = [one for one in asked.workspace.watch.all() if with_all or one.is_watched(at)]

    def rows(entries: Sequence[Entry]) -> list[answers.WatchRow]:
        return [_watched(one, asked.glasses) for one in entries]

    return page_of(asked, chosen, rows)


def list_organisations(asked: Asked) -> Page[answers.OrganisationRow]:
    """The known organisations."""
    known = asked.versioned(read_organisations, "organisation")
    return page_of(asked, known, lambda some: [_organisation(asked.glasses, *one) for one in some])


def describe_organisation(asked: Asked) -> answers.OrganisationRow:
    """One organisation."""
    name = asked.query.needed("name")
    ((known, version),) = found(
        lambda: asked.versioned(lambda rows: [read_organisation(rows, name)], "organisation")
    )
    return _organisation(asked.glasses, known, version)


def version_of_organisation(asked: Asked) -> Subjects:
    """The events about the organisation of the path; none of one that is new."""
    return versions.of_organisation(asked.query.needed("name"))


def add_fact(asked: Asked) -> Done:
    """Add what is known of an organisation, or the organisation with it."""
    name, body = asked.query.needed("name"), asked.body
    known = Knowledge(body.what, body.value, body.source, body.confidence, None, body.note)
    (number,) = asked.workspace.organisations.add(name, known, is_declared=body.is_declared)
    return Done(number=number, version=asked.written(versions.of_organisation(name)))


def end_fact(asked: Asked) -> Done:
    """End what is known no longer."""
    number = asked.number("fact")
    asked.workspace.organisations.end(number, asked.body.why)
    return Done(number=number, version=asked.written(versions.of_fact(number)))


def version_of_fact(asked: Asked) -> Subjects:
    """The events about the organisation of the fact of the path."""
    number = asked.number("fact")
    if asked.reading(lambda rows: rows.row("organisation_facts", fact_no=number)) is None:
        raise NotFoundError(f"no fact {number}")
    return versions.of_fact(number)


def list_alerts(asked: Asked) -> Page[answers.AlertRow]:
    """Alerts, those that are open first."""

    def rows(some: Sequence[dict[str, object]]) -> list[answers.AlertRow]:
        return [_alert(one) for one in some]

    return page_of(asked, asked.workspace.alerts(), rows)


def reveal_value(asked: Asked) -> answers.Revealed:
    """Read a value behind its replaced name; who, what kind and why is logged."""
    kind, name, why = asked.body.kind, asked.body.name, asked.body.why
    if not why.strip():
        raise bad_request("why: a value is read for a reason")
    if asked.glasses.is_plain:
        raise RequestError(409, "refused", "you see names and values as they are")
    if asked.glasses.redacted is None:
        raise NotFoundError("no run was accepted yet")
    value = reveal(asked.workspace.last, asked.glasses.redacted, kind, name)
    # First logged, then shown: a reading without its event would be none that anybody could audit.
    asked.workspace.log_reading(kind, name, why)
    return answers.Revealed(kind=kind, name=name, value=value)


def _label_rows(asked: Asked, labels: Sequence[tuple[Label, int]]) -> list[answers.LabelRow]:
    at, glasses = asked.workspace.now(), asked.glasses
    numbers = [one.number for one, _ in labels]
    given_by = asked.reading(lambda rows: read_reviews(rows, labels=numbers))
    blind, reviews = asked.blind(numbers).labels, {one.label: one for one in given_by}

    def row(one: Label, version: int) -> answers.LabelRow:
        is_blind, given = one.number in blind, reviews.get(one.number)
        return answers.LabelRow(
            number=one.number,
            account=glasses.account(one.subject.account),
            other=glasses.account(one.subject.other),
            lineage=f"K-{one.subject.lineage}" if one.subject.lineage is not None else "",
            kind=one.subject.kind,
            value=glasses.value(one.subject.kind, one.subject.value),
            # How long it holds depends on the verdict too, and so does whether runs obey it.
            verdict="" if is_blind else one.verdict,
            by=one.by,
            at=one.at,
            why="" if is_blind else glasses.text(one.why),
            expires_at="" if is_blind else one.expires_at,
            is_in_force=is_blind or one.is_in_force(at),
            withdrawn_by=one.withdrawn_by,
            is_blind=is_blind,
            review=review_row(given, one.verdict, glasses) if given is not None else None,
            version=version,
        )

    return [row(*one) for one in labels]


def _conflict(one: Conflict, glasses: Glasses) -> answers.ConflictRow:
    about = one.label.subject
    return answers.ConflictRow(
        about=f"label {one.label.number}",
        subject=glasses.text(str(about)),
        kind=one.kind,
        detail=glasses.text(one.detail),
        by=one.label.by,
        account=glasses.account(about.account),
        other=glasses.account(about.other),
        case=None,
    )


def _difference(one: Difference, glasses: Glasses) -> answers.ConflictRow:
    proposal = one.decision.proposal
    return answers.ConflictRow(
        about=one.decision.name,
        subject=f"K-{proposal.lineage}",
        kind=REVIEWED,
        detail=glasses.text(one.detail),
        by=one.decision.proposed_by,
        account="",
        other="",
        case=proposal.case,
    )


def _is_about(row: answers.LabelRow, given: dict[str, str]) -> bool:
    """Whether a label is about what is given, the accounts of a pair in either order."""
    if given.get("other"):
        pair = {given.get("account", ""), given["other"]}
        return {row.account, row.other} == pair
    own = {"account": (row.account, row.other), "lineage": (row.lineage,)}
    own |= {"kind": (row.kind,), "value": (row.value,)}
    return all(value in own[name] for name, value in given.items())


def _noticed(one: Noticed, glasses: Glasses) -> answers.NoticedRow:
    return answers.NoticedRow(
        account_id=glasses.account(one.account_id) or FORGOTTEN,
        source=one.source,
        lineage=f"K-{one.lineage}" if one.lineage is not None else "",
        state=one.state,
        road=one.road,
        probability=one.probability,
        opened_at=one.opened_at if glasses.is_plain else "",
        cluster_id=glasses.cluster(one.cluster_id),
        sentences=glasses.texts(one.sentences),
    )


def _watched(one: Entry, glasses: Glasses) -> answers.WatchRow:
    return answers.WatchRow(
        number=one.number,
        kind=one.kind,
        value=glasses.value(one.kind, one.value),
        source=one.source,
        weight=one.weight,
        n_members=one.n_members,
        n_others=one.n_others,
        from_at=one.from_at if glasses.is_plain else "",
        until_at=one.until_at,
        not_watched=glasses.text(one.not_watched),
    )


def _organisation(glasses: Glasses, one: KnownOrganisation, version: int) -> answers.OrganisationRow:
    def shown(what: str, value: str) -> str:
        if what in (ACCOUNT, HINT):
            return glasses.account(value)
        return glasses.text(value) if what == NETWORK else glasses.value(what, value)

    facts = [
        answers.FactRow(
            number=fact.number,
            what=fact.knowledge.what,
            value=shown(fact.knowledge.what, fact.knowledge.value),
            source=fact.knowledge.source,
            confidence=fact.knowledge.confidence,
            until_at=fact.until_at,
            note=glasses.text(fact.knowledge.note),
            by=fact.by,
            at=fact.at,
        )
        for fact in one.facts
    ]
    return answers.OrganisationRow(name=one.name, is_declared=one.is_declared, facts=facts, version=version)


def _alert(row: dict[str, object]) -> answers.AlertRow:
    case = row["case_no"]
    return answers.AlertRow(
        number=int(str(row["alert_no"])),
        rule=str(row["rule"]),
        lineage=f"K-{row['lineage_no']}" if row["lineage_no"] is not None else "",
        first_run=f"R-{row['first_run']}",
        last_run=f"R-{row['last_run']}",
        n_raised=int(str(row["n_raised"])),
        n_accounts=int(str(row["n_accounts"])),
        state=str(row["state"]),
        case=int(str(case)) if case is not None else None,
    )
