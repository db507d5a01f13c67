"""Columns of a source -> SQL of the staged table: each cell by its role, and the first fault of each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import InputError
from graphlink.core.sql import SqlText, quoted_text
from graphlink.ingest.sources.cells import arrived
from graphlink.ingest.sources.columns import Columns, check_type, missing_message
from graphlink.ingest.sources.faults import FAULTS
from graphlink.ingest.sources.roles import CELLS, IDENTIFIERS, listed_column, plain_column, respelled_sql
from graphlink.kinds.spelling import json_number_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.ingest.sources.objects import Key
    from graphlink.ingest.sources.place import Place, Wanted


class TypedColumns(NamedTuple):
    """The columns of a source as they are wanted: SQL of each cell, and what is at fault where.

    Attributes:
        cells: SQL of each column, made of the cells that arrived.
        names: The columns.
        faults: What is at fault where, in terms of the columns made.
        respelled: SQL of the account as it was written, where it was written otherwise.
        plain: SQL of the column that says whether the account needs no spelling; empty without an account.
        listed: SQL of the column that says whether the account is a placeholder; empty without an account.
    """

    cells: list[str]
    names: list[str]
    faults: list[Fault]
    respelled: str
    plain: str
    listed: str

    def select(self, source: str, further: str = "") -> str:
        """The query of the staged table from a source with the column `graphlink_part`.

        Each cell is made once, before the faults are looked for in what was made.
        """
        outer = [f"{_MADE}{name} AS {name}" for name in self.names]
        outer += ["graphlink_part AS file", *fault_cells(self.faults, self.respelled)]
        if self.plain:
            source = f"(SELECT *, {self.plain} FROM {source})"
        made = f"SELECT *, {', '.join(self.cells)} FROM {source}"
        if self.listed:
            made = f"SELECT *, {self.listed} FROM ({made})"
        return f"SELECT {', '.join(outer)}{further} FROM (SELECT *, {first_fault(self.faults)} FROM ({made}))"


_MADE = "graphlink_made_"


Fault = tuple[str, str, str, str]  # SQL: condition, reason, column at fault, text found


def typed_columns(
    place: Place,
    wanted: Sequence[Wanted],
    columns: Columns,
    where: str,
    missing: set[str],
    keys: Mapping[str, Key] | None = None,
) -> TypedColumns:
    """What is made of the columns, of JSON by its keys; names a missing, repeated or unusable one."""
    typed = TypedColumns([], [want.name for want in wanted], [], "NULL", "", "")
    if keys:
        typed.faults.append(("json_fault IS NOT NULL", "json_fault", "NULL::VARCHAR", "NULL"))
    for want in wanted:
        kind, sql = columns.get(want.column, ("", "NULL::VARCHAR"))
        if not kind:
            if want.is_needed:
                nested = [
                    f"{name}.{want.column.partition('.')[2]}"
                    for name, (k, _) in columns.items()
                    if k.startswith("STRUCT")
                ]
                raise InputError(missing_message(want.column, list(columns), where, nested))
            missing.add(want.column)
            kind = "VARCHAR"
        check_type(place, want, kind, where)
        made = f"{_MADE}{want.name}"
        kind, sql, fault, reason = arrived(kind, sql, is_account=want.role == "account")
        if fault:
            typed.faults.append((fault, quoted_text(reason), quoted_text(want.column), "NULL"))
        key = (keys or {}).get(want.column)
        if key and want.role not in ("time", "any_time", "count"):
            sql = json_number_sql(sql, key.is_text) if want.role in IDENTIFIERS else sql
            is_nested = f"left({made}, 1) IN ('{{', '[') AND {key.is_nested}"
            typed.faults.append((is_nested, "'nested_value'", quoted_text(want.column), "NULL"))
        typed.cells.append(f"{CELLS[want.role](place, made, sql, kind)} AS {made}")
        faults = FAULTS[want.role](place, made, sql) if want.role in FAULTS else []
        column = quoted_text(want.column)
        typed.faults.extend(
            (condition, reason if isinstance(reason, SqlText) else quoted_text(reason), column, found)
            for condition, reason, found in faults
        )
        if want.role == "account":
            typed = typed._replace(
                respelled=respelled_sql(made, sql, kind),
                plain=plain_column(made, sql, kind),
                listed=listed_column(place, made),
            )
    return typed


_NO_FAULT = [("false", "NULL::VARCHAR", "NULL", "NULL")]


def first_fault(faults: list[Fault]) -> str:
    """SQL of the column with the number of the first fault of a row; null without one."""
    # Conditions are tried once per row, and few rows have a fault to tell.
    cases = " ".join(f"WHEN {told[0]} THEN {i}" for i, told in enumerate(faults or _NO_FAULT))
    return f"CASE {cases} END AS graphlink_fault"


def fault_cells(faults: list[Fault], respelled: str) -> list[str]:
    """The first fault of each row, by its number, as its reason, its column and what was found."""
    cells = []
    for place, name in enumerate(("fault", "fault_column", "found"), 1):
        cases = " ".join(f"WHEN {i} THEN {told[place]}" for i, told in enumerate(faults or _NO_FAULT))
        text = f"left(CASE graphlink_fault {cases} END, 300)"
        otherwise = respelled if name == "found" else "NULL"
        cells.append(f"CASE WHEN graphlink_fault IS NOT NULL THEN {text} ELSE {otherwise} END AS {name}")
    return cells
