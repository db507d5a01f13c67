"""Parts of lists: walked by their cursors each row comes once, in the order of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest

from graphlink.workspace import cases, decisions, labels
from graphlink.workspace.labels import Statement, Subject
from graphlink.workspace.lists import (
    Listed,
    count_queue,
    news_of,
    read_activity,
    read_case_list,
    read_decision_list,
    read_label_list,
    read_queue,
)
from graphlink.workspace.policy import Policy
from graphlink.workspace.store import Choice, open_store
from tests.workspaces import ANA, BEN, fresh, stock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from graphlink.workspace.case_states import Case
    from graphlink.workspace.store import Reading, Store

T = TypeVar("T")
STATUSES = ("closed", "watching", "open", "new", "new")
OWNERS = ("ana", "", "ben")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Thirty cases of three owners and three priorities in four statuses, with labels and a decision each."""
    opened = open_store(fresh(tmp_path))
    stock(opened, 1, 30)
    with opened.write(ANA) as rows:
        for number in range(1, 31):
            cases.open_case(rows, f"case {number}", (number,), cases.PRIORITIES[number % 3])
            cases.assign(rows, number, OWNERS[number // 3 % 3])
            accounts = (decisions.Listed(f"m{number}", "core", 0.9),)
            decisions.propose(rows, decisions.Proposal(number, number, 1, "close", accounts, "why", "0" * 64))
            if number % 4:
                decisions.decide(rows, number, "withdrawn", "why")
            cases.change_status(rows, number, STATUSES[number % 5], "why", "acted")
        stated = [Statement(Subject(f"a{place % 4}", f"b{place}"), "unsure", "why") for place in range(30)]
        labels.make_labels(rows, stated, Policy())
    with opened.write(BEN) as rows:
        cases.comment(rows, 7, "the last to change")
    yield opened
    opened.close()


def walked(store: Store, read: Callable[[Reading, int, int | None], Listed[T]], limit: int) -> list[T]:
    """All rows of a list, a part after the other; every part but the last is full."""
    found: list[T] = []
    after: int | None = None
    while True:
        with store.read() as rows:
            part = read(rows, limit, after)
        assert len(part.rows) <= limit
        found += part.rows
        if part.next is None:
            assert part.total == len(found)
            return found
        assert len(part.rows) == limit
        after = part.next


def queue_of(user: str) -> Callable[[Reading, int, int | None], Listed[Case]]:
    return lambda rows, limit, after: read_queue(rows, user, limit, after)


def cases_in(
    *, is_at_rest: bool | None = None, lineage: int | None = None, assignee: str = ""
) -> Callable[[Reading, int, int | None], Listed[Case]]:
    return lambda rows, limit, after: read_case_list(
        rows, limit, after, is_at_rest=is_at_rest, lineage=lineage, assignee=assignee
    )


@pytest.mark.parametrize("limit", [1, 4, 7, 30, 500])
def test_each_row_comes_once_in_the_order_of_its_list(store: Store, limit: int) -> None:
    with store.read() as rows:
        known = cases.read_cases(rows)
        made, labelled = decisions.read_decisions(rows), labels.read_labels(rows)
    by_change = sorted(known, key=lambda one: -one.last_seq)
    assert walked(store, read_case_list, limit) == by_change
    assert walked(store, read_decision_list, limit) == made[::-1]
    assert walked(store, read_label_list, limit) == labelled[::-1]
    for user in ("ana", "ben", "cem"):
        owners = {user: 0, "": 1}
        to_do = sorted(
            (one for one in known if one.status not in ("closed", "watching")),
            key=lambda one: (owners.get(one.assignee, 2), cases.PRIORITIES.index(one.priority), one.number),
        )
        assert walked(store, queue_of(user), limit) == to_do
        with store.read() as rows:
            assert read_queue(rows, user).rows == to_do
            assert count_queue(rows, user) == sum(one.assignee == user for one in to_do)


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_filters_leave_out_what_they_name_and_count_the_rest(store: Store, limit: int) -> None:
    with store.read() as rows:
        known = sorted(cases.read_cases(rows), key=lambda one: -one.last_seq)
    for is_at_rest in (True, False):
        wanted = [one for one in known if (one.status in ("closed", "watching")) == is_at_rest]
        assert walked(store, cases_in(is_at_rest=is_at_rest), limit) == wanted
    of_ben = walked(store, cases_in(assignee="ben"), limit)
    assert of_ben == [one for one in known if one.assignee == "ben"]
    assert [one.number for one in walked(store, cases_in(lineage=7), limit)] == [7]
    proposed = walked(store, lambda rows, n, after: read_decision_list(rows, n, after, "proposed"), limit)
    assert [one.number for one in proposed] == [28, 24, 20, 16, 12, 8, 4]


def test_a_case_that_changes_meanwhile_makes_no_other_come_twice_or_never(store: Store) -> None:
    with store.read() as rows:
        first = read_case_list(rows, 10)
    with store.write(ANA) as rows:
        cases.comment(rows, first.rows[-1].number, "again")
        cases.comment(rows, 1, "this one was to come")
    with store.read() as rows:
        second = read_case_list(rows, 50, first.next)
        assert read_case_list(rows, 1).rows[0].number == 1, "it is at the head of the list now"
    numbers = [one.number for one in (*first.rows, *second.rows)]
    assert sorted(numbers) == list(range(2, 31))


def test_events_come_newest_first_with_what_is_news(store: Store) -> None:
    log = walked(store, lambda rows, n, after: read_activity(rows, "case 7", n, after), 2)
    assert [one.event.action for one in log][:2] == ["case.comment", "case.status"]
    with store.read() as rows:
        (case,) = cases.read_cases(rows, [7])
        assert news_of(rows, "case 7", "ben") == (case.last_seq, 0)
        assert news_of(rows, "case 7", "ana") == (log[1].event.seq, 1)
        assert news_of(rows, "case 7", "cem") == (0, 0)


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ((Choice({"label_no": 1}),), 1),
        ((Choice({"label_no": 1}), Choice({"label_no": 2})), 2),
        ((Choice({"withdrawn_seq": None}),), 30),
        ((Choice({"verdict": "unsure"}, among={"label_no": [2, 3]}),), 2),
        ((Choice(among={"label_no": ()}),), 0),
        ((Choice(without={"label_no": [2, 3]}),), 28),
        ((Choice(known_to={"label_no": ("reviews", "label_no")}),), 0),
        ((Choice(known_to={"label_no": ("decisions", "decision_no")}),), 30),
        ((), 30),
    ],
)
def test_a_choice_is_what_it_states(store: Store, choices: tuple[Choice, ...], expected: int) -> None:
    with store.read() as rows:
        assert rows.count("labels", *choices) == expected
        assert len(rows.part("labels", "label_no", None, of=choices)) == expected
        assert rows.count("labels", above=("label_no", 28)) == 2
