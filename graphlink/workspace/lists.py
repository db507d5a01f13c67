"""Parts of the lists of a workspace: the rows that follow on a cursor, and none before or behind are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from graphlink.workspace.audit import entries_of
from graphlink.workspace.case_states import CLOSED
from graphlink.workspace.cases import PRIORITIES, WATCHING, read_cases
from graphlink.workspace.decisions import Decision, decision_of_row
from graphlink.workspace.labels import Label, labels_of_rows
from graphlink.workspace.store import Choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.workspace.audit import Entry
    from graphlink.workspace.case_states import Case
    from graphlink.workspace.store import Reading, Row

T = TypeVar("T")
AT_REST = (CLOSED, WATCHING)
AT_ONCE = 500
"""Rows that a list looks at in one transaction, where not each is one of its own."""


class Listed(NamedTuple, Generic[T]):
    """A part of a list.

    Attributes:
        rows: Its rows.
        total: How many the whole list has; None where counting would read all of it.
        next: The cursor that the next part follows on; None at the end.
    """

    rows: list[T]
    total: int | None
    next: int | None


def read_case_list(
    rows: Reading,
    limit: int,
    after: int | None = None,
    *,
    is_at_rest: bool | None = None,
    lineage: int | None = None,
    assignee: str = "",
) -> Listed[Case]:
    """Read a part of the cases, the last changed first.

    Args:
        rows: The transaction.
        limit: How many at most.
        after: The cursor.
        is_at_rest: Only closed and watched ones, or only the others; None for all.
        lineage: Only those about a lineage.
        assignee: Only those of a person.
    """
    equal: dict[str, object] = {"assignee": assignee} if assignee else {}
    about = rows.rows("case_lineages", lineage_no=lineage, to_seq=None) if lineage is not None else []
    among: dict[str, Sequence[object]] = (
        {"case_no": [row["case_no"] for row in about]} if lineage is not None else {}
    )
    without: dict[str, Sequence[object]] = {"status": AT_REST} if is_at_rest is False else {}
    if is_at_rest:
        among["status"] = AT_REST
    choice = Choice(equal, among, without)
    found, following = _part(rows, "case_states", "last_seq", limit, after, [choice])
    cases = read_cases(rows, [row["case_no"] for row in found])
    return Listed(cases, rows.count("case_states", choice), following)


def read_queue(rows: Reading, user: str, limit: int | None = None, after: int | None = None) -> Listed[Case]:
    """Read a part of the cases to work on: mine, nobody's, then of others; by priority, the oldest first.

    Args:
        rows: The transaction.
        user: Whose queue it is.
        limit: How many at most; None for all.
        after: The cursor.
    """
    groups = _groups(user)
    group, number = divmod(after, _CASES) if after is not None else (0, 0)
    found: list[tuple[int, int]] = []
    for place in range(group, len(groups)):
        wanted = None if limit is None else limit + 1 - len(found)
        since = number if place == group else 0
        part = rows.part(
            "case_states", "case_no", wanted, after=since, is_newest_first=False, of=[groups[place]]
        )
        found += [(place, row["case_no"]) for row in part]
        if limit is not None and len(found) > limit:
            break
    shown = found if limit is None else found[:limit]
    following = shown[-1][0] * _CASES + shown[-1][1] if len(found) > len(shown) else None
    cases = read_cases(rows, [one for _, one in shown])
    return Listed(cases, rows.count("case_states", _TO_WORK_ON), following)


def count_queue(rows: Reading, assignee: str) -> int:
    """Count the cases to work on of a person; with an empty name those of nobody."""
    return rows.count("case_states", _TO_WORK_ON._replace(equal={"assignee": assignee}))


def read_activity(rows: Reading, subject: str, limit: int, after: int | None = None) -> Listed[Entry]:
    """Read a part of the events about something, the newest first."""
    about = Choice({"subject": subject})
    found, following = _part(rows, "events", "seq", limit, after, [about])
    return Listed(entries_of(rows, found), rows.count("events", about), following)


def news_of(rows: Reading, subject: str, person: str) -> tuple[int, int]:
    """A person's own last event about something, 0 without one, and how many of others there are since."""
    own = rows.part("events", "seq", 1, of=[Choice({"subject": subject, "by": person})])
    if not own:
        return 0, 0
    others = Choice({"subject": subject}, without={"by": (person,)})
    return own[0]["seq"], rows.count("events", others, above=("seq", own[0]["seq"]))


def read_decision_list(
    rows: Reading, limit: int, after: int | None = None, state: str = ""
) -> Listed[Decision]:
    """Read a part of the decisions, the newest first; with `state` only those in it."""
    of = [Choice({"state": state})] if state else []
    found, following = _part(rows, "decisions", "decision_no", limit, after, of)
    return Listed([decision_of_row(rows, row) for row in found], rows.count("decisions", *of), following)


def read_label_list(
    rows: Reading, limit: int, after: int | None = None, of: Sequence[Choice] = ()
) -> Listed[Label]:
    """Read a part of the labels, the newest first; with choices only these."""
    found, following = _part(rows, "labels", "label_no", limit, after, of)
    return Listed(labels_of_rows(rows, found), rows.count("labels", *of), following)


_CASES = 1 << 31
_TO_WORK_ON = Choice(without={"status": AT_REST})


def _groups(user: str) -> list[Choice]:
    """The cases to work on in the groups of the queue, in order."""
    owners = [
        _TO_WORK_ON._replace(equal={"assignee": user}),
        _TO_WORK_ON._replace(equal={"assignee": ""}),
        _TO_WORK_ON._replace(without={"status": AT_REST, "assignee": (user, "")}),
    ]
    if not user:
        owners = owners[1:]
    return [
        owner._replace(equal={**owner.equal, "priority": priority})
        for owner in owners
        for priority in PRIORITIES
    ]


def _part(
    rows: Reading, table: str, key: str, limit: int, after: int | None, of: Sequence[Choice]
) -> tuple[list[Row], int | None]:
    """The rows of a part, the newest first, and the cursor of the next one."""
    found = rows.part(table, key, limit + 1, after=after, of=of)
    return found[:limit], found[limit - 1][key] if len(found) > limit else None
