"""Keys of JSON that the head of a file does not show: which files have them, and which do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.errors import InputError
from graphlink.ingest.sources.columns import missing_message
from graphlink.ingest.sources.groups import FileGroup, described_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.engine import Sql
    from graphlink.ingest.sources.place import ColumnSpec
    from graphlink.ingest.sources.staged import Staged


def find_late_keys(sets: Sequence[FileGroup], specs: Sequence[ColumnSpec]) -> list[str]:
    """The keys to read that the head of some JSON file doesn't show."""
    named = dict.fromkeys(spec.column for spec in specs if spec.column)
    return [name for name in named if any(made.is_json and name not in made.columns for made in sets)]


def check_late_keys(
    engine: Sql, specs: Sequence[ColumnSpec], staged: Staged, sets: Sequence[FileGroup], late: Sequence[str]
) -> None:
    """Note the keys that no record had, and warn of those that only some files have.

    Raises:
        InputError: A key that is needed is in no record of the JSON files.
    """
    json_sets = [made for made in sets if made.is_json]
    if not late or not json_sets:
        return
    columns = ", ".join(f"bool_or(has_key_{i})" for i in range(len(late)))
    had = {
        int(str(file)): flags
        for file, *flags in engine.rows(f"SELECT file, {columns} FROM {staged.table} GROUP BY file")
    }
    shown = {made.first + i: keys for made in json_sets for i, keys in enumerate(made.shown)}
    read = [number for number in shown if number in had]  # a file without rows proves nothing
    for i, name in enumerate(late):
        without = [number for number in read if name not in shown[number] and had[number][i] is not True]
        if not without:
            continue
        if len(without) == len(read):
            first = json_sets[0]
            if any(spec.column == name and spec.is_needed for spec in specs):
                keys = sorted(set().union(*first.shown))
                raise InputError(missing_message(name, keys, described_files(first.files), first.nested))
            staged.missing.add(name)
        else:
            staged.warnings.append(
                f"{staged.name}: {len(without):,} of {len(read):,} files, such as "
                f"{staged.files[without[0]]}, have no key {name!r}; their rows were read without it"
            )
