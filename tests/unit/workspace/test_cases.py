"""Cases: the sum of their events; merged and split, and never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from graphlink.core.errors import ConflictError, WorkspaceError
from graphlink.workspace import cases
from graphlink.workspace.lists import read_queue
from graphlink.workspace.store import Actor, Store, open_store
from tests.workspaces import fresh, stock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from graphlink.workspace.case_states import Case


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(fresh(tmp_path))
    stock(store, 1, 3)
    yield store
    store.close()


def do(store: Store, action: Callable[..., Any], *arguments: Any, by: str = "ana") -> Any:
    with store.write(Actor(by)) as rows:
        return action(rows, *arguments)


def case(store: Store, number: int) -> Case:
    with store.read() as rows:
        return cases.read_cases(rows, (number,))[0]


def test_a_case_is_the_sum_of_its_events(store: Store) -> None:
    assert do(store, cases.open_case, "a farm", (1, 2, 1), "high") == 1
    do(store, cases.assign, 1, "ben")
    do(store, cases.comment, 1, "looks like one server", by="ben")
    do(store, cases.set_priority, 1, "low")
    do(store, cases.set_status, 1, "open", "mine now", by="ben")
    actual = case(store, 1)
    assert (actual.title, actual.assignee, actual.priority, actual.status) == ("a farm", "ben", "low", "open")
    assert (actual.lineages, actual.n_comments) == ((1, 2), 1)


def test_the_queue_is_mine_then_nobodys_then_others(store: Store) -> None:
    for title, assignee, priority in (
        ("of ben", "ben", "high"),
        ("nobody's", "", "normal"),
        ("mine, later", "ana", "normal"),
        ("mine, high", "ana", "high"),
        ("nobody's, high", "", "high"),
        ("closed", "ana", "high"),
    ):
        number = do(store, cases.open_case, title, (), priority)
        do(store, cases.assign, number, assignee)
    do(store, cases.set_status, 6, "closed", "no", "honest")
    with store.read() as rows:
        queue = read_queue(rows, "ana").rows
    assert [one.title for one in queue] == [
        "mine, high",
        "mine, later",
        "nobody's, high",
        "nobody's",
        "of ben",
    ]


def test_a_change_by_somebody_else_in_between_is_a_conflict(store: Store) -> None:
    do(store, cases.open_case, "a farm", ())
    seen = case(store, 1).last_seq
    do(store, cases.comment, 1, "first", seen)
    with pytest.raises(ConflictError, match="case 1 was changed since"):
        do(store, cases.assign, 1, "ben", seen, by="ben")
    assert case(store, 1).assignee == ""


def test_only_what_is_nobodys_is_claimed_and_only_ones_own_given_back(store: Store) -> None:
    do(store, cases.open_case, "a farm", ())
    with pytest.raises(WorkspaceError, match="case 1 is nobody's, not yours"):
        do(store, cases.release, 1, by="ben")
    do(store, cases.claim, 1, by="ben")
    with pytest.raises(WorkspaceError, match="case 1 is assigned to ben, who may release it; a lead"):
        do(store, cases.claim, 1, by="ana")
    with pytest.raises(WorkspaceError, match="yours already"):
        do(store, cases.claim, 1, by="ben")
    with pytest.raises(WorkspaceError, match="case 1 is ben's, not yours"):
        do(store, cases.release, 1, by="ana")
    assert case(store, 1).assignee == "ben"
    do(store, cases.release, 1, by="ben")
    do(store, cases.claim, 1, by="ana")
    assert case(store, 1).assignee == "ana"


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (("approved",), "expected new|after that comes open, watching, closed, not approved"),
        (("open", "proposed"), "not proposed"),
        (("closed",), "resolution: expected acted"),
    ],
)
def test_a_status_follows_the_flow(store: Store, path: tuple[str, ...], fault: str) -> None:
    do(store, cases.open_case, "a farm", ())
    for status in path[:-1]:
        do(store, cases.set_status, 1, status, "why")
    with pytest.raises(WorkspaceError, match=fault):
        do(store, cases.set_status, 1, path[-1], "why")


def test_bulk_changes_are_all_or_nothing(store: Store) -> None:
    do(store, cases.open_case, "a farm", ())

    def assign_both() -> None:
        with store.write(Actor("ana")) as rows:
            for number in (1, 9):
                cases.assign(rows, number, "ben")

    with pytest.raises(WorkspaceError, match="no case 9"):
        assign_both()
    assert case(store, 1).assignee == ""


def test_a_merged_case_keeps_its_number_and_hands_over_its_lineages(store: Store) -> None:
    do(store, cases.open_case, "one", (1, 2))
    do(store, cases.open_case, "other", (2, 3))
    do(store, cases.merge_cases, 1, 2, "the same people")
    assert (case(store, 1).status, case(store, 1).resolution, case(store, 1).merged_into) == (
        "closed",
        "duplicate",
        2,
    )
    assert case(store, 1).lineages == ()
    assert case(store, 2).lineages == (1, 2, 3)
    for pair, fault in (((1, 2), "case 1 is closed"), ((2, 2), "into another one")):
        with pytest.raises(WorkspaceError, match=fault):
            do(store, cases.merge_cases, *pair, "again")


def test_a_merged_case_stays_closed_and_its_lineages_are_split_off_where_they_are(store: Store) -> None:
    do(store, cases.open_case, "one", (1,))
    do(store, cases.open_case, "other", (2,))
    do(store, cases.open_case, "third", (3,))
    do(store, cases.merge_cases, 1, 2, "the same people")
    do(store, cases.merge_cases, 2, 3, "they too")
    assert cases.next_statuses(case(store, 1)) == ()
    with pytest.raises(
        WorkspaceError,
        match=r"case 1 was merged and goes on as case 3; .* \(graphlink case split DIR 3 K-417\)",
    ):
        do(store, cases.set_status, 1, "open", "it is another operator")
    assert case(store, 1).status == "closed"
    number = do(store, cases.split_case, 3, (1,), "one again")
    assert (case(store, number).status, case(store, number).lineages) == ("new", (1,))
    assert case(store, 3).lineages == (2, 3)


def test_a_case_is_split_by_its_lineages(store: Store) -> None:
    do(store, cases.open_case, "two", (1, 2), "high")
    for lineages in ((), (1, 2), (3,)):
        with pytest.raises(WorkspaceError, match="case 1 has K-1, K-2; name some of them, not all"):
            do(store, cases.split_case, 1, lineages, "the other")
    assert do(store, cases.split_case, 1, (2,), "the other") == 2
    assert (case(store, 1).lineages, case(store, 2).lineages, case(store, 2).priority) == ((1,), (2,), "high")


def test_an_alert_opens_a_case_that_was_closed(store: Store) -> None:
    do(store, cases.open_case, "K-1", (1,))
    do(store, cases.set_status, 1, "closed", "households", "honest")
    do(store, cases.note_alert, 1, "grown", "grown: K-1, 40 accounts")
    assert (case(store, 1).status, case(store, 1).resolution, case(store, 1).alerts) == (
        "open",
        "",
        ("grown",),
    )
    with store.read() as rows:
        assert cases.case_of(rows, 1) == case(store, 1)
        assert cases.case_of(rows, 2) is None


@pytest.mark.parametrize(
    ("action", "arguments", "fault"),
    [
        (cases.open_case, (" ", ()), "needs a title"),
        (cases.open_case, ("x", (9,)), "no lineage K-9"),
        (cases.open_case, ("x", (), "urgent"), "priority: expected high, normal, low"),
        (cases.comment, (1, " "), "a comment needs a text"),
        (cases.comment, (7, "x"), "no case 7"),
    ],
)
def test_what_can_not_be_is_refused(
    store: Store, action: Callable[..., Any], arguments: tuple[Any, ...], fault: str
) -> None:
    with pytest.raises(WorkspaceError, match=fault):
        do(store, action, *arguments)
