"""Any source -> a table in the engine: files, frames, tables and queries of databases, every cell typed.

A staged table has one row per row of the source and these columns: `account` (VARCHAR), one column per
wanted time (TIMESTAMPTZ in UTC), `n` (BIGINT), one VARCHAR per further wanted column, `file` (its part of the
source, from 0), and, where a row can't be used, `fault` (a reason code), `fault_column` and `found` (the text
at fault). Of a row that can be used `found` is the account as it was written, where it was written otherwise.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from bisect import bisect_left
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from graphlink.addresses import find_stored, unchanged
from graphlink.cells import arrived
from graphlink.credentials import redacted_repr
from graphlink.databases import Database, load_database
from graphlink.encodings import count_accents, told_encoding
from graphlink.engine import FileSet, number
from graphlink.engine.scratch import Scratch, nameless_file
from graphlink.errors import InputError
from graphlink.files import (
    COMPRESSED,
    address_of,
    digest_file,
    find_files,
    form_of,
    parquet_columns,
    peek_file,
)
from graphlink.frames import arrow_of
from graphlink.objects import Key, flatten_hint, key_sql, objects_sql
from graphlink.quotes import Lines, blank_lines, count_lines, mend_quotes
from graphlink.roles import (
    CELLS,
    FAULTS,
    IDENTIFIERS,
    NOTHING,
    Reading,
    listed_column,
    plain_column,
    respelled_sql,
    sure_cell,
)
from graphlink.spelling import json_number_sql
from graphlink.sql import Sql, quoted_name, quoted_text
from graphlink.time_formats import EPOCHS
from graphlink.times import NUMBER, between, check_times, local_sql, shift_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphlink.engine import Engine, RejectedRow
    from graphlink.files import TextFile


class Wanted(NamedTuple):
    """A column that is asked of a source.

    Attributes:
        name: The column of the staged table.
        column: The column of the source.
        role: What the cells are for (see `graphlink.roles`).
        is_needed: Whether the source has to have it; it is null where it need not and does not.
    """

    name: str
    column: str
    role: str
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Place(Reading):
    """Where a source is, and how its times are told; the part that Source and AccountSource share."""

    path: str = ""
    database: str = ""
    query: str = ""
    frame: object = None

    __repr__ = redacted_repr


class Lost(NamedTuple):
    """A row that could not be read: its part of the source, its number there, the reason, its lines."""

    file: int
    row: int
    reason: str
    n_lines: int = 1


@dataclass
class Staged:
    """A source that was read.

    Attributes:
        table: The staged table.
        name: The source's name in messages.
        files: The parts of the source (files, frame, table) in order, by name.
        inputs: Per part: name, bytes and sha256 (at an address, when it changed), for the manifest.
        rejected: Rows that could not be read.
        skipped: Files that hold no table, with the reason.
        missing: Columns that are not there and are not needed.
        warnings: What people should know of how it was read.
        row: The column of the staged table that counts its rows in order, from 0 in its first part.
        is_numbered: Whether it does; it only tells rows apart where the engine doesn't know their numbers.
        n_rows: Rows read, rejected ones not counted.
    """

    table: str
    name: str
    files: list[str] = field(default_factory=list)
    inputs: list[dict[str, object]] = field(default_factory=list)
    rejected: list[Lost] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    row: str = "rowid"
    is_numbered: bool = True
    n_rows: int = 0


def stage(engine: Engine, place: Place, wanted: Sequence[Wanted], table: str) -> Staged:
    """Read a source into a staged table (see the module).

    Raises:
        InputError: The source can't be read, lacks a column, or a column has a type that can't be used.
        SettingsError: A time zone or format is none.
        EngineError: Memory or disk ran out.
    """
    check_times(engine, place)
    staged = Staged(table, place.name)
    engine.drop(table)
    if place.frame is not None:
        _stage_frame(engine, place, wanted, staged)
    elif place.database:
        _stage_database(engine, place, wanted, staged)
    elif engine.is_distributed and address_of(place.path):
        _stage_stored(engine, place, wanted, staged)
    else:
        _stage_files(engine, place, wanted, staged)
    staged.n_rows = number(engine, f"SELECT count(*) FROM {table}")
    return staged


# --- files -------------------------------------------------------------------------------------------------


def _stage_files(engine: Engine, place: Place, wanted: Sequence[Wanted], staged: Staged) -> None:
    found = find_files(place.path)
    staged.skipped = [(Path(name).name, reason) for name, reason in found.skipped]
    staged.files = _names(found.paths, place.path)
    with ThreadPoolExecutor(1) as beside:
        lines = {
            i: beside.submit(count_lines, path)
            for i, path in enumerate(found.paths)
            if form_of(path) == "csv"
        }
        digests = beside.map(digest_file, found.paths)
        _read_files(engine, place, wanted, staged, found.paths)
        _refuse_other_encodings(staged, found.paths)
        swallowing = _swallowing(engine, staged, {i: told.result() for i, told in lines.items()})
        with contextlib.ExitStack() as held:
            copies = Scratch(engine.folder)
            held.callback(copies.close)
            mended = _mended_copies(found.paths, swallowing, copies.path, held)
            if mended:
                paths = [mended[i].path if i in mended else path for i, path in enumerate(found.paths)]
                engine.drop(staged.table)
                staged.rejected, staged.warnings, staged.missing = [], [], set()
                _read_files(engine, place, wanted, staged, tuple(paths), mended)
        staged.inputs = [
            {"name": name, "bytes": path.stat().st_size, "sha256": digest}
            for name, path, digest in zip(staged.files, found.paths, digests, strict=True)
        ]
    _warn_of_lines(staged)


def _refuse_other_encodings(staged: Staged, paths: Sequence[Path]) -> None:
    """Refuse a file of which only the lines without accents are read; one with a damaged line is none."""
    for i in sorted({row.file for row in staged.rejected if row.reason == "invalid_utf8"}):
        accents = count_accents(paths[i])
        if accents.is_another_encoding:
            raise InputError(told_encoding(paths[i], accents))


def _row_numbers(read: _Set, rejected: Sequence[RejectedRow]) -> list[int]:
    """The number of each rejected row among the rows of its file: lines that are no rows are not counted."""
    files = read.files
    is_csv = files.form == "csv"
    n_header = 1 + files.n_before if is_csv else 0
    blanks: dict[int, list[int]] = {}
    for file in {row.file for row in rejected}:
        # Of a table of one column an empty line is a row without its cell.
        if not is_csv or files.n_columns > 1:
            blanks[file] = blank_lines(Path(files.paths[file]), has_quotes=is_csv)[files.n_before :]
    return [row.line - n_header - bisect_left(blanks.get(row.file, ()), row.at) for row in rejected]


class _MendedFile(NamedTuple):
    """The copy of a file whose stray quotes swallow nothing, with the lines given up by their place."""

    path: Path
    given_up: dict[int, int]


def _read_files(
    engine: Engine,
    place: Place,
    wanted: Sequence[Wanted],
    staged: Staged,
    paths: tuple[Path, ...],
    mended: Mapping[int, _MendedFile] | None = None,
) -> None:
    sets = list(_file_sets(engine, paths))
    late = _late_keys(sets, wanted)
    for made in sets:
        rejected = _read_file_set(engine, place, wanted, staged, made, late)
        numbers = _row_numbers(made, rejected)
        for row, row_number in zip(rejected, numbers, strict=True):
            i = made.first + row.file
            given_up = mended[i].given_up if mended and i in mended else {}
            lost = Lost(i, row_number, row.reason, row.n_lines)
            if row.at in given_up:
                lost = Lost(i, row_number, "broken_quote", given_up[row.at])
            staged.rejected.append(lost)
    _tell_missing_keys(engine, wanted, staged, sets, late)


def _swallowing(engine: Engine, staged: Staged, lines: Mapping[int, Lines]) -> list[int]:
    """The CSV files of which fewer rows were read or rejected than they have lines."""
    if not any(told.has_quotes for told in lines.values()):
        return []
    n_rows = {
        int(str(file)): int(str(n))
        for file, n in engine.rows(f"SELECT file, count(*) FROM {staged.table} GROUP BY file")
    }
    n_rejected = Counter(row.file for row in staged.rejected)
    return [
        i
        for i, told in lines.items()
        if told.has_quotes and told.n_lines - told.n_blank - 1 != n_rows.get(i, 0) + n_rejected[i]
    ]


def _mended_copies(
    paths: Sequence[Path], swallowing: Sequence[int], folder: Path, held: contextlib.ExitStack
) -> dict[int, _MendedFile]:
    """Copies, by the place of their file, that are there as long as `held` is: raw values outlive no run."""
    mended: dict[int, _MendedFile] = {}
    for i in swallowing:
        text = peek_file(paths[i])
        # The name tells the form and the delimiter tried first, so it stays; the copy is not compressed.
        name = paths[i].name
        while Path(name).suffix.lower() in COMPRESSED:
            name = Path(name).stem
        copy = folder / str(i) / name
        copy.parent.mkdir(parents=True)
        with contextlib.ExitStack() as own:
            if len(mended) < _MOST_NAMELESS:
                own.enter_context(nameless_file(copy))
            given_up = mend_quotes(paths[i], text.delimiter, len(text.columns), copy)
            if given_up:
                mended[i] = _MendedFile(copy, {lost.at: lost.n_lines for lost in given_up})
                held.push(own.pop_all())
    return mended


def _warn_of_lines(staged: Staged) -> None:
    """Warn of rejected records that are more than a line each."""
    spans = [row for row in staged.rejected if row.n_lines > 1]
    if spans:
        most = max(spans, key=lambda row: row.n_lines)
        staged.warnings.append(
            f"{staged.name}: {len(spans):,} rejected records span {sum(row.n_lines for row in spans):,} "
            f"lines; the longest, of {most.n_lines:,} lines, is row {most.row:,} of "
            f"{staged.files[most.file]}: look for a quote that is not closed"
        )


def _names(paths: Sequence[Path], told: str) -> list[str]:
    """Names as people know them: where the files are changes nothing, so that is left out."""
    if len(paths) == 1:
        return [paths[0].name]
    folder = Path(told) if Path(told).is_dir() else Path(os.path.commonpath([path.parent for path in paths]))
    return [path.relative_to(folder).as_posix() for path in paths]


_Columns = dict[str, tuple[str, str]]  # column -> its type and the SQL that gives it


class _Look(NamedTuple):
    """What a look at a file tells; files that look alike are read together.

    Attributes:
        form: csv, lines, json or parquet.
        n_columns: Of a csv.
        delimiter: Of a csv.
        columns: Its columns; of JSON none, for a look at its head doesn't show all of them.
        n_before: Of a csv, blank lines before its header.
    """

    form: str
    n_columns: int
    delimiter: str
    columns: _Columns
    n_before: int = 0


class _Set(NamedTuple):
    """Neighbouring files that are read together.

    Attributes:
        first: The number of the first file.
        files: The files.
        columns: Their columns; of JSON the keys that the head of every file shows.
        shown: Of JSON, per file the keys that its head shows.
        nested: Of JSON, dotted paths of what is inside other keys.
    """

    first: int
    files: FileSet
    columns: _Columns
    shown: tuple[frozenset[str], ...] = ()
    nested: tuple[str, ...] = ()

    @property
    def is_json(self) -> bool:
        return self.files.form in ("lines", "json")


def _file_sets(engine: Engine, paths: tuple[Path, ...]) -> Iterator[_Set]:
    """Neighbouring files with the same columns, read together."""
    peeked = {path: peek_file(path) for path in paths if form_of(path) != "parquet"}
    told = [_look(engine, path, peeked.get(path)) for path in paths]
    first = 0
    for i in range(1, len(paths) + 1):
        if i == len(paths) or told[i] != told[first]:
            form, n_columns, delimiter, columns, n_before = told[first]
            names = tuple(str(path) for path in paths[first:i])
            files = FileSet(names, form, n_columns, delimiter, n_before)
            made = _Set(first, files, columns)
            if made.is_json:
                texts = [peeked[path] for path in paths[first:i]]
                shown = tuple(frozenset(text.columns) for text in texts)
                everywhere = [name for name in texts[0].columns if all(name in keys for keys in shown)]
                known = dict.fromkeys(everywhere, ("VARCHAR", ""))
                nested = tuple(dict.fromkeys(path for text in texts for path in text.nested))
                made = _Set(first, files, known, shown, nested)
            yield made
            first = i


def _look(engine: Engine, path: Path, text: TextFile | None) -> _Look:
    if text is None:
        with _naming(str(path), "check that it was copied whole"):
            types = engine.file_columns(path)
        if "file_index" in map(str.lower, types):  # would stand in the way of the engine's own
            raise InputError(f"{path}: a column is named file_index; rename it")
        # The engine renames columns that repeat a name.
        names = parquet_columns(path)
        columns = {
            name: (kind, quoted_name(own)) for name, (own, kind) in zip(names, types.items(), strict=True)
        }
        return _Look("parquet", 0, ",", columns | _repeated(names))
    if text.form != "csv":
        return _Look(text.form, 0, ",", {})
    columns = {name: ("VARCHAR", f"c{i}") for i, name in enumerate(text.columns)} | _repeated(text.columns)
    return _Look("csv", len(text.columns), text.delimiter, columns, text.n_before)


def _repeated(names: Sequence[str]) -> _Columns:
    return {name: ("REPEATED", "NULL") for name, n in Counter(names).items() if n > 1}


def _read_file_set(
    engine: Engine, place: Place, wanted: Sequence[Wanted], staged: Staged, found: _Set, late: Sequence[str]
) -> list[RejectedRow]:
    """Read neighbouring files; whether a late key of JSON was there is noted in `told_0` and so on."""
    first, files, columns = found.first, found.files, found.columns
    where = _where(files)
    said = " WHERE line IS NOT NULL" if found.is_json else ""
    source = f"(SELECT *, ({first} + graphlink_file)::INTEGER AS graphlink_part FROM arriving{said})"
    _warn_of_alike(staged, wanted, sorted(set(columns).union(*found.shown)))
    told = ["NULL::BOOLEAN"] * len(late)
    keys: dict[str, Key] = {}
    if found.is_json:
        named = list(dict.fromkeys(want.column for want in wanted if want.column))
        keys = {name: key_sql(i, name) for i, name in enumerate(named)}
        columns = {name: ("VARCHAR", key.cell) for name, key in keys.items()}
        told = [keys[name].is_there for name in late]
        source = objects_sql(source, named)
    typed = _typed(place, wanted, columns, where, staged.missing, keys)
    sql = typed.select(source, "".join(f", {sql} AS told_{i}" for i, sql in enumerate(told)))
    with _naming(where, "check that it was copied whole and holds what its name says"):
        return engine.read_files(staged.table, files, sql)


def _where(files: FileSet) -> str:
    return files.paths[0] if len(files.paths) == 1 else f"{files.paths[0]} and {len(files.paths) - 1} alike"


def _late_keys(sets: Sequence[_Set], wanted: Sequence[Wanted]) -> list[str]:
    """The wanted keys that the head of some JSON file doesn't show."""
    named = dict.fromkeys(want.column for want in wanted if want.column)
    return [name for name in named if any(made.is_json and name not in made.columns for made in sets)]


def _tell_missing_keys(
    engine: Engine, wanted: Sequence[Wanted], staged: Staged, sets: Sequence[_Set], late: Sequence[str]
) -> None:
    """Say which of the keys no record had, and which only some files have.

    Raises:
        InputError: A key that is needed is in no record of the JSON files.
    """
    json_sets = [made for made in sets if made.is_json]
    if not late or not json_sets:
        return
    columns = ", ".join(f"bool_or(told_{i})" for i in range(len(late)))
    had = {
        int(str(file)): flags
        for file, *flags in engine.rows(f"SELECT file, {columns} FROM {staged.table} GROUP BY file")
    }
    shown = {made.first + i: keys for made in json_sets for i, keys in enumerate(made.shown)}
    read = [number for number in shown if number in had]  # a file without rows says nothing
    for i, name in enumerate(late):
        without = [number for number in read if name not in shown[number] and had[number][i] is not True]
        if not without:
            continue
        if len(without) == len(read):
            first = json_sets[0]
            if any(want.column == name and want.is_needed for want in wanted):
                keys = sorted(set().union(*first.shown))
                raise InputError(_told_missing(name, keys, _where(first.files), first.nested))
            staged.missing.add(name)
        else:
            staged.warnings.append(
                f"{staged.name}: {len(without):,} of {len(read):,} files, such as "
                f"{staged.files[without[0]]}, have no key {name!r}; their rows were read without it"
            )


@contextlib.contextmanager
def _naming(where: str, mend: str) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        told = str(error)
        raise InputError(f"{told if told.startswith(where) else f'{where}: {told}'}; {mend}") from None


# --- frames ------------------------------------------------------------------------------------------------


def _stage_frame(engine: Engine, place: Place, wanted: Sequence[Wanted], staged: Staged) -> None:
    told = _in_microseconds(arrow_of(place.frame, place.name))
    names = told.column_names
    arrow = _numbered(told.rename_columns([f"c{i}" for i in range(len(names))]))
    arriving = f"{staged.table}_arriving"
    engine.here.load(arriving, arrow)
    types = engine.here.columns(arriving)
    columns = {name: (types[f"c{i}"], f"c{i}") for i, name in enumerate(names)} | _repeated(names)
    _stage_table(engine, place, wanted, staged, columns)
    digest = hashlib.sha256()
    for batch in arrow.to_batches():
        digest.update(batch.serialize())
    staged.inputs = [{"name": place.name, "bytes": told.nbytes, "sha256": digest.hexdigest()}]


def _in_microseconds(arrow: pa.Table) -> pa.Table:
    """With times to the microsecond: engines have no casts for pandas' nanoseconds with a time zone."""
    for place, column in enumerate(arrow.schema):
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
            coarser = pa.timestamp("us", column.type.tz)
            arrow = arrow.set_column(place, column.name, arrow.column(place).cast(coarser, safe=False))
    return arrow


def _numbered(arrow: pa.Table) -> pa.Table:
    """With the number of each row, since an engine may load rows in any order."""
    return arrow.append_column(_ROW, pa.array(np.arange(arrow.num_rows)))


_MOST_NAMELESS = 200  # copies that are held open: a process may open a thousand files
_ROW = "graphlink_row"


def _stage_table(
    engine: Engine, place: Place, wanted: Sequence[Wanted], staged: Staged, columns: _Columns
) -> None:
    """Make the staged table of one that arrived in the embedded engine, and drop that."""
    arriving = f"{staged.table}_arriving"
    typed = _typed(place, wanted, columns, place.name, staged.missing)
    _warn_of_alike(staged, wanted, list(columns))
    row = _ROW if _ROW in engine.here.columns(arriving) else "rowid"
    source = f"(SELECT *, rowid, 0 AS graphlink_part FROM {arriving})"
    engine.here.make(staged.table, typed.select(source, f", {row} AS row"))
    engine.here.drop(arriving)
    engine.take_over(staged.table)
    staged.row = "row"
    staged.files = [place.name]


# --- databases ---------------------------------------------------------------------------------------------


def _stage_database(engine: Engine, place: Place, wanted: Sequence[Wanted], staged: Staged) -> None:
    arriving = f"{staged.table}_arriving"
    staged.inputs = load_database(engine.here, arriving, Database(place.name, place.database, place.query))
    columns = {name: (kind, quoted_name(name)) for name, kind in engine.here.columns(arriving).items()}
    _stage_table(engine, place, wanted, staged, columns)


# --- addresses ---------------------------------------------------------------------------------------------

_ASKED_AT_ONCE = 8  # files at an address that are asked for their columns at the same time


class _Cell(NamedTuple):
    """A wanted column that is there: its place among those read, and its type."""

    want: Wanted
    i: int
    kind: str


def _stage_stored(engine: Engine, place: Place, wanted: Sequence[Wanted], staged: Staged) -> None:
    """Stage Parquet at an address, where it is; the outcome is that of the same files on this machine.

    Of most cells SQL is sure what the embedded engine makes of them, and makes it where they are. The others
    (accounts with spaces, times in words, bad counts) come to this machine once each, that engine makes
    something of them, and they go back as a table.
    """
    address = address_of(place.path)
    found = find_stored(engine, address)
    staged.files, staged.inputs, staged.skipped = list(found.names), found.inputs(), list(found.skipped)
    staged.row = "row"
    arriving = f"{staged.table}_arriving"
    with unchanged(engine.list_stored, address, found.files):
        for numbers, columns in _stored_sets(engine, [file.path for file in found.files]):
            paths = [found.files[i].path for i in numbers]
            where = paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} alike"
            _typed(place, wanted, columns, where, staged.missing)  # names a column that can't be used
            _warn_of_alike(staged, wanted, list(columns))
            there = [want for want in wanted if want.column in columns]
            cells = [_Cell(want, i, columns[want.column][0]) for i, want in enumerate(there)]
            files = list(zip(numbers, paths, strict=True))
            staged.is_numbered &= engine.read_stored(arriving, files, [want.column for want in there])
            source = _sure_sql(engine, place, cells, arriving)
            told = _tell_unsure(engine, place, cells, (arriving, source))
            sql = _stored_sql(wanted, cells, source, told)
            if engine.has(staged.table):
                engine.append(staged.table, sql)
            else:
                engine.make(staged.table, sql)
            engine.drop(arriving, *told.values())


def _stored_sets(engine: Engine, paths: list[str]) -> list[tuple[list[int], _Columns]]:
    """Files with the same columns, by their numbers."""
    with ThreadPoolExecutor(_ASKED_AT_ONCE) as beside:
        told = list(beside.map(engine.stored_columns, paths))
    sets: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for i, kinds in enumerate(told):
        sets.setdefault(tuple(kinds.items()), []).append(i)
    return [(numbers, {name: (kind, "raw") for name, kind in kinds}) for kinds, numbers in sets.items()]


def _tell_unsure(
    engine: Engine, place: Place, cells: list[_Cell], arrived: tuple[str, str]
) -> dict[int, str]:
    """Make tables of what the embedded engine makes of each distinct cell that SQL isn't sure of.

    Returns:
        The tables, by the place of their column; of a column without such cells there is none.
    """
    arriving, source = arrived
    tables = {}
    for want, i, kind in cells:
        if sure_cell(place, want.role, f"c{i}", kind)[0] == "true" and not want.role.endswith("time"):
            continue
        unsure = engine.arrow(
            f"SELECT DISTINCT c{i} AS raw FROM ({source}) WHERE c{i} IS NOT NULL AND made{i} IS NULL"
        )
        if unsure.num_rows:
            engine.here.load("unsure", unsure)
            typed = _typed(place, [want], {want.column: (kind, "raw")}, place.name, set())
            made = typed.select("(SELECT *, 0 AS graphlink_part FROM unsure)", ", raw")
            tables[i] = f"{arriving}_{i}"
            told = engine.here.arrow(f"SELECT raw, {want.name} AS made, fault, found FROM ({made})")
            engine.load(tables[i], told)
            engine.here.drop("unsure")
    return tables


def _stored_sql(wanted: Sequence[Wanted], cells: list[_Cell], source: str, told: dict[int, str]) -> str:
    """The query of the staged table: what SQL is sure of, and what was made here of the rest."""
    columns: list[str] = []
    joins = "".join(f" LEFT JOIN {table} t{i} ON t{i}.raw = s.c{i}" for i, table in told.items())
    known = {want.name: i for want, i, _ in cells}
    for k, want in enumerate(wanted):
        nothing, fault = NOTHING[want.role]
        i = known.get(want.name)
        made, of_made, found = nothing, "NULL::VARCHAR", "NULL::VARCHAR"
        if i is not None:
            made = f"s.made{i}"
            if i in told:
                made, of_made, found = f"coalesce(s.made{i}, t{i}.made)", f"t{i}.fault", f"t{i}.found"
            made = f"CASE WHEN s.c{i} IS NULL THEN {nothing} ELSE {made} END"
            fault = f"CASE WHEN s.c{i} IS NULL THEN {fault} ELSE {of_made} END"
        columns += [f"{made} AS w{k}", f"{fault} AS f{k}", f"{found} AS x{k}"]
    faults = [(f"f{k} IS NOT NULL", f"f{k}", quoted_text(w.column), f"x{k}") for k, w in enumerate(wanted)]
    outer = [f"w{k} AS {want.name}" for k, want in enumerate(wanted)]
    respelled = next((f"x{k}" for k, want in enumerate(wanted) if want.role == "account"), "NULL")
    outer += ["part::INTEGER AS file", *_fault_cells(faults, respelled), "row"]
    inner = f"SELECT s.part, s.row, {', '.join(columns)} FROM ({source}) s{joins}"
    return f"SELECT {', '.join(outer)} FROM (SELECT *, {_first_fault(faults)} FROM ({inner}))"


def _sure_sql(engine: Engine, place: Place, cells: list[_Cell], arriving: str) -> str:
    """The query of what arrived with `made0` and so on: cells without fault, null where SQL isn't sure."""
    sure = {i: sure_cell(place, want.role, f"c{i}", kind) for want, i, kind in cells}
    inner = [f"CASE WHEN {where} THEN {cell} END AS sure{i}" for i, (where, cell) in sure.items()]
    source = f"SELECT *, {', '.join(inner)} FROM {arriving}"
    outer = []
    for want, i, kind in cells:
        made = f"sure{i}"
        if want.role.endswith("time"):
            local = local_sql(place, f"c{i}", kind)
            if place.time_zone != "UTC" and local != "false":
                made = f"CASE WHEN {local} THEN {shift_sql(engine, place, made, source)} ELSE {made} END"
            latest = place.latest if want.role == "time" else "9999-12-31"
            made = f"CASE WHEN {between(made, place.earliest, latest)} THEN {made} END"
        outer.append(f"{made} AS made{i}")
    return f"SELECT *, {', '.join(outer)} FROM ({source})"


# --- columns -----------------------------------------------------------------------------------------------

_NESTED = re.compile(r"(STRUCT|MAP|UNION|LIST|BIT|ARRAY|VARIANT|.*\[[0-9]*\]$)")


class _Typed(NamedTuple):
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
    faults: list[_Fault]
    respelled: str
    plain: str
    listed: str

    def select(self, source: str, further: str = "") -> str:
        """The query of the staged table from a source with the column `graphlink_part`.

        Each cell is made once, before the faults are looked for in what was made.
        """
        outer = [f"{_MADE}{name} AS {name}" for name in self.names]
        outer += ["graphlink_part AS file", *_fault_cells(self.faults, self.respelled)]
        if self.plain:
            source = f"(SELECT *, {self.plain} FROM {source})"
        made = f"SELECT *, {', '.join(self.cells)} FROM {source}"
        if self.listed:
            made = f"SELECT *, {self.listed} FROM ({made})"
        return (
            f"SELECT {', '.join(outer)}{further} FROM (SELECT *, {_first_fault(self.faults)} FROM ({made}))"
        )


_MADE = "graphlink_made_"
_Fault = tuple[str, str, str, str]  # SQL: condition, reason, column at fault, text found


def _typed(
    place: Place,
    wanted: Sequence[Wanted],
    columns: _Columns,
    where: str,
    missing: set[str],
    keys: Mapping[str, Key] | None = None,
) -> _Typed:
    """What is made of the columns, of JSON by its keys; names a missing, repeated or unusable one."""
    typed = _Typed([], [want.name for want in wanted], [], "NULL", "", "")
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
                raise InputError(_told_missing(want.column, list(columns), where, nested))
            missing.add(want.column)
            kind = "VARCHAR"
        _check_type(place, want, kind, where)
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
            (condition, reason if isinstance(reason, Sql) else quoted_text(reason), column, found)
            for condition, reason, found in faults
        )
        if want.role == "account":
            typed = typed._replace(
                respelled=respelled_sql(made, sql, kind),
                plain=plain_column(made, sql, kind),
                listed=listed_column(place, made),
            )
    return typed


def _warn_of_alike(staged: Staged, wanted: Sequence[Wanted], columns: Sequence[str]) -> None:
    """Warn of a column that was looked for by its usual name, and is there in another spelling only."""
    named = {want.column for want in wanted}
    for want in wanted:
        if want.is_needed or not want.column or want.column in columns:
            continue
        alike = [name for name in columns if name.lower() == want.column.lower() and name not in named]
        listed = ", ".join(map(repr, alike))
        warning = (
            f"{staged.name}: no column {want.column!r}, but {listed}, which is not read; name it in "
            "graphlink.toml if it is that"
        )
        if alike and warning not in staged.warnings:
            staged.warnings.append(warning)


_NO_FAULT = [("false", "NULL::VARCHAR", "NULL", "NULL")]


def _first_fault(faults: list[_Fault]) -> str:
    # Conditions are tried once per row, and few rows have a fault to tell.
    cases = " ".join(f"WHEN {told[0]} THEN {i}" for i, told in enumerate(faults or _NO_FAULT))
    return f"CASE {cases} END AS graphlink_fault"


def _fault_cells(faults: list[_Fault], respelled: str) -> list[str]:
    """The first fault of each row, by its number, as its reason, its column and what was found."""
    cells = []
    for place, name in enumerate(("fault", "fault_column", "found"), 1):
        cases = " ".join(f"WHEN {i} THEN {told[place]}" for i, told in enumerate(faults or _NO_FAULT))
        text = f"left(CASE graphlink_fault {cases} END, 300)"
        otherwise = respelled if name == "found" else "NULL"
        cells.append(f"CASE WHEN graphlink_fault IS NOT NULL THEN {text} ELSE {otherwise} END AS {name}")
    return cells


def _told_missing(column: str, columns: list[str], where: str, nested: Sequence[str] = ()) -> str:
    listed = ", ".join(columns[:40]) + (f" and {len(columns) - 40} more" if len(columns) > 40 else "")
    alike = [name for name in columns if name.strip().lower() == column.strip().lower()]
    guess = f"; is {alike[0]!r} meant?" if alike else flatten_hint(column, nested)
    return (
        f"{where}: no column {column!r}; the columns are {listed or '(none)'}{guess}; name the column in "
        "graphlink.toml (`graphlink init FILES...` writes one)"
    )


def _check_type(place: Place, want: Wanted, kind: str, where: str) -> None:
    column = f"{where}, column {want.column!r}"
    if kind == "REPEATED":
        raise InputError(f"{column}: two columns have this name; rename one")
    if _NESTED.fullmatch(kind) or kind.startswith(("STRUCT", "MAP", "UNION")):
        raise InputError(
            f"{column}: type {kind} holds no single text; send one value per cell, or one row each"
        )
    if want.role.endswith("time") and kind not in ("VARCHAR", "BLOB"):
        is_epoch = place.time_format.startswith("epoch")
        if NUMBER.fullmatch(kind) and not is_epoch:
            raise InputError(f"{column}: a number is no time yet; set time_format to {', '.join(EPOCHS)}")
        if kind == "FLOAT":
            raise InputError(
                f"{column}: type FLOAT has no digits for the seconds of an epoch; export it as DOUBLE or as "
                "whole numbers"
            )
        if not NUMBER.fullmatch(kind) and not kind.startswith(("TIMESTAMP", "DATE", '"NULL"')):
            raise InputError(
                f"{column}: type {kind} is no time; send ISO 8601, a timestamp or an epoch number"
            )
    if want.role == "count" and kind not in ("VARCHAR", "BLOB") and not NUMBER.fullmatch(kind):
        raise InputError(f"{column}: type {kind} is no number of times")


def rows_table(
    names: Sequence[str], types: Sequence[pa.DataType], rows: Sequence[Sequence[object]]
) -> pa.Table:
    """An Arrow table of rows."""
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    arrays = [pa.array(list(column), type_) for column, type_ in zip(columns, types, strict=True)]
    return pa.table(arrays, names=list(names))
