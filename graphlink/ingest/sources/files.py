"""Files on this machine -> the staged table."""

from __future__ import annotations

import contextlib
import os
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.core.errors import InputError
from graphlink.engine.scratch import Scratch, nameless_file
from graphlink.ingest.sources.encodings import count_accents, named_encoding
from graphlink.ingest.sources.groups import FileGroup, file_groups, read_file_group
from graphlink.ingest.sources.late_keys import check_late_keys, find_late_keys
from graphlink.ingest.sources.quotes import blank_lines, count_lines
from graphlink.ingest.sources.repaired import MOST_NAMELESS, Copy, repaired_copies, swallowing_files
from graphlink.ingest.sources.staged import Lost, Staged
from graphlink.storage.columnar import write_parquet_copy
from graphlink.storage.files import BINARY, digest_file, find_files, form_of
from graphlink.storage.partitions import partition_of
from graphlink.storage.unpacked import needs_copy, plain_name, write_plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.engine import Reader, RejectedRow
    from graphlink.ingest.sources.place import ColumnSpec, Place


def stage_files(engine: Reader, place: Place, specs: Sequence[ColumnSpec], staged: Staged) -> None:
    """Stage files; one whose stray quotes swallow rows is read from a copy without them."""
    files = find_files(place.path)
    staged.skipped = [(Path(name).name, reason) for name, reason in files.skipped]
    names = named_files(files.paths, place.path)
    staged.files = [name for name in names if name not in place.left_out]
    paths = tuple(path for path, name in zip(files.paths, names, strict=True) if name not in place.left_out)
    staged.partitions = [partition_of(path) for path in paths]
    with contextlib.ExitStack() as converted, ThreadPoolExecutor(1) as background:
        plain = plain_copies(engine, paths, place.encoding, converted)
        lines = {
            i: background.submit(count_lines, path) for i, path in enumerate(plain) if form_of(path) == "csv"
        }
        digests = background.map(digest_file, paths)
        _read_files(engine, place, specs, staged, plain)
        _refuse_other_encodings(staged, plain)
        swallowing = swallowing_files(engine, staged, {i: counting.result() for i, counting in lines.items()})
        with contextlib.ExitStack() as held:
            copies = Scratch(engine.folder)
            held.callback(copies.close)
            copied = repaired_copies(plain, swallowing, copies.path, held)
            if copied:
                repaired = [copied[i].path if i in copied else path for i, path in enumerate(plain)]
                engine.drop(staged.table)
                staged.rejected, staged.warnings, staged.missing = [], [], set()
                _read_files(engine, place, specs, staged, tuple(repaired), copied)
        staged.inputs = [
            {"name": name, "bytes": path.stat().st_size, "sha256": digest}
            for name, path, digest in zip(staged.files, paths, digests, strict=True)
        ]
    _warn_of_lines(staged)


def _needs_copy(path: Path, encoding: str) -> bool:
    form = form_of(path)
    return form != "parquet" if form in BINARY else needs_copy(path, encoding)


def plain_copies(
    engine: Reader, paths: tuple[Path, ...], encoding: str, held: contextlib.ExitStack
) -> tuple[Path, ...]:
    """The files, with copies for those that are packed or in another encoding, as long as `held` is."""
    plain = list(paths)
    copied = [i for i, path in enumerate(paths) if _needs_copy(path, encoding)]
    if not copied:
        return paths
    scratch = Scratch(engine.folder)
    held.callback(scratch.close)
    for n, i in enumerate(copied):
        copy = scratch.path / str(i) / plain_name(paths[i])
        copy.parent.mkdir(parents=True)
        if form_of(paths[i]) in BINARY:
            copy = copy.with_name("rows.parquet")
            write_parquet_copy(paths[i], copy)
        elif n < MOST_NAMELESS:  # held open, it has no name: raw values outlive no run
            write_plain(paths[i], encoding, held.enter_context(nameless_file(copy)))
        else:
            with copy.open("wb") as file:
                write_plain(paths[i], encoding, file)
        plain[i] = copy
    return tuple(plain)


def _refuse_other_encodings(staged: Staged, paths: Sequence[Path]) -> None:
    """Refuse a file of which only the lines without accents can be read; a damaged line alone is accepted."""
    for i in sorted({row.file for row in staged.rejected if row.reason == "invalid_utf8"}):
        accents = count_accents(paths[i])
        if accents.is_another_encoding:
            raise InputError(named_encoding(paths[i], accents))


def _row_numbers(read: FileGroup, rejected: Sequence[RejectedRow]) -> list[int]:
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


def _read_files(
    engine: Reader,
    place: Place,
    specs: Sequence[ColumnSpec],
    staged: Staged,
    paths: tuple[Path, ...],
    copied: Mapping[int, Copy] | None = None,
) -> None:
    sets = list(file_groups(engine, paths, place.records))
    named = _partition_columns(staged, sets)
    own = [spec for spec in specs if spec.column not in named]
    late = find_late_keys(sets, own)
    for made in sets:
        last = made.first + len(made.files.paths)
        given = {name: [one[name] for one in staged.partitions[made.first : last]] for name in named}
        rejected = read_file_group(engine, place, specs, staged, made._replace(partitions=given), late)
        numbers = _row_numbers(made, rejected)
        for row, row_number in zip(rejected, numbers, strict=True):
            i = made.first + row.file
            given_up = copied[i].given_up if copied and i in copied else {}
            lost = Lost(i, row_number, row.reason, row.n_lines)
            if row.at in given_up:
                lost = Lost(i, row_number, "broken_quote", given_up[row.at])
            staged.rejected.append(lost)
    check_late_keys(engine, own, staged, sets, late)
    if place.records:
        _check_records(engine, place, staged, sets)


def _partition_columns(staged: Staged, sets: Sequence[FileGroup]) -> list[str]:
    """The columns that the folders of every file name, and that no file has itself."""
    first, *others = staged.partitions
    named = [name for name in first if all(name in one for one in others)]
    staged.columns |= dict.fromkeys(named)
    return [
        name for name in named if not any(name in made.columns or name in made.all_shown for made in sets)
    ]


def _check_records(engine: Reader, place: Place, staged: Staged, sets: Sequence[FileGroup]) -> None:
    """Warn of files without a record at the path that the settings name; refuse where none has any."""
    read = {int(str(row[0])) for row in engine.rows(f"SELECT DISTINCT file FROM {staged.table}")}
    json_files = [made.first + i for made in sets if made.is_json for i in range(len(made.files.paths))]
    without = [staged.files[i] for i in json_files if i not in read]
    if not json_files or len(without) == len(json_files):
        what = f"no JSON file has records at {place.records!r}" if json_files else "no file is JSON"
        raise InputError(
            f"{staged.name}: {what}; records is the path to their list, such as Records or data.items"
        )
    if without:
        staged.warnings.append(
            f"{staged.name}: {len(without):,} of {len(json_files):,} files, such as {without[0]}, have no "
            f"records at {place.records!r}"
        )


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


def named_files(paths: Sequence[Path], given: str) -> list[str]:
    """Names as people know them, without the folder, which does not change the result."""
    if len(paths) == 1:
        return [paths[0].name]
    folder = (
        Path(given) if Path(given).is_dir() else Path(os.path.commonpath([path.parent for path in paths]))
    )
    return [path.relative_to(folder).as_posix() for path in paths]
