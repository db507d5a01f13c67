"""A source -> its staged table and the query of its cells: long by a column of kinds, or wide by columns."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.core.errors import InputError, SettingsError
from graphlink.core.sql import quoted_text
from graphlink.engine import number
from graphlink.ingest.observations.call_facts import fact_cells, fact_specs
from graphlink.ingest.observations.intake import MOST_KINDS, Cells, Intake, ReadSource, too_many_kinds
from graphlink.ingest.observations.lookups import look_up_accounts, remake_staged
from graphlink.ingest.observations.places import place_of
from graphlink.ingest.sources.place import ColumnSpec
from graphlink.ingest.sources.rows import rows_table
from graphlink.ingest.sources.stage import stage
from graphlink.kinds import UncleanValue

if TYPE_CHECKING:
    from graphlink.core.settings import Source
    from graphlink.ingest.sources.staged import Staged


def read_source(intake: Intake, number_: int, source: Source, frame: object) -> ReadSource:
    """Stage a source and number its kinds.

    Raises:
        InputError: It can't be read, or lacks a column.
        SettingsError: A kind of the settings has no name.
    """
    # The names seen_at and n are defaults, so these columns have to be there only under another name.
    specs = [
        ColumnSpec("account", source.account, "account"),
        ColumnSpec("seen_at", source.time, "time", is_needed=source.time not in ("", "seen_at")),
        *([ColumnSpec("until_at", source.until, "time")] if source.until else []),
        *([ColumnSpec("moments", source.moments, "count")] if source.moments else []),
        ColumnSpec("n", source.count_column, "count", is_needed=bool(source.count)),
    ]
    if source.kinds:
        specs += [
            ColumnSpec(f"v{i}", column, "value", pick=source.picks.get(kind, ""))
            for i, (kind, column) in enumerate(source.columns.items())
        ]
    elif not source.facts:
        specs.append(ColumnSpec("kind", source.kind, "needed_text"))
        specs.append(ColumnSpec("value", source.value, "needed_value"))
    specs += fact_specs(source)
    place = dataclasses.replace(place_of(source, frame, intake.settings), left_out=intake.files_read(number_))
    staged = stage(intake.engine, place, specs, f"staged_{number_}")
    look_up_accounts(intake, staged, source)
    _reject_spans(intake, staged, source)
    intake.warnings += staged.warnings
    if source.time in staged.missing - {""}:
        intake.warnings.append(
            f"{staged.name}: no column {source.time!r}, so its observations have no time; name the column in "
            'graphlink.toml, or set time = "" when there is none'
        )
    if source.kinds or source.facts:
        return _wide_cells(intake, staged, source)
    return _long_cells(intake, staged, source)


def _wide_cells(intake: Intake, staged: Staged, source: Source) -> ReadSource:
    cells = []
    for i, (name, column) in enumerate(source.columns.items()):
        try:
            kind_no = intake.number_of(name, staged.name)
        except UncleanValue as error:
            raise SettingsError(f"{staged.name}: kinds.{name}: {error.remedy}") from error
        held = f"{staged.row} AS row, account, {kind_no} AS kind_no, v{i} AS value"
        queries = [
            f"SELECT {held}, {moment} FROM {staged.table} WHERE fault IS NULL AND v{i} <> ''{condition}"
            for moment, condition in _moments(source)
        ]
        cells.append(Cells(queries[0], kind_no, column, *queries[1:]))
    return ReadSource(staged, cells, facts=fact_cells(intake, staged, source))


def _moments(source: Source, table: str = "") -> list[tuple[str, str]]:
    """SQL of the time and the count of a row, and of a row that stands for several again of its last time."""
    seen, until, n = f"{table}seen_at", f"{table}until_at", f"{table}n"
    if not source.until:
        return [(f"{seen} AS seen_at, {n} AS n", "")]
    moments = f"greatest({table}moments - 2, 0)" if source.moments else "0::BIGINT"
    is_span = f"coalesce({until} > {seen}, false)"
    n_first = f"CASE WHEN {is_span} THEN greatest({n}, 2) - 1 ELSE {n} END"
    first = f"coalesce({seen}, {until}) AS seen_at, {n_first} AS n, {moments} AS n_between"
    return [(first, ""), (f"{until} AS seen_at, 1::BIGINT AS n, 0::BIGINT AS n_between", f" AND {is_span}")]


def _reject_spans(intake: Intake, staged: Staged, source: Source) -> None:
    """Give the rows that end before they begin their fault."""
    if not source.until:
        return
    engine = intake.engine
    is_wrong = "s.fault IS NULL AND coalesce(s.until_at < s.seen_at, false)"
    made = {
        "fault": f"CASE WHEN {is_wrong} THEN 'until_before_time' ELSE s.fault END",
        "fault_column": f"CASE WHEN {is_wrong} THEN {quoted_text(source.until)} ELSE s.fault_column END",
    }
    remake_staged(engine, staged, made)


def _long_cells(intake: Intake, staged: Staged, source: Source) -> ReadSource:
    """Give each kind its number, which replaces its name in every statement."""
    engine, table = intake.engine, f"{staged.table}_kinds"
    where = f"{staged.name}, column {source.kind!r}"
    distinct = f"SELECT DISTINCT kind FROM {staged.table} WHERE fault IS NULL"
    kinds = engine.rows(f"{distinct} LIMIT {MOST_KINDS + 1}")
    if len(kinds) > MOST_KINDS:
        raise InputError(too_many_kinds(number(engine, f"SELECT count(*) FROM ({distinct})"), where))
    names: list[tuple[str, int | None, str | None, str | None]] = []
    for raw in sorted(str(row[0]) for row in kinds):
        try:
            names.append((raw, intake.number_of(raw, where), None, None))
        except UncleanValue as error:
            names.append((raw, None, error.reason, error.remedy))
    types = (pa.string(), pa.int32(), pa.string(), pa.string())
    engine.load(table, rows_table(("raw", "kind_no", "reason", "remedy"), types, names))
    rows = f"FROM {staged.table} s JOIN {table} k ON k.raw = s.kind WHERE s.fault IS NULL"
    cells = [
        f"SELECT s.{staged.row} AS row, s.account, k.kind_no, s.value, {moment} {rows} AND k.reason IS NULL"
        f"{condition}"
        for moment, condition in _moments(source, "s.")
    ]
    bad_kinds = (
        f"SELECT s.{staged.row} AS row, {quoted_text(source.kind)} AS column_name, k.reason, "
        f"s.kind AS raw_text, k.remedy {rows} AND k.reason IS NOT NULL"
    )
    return ReadSource(staged, [Cells(cells[0], None, source.value, *cells[1:])], bad_kinds)
