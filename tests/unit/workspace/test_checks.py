"""Checks before a run is accepted."""

from __future__ import annotations

import pytest

from graphlink.workspace.checks import Before, find_faults
from graphlink.workspace.lineage import Assignment, LineageEvent, Placement
from graphlink.workspace.policy import Policy


def assignment(largest: int = 10, gone: int = 0, merged: tuple[tuple[int, int], ...] = ()) -> Assignment:
    events = [LineageEvent("gone", number, None, 0) for number in range(1, gone + 1)]
    events += [LineageEvent("merged", one, into, 3) for one, into in merged]
    return Assignment((Placement("C-1", 1, "same", largest, 0, 0, largest, 1.0),), tuple(events), 100)


def faults(done: Assignment, drift: dict[str, float] | None = None, decided: tuple[int, ...] = ()) -> str:
    return " | ".join(find_faults(Before(20, 10, decided), done, drift, Policy()))


def test_an_ordinary_run_is_accepted() -> None:
    assert faults(assignment(12, gone=4, merged=((8, 9),)), {"ip": -0.9}, decided=(9,)) == ""


@pytest.mark.parametrize(
    ("done", "fault"),
    [
        (assignment(gone=5), "5 of 20 lineages are gone"),
        (assignment(largest=21), "the largest cluster has 21 accounts, after 10"),
        (assignment(merged=((8, 9),)), "K-8, which was decided, is merged into K-9"),
    ],
)
def test_a_sudden_change_is_refused(done: Assignment, fault: str) -> None:
    assert fault in faults(done, decided=(8,))


def test_a_model_that_has_aged_is_refused_and_the_worst_kind_named() -> None:
    text = faults(assignment(), {"ip": 1.1, "email": -2.5, "card": 0.1})
    assert "2 kinds would weigh more than 1 bits differently, most of all email (-2.5)" in text


def test_small_lists_and_clusters_change_by_chance() -> None:
    assert find_faults(Before(4, 4, ()), assignment(19, gone=2), None, Policy()) == ()
    assert find_faults(Before(0, 0, ()), assignment(500), None, Policy()) == ()
