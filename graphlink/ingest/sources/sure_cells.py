"""Cells that every engine reads alike: where SQL is sure what is made of one, and what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.ingest.sources.faults import LONGEST_ACCOUNT, MOST_TIMES
from graphlink.ingest.sources.sure_times import sure_time
from graphlink.ingest.sources.times import WHOLE
from graphlink.kinds.placeholders import among_sql, listed_sql
from graphlink.kinds.spelling import EXACT

if TYPE_CHECKING:
    from graphlink.ingest.sources.roles import Reading

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
        return ("true" if role in ("text", "value", "fact") else f"{cell} <> ''"), cell
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
