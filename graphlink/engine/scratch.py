"""Temporary folders of runs, which outlive no run for long: what a killed one left, the next one removes.

A folder is somebody's as long as its file `lock` is held, and the system lets go of that when a process ends,
however it ends.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from graphlink.core.errors import EngineError
from graphlink.engine.remedies import OTHER_FOLDER

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PREFIX = "graphlink-run-"
_OPEN_FILES = Path("/proc/self/fd")  # of Linux; what is opened there is the file itself, named or not


class Scratch:
    """A temporary folder of this process; what dead processes left beside it is removed when it is made.

    Args:
        parent: The folder to make it in, which is made too and then removed with it, unless something else is
            in it; None takes the system's temporary folder.

    Raises:
        EngineError: The folder can't be made.
    """

    def __init__(self, parent: str | Path | None = None) -> None:
        parent = Path(tempfile.gettempdir() if parent is None else parent)
        try:
            self._new = _make_folders(parent)
            _sweep(parent)
            self.path, self._lock = _made(parent)
        except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
            reason = getattr(error, "strerror", None) or error
            raise EngineError(
                f"{parent}: no temporary folder can be made there ({reason}); take {OTHER_FOLDER} "
                "that you can write to, on a disk with room"
            ) from None

    def close(self) -> None:
        """Remove the folder with all that is in it."""
        # The folder goes while its lock is held, so that nobody else removes it at the same time.
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
        if sys.platform == "win32":  # where an open file can't be removed
            shutil.rmtree(self.path, ignore_errors=True)
        for folder in self._new:
            with suppress(OSError):  # another run uses it, or has removed it
                folder.rmdir()


def nameless_file(path: Path) -> IO[bytes]:
    """Make a path lead to an empty file that has no name of its own, for what nobody else may ever read.

    It goes when it is closed, and with the process, however that ends. Where the system can't do that, the
    file has the name that is asked for.
    """
    if not _OPEN_FILES.is_dir():
        return path.open("w+b")
    file = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 - it is given to the caller
    try:
        path.symlink_to(_OPEN_FILES / str(file.fileno()))
    except BaseException:  # an interrupt too: the file is handed to nobody then; raised again
        file.close()
        raise
    return file


def _make_folders(parent: Path) -> list[Path]:
    """Make a folder with those above it; give the ones that were not there, the deepest first."""
    new = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    parent.mkdir(parents=True, exist_ok=True)
    return new


def _made(parent: Path) -> tuple[Path, IO[bytes] | None]:
    """A new folder, and its lock; None where the disk knows no locks, so that nobody sweeps there either."""
    for _ in range(3):  # another run may take a folder for a dead one's just before its lock is held
        parent.mkdir(parents=True, exist_ok=True)  # a run that made it and ends now may just have removed it
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        held = _lock(path)
        if held is not None:
            return path, held
        shutil.rmtree(path, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent)), None


def _sweep(parent: Path) -> None:
    """Remove this user's folders whose process is dead."""
    for path in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # it may go at any moment
            if path.is_symlink() or not path.is_dir() or not _is_own(path):
                continue
            held = _lock(path)
            if held is not None:
                shutil.rmtree(path, ignore_errors=True)
                held.close()
                shutil.rmtree(path, ignore_errors=True)  # Windows removes no open file


def _is_own(path: Path) -> bool:
    return sys.platform == "win32" or path.stat().st_uid == os.getuid()


def _lock(folder: Path) -> IO[bytes] | None:
    """Hold the lock of a folder; None when another process holds it, or has just removed the folder."""
    path = folder / "lock"
    try:
        handle = path.open("ab")
    except OSError:
        return None
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(path.stat(), os.fstat(handle.fileno())):
            return handle
    except OSError:
        pass
    handle.close()
    return None
