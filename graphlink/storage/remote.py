"""Files at addresses, such as s3a://bucket/log/: those of an input, and those of a result.

Parquet that is named as input is listed and read by the engine, and nothing of it comes to this machine but
names, sizes and times. These stand in for the digests that files of this machine have, and tell when a file
is written to while it is read. What else is named is copied here (`graphlink.storage.local_copy`).

A result at an address is a folder of this form:

    run.json                          names the folder of the run; last to be written, in one put
    run-4f0c.../links.parquet/part-*  each table a folder of parts, in the order of its rows

so that stores which can't rename have no half a result either: without run.json it is none, and run.json goes
from one whole result to the next. Tables are written by the engine; run.json is written, and what is there
looked at, by pyarrow, which must know the store too. Folders of runs that run.json doesn't name were left by
runs that were killed, and can be removed.
"""

from __future__ import annotations

import os
import re
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa

from graphlink.core.credentials import redacted_address, redacted_text
from graphlink.core.errors import EngineError, InputError, ResultError, TableFormatError
from graphlink.engine import StoredFile
from graphlink.storage.files import change_of, changed_input, form_of, reason_to_skip
from graphlink.storage.lake import MARKER_FOLDERS, folders_above, lake_table_among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphlink.engine import Engine

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
        InputError: There are none, some with names that can't be told apart, or they are the files of a
            table that is more than its files.
    """
    found = sorted(engine.list_stored(address), key=lambda file: _parts(file.path))
    refuse_stored_tables(engine, address, found)
    found = [file for file in found if not is_hidden(file.path, address)]
    if not found:
        raise InputError(f"{address}: no file is there; name a Parquet file, a folder or a glob of them")
    reasons = {file.path: reason_to_skip(_parts(file.path), file.n_bytes) for file in found}
    left = [file for file in found if not reasons[file.path]]
    if not left:
        raise InputError(f"{found[0].path}: {reasons[found[0].path]}; {_EXPECTED}")
    for file in left:
        if re.search(r"[*?\[\]{}\\]", file.path):
            raise InputError(f"{file.path}: a name with one of *?[]{{}}\\ names others too; rename the file")
    skipped = [(_parts(path).name, reason) for path, reason in reasons.items() if reason]
    return StoredFiles(tuple(left), tuple(names_below([file.path for file in left], address)), tuple(skipped))


def refuse_stored_tables(engine: Engine, address: str, found: Sequence[StoredFile]) -> None:
    """Refuse an address whose files belong to a table that is more than its files, such as Delta Lake's.

    Listings may leave hidden folders out, so that markers are also looked for by their names, in the folders
    above and below what was named: the upper ones first, since tables begin there.

    Args:
        engine: Lists the files where it reads at addresses itself; pyarrow does otherwise.
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
        below = [_SCHEME.sub("", file.path).removeprefix(host).lstrip("/") for file in found]
        folders = folders_above(below if is_glob else [*below, f"{path.rstrip('/')}/any"])
        listed = _listed_by_engine(engine) if engine.is_distributed else _listed_here
        table = lake_table_among(listed(f"{scheme}://{host}/", _likely_roots(folders)))
    if table:
        raise TableFormatError(table.refusal())


_MOST_FOLDERS = 64  # that are looked at for markers: each costs calls to the store


def _likely_roots(folders: list[str]) -> list[str]:
    """Folders of a store that may be a table's; of partitions (day=1) there are many, and none is one."""
    plain = {folder.strip("./") for folder in folders if not re.search(r"[=*?\[\]{}\\,]", folder)}
    return sorted(plain, key=lambda name: (name.count("/") + bool(name), name))[:_MOST_FOLDERS]


def _listed_by_engine(engine: Engine) -> Callable[[str, list[str]], Iterator[str]]:
    def listed(store: str, folders: list[str]) -> Iterator[str]:
        for folder in folders:
            place = f"{store}{folder}/" if folder else store
            with suppress(InputError):  # what is above what was named may be nobody's business
                found = engine.list_stored(f"{place}{{{','.join(MARKER_FOLDERS)}}}")
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
        with _reaching(address):
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
                after[path].n_bytes and form_of(_parts(path)) and not is_hidden(path, address)
            )
            if is_read and before.get(path) != after.get(path):
                raise changed_input(path, change_of(_bytes_of(before.get(path)), _bytes_of(after.get(path))))


def _bytes_of(file: StoredFile | None) -> int | None:
    return file.n_bytes if file else None


def _parts(address: str) -> PurePosixPath:
    """An address as a path in its store; schemes are written with one slash, two or three."""
    return PurePosixPath("/" + _SCHEME.sub("", address))


def is_hidden(path: str, address: str) -> bool:
    """Whether a file is some program's own: _SUCCESS, _delta_log, .crc. Only below what was named."""
    named = len(_parts(address).parts)
    return any(part.startswith((".", "_")) for part in _parts(path).parts[named:])


def names_below(paths: list[str], address: str) -> list[str]:
    """Names of files as people know them: below the folder that an address names."""
    parts = [_parts(path) for path in paths]
    if len(parts) == 1:
        return [parts[0].name]
    folder = _parts(address)
    if not all(folder in part.parents for part in parts):  # a glob
        folder = PurePosixPath(os.path.commonpath([part.parent for part in parts]))
    return [part.relative_to(folder).as_posix() for part in parts]


# --- results -----------------------------------------------------------------------------------------------

_RUN = re.compile("run-[0-9a-f]{32}")
_STORES = "file, s3 (also s3a), gs, abfss and hdfs"


@dataclass(frozen=True, slots=True)
class StoredPath:
    """A place at an address, with as much of what paths do as reading a result needs.

    Attributes:
        address: The address as it was told, which is also what the engine takes.
        store: The file system of pyarrow that it is in.
        path: Its path there.
    """

    address: str
    store: Any
    path: str

    def __truediv__(self, name: str) -> StoredPath:
        return StoredPath(f"{self.address.rstrip('/')}/{name}", self.store, f"{self.path.rstrip('/')}/{name}")

    def __str__(self) -> str:
        return self.address

    def __repr__(self) -> str:
        return f"StoredPath({redacted_address(self.address)!r})"

    @property
    def name(self) -> str:
        """The last part of the address."""
        return PurePosixPath(self.path).name

    def resolve(self) -> StoredPath:
        """Itself: an address is whole."""
        return self

    def exists(self) -> bool:
        """Whether a file or a folder is there."""
        return bool(self.store.get_file_info(self.path).type)

    def is_dir(self) -> bool:
        """Whether a folder is there."""
        return bool(self.store.get_file_info(self.path).type == _types().Directory)

    def size(self) -> int:
        """Bytes of a file."""
        return int(self.store.get_file_info(self.path).size or 0)

    def names(self) -> list[str]:
        """The names in a folder, in order."""
        from pyarrow import fs

        found = self.store.get_file_info(fs.FileSelector(self.path, allow_not_found=True))
        return sorted(PurePosixPath(info.path).name for info in found)

    def children(self) -> list[StoredPath]:
        """What is in a folder, in order of names, without what is some program's own."""
        return [self / name for name in self.names() if not name.startswith((".", "_"))]

    def open(self) -> pa.NativeFile:
        """A file for reading."""
        return self.store.open_input_file(self.path)

    def read_text(self) -> str:
        """The text of a file."""
        with self.store.open_input_stream(self.path) as stream:
            return bytes(stream.read()).decode()

    def write(self, content: bytes) -> None:
        """Write a file that appears whole: where a store shows files while they grow, by a move."""
        is_shown = self.store.type_name == "local"
        folder, _, name = self.path.rpartition("/")
        beside = f"{folder}/.{name}.{uuid.uuid4().hex}" if is_shown else self.path
        self.store.create_dir(folder, recursive=True)
        with self.store.open_output_stream(beside) as stream:
            stream.write(content)
        if is_shown:
            self.store.move(beside, self.path)

    def remove(self) -> None:
        """Remove a file, or a folder with all that is in it."""
        if self.is_dir():
            self.store.delete_dir(self.path)
        elif self.exists():
            self.store.delete_file(self.path)


def _types() -> Any:
    from pyarrow import fs

    return fs.FileType


def stored_path(address: str) -> StoredPath:
    """The place that an address names.

    Raises:
        ResultError: pyarrow can't open such an address.
    """
    from pyarrow import fs

    scheme, _, rest = address.partition("://")
    host, _, path = rest.partition("/")
    told = f"{re.sub('^s3[an]$', 's3', scheme)}://{host}/{quote(path)}"
    with _reaching(address):
        try:
            store, inner = fs.FileSystem.from_uri(told)
        except pa.ArrowInvalid:
            shown = redacted_address(address)
            raise ResultError(f"{shown}: no store that pyarrow opens; it knows {_STORES}") from None
    return StoredPath(address, store, inner)


def place_of_result(path: str | Path, address: str) -> Path | StoredPath:
    """Where a result is that a path or its address names: of this machine where it can be."""
    if not address:
        return Path(path)
    place = stored_path(address)
    return Path(place.path) if place.store.type_name == "local" else place


@contextmanager
def stored_run(
    place: StoredPath, *, overwrite: bool, told: Callable[[StoredPath], Any]
) -> Iterator[StoredPath]:
    """Give the folder of a run into which tables go; when the block fails it vanishes.

    Before its end the block writes run.json, by which the new result takes the place of an earlier one; what
    is left of that is removed then.

    Args:
        place: Where the result is to be.
        overwrite: Whether an earlier result may be replaced.
        told: Gives the run.json of a place, or nothing.

    Raises:
        ResultError: The place holds what may not be replaced, or the store refused.
    """
    with _reaching(str(place)):
        earlier = _earlier_run(place, overwrite=overwrite, told=told)
        run = place / f"run-{uuid.uuid4().hex}"
        try:
            run.store.create_dir(run.path, recursive=True)
            yield run
        except BaseException:  # also when interrupted: no half a result stays
            with suppress(OSError):  # the error that ended the run says more
                run.remove()
                if not place.names():
                    place.remove()
            raise
        if earlier and not _foreign_in(place / earlier):  # else somebody put it there during the run
            with suppress(OSError):  # the new result stands; what is left of the old one only takes room
                (place / earlier).remove()


def _earlier_run(place: StoredPath, *, overwrite: bool, told: Callable[[StoredPath], Any]) -> str:
    """The folder of the run that is there; nothing when there is none."""
    found = told(place)
    if found is None:
        if any(not child.name.startswith("run-") for child in place.children()):
            raise ResultError(f"{place} is not a graphlink result and stays as it is; choose another address")
        return ""
    if "folder" not in found:
        raise ResultError(f"{place} holds a result that was written by its path; choose another address")
    if not overwrite:
        raise ResultError(f"{place} holds a result already; overwrite=True replaces it")
    earlier = run_name(found["folder"])
    foreign = _foreign_in(place / earlier) if earlier else ["run.json, which names no folder of a run"]
    if foreign:
        raise ResultError(
            f"{place} holds what graphlink did not write: {', '.join(foreign[:3])}; it stays as it is. "
            "Move it away, or choose another address"
        )
    return earlier


def run_name(told: object) -> str:
    """The folder of a run as a run.json names it; nothing for what is no name of such a folder."""
    return told if isinstance(told, str) and _RUN.fullmatch(told) else ""


def _foreign_in(run: StoredPath) -> list[str]:
    """What the folder of a run holds beside tables of Parquet and an engine's own hidden files."""
    foreign = []
    for table in run.children():
        if not (table.name.endswith(".parquet") and table.is_dir()):
            foreign.append(f"{run.name}/{table.name}")
            continue
        parts = (part for part in table.children() if part.is_dir() or not part.name.endswith(".parquet"))
        foreign += [f"{run.name}/{table.name}/{part.name}" for part in parts]
    return foreign


def check_reach(engine: Engine, run: StoredPath) -> None:
    """Make sure, before a run begins, that the engine writes where this machine looks.

    Raises:
        ResultError: It does not.
    """
    probe = run / "probe.parquet"
    try:
        engine.write_stored("SELECT 1 AS one", str(probe))
    except EngineError as error:
        raise ResultError(f"{run}: {error}; check the address, and that Spark may write there") from error
    if not probe.children():
        raise ResultError(
            f"{run}: what Spark writes there is not there for this machine; name a store that both reach"
        )
    probe.remove()


@contextmanager
def _reaching(address: str) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        said = redacted_text((str(error) or type(error).__name__).splitlines()[0], address)
        raise ResultError(
            f"{redacted_address(address)}: {said}; check the address, and that this machine has keys to the "
            "store"
        ) from None  # what pyarrow raised quotes the address
