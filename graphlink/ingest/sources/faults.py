"""Faults of cells: conditions on what was made of a cell, each with its reason and the text at fault."""

from __future__ import annotations

from graphlink.core.sql import SqlText
from graphlink.ingest.sources.roles import LISTED, PLAIN, Reading
from graphlink.ingest.sources.times import any_time_faults, time_faults
from graphlink.kinds.placeholders import reason_sql
from graphlink.kinds.spelling import lost_digits_sql

LONGEST_ACCOUNT = 512  # characters


MOST_TIMES = 10**9  # a count above this is no count; nine billion such rows add up within 64 bits


_Faults = list[tuple[str, str, str]]


def _account_faults(_: Reading, made: str, __: str) -> _Faults:
    is_control = f"NOT {made}{PLAIN} AND regexp_matches({made}, '[\\x00-\\x1f\\x7f-\\x9f]')"
    return [
        (f"{made} IS NULL", "null_account", "NULL"),
        (f"length({made}) > {LONGEST_ACCOUNT}", "account_too_long", "NULL"),
        (is_control, "control_character", "NULL"),
        (f"{made}{LISTED}", SqlText(reason_sql(made)), made),
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
