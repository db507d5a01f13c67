"""Small files that settings name (settings, keys, lists, labels): regular, and of bounded size.

A named pipe would hold a run for ever, and a device such as /dev/zero never ends, so both are refused before
a byte is read. Tables have doors of their own (`graphlink.storage.files`).
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.core.errors import GraphlinkError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader

MOST_BYTES = 1 << 30  # of a list that is read as a whole: some thirty million lines
MOST_LARGE = 16 << 30  # of a file that is mapped rather than read, such as .mmdb
_OTHERS = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a named pipe"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
    (stat.S_ISSOCK, "it is a socket"),
)
# A pipe that nobody writes to is opened at once, and then refused. Windows has no such flag, nor such pipes.
_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def open_regular(
    path: str | Path,
    where: str = "",
    *,
    most_bytes: int = MOST_BYTES,
    error: type[GraphlinkError] = InputError,
    remedy: str = "name a file that you can read",
) -> Iterator[BufferedReader]:
    """Open a file for reading, once it is known to be a regular file (or a link to one) of bounded size.

    Args:
        path: The file.
        where: What names it in errors; empty takes the path.
        most_bytes: Bytes beyond which it is refused.
        error: The error to raise.
        remedy: What to do when it can't be read.

    Raises:
        GraphlinkError: Of the kind `error`: there is no such file, it can't be read, is a folder, a pipe, a
            socket or a device, or is larger. What is raised inside the block passes as it is.
    """
    where = where or str(path)
    try:
        number = os.open(path, os.O_RDONLY | _NO_WAITING)
    except FileNotFoundError:
        raise error(f"{where}: no such file; {remedy}") from None
    except OSError as cause:
        raise error(f"{where}: {_kind_of(path) or cause.strerror}; {remedy}") from None
    except ValueError as cause:  # a NUL byte in the path
        raise error(f"{where}: {cause}; {remedy}") from None
    try:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode):
            raise error(f"{where}: {_named(status.st_mode)}; expected a file")
        if status.st_size > most_bytes:
            raise error(
                f"{where}: the file has {status.st_size:,} bytes; at most {most_bytes:,} are read; check "
                "that it is the right file"
            )
        file = os.fdopen(number, "rb")
    except BaseException:  # an interrupt too: nobody else knows the descriptor; raised again
        os.close(number)
        raise
    with file:
        yield file


def check_regular(
    path: str | Path,
    where: str = "",
    *,
    most_bytes: int = MOST_BYTES,
    error: type[GraphlinkError] = InputError,
    remedy: str = "name a file that you can read",
) -> None:
    """Make sure that a path names a regular file of bounded size that can be opened; see `open_regular`."""
    with open_regular(path, where, most_bytes=most_bytes, error=error, remedy=remedy):
        pass


def read_regular(
    path: str | Path,
    where: str = "",
    *,
    most_bytes: int,
    error: type[GraphlinkError] = InputError,
    remedy: str = "name a file that you can read",
) -> bytes:
    """Read the whole of a regular file of bounded size; see `open_regular`.

    Files of a process file system tell no size, so what is read is bounded too.
    """
    where = where or str(path)
    with open_regular(path, where, most_bytes=most_bytes, error=error, remedy=remedy) as file:
        try:
            content = file.read(most_bytes + 1)
        except OSError as cause:
            raise error(f"{where}: {cause.strerror}; {remedy}") from None
    if len(content) > most_bytes:
        raise error(f"{where}: the file has more than {most_bytes:,} bytes; check that it is the right file")
    return content


def _kind_of(path: str | Path) -> str:
    """What a path is that could not be opened: a socket can't be, a folder not on every system."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return ""
    return "" if stat.S_ISREG(mode) else _named(mode)


def _named(mode: int) -> str:
    return next((name for is_such, name in _OTHERS if is_such(mode)), "it is no regular file")
