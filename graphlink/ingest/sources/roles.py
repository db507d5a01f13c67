"""Cells of a source -> SQL of those of the staged table, by role and type.

The roles: account, time, any_time (which may be to come), count, value and needed_value (of an identifier),
text and needed_text (of anything else), fact (text that is never at fault: what can't be read of it becomes
`UNREADABLE`, so that a row keeps its identifiers). What numbers and spellings become is stated in
`graphlink.kinds.spelling`, which accounts name nobody in `graphlink.kinds.placeholders`; values are compared
with that list where they are cleaned, by their kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphlink.ingest.sources.times import NUMBER, Clock, time_cell
from graphlink.kinds.placeholders import among_sql, listed_sql
from graphlink.kinds.spelling import account_sql, count_sql, number_sql, plain_sql


@dataclass(frozen=True, slots=True)
class Reading(Clock):
    """How the cells of a source are read: its times, and the accounts that the settings keep and reject.

    Attributes:
        keep: Accounts that are kept although the list rejects them, in lower case.
        reject: Accounts that are rejected too, in lower case.
    """

    keep: frozenset[str] = frozenset()
    reject: frozenset[str] = frozenset()


NOTHING = {  # what is made of an empty cell, and its fault
    "account": ("NULL::VARCHAR", "'null_account'"),
    "time": ("NULL::TIMESTAMPTZ", "NULL::VARCHAR"),
    "any_time": ("NULL::TIMESTAMPTZ", "NULL::VARCHAR"),
    "count": ("1::BIGINT", "NULL::VARCHAR"),
    "text": ("NULL::VARCHAR", "NULL::VARCHAR"),
    "needed_text": ("NULL::VARCHAR", "'null_value'"),
    "value": ("NULL::VARCHAR", "NULL::VARCHAR"),
    "needed_value": ("NULL::VARCHAR", "'null_value'"),
    "fact": ("NULL::VARCHAR", "NULL::VARCHAR"),
}
UNREADABLE = "\ufffd"
"""What stands for a fact that is no text: Unicode's replacement character."""


def _account_cell(_: Reading, made: str, sql: str, kind: str) -> str:
    if NUMBER.fullmatch(kind):
        return number_sql(sql, kind)
    return f"nullif({account_sql(_text_of(sql, kind), f'{made}{PLAIN}')}, '')"


def _value_cell(_: Reading, __: str, sql: str, kind: str) -> str:
    if NUMBER.fullmatch(kind):
        return number_sql(sql, kind)
    return _text_of(sql, kind)


def _text_cell(_: Reading, __: str, sql: str, kind: str) -> str:
    return number_sql(sql, kind, is_identifier=False) if NUMBER.fullmatch(kind) else _text_of(sql, kind)


def _text_of(sql: str, kind: str) -> str:
    return sql if kind == "VARCHAR" else f"{sql}::VARCHAR"


def _count_cell(_: Reading, __: str, sql: str, kind: str) -> str:
    return count_sql(sql, kind)


def _time_cell(reading: Reading, _: str, sql: str, kind: str) -> str:
    return time_cell(reading, sql, kind)


IDENTIFIERS = ("account", "value", "needed_value")
"""The roles of cells whose numbers may be written as text."""


CELLS = {
    "account": _account_cell,
    "time": _time_cell,
    "any_time": _time_cell,
    "count": _count_cell,
    "text": _text_cell,
    "needed_text": _text_cell,
    "value": _value_cell,
    "needed_value": _value_cell,
    "fact": _text_cell,
}


def respelled_sql(made: str, sql: str, kind: str) -> str:
    """SQL of an account as it was written, where that is not what was made of it; else null."""
    return f"CASE WHEN {made} <> {sql} THEN {sql} END" if kind == "VARCHAR" else "NULL"


PLAIN = "_is_plain"


def plain_column(made: str, sql: str, kind: str) -> str:
    """SQL of the column whether an account needs no cleaning, as in most cells."""
    return f"{plain_sql(sql) if kind == 'VARCHAR' else 'false'} AS {made}{PLAIN}"


LISTED = "_is_listed"


def listed_column(reading: Reading, made: str) -> str:
    """SQL of the column of an account that the fault of a placeholder is read from."""
    is_listed = listed_sql(made, f"{made}{PLAIN}")
    if reading.keep:
        is_listed = f"{is_listed} AND NOT {among_sql(made, reading.keep)}"
    if reading.reject:
        is_listed = f"({is_listed} OR {among_sql(made, reading.reject)})"
    return f"{is_listed} AS {made}{LISTED}"
