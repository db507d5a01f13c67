"""The result folder: Parquet tables and `run.json`, written from an engine and read back as Arrow.

A result that was written at an address (see `graphlink.storage.remote`) has folders of parts for tables, in a
folder that `run.json` names; it is read where it is, or from a copy on this machine.

Reading needs no engine and no pandas, and skips what a question does not touch: the tables are sorted by key,
so a few accounts are in a few row groups of each file.
"""

from __future__ import annotations

import bisect
import datetime
import hashlib
import json
import math
import re
from array import array
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graphlink.core.errors import ResultError, TableError
from graphlink.core.schema import EXPLAINED_TABLES, TABLES
from graphlink.engine import number
from graphlink.storage.column_rules import check_stored
from graphlink.storage.remote import StoredPath, run_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from graphlink.core.schema import TableSpec
    from graphlink.engine import Engine

    Folder = Path | StoredPath

FORMAT = 1
"""Version of the folder's layout; a reader refuses others."""

MANIFEST = "run.json"
_TABLE_NAME = re.compile("[a-z][a-z_]{0,63}")
_CHUNK = 1 << 20
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
TABLE_NAMES = tuple(spec.name for spec in TABLES)
EXPLAINED_NAMES = tuple(spec.name for spec in EXPLAINED_TABLES)
# The largest table, sorted by the numbers of its names: that takes a fraction of the time.
_NUMBERED_OBSERVATIONS = (
    "SELECT a.account_id, v.kind, v.value, s.seen_at, s.n FROM sightings s "
    "JOIN account_numbers a ON a.account_no = s.account_no JOIN observed_values v ON v.value_no = s.value_no "
    "ORDER BY s.account_no, v.place, s.seen_at"
)


def write_tables(engine: Engine, folder: Path) -> dict[str, dict[str, object]]:
    """Check every table of the contract and write it, sorted, to a folder.

    Explanations made in advance are written when they were made.

    The same rows give the same bytes, in whatever order and by however many threads they were made.

    Returns:
        For each table its rows, bytes and SHA-256, as the manifest tells them.

    Raises:
        TableError: A table is missing or breaks its contract.
    """
    told: dict[str, dict[str, object]] = {}
    for spec in _specs(engine):
        path = folder / f"{spec.name}.parquet"
        engine.write_parquet(_sorted_sql(engine, spec), path)
        told[spec.name] = {
            "rows": pq.read_metadata(path).num_rows,
            "bytes": path.stat().st_size,
            "sha256": file_digest(path),
        }
    return told


def write_stored_tables(engine: Engine, folder: StoredPath) -> dict[str, dict[str, object]]:
    """Check every table of the contract and let the engine write it, sorted, to a folder of parts.

    Returns:
        For each table its rows, bytes and parts, as the manifest tells them.

    Raises:
        TableError: A table is missing or breaks its contract.
        EngineError: The engine can't write there.
    """
    told: dict[str, dict[str, object]] = {}
    for spec in _specs(engine):
        path, sql = folder / f"{spec.name}.parquet", _sorted_sql(engine, spec)
        engine.write_stored(sql, str(path))
        if not path.children():  # not every engine writes a file where there are no rows
            with pa.BufferOutputStream() as stream:
                pq.write_table(engine.arrow(sql), stream)
                (path / "part-0.parquet").write(stream.getvalue().to_pybytes())
        sizes = [part.size() for part in path.children()]
        n_rows = number(engine, f"SELECT count(*) FROM {spec.name}")
        told[spec.name] = {"rows": n_rows, "bytes": sum(sizes), "parts": len(sizes)}
    return told


def _specs(engine: Engine) -> tuple[TableSpec, ...]:
    """The tables that a result has: those of explanations only where they were made."""
    return (*TABLES, *(spec for spec in EXPLAINED_TABLES if engine.has(spec.name)))


def _sorted_sql(engine: Engine, spec: TableSpec) -> str:
    """The query of a table as a result has it."""
    if not engine.has(spec.name):
        raise TableError(f"table {spec.name} was not made")
    spec.check_columns(engine, extra=_has_attributes(spec))
    spec.check_rows(engine)
    columns = _told_columns(engine, spec)
    order = ", ".join(f'"{name}"' for name in spec.key or columns)
    told_sql = ", ".join(_told_sql(spec, name) for name in columns)
    if spec.name == "observations" and engine.has("sightings"):
        return _NUMBERED_OBSERVATIONS
    return f"SELECT {told_sql} FROM {spec.name} ORDER BY {order}"


def write_manifest(folder: Folder, manifest: Mapping[str, object]) -> None:
    """Write `run.json`; keys are sorted so that equal manifests are equal files.

    Raises:
        TableError: A fact of a step is NaN or infinite, which JSON doesn't know.
    """
    try:
        text = json.dumps({"format": FORMAT, **manifest}, indent=1, sort_keys=True, allow_nan=False) + "\n"
    except ValueError:
        names = ", ".join(str(name) for name in _not_finite(manifest))
        raise TableError(
            f"{MANIFEST}: {names or 'a value'} is not a finite number; this is a fault in graphlink, not in "
            "your input; please report it with this line"
        ) from None
    if isinstance(folder, StoredPath):
        (folder / MANIFEST).write(text.encode())
    else:
        (folder / MANIFEST).write_text(text, encoding="utf-8")


def _not_finite(value: object, name: str = "") -> Iterator[str]:
    """The places in nested facts whose number is NaN or infinite."""
    if isinstance(value, float) and not math.isfinite(value):
        yield name
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _not_finite(item, f"{name}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from _not_finite(item, f"{name}[{i}]")


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def result_files(folder: Path) -> tuple[str, ...]:
    """The files of a result of any version by its own `run.json`, which comes first; none without a result.

    What a forged `run.json` lists counts only as a table of Parquet in the folder itself, under a name that
    a table may have.
    """
    manifest = manifest_of(folder)
    if manifest is None:
        return ()
    tables = manifest.get("tables")
    names = tables if isinstance(tables, dict) else {}
    return (MANIFEST, *(f"{name}.parquet" for name in names if _TABLE_NAME.fullmatch(name)))


def manifest_of(folder: Folder) -> dict[str, Any] | None:
    """What `run.json` of a result of any version says; nothing where there is no result."""
    try:
        manifest = json.loads(_text_of(folder / MANIFEST))
    except (OSError, ValueError, RecursionError):
        return None
    is_ours = isinstance(manifest, dict) and "graphlink" in manifest and "format" in manifest
    return manifest if is_ours else None


def _text_of(file: Folder) -> str:
    return file.read_text() if isinstance(file, StoredPath) else file.read_text(encoding="utf-8")


def _parts(folder: Folder, name: str) -> list[Path] | list[StoredPath]:
    """The files of a table, in the order of its rows; none where it is missing."""
    place = folder / f"{name}.parquet"
    if not place.exists():
        run = run_name((manifest_of(folder) or {}).get("folder"))
        place = (folder / run if run else folder) / f"{name}.parquet"
    if isinstance(place, StoredPath):
        return [part for part in place.children() if part.name.endswith(".parquet")]
    if place.is_dir():
        return sorted(place.glob("[!_.]*.parquet"))
    return [place] if place.is_file() else []


def _opened(part: Path | StoredPath, **told: Any) -> pq.ParquetFile:
    return pq.ParquetFile(part.open() if isinstance(part, StoredPath) else part, **told)


def read_manifest(folder: Folder) -> dict[str, Any]:
    """Read `run.json`, and make sure that the folder is whole.

    Raises:
        ResultError: The folder is missing, is no result, is of another version or lacks a table.
    """
    manifest = _read_json(folder)
    _check_tables(folder, manifest)
    tables = manifest["tables"]
    for name in (*TABLE_NAMES, *(name for name in EXPLAINED_NAMES if name in tables)):
        told, parts = tables.get(name, {}), _parts(folder, name)
        if not parts:
            raise ResultError(f"{folder} is incomplete: {name}.parquet is missing; run it again")
        sizes = [part.size() if isinstance(part, StoredPath) else part.stat().st_size for part in parts]
        if sum(sizes) != told.get("bytes"):
            raise ResultError(f"{folder}: {name}.parquet is not the file that the run wrote; run it again")
    return manifest


def _check_tables(folder: Folder, manifest: Mapping[str, Any]) -> None:
    """Raise unless the list of tables is one that a run writes: what reads it later relies on that."""
    tables = manifest.get("tables")
    listed = tables if isinstance(tables, dict) else {"": {}}
    for name, facts in listed.items():
        numbers = [facts.get(one) for one in ("rows", "bytes")] if isinstance(facts, dict) else [None]
        if not (_TABLE_NAME.fullmatch(name) and all(type(one) is int and one >= 0 for one in numbers)):
            raise ResultError(f"{folder}: {MANIFEST} lists tables as no run does; run it again")


def check_digests(
    folder: Folder, manifest: Mapping[str, Any], names: Collection[str] | None = None
) -> dict[str, bool]:
    """Make sure that tables are, byte for byte, what the run wrote, as its `run.json` says.

    Reads every byte of the tables; who changes a table and its digest in `run.json` alike is not found out.

    Args:
        folder: The result folder.
        manifest: Its `run.json`.
        names: The tables to look at; None for all.

    Returns:
        Of each table whether there was a digest to compare with: a result that was written at an address has
        none, only sizes.

    Raises:
        ResultError: A table is not what the run wrote, is missing, or can't be read.
    """
    tables = manifest["tables"]
    compared = {}
    for name in tables if names is None else [name for name in names if name in tables]:
        told = tables[name].get("sha256")
        compared[name] = told is not None
        with _reading(folder, name) as parts:
            if told is not None and told != _digest_of(parts):
                raise ResultError(
                    f"{folder}: {name}.parquet is not the file that the run wrote: its SHA-256 is another, "
                    "so it was changed or damaged since; run it again"
                )
    return compared


def _digest_of(parts: Sequence[Path | StoredPath]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        with part.open() if isinstance(part, StoredPath) else part.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _read_json(folder: Folder) -> dict[str, Any]:
    try:
        manifest = json.loads(_text_of(folder / MANIFEST))
    except (FileNotFoundError, NotADirectoryError):
        what = "no folder" if not folder.exists() else "not a graphlink result:"
        raise ResultError(f"{what} {folder}; `graphlink run SOURCE --out {folder}` makes one") from None
    except (OSError, ValueError) as error:
        raise ResultError(f"{folder}: {MANIFEST} can't be read: {error}") from None
    except RecursionError:
        raise ResultError(f"{folder}: {MANIFEST} can't be read: it is nested too deep") from None
    if not isinstance(manifest, dict) or "graphlink" not in manifest:
        raise ResultError(f"{folder}: {MANIFEST} is not a graphlink manifest")
    if manifest.get("format") != FORMAT:
        raise ResultError(
            f"{folder} has format {manifest.get('format')!r}, made by graphlink {manifest['graphlink']}; "
            f"this version reads format {FORMAT}: run it again"
        )
    return manifest


def _check_name(folder: Folder, name: str) -> None:
    """Raise when there is no such table, or when the run was not asked for it."""
    if name not in (*TABLE_NAMES, *EXPLAINED_NAMES):
        raise ResultError(f"no table {name!r}; there are {', '.join((*TABLE_NAMES, *EXPLAINED_NAMES))}")
    if name in EXPLAINED_NAMES and not _parts(folder, name):
        raise ResultError(
            f"{folder} has no table {name}, which is made in advance only when asked for; "
            "run it again with explain_all=True"
        )


def _told_sql(spec: TableSpec, name: str) -> str:
    # Threads add numbers up in any order, which moves the last digits: what is told has nine decimals.
    if any(column.name == name and column.type == "DOUBLE" for column in spec.columns):
        return f'round("{name}", 9) AS "{name}"'
    return f'"{name}"'


def read_table(
    folder: Folder,
    name: str,
    columns: Sequence[str] | None = None,
    where: Mapping[str, Collection[str]] | None = None,
) -> pa.Table:
    """Read a table of a result folder.

    Args:
        folder: The result folder.
        name: One of the tables of `graphlink.core.schema`.
        columns: The columns to read; None reads all.
        where: Text column to the values a row must have there; every condition must hold.

    Raises:
        ResultError: There is no such table or column, its run was not asked for the table, or the file can't
            be read.
    """
    _check_name(folder, name)
    with _reading(folder, name) as parts:
        found = pa.concat_tables([_read(part, name, columns, where or {}) for part in parts])
        check_stored(name, found)
        return found


@contextmanager
def _reading(folder: Folder, name: str) -> Iterator[list[Path] | list[StoredPath]]:
    try:
        parts = _parts(folder, name)
        if not parts:
            raise FileNotFoundError("it is missing")
        yield parts
    except (OSError, KeyError, pa.ArrowException) as error:
        raise ResultError(f"{folder / f'{name}.parquet'} can't be read: {error}") from None


def read_batches(
    folder: Folder, name: str, columns: Sequence[str], coded: Sequence[str] = (), n_rows: int = 1 << 21
) -> Iterator[pa.RecordBatch]:
    """Read columns of a table in pieces, in the order of its rows, so that memory stays flat.

    Args:
        folder: The result folder.
        name: One of the tables of `graphlink.core.schema`.
        columns: The columns to read.
        coded: Those of them that come dictionary-encoded.
        n_rows: Rows of a piece, about: whole row groups are read.

    Raises:
        ResultError: There is no such table or column, its run was not asked for the table, or the file can't
            be read.
    """
    _check_name(folder, name)
    with _reading(folder, name) as parts:
        for part in parts:
            for batch in _batches_of(part, columns, coded, n_rows):
                check_stored(name, batch)
                yield batch


def _batches_of(
    part: Path | StoredPath, columns: Sequence[str], coded: Sequence[str], n_rows: int
) -> Iterator[pa.RecordBatch]:
    with _opened(part, read_dictionary=list(coded)) as file:
        group: list[int] = []
        for i in range(file.num_row_groups):
            group.append(i)
            n_read = sum(file.metadata.row_group(one).num_rows for one in group)
            if n_read >= n_rows or i + 1 == file.num_row_groups:
                read = file.read_row_groups(group, columns=list(columns))
                yield from read.unify_dictionaries().combine_chunks().to_batches()
                group = []


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table as Python values; times as aware datetimes in UTC.

    As `to_pylist`, which for times with a zone imports pandas, and that takes a command a second.
    """
    columns = {name: _values_of(table[name]) for name in table.column_names}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _values_of(column: pa.ChunkedArray) -> list[Any]:
    if column.type != pa.timestamp("us", "UTC"):
        values: list[Any] = column.to_pylist()
        return values
    microseconds = column.cast(pa.int64()).to_pylist()
    return [None if n is None else _EPOCH + datetime.timedelta(microseconds=n) for n in microseconds]


def numbers_of(column: pa.Array | pa.ChunkedArray, dtype: Any) -> NDArray[Any]:
    """The numbers of a column as they lie in memory, whatever stands where it is null.

    As `to_numpy`, which imports pandas, and that takes a second.
    """
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not len(whole):
        return np.empty(0, dtype)
    return np.frombuffer(whole.buffers()[1], dtype)[whole.offset : whole.offset + len(whole)]


def index_in(column: pa.Array | pa.ChunkedArray, values: list[str]) -> pa.Array | pa.ChunkedArray:
    """The place of each text among distinct values."""
    return pc.index_in(column, options=pc.SetLookupOptions(value_set=text_array(values)))


def _has_attributes(spec: TableSpec) -> bool:
    return spec.name == "accounts"


def _told_columns(engine: Engine, spec: TableSpec) -> list[str]:
    extra = [name for name in engine.columns(spec.name) if name not in spec.column_names]
    return [*spec.column_names, *extra]


def _read(
    part: Path | StoredPath,
    name: str,
    columns: Sequence[str] | None,
    where: Mapping[str, Collection[str]],
) -> pa.Table:
    """Read rows of a Parquet file, skipping row groups whose least and greatest values rule them out.

    `pyarrow.dataset` would do the same but imports pandas, which costs a command more than a second.
    """
    with _opened(part) as file:
        known = file.schema_arrow.names
        unknown = [column for column in (*(columns or ()), *where) if column not in known]
        if unknown:
            raise ResultError(f"{name}.parquet has no column {unknown[0]!r}; it has {', '.join(known)}")
        wanted = list(columns) if columns is not None else known
        needed = [column for column in known if column in wanted or column in where]
        sets = {name: sorted(filter(is_unicode, set(values))) for name, values in where.items()}
        groups = [i for i in range(file.num_row_groups) if _may_hold(file.metadata.row_group(i), sets)]
        empty = file.read_row_groups([], columns=needed).replace_schema_metadata(None)
        parts = [_matching(file.read_row_group(i, columns=needed), sets) for i in groups]
    return pa.concat_tables([empty, *parts]).select(wanted)


def is_unicode(value: str) -> bool:
    """Whether a text can be in a file at all: a half of a surrogate pair can't, so no row has it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _may_hold(group: pq.RowGroupMetaData, sets: Mapping[str, list[str]]) -> bool:
    for i in range(group.num_columns):
        column = group.column(i)
        values = sets.get(column.path_in_schema)
        if values is None or not column.is_stats_set or not column.statistics.has_min_max:
            continue
        least, greatest = column.statistics.min, column.statistics.max
        place = bisect.bisect_left(values, least)
        if place == len(values) or values[place] > greatest:
            return False
    return True


def _matching(table: pa.Table, sets: Mapping[str, list[str]]) -> pa.Table:
    for name, values in sets.items():
        options = pc.SetLookupOptions(value_set=text_array(values))
        table = table.filter(pc.is_in(table[name], options=options))
    return table.replace_schema_metadata(None)


def text_array(values: Sequence[str]) -> pa.Array:
    """Text as Arrow. Made from buffers, because `pa.array` imports pandas, which takes a command a second."""
    encoded = [value.encode() for value in values]
    ends = array("i", accumulate(map(len, encoded), initial=0))
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))
