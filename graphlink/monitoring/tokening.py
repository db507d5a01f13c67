"""Tokens of an open workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.arguments import checked
from graphlink.workspace.tokens import Token, make_token, read_tokens, revoke_token

if TYPE_CHECKING:
    from graphlink.monitoring.context import Context


class Tokens:
    """The tokens by which scripts use a workspace over HTTP."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @checked
    def add(self, title: str, *, person: str, role: str, days: int = 90) -> str:
        """Make a token and return it; nobody can read it again.

        Args:
            title: What it is for.
            person: Who acts by it.
            role: Its role.
            days: Days until it ends.

        Raises:
            WorkspaceError: It has no title, person or role, or ends too late.
        """
        with self._context.writing() as rows:
            return make_token(rows, title, person, role, days)

    def all(self) -> list[Token]:
        """All tokens without their secrets, those that ended too."""
        with self._context.reading() as rows:
            return read_tokens(rows)

    @checked
    def revoke(self, number: int) -> None:
        """Revoke a token; it opens nothing from now on.

        Raises:
            WorkspaceError: There is none, or it was revoked already.
        """
        with self._context.writing() as rows:
            revoke_token(rows, number)
