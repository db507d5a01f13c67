"""Parquet at an address and tables of a catalog, read where they are by an engine on several machines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import InputError
from graphlink.core.sql import quoted_text
from graphlink.engine import store_at
from graphlink.ingest.sources.columns import Columns, repeated, warn_of_alike
from graphlink.ingest.sources.picks import is_list_sql
from graphlink.ingest.sources.roles import NOTHING
from graphlink.ingest.sources.sure_cells import sure_cell
from graphlink.ingest.sources.sure_times import between, local_sql, shift_sql
from graphlink.ingest.sources.typed import fault_cells, first_fault, typed_columns
from graphlink.storage.files import address_of
from graphlink.storage.remote import find_stored, unchanged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.engine import Reader, Store
    from graphlink.ingest.sources.place import ColumnSpec, Place
    from graphlink.ingest.sources.staged import Staged

_LISTED_AT_ONCE = 8  # files at an address whose columns are read at the same time


class _Cell(NamedTuple):
    """A column that the source has: its place among those read, and its type."""

    spec: ColumnSpec
    i: int
    kind: str


def stage_stored(engine: Reader, place: Place, specs: Sequence[ColumnSpec], staged: Staged) -> None:
    """Stage Parquet at an address, where it is; the result equals that of the same files on this machine.

    SQL reads most cells exactly as the embedded engine does, where they are. The others (accounts with
    spaces, times in words, bad counts) come to this machine once each, are read by that engine, and go back
    as a table.
    """
    address = address_of(place.path)
    store = store_at(engine, address)
    stored = find_stored(store, address)
    staged.files, staged.inputs, staged.skipped = list(stored.names), stored.inputs(), list(stored.skipped)
    staged.row = "row"
    arriving = f"{staged.table}_arriving"
    with unchanged(store.list_stored, address, stored.files):
        for numbers, columns in _stored_sets(store, [file.path for file in stored.files]):
            paths = [stored.files[i].path for i in numbers]
            where = paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} alike"
            cells = _cells(place, specs, columns, where, staged)
            files = list(zip(numbers, paths, strict=True))
            named = [cell.spec.column for cell in cells]
            staged.is_numbered &= store.read_stored(arriving, files, named)
            _add_arrived(engine, place, specs, cells, staged)


def stage_catalog(engine: Reader, place: Place, specs: Sequence[ColumnSpec], staged: Staged) -> None:
    """Stage a table or query of the catalog of an engine on several machines, where it is.

    Raises:
        InputError: The engine has no catalog, or the table or query can't be read.
    """
    if engine.store is None:
        raise InputError(
            f"{place.name}: a table or query without a path or database is read from Spark's catalog; run "
            "with --engine spark, or name the database or the path beside it"
        )
    source = (place.table, "" if place.table else place.query, place.name)
    found = engine.store.catalog_columns(*source)
    columns = {name: (kind, "raw") for name, kind in found} | repeated([name for name, _ in found])
    staged.files, staged.inputs = [place.name], [{"name": place.name}]
    staged.row, staged.is_numbered = "row", False
    cells = _cells(place, specs, columns, place.name, staged)
    engine.store.read_catalog(f"{staged.table}_arriving", source, [cell.spec.column for cell in cells])
    _add_arrived(engine, place, specs, cells, staged)


def _cells(
    place: Place, specs: Sequence[ColumnSpec], columns: Columns, where: str, staged: Staged
) -> list[_Cell]:
    """The columns to read of those that are there."""
    typed_columns(place, specs, columns, where, staged.missing)  # names a column that can't be used
    staged.columns |= dict.fromkeys(columns)
    warn_of_alike(staged, specs, list(columns))
    there = [spec for spec in specs if spec.column in columns]
    return [_Cell(spec, i, columns[spec.column][0]) for i, spec in enumerate(there)]


def _add_arrived(
    engine: Reader, place: Place, specs: Sequence[ColumnSpec], cells: list[_Cell], staged: Staged
) -> None:
    """Add what arrived to the staged table, every cell typed."""
    arriving = f"{staged.table}_arriving"
    source = _sure_sql(engine, place, cells, arriving)
    read_here = _load_unsure(engine, place, cells, (arriving, source))
    sql = _stored_sql(specs, cells, source, read_here)
    if engine.has(staged.table):
        engine.append(staged.table, sql)
    else:
        engine.make(staged.table, sql)
    engine.drop(arriving, *read_here.values())


def _stored_sets(store: Store, paths: list[str]) -> list[tuple[list[int], Columns]]:
    """Files with the same columns, by their numbers."""
    with ThreadPoolExecutor(_LISTED_AT_ONCE) as listing:
        columns = list(listing.map(store.stored_columns, paths))
    sets: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for i, kinds in enumerate(columns):
        sets.setdefault(tuple(kinds.items()), []).append(i)
    return [(numbers, {name: (kind, "raw") for name, kind in kinds}) for kinds, numbers in sets.items()]


def _sure(place: Place, spec: ColumnSpec, cell: str, kind: str) -> tuple[str, str]:
    """Where SQL is sure of a cell, and what that is; of a list of values the embedded engine takes one."""
    where, made = sure_cell(place, spec.role, cell, kind)
    return (f"({where}) AND NOT {is_list_sql(cell)}" if spec.pick and kind == "VARCHAR" else where), made


def _load_unsure(
    engine: Reader, place: Place, cells: list[_Cell], arrived: tuple[str, str]
) -> dict[int, str]:
    """Make tables of each distinct cell that SQL isn't sure of, as the embedded engine reads it.

    Returns:
        The tables, by the place of their column; of a column without such cells there is none.
    """
    arriving, source = arrived
    tables = {}
    for spec, i, kind in cells:
        if _sure(place, spec, f"c{i}", kind)[0] == "true" and not spec.role.endswith("time"):
            continue
        unsure = engine.arrow(
            f"SELECT DISTINCT c{i} AS raw FROM ({source}) WHERE c{i} IS NOT NULL AND made{i} IS NULL"
        )
        if unsure.num_rows:
            engine.here.load("unsure", unsure)
            typed = typed_columns(place, [spec], {spec.column: (kind, "raw")}, place.name, set())
            made = typed.select("(SELECT *, 0 AS graphlink_part FROM unsure)", ", raw")
            tables[i] = f"{arriving}_{i}"
            rows = engine.here.arrow(f"SELECT raw, {spec.name} AS made, fault, raw_text FROM ({made})")
            engine.load(tables[i], rows)
            engine.here.drop("unsure")
    return tables


def _stored_sql(
    specs: Sequence[ColumnSpec], cells: list[_Cell], source: str, read_here: dict[int, str]
) -> str:
    """The query of the staged table: the cells that SQL is sure of, and the others as they were read here."""
    columns: list[str] = []
    joins = "".join(f" LEFT JOIN {table} t{i} ON t{i}.raw = s.c{i}" for i, table in read_here.items())
    known = {spec.name: i for spec, i, _ in cells}
    for k, spec in enumerate(specs):
        nothing, fault = NOTHING[spec.role]
        i = known.get(spec.name)
        made, of_made, raw_text = nothing, "NULL::VARCHAR", "NULL::VARCHAR"
        if i is not None:
            made = f"s.made{i}"
            if i in read_here:
                made, of_made, raw_text = f"coalesce(s.made{i}, t{i}.made)", f"t{i}.fault", f"t{i}.raw_text"
            made = f"CASE WHEN s.c{i} IS NULL THEN {nothing} ELSE {made} END"
            fault = f"CASE WHEN s.c{i} IS NULL THEN {fault} ELSE {of_made} END"
        columns += [f"{made} AS w{k}", f"{fault} AS f{k}", f"{raw_text} AS x{k}"]
    faults = [(f"f{k} IS NOT NULL", f"f{k}", quoted_text(w.column), f"x{k}") for k, w in enumerate(specs)]
    outer = [f"w{k} AS {spec.name}" for k, spec in enumerate(specs)]
    respelled = next((f"x{k}" for k, spec in enumerate(specs) if spec.role == "account"), "NULL")
    outer += ["part::INTEGER AS file", *fault_cells(faults, respelled), "row"]
    inner = f"SELECT s.part, s.row, {', '.join(columns)} FROM ({source}) s{joins}"
    return f"SELECT {', '.join(outer)} FROM (SELECT *, {first_fault(faults)} FROM ({inner}))"


def _sure_sql(engine: Reader, place: Place, cells: list[_Cell], arriving: str) -> str:
    """The query of the rows with `made0` and so on: cells without fault, null where SQL isn't sure."""
    sure = {i: _sure(place, spec, f"c{i}", kind) for spec, i, kind in cells}
    inner = [f"CASE WHEN {where} THEN {cell} END AS sure{i}" for i, (where, cell) in sure.items()]
    source = f"SELECT *, {', '.join(inner)} FROM {arriving}"
    outer = []
    for spec, i, kind in cells:
        made = f"sure{i}"
        if spec.role.endswith("time"):
            local = local_sql(place, f"c{i}", kind)
            if place.time_zone != "UTC" and local != "false":
                made = f"CASE WHEN {local} THEN {shift_sql(engine, place, made, source)} ELSE {made} END"
            latest = place.latest if spec.role == "time" else "9999-12-31"
            made = f"CASE WHEN {between(made, place.earliest, latest)} THEN {made} END"
        outer.append(f"{made} AS made{i}")
    return f"SELECT *, {', '.join(outer)} FROM ({source})"
