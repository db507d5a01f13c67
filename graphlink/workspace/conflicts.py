"""Labels to look at again: contradicted, against the evidence, of evidence that moved, expired or lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.wording.figures import format_bits, format_probability
from graphlink.workspace.labels import NO, UNSURE, YES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphlink.workspace.labels import Evidence, Label
    from graphlink.workspace.policy import Policy
    from graphlink.workspace.reviews import Review

CONTRADICTED, AGAINST, MOVED = "contradicted", "against the evidence", "evidence moved"
EXPIRED, GONE = "expired", "account gone"
REVIEWED = "reviewed differently"


class Conflict(NamedTuple):
    """A label and what is to be looked at.

    Attributes:
        label: The label.
        kind: CONTRADICTED, AGAINST, MOVED, EXPIRED, GONE or REVIEWED.
        detail: The same as a sentence.
    """

    label: Label
    kind: str
    detail: str


class Present(NamedTuple):
    """What the last accepted run states.

    Attributes:
        evidence: The links of labelled pairs; pairs of names in order.
        accounts: Of the labelled accounts those that it has.
        contradicted: Pairs whose labels other labels contradict.
    """

    evidence: Mapping[tuple[str, str], Evidence]
    accounts: frozenset[str]
    contradicted: frozenset[tuple[str, str]]


def find_conflicts(labels: Iterable[Label], at: str, present: Present, policy: Policy) -> list[Conflict]:
    """List the conflicts of labels that were not withdrawn, in order of the labels.

    Args:
        labels: The labels.
        at: The present moment, ISO 8601 in UTC.
        present: What the last accepted run states.
        policy: The thresholds.
    """
    return [
        Conflict(label, kind, detail)
        for label in labels
        if not label.withdrawn_by and label.verdict != UNSURE
        for kind, detail in _of_label(label, at, present, policy)
    ]


def find_differences(labels: Iterable[Label], reviews: Mapping[int, Review]) -> list[Conflict]:
    """List the labels of which a second person states another verdict, in order of the labels.

    Args:
        labels: The labels.
        reviews: What second persons stated, by the number of the label.
    """
    return [
        Conflict(
            one,
            REVIEWED,
            f"{one.by} states {one.verdict}; {given.by}, who had not seen that, {given.verdict}: {given.why}",
        )
        for one in labels
        if not one.withdrawn_by
        and (given := reviews.get(one.number)) is not None
        and given.verdict != one.verdict
    ]


def _of_label(label: Label, at: str, present: Present, policy: Policy) -> list[tuple[str, str]]:
    one = label.subject
    if at >= label.expires_at:
        return [
            (EXPIRED, f"It expired at {label.expires_at}, and no run obeys it; make it again, or undo it.")
        ]
    named = {name for name in (one.account, one.other) if name}
    if gone := sorted(named - present.accounts):
        return [(GONE, f"The last run has no account {', '.join(gone)}.")]
    if not one.other:
        return []
    pair = (min(named), max(named))
    found = []
    if pair in present.contradicted:
        found.append((CONTRADICTED, "Other labels tie the two accounts; they stay together."))
    now = present.evidence.get(pair)
    bits, p = (now.bits or 0.0, now.probability or 0.0) if now else (0.0, 0.0)
    if (label.verdict == YES and p < policy.against_yes) or (label.verdict == NO and p >= policy.against_no):
        found.append(
            (AGAINST, f"It states {label.verdict}; their link has probability {format_probability(p)}.")
        )
    moved = bits - (label.evidence.bits or 0.0)
    if label.evidence.run_no is not None and abs(moved) > policy.moved_bits:
        found.append((MOVED, f"The evidence has moved by {format_bits(moved)} since it was made."))
    return found
