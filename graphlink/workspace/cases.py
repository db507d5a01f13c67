"""Cases: the sum of their events, with number, lineages, status and assignee; nobody deletes one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from graphlink.core.errors import ConflictError, WorkspaceError
from graphlink.workspace.case_states import (
    CLOSED,
    NEW,
    Case,
    append_event,
    open_state,
    read_states,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphlink.workspace.store import Reading, Writing

OPEN, PROPOSED, APPROVED = "open", "proposed", "approved"
EXPORTED, WATCHING = "exported", "watching"
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
    seq = open_state(rows, number, payload)
    for lineage in dict.fromkeys(lineages):
        _add_lineage(rows, number, lineage, seq)
    return number


def read_cases(rows: Reading, numbers: Iterable[int] | None = None) -> list[Case]:
    """Read cases by their numbers, or all; in order.

    Raises:
        WorkspaceError: There is no such case.
    """
    asked = None if numbers is None else list(dict.fromkeys(numbers))
    found = {one.number: one for one in read_states(rows, asked)}
    wanted = sorted(found) if asked is None else asked
    if unknown := [number for number in wanted if number not in found]:
        raise WorkspaceError(f"no case {unknown[0]}; `graphlink case list` lists them")
    lineages: dict[int, list[int]] = {}
    held = rows.rows("case_lineages") if asked is None else rows.rows_of("case_lineages", "case_no", wanted)
    for row in held:
        if row["to_seq"] is None:
            lineages.setdefault(row["case_no"], []).append(row["lineage_no"])
    return [dataclasses.replace(found[number], lineages=tuple(lineages.get(number, ()))) for number in wanted]


def next_statuses(case: Case) -> tuple[str, ...]:
    """The statuses that people may set now; none of a case that goes on as another one."""
    return _BY_HAND[case.status] if case.merged_into is None else ()


def goes_on_as(rows: Reading, case: Case) -> Case:
    """The case that a merged one goes on as in the end; itself if it was not merged."""
    while case.merged_into is not None:
        (case,) = read_cases(rows, (case.merged_into,))
    return case


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
    append_event(rows, number, "case.comment", {"text": text})


def assign(rows: Writing, number: int, to: str, if_match: int | None = None) -> None:
    """Assign a case to somebody; an empty name to nobody.

    Raises:
        WorkspaceError: There is no such case.
        ConflictError: The case was changed since.
    """
    _known(rows, number, if_match)
    append_event(rows, number, "case.assigned", {"to": to.strip()})


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
    append_event(rows, number, "case.assigned", {"to": rows.actor.name})


def release(rows: Writing, number: int) -> None:
    """Give back a case of one's own; it is nobody's then.

    Raises:
        WorkspaceError: There is no such case, or it is not one's own.
    """
    holder = _known(rows, number, None).assignee
    if holder != rows.actor.name:
        whose = f"{holder}'s" if holder else "nobody's"
        raise WorkspaceError(f"case {number} is {whose}, not yours")
    append_event(rows, number, "case.assigned", {"to": ""})


def set_priority(rows: Writing, number: int, priority: str, if_match: int | None = None) -> None:
    """Set the priority of a case.

    Raises:
        WorkspaceError: There is no such case or priority.
        ConflictError: The case was changed since.
    """
    _check_choice("priority", priority, PRIORITIES)
    _known(rows, number, if_match)
    append_event(rows, number, "case.priority", {"priority": priority})


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
        WorkspaceError: The status does not follow the present one, the resolution is missing, or the case was
            merged: its lineages are elsewhere, and it would be open about nothing.
        ConflictError: The case was changed since.
    """
    _check_choice("status", status, STATUSES)
    case = _known(rows, number, if_match)
    if case.merged_into is not None:
        into = goes_on_as(rows, case).number
        raise WorkspaceError(
            f"case {number} was merged and goes on as case {into}; work there, or split its lineages off that"
            f" one (graphlink case split DIR {into} K-417)"
        )
    if status not in (following := next_statuses(case)):
        after = ", ".join(following) or "what becomes of its decision"
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
    append_event(rows, number, "case.status", payload)


def note_alert(rows: Writing, number: int, rule: str, text: str) -> None:
    """Append that an alert was raised about a case; a case that was at rest is open again."""
    append_event(rows, number, "case.alert", {"rule": rule, "text": text})
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
    seq = append_event(rows, number, "case.merged", {"into": into, "why": why})
    append_event(rows, into, "case.joined", {"from": number, "why": why})
    for lineage in case.lineages:
        rows.update("case_lineages", {"to_seq": seq}, case_no=number, lineage_no=lineage, to_seq=None)
        if lineage not in other.lineages:
            _add_lineage(rows, into, lineage, seq)
    rows.update("alerts", {"case_no": into}, case_no=number)


def link_cases(rows: Writing, number: int, other: int, why: str) -> None:
    """State in two cases that they have to do with each other; both go on by themselves."""
    append_event(rows, number, "case.linked", {"to": other, "why": why})
    append_event(rows, other, "case.linked", {"to": number, "why": why})


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
    seq = append_event(rows, number, "case.split", {"to": fresh})
    for lineage in dict.fromkeys(lineages):
        rows.update("case_lineages", {"to_seq": seq}, case_no=number, lineage_no=lineage, to_seq=None)
        _add_lineage(rows, fresh, lineage, seq)
    return fresh


def add_lineage(rows: Writing, number: int, lineage: int, why: str) -> None:
    """Add a lineage to a case, such as one that was split off one of its own."""
    if lineage in read_cases(rows, (number,))[0].lineages:
        return
    seq = append_event(rows, number, "case.lineage", {"lineage": lineage, "why": why})
    _add_lineage(rows, number, lineage, seq)


def _add_lineage(rows: Writing, number: int, lineage: int, seq: int) -> None:
    row = {"case_no": number, "lineage_no": lineage, "from_seq": seq, "to_seq": None}
    rows.insert("case_lineages", row)


def _known(rows: Reading, number: int, if_match: int | None) -> Case:
    """The case, as long as nobody has changed it since."""
    found = read_states(rows, (number,))
    if not found:
        raise WorkspaceError(f"no case {number}; `graphlink case list` lists them")
    (case,) = found
    if if_match is not None and case.last_seq != if_match:
        raise ConflictError(
            f"case {number} was changed since (event {case.last_seq}, not {if_match}); read it again"
        )
    return case


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise WorkspaceError(f"{name}: expected {', '.join(choices)}, found {value!r}")
