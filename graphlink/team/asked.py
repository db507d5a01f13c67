"""What a handler of the workspace's API is given, and what it needs of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from graphlink.core.errors import NotFoundError, WorkspaceError
from graphlink.explorer.answers.base import Page
from graphlink.explorer.query import RequestError, bad_request
from graphlink.workspace.lineage_names import lineage_number
from graphlink.workspace.reviews import blind_to
from graphlink.workspace.versions import version_of, versions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from graphlink.explorer.query import Query
    from graphlink.monitoring import Workspace
    from graphlink.team.glasses import Glasses
    from graphlink.team.person import Person
    from graphlink.workspace.audit import Entry
    from graphlink.workspace.lists import Listed
    from graphlink.workspace.reviews import Blind
    from graphlink.workspace.store import Reading
    from graphlink.workspace.versions import Expected

    Subjects = Callable[[Reading], list[str]]

T = TypeVar("T")
R = TypeVar("R")
_MOST_NUMBER = 1 << 31
_LONGEST_CURSOR = 18  # digits; a number of eight bytes


class Numbered(Protocol):
    """What has a number."""

    @property
    def number(self) -> int:
        """Its number."""


N = TypeVar("N", bound=Numbered)


class Asked(NamedTuple):
    """A request.

    Attributes:
        workspace: The workspace as the person uses it; its changes are compared with If-Match.
        person: Who asks.
        query: The parameters, those of the path too.
        body: What the request carries; None of a GET.
        glasses: How the person sees names and values.
    """

    workspace: Workspace
    person: Person
    query: Query
    body: Any
    glasses: Glasses

    def number(self, name: str) -> int:
        """A number of the path."""
        text = self.query.needed(name)
        if not (text.isascii() and text.isdecimal()) or int(text[:12]) >= _MOST_NUMBER:
            raise RequestError(404, "not_found", f"no {name} {text[:20]!r}")
        return int(text)

    @property
    def after(self) -> int | None:
        """The cursor that the part of a list follows on; None for the first part."""
        text = self.query.text("after")
        if text and (not (text.isascii() and text.isdecimal()) or len(text) > _LONGEST_CURSOR):
            raise bad_request("after: expected what the part before states as next")
        return int(text) if text else None

    def reading(self, read: Callable[[Reading], T]) -> T:
        """What is read in one transaction."""
        with self.workspace.folder.store.read() as rows:
            return read(rows)

    def version(self, subjects: Subjects) -> int:
        """The number of the last event about some subjects."""
        return self.reading(lambda rows: version_of(rows, subjects(rows)))

    def written(self, subjects: Subjects) -> int:
        """The number of the last event about some subjects that this request itself appended.

        It is the version that a change answers with: of what others did later its writer knows nothing, and
        who holds its number would overwrite that unread.
        """
        appended = self.workspace.written
        return max(appended[one] for one in self.reading(subjects) if one in appended)

    def versioned(self, read: Callable[[Reading], list[N]], subject: str) -> list[tuple[N, int]]:
        """What has a number, each with the number of the last event about it, as of one moment."""
        return self.reading(lambda rows: with_versions(rows, read(rows), subject))

    def blind(self, labels: Collection[int] = ()) -> Blind:
        """What the person is to review, and so is shown without the first verdict until theirs stands.

        Who may not label or decide reviews nothing, and sees what there is.

        Args:
            labels: The labels that are shown; proposals are looked at in any case.
        """
        rights = self.person.rights
        return self.reading(
            lambda rows: blind_to(
                rows,
                self.person.name,
                among=labels,
                with_labels="labels.write" in rights,
                with_decisions="decisions.decide" in rights,
            )
        )

    def expecting(self, expected: Expected) -> Asked:
        """The same request, whose changes are refused once anything differs from what is expected."""
        return self._replace(workspace=self.workspace.expecting(expected))


def with_versions(rows: Reading, listed: Sequence[N], subject: str) -> list[tuple[N, int]]:
    """What has a number, each with the number of the last event about it."""
    seen = versions_of(rows, [f"{subject} {one.number}" for one in listed])
    return [(one, seen[f"{subject} {one.number}"]) for one in listed]


def next_of(listed: Listed[Any]) -> str | None:
    """The cursor of the next part of a list, as an answer has it."""
    return None if listed.next is None else str(listed.next)


def labels_in(log: Iterable[Entry]) -> list[int]:
    """The labels that events are about."""
    subjects = [one.event.subject.partition(" ") for one in log]
    return [int(number) for what, _, number in subjects if what == "label" and number.isdecimal()]


def found(get: Callable[[], T]) -> T:
    """What is looked up by a number or name of the path.

    Raises:
        RequestError: There is none, with status 404.
    """
    try:
        return get()
    except (WorkspaceError, NotFoundError) as error:
        raise RequestError(404, "not_found", str(error)) from None


def lineage_in(text: str) -> int:
    """The number of a lineage in a parameter or a body.

    Raises:
        RequestError: It is no name of a lineage.
    """
    try:
        return lineage_number(text)
    except WorkspaceError as error:
        raise bad_request(str(error)) from None


def page_of(asked: Asked, found_rows: Sequence[T], row: Callable[[Sequence[T]], list[R]]) -> Page[R]:
    """A page of a table, of which only the rows of the page are made."""
    offset, limit = asked.query.window
    wanted = found_rows[offset : offset + limit]
    return Page(rows=row(wanted), total=len(found_rows), offset=offset, limit=limit)
