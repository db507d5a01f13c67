"""Files at addresses that are named as input, such as s3a://bucket/log/: what is there, and whether it stays.

Parquet that is named as input is listed and read by the engine, and nothing of it comes to this machine but
names, sizes and times. These stand in for the digests that files of this machine have, and tell when a file
is written to while it is read. What else is named is copied here (`graphlink.storage.local_copy`).
"""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.core.errors import InputError, ResultError, TableFormatError
from graphlink.engine import StoredFile
from graphlink.storage.files import change_of, changed_input, form_of, reason_to_skip
from graphlink.storage.lake import MARKER_FOLDERS, folders_above, lake_table_among
from graphlink.storage.remote.names import SCHEME, is_hidden, names_below, parts_of
from graphlink.storage.remote.paths import reaching, stored_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphlink.engine import Store

_EXPECTED = "expected Parquet (.parquet, .pq)"


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


def find_stored(store: Store, address: str) -> StoredFiles:
    """Find the Parquet files that an address of a file, a folder or a glob names; folders to their depth.

    Raises:
        InputError: There are none, some with names that can't be told apart, or they are the files of a
            table that is more than its files.
    """
    found = sorted(store.list_stored(address), key=lambda file: parts_of(file.path))
    refuse_stored_tables(store, address, found)
    found = [file for file in found if not is_hidden(file.path, address)]
    if not found:
        raise InputError(f"{address}: no file is there; name a Parquet file, a folder or a glob of them")
    reasons = {file.path: reason_to_skip(parts_of(file.path), file.n_bytes) for file in found}
    left = [file for file in found if not reasons[file.path]]
    if not left:
        raise InputError(f"{found[0].path}: {reasons[found[0].path]}; {_EXPECTED}")
    for file in left:
        if re.search(r"[*?\[\]{}\\]", file.path):
            raise InputError(f"{file.path}: a name with one of *?[]{{}}\\ names others too; rename the file")
    skipped = [(parts_of(path).name, reason) for path, reason in reasons.items() if reason]
    return StoredFiles(tuple(left), tuple(names_below([file.path for file in left], address)), tuple(skipped))


def refuse_stored_tables(store: Store | None, address: str, found: Sequence[StoredFile]) -> None:
    """Refuse an address whose files belong to a table that is more than its files, such as Delta Lake's.

    Listings may leave hidden folders out, so that markers are also looked for by their names, in the folders
    above and below what was named: the upper ones first, since tables begin there.

    Args:
        store: Lists the files where the engine reads addresses itself; pyarrow does when None.
        address: The address.
        found: All files that it names, hidden ones too.

    Raises:
        TableFormatError: Names the format, the folder of the table, and what to do.
    """
    table = lake_table_among(file.path for file in found)
    if table is None:
        scheme, _, rest = address.partition("://")
        host, _, path = rest.partition("/")
        is_glob = re.search(r"[*?\[]", path) is not None
        below = [SCHEME.sub("", file.path).removeprefix(host).lstrip("/") for file in found]
        folders = folders_above(below if is_glob else [*below, f"{path.rstrip('/')}/any"])
        listed = _listed_by_engine(store) if store else _listed_here
        table = lake_table_among(listed(f"{scheme}://{host}/", _likely_roots(folders)))
    if table:
        raise TableFormatError(table.refusal())


_MOST_FOLDERS = 64  # that are looked at for markers: each costs calls to the store


def _likely_roots(folders: list[str]) -> list[str]:
    """Folders of a store that may be a table's; of partitions (day=1) there are many, and none is one."""
    plain = {folder.strip("./") for folder in folders if not re.search(r"[=*?\[\]{}\\,]", folder)}
    return sorted(plain, key=lambda name: (name.count("/") + bool(name), name))[:_MOST_FOLDERS]


def _listed_by_engine(store: Store) -> Callable[[str, list[str]], Iterator[str]]:
    def listed(root: str, folders: list[str]) -> Iterator[str]:
        for folder in folders:
            place = f"{root}{folder}/" if folder else root
            with suppress(InputError):  # what is above what was named may be nobody's business
                found = store.list_stored(f"{place}{{{','.join(MARKER_FOLDERS)}}}")
                yield from (file.path for file in found)

    return listed


def _listed_here(store: str, folders: list[str]) -> Iterator[str]:
    from pyarrow import fs

    for folder in folders:
        for name in MARKER_FOLDERS:
            with suppress(ResultError, OSError, pa.ArrowException):  # as above
                place = stored_path(f"{store}{folder}/{name}" if folder else f"{store}{name}")
                infos = place.store.get_file_info(fs.FileSelector(place.path, allow_not_found=True))
                yield from (f"{place.address}/{PurePosixPath(info.path).name}" for info in infos)


def stored_files(address: str) -> list[StoredFile]:
    """The files that an address names, as pyarrow finds them; none if there are none.

    Raises:
        InputError: pyarrow can't open the store.
    """
    from pyarrow import fs

    parts = address.split("/")
    n_fixed = next((i for i, part in enumerate(parts) if re.search(r"[*?\[]", part)), len(parts))
    pattern = parts[n_fixed:]
    try:
        # Behind scheme:// and host there is always a part, be it empty.
        top = stored_path("/".join(parts[: max(n_fixed, 3)]))
        with reaching(address):
            told = top.store.get_file_info(top.path)
            if told.type == fs.FileType.Directory:
                infos = top.store.get_file_info(fs.FileSelector(top.path, recursive=True))
            else:
                infos = [] if pattern else [told]
    except ResultError as error:
        raise InputError(str(error)) from None
    found = []
    for info in infos:
        rest = info.path.removeprefix(top.path).strip("/")
        if info.type == fs.FileType.File and (not pattern or _matches(rest.split("/"), pattern)):
            path = f"{top.address.rstrip('/')}/{rest}" if rest else top.address
            found.append(StoredFile(path, int(info.size), info.mtime.isoformat() if info.mtime else ""))
    return sorted(found)


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the parts of a path are what a glob means; ** stands for folders to any depth."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_matches(parts[i:], pattern[1:]) for i in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])


@contextmanager
def unchanged(
    listed: Callable[[str], list[StoredFile]], address: str, found: Sequence[StoredFile]
) -> Iterator[None]:
    """Make sure that the files of an address are the same after a block as they were found before it.

    Args:
        listed: Gives the files that an address names.
        address: The address.
        found: Those of its files that are read.

    Raises:
        InputError: Names a file that was written to, removed or added since; also when the block failed, for
            a file that is half written is broken, and this says why.
    """
    try:
        yield
    finally:
        before = {file.path: file for file in found}
        after = {file.path: file for file in listed(address)}
        for path in sorted(before.keys() | after.keys()):
            is_read = path in before or (
                after[path].n_bytes and form_of(parts_of(path)) and not is_hidden(path, address)
            )
            if is_read and before.get(path) != after.get(path):
                raise changed_input(path, change_of(_bytes_of(before.get(path)), _bytes_of(after.get(path))))


def _bytes_of(file: StoredFile | None) -> int | None:
    return file.n_bytes if file else None
