"""Saved searches over HTTP: a reader's own, and those that others share who see names as the reader does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.team.answers import searches as answers
from graphlink.team.answers.common import Done
from graphlink.team.asked import found, page_of
from graphlink.workspace import versions
from graphlink.workspace.searches import read_search, read_searches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.explorer.answers.base import Page
    from graphlink.team.asked import Asked, Subjects
    from graphlink.workspace.searches import Search


def list_searches(asked: Asked) -> Page[answers.SearchRow]:
    """The reader's searches and those that others share, by name."""
    person, profile = asked.person.name, asked.glasses.profile
    listed = asked.versioned(lambda rows: read_searches(rows, person, profile), "search")

    def rows(some: Sequence[tuple[Search, int]]) -> list[answers.SearchRow]:
        return [_row(asked, *one) for one in some]

    return page_of(asked, listed, rows)


def save_search(asked: Asked) -> Done:
    """Save a search of one's own."""
    body, profile = asked.body, asked.glasses.profile
    number = asked.workspace.searches.save(
        body.name, body.view, body.query, subject=body.subject, profile=profile
    )
    return _done(asked, number)


def share_search(asked: Asked) -> Done:
    """Share a search of one's own with those who see names as one does."""
    number = asked.number("search")
    asked.workspace.searches.share(number, asked.glasses.profile)
    return _done(asked, number)


def unshare_search(asked: Asked) -> Done:
    """Keep a search of one's own to oneself again."""
    number = asked.number("search")
    asked.workspace.searches.unshare(number, asked.glasses.profile)
    return _done(asked, number)


def delete_search(asked: Asked) -> Done:
    """Take a search of one's own off the lists; the log keeps that it was there."""
    number = asked.number("search")
    asked.workspace.searches.delete(number, asked.glasses.profile)
    return _done(asked, number)


def version_of_name(asked: Asked) -> Subjects:
    """What a search that is to be saved is compared with: the reader's own of that name."""
    return versions.of_searches_named(asked.person.name, asked.glasses.profile, asked.body.name)


def version_of_search(asked: Asked) -> Subjects:
    """The events about the search of the path."""
    number, person, profile = asked.number("search"), asked.person.name, asked.glasses.profile
    found(lambda: asked.reading(lambda rows: read_search(rows, number, person, profile)))
    return versions.of_search(number)


def _done(asked: Asked, number: int) -> Done:
    return Done(number=number, version=asked.written(versions.of_search(number)))


def _row(asked: Asked, one: Search, version: int) -> answers.SearchRow:
    return answers.SearchRow(
        number=one.number,
        name=one.name,
        view=one.view,
        subject=one.subject,
        query=one.query,
        owner=one.owner,
        saved_at=one.saved_at,
        is_shared=one.is_shared,
        is_own=one.is_of(asked.person.name),
        version=version,
    )
