"""The files that a run reads: which they are, and whether they stay as they are while they are read.

A run's manifest holds the digest of each file. It is the digest of the rows read only if nobody writes to the
file meanwhile. Size, time of change and inode show that without reading the file again.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.credentials import database_kind
from graphlink.core.errors import InputError, TableFormatError
from graphlink.core.settings import Lookup
from graphlink.core.small_files import MOST_LARGE, check_regular
from graphlink.kinds import read_key
from graphlink.storage.files import change_of, changed_input, find_files, refuse_lake_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.core.settings import Settings


class Stamp(NamedTuple):
    """What changes when a file is written to or replaced: its size, its time of change and its inode."""

    n_bytes: int
    changed_ns: int
    inode: int


def stamp_inputs(settings: Settings) -> dict[Path, Stamp]:
    """Stamp each file that the settings name: sources, accounts, reference lists.

    What is missing is left out: the step that reads it names it. Databases behind an address have no files.

    Raises:
        TableFormatError: Files belong to a table that is more than its files; raised before anything is read.
    """
    stamps = {}
    for path in _input_files(settings):
        with suppress(OSError):  # the step that reads it raises
            status = path.stat()
            stamps[path] = Stamp(status.st_size, status.st_mtime_ns, status.st_ino)
    return stamps


def check_named_files(settings: Settings) -> None:
    """Make sure, before anything is read, that the lists, labels and key of the settings can be.

    Raises:
        InputError: One is missing, no regular file, or too large.
        SettingsError: The key file is no key.
    """
    paths = [*(reference.path for reference in settings.references), settings.labels.path]
    refuse_lake_tables([Path(path) for path in paths if path])
    for reference in settings.references:
        check_regular(reference.path, f"reference list {reference.path}", most_bytes=MOST_LARGE)
    if settings.labels.path:
        check_regular(settings.labels.path, f"labels {settings.labels.path}")
    pseudonyms = settings.pseudonymize
    if pseudonyms.key_file and (pseudonyms.kinds or settings.overrides):
        read_key(pseudonyms.key_file)


def check_unchanged(settings: Settings, before: Mapping[Path, Stamp]) -> None:
    """Make sure that the files of the settings are as they were when they were stamped.

    Raises:
        InputError: Names a file that was written to, replaced, removed or added since.
    """
    after = stamp_inputs(settings)
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            raise changed_input(path, _change(before.get(path), after.get(path)))


def _input_files(settings: Settings) -> list[Path]:
    files: list[Path] = []
    for source in [*settings.sources, settings.accounts, *settings.lookups]:
        if source is None:
            continue
        if not isinstance(source, Lookup) and source.format:  # a version of it does not change
            continue
        for path in filter(None, [source.path, *getattr(source, "joins", {}).values()]):
            try:
                files += find_files(path).paths
            except TableFormatError:
                raise
            except InputError:  # the step that reads it says what is wrong
                continue
        if not isinstance(source, Lookup) and source.database and not database_kind(source.database):
            files.append(Path(source.database))
    lists = [Path(reference.path) for reference in settings.references]
    labels = settings.labels.path
    refuse_lake_tables([*lists, *([Path(labels)] if labels else [])])
    return files + lists


def _change(before: Stamp | None, after: Stamp | None) -> str:
    is_replaced = before is not None and after is not None and before.inode != after.inode
    return change_of(
        before and before.n_bytes,
        after and after.n_bytes,
        "was replaced" if is_replaced else "was written to",
    )
