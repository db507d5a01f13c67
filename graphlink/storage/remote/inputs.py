"""Files at addresses that are named as input, such as s3a://bucket/log/: what is there, and whether it stays.

Parquet that is named as input is listed and read by the engine, and nothing of it comes to this machine but
names, sizes and times. These take the place of the digests that files of this machine have, and show when a
file is written to while it is read. Other files are copied to this machine (`graphlink.storage.local_copy`).
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
from graphlink.storage.remote.names import SCHEME, is_hidden, names_below, store_path
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
        """The manifest's entry of each file: no digest, which would need all of its bytes on this machine."""
        return [
            {"name": name, "bytes": file.n_bytes, "changed": file.changed}
            for name, file in zip(self.names, self.files, strict=True)
        ]


def find_stored(store: Store, address: str) -> StoredFiles:
    """Find the Parquet files that an address of a file, a folder or a glob names; folders to their depth.

    Raises:
        InputError: There are none, some have names that can't be distinguished, or they are the files of a
            table that is more than its files.
    """
    files = sorted(store.list_stored(address), key=lambda file: store_path(file.path))
    refuse_stored_tables(store, address, files)
    files = [file for file in files if not is_hidden(file.path, address)]
    if not files:
        raise InputError(f"{address}: no file is there; name a Parquet file, a folder or a glob of them")
    reasons = {file.path: reason_to_skip(store_path(file.path), file.n_bytes) for file in files}
    left = [file for file in files if not reasons[file.path]]
    if not left:
        raise InputError(f"{files[0].path}: {reasons[files[0].path]}; {_EXPECTED}")
    for file in left:
        if re.search(r"[*?\[\]{}\\]", file.path):
            raise InputError(f"{file.path}: a name with one of *?[]{{}}\\ names others too; rename the file")
    skipped = [(store_path(path).name, reason) for path, reason in reasons.items() if reason]
    return StoredFiles(tuple(left), tuple(names_below([file.path for file in left], address)), tuple(skipped))


def refuse_stored_tables(store: Store | None, address: str, files: Sequence[StoredFile]) -> None:
    """Refuse an address whose files belong to a table that is more than its files, such as Delta Lake's.

    Listings may leave hidden folders out, so that markers are also looked for by their names, in the folders
    above and below the address: the upper ones first, since tables begin there.

    Args:
        store: Lists the files where the engine reads addresses itself; pyarrow does when None.
        address: The address.
        files: All files that it names, hidden ones too.

    Raises:
        TableFormatError: Names the format, the folder of the table, and what to do.
    """
    table = lake_table_among(file.path for file in files)
    if table is None:
        scheme, _, rest = address.partition("://")
        host, _, path = rest.partition("/")
        is_glob = re.search(r"[*?\[]", path) is not None
        below = [SCHEME.sub("", file.path).removeprefix(host).lstrip("/") for file in files]
        folders = folders_above(below if is_glob else [*below, f"{path.rstrip('/')}/any"])
        listed = _listed_by_engine(store) if store else _listed_here
        table = lake_table_among(listed(f"{scheme}://{host}/", _likely_roots(folders)))
    if table:
        raise TableFormatError(table.refusal())


_MOST_FOLDERS = 64  # that are looked at for markers: each costs calls to the store


def _likely_roots(folders: list[str]) -> list[str]:
    """Folders of a store that may be a table's root; a partition (day=1) never is one."""
    plain = {folder.strip("./") for folder in folders if not re.search(r"[=*?\[\]{}\\,]", folder)}
    return sorted(plain, key=lambda name: (name.count("/") + bool(name), name))[:_MOST_FOLDERS]


def _listed_by_engine(store: Store) -> Callable[[str, list[str]], Iterator[str]]:
    def listed(root: str, folders: list[str]) -> Iterator[str]:
        for folder in folders:
            place = f"{root}{folder}/" if folder else root
            with suppress(InputError):  # folders above the address may not be readable
                markers = store.list_stored(f"{place}{{{','.join(MARKER_FOLDERS)}}}")
                yield from (file.path for file in markers)

    return listed


def _listed_here(store: str, folders: list[str]) -> Iterator[str]:
    from pyarrow import fs

    for folder in folders:
        for name in MARKER_FOLDERS:
            with suppress(ResultError, OSError, pa.ArrowException):  # a folder may not be readable
                place = stored_path(f"{store}{folder}/{name}" if folder else f"{store}{name}")
                infos = place.store.get_file_info(fs.FileSelector(place.path, allow_not_found=True))
                yield from (f"{place.address}/{PurePosixPath(info.path).name}" for info in infos)


def stored_files(address: str) -> list[StoredFile]:
    """The files that an address names, as pyarrow lists them; none if there are none.

    Raises:
        InputError: pyarrow can't open the store.
    """
    from pyarrow import fs

    segments = address.split("/")
    n_fixed = next((i for i, name in enumerate(segments) if re.search(r"[*?\[]", name)), len(segments))
    pattern = segments[n_fixed:]
    try:
        # After scheme:// and host there is always a segment, even if it is empty.
        top = stored_path("/".join(segments[: max(n_fixed, 3)]))
        with reaching(address):
            info_of_top = top.store.get_file_info(top.path)
            if info_of_top.type == fs.FileType.Directory:
                infos = top.store.get_file_info(fs.FileSelector(top.path, recursive=True))
            else:
                infos = [] if pattern else [info_of_top]
    except ResultError as error:
        raise InputError(str(error)) from None
    files = []
    for info in infos:
        rest = info.path.removeprefix(top.path).strip("/")
        if info.type == fs.FileType.File and (not pattern or _matches(rest.split("/"), pattern)):
            path = f"{top.address.rstrip('/')}/{rest}" if rest else top.address
            files.append(StoredFile(path, int(info.size), info.mtime.isoformat() if info.mtime else ""))
    return sorted(files)


def _matches(segments: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the segments of a path match a glob; ** matches folders to any depth."""
    if not pattern:
        return not segments
    if pattern[0] == "**":
        return any(_matches(segments[i:], pattern[1:]) for i in range(len(segments) + 1))
    return bool(segments) and fnmatchcase(segments[0], pattern[0]) and _matches(segments[1:], pattern[1:])


@contextmanager
def unchanged(
    listed: Callable[[str], list[StoredFile]], address: str, files: Sequence[StoredFile]
) -> Iterator[None]:
    """Make sure that the files of an address are the same after a block as before it.

    Args:
        listed: Gives the files that an address names.
        address: The address.
        files: Those of its files that are read.

    Raises:
        InputError: Names a file that was written to, removed or added since; also when the block failed,
            because a half-written file is broken, and this is the reason.
    """
    try:
        yield
    finally:
        before = {file.path: file for file in files}
        after = {file.path: file for file in listed(address)}
        for path in sorted(before.keys() | after.keys()):
            is_read = path in before or (
                after[path].n_bytes and form_of(store_path(path)) and not is_hidden(path, address)
            )
            if is_read and before.get(path) != after.get(path):
                raise changed_input(path, change_of(_bytes_of(before.get(path)), _bytes_of(after.get(path))))


def _bytes_of(file: StoredFile | None) -> int | None:
    return file.n_bytes if file else None
