"""Files at addresses that are read on this machine: copied here first, under their own names.

Parquet of observations and accounts stays where it is when the engine reads there; all else that settings
name at an address (CSV, JSON lines, reference lists, labels; without Spark everything) comes here, by
pyarrow, and is read as the same files of this machine would be.
"""

from __future__ import annotations

import dataclasses
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from graphlink.core.credentials import redacted_address, redacted_text
from graphlink.core.errors import EngineError, InputError, ResultError
from graphlink.core.settings import Lookup
from graphlink.engine.remedies import OTHER_FOLDER
from graphlink.engine.scratch import Scratch
from graphlink.storage.files import address_of, form_of
from graphlink.storage.remote import (
    is_hidden,
    names_below,
    refuse_stored_tables,
    stored_files,
    stored_path,
    unchanged,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.core.settings import AccountSource, Labels, Reference, Settings, Source
    from graphlink.engine import Reader, StoredFile

    Table = TypeVar("Table", Source, AccountSource, Lookup)
    Named = TypeVar("Named", Source, AccountSource, Lookup, Reference, Labels)

_AT_ONCE = 8  # files that are copied at the same time


@contextmanager
def staged_locally(engine: Reader, settings: Settings) -> Iterator[Settings]:
    """Give the settings with paths of this machine for what it has to read, as long as the block lasts.

    Raises:
        InputError: A file can't be copied, or was written to meanwhile. One that the block raises names the
            addresses where it named copies.
        EngineError: The disk is full.
    """
    named = [*settings.sources, *settings.lookups, *settings.references, settings.accounts, settings.labels]
    if not any(address_of(one.path) for one in named if one is not None):
        yield settings
        return
    scratch = Scratch(settings.engine.folder or None)
    copies = _Copies(engine, scratch.path)
    try:
        yield dataclasses.replace(
            settings,
            sources=tuple(copies.of_table(source) for source in settings.sources),
            accounts=settings.accounts and copies.of_table(settings.accounts),
            lookups=tuple(copies.of_table(lookup) for lookup in settings.lookups),
            references=tuple(copies.of_file(reference) for reference in settings.references),
            labels=copies.of_file(settings.labels),
        )
    except InputError as error:
        raise type(error)(copies.with_addresses(str(error))) from None
    finally:
        scratch.close()


class _Copies:
    """Copies of the files at addresses, each address in a folder of its own."""

    def __init__(self, engine: Reader, folder: Path) -> None:
        store = engine.store
        self._store, self._is_read_there = store, store is not None
        self._listed = store.list_stored if store else stored_files
        self._folder = folder
        self._addresses: dict[str, str] = {}  # of the folders

    def with_addresses(self, message: str) -> str:
        """A message that names addresses in place of their copies."""
        for folder, address in self._addresses.items():
            message = message.replace(folder, address)
        return message

    def of_table(self, source: Table) -> Table:
        """A source, with a copy for its address unless it is Parquet that the engine reads there."""
        address = address_of(source.path)
        if not address or (
            not isinstance(source, Lookup) and source.format
        ):  # a lake table is read there by its own library
            return source
        everything = self._listed(address)
        refuse_stored_tables(self._store, address, everything)
        files = [file for file in everything if not is_hidden(file.path, address)]
        forms = {form_of(PurePosixPath(file.path)): file.path for file in files}
        others = [path for form, path in forms.items() if form not in ("", "parquet")]
        if self._is_read_there and not others:
            return source
        if self._is_read_there and "parquet" in forms:
            raise InputError(
                f"{others[0]}: Parquet in the same folder, such as {forms['parquet']}, is read by Spark, and "
                "other forms on this machine; name them as two sources"
            )
        path = self._copied(address, files)
        return dataclasses.replace(
            source, path=path, name=source.name or Path(redacted_address(source.path)).name
        )

    def of_file(self, named: Named) -> Named:
        """A reference list or labels, with a copy for its address."""
        address = address_of(named.path)
        if not address:
            return named
        files = self._listed(address)
        refuse_stored_tables(self._store, address, files)
        return dataclasses.replace(named, path=self._copied(address, files, is_table=False))

    def _copied(self, address: str, files: list[StoredFile], *, is_table: bool = True) -> str:
        """The path of the copy of a file, or of the folder with copies of several."""
        if not files or not (is_table or len(files) == 1):
            what = "a file, a folder or a glob" if is_table else "one file"
            raise InputError(f"{address}: {len(files) or 'no'} files are there; name {what}")
        names = names_below([file.path for file in files], address)
        for name in names:
            if ".." in PurePosixPath(name).parts or "\0" in name:
                raise InputError(f"{address}: no file here can have the name {name!r}; rename it there")
        folder = self._folder / f"{len(self._addresses):04}"
        self._addresses[str(folder)] = files[0].path.removesuffix(names[0]).rstrip("/")
        with unchanged(self._listed, address, files), ThreadPoolExecutor(_AT_ONCE) as copying:
            # A file that holds no table by its name is skipped: its content is not needed.
            is_needed = [not is_table or form_of(PurePosixPath(name)) != "" for name in names]
            list(copying.map(_copy, files, [folder / name for name in names], is_needed))
        return str(folder / names[0] if len(files) == 1 else folder)


def _copy(file: StoredFile, to: Path, is_needed: bool) -> None:
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("wb") as copy:
            if is_needed and file.n_bytes:
                # In pieces, by pyarrow; compressed files stay compressed.
                place = stored_path(file.path)
                with place.store.open_input_stream(place.path, compression=None) as stream:
                    shutil.copyfileobj(stream, copy)
    except ResultError as error:
        raise InputError(str(error)) from None
    except OSError as error:
        reason = str(error).splitlines()[0]
        if error.filename == str(to) or "No space left" in reason:
            raise EngineError(f"disk: {reason}; take {OTHER_FOLDER} on a disk with room") from error
        reason = redacted_text(reason, file.path)
        raise InputError(f"{file.path}: {reason}; check that this machine may read it") from None
