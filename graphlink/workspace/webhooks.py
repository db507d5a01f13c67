"""Webhooks as rows: where alerts are sent, what waits to be sent, and what became of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from graphlink.core.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphlink.workspace.store import Reading, Row, Writing

WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"
MOST_ATTEMPTS = 20
"""Attempts, one an update, after which an alert is no longer sent."""
_SECRET = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:/.+")
SUBJECT = "webhooks"


class Webhook(NamedTuple):
    """Where alerts are sent.

    Attributes:
        number: Its number.
        url: The address.
        secret_from: Where its secret is: `env:NAME` or `file:/PATH`; the secret itself is not kept.
        is_private: Whether addresses of private networks are allowed.
        by: Who added it.
        at: When, ISO 8601 in UTC.
        is_removed: Whether nothing is sent there any more.
    """

    number: int
    url: str
    secret_from: str
    is_private: bool
    by: str
    at: str
    is_removed: bool


class Delivery(NamedTuple):
    """An alert for a webhook.

    Attributes:
        number: Its number; the receiver is given it, to know what it has already.
        webhook: The webhook.
        run_no: The run that raised the alert.
        content: What is sent, as JSON.
        state: `waiting`, `delivered` or `failed`.
        n_attempts: How often it was sent.
        last_at: When it was sent last; empty before.
        outcome: What came of that.
    """

    number: int
    webhook: int
    run_no: int
    content: str
    state: str
    n_attempts: int
    last_at: str
    outcome: str


class Outcome(NamedTuple):
    """What came of sending a delivery."""

    delivery: int
    is_delivered: bool
    text: str


def add_webhook(rows: Writing, url: str, secret_from: str, *, is_private: bool) -> int:
    """Add a webhook and return its number.

    Args:
        rows: The transaction.
        url: The address; with https, unless private networks are allowed.
        secret_from: `env:NAME` or `file:/PATH`.
        is_private: Whether addresses of private networks are allowed.

    Raises:
        WorkspaceError: The address or the place of the secret is none.
    """
    parts = urlsplit(url)
    schemes = ("https", "http") if is_private else ("https",)
    if parts.scheme not in schemes or not parts.hostname or parts.username or parts.fragment:
        raise WorkspaceError(
            f"webhook: expected an address with https, no user and no fragment, found {parts.scheme or url!r}"
            "; http is for private networks only (--allow-private)"
        )
    if not _SECRET.fullmatch(secret_from):
        raise WorkspaceError("webhook: name where its secret is: env:NAME or file:/PATH")
    number = rows.number("webhook")
    seq = rows.append("webhook.added", f"webhook {number}", {"host": parts.hostname})
    row = {"webhook_no": number, "url": url, "secret_from": secret_from, "is_private": int(is_private)}
    rows.insert("webhooks", row | {"seq": seq, "ended_seq": None})
    return number


def remove_webhook(rows: Writing, number: int) -> None:
    """Send nothing to a webhook any more; what waits for it is not sent.

    Raises:
        WorkspaceError: There is none, or it was removed already.
    """
    row = rows.row("webhooks", webhook_no=number)
    if row is None or row["ended_seq"] is not None:
        raise WorkspaceError(f"no webhook {number}; `graphlink workspace webhook list` lists them")
    seq = rows.append("webhook.removed", f"webhook {number}", {})
    rows.update("webhooks", {"ended_seq": seq}, webhook_no=number)


def read_webhooks(rows: Reading) -> list[Webhook]:
    """Read all webhooks, those that were removed too, in order."""
    found = rows.rows("webhooks")
    events = {row["seq"]: row for row in rows.rows_of("events", "seq", [one["seq"] for one in found])}
    return [
        Webhook(
            row["webhook_no"], row["url"], row["secret_from"], bool(row["is_private"]),
            events[row["seq"]]["by"], events[row["seq"]]["at"], row["ended_seq"] is not None,
        )
        for row in found
    ]  # fmt: skip


def queue_alerts(rows: Writing, run_no: int, alerts: Iterable[Mapping[str, Any]]) -> None:
    """Let the alerts of a run wait for every webhook; in the transaction that records the run.

    Args:
        rows: The transaction.
        run_no: The run.
        alerts: Its alerts as plain values; they name no account.
    """
    listed = list(alerts)
    targets = [row["webhook_no"] for row in rows.rows("webhooks", ended_seq=None)]
    if not listed or not targets:
        return
    first = rows.number("delivery", len(listed) * len(targets))
    made: list[Row] = []
    for webhook in targets:
        for alert in listed:
            number = first + len(made)
            content = {"type": "alert", "delivery": number, "run": f"R-{run_no}", "at": rows.at, **alert}
            made.append(
                {
                    "delivery_no": number,
                    "webhook_no": webhook,
                    "run_no": run_no,
                    "content": json.dumps(content, sort_keys=True),
                    "state": WAITING,
                    "n_attempts": 0,
                    "last_at": None,
                    "outcome": "",
                }
            )
    rows.insert("deliveries", *made)


def read_deliveries(rows: Reading, state: str | None = None) -> list[Delivery]:
    """Read deliveries in order, of one state or all."""
    found = rows.rows("deliveries", **({"state": state} if state else {}))
    return [Delivery(**_named(row)) for row in found]


def record_outcomes(rows: Writing, outcomes: Iterable[Outcome]) -> None:
    """Record what came of sending; what did not arrive waits for the next update, up to MOST_ATTEMPTS."""
    listed = list(outcomes)
    attempts = {
        row["delivery_no"]: int(row["n_attempts"])
        for row in rows.rows_of("deliveries", "delivery_no", [one.delivery for one in listed])
    }
    n_delivered = sum(one.is_delivered for one in listed)
    rows.append("webhooks.sent", SUBJECT, {"sent": len(listed), "delivered": n_delivered})
    for one in listed:
        n = attempts[one.delivery] + 1
        state = DELIVERED if one.is_delivered else FAILED if n >= MOST_ATTEMPTS else WAITING
        changes = {"state": state, "n_attempts": n, "last_at": rows.at, "outcome": one.text}
        rows.update("deliveries", changes, delivery_no=one.delivery)


def _named(row: Row) -> dict[str, Any]:
    given = {"number": row["delivery_no"], "webhook": row["webhook_no"], "last_at": row["last_at"] or ""}
    return given | {name: row[name] for name in ("run_no", "content", "state", "n_attempts", "outcome")}
