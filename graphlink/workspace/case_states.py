"""What the events of a case make of it, and the row that holds the same without reading them again.

The events are what counts. The row is written with each of them, in its transaction, so that a list of cases
reads one row a case and not its whole history; `check_states` compares the two. Its title stays in the
payload of the event that opened it, where a person can be forgotten.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.audit import read_log

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from graphlink.workspace.audit import Entry
    from graphlink.workspace.store import Reading, Row, Writing

NEW, CLOSED = "new", "closed"


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its events make it.

    Attributes:
        number: Its number.
        title: Its title.
        status: One of STATUSES.
        resolution: Why it was closed, one of RESOLUTIONS; empty while it is not.
        assignee: Who works on it; empty for nobody.
        priority: One of PRIORITIES.
        lineages: The lineages it is about.
        alerts: The rules that were raised about it, in order.
        merged_into: The case that goes on with it; None for most.
        linked: Other cases that it has to do with, such as of accounts that came back.
        n_comments: Its comments.
        opened_at: When it was opened, ISO 8601 in UTC.
        changed_at: When its last event was.
        last_seq: The number of its last event: what a change is compared with.
    """

    number: int
    title: str = ""
    status: str = NEW
    resolution: str = ""
    assignee: str = ""
    priority: str = "normal"
    lineages: tuple[int, ...] = ()
    alerts: tuple[str, ...] = ()
    merged_into: int | None = None
    linked: tuple[int, ...] = ()
    n_comments: int = 0
    opened_at: str = ""
    changed_at: str = ""
    last_seq: int = 0


def read_states(rows: Reading, numbers: Collection[int] | None = None) -> list[Case]:
    """Read cases by their numbers, or all, without lineages; those that there are, in order."""
    if numbers is None:
        states, opened = rows.rows("case_states"), rows.rows("cases")
    else:
        states = rows.rows_of("case_states", "case_no", numbers)
        opened = rows.rows_of("cases", "case_no", numbers)
    seqs = {row["case_no"]: row["seq"] for row in opened}
    payloads = rows.payloads(list(seqs.values()))
    return [_case_of(row, payloads[seqs[row["case_no"]]]["title"]) for row in states]


def open_state(rows: Writing, number: int, payload: dict[str, str]) -> int:
    """Append the event that opens a case, and return its number."""
    seq = rows.append(_OPENED, subject_of(number), payload)
    rows.insert("cases", {"case_no": number, "seq": seq})
    case = _after(Case(number), _OPENED, payload, (rows.at, seq))
    rows.insert("case_states", {"case_no": number, **_columns_of(case)})
    return seq


def append_event(rows: Writing, number: int, action: str, payload: dict[str, Any]) -> int:
    """Append an event about a case, bring its row up to date, and return the number of the event.

    Raises:
        WorkspaceError: There is no such case.
    """
    row = rows.row("case_states", case_no=number)
    if row is None:
        raise WorkspaceError(f"no case {number}; `graphlink case list` lists them")
    seq = rows.append(action, subject_of(number), payload)
    changed = _columns_of(_after(_case_of(row, ""), action, payload, (rows.at, seq)))
    rows.update("case_states", changed, case_no=number)
    return seq


def folded(number: int, log: Iterable[Entry]) -> Case:
    """The case that its events make, in order; without lineages."""
    case = Case(number)
    for entry in log:
        case = _after(case, entry.event.action, entry.payload, (entry.event.at, entry.event.seq))
    return case


def check_states(rows: Reading) -> None:
    """Make sure that the row of each case is what its events make.

    Raises:
        WorkspaceError: It is not; names the first.
    """
    for number, case in _folded_all(rows).items():
        row = rows.row("case_states", case_no=number)
        if row != {"case_no": number, **_columns_of(case)}:
            raise WorkspaceError(f"case {number} is not what its events make; its row was changed")


def rebuild_states(rows: Writing) -> None:
    """Write the row of each case again from its events, such as after parts of these were erased."""
    for number, case in _folded_all(rows).items():
        rows.update("case_states", _columns_of(case), case_no=number)


def subject_of(number: int) -> str:
    """How events name a case."""
    return f"case {number}"


def _folded_all(rows: Reading) -> dict[int, Case]:
    numbers = [row["case_no"] for row in rows.rows("cases")]
    log: dict[str, list[Entry]] = {}
    for entry in read_log(rows, *map(subject_of, numbers)) if numbers else ():
        log.setdefault(entry.event.subject, []).append(entry)
    return {number: folded(number, log.get(subject_of(number), ())) for number in numbers}


def _after(case: Case, action: str, payload: dict[str, Any], when: tuple[str, int]) -> Case:
    """A case after one more event at a moment, with its number."""
    at, seq = when
    apply = _APPLY.get(action)
    changes = apply(case, payload) if apply is not None else {}
    if action == _OPENED:
        changes["opened_at"] = at
    return dataclasses.replace(case, changed_at=at, last_seq=seq, **changes)


def _columns_of(case: Case) -> Row:
    return {
        "status": case.status,
        "resolution": case.resolution,
        "assignee": case.assignee,
        "priority": case.priority,
        "alerts": json.dumps(case.alerts),
        "merged_into": case.merged_into,
        "linked": json.dumps(case.linked),
        "n_comments": case.n_comments,
        "opened_at": case.opened_at,
        "changed_at": case.changed_at,
        "last_seq": case.last_seq,
    }


def _case_of(row: Row, title: str) -> Case:
    given = {name: value for name, value in row.items() if name not in ("case_no", "alerts", "linked")}
    alerts, linked = tuple(json.loads(row["alerts"])), tuple(json.loads(row["linked"]))
    return Case(row["case_no"], title=title, alerts=alerts, linked=linked, **given)


_OPENED = "case.opened"
_APPLY: dict[str, Callable[[Case, dict[str, Any]], dict[str, Any]]] = {
    _OPENED: lambda _, given: {"title": given["title"], "priority": given["priority"]},
    "case.status": lambda _, given: {"status": given["status"], "resolution": given["resolution"]},
    "case.assigned": lambda _, given: {"assignee": given["to"]},
    "case.priority": lambda _, given: {"priority": given["priority"]},
    "case.alert": lambda case, given: {"alerts": (*case.alerts, given["rule"])},
    "case.comment": lambda case, _: {"n_comments": case.n_comments + 1},
    "case.linked": lambda case, given: {
        "linked": tuple(dict.fromkeys((*case.linked, given["to"]))),
    },
    "case.merged": lambda _, given: {
        "status": CLOSED,
        "resolution": "duplicate",
        "merged_into": given["into"],
    },
}
