"""Second reviews: what a second person states of a label or a proposal before they see the first verdict.

Who sees an earlier answer tends to repeat it, so the first verdict and its reason are kept from whoever is to
review it until their own stands. A label is reviewed where its maker wished so, by one other person; a
proposal by each who is to decide it. Verdicts that differ are conflicts; none wins by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.decisions import (
    ACTIONS,
    PROPOSED,
    WITHDRAWN,
    decide,
    is_same_person,
    read_decision,
)
from graphlink.workspace.labels import VERDICTS, read_labels

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from graphlink.workspace.decisions import Decision
    from graphlink.workspace.store import Reading, Row, Writing

NOTHING = "nothing"
"""The verdict of a reviewer who would take no action."""


class Review(NamedTuple):
    """What a second person stated.

    Attributes:
        seq: The event.
        label: The label; None of a decision.
        decision: The decision; None of a label.
        verdict: yes, no or unsure of a label; an action or NOTHING of a decision.
        by: Who.
        at: When, ISO 8601 in UTC.
        why: The reason.
    """

    seq: int
    label: int | None
    decision: int | None
    verdict: str
    by: str
    at: str
    why: str


class Blind(NamedTuple):
    """What is kept from somebody until they gave their own verdict.

    Attributes:
        labels: Labels whose verdict is kept.
        decisions: Decisions whose action is kept.
        seqs: Events that would give either away.
    """

    labels: frozenset[int] = frozenset()
    decisions: frozenset[int] = frozenset()
    seqs: frozenset[int] = frozenset()


class Difference(NamedTuple):
    """A decision that a second person reviewed differently, with both verdicts as a sentence."""

    decision: Decision
    review: Review
    detail: str


def review_label(rows: Writing, number: int, verdict: str, why: str) -> None:
    """State one's own verdict on a label that waits for a second person.

    Raises:
        WorkspaceError: It does not wait for this person, the verdict is unknown, or no reason is given.
    """
    if verdict not in VERDICTS:
        raise WorkspaceError(f"verdict {verdict!r}: expected {', '.join(VERDICTS)}")
    _check_reason(why)
    if number not in blind_to(rows, rows.actor.name, among=[number], with_decisions=False).labels:
        raise WorkspaceError(
            f"label {number} does not wait for your review: it is your own, was reviewed, withdrawn or has "
            "expired, or nobody asked for a second person"
        )
    _append(rows, f"label {number}", {"label_no": number}, verdict, why)


def review_decision(rows: Writing, number: int, action: str, why: str) -> None:
    """State which action one would take oneself, of a proposal that waits for a decision.

    Raises:
        WorkspaceError: It does not wait for this person, the action is unknown, or no reason is given.
    """
    if action not in (*ACTIONS, NOTHING):
        raise WorkspaceError(f"action {action!r}: expected {', '.join((*ACTIONS, NOTHING))}")
    _check_reason(why)
    if number not in blind_to(rows, rows.actor.name, with_labels=False).decisions:
        decision = read_decision(rows, number)
        raise WorkspaceError(
            f"{decision.name} does not wait for your review: it is {decision.state}, your own proposal, or "
            "you have reviewed it"
        )
    _append(rows, f"decision {number}", {"decision_no": number}, action, why)


def decide_reviewed(rows: Writing, number: int, state: str, why: str) -> None:
    """Decide as `decisions.decide` does, which a second person does only after an own verdict.

    Raises:
        WorkspaceError: It waits for the person's own verdict, or as `decisions.decide`.
    """
    if number in blind_to(rows, rows.actor.name, with_labels=False).decisions and state != WITHDRAWN:
        raise WorkspaceError(
            f"D-{number} waits for your own verdict first; state it (graphlink decision review DIR D-{number}"
            " ACTION, or What would you do? in the explorer), then the proposal is shown and you decide"
        )
    decide(rows, number, state, why)


def read_reviews(
    rows: Reading, *, labels: Collection[int] | None = None, decisions: Collection[int] | None = None
) -> list[Review]:
    """Read the reviews of some labels and decisions, or all; in order."""
    if labels is None and decisions is None:
        found = rows.rows("reviews")
    else:
        found = rows.rows_of("reviews", "label_no", labels or ())
        found += rows.rows_of("reviews", "decision_no", decisions or ())
        found.sort(key=lambda row: int(row["seq"]))
    seqs = [row["seq"] for row in found]
    events = {row["seq"]: row for row in rows.rows_of("events", "seq", seqs)}
    payloads = rows.payloads(seqs)
    return [
        Review(
            row["seq"],
            row["label_no"],
            row["decision_no"],
            row["verdict"],
            events[row["seq"]]["by"],
            events[row["seq"]]["at"],
            str(payloads[row["seq"]].get("why", "")),
        )
        for row in found
    ]


def blind_to(
    rows: Reading,
    person: str,
    *,
    among: Collection[int] | None = None,
    with_labels: bool = True,
    with_decisions: bool = True,
) -> Blind:
    """What is kept from a person, as of this moment; nothing of one's own.

    Args:
        rows: The transaction.
        person: The person.
        among: The labels that it is about; None for all.
        with_labels: Whether the person may review labels.
        with_decisions: Whether the person may decide.
    """
    proposed = rows.rows("decisions", state=PROPOSED) if with_decisions else []
    reviews = read_reviews(rows, decisions=[row["decision_no"] for row in proposed])
    labels = _waiting_labels(rows, person, among) if with_labels else {}
    decisions = _waiting_decisions(proposed, person, reviews)
    seqs = {*labels.values(), *decisions.values()}
    # A proposal sets the status of its case by the next event, which states its reason.
    seqs |= {seq + 1 for seq in decisions.values()}
    seqs |= {one.seq for one in reviews if one.decision in decisions}
    return Blind(frozenset(labels), frozenset(decisions), frozenset(seqs))


def find_differences(decisions: Iterable[Decision], reviews: Iterable[Review]) -> list[Difference]:
    """The reviews of decisions that stand whose action differs from what was proposed, in order."""
    known = {one.number: one for one in decisions if one.state != WITHDRAWN}
    return [
        Difference(
            known[one.decision],
            one,
            f"{known[one.decision].proposed_by} proposes to {known[one.decision].proposal.action}; {one.by}, "
            f"who had not seen that, would {'do nothing' if one.verdict == NOTHING else one.verdict}.",
        )
        for one in reviews
        if one.decision in known and one.verdict != known[one.decision].proposal.action
    ]


def _waiting_labels(rows: Reading, person: str, among: Collection[int] | None) -> dict[int, int]:
    """Labels that wait for the review of a person, with the event that made each."""
    table, key = "review_requests", "label_no"
    asked = rows.rows(table) if among is None else rows.rows_of(table, key, among)
    made = {row[key]: row["seq"] for row in asked}
    reviewed = {row[key] for row in rows.rows_of("reviews", key, made)}
    waiting = {number: seq for number, seq in made.items() if number not in reviewed}
    return {
        one.number: waiting[one.number]
        for one in read_labels(rows, waiting)
        if not one.withdrawn_by and rows.at < one.expires_at and not is_same_person(one.by, person)
    }


def _waiting_decisions(proposed: Iterable[Row], person: str, reviews: Iterable[Review]) -> dict[int, int]:
    """Proposals that wait for the review of a person, with the event that made each."""
    given = {one.decision for one in reviews if is_same_person(one.by, person)}
    return {
        row["decision_no"]: row["seq"]
        for row in proposed
        if row["decision_no"] not in given and not is_same_person(row["proposed_by"], person)
    }


def _append(rows: Writing, subject: str, about: dict[str, int], verdict: str, why: str) -> None:
    action = f"{subject.partition(' ')[0]}.reviewed"
    seq = rows.append(action, subject, {"verdict": verdict, "why": why})
    empty = {"label_no": None, "decision_no": None}
    rows.insert("reviews", {"seq": seq, "verdict": verdict, **empty, **about})


def _check_reason(why: str) -> None:
    if not why.strip():
        raise WorkspaceError("why? A review needs a reason (--why TEXT)")
