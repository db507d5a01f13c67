"""A column that was chosen, and from which share on values count as alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphlink.ingest.suggest_settings.preview import Table

MOST = 0.8  # share of the filled values that have to look alike


SOME = 0.25  # share that suffices where the name suggests the same


class Choice(NamedTuple):
    """A column that was chosen.

    Attributes:
        column: Its name; empty where there is none.
        why: How sure that is, or why there is none, for a comment.
        time_format: Of a time.
        kind: Of an identifier.
        pick: Of an identifier, which value of a list in its cells is taken.
    """

    column: str
    why: str
    time_format: str = ""
    kind: str = ""
    pick: str = ""


class LookupTable(NamedTuple):
    """A table that gives the account of each id of another table.

    Attributes:
        table: The table.
        id: Its column of ids, each of which it has once.
        account: Its column of accounts.
    """

    table: Table
    id: str
    account: str


class Chosen(NamedTuple):
    """The columns of a source of observations.

    Attributes:
        account: Its column of accounts.
        time: Its column of times.
        kinds: Its columns of identifiers, by kind.
        long: Its columns of kind and value, where it has one identifier per row.
        lookup: The table that gives the account of each id in the column of accounts.
    """

    account: Choice
    time: Choice
    kinds: dict[str, Choice]
    long: tuple[str, str] | None = None
    lookup: LookupTable | None = None


def share(values: Sequence[str], is_like: Callable[[str], bool]) -> float:
    """The share of values that are like something; zero without values."""
    return sum(1 for value in values if is_like(value)) / len(values) if values else 0.0
