"""Known organisations as rows: what is known of each, by whom, how surely, until when; nothing is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import NotFoundError, WorkspaceError
from graphlink.kinds import shown
from graphlink.workspace.knowledge import ACCOUNT, HINT, Knowledge, Organisation
from graphlink.workspace.store.transactions import moment_of_text, time_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.workspace.store import Reading, Row, Writing


class Fact(NamedTuple):
    """One thing that is known of an organisation, as the workspace holds it.

    Attributes:
        number: Its number.
        knowledge: What is known.
        by: Who added it.
        at: When, ISO 8601 in UTC.
        until_at: From when on it no longer holds; empty without an end.
    """

    number: int
    knowledge: Knowledge
    by: str
    at: str
    until_at: str

    def is_in_force(self, at: str) -> bool:
        """Whether it holds at a moment, ISO 8601 in UTC."""
        return not self.until_at or at < self.until_at


class KnownOrganisation(NamedTuple):
    """An organisation with what is known of it, also what holds no longer.

    Attributes:
        number: Its number.
        name: Its name.
        is_declared: Whether it is openly a customer.
        facts: What is known, in order.
    """

    number: int
    name: str
    is_declared: bool
    facts: tuple[Fact, ...]

    def in_force(self, at: str) -> Organisation:
        """What paths start from at a moment, ISO 8601 in UTC."""
        known = tuple(one.knowledge for one in self.facts if one.is_in_force(at))
        return Organisation(self.name, known, self.is_declared)


def name_organisation(rows: Writing, name: str, *, is_declared: bool | None = None) -> int:
    """The number of an organisation by its name; one that is new is added.

    Args:
        rows: The transaction.
        name: Its name.
        is_declared: Whether it is openly a customer; None leaves that as it is.

    Raises:
        WorkspaceError: It has no name.
    """
    name = name.strip()
    if not name:
        raise WorkspaceError("an organisation needs a name")
    row = rows.row("organisations", name=name)
    if row is None:
        number = rows.number("organisation")
        payload = {"name": name, "is_declared": bool(is_declared)}
        seq = rows.append("organisation.added", _subject(number), payload)
        rows.insert(
            "organisations",
            {"organisation_no": number, "name": name, "is_declared": int(bool(is_declared)), "seq": seq},
        )
        return number
    number = int(row["organisation_no"])
    if is_declared is not None and bool(row["is_declared"]) != is_declared:
        rows.append("organisation.declared", _subject(number), {"is_declared": is_declared})
        rows.update("organisations", {"is_declared": int(is_declared)}, organisation_no=number)
    return number


def add_facts(rows: Writing, number: int, known: Sequence[Knowledge]) -> list[int]:
    """Add what is known of an organisation, and return the numbers of the facts."""
    if not known:
        return []
    notes = [one.note for one in known]
    seq = rows.append("organisation.facts", _subject(number), {"facts": len(known), "notes": notes})
    first = rows.number("organisation fact", len(known))
    accounts = rows.account_numbers(one.value for one in known if one.what in (ACCOUNT, HINT))
    made: list[Row] = []
    for fact, one in enumerate(known, first):
        is_account = one.what in (ACCOUNT, HINT)
        made.append(
            {
                "fact_no": fact,
                "organisation_no": number,
                "what": one.what,
                "account_no": accounts[one.value] if is_account else None,
                "value": None if is_account else one.value,
                "source": one.source,
                "confidence": one.confidence,
                "until_at": time_text(one.until) if one.until else None,
                "seq": seq,
            }
        )
    rows.insert("organisation_facts", *made)
    return [row["fact_no"] for row in made]


def end_fact(rows: Writing, number: int, why: str) -> None:
    """End a fact now; that it was known stays.

    Raises:
        WorkspaceError: There is none, it ended already, or no reason is given.
    """
    if not why.strip():
        raise WorkspaceError("why? A fact that ends needs a reason (--why TEXT)")
    row = rows.row("organisation_facts", fact_no=number)
    if row is None:
        raise WorkspaceError(f"no fact {number}; `graphlink org show` lists them")
    if row["until_at"] is not None and row["until_at"] <= rows.at:
        raise WorkspaceError(f"fact {number} ended already")
    rows.append("organisation.ended", _subject(row["organisation_no"]), {"fact": number, "why": why})
    rows.update("organisation_facts", {"until_at": rows.at}, fact_no=number)


def read_organisations(rows: Reading) -> list[KnownOrganisation]:
    """Read all organisations with their facts; facts about accounts that were forgotten are left out."""
    found = rows.rows("organisation_facts")
    seqs = {row["seq"] for row in found}
    events = {row["seq"]: row for row in rows.rows_of("events", "seq", seqs)}
    payloads = rows.payloads(seqs)
    names = rows.account_names({row["account_no"] for row in found if row["account_no"] is not None})
    facts: dict[int, list[Fact]] = {}
    place: dict[int, int] = {}
    for row in found:
        at = place.setdefault(row["seq"], 0)
        place[row["seq"]] += 1
        value = row["value"] if row["account_no"] is None else names.get(row["account_no"])
        if value is not None:
            notes = payloads[row["seq"]].get("notes", ())
            facts.setdefault(row["organisation_no"], []).append(
                _fact(row, value, notes[at] if at < len(notes) else "", events[row["seq"]])
            )
    return [
        KnownOrganisation(
            row["organisation_no"],
            row["name"],
            bool(row["is_declared"]),
            tuple(facts.get(row["organisation_no"], ())),
        )
        for row in rows.rows("organisations")
    ]


def read_organisation(rows: Reading, name: str) -> KnownOrganisation:
    """Read one organisation.

    Raises:
        NotFoundError: There is none of this name.
    """
    for one in read_organisations(rows):
        if one.name == name.strip():
            return one
    raise NotFoundError(f"no organisation {shown(name)!r}; `graphlink org list` lists them")


def _fact(row: Row, value: str, note: str, event: Row) -> Fact:
    until = moment_of_text(row["until_at"])
    knowledge = Knowledge(row["what"], value, row["source"], row["confidence"], until, note)
    return Fact(row["fact_no"], knowledge, event["by"], event["at"], row["until_at"] or "")


def _subject(number: int) -> str:
    return f"organisation {number}"
