"""Webhooks of an open workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.arguments import checked
from graphlink.monitoring.sending import secret_of
from graphlink.workspace.webhooks import (
    Delivery,
    Webhook,
    add_webhook,
    read_deliveries,
    read_webhooks,
    remove_webhook,
)

if TYPE_CHECKING:
    from graphlink.monitoring.context import Context


class Webhooks:
    """Where a workspace sends its alerts; each update sends what waits."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @checked
    def add(self, url: str, *, secret_from: str, allow_private: bool = False) -> int:
        """Add a webhook and return its number.

        Args:
            url: The address, with https.
            secret_from: Where its secret is, `env:NAME` or `file:/PATH`; it signs what is sent.
            allow_private: Whether addresses of private networks are allowed, and http.

        Raises:
            WorkspaceError: The address is none that is taken, or there is no secret.
        """
        with self._context.writing() as rows:
            number = add_webhook(rows, url, secret_from, is_private=allow_private)
            secret_of(secret_from)
            return number

    def all(self) -> list[Webhook]:
        """All webhooks, those that were removed too."""
        with self._context.reading() as rows:
            return read_webhooks(rows)

    @checked
    def remove(self, number: int) -> None:
        """Send nothing to a webhook any more.

        Raises:
            WorkspaceError: There is none.
        """
        with self._context.writing() as rows:
            remove_webhook(rows, number)

    def deliveries(self) -> list[Delivery]:
        """What was sent or waits, in order."""
        with self._context.reading() as rows:
            return read_deliveries(rows)
