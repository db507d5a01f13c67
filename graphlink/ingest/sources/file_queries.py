"""A query over files: joins and filters without a database -> the staged table.

The query sees `files` (those of the source's path) and the tables of its `joins`, and nothing else of this
machine. Columns of CSV arrive as text, those of Parquet as what they are; of JSON the keys of the first
records are columns of text, and `record` is the whole object.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import InputError
from graphlink.core.sql import quoted_name, quoted_text
from graphlink.engine.scratch import Scratch
from graphlink.ingest.sources.columns import repeated
from graphlink.ingest.sources.files import named_files, plain_copies
from graphlink.ingest.sources.groups import FileGroup, file_groups, log_cells
from graphlink.ingest.sources.quotes import count_lines, repair_quotes, text_pieces
from graphlink.storage.files import digest_file, find_files, form_of, peek_file
from graphlink.storage.partitions import partition_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.engine import FileSet, Reader
    from graphlink.ingest.sources.columns import Columns
    from graphlink.ingest.sources.place import Place
    from graphlink.ingest.sources.staged import Staged

FILES = "files"  # what the query calls the files of the path
RECORD = "record"  # the column of a whole object of JSON


class _Table(NamedTuple):
    """Files that the query may name as one table."""

    name: str
    paths: tuple[Path, ...]
    shown: tuple[str, ...]


def load_query(engine: Reader, place: Place, staged: Staged) -> Columns:
    """Load the rows of a query over files into the embedded engine, as the table of its rows that arrive.

    Returns:
        The columns of the rows, each with its type and the SQL that gives it.

    Raises:
        InputError: A file can't be read, a line of it is broken, or the query is refused: it is not one
            SELECT, names a column that is not there, or reads anything but the files.
    """
    arriving = f"{staged.table}_arriving"
    tables = [_table(staged, FILES, place.path)]
    tables += [_table(staged, name, path) for name, path in place.joins.items()]
    with contextlib.ExitStack() as held:
        given: dict[Path, Path] = {}
        sets: dict[str, list[tuple[FileSet, str]]] = {}
        for table in tables:
            plain = plain_copies(engine, table.paths, place.encoding, held)
            given.update(zip(plain, table.paths, strict=True))
            _refuse_open_quotes(engine, plain, given)
            groups = file_groups(engine, plain)
            sets[table.name] = [(group.files, _select(group, table.paths)) for group in groups]
        try:
            names = engine.here.query_files(arriving, sets, place.query)
        except InputError as error:
            message = str(error)
            for copy, path in given.items():
                message = message.replace(str(copy), str(path))
            known = ", ".join(sets)
            raise InputError(
                f"{place.name}: {message}; expected one SELECT that reads {known}, and files that are whole"
            ) from None
    staged.inputs += [
        {"name": name, "bytes": path.stat().st_size, "sha256": digest_file(path)}
        for table in tables
        for name, path in zip(table.shown, table.paths, strict=True)
    ]
    types = engine.here.columns(arriving)
    return {name: (types[f"c{i}"], f"c{i}") for i, name in enumerate(names)} | repeated(names)


def _table(staged: Staged, name: str, path: str) -> _Table:
    found = find_files(path)
    staged.skipped += [(Path(file).name, reason) for file, reason in found.skipped]
    return _Table(name, found.paths, tuple(named_files(found.paths, path)))


def _select(group: FileGroup, paths: Sequence[Path]) -> str:
    """The SELECT of a group of files: their columns by name, and those that the names of folders give."""
    cells = {name: sql for name, (kind, sql) in group.columns.items() if kind != "REPEATED" and sql}
    source = "arriving"
    if group.is_log:
        source = f"(SELECT *, {log_cells()} FROM arriving)"
    elif group.is_json:
        keys = [key for keys in group.shown for key in keys]
        cells = {key: f"json_extract_string(line, {_json_path(key)})" for key in dict.fromkeys(sorted(keys))}
        cells[RECORD] = "line::JSON"
        source = "(SELECT * FROM arriving WHERE line IS NOT NULL)"
    values = [partition_of(path) for path in paths[group.first : group.first + len(group.files.paths)]]
    for name in values[0]:
        if name not in cells and all(name in one for one in values):
            listed = ", ".join(_literal(one[name]) for one in values)
            cells[name] = f"([{listed}])[graphlink_file::INTEGER + 1]"
    return f"SELECT {', '.join(f'{sql} AS {quoted_name(name)}' for name, sql in cells.items())} FROM {source}"


def _json_path(key: str) -> str:
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    return quoted_text(f'$."{quoted}"')


def _literal(value: str | None) -> str:
    return "NULL::VARCHAR" if value is None else quoted_text(value)


def _refuse_open_quotes(engine: Reader, paths: Sequence[Path], given: dict[Path, Path]) -> None:
    """Refuse a CSV file in which an open quote swallows rows: no query could show that they are missing."""
    for path in paths:
        if form_of(path) != "csv" or not count_lines(path).has_quotes:
            continue
        text = peek_file(path)
        scratch = Scratch(engine.folder)
        try:
            lost = repair_quotes(path, text.delimiter, len(text.columns), scratch.path / "repaired.csv")
        finally:
            scratch.close()
        if lost:
            raise InputError(
                f"{given[path]}, line {_line_at(path, lost[0].at)}: a quote is opened and not closed, and "
                "swallows the rows behind it; correct the line, or read the file without a query, which "
                "rejects such lines"
            )


def _line_at(path: Path, at: int) -> int:
    """The number of the line that begins at a byte of the text of a file."""
    n_lines = 1
    for piece in text_pieces(path):
        n_lines += piece[: max(at, 0)].count(b"\n")
        at -= len(piece)
        if at <= 0:
            break
    return n_lines
