"""Labels: who, when and why; transitive, refused when they contradict, withdrawn by an event."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.audit import forget_account
from graphlink.workspace.conflicts import Present, find_conflicts
from graphlink.workspace.labels import (
    Evidence,
    Identifier,
    Label,
    Statement,
    Subject,
    constraints_of,
    labels_digest,
    make_label,
    read_labels,
    undo_label,
)
from graphlink.workspace.policy import Policy
from graphlink.workspace.store import Actor, Store, open_store
from tests.workspaces import fresh, stock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLICY = Policy()


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = open_store(fresh(tmp_path), clock)
    stock(store, 4, 8)
    yield store
    store.close()


def make(store: Store, subject: Subject, verdict: str, by: str = "ana", **more: object) -> int:
    with store.write(Actor(by)) as rows:
        return make_label(rows, Statement(subject, verdict, "because", **more), POLICY)  # type: ignore[arg-type]  # by name


def pair(store: Store, a: str, b: str, verdict: str, by: str = "ana") -> int:
    return make(store, Subject(a, b), verdict, by)


def labels(store: Store) -> list[Label]:
    with store.read() as rows:
        return read_labels(rows)


def test_a_label_has_who_when_why_and_the_evidence_of_that_moment(store: Store) -> None:
    make(store, Subject("a", "b"), "yes", evidence=Evidence(4, 7.5, 0.8))
    (label,) = labels(store)
    assert label == Label(
        1,
        Subject("a", "b"),
        "yes",
        "ana",
        "2026-03-01T00:00:00Z",
        "because",
        "2027-03-01T00:00:00Z",
        Evidence(4, 7.5, 0.8),
        "",
    )


@pytest.mark.parametrize(
    ("subject", "verdict", "fault"),
    [
        (Subject("a", "a"), "yes", "two different accounts"),
        (Subject("a"), "yes", "a label is about two accounts"),
        (Subject("a", "b", 3), "yes", "a label is about two accounts"),
        (Subject("a", "b"), "maybe", "expected yes, no, unsure"),
        (Subject("a", lineage=9), "yes", "no lineage K-9"),
        (Subject(kind="ip"), "yes", "a label is about two accounts"),
    ],
)
def test_a_label_that_states_nothing_is_refused(
    store: Store, subject: Subject, verdict: str, fault: str
) -> None:
    with pytest.raises(WorkspaceError, match=fault):
        make(store, subject, verdict)
    assert labels(store) == []


def test_a_label_without_a_reason_is_refused(store: Store) -> None:
    stated = Statement(Subject("a", "b"), "yes", " ")
    with pytest.raises(WorkspaceError, match="needs a reason"), store.write(Actor("ana")) as rows:
        make_label(rows, stated, POLICY)


def test_a_no_within_a_chain_of_yes_is_refused_with_the_chain(store: Store) -> None:
    pair(store, "a", "b", "yes")
    pair(store, "c", "b", "yes")
    with pytest.raises(WorkspaceError, match=r"labels 1, 2 tie a = b = c; undo one of them first"):
        pair(store, "a", "c", "no", "ben")


def test_a_yes_across_a_no_is_refused_with_the_label(store: Store) -> None:
    pair(store, "a", "b", "yes")
    pair(store, "a", "c", "no")
    with pytest.raises(WorkspaceError, match=r"with it a = b = c, but label 2 of ana states no of a"):
        pair(store, "c", "b", "yes", "ben")
    pair(store, "c", "b", "unsure", "ben")


def test_what_expired_or_was_undone_contradicts_nothing(store: Store, clock: Clock) -> None:
    pair(store, "a", "b", "no")
    clock.now += datetime.timedelta(days=180)
    pair(store, "a", "b", "yes")
    assert constraints_of(labels(store), "2026-09-01T00:00:00Z", {}).pairs == (("a", "b", "yes"),)


def test_to_undo_a_yes_writes_a_no_and_to_undo_a_no_nothing(store: Store) -> None:
    pair(store, "a", "b", "yes")
    with store.write(Actor("ben")) as rows:
        assert undo_label(rows, 1, "they are two firms", POLICY) == 2
    first, second = labels(store)
    assert (first.withdrawn_by, second.verdict) == ("ben", "no")
    assert second.why == "label 1 was undone: they are two firms"
    with store.write(Actor("ben")) as rows:
        assert undo_label(rows, 2, "not known", POLICY) is None
    with pytest.raises(WorkspaceError, match="was withdrawn by ben"), store.write(Actor("ben")) as rows:
        undo_label(rows, 2, "again", POLICY)


def test_what_a_run_obeys(store: Store) -> None:
    pair(store, "b", "a", "no")
    pair(store, "a", "c", "unsure")
    make(store, Subject("x", lineage=7), "yes")
    make(store, Subject("y", lineage=8), "no")
    make(store, Subject(kind="ip", value="203.0.113.7"), "no")
    cores = {7: ("m", "n"), 8: ("p", "y", "q")}
    at = "2026-03-01T00:00:00Z"
    done = constraints_of(labels(store), at, cores)
    assert done.pairs == (("a", "b", "no"), ("m", "x", "yes"), ("p", "y", "no"), ("q", "y", "no"))
    assert done.identifiers == (Identifier("ip", "203.0.113.7", False),)
    assert labels_digest(labels(store), at) != labels_digest(labels(store)[:-1], at)
    with pytest.raises(WorkspaceError, match=r"label 5 of ana states no of ip 203.0.113.7"):
        make(store, Subject(kind="ip", value="203.0.113.7"), "yes", "ben")


def test_a_label_of_somebody_who_was_forgotten_names_nobody_and_is_not_obeyed(store: Store) -> None:
    pair(store, "a", "b", "no")
    with store.write(Actor("ana")) as rows:
        forget_account(rows, "a")
    (label,) = labels(store)
    assert label.subject == Subject()
    assert str(label.subject) == "(forgotten) and (forgotten)"
    assert constraints_of([label], "2026-03-01T00:00:00Z", {}).pairs == ()


def test_conflicts_are_listed_with_what_is_to_be_looked_at(store: Store, clock: Clock) -> None:
    make(store, Subject("a", "b"), "no", evidence=Evidence(1, 2.0, 0.5))
    make(store, Subject("c", "d"), "yes", evidence=Evidence(1, 9.0, 0.9))
    pair(store, "e", "f", "yes")
    pair(store, "g", "gone", "yes")
    make(store, Subject("h", "i"), "no", until="2026-03-02T00:00:00Z")
    pair(store, "k", "l", "no")
    clock.now += datetime.timedelta(days=2)
    present = Present(
        {("a", "b"): Evidence(2, 12.0, 0.95), ("c", "d"): Evidence(2, 8.0, 0.88)},
        frozenset("abcdefghikl"),
        frozenset({("k", "l")}),
    )
    found = find_conflicts(labels(store), "2026-03-03T00:00:00Z", present, POLICY)
    assert [(one.label.number, one.kind) for one in found] == [
        (1, "against the evidence"),
        (1, "evidence moved"),
        (3, "against the evidence"),
        (4, "account gone"),
        (5, "expired"),
        (6, "contradicted"),
    ]
    assert "moved by +10.0 bits" in found[1].detail
