"""Columns of a source -> SQL of the staged table: each cell by its role, and the first fault of each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import InputError
from graphlink.core.sql import SqlText, quoted_text
from graphlink.engine.nested_types import is_list, struct_fields
from graphlink.ingest.sources.cells import arrived
from graphlink.ingest.sources.columns import Columns, check_type, missing_message
from graphlink.ingest.sources.faults import FAULTS
from graphlink.ingest.sources.picks import pick_sql
from graphlink.ingest.sources.roles import (
    CELLS,
    IDENTIFIERS,
    UNREADABLE,
    listed_column,
    plain_column,
    respelled_sql,
)
from graphlink.kinds.spelling import json_number_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.ingest.sources.objects import Key
    from graphlink.ingest.sources.place import ColumnSpec, Place


class TypedColumns(NamedTuple):
    """The columns to read from a source: SQL of each cell, and the faults.

    Attributes:
        cells: SQL of each column, made of the cells that arrived.
        names: The columns.
        faults: The faults, in terms of the columns made.
        respelled: SQL of the account as it was written, where it was written otherwise.
        plain: SQL of the column whether the account needs no cleaning; empty without an account.
        listed: SQL of the column whether the account is a placeholder; empty without an account.
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


Fault = tuple[str, str, str, str]  # SQL: condition, reason, column at fault, text at fault


def typed_columns(
    place: Place,
    specs: Sequence[ColumnSpec],
    columns: Columns,
    where: str,
    missing: set[str],
    keys: Mapping[str, Key] | None = None,
) -> TypedColumns:
    """The columns as they are staged, of JSON by its keys; raises for a missing, repeated or unusable one."""
    typed = TypedColumns([], [spec.name for spec in specs], [], "NULL", "", "")
    if keys:
        typed.faults.append(("json_fault IS NOT NULL", "json_fault", "NULL::VARCHAR", "NULL"))
    for spec in specs:
        kind, sql = columns.get(spec.column, ("", "NULL::VARCHAR"))
        if not kind:
            if spec.is_needed:
                nested = [f"{name}.{field}" for name, (k, _) in columns.items() for field in struct_fields(k)]
                raise InputError(missing_message(spec.column, list(columns), where, nested))
            missing.add(spec.column)
            kind = "VARCHAR"
        made = f"{_MADE}{spec.name}"
        if spec.pick:
            kind, sql = _as_text(kind, sql)
        check_type(place, spec, kind, where)
        kind, sql, fault, reason = arrived(kind, sql, is_account=spec.role == "account")
        if fault and spec.role == "fact":
            sql = f"CASE WHEN {fault} THEN '{UNREADABLE}' ELSE {sql} END"
        elif fault:
            typed.faults.append((fault, quoted_text(reason), quoted_text(spec.column), "NULL"))
        key = (keys or {}).get(spec.column)
        sql = pick_sql(sql, spec.pick) if spec.pick and kind == "VARCHAR" else sql
        if key and spec.role not in ("time", "any_time", "count", "fact"):
            sql = json_number_sql(sql, key.is_text) if spec.role in IDENTIFIERS else sql
            is_nested = f"left({made}, 1) IN ('{{', '[') AND {key.is_nested}"
            typed.faults.append((is_nested, "'nested_value'", quoted_text(spec.column), "NULL"))
        typed.cells.append(f"{CELLS[spec.role](place, made, sql, kind)} AS {made}")
        faults = FAULTS[spec.role](place, made, sql) if spec.role in FAULTS else []
        column = quoted_text(spec.column)
        typed.faults.extend(
            (condition, reason if isinstance(reason, SqlText) else quoted_text(reason), column, text)
            for condition, reason, text in faults
        )
        if spec.role == "account":
            typed = typed._replace(
                respelled=respelled_sql(made, sql, kind),
                plain=plain_column(made, sql, kind),
                listed=listed_column(place, made),
            )
    return typed


def _as_text(kind: str, sql: str) -> tuple[str, str]:
    """A column of lists as text, of which one value is taken."""
    if is_list(kind):
        return "VARCHAR", f"to_json({sql})::VARCHAR"
    return ("VARCHAR", f"json_extract_string({sql}, '$')") if kind == "JSON" else (kind, sql)


_NO_FAULT = [("false", "NULL::VARCHAR", "NULL", "NULL")]


def first_fault(faults: list[Fault]) -> str:
    """SQL of the column with the number of the first fault of a row; null without one."""
    # Conditions are tried once per row, and few rows have a fault.
    cases = " ".join(f"WHEN {fault[0]} THEN {i}" for i, fault in enumerate(faults or _NO_FAULT))
    return f"CASE {cases} END AS graphlink_fault"


def fault_cells(faults: list[Fault], respelled: str) -> list[str]:
    """The first fault of each row, by its number, as its reason, its column and the text at fault."""
    cells = []
    for place, name in enumerate(("fault", "fault_column", "raw_text"), 1):
        cases = " ".join(f"WHEN {i} THEN {fault[place]}" for i, fault in enumerate(faults or _NO_FAULT))
        text = f"left(CASE graphlink_fault {cases} END, 300)"
        otherwise = respelled if name == "raw_text" else "NULL"
        cells.append(f"CASE WHEN graphlink_fault IS NOT NULL THEN {text} ELSE {otherwise} END AS {name}")
    return cells
