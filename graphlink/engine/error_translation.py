"""DuckDB's exceptions as errors of graphlink: the one place that tells them apart.

By class, and where the class says too little by the words for a disk without room. The text of a class that
may quote the input (a cell that can't be converted, a statement) is never shown.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from typing import TYPE_CHECKING

import duckdb

from graphlink.core.errors import EngineError, GraphlinkError, InputError, InternalError
from graphlink.engine.remedies import MORE_MEMORY, OTHER_FOLDER

if TYPE_CHECKING:
    from pathlib import Path

# The last is a limit on the size of files, which acts like a full disk.
_NO_ROOM = re.compile(
    "No space left|not enough space|max_temp_directory_size|[Dd]isk quota|File too large", re.IGNORECASE
)
_LITTLE = 1 << 20  # bytes; a disk with less is full
# Their text names files and limits, never a cell.
_OF_THE_SYSTEM = (duckdb.IOException, duckdb.PermissionException, duckdb.ConnectionException)
# The engine itself broke, whatever the statement was.
_BROKEN = (duckdb.FatalException, duckdb.InternalException, duckdb.TransactionException)
_QUOTING = (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.TypeMismatchException)


def is_lack(error: duckdb.Error) -> bool:
    """Whether an exception is of this machine (memory, disk, the engine itself) rather than of an input."""
    return isinstance(error, (duckdb.OutOfMemoryException, *_BROKEN)) or bool(_NO_ROOM.search(str(error)))


def engine_error(error: duckdb.Error, folder: Path, out: Path | None = None) -> GraphlinkError | OSError:
    """The error that stands for an exception of a statement.

    Args:
        error: The exception.
        folder: Where the engine keeps its temporary files.
        out: The file that was being written, when it is none of the engine's own.

    Returns:
        An `OSError`, as of any other writer, where the disk of `out` is at fault, an `EngineError` where
        memory or the disk of the temporary files is, else an `InternalError`.
    """
    text = str(error)
    if _NO_ROOM.search(text):
        if out is not None and _is_of(text, out, folder):
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(out))
        return no_room(folder, text)
    if isinstance(error, _OF_THE_SYSTEM) and out is not None and str(out) in text:
        return OSError(plain(text))
    if isinstance(error, duckdb.OutOfMemoryException):
        return EngineError(
            f"the memory limit was reached; give it {MORE_MEMORY}, or {OTHER_FOLDER} on a disk with room"
        )
    if isinstance(error, _OF_THE_SYSTEM):
        return EngineError(f"disk: {plain(text)}; take {OTHER_FOLDER} that can be written to")
    return InternalError(
        f"the engine failed with {type(error).__name__}; this is a fault in graphlink or DuckDB "
        f"{duckdb.__version__}, not in your input; please report it with this line"
    )


def input_error(error: duckdb.Error, paths: str) -> InputError:
    """The error that stands for an exception of a statement that reads an input.

    Args:
        error: The exception; not one that `is_lack`.
        paths: The files that were read.
    """
    if isinstance(error, _QUOTING):
        return InputError(
            f"{paths}: a value can't be read as the type of its column; check that the file was copied "
            "whole, or export the column as text"
        )
    return InputError(plain(str(error)))


def no_room(folder: Path, text: str = "") -> EngineError:
    """The error of a full disk under the temporary files, or of a limit on files by the engine's text."""
    if "file too large" in text.lower():
        return EngineError(
            f"a limit on the size of files (ulimit -f) ended the run in {folder.parent}; raise it, or give "
            f"the run {MORE_MEMORY}"
        )
    return EngineError(
        f"no room left on the disk of the temporary files, {folder.parent}; free some, or take "
        f"{OTHER_FOLDER} on a disk with room"
    )


def plain(message: str) -> str:
    """The first line of an engine's message: the lines below it quote the input or the statement."""
    return message.split("\n", 1)[0]


def _is_of(text: str, out: Path, folder: Path) -> bool:
    """Whether the file that could not be written is `out`; where the message names none, the fuller disk."""
    if str(out) in text or str(folder) in text:
        return str(out) in text
    free = [shutil.disk_usage(place).free for place in (out.parent, folder)]
    return free[0] < _LITTLE <= free[1]
