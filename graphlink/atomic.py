"""A folder that appears whole or not at all: it is written beside its place and renamed into it.

Three hidden names beside the folder `NAME` belong to graphlink: `.NAME.graphlink-lock` keeps a second run
out, `.NAME.graphlink-partial` is the folder being written, and `.NAME.graphlink-replaced` is the earlier
folder during the instant between two renames. Whatever a dead run left of them, the next run mends.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from graphlink.errors import ResultError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def whole_folder(target: Path, *, overwrite: bool, is_ours: Callable[[Path], bool]) -> Iterator[Path]:
    """Give an empty folder to fill; when the block ends well it takes the target's place, else it vanishes.

    Args:
        target: The folder to make. Through a symbolic link, the folder that the link names.
        overwrite: Whether an earlier folder may be replaced; it stays whole until the new one is complete.
        is_ours: Whether an existing folder is of the kind that may be replaced at all.

    Raises:
        ResultError: The target exists and may not be replaced, another run writes it, or the disk refused.
    """
    target = Path(os.path.realpath(target))
    partial, replaced = left_names(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _lock(target):
            _mend(target, partial, replaced)
            _check_place(target, overwrite=overwrite, is_ours=is_ours)
            partial.mkdir()
            try:
                yield partial
                _sync(partial)
                _take_place(partial, target, replaced)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise ResultError(f"could not write {target}: {error}") from error


def write_whole_file(target: Path, content: bytes, *, overwrite: bool) -> None:
    """Write a file that appears whole or not at all.

    Args:
        target: The file to make. Through a symbolic link, the file that the link names.
        content: What it holds.
        overwrite: Whether an earlier file may be replaced; it stays whole until the new one is.

    Raises:
        ResultError: The target exists and may not be replaced, or the disk refused.
    """
    target = Path(os.path.realpath(target))
    if target.is_dir():
        raise ResultError(f"{target} is a folder; name a file")
    if target.exists() and not overwrite:
        raise ResultError(f"{target} is there already; --overwrite replaces it")
    partial = target.with_name(f".{target.name}.{os.getpid()}.graphlink-partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
        _sync_one(target.parent)
    except OSError as error:
        raise ResultError(f"could not write {target}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def left_names(target: Path) -> tuple[Path, Path]:
    """The hidden folders that a dead run into this target may have left: half written, and set aside."""
    return (
        target.with_name(f".{target.name}.graphlink-partial"),
        target.with_name(f".{target.name}.graphlink-replaced"),
    )


def _check_place(target: Path, *, overwrite: bool, is_ours: Callable[[Path], bool]) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise ResultError(f"{target} is a file; choose another folder for the result")
    if not any(target.iterdir()):
        return
    if not is_ours(target):
        raise ResultError(f"{target} is not a graphlink result and stays as it is; choose another folder")
    if not overwrite:
        raise ResultError(f"{target} holds a result already; --overwrite replaces it")


def _mend(target: Path, partial: Path, replaced: Path) -> None:
    """Put back an earlier folder that a dead run had set aside, and remove what it left half done."""
    if replaced.exists() and not target.exists():
        replaced.rename(target)
    for left in (partial, replaced):
        shutil.rmtree(left, ignore_errors=True)


def _take_place(partial: Path, target: Path, replaced: Path) -> None:
    if not target.exists():
        partial.rename(target)
    else:
        target.rename(replaced)
        try:
            partial.rename(target)
        except BaseException:  # also when interrupted: the earlier one comes back
            replaced.rename(target)
            raise
        shutil.rmtree(replaced, ignore_errors=True)
    _sync_one(target.parent)


def _sync(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        _sync_one(path)
    _sync_one(folder)


def _sync_one(path: Path) -> None:
    if sys.platform == "win32":  # neither folders nor files opened for reading can be synced there
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _lock(target: Path) -> Iterator[None]:
    """Hold the lock of a target; the system lets go of it when a run dies, however it dies."""
    path = target.with_name(f".{target.name}.graphlink-lock")
    handle = _locked(path, target)
    try:
        yield
    finally:
        # Removed while still held, so that nobody can hold a file that is about to go.
        with suppress(OSError):  # a file that stays is held by nobody, and taken by the next run
            path.unlink()
        handle.close()


def _locked(path: Path, target: Path) -> IO[bytes]:
    while True:
        handle = path.open("ab")
        try:
            _claim(handle)
        except OSError as error:
            handle.close()
            raise ResultError(f"another run is writing {target}; wait for it to end") from error
        # The run that held it may have removed the file between our open and our claim.
        if path.exists() and os.path.samestat(path.stat(), os.fstat(handle.fileno())):
            return handle
        handle.close()


def _claim(handle: IO[bytes]) -> None:
    if sys.platform == "win32":
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
