"""Text files that engines can't read as they are: packed by bzip2, xz or zip, or not in UTF-8."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

import pyarrow as pa

from graphlink.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path, PurePath

UNPACKED = (".bz2", ".xz", ".zip")
"""Endings of files that are unpacked before they are read."""
_PIECE = 1 << 20
_FAULTS = (
    OSError,
    EOFError,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
    pa.ArrowException,
    NotImplementedError,
)
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def is_packed(path: PurePath) -> bool:
    """Whether a file is unpacked before it is read."""
    return path.suffix.lower() in UNPACKED


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, unpacked where it is packed.

    Raises:
        InputError: It can't be read, is damaged, or is an archive with several files or a password.
    """
    try:
        with _stream(path) as stream:
            yield stream
    except _FAULTS as error:
        reason = (
            getattr(error, "strerror", None) or f"it is no whole {path.suffix.lower()[1:]} file ({error})"
        )
        raise InputError(
            f"{path}: {reason}; check that it was copied whole and that you can read it"
        ) from None


def needs_copy(path: Path, encoding: str) -> bool:
    """Whether a text file can be read from a copy only: it is packed, or not in UTF-8."""
    if is_packed(path):
        return True
    try:
        with opened(path) as stream:
            return bool(encoding_of(stream.read(4), encoding))
    except InputError:  # whoever reads it says what is wrong
        return False


def plain_name(path: PurePath) -> str:
    """The name of a copy that is not compressed."""
    return (
        path.name.removesuffix(path.suffix)
        if path.suffix.lower() in (*UNPACKED, ".gz", ".zst")
        else path.name
    )


def _stream(path: Path) -> IO[bytes]:
    kind = path.suffix.lower()
    if kind == ".bz2":
        return cast("IO[bytes]", bz2.open(path, "rb"))
    if kind == ".xz":
        return cast("IO[bytes]", lzma.open(path, "rb"))
    if kind == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if kind == ".zst":
        return cast("IO[bytes]", pa.input_stream(str(path), compression="zstd"))
    if kind != ".zip":
        return path.open("rb")
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise InputError(
                f"{path}: the archive holds {len(members):,} files; unpack it and name its folder"
            )
        if members[0].flag_bits & 1:
            raise InputError(f"{path}: the archive has a password; unpack it and name the file in it")
        return archive.open(members[0])


def encoding_of(start: bytes, encoding: str) -> str:
    """The encoding of a text by its first bytes, where these say it, else the one given; empty for UTF-8."""
    found = next((name for mark, name in _WIDE.items() if start.startswith(mark)), encoding)
    return "" if not found or codecs.lookup(found).name == "utf-8" else found


def decoded(text: bytes, encoding: str) -> str:
    """The beginning of a text, which may end inside a letter."""
    found = encoding_of(text, encoding) or "utf-8-sig"
    return codecs.getincrementaldecoder(found)(errors="replace").decode(text)


def write_plain(path: Path, encoding: str, target: IO[bytes]) -> None:
    """Write a text as UTF-8, unpacked.

    Raises:
        InputError: It can't be read, or is not in the encoding.
    """
    with opened(path) as stream:
        piece = stream.read(_PIECE)
        found = encoding_of(piece, encoding)
        decoder = codecs.getincrementaldecoder(found)() if found else None
        try:
            while piece:
                target.write(decoder.decode(piece).encode() if decoder else piece)
                piece = stream.read(_PIECE)
            if decoder:
                target.write(decoder.decode(b"", final=True).encode())
        except UnicodeError:
            raise InputError(f"{path}: the text is not {found} throughout; name its encoding") from None
    target.flush()
