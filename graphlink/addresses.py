"""Files of tables at addresses, as s3a://bucket/log/: which there are, and whether they stay as they were.

What an address names is listed and read by the engine, and nothing of it comes to this machine but names,
sizes and times. These stand in for the digests that files of this machine have, and tell when a file is
written to while it is read.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from graphlink.errors import InputError
from graphlink.files import changed_input, form_of, reason_to_skip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.engine import Engine, StoredFile

_EXPECTED = "expected Parquet (.parquet, .pq)"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/*")


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """The files that an address names.

    Attributes:
        files: Files with tables, in order of their names.
        names: Their names as people know them: where the files are changes nothing, so that is left out.
        skipped: Names of files that hold no table, each with the reason.
    """

    files: tuple[StoredFile, ...]
    names: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]

    def inputs(self) -> list[dict[str, object]]:
        """What the manifest tells of each file: no digest, for which all of it would have to come here."""
        return [
            {"name": name, "bytes": file.n_bytes, "changed": file.changed}
            for name, file in zip(self.names, self.files, strict=True)
        ]


def find_stored(engine: Engine, address: str) -> StoredFiles:
    """Find the Parquet files that an address of a file, a folder or a glob names; folders to their depth.

    Raises:
        InputError: There are none, or some that hold tables of another form.
    """
    found = sorted(engine.list_stored(address), key=lambda file: _parts(file.path))
    found = [file for file in found if not _is_hidden(file.path, address)]
    if not found:
        raise InputError(f"{address}: no file is there; name a Parquet file, a folder or a glob of them")
    reasons = {file.path: reason_to_skip(_parts(file.path), file.n_bytes) for file in found}
    left = [file for file in found if not reasons[file.path]]
    if not left:
        raise InputError(f"{found[0].path}: {reasons[found[0].path]}; {_EXPECTED}")
    for file in left:
        if form_of(_parts(file.path)) != "parquet":
            raise InputError(
                f"{file.path}: at an address only Parquet is read; write it as Parquet, or copy it to this "
                "machine and name that"
            )
        if re.search(r"[*?\[\]{}\\]", file.path):
            raise InputError(f"{file.path}: a name with one of *?[]{{}}\\ names others too; rename the file")
    skipped = [(_parts(path).name, reason) for path, reason in reasons.items() if reason]
    return StoredFiles(tuple(left), tuple(_names([file.path for file in left], address)), tuple(skipped))


@contextmanager
def unchanged(engine: Engine, address: str, found: StoredFiles) -> Iterator[None]:
    """Make sure that the files of an address are the same after a block as they were found before it.

    Raises:
        InputError: Names a file that was written to, removed or added since; also when the block failed, for
            a file that is half written is broken, and this says why.
    """
    try:
        yield
    finally:
        before = {file.path: file for file in found.files}
        after = {file.path: file for file in engine.list_stored(address)}
        for path in sorted(before.keys() | after.keys()):
            is_table = form_of(_parts(path)) == "parquet" and not _is_hidden(path, address)
            if is_table and before.get(path) != after.get(path) and (path in before or after[path].n_bytes):
                raise changed_input(path, _change(before.get(path), after.get(path)))


def _change(before: StoredFile | None, after: StoredFile | None) -> str:
    if before is None:
        return "appeared"
    if after is None:
        return "vanished"
    if before.n_bytes != after.n_bytes:
        return f"went from {before.n_bytes:,} to {after.n_bytes:,} bytes"
    return "was written to"


def _parts(address: str) -> PurePosixPath:
    """An address as a path in its store; schemes are written with one slash, two or three."""
    return PurePosixPath("/" + _SCHEME.sub("", address))


def _is_hidden(path: str, address: str) -> bool:
    """Whether a file is some program's own: _SUCCESS, _delta_log, .crc. Only below what was named."""
    named = len(_parts(address).parts)
    return any(part.startswith((".", "_")) for part in _parts(path).parts[named:])


def _names(paths: list[str], address: str) -> list[str]:
    parts = [_parts(path) for path in paths]
    if len(parts) == 1:
        return [parts[0].name]
    folder = _parts(address)
    if not all(folder in part.parents for part in parts):  # a glob
        folder = PurePosixPath(os.path.commonpath([part.parent for part in parts]))
    return [part.relative_to(folder).as_posix() for part in parts]
