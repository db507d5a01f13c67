"""Files -> a preview of the first rows of each, column by column; nothing is decided here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.core.errors import InputError
from graphlink.core.settings import Settings
from graphlink.ingest.suggest_settings.names import plain_name
from graphlink.ingest.suggest_settings.nested import Inside, look_inside, path_in_head
from graphlink.ingest.time_formats import TimeFormat, likely_format
from graphlink.kinds import UncleanValue, kind_of
from graphlink.kinds.placeholders import REMEDIES
from graphlink.storage.files import find_files, form_of, head_of, read_sample
from graphlink.storage.partitions import above_partitions, partition_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphlink.kinds import Kind

FEWEST = 20  # rows from which on what all of them have in common says something
SAMPLED = 1000  # rows looked at of each file
TRUTH_FILE = r"(^|[_.-])(truth|ground_?truth|answers?|solutions?)([_.-]|$)"
# Values that mean a missing one are no evidence of the kind of a column.
NOTHING = frozenset({"empty", *REMEDIES})


def reason_of(kind: str, value: str) -> str:
    """Why a value can't be used as one of a kind; empty when it can."""
    try:
        _kind(kind).clean(value)
    except UncleanValue as error:
        return error.reason
    return ""


def cleaned(kind: str, value: str) -> str:
    """A value as a run has it; empty when it can't be used."""
    try:
        return _kind(kind).clean(value)
    except UncleanValue:
        return ""


@cache
def _kind(name: str) -> Kind:
    return kind_of(name, Settings())


@dataclass
class Column:
    """A column of a file.

    Attributes:
        name: Its name in the file.
        values: Its values in the first rows, as text, without empty ones.
        n_rows: Rows looked at.
    """

    name: str
    values: list[str]
    n_rows: int

    @cached_property
    def filled(self) -> list[str]:
        """Values that don't mean a missing one."""
        is_nothing = {value: reason_of("client", value) in NOTHING for value in set(self.values)}
        return [value for value in self.values if not is_nothing[value]]

    @cached_property
    def distinct(self) -> frozenset[str]:
        """The values that are there, once each."""
        return frozenset(self.filled)

    @cached_property
    def is_unique(self) -> bool:
        """Whether no value comes twice."""
        return len(self.filled) > 1 and len(self.distinct) == len(self.filled)

    @cached_property
    def is_constant(self) -> bool:
        """Whether all rows, of enough to say so, have one value."""
        return len(self.filled) >= FEWEST and len(self.distinct) == 1

    @cached_property
    def time(self) -> TimeFormat | None:
        """The format that reads the most of its values as times."""
        return likely_format(self.filled)

    @cached_property
    def is_nested(self) -> bool:
        """Whether its cells hold objects or lists instead of one value."""
        n_nested = sum(1 for value in self.values if re.match(r"\{\s*(\"|\}$)|\[", value))
        return bool(self.values) and 2 * n_nested >= len(self.values)


@dataclass
class Table:
    """Files with the same columns in the same folder, of which the first was looked at.

    Attributes:
        path: A file, or a glob that names the files and no others.
        file: The first of the files.
        columns: Its columns by name, in order.
        rows: Its first rows, as text by column.
        notes: Notes on it, for comments.
        records: Of JSON, the path to the records inside a document.
    """

    path: str
    file: Path
    columns: dict[str, Column]
    rows: list[dict[str, str]]
    notes: list[str] = field(default_factory=list)
    records: str = ""

    def fitting(self, patterns: Iterable[str], left_out: Iterable[str] = ()) -> str:
        """The first column whose name fits one of the patterns, the earlier pattern first."""
        for pattern in patterns:
            for column in self.columns:
                if column not in left_out and re.fullmatch(pattern, plain_name(column)):
                    return column
        return ""


@dataclass(frozen=True)
class LeftOut:
    """A file that no section of the settings reads, and why; with its columns where they could be read."""

    path: str
    why: str
    columns: tuple[str, ...] = ()


def table_of(
    path: str, file: Path, names: Sequence[str], rows: list[dict[str, str]], records: str = ""
) -> Table:
    """A table from its columns and first rows."""
    columns = {
        name: Column(name, [row[name] for row in rows if name in row], len(rows)) for name in names if name
    }
    return Table(path, file, columns, rows, records=records)


def look_at(paths: Sequence[str | Path]) -> tuple[list[Table], list[LeftOut]]:
    """Look at the first rows of every file; those that can't be read are left out with the reason."""
    groups: dict[tuple[Path, str, tuple[str, ...], str], list[tuple[Path, Inside]]] = {}
    left: list[LeftOut] = []
    for path in paths:
        if Path(path).suffix.lower() == ".mmdb":
            groups[Path(path), "", (), ""] = [(Path(path), Inside("", (), []))]
            continue
        try:
            files = find_files(str(path))
        except InputError as error:
            left.append(LeftOut(str(path), _without_path(error, path)))
            continue
        left += [LeftOut(name, reason) for name, reason in files.skipped]
        for file in files.paths:
            try:
                inside = _sample_of(file)
            except InputError as error:
                left.append(LeftOut(str(file), _without_path(error, file)))
                continue
            is_alone = re.search(TRUTH_FILE, file.name, re.IGNORECASE)
            folder = file if is_alone else above_partitions(file.parent)
            # Not every record has all that others have inside their columns.
            outer = tuple(dict.fromkeys(name.partition(".")[0] for name in inside.columns))
            key = (folder, "".join(file.suffixes), outer, inside.records)
            groups.setdefault(key, []).append((file, inside))
    tables = [
        table_of(path, file, inside.columns, inside.rows, inside.records)
        for group in groups.values()
        for path, file, inside in _named_alike(group)
    ]
    return tables, left


def _sample_of(file: Path) -> Inside:
    """The first rows of a file, with what is inside their columns, and what the names of its folders give."""
    inside = _content_of(file)
    given = {name: value for name, value in partition_of(file).items() if name not in inside.columns}
    filled = {name: value for name, value in given.items() if value}
    return inside._replace(columns=(*inside.columns, *given), rows=[row | filled for row in inside.rows])


def _content_of(file: Path) -> Inside:
    columns, rows = read_sample(file, SAMPLED)
    if not rows and form_of(file) in ("json", "lines"):
        # A document larger than what is looked at of a file.
        records = path_in_head(head_of(file))
        if records:
            columns, rows = read_sample(file, SAMPLED, records)
            return look_inside(columns, rows)._replace(records=records)
    return look_inside(columns, rows)


def _without_path(error: InputError, path: object) -> str:
    return str(error).removeprefix(f"{path}: ")


def _named_alike(group: list[tuple[Path, Inside]]) -> list[tuple[str, Path, Inside]]:
    """The files as one when a glob names them and no others, else each alone."""
    files = [file for file, _ in group]
    glob = str(files[0]) if len(files) == 1 else _glob_of(files)
    if glob:
        # The file with the most rows represents all: an empty one shows nothing of its columns.
        file, inside = max(group, key=lambda one: len(one[1].rows))
        return [(glob, file, inside)]
    return [(str(file), file, inside) for file, inside in group]


def _glob_of(files: list[Path]) -> str:
    """A glob that names the files and no others; empty when there is none."""
    stem = _common_start([file.name for file in files])
    ending = "".join(files[0].suffixes)
    root = above_partitions(files[0].parent)
    deeper = "**/" if root != files[0].parent else ""
    for pattern in (f"{deeper}{stem}*{ending}", f"{deeper}*{ending}"):
        if len(list(root.glob(pattern))) == len(files):
            return str(root / pattern)
    return ""


def _common_start(names: list[str]) -> str:
    first, last = min(names), max(names)
    n = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return re.split(r"[*?\[.]", first[:n])[0]
