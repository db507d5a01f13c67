"""The work that one request may cause: a budget, and a flag that its answer was given up."""

from __future__ import annotations

from graphlink.core.errors import GraphlinkError

MOST_HOLDERS = 20_000_000
"""Holders of identifiers that one request may go through; about two seconds of one processor."""


class GivenUpError(GraphlinkError):
    """Nobody waits for the answer any longer."""


class Work:
    """Counts the work of one request; long loops call `spend`, if only to learn that nobody waits for them.

    Args:
        most: The budget, in whatever unit the loops count.
    """

    def __init__(self, most: int = MOST_HOLDERS) -> None:
        self.most = most
        self._left = most
        self._is_given_up = False

    def give_up(self) -> None:
        """Stop the work at its next step; called by another thread than the one that works."""
        self._is_given_up = True

    def spend(self, n: int = 0) -> bool:
        """Whether the budget covers further work.

        Raises:
            GivenUpError: The answer was given up.
        """
        if self._is_given_up:
            raise GivenUpError("the answer was given up")
        self._left -= n
        return self._left >= 0
