"""Which accounts the provider closed for abuse, by the words and columns that `accounts.abuse` names.

Accounts close for many reasons, most of them harmless: the holder left, a card expired. Only a closing for
abuse makes a later account of the same cluster a return. The words are matched once, on ingest; every later
step reads the column `is_abuse`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.sql import one_of_sql
from graphlink.engine import number
from graphlink.ingest.sources.place import ColumnSpec
from graphlink.kinds import shown

if TYPE_CHECKING:
    from graphlink.core.settings import AccountSource
    from graphlink.engine import Sql

_MOST_NAMED = 5  # words of the status column in the warning


def abuse_columns(source: AccountSource) -> list[ColumnSpec]:
    """The columns that the words are looked for in, as `abuse0`, `abuse1`, ... of the staged table."""
    is_set = bool(source.abuse)
    return [
        ColumnSpec(f"abuse{i}", column, "text", is_needed=is_set)
        for i, column in enumerate(source.abuse_words)
    ]


def abuse_sql(source: AccountSource, table: str) -> str:
    """SQL of a staged row: true where one of the columns holds one of its words, else false."""
    conditions = []
    for i, words in enumerate(source.abuse_words.values()):
        listed = {word.strip().lower() for word in words}
        conditions.append(one_of_sql(f"lower(trim({table}.abuse{i}))", listed))
    return f"({' OR '.join(conditions)})"


def known_abuse_sql(engine: Sql, table: str) -> str:
    """SQL of `is_abuse` from `account_rows`: null where closings for abuse are not known.

    That is so where no account matches a word and some are closed, or where no account has a state at all:
    a missing word means unknown, not harmless.

    Args:
        engine: Where `account_rows` (closed_at, status, is_abuse) is.
        table: The alias of `account_rows` in the query.
    """
    matched, closed, stated = _counts(engine)
    is_known = matched > 0 or (closed == 0 and stated > 0)
    return f"{table}.is_abuse" if is_known else "NULL::BOOLEAN"


def unmatched_warning(engine: Sql, source: AccountSource, name: str) -> str:
    """The setting to add where accounts are closed and no word means abuse; empty otherwise."""
    matched, closed, _ = _counts(engine)
    if matched or not closed:
        return ""
    words = engine.rows(
        "SELECT status, count(*) AS n FROM account_rows WHERE status IS NOT NULL AND closed_at IS NOT NULL "
        f"GROUP BY status ORDER BY n DESC, status LIMIT {_MOST_NAMED}"
    )
    listed = ", ".join(f"{shown(str(word))!r} ({n})" for word, n in words)
    columns = " or ".join(repr(column) for column in source.abuse_words)
    return (
        f"{name}: {closed} accounts are closed, and none by a word of {columns} that means abuse, so any "
        f"closing may be for abuse; name the words in [accounts] abuse"
        + (f", of these states: {listed}" if listed else ", or the column with the reason")
    )


def _counts(engine: Sql) -> tuple[int, int, int]:
    """How many rows of `account_rows` match a word, are closed, and have any state."""
    return (
        number(engine, "SELECT count(*) FROM account_rows WHERE is_abuse"),
        number(engine, "SELECT count(*) FROM account_rows WHERE closed_at IS NOT NULL"),
        number(engine, "SELECT count(*) FROM account_rows WHERE status IS NOT NULL OR closed_at IS NOT NULL"),
    )
