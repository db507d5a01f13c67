"""What several answers of the workspace's API have."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from graphlink.explorer.answers.base import Answer

Row = TypeVar("Row")


class Part(Answer, Generic[Row]):
    """A part of a list.

    Attributes:
        rows: The rows.
        total: How many the whole list has; null where counting would read all of it.
        limit: How many were asked for.
        next: What `after` is for the next part; null at the end.
    """

    rows: list[Row]
    total: int | None
    limit: int
    next: str | None


class Activity(Answer):
    """An event of the audit log.

    Attributes:
        seq: Its number.
        at: ISO 8601 in UTC.
        by: Who did it.
        role: In which role.
        action: What was done, such as case.comment.
        subject: To what, such as case 3.
        text: The same in words, with what people wrote for readers who may see it.
        payload: What people wrote and chose; empty for others.
    """

    seq: int
    at: str
    by: str
    role: str
    action: str
    subject: str
    text: str
    payload: dict[str, Any]


class ActivityList(Part[Activity]):
    """Events, the newest first."""


class Done(Answer):
    """A change that was made.

    Attributes:
        number: The number of what was made or changed.
        version: Its version now, for the next If-Match.
    """

    number: int
    version: int


class ReviewRow(Answer):
    """What a second person stated before they saw the first verdict.

    Attributes:
        by: Who.
        at: When, ISO 8601 in UTC.
        verdict: yes, no or unsure of a label; an action or nothing of a decision.
        why: The reason.
        is_other: Whether it differs from the first one's.
    """

    by: str
    at: str
    verdict: str
    why: str
    is_other: bool


class LineageName(Answer):
    """A lineage and its cluster.

    Attributes:
        name: Such as K-417.
        cluster_id: Its cluster in the last accepted result; null if that has none.
        n_accounts: The accounts of that cluster.
        p_same_operator: Probability that one organisation operates it and conceals it.
    """

    name: str
    cluster_id: str | None
    n_accounts: int | None
    p_same_operator: float | None


class Conflict(msgspec.Struct, kw_only=True):
    """The refusal of a change of what is no longer as it was read.

    Attributes:
        error: What is wrong.
        version: The version now.
        changes: What happened since the version that was given.
    """

    error: dict[str, str]
    version: int
    changes: list[Activity]
