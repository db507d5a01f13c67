"""Saved searches: views of the explorer with their filters, named by a person, kept or shared with the team.

A view is kept as its parts, and no address of anywhere else can be made of them. Who sees names and values as
they are shares what names them: a search is shown to readers who see names as its owner did, and nobody else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.decisions import is_same_person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.workspace.store import Reading, Row, Writing

VIEWS = ("queue", "map", "cluster", "compare", "account", "identifier", "cases")
"""The views of the explorer whose address has all that they show."""
_LONGEST_NAME = 200  # characters
_LONGEST_VALUE = 2_000  # characters, as the explorer takes of a parameter
_MOST_PARAMETERS = 50
_MOST_SEARCHES = 200  # of one person: a list that somebody still reads
_PARAMETER = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Search(NamedTuple):
    """A saved search.

    Attributes:
        number: Its number.
        name: What its owner calls it.
        view: One of VIEWS.
        subject: What is viewed, such as a cluster; empty for a list.
        query: The parameters of the view, such as filters.
        owner: Who saved it.
        saved_at: When, ISO 8601 in UTC.
        is_shared: Whether the team sees it.
        profile: The redaction profile through which its owner sees names; empty for none.
    """

    number: int
    name: str
    view: str
    subject: str
    query: dict[str, str]
    owner: str
    saved_at: str
    is_shared: bool
    profile: str

    def is_of(self, person: str) -> bool:
        """Whether it is a person's own."""
        return is_same_person(self.owner, person)


def save_search(
    rows: Writing, name: str, view: str, subject: str, query: Mapping[str, str], profile: str = ""
) -> int:
    """Save a search of one's own and return its number.

    Args:
        rows: The transaction.
        name: Its name.
        view: One of VIEWS.
        subject: What is viewed; empty for a list.
        query: The parameters of the view.
        profile: The redaction profile through which the owner sees names; empty for none.

    Raises:
        WorkspaceError: It has no name, one that the person has already, or is no view of the explorer; or the
            person has too many.
    """
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise WorkspaceError(f"a search needs a name of at most {_LONGEST_NAME} characters")
    _check_view(view, subject, query)
    own = [one for one in read_searches(rows, rows.actor.name, profile) if one.is_of(rows.actor.name)]
    if any(one.name == name for one in own):
        raise WorkspaceError("you have a search of this name; delete it first, or choose another name")
    if len(own) >= _MOST_SEARCHES:
        raise WorkspaceError(f"you have {_MOST_SEARCHES} searches; delete one first")
    number = rows.number("search")
    payload = {"name": name, "view": view, "subject": subject, "query": dict(query)}
    seq = rows.append("search.saved", _subject(number), payload)
    rows.insert(
        "searches",
        {
            "search_no": number,
            "owner": rows.actor.name,
            "profile": profile,
            "is_shared": 0,
            "seq": seq,
            "ended_seq": None,
        },
    )
    return number


def share_search(rows: Writing, number: int, *, is_shared: bool, profile: str = "") -> None:
    """Share a search of one's own with the team, or keep it to oneself again.

    Raises:
        WorkspaceError: There is none, it is somebody else's, or it is so already.
    """
    search = _own(rows, number, profile)
    if search.is_shared == is_shared:
        raise WorkspaceError(f"search {number} is {'shared' if is_shared else 'your own'} already")
    rows.append("search.shared" if is_shared else "search.unshared", _subject(number), {})
    rows.update("searches", {"is_shared": int(is_shared)}, search_no=number)


def delete_search(rows: Writing, number: int, profile: str = "") -> None:
    """Take a search of one's own off the lists; the log keeps that it was there.

    Raises:
        WorkspaceError: There is none, or it is somebody else's.
    """
    _own(rows, number, profile)
    seq = rows.append("search.deleted", _subject(number), {})
    rows.update("searches", {"ended_seq": seq}, search_no=number)


def read_searches(rows: Reading, person: str, profile: str = "") -> list[Search]:
    """Read a person's own searches and those that others share, by name.

    Args:
        rows: The transaction.
        person: The person.
        profile: The redaction profile through which the person sees names; empty for none.
    """
    found = [
        row
        for row in rows.rows("searches", ended_seq=None, profile=profile)
        if row["is_shared"] or is_same_person(row["owner"], person)
    ]
    seqs = [row["seq"] for row in found]
    events = {row["seq"]: row for row in rows.rows_of("events", "seq", seqs)}
    payloads = rows.payloads(seqs)
    listed = [_search(row, events[row["seq"]]["at"], payloads[row["seq"]]) for row in found]
    return sorted(listed, key=lambda one: (one.name.casefold(), one.number))


def read_search(rows: Reading, number: int, person: str, profile: str = "") -> Search:
    """Read a search that a person may see; see `read_searches`.

    Raises:
        WorkspaceError: There is none.
    """
    for one in read_searches(rows, person, profile):
        if one.number == number:
            return one
    raise WorkspaceError(f"no search {number}")


def _own(rows: Writing, number: int, profile: str) -> Search:
    search = read_search(rows, number, rows.actor.name, profile)
    if not search.is_of(rows.actor.name):
        raise WorkspaceError(f"search {number} is {search.owner}'s; save one of your own")
    return search


def _check_view(view: str, subject: str, query: Mapping[str, str]) -> None:
    if view not in VIEWS:
        raise WorkspaceError(f"view: expected {', '.join(VIEWS)}, found {view[:40]!r}")
    if len(query) > _MOST_PARAMETERS:
        raise WorkspaceError(f"a search has at most {_MOST_PARAMETERS} parameters, found {len(query)}")
    if wrong := [name for name in query if not _PARAMETER.fullmatch(name)]:
        raise WorkspaceError(f"a parameter of a view is a word such as min_new, found {wrong[0][:40]!r}")
    if any(len(value) > _LONGEST_VALUE for value in (subject, *query.values())):
        raise WorkspaceError(f"a value of a search has at most {_LONGEST_VALUE:,} characters")


def _search(row: Row, at: str, payload: Row) -> Search:
    return Search(
        row["search_no"],
        payload["name"],
        payload["view"],
        payload["subject"],
        payload["query"],
        row["owner"],
        at,
        bool(row["is_shared"]),
        row["profile"],
    )


def _subject(number: int) -> str:
    return f"search {number}"
