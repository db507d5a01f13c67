"""Versions of what people change: the number of the last event about it, which a change is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import ConflictError
from graphlink.workspace.audit import Entry, read_log
from graphlink.workspace.case_states import subject_of
from graphlink.workspace.labels import read_labels_about
from graphlink.workspace.searches import read_searches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphlink.workspace.labels import Subject
    from graphlink.workspace.store import Reading


class Expected(NamedTuple):
    """What somebody has seen of what he is about to change.

    Attributes:
        subjects: Gives the subjects of the events about it.
        version: The last event that he has seen; 0 of what was not there.
        also: What he has seen of a second thing that the change concerns; None for none. One version for
            both would not do: the later one hides what happened to the other in between.
    """

    subjects: Callable[[Reading], list[str]]
    version: int
    also: Expected | None = None

    def check(self, rows: Reading) -> None:
        """Make sure that nothing happened since.

        Raises:
            ConflictError: Something did.
        """
        actual = version_of(rows, self.subjects(rows))
        if actual != self.version:
            raise ConflictError(
                f"it was changed since (event {actual}, not {self.version}); read it again, then decide"
            )
        if self.also is not None:
            self.also.check(rows)

    def changes(self, rows: Reading) -> list[Entry]:
        """What happened since."""
        subjects = self.subjects(rows)
        log = read_log(rows, *subjects) if subjects else []
        found = [one for one in log if one.event.seq > self.version]
        if self.also is not None:
            found += self.also.changes(rows)
        return sorted(found, key=lambda one: one.event.seq)


def version_of(rows: Reading, subjects: Sequence[str]) -> int:
    """The number of the last event about any of some subjects; 0 without one."""
    last = [event.seq for one in subjects if (event := rows.last_event(one)) is not None]
    return max(last, default=0)


def versions_of(rows: Reading, subjects: Sequence[str]) -> dict[str, int]:
    """The number of the last event about each of many subjects; 0 without one."""
    last = dict.fromkeys(subjects, 0)
    for event in rows.rows_of("events", "subject", subjects):
        last[event["subject"]] = max(last[event["subject"]], int(event["seq"]))
    return last


def of_case(number: int) -> Callable[[Reading], list[str]]:
    """The events about a case."""
    return lambda _: [subject_of(number)]


def of_lineages(lineages: Sequence[int]) -> Callable[[Reading], list[str]]:
    """The events about the cases of some lineages: of a case that is to be opened about them."""

    def subjects(rows: Reading) -> list[str]:
        numbers = {
            row["case_no"]
            for row in rows.rows_of("case_lineages", "lineage_no", list(lineages))
            if row["to_seq"] is None
        }
        return [subject_of(number) for number in sorted(numbers)]

    return subjects


def of_decision(number: int) -> Callable[[Reading], list[str]]:
    """The events about a decision."""
    return lambda _: [f"decision {number}"]


def of_label(number: int) -> Callable[[Reading], list[str]]:
    """The events about a label."""
    return lambda _: [f"label {number}"]


def of_labels_about(subject: Subject) -> Callable[[Reading], list[str]]:
    """The events about all labels of one subject, in either order of its accounts."""
    return lambda rows: [f"label {one.number}" for one in read_labels_about(rows, subject)]


def of_organisation(name: str) -> Callable[[Reading], list[str]]:
    """The events about an organisation."""

    def subjects(rows: Reading) -> list[str]:
        row = rows.row("organisations", name=name.strip())
        return [f"organisation {row['organisation_no']}"] if row is not None else []

    return subjects


def of_fact(number: int) -> Callable[[Reading], list[str]]:
    """The events about the organisation of a fact."""

    def subjects(rows: Reading) -> list[str]:
        row = rows.row("organisation_facts", fact_no=number)
        return [f"organisation {row['organisation_no']}"] if row is not None else []

    return subjects


def of_token(number: int) -> Callable[[Reading], list[str]]:
    """The events about a token."""
    return lambda _: [f"token {number}"]


def of_search(number: int) -> Callable[[Reading], list[str]]:
    """The events about a saved search."""
    return lambda _: [f"search {number}"]


def of_searches_named(person: str, profile: str, name: str) -> Callable[[Reading], list[str]]:
    """The events about a person's own search of a name: of one that is to be saved."""
    return lambda rows: [
        f"search {one.number}"
        for one in read_searches(rows, person, profile)
        if one.is_of(person) and one.name == name.strip()
    ]
