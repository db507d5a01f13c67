"""Cells of a source -> SQL of those of the staged table, by role and type, and what is at fault in one.

The roles: account, time, any_time (which may be to come), count, value and needed_value (of an identifier),
text and needed_text (of anything else). What numbers and spellings become is stated in `graphlink.spelling`,
which accounts name nobody in `graphlink.placeholders`; values are held against that list where they are
cleaned, by their kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphlink.placeholders import among_sql, listed_sql, reason_sql
from graphlink.spelling import (
    EXACT,
    account_sql,
    count_sql,
    lost_digits_sql,
    number_sql,
    plain_sql,
)
from graphlink.sql import Sql
from graphlink.times import (
    NUMBER,
    WHOLE,
    Clock,
    any_time_faults,
    sure_time,
    time_cell,
    time_faults,
)

LONGEST_ACCOUNT = 512  # characters
MOST_TIMES = 10**9  # a count above this is no count; nine billion such rows add up within 64 bits


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
}

# --- cells -------------------------------------------------------------------------------------------------


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
"""The roles of cells whose numbers may stand for text."""
CELLS = {
    "account": _account_cell,
    "time": _time_cell,
    "any_time": _time_cell,
    "count": _count_cell,
    "text": _text_cell,
    "needed_text": _text_cell,
    "value": _value_cell,
    "needed_value": _value_cell,
}


def respelled_sql(made: str, sql: str, kind: str) -> str:
    """SQL of an account as it was written, where that is not what was made of it; else null."""
    return f"CASE WHEN {made} <> {sql} THEN {sql} END" if kind == "VARCHAR" else "NULL"


PLAIN = "_is_plain"


def plain_column(made: str, sql: str, kind: str) -> str:
    """SQL of the column that says whether an account is one as it stands, which most cells are."""
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


# --- faults: conditions on what was made, each with its reason and the text found --------------------------

_Faults = list[tuple[str, str, str]]


def _account_faults(_: Reading, made: str, __: str) -> _Faults:
    is_control = f"NOT {made}{PLAIN} AND regexp_matches({made}, '[\\x00-\\x1f\\x7f-\\x9f]')"
    return [
        (f"{made} IS NULL", "null_account", "NULL"),
        (f"length({made}) > {LONGEST_ACCOUNT}", "account_too_long", "NULL"),
        (is_control, "control_character", "NULL"),
        (f"{made}{LISTED}", Sql(reason_sql(made)), made),
        (f"NOT {made}{PLAIN} AND {lost_digits_sql(made)}", "lost_digits", made),
    ]


def _text_faults(_: Reading, made: str, __: str) -> _Faults:
    return [(f"coalesce({made}, '') = ''", "null_value", "NULL")]


def _count_faults(_: Reading, made: str, sql: str) -> _Faults:
    return [(f"coalesce({made}, 0) NOT BETWEEN 1 AND {MOST_TIMES}", "bad_count", f"{sql}::VARCHAR")]


FAULTS = {
    "account": _account_faults,
    "time": time_faults,
    "any_time": any_time_faults,  # may be to come, as the closing of an account
    "count": _count_faults,
    "needed_text": _text_faults,
    "needed_value": _text_faults,
}

# --- cells that every engine makes alike -------------------------------------------------------------------

_UNSURE = ("false", "NULL::VARCHAR")


def sure_cell(reading: Reading, role: str, cell: str, kind: str) -> tuple[str, str]:
    """SQL that all engines take alike: where it is sure what is made of a cell, and what that is."""
    if role.endswith("time"):
        return sure_time(reading, cell, kind)
    is_exact = f"{cell} = floor({cell}) AND abs({cell}) < {EXACT[kind]}" if kind in EXACT else "true"
    if role == "count":
        return _sure_count(cell, kind, is_exact)
    if role == "account":
        return _sure_account(reading, cell, kind, is_exact)
    if kind == "VARCHAR":
        return ("true" if role in ("text", "value") else f"{cell} <> ''"), cell
    return (is_exact, _WHOLE_TEXT.format(cell)) if kind in (*WHOLE, *EXACT) else _UNSURE


_WHOLE_TEXT = "{}::BIGINT::VARCHAR"


def _sure_count(cell: str, kind: str, is_exact: str) -> tuple[str, str]:
    if kind == "VARCHAR":
        return f"regexp_full_match({cell}, '[1-9][0-9]{{0,8}}')", f"TRY_CAST({cell} AS BIGINT)"
    if kind not in (*WHOLE, *EXACT):
        return "false", "NULL::BIGINT"
    return f"{cell} BETWEEN 1 AND {MOST_TIMES} AND {is_exact}", f"{cell}::BIGINT"


def _sure_account(reading: Reading, cell: str, kind: str, is_exact: str) -> tuple[str, str]:
    if kind == "VARCHAR":
        # What begins like a number and goes on otherwise, the embedded engine knows more of.
        is_number = f"regexp_full_match({cell}, '[+-]?[0-9]+[.,eE].*')"
        sure = f"regexp_full_match({cell}, '[!-~]+') AND length({cell}) <= {LONGEST_ACCOUNT}"
        sure = f"{sure} AND NOT {is_number} AND NOT {listed_sql(cell)}"
        return f"{sure} AND NOT {among_sql(cell, reading.reject)}", cell
    if reading.reject or kind not in (*WHOLE, *EXACT):
        return _UNSURE
    return f"{cell} > 0 AND {is_exact}", _WHOLE_TEXT.format(cell)  # 0 and -1 are placeholders
