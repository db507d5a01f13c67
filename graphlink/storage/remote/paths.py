"""A place at an address, with as much of what paths do as reading a result needs."""

from __future__ import annotations

import re
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa

from graphlink.core.credentials import redacted_address, redacted_text
from graphlink.core.errors import ResultError

if TYPE_CHECKING:
    from collections.abc import Iterator

_STORES = "file, s3 (also s3a), gs, abfss and hdfs"


@dataclass(frozen=True, slots=True)
class StoredPath:
    """A place at an address, with as much of what paths do as reading a result needs.

    Attributes:
        address: The address as it was given, which is also what the engine takes.
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
        """The last segment of the address."""
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

        infos = self.store.get_file_info(fs.FileSelector(self.path, allow_not_found=True))
        return sorted(PurePosixPath(info.path).name for info in infos)

    def children(self) -> list[StoredPath]:
        """The paths in a folder, in order of names, without hidden ones of other programs."""
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
        temporary = f"{folder}/.{name}.{uuid.uuid4().hex}" if is_shown else self.path
        self.store.create_dir(folder, recursive=True)
        with self.store.open_output_stream(temporary) as stream:
            stream.write(content)
        if is_shown:
            self.store.move(temporary, self.path)

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
    uri = f"{re.sub('^s3[an]$', 's3', scheme)}://{host}/{quote(path)}"
    with reaching(address):
        try:
            store, inner = fs.FileSystem.from_uri(uri)
        except pa.ArrowInvalid:
            shown = redacted_address(address)
            raise ResultError(f"{shown}: no store that pyarrow opens; it knows {_STORES}") from None
    return StoredPath(address, store, inner)


@contextmanager
def reaching(address: str) -> Iterator[None]:
    """Name the address in the errors of its store."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        reason = redacted_text((str(error) or type(error).__name__).splitlines()[0], address)
        raise ResultError(
            f"{redacted_address(address)}: {reason}; check the address, and that this machine has keys to "
            "the store"
        ) from None  # what pyarrow raised quotes the address
