"""Answers about saved searches."""

from __future__ import annotations

from graphlink.explorer.answers.base import Answer


class SearchRow(Answer):
    """A saved search: the parts of a view's address, which never leads anywhere else.

    Attributes:
        number: Its number.
        name: What its owner calls it.
        view: The view, such as queue.
        subject: What is viewed, such as a cluster; empty for a list.
        query: The parameters of the view.
        owner: Who saved it.
        saved_at: When, ISO 8601 in UTC.
        is_shared: Whether the team sees it.
        is_own: Whether it is the reader's, who may share and delete it.
        version: For If-Match.
    """

    number: int
    name: str
    view: str
    subject: str
    query: dict[str, str]
    owner: str
    saved_at: str
    is_shared: bool
    is_own: bool
    version: int
