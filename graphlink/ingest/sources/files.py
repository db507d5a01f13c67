"""Files on this machine -> the staged table."""

from __future__ import annotations

import contextlib
import os
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.core.errors import InputError
from graphlink.engine.scratch import Scratch
from graphlink.ingest.sources.encodings import count_accents, named_encoding
from graphlink.ingest.sources.groups import FileGroup, file_groups, read_file_group
from graphlink.ingest.sources.late_keys import check_late_keys, find_late_keys
from graphlink.ingest.sources.quotes import blank_lines, count_lines
from graphlink.ingest.sources.repaired import Copy, repaired_copies, swallowing_files
from graphlink.ingest.sources.staged import Lost, Staged
from graphlink.storage.files import digest_file, find_files, form_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.engine import Reader, RejectedRow
    from graphlink.ingest.sources.place import Place, Wanted


def stage_files(engine: Reader, place: Place, wanted: Sequence[Wanted], staged: Staged) -> None:
    """Stage files; one whose stray quotes swallow rows is read from a copy without them."""
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
        swallowing = swallowing_files(engine, staged, {i: told.result() for i, told in lines.items()})
        with contextlib.ExitStack() as held:
            copies = Scratch(engine.folder)
            held.callback(copies.close)
            mended = repaired_copies(found.paths, swallowing, copies.path, held)
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
    wanted: Sequence[Wanted],
    staged: Staged,
    paths: tuple[Path, ...],
    mended: Mapping[int, Copy] | None = None,
) -> None:
    sets = list(file_groups(engine, paths))
    late = find_late_keys(sets, wanted)
    for made in sets:
        rejected = read_file_group(engine, place, wanted, staged, made, late)
        numbers = _row_numbers(made, rejected)
        for row, row_number in zip(rejected, numbers, strict=True):
            i = made.first + row.file
            given_up = mended[i].given_up if mended and i in mended else {}
            lost = Lost(i, row_number, row.reason, row.n_lines)
            if row.at in given_up:
                lost = Lost(i, row_number, "broken_quote", given_up[row.at])
            staged.rejected.append(lost)
    check_late_keys(engine, wanted, staged, sets, late)


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
