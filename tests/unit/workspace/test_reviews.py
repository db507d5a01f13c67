"""Second reviews: kept from whoever is to give one, given once, and listed where they differ."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import WorkspaceError
from graphlink.workspace import cases, conflicts, decisions, labels, reviews
from graphlink.workspace.labels import Statement, Subject
from graphlink.workspace.policy import Policy
from graphlink.workspace.reviews import Blind
from graphlink.workspace.store import Actor, Store, open_store
from tests.workspaces import ANA, BEN, fresh, stock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CEM = Actor("cem")
NOW = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)
PROPOSAL = decisions.Proposal(1, 1, 1, "close", (decisions.Listed("a", "core", 0.99),), "a farm", "0" * 64)


@pytest.fixture
def clock() -> list[datetime.datetime]:
    return [NOW]


@pytest.fixture
def store(tmp_path: Path, clock: list[datetime.datetime]) -> Iterator[Store]:
    """A store with label 1, which waits for a second person, label 2, which does not, and D-1."""
    store = open_store(fresh(tmp_path), lambda: clock[0])
    stock(store, 1, 1)
    with store.write(ANA) as rows:
        labels.make_label(rows, Statement(Subject("a", "b"), "yes", "one card", second=True), Policy())
        labels.make_label(rows, Statement(Subject("a", "c"), "yes", "one card"), Policy())
        cases.open_case(rows, "K-1", (1,))
        decisions.propose(rows, PROPOSAL)
    yield store
    store.close()


def blind(store: Store, name: str, *, with_labels: bool = True, with_decisions: bool = True) -> Blind:
    with store.read() as rows:
        return reviews.blind_to(rows, name, with_labels=with_labels, with_decisions=with_decisions)


def test_what_waits_is_kept_from_others_and_not_from_who_made_it(store: Store) -> None:
    kept = blind(store, "ben")
    assert (kept.labels, kept.decisions) == (frozenset({1}), frozenset({1}))
    with store.read() as rows:
        hidden = [row for row in rows.rows("events") if row["seq"] in kept.seqs]
    assert [(row["action"], row["subject"]) for row in hidden] == [
        ("label.made", "label 1"),
        ("decision.proposed", "decision 1"),
        ("case.status", "case 1"),
    ], "every event that states a verdict or its reason, and no other"
    assert blind(store, " Ana ") == Blind(), "one's own, however the name is written"
    assert blind(store, "ben", with_labels=False).labels == frozenset()
    assert blind(store, "ben", with_decisions=False).decisions == frozenset()


def test_a_review_opens_what_was_kept_and_another_persons_stays_kept(store: Store) -> None:
    with store.write(BEN) as rows:
        reviews.review_label(rows, 1, "yes", "one card")
        reviews.review_decision(rows, 1, "nothing", "a family")
    assert blind(store, "ben") == Blind()
    kept = blind(store, "cem")
    assert (kept.labels, kept.decisions) == (frozenset(), frozenset({1})), "a label takes one second person"
    with store.read() as rows:
        given = reviews.read_reviews(rows)
        hidden = {row["action"] for row in rows.rows("events") if row["seq"] in kept.seqs}
    assert hidden == {"decision.proposed", "case.status", "decision.reviewed"}, "nor the other review"
    assert [(one.label, one.decision, one.verdict, one.by, one.why) for one in given] == [
        (1, None, "yes", "ben", "one card"),
        (None, 1, "nothing", "ben", "a family"),
    ]
    with store.write(BEN) as rows:
        reviews.decide_reviewed(rows, 1, "approved", "it holds")
    assert blind(store, "cem") == Blind(), "what is decided waits for nobody"


@pytest.mark.parametrize("state", ["approved", "rejected"])
def test_nobody_decides_before_an_own_review(store: Store, state: str) -> None:
    with store.write(BEN) as rows:
        reviews.review_decision(rows, 1, "close", "one card")
    with (
        pytest.raises(WorkspaceError, match="D-1 waits for your own verdict first"),
        store.write(CEM) as rows,
    ):
        reviews.decide_reviewed(rows, 1, state, "so does ben")
    with pytest.raises(WorkspaceError, match="proposed by ana; a second person"), store.write(ANA) as rows:
        reviews.decide_reviewed(rows, 1, state, "mine")
    with pytest.raises(WorkspaceError, match="proposed by ana, who may withdraw"), store.write(CEM) as rows:
        reviews.decide_reviewed(rows, 1, "withdrawn", "not mine")
    with store.write(ANA) as rows:
        reviews.decide_reviewed(rows, 1, "withdrawn", "too early")
    with store.read() as rows:
        assert decisions.read_decision(rows, 1).state == "withdrawn"


@pytest.mark.parametrize("actor", [ANA, BEN], ids=lambda one: one.name)
@pytest.mark.parametrize("number", [1, 2, 9])
def test_a_label_is_reviewed_by_another_person_who_is_asked(store: Store, actor: Actor, number: int) -> None:
    with store.write(actor) as rows:
        if (actor, number) == (BEN, 1):
            reviews.review_label(rows, number, "no", "two offices")
        else:
            rows.append("noted", "test", {})
        with pytest.raises(WorkspaceError, match="does not wait for your review"):
            reviews.review_label(rows, number, "no", "two offices")


def test_what_was_withdrawn_or_expired_waits_for_nobody(store: Store, clock: list[datetime.datetime]) -> None:
    clock[0] = NOW + datetime.timedelta(days=Policy().yes_days + 1)
    assert blind(store, "ben").labels == frozenset()
    clock[0] = NOW
    with store.write(ANA) as rows:
        labels.undo_label(rows, 1, "a mistake", Policy())
        decisions.decide(rows, 1, "withdrawn", "too early")
    assert blind(store, "ben") == Blind()


@pytest.mark.parametrize(
    ("verdict", "why", "fault"), [("maybe", "x", "expected yes, no, unsure"), ("yes", " ", "needs a reason")]
)
def test_a_review_of_a_label_has_a_verdict_and_a_reason(
    store: Store, verdict: str, why: str, fault: str
) -> None:
    with store.write(BEN) as rows:
        rows.append("noted", "test", {})
        with pytest.raises(WorkspaceError, match=fault):
            reviews.review_label(rows, 1, verdict, why)


def test_a_review_of_a_decision_has_an_action_and_is_not_ones_own(store: Store) -> None:
    with store.write(ANA) as rows:
        rows.append("noted", "test", {})
        with pytest.raises(
            WorkspaceError, match="D-1 does not wait for your review: it is proposed, your own"
        ):
            reviews.review_decision(rows, 1, "close", "so do I")
        with pytest.raises(WorkspaceError, match="expected close, suspend, restrict, verify, nothing"):
            reviews.review_decision(rows, 1, "ban", "so do I")


def test_verdicts_that_differ_are_conflicts_and_equal_ones_are_none(store: Store) -> None:
    with store.write(BEN) as rows:
        reviews.review_label(rows, 1, "unsure", "one card, two towns")
        reviews.review_decision(rows, 1, "close", "a farm")
    with store.write(CEM) as rows:
        reviews.review_decision(rows, 1, "nothing", "a family")
    with store.read() as rows:
        given, made = reviews.read_reviews(rows), labels.read_labels(rows)
        found = reviews.find_differences(decisions.read_decisions(rows), given)
    assert [one.detail for one in found] == [
        "ana proposes to close; cem, who had not seen that, would do nothing."
    ]
    (conflict,) = conflicts.find_differences(made, {one.label: one for one in given if one.label})
    assert (conflict.label.number, conflict.kind) == (1, "reviewed differently")
    assert conflict.detail == "ana states yes; ben, who had not seen that, unsure: one card, two towns"
    with store.write(ANA) as rows:
        decisions.decide(rows, 1, "withdrawn", "not so sure")
    with store.read() as rows:
        assert reviews.find_differences(decisions.read_decisions(rows), given) == []
