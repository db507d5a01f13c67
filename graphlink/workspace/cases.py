"""Cases: the sum of their events, with number, lineages, status and assignee; nobody deletes one."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import ConflictError, WorkspaceError
from graphlink.workspace.audit import read_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphlink.workspace.audit import Entry
    from graphlink.workspace.store import Reading, Writing

NEW, OPEN, PROPOSED, APPROVED = "new", "open", "proposed", "approved"
EXPORTED, WATCHING, CLOSED = "exported", "watching", "closed"
STATUSES = (NEW, OPEN, PROPOSED, APPROVED, EXPORTED, WATCHING, CLOSED)
_BY_HAND = {
    NEW: (OPEN, WATCHING, CLOSED),
    OPEN: (WATCHING, CLOSED),
    PROPOSED: (),
    APPROVED: (),
    EXPORTED: (WATCHING, CLOSED),
    WATCHING: (OPEN, CLOSED),
    CLOSED: (OPEN,),
}
"""Which status people may set from which; decisions set the others."""
PRIORITIES = ("high", "normal", "low")
HONEST = "honest"
RESOLUTIONS = ("acted", HONEST, "too little", "duplicate")


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


def open_case(rows: Writing, title: str, lineages: Sequence[int], priority: str = "normal") -> int:
    """Open a case and return its number.

    Raises:
        WorkspaceError: It has no title, or a lineage is unknown.
    """
    if not title.strip():
        raise WorkspaceError("a case needs a title (--title TEXT)")
    _check_choice("priority", priority, PRIORITIES)
    for lineage in lineages:
        if rows.row("lineages", lineage_no=lineage) is None:
            raise WorkspaceError(f"no lineage K-{lineage}; `graphlink lineage` lists them")
    number = rows.number("case")
    payload = {"title": title, "priority": priority}
    seq = rows.append("case.opened", subject_of(number), payload)
    rows.insert("cases", {"case_no": number, "seq": seq})
    for lineage in dict.fromkeys(lineages):
        _add_lineage(rows, number, lineage, seq)
    return number


def read_cases(rows: Reading, numbers: Iterable[int] | None = None) -> list[Case]:
    """Read cases by their numbers, or all; in order.

    Raises:
        WorkspaceError: There is no such case.
    """
    asked = None if numbers is None else list(dict.fromkeys(numbers))
    found = rows.rows("cases") if asked is None else rows.rows_of("cases", "case_no", asked)
    known = {row["case_no"] for row in found}
    wanted = sorted(known) if asked is None else asked
    if unknown := [number for number in wanted if number not in known]:
        raise WorkspaceError(f"no case {unknown[0]}; `graphlink case list` lists them")
    lineages: dict[int, list[int]] = {}
    for row in rows.rows_of("case_lineages", "case_no", wanted):
        if row["to_seq"] is None:
            lineages.setdefault(row["case_no"], []).append(row["lineage_no"])
    log: dict[str, list[Entry]] = {}
    for entry in read_log(rows, *map(subject_of, wanted)) if wanted else ():
        log.setdefault(entry.event.subject, []).append(entry)
    return [
        dataclasses.replace(
            folded(number, log.get(subject_of(number), ())), lineages=tuple(lineages.get(number, ()))
        )
        for number in wanted
    ]


def folded(number: int, log: Iterable[Entry]) -> Case:
    """The case that its events make, in order; without lineages."""
    case = Case(number)
    for entry in log:
        case = dataclasses.replace(case, changed_at=entry.event.at, last_seq=entry.event.seq)
        apply = _APPLY.get(entry.event.action)
        if apply is not None:
            case = dataclasses.replace(case, **apply(case, entry.payload))
        if entry.event.action == "case.opened":
            case = dataclasses.replace(case, opened_at=entry.event.at)
    return case


def queue(cases: Iterable[Case], user: str) -> list[Case]:
    """The cases to work on: mine, nobody's, then those of others; by priority, the oldest first."""

    def place(case: Case) -> tuple[int, int, str, int]:
        owner = 0 if case.assignee == user else 1 if not case.assignee else 2
        return owner, PRIORITIES.index(case.priority), case.opened_at, case.number

    return sorted((case for case in cases if case.status not in (CLOSED, WATCHING)), key=place)


def next_statuses(status: str) -> tuple[str, ...]:
    """The statuses that people may set after one."""
    return _BY_HAND.get(status, ())


def case_of(rows: Reading, lineage: int) -> Case | None:
    """The case of a lineage: the oldest that is not closed, else the last that was."""
    numbers = [row["case_no"] for row in rows.rows("case_lineages", lineage_no=lineage, to_seq=None)]
    found = read_cases(rows, sorted(numbers))
    return next((case for case in found if case.status != CLOSED), found[-1] if found else None)


def comment(rows: Writing, number: int, text: str, if_match: int | None = None) -> None:
    """Append a comment.

    Args:
        rows: The transaction.
        number: The case.
        text: The comment.
        if_match: The last event of the case as the writer knows it; None to write whatever happened since.

    Raises:
        WorkspaceError: There is no such case, or no text.
        ConflictError: The case was changed since.
    """
    if not text.strip():
        raise WorkspaceError("a comment needs a text")
    _known(rows, number, if_match)
    rows.append("case.comment", subject_of(number), {"text": text})


def assign(rows: Writing, number: int, to: str, if_match: int | None = None) -> None:
    """Assign a case to somebody; an empty name to nobody.

    Raises:
        WorkspaceError: There is no such case.
        ConflictError: The case was changed since.
    """
    _known(rows, number, if_match)
    rows.append("case.assigned", subject_of(number), {"to": to.strip()})


def claim(rows: Writing, number: int) -> None:
    """Take a case that is nobody's.

    Work that somebody has begun is taken from them only by whoever may assign cases: two people on one
    decision would else be one person who took the other's place.

    Raises:
        WorkspaceError: There is no such case, or it is somebody's.
    """
    holder = _known(rows, number, None).assignee
    if holder == rows.actor.name:
        raise WorkspaceError(f"case {number} is yours already")
    if holder:
        raise WorkspaceError(
            f"case {number} is assigned to {holder}, who may release it; a lead may reassign it"
        )
    rows.append("case.assigned", subject_of(number), {"to": rows.actor.name})


def release(rows: Writing, number: int) -> None:
    """Give back a case of one's own; it is nobody's then.

    Raises:
        WorkspaceError: There is no such case, or it is not one's own.
    """
    holder = _known(rows, number, None).assignee
    if holder != rows.actor.name:
        whose = f"{holder}'s" if holder else "nobody's"
        raise WorkspaceError(f"case {number} is {whose}, not yours")
    rows.append("case.assigned", subject_of(number), {"to": ""})


def set_priority(rows: Writing, number: int, priority: str, if_match: int | None = None) -> None:
    """Set the priority of a case.

    Raises:
        WorkspaceError: There is no such case or priority.
        ConflictError: The case was changed since.
    """
    _check_choice("priority", priority, PRIORITIES)
    _known(rows, number, if_match)
    rows.append("case.priority", subject_of(number), {"priority": priority})


def set_status(
    rows: Writing, number: int, status: str, why: str, resolution: str = "", if_match: int | None = None
) -> None:
    """Set the status of a case by hand.

    Args:
        rows: The transaction.
        number: The case.
        status: The status.
        why: The reason.
        resolution: Why it is closed, one of RESOLUTIONS; with `closed` only.
        if_match: As in `comment`.

    Raises:
        WorkspaceError: The status does not follow the present one, or the resolution is missing.
        ConflictError: The case was changed since.
    """
    _check_choice("status", status, STATUSES)
    case = _known(rows, number, if_match)
    if status not in _BY_HAND[case.status]:
        after = ", ".join(_BY_HAND[case.status]) or "what becomes of its decision"
        raise WorkspaceError(f"case {number} is {case.status}; after that comes {after}, not {status}")
    if status == CLOSED:
        _check_choice("resolution", resolution, RESOLUTIONS)
    elif resolution:
        raise WorkspaceError("only a case that is closed has a resolution")
    change_status(rows, number, status, why, resolution)
    if status == CLOSED:
        state = "dismissed" if resolution in ("honest", "too little") else "closed"
        rows.update("alerts", {"state": state}, case_no=number, state="open")


def change_status(rows: Writing, number: int, status: str, why: str, resolution: str = "") -> None:
    """Append the event of a status, whatever it was; for what follows from something else."""
    payload = {"status": status, "why": why, "resolution": resolution}
    rows.append("case.status", subject_of(number), payload)


def note_alert(rows: Writing, number: int, rule: str, text: str) -> None:
    """Append that an alert was raised about a case; a case that was at rest is open again."""
    rows.append("case.alert", subject_of(number), {"rule": rule, "text": text})
    if _known(rows, number, None).status in (CLOSED, WATCHING):
        change_status(rows, number, OPEN, text)


def merge_cases(rows: Writing, number: int, into: int, why: str) -> None:
    """Merge a case into another: its lineages go over, it is closed as a duplicate, and keeps its number.

    Raises:
        WorkspaceError: One is unknown or closed, both are the same, or no reason is given.
    """
    if not why.strip():
        raise WorkspaceError("why? To merge cases needs a reason (--why TEXT)")
    case, other = read_cases(rows, (number, into)) if number != into else (None, None)
    if case is None or other is None:
        raise WorkspaceError("a case is merged into another one")
    if closed := [one for one in (case, other) if one.status == CLOSED]:
        raise WorkspaceError(f"case {closed[0].number} is closed; open it first")
    if case.status in (PROPOSED, APPROVED):
        raise WorkspaceError(f"case {number} has a decision that is {case.status}; end that first")
    seq = rows.append("case.merged", subject_of(number), {"into": into, "why": why})
    rows.append("case.joined", subject_of(into), {"from": number, "why": why})
    for lineage in case.lineages:
        rows.update("case_lineages", {"to_seq": seq}, case_no=number, lineage_no=lineage, to_seq=None)
        if lineage not in other.lineages:
            _add_lineage(rows, into, lineage, seq)
    rows.update("alerts", {"case_no": into}, case_no=number)


def link_cases(rows: Writing, number: int, other: int, why: str) -> None:
    """State in two cases that they have to do with each other; both go on by themselves."""
    rows.append("case.linked", subject_of(number), {"to": other, "why": why})
    rows.append("case.linked", subject_of(other), {"to": number, "why": why})


def split_case(rows: Writing, number: int, lineages: Sequence[int], title: str) -> int:
    """Split lineages off a case into a new one, and return its number.

    Raises:
        WorkspaceError: The case does not have them, or would have none left.
    """
    (case,) = read_cases(rows, (number,))
    if not lineages or not set(lineages) < set(case.lineages):
        held = ", ".join(f"K-{one}" for one in case.lineages)
        raise WorkspaceError(f"case {number} has {held or 'no lineage'}; name some of them, not all")
    fresh = open_case(rows, title, (), case.priority)
    seq = rows.append("case.split", subject_of(number), {"to": fresh})
    for lineage in dict.fromkeys(lineages):
        rows.update("case_lineages", {"to_seq": seq}, case_no=number, lineage_no=lineage, to_seq=None)
        _add_lineage(rows, fresh, lineage, seq)
    return fresh


def add_lineage(rows: Writing, number: int, lineage: int, why: str) -> None:
    """Add a lineage to a case, such as one that was split off one of its own."""
    if lineage in read_cases(rows, (number,))[0].lineages:
        return
    seq = rows.append("case.lineage", subject_of(number), {"lineage": lineage, "why": why})
    _add_lineage(rows, number, lineage, seq)


def subject_of(number: int) -> str:
    """How events name a case."""
    return f"case {number}"


def _add_lineage(rows: Writing, number: int, lineage: int, seq: int) -> None:
    row = {"case_no": number, "lineage_no": lineage, "from_seq": seq, "to_seq": None}
    rows.insert("case_lineages", row)


def _known(rows: Reading, number: int, if_match: int | None) -> Case:
    """The case, as long as nobody has changed it since."""
    if rows.row("cases", case_no=number) is None:
        raise WorkspaceError(f"no case {number}; `graphlink case list` lists them")
    case = folded(number, read_log(rows, subject_of(number)))
    if if_match is not None and case.last_seq != if_match:
        raise ConflictError(
            f"case {number} was changed since (event {case.last_seq}, not {if_match}); read it again"
        )
    return case


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise WorkspaceError(f"{name}: expected {', '.join(choices)}, found {value!r}")


_APPLY: dict[str, Callable[[Case, dict[str, Any]], dict[str, Any]]] = {
    "case.opened": lambda _, given: {"title": given["title"], "priority": given["priority"]},
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
