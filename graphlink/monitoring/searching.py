"""Saved searches of an open workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.arguments import checked
from graphlink.workspace.searches import Search, delete_search, read_searches, save_search, share_search

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.monitoring.context import Context


class Searches:
    """Views of the explorer that people named.

    `profile` is the redaction profile through which the user sees names, empty for none: a search is shown to
    those who see names as its owner did.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    @checked
    def save(
        self,
        name: str,
        view: str = "queue",
        query: Mapping[str, str] | None = None,
        *,
        subject: str = "",
        profile: str = "",
    ) -> int:
        """Save a search of one's own and return its number.

        Args:
            name: Its name.
            view: The view, such as `queue`.
            query: Its parameters as the address has them, such as `{"min_new": "1"}`.
            subject: What is viewed, such as a cluster; empty for a list.
            profile: As above.

        Raises:
            WorkspaceError: It has no name, one that the person has already, or is no view of the explorer.
        """
        with self._context.writing() as rows:
            return save_search(rows, name, view, subject, query or {}, profile)

    @checked
    def all(self, profile: str = "") -> list[Search]:
        """One's own searches and those that others share, by name."""
        with self._context.reading() as rows:
            return read_searches(rows, self._context.by, profile)

    @checked
    def share(self, number: int, profile: str = "") -> None:
        """Share a search of one's own with the team.

        Raises:
            WorkspaceError: There is none, it is somebody else's, or it is shared already.
        """
        with self._context.writing() as rows:
            share_search(rows, number, is_shared=True, profile=profile)

    @checked
    def unshare(self, number: int, profile: str = "") -> None:
        """Keep a search of one's own to oneself again.

        Raises:
            WorkspaceError: There is none, it is somebody else's, or nobody else sees it.
        """
        with self._context.writing() as rows:
            share_search(rows, number, is_shared=False, profile=profile)

    @checked
    def delete(self, number: int, profile: str = "") -> None:
        """Take a search of one's own off the lists; the log keeps that it was there.

        Raises:
            WorkspaceError: There is none, or it is somebody else's.
        """
        with self._context.writing() as rows:
            delete_search(rows, number, profile)
