"""Cases of an open workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.arguments import checked
from graphlink.workspace import cases
from graphlink.workspace.audit import Entry, read_log
from graphlink.workspace.case_states import Case, subject_of
from graphlink.workspace.lineage_names import lineage_number
from graphlink.workspace.lists import read_queue

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphlink.monitoring.context import Context


class Cases:
    """The cases of a workspace."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def all(self) -> list[Case]:
        """All cases."""
        with self._context.reading() as rows:
            return cases.read_cases(rows)

    @checked
    def get(self, number: int) -> Case:
        """One case.

        Raises:
            WorkspaceError: There is none.
        """
        with self._context.reading() as rows:
            return cases.read_cases(rows, (number,))[0]

    @checked
    def activity(self, number: int) -> list[Entry]:
        """What was done about a case, in order.

        Raises:
            WorkspaceError: There is no such case.
        """
        with self._context.reading() as rows:
            cases.read_cases(rows, (number,))
            return read_log(rows, subject_of(number))

    def queue(self) -> list[Case]:
        """The cases to work on: mine, nobody's, then those of others."""
        with self._context.reading() as rows:
            return read_queue(rows, self._context.by).rows

    @checked
    def open(self, title: str, lineages: Sequence[str] = (), priority: str = "normal") -> int:
        """Open a case and return its number.

        Raises:
            WorkspaceError: It has no title, or a lineage is unknown.
        """
        with self._context.writing() as rows:
            return cases.open_case(rows, title, [lineage_number(one) for one in lineages], priority)

    @checked
    def comment(self, number: int, text: str, if_match: int | None = None) -> None:
        """Comment on a case; with `if_match`, its last event, only if nobody has changed it since.

        Raises:
            WorkspaceError: There is no such case, or no text.
            ConflictError: The case was changed since.
        """
        with self._context.writing() as rows:
            cases.comment(rows, number, text, if_match)

    @checked
    def assign(self, numbers: Collection[int], to: str, if_match: int | None = None) -> None:
        """Assign cases to somebody, an empty name to nobody; all of them or none.

        Raises:
            WorkspaceError: There is no such case.
            ConflictError: A case was changed since.
        """
        with self._context.writing() as rows:
            for number in numbers:
                cases.assign(rows, number, to, if_match)

    @checked
    def claim(self, number: int) -> None:
        """Take a case that is nobody's.

        Raises:
            WorkspaceError: There is no such case, or it is somebody's.
        """
        with self._context.writing() as rows:
            cases.claim(rows, number)

    @checked
    def release(self, number: int) -> None:
        """Give back a case of one's own; it is nobody's then.

        Raises:
            WorkspaceError: There is no such case, or it is not one's own.
        """
        with self._context.writing() as rows:
            cases.release(rows, number)

    @checked
    def set_status(
        self,
        numbers: Collection[int],
        status: str,
        why: str,
        resolution: str = "",
        if_match: int | None = None,
    ) -> None:
        """Set the status of cases by hand; all of them or none.

        Raises:
            WorkspaceError: It does not follow the present one, or the resolution is missing.
            ConflictError: A case was changed since.
        """
        with self._context.writing() as rows:
            for number in numbers:
                cases.set_status(rows, number, status, why, resolution, if_match)

    @checked
    def set_priority(self, numbers: Collection[int], priority: str, if_match: int | None = None) -> None:
        """Set the priority of cases; all of them or none.

        Raises:
            WorkspaceError: There is no such case or priority.
            ConflictError: A case was changed since.
        """
        with self._context.writing() as rows:
            for number in numbers:
                cases.set_priority(rows, number, priority, if_match)

    @checked
    def merge(self, number: int, into: int, why: str) -> None:
        """Merge a case into another.

        Raises:
            WorkspaceError: One is unknown or closed, or both are the same.
        """
        with self._context.writing() as rows:
            cases.merge_cases(rows, number, into, why)

    @checked
    def split(self, number: int, lineages: Sequence[str], title: str) -> int:
        """Split lineages off a case into a new one, and return its number.

        Raises:
            WorkspaceError: The case does not have them, or would have none left.
        """
        with self._context.writing() as rows:
            return cases.split_case(rows, number, [lineage_number(one) for one in lineages], title)
