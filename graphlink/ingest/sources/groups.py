"""Neighbouring files that look alike, read by the engine in one statement."""

from __future__ import annotations

import contextlib
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import InputError
from graphlink.core.sql import quoted_name, quoted_text
from graphlink.engine import FileSet
from graphlink.ingest.sources.columns import Columns, repeated, warn_of_alike
from graphlink.ingest.sources.nesting import with_paths
from graphlink.ingest.sources.objects import Key, key_sql, objects_sql
from graphlink.ingest.sources.typed import typed_columns
from graphlink.storage.access_logs import COLUMNS, PATTERN
from graphlink.storage.files import form_of, parquet_columns, peek_file
from graphlink.storage.nested import records_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from graphlink.engine import Reader, RejectedRow
    from graphlink.ingest.sources.place import ColumnSpec, Place
    from graphlink.ingest.sources.staged import Staged
    from graphlink.storage.files import TextFile


class _Look(NamedTuple):
    """The form and columns of a file; neighbouring files with the same ones are read together.

    Attributes:
        form: csv, lines, json, access or parquet.
        n_columns: Of a csv.
        delimiter: Of a csv.
        columns: Its columns; of JSON none, for a look at its head doesn't show all of them.
        n_before: Of a csv, blank lines before its header.
    """

    form: str
    n_columns: int
    delimiter: str
    columns: Columns
    n_before: int = 0


class FileGroup(NamedTuple):
    """Neighbouring files that are read together.

    Attributes:
        first: The number of the first file.
        files: The files.
        columns: Their columns; of JSON the keys that the head of every file shows.
        shown: Of JSON, per file the keys that its head shows.
        nested: Of JSON, dotted paths of what is inside other keys.
        is_log: Whether the files are access logs.
        partitions: Columns that the names of folders give, each with a value per file.
    """

    first: int
    files: FileSet
    columns: Columns
    shown: tuple[frozenset[str], ...] = ()
    nested: tuple[str, ...] = ()
    is_log: bool = False
    partitions: Mapping[str, Sequence[str | None]] = MappingProxyType({})

    @property
    def all_shown(self) -> frozenset[str]:
        """Of JSON, the keys that the head of some file shows."""
        return frozenset().union(*self.shown)

    @property
    def is_json(self) -> bool:
        """Whether the files hold JSON objects."""
        return self.files.form in ("lines", "json") and not self.is_log


def file_groups(engine: Reader, paths: tuple[Path, ...], records: str = "") -> Iterator[FileGroup]:
    """Neighbouring files with the same columns, read together.

    Args:
        engine: The engine.
        paths: The files.
        records: Of JSON, the path to the records inside a document.
    """
    peeked = {path: peek_file(path, records) for path in paths if form_of(path) != "parquet"}
    looks = [_look(engine, path, peeked.get(path)) for path in paths]
    first = 0
    for i in range(1, len(paths) + 1):
        if i == len(paths) or looks[i] != looks[first]:
            form, n_columns, delimiter, columns, n_before = looks[first]
            names = tuple(str(path) for path in paths[first:i])
            inside = records_path(records) if records and form == "json" else ""
            read_as = "lines" if form == "access" else form
            files = FileSet(names, read_as, n_columns, delimiter, n_before, inside)
            made = FileGroup(first, files, columns, is_log=form == "access")
            if made.is_json:
                texts = [peeked[path] for path in paths[first:i]]
                shown = tuple(frozenset((*text.columns, *text.nested)) for text in texts)
                first_keys = (*texts[0].columns, *texts[0].nested)
                everywhere = [name for name in first_keys if all(name in keys for keys in shown)]
                known = dict.fromkeys(everywhere, ("VARCHAR", ""))
                nested = tuple(dict.fromkeys(path for text in texts for path in text.nested))
                made = FileGroup(first, files, known, shown, nested)
            yield made
            first = i


def _look(engine: Reader, path: Path, text: TextFile | None) -> _Look:
    if text is None:
        with _naming(str(path), "check that it was copied whole"):
            types = engine.file_columns(path)
        if "file_index" in map(str.lower, types):  # would hide the engine's own
            raise InputError(f"{path}: a column is named file_index; rename it")
        # The engine renames columns that repeat a name.
        names = parquet_columns(path)
        columns = {
            name: (kind, quoted_name(own)) for name, (own, kind) in zip(names, types.items(), strict=True)
        }
        return _Look("parquet", 0, ",", columns | repeated(names))
    if text.form == "access":
        return _Look("access", 0, ",", {name: ("VARCHAR", f"graphlink_log.{name}") for name in text.columns})
    if text.form != "csv":
        return _Look(text.form, 0, ",", {})
    columns = {name: ("VARCHAR", f"c{i}") for i, name in enumerate(text.columns)} | repeated(text.columns)
    return _Look("csv", len(text.columns), text.delimiter, columns, text.n_before)


def read_file_group(
    engine: Reader,
    place: Place,
    specs: Sequence[ColumnSpec],
    staged: Staged,
    group: FileGroup,
    late: Sequence[str],
) -> list[RejectedRow]:
    """Read neighbouring files; columns `has_key_0` and so on hold whether a row has a late key of JSON."""
    first, files, columns = group.first, group.files, group.columns
    where = described_files(files)
    condition = " WHERE line IS NOT NULL" if group.files.form in ("lines", "json") else ""
    source = f"(SELECT *, ({first} + graphlink_file)::INTEGER AS graphlink_part FROM arriving{condition})"
    staged.columns |= dict.fromkeys((*columns, *sorted(set().union(*group.shown))))
    warn_of_alike(staged, specs, sorted(set(columns).union(*group.shown)))
    has_key = ["NULL::BOOLEAN"] * len(late)
    keys: dict[str, Key] = {}
    if group.is_json:
        named = list(dict.fromkeys(spec.column for spec in specs if spec.column))
        named = [name for name in named if name not in group.partitions]
        keys = {name: key_sql(i, name) for i, name in enumerate(named)}
        columns = {name: ("VARCHAR", key.cell) for name, key in keys.items()}
        has_key = [keys[name].is_there for name in late]
        source = objects_sql(source, named)
    else:
        if group.is_log:
            source = f"(SELECT *, {log_cells()} FROM {source})"
        columns = with_paths(columns, [spec.column for spec in specs])
    columns = columns | {name: ("VARCHAR", _value_of_file(group, name)) for name in group.partitions}
    typed = typed_columns(place, specs, columns, where, staged.missing, keys)
    if group.is_log:
        is_none = "graphlink_log.remote_addr = ''"
        typed.faults.insert(0, (is_none, "'bad_log_line'", "NULL::VARCHAR", "NULL"))
    sql = typed.select(source, "".join(f", {sql} AS has_key_{i}" for i, sql in enumerate(has_key)))
    with _naming(where, "check that it was copied whole and has the form of its name"):
        return engine.read_files(staged.table, files, sql)


def _value_of_file(group: FileGroup, name: str) -> str:
    """SQL of the value that the folders of each file give a column."""
    values = group.partitions[name]
    if len(set(values)) == 1:
        return _literal(values[0])
    return f"([{', '.join(map(_literal, values))}])[graphlink_part - {group.first} + 1]"


def _literal(value: str | None) -> str:
    return "NULL::VARCHAR" if value is None else quoted_text(value)


def log_cells() -> str:
    """SQL of the column with the cells of a line of an access log, by their names."""
    named = ", ".join(map(quoted_text, COLUMNS))
    return f"regexp_extract(line, {quoted_text(PATTERN)}, [{named}]) AS graphlink_log"


def described_files(files: FileSet) -> str:
    """Where files are, for messages: the first, and how many are read with it."""
    return files.paths[0] if len(files.paths) == 1 else f"{files.paths[0]} and {len(files.paths) - 1} alike"


@contextlib.contextmanager
def _naming(where: str, remedy: str) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        message = str(error)
        raise InputError(
            f"{message if message.startswith(where) else f'{where}: {message}'}; {remedy}"
        ) from None
