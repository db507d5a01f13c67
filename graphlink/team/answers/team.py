"""Answers about the reader, the state of the workspace, and tokens."""

from __future__ import annotations

from typing import Literal

from graphlink.explorer.answers.base import Answer


class Me(Answer):
    """Who the reader is here.

    Attributes:
        name: The name that changes carry.
        roles: The roles.
        rights: What they allow.
        way: How the reader is known: local (this machine's user), proxy, token or sign_in.
        profile: The redaction profile through which values are seen; empty for plain ones.
    """

    name: str
    roles: list[str]
    rights: list[str]
    way: Literal["local", "proxy", "token", "sign_in"]
    profile: str


class OverviewAnswer(Answer):
    """The last accepted run, and how much there is to do.

    Attributes:
        workspace: The name of its folder.
        run: The last accepted run, such as R-12; empty before the first.
        data_until: The last observation of that run, ISO 8601 in UTC.
        n_lineages: Lineages.
        n_open_alerts: Alerts that nobody closed.
        n_mine: Cases to work on that are the reader's.
        n_unassigned: Those that are nobody's.
        n_to_decide: Proposals that wait for a second person who is not the one who proposed them.
        n_back: Accounts that are named as returns.
    """

    workspace: str
    run: str
    data_until: str
    n_lineages: int
    n_open_alerts: int
    n_mine: int
    n_unassigned: int
    n_to_decide: int
    n_back: int


class AuditAnswer(Answer):
    """An audit log that is as it was written.

    Attributes:
        n_events: Events in it.
        n_forgotten: Payloads that were erased since.
        last_hash: The hash of the last event, to be kept elsewhere.
    """

    n_events: int
    n_forgotten: int
    last_hash: str


class TokenRow(Answer):
    """A token, without its secret.

    Attributes:
        number: Its number.
        title: What it is for.
        person: Who acts by it.
        role: Its role.
        made_by: Who made it.
        made_at: When, ISO 8601 in UTC.
        expires_at: When it ends.
        revoked_at: When it was revoked; empty while it was not.
        is_valid: Whether it opens anything now.
        version: For If-Match.
    """

    number: int
    title: str
    person: str
    role: str
    made_by: str
    made_at: str
    expires_at: str
    revoked_at: str
    is_valid: bool
    version: int
