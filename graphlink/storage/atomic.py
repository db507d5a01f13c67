"""A folder that appears whole or not at all: it is written next to its place and renamed into it.

An earlier folder is replaced only when every file in it is one that the folder itself lists as written by
graphlink: files that people put there are never deleted.

Three hidden names next to the folder `NAME` belong to graphlink: `.NAME.graphlink-lock` keeps a second run
out, `.NAME.graphlink-partial` is the folder being written, and `.NAME.graphlink-replaced` is the earlier
folder during the instant between two renames. What a killed run left of them, the next run cleans up.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from graphlink.core.errors import ResultError
from graphlink.core.faults import is_full

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    Lister = Callable[[Path], Sequence[str]]

_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)  # the errors of systems for a lock that is held
_FOREIGN_NAMED = 3  # files that an error names


@contextmanager
def whole_folder(target: Path, *, overwrite: bool, listed: Lister) -> Iterator[Path]:
    """Give an empty folder to fill; it takes the target's place at the end, or is removed if the block fails.

    Args:
        target: The folder to make. Through a symbolic link, the folder that the link names.
        overwrite: Whether an earlier folder may be replaced; it stays whole until the new one is complete.
        listed: The files of an existing folder that graphlink wrote, by the folder's own list: paths below it
            with slashes, the list itself first. None: the folder is not graphlink's and is never replaced.

    Raises:
        ResultError: The target exists and may not be replaced, or holds files that it does not list, another
            run writes it, or its disk refused. What is raised inside the block passes as it is; what writes
            into the folder is to be wrapped in `writing`.
    """
    target = Path(os.path.realpath(target))
    partial, replaced = left_names(target)
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(target):
        with writing(target):
            _clean_up(target, partial, replaced, listed)
            _check_place(target, overwrite=overwrite, listed=listed)
            # About people: for its owner only, unless an earlier one was opened to others.
            partial.mkdir(mode=0o700)
            if target.is_dir() and any(target.iterdir()):
                partial.chmod(target.stat().st_mode & 0o7777)
        try:
            yield partial
            with writing(target):
                _sync(partial)
                _take_place(partial, target, replaced, listed)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Blame what the system refuses inside the block on the disk of a target, and on nothing else.

    Raises:
        ResultError: The disk of the target is full or refuses to be written to.
    """
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise ResultError(
                f"could not write {target}: no room left on its disk; free some, or name a place on another "
                "disk"
            ) from None
        raise ResultError(f"could not write {target}: {error}") from None


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
        raise ResultError(f"{target} is there already; overwrite=True replaces it")
    partial = target.with_name(f".{target.name}.{os.getpid()}.graphlink-partial")
    try:
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
            _sync_one(target.parent)
    finally:
        with suppress(OSError):  # where its name is too long there is none
            partial.unlink(missing_ok=True)


def left_names(target: Path) -> tuple[Path, Path]:
    """The hidden folders that a killed run may have left: the one half written, and the earlier one."""
    return (
        target.with_name(f".{target.name}.graphlink-partial"),
        target.with_name(f".{target.name}.graphlink-replaced"),
    )


def foreign_files(folder: Path, listed: Collection[str]) -> list[str]:
    """The files of a folder that are not listed, and its empty folders, in order of their names.

    A symbolic link that is not listed counts as a file and is not followed.
    """
    parents = {str(parent) for name in listed for parent in PurePosixPath(name).parents}
    foreign = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and not path.is_symlink():
            if name not in parents and not any(path.iterdir()):
                foreign.append(f"{name}/")
        elif name not in listed:
            foreign.append(name)
    return foreign


def _check_place(target: Path, *, overwrite: bool, listed: Lister) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise ResultError(f"{target} is a file; choose another folder for the result")
    if not any(target.iterdir()):
        return
    own = listed(target)
    if not own:
        raise ResultError(f"{target} is not a graphlink result and stays as it is; choose another folder")
    if not overwrite:
        raise ResultError(f"{target} holds a result already; overwrite=True replaces it")
    foreign = foreign_files(target, own)
    if foreign:
        raise ResultError(
            f"{target} holds files that graphlink did not write: {_named(foreign)}; it stays as it is. Move "
            "them to another folder, or write to another folder"
        )


def _named(names: Collection[str]) -> str:
    """The first few names, and how many more there are."""
    first = ", ".join(list(names)[:_FOREIGN_NAMED])
    more = len(names) - _FOREIGN_NAMED
    return f"{first} and {more:,} more" if more > 0 else first


def _clean_up(target: Path, partial: Path, replaced: Path, listed: Lister) -> None:
    """Put back an earlier folder that a killed run had moved away, and remove what it left half written."""
    if replaced.exists() and not target.exists():
        replaced.rename(target)
    shutil.rmtree(partial, ignore_errors=True)
    if replaced.exists():
        _remove_earlier(replaced, target, listed)


def _take_place(partial: Path, target: Path, replaced: Path, listed: Lister) -> None:
    if not target.exists():
        partial.rename(target)
    else:
        target.rename(replaced)
        try:
            partial.rename(target)
        except BaseException:  # also when interrupted: the earlier one comes back
            replaced.rename(target)
            raise
        _remove_earlier(replaced, target, listed)
    _sync_one(target.parent)


def _remove_earlier(replaced: Path, target: Path, listed: Lister) -> None:
    """Remove an earlier folder. What people put into it since the run began goes over to the new one."""
    own = listed(replaced)
    for name in foreign_files(replaced, own):
        kept = target / name
        if kept.exists() or kept.is_symlink():
            raise ResultError(
                f"{target} is written; {name} of the earlier folder stays as {replaced / name}; move it away"
            )
        kept.parent.mkdir(parents=True, exist_ok=True)
        (replaced / name).rename(kept)
    for name in reversed(own):  # the list last: killed half way, the next run still knows what is its own
        (replaced / name).unlink(missing_ok=True)
    shutil.rmtree(replaced, ignore_errors=True)


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
def exclusive(target: Path) -> Iterator[None]:
    """Hold the lock of a target; the system lets go of it when a run dies, however it dies.

    Raises:
        ResultError: Another run holds it, or its disk refused.
    """
    path = target.with_name(f".{target.name}.graphlink-lock")
    with writing(target):
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
            if error.errno not in _HELD:  # a disk that knows no locks
                raise
            raise ResultError(f"another run is writing {target}; wait for it to end") from None
        # The run that held it may have removed the file between our open and our claim.
        if path.exists() and os.path.samestat(path.stat(), os.fstat(handle.fileno())):
            return handle
        handle.close()


def _claim(handle: IO[bytes]) -> None:
    if sys.platform == "win32":
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
