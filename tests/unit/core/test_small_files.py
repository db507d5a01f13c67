"""Files that settings name: regular, bounded, and never waited for."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import InputError, SettingsError
from graphlink.core.small_files import check_regular, open_regular, read_regular
from graphlink.kinds import read_key

if TYPE_CHECKING:
    from collections.abc import Callable

on_posix = pytest.mark.skipif(os.name != "posix", reason="pipes, sockets and devices of POSIX systems")


def _missing(folder: Path) -> Path:
    return folder / "none"


def _folder(folder: Path) -> Path:
    return folder


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def _zeros(folder: Path) -> Path:
    (folder / "zeros").symlink_to("/dev/zero")
    return folder / "zeros"


def _socket(folder: Path) -> Path:
    path = folder / "socket"
    with socket.socket(socket.AF_UNIX) as made:
        os.chdir(folder)  # the address of a socket is short
        made.bind("socket")
    return path


def _loop(folder: Path) -> Path:
    (folder / "loop").symlink_to(folder / "loop")
    return folder / "loop"


@on_posix
@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (_missing, "no such file"),
        (_folder, "it is a folder"),
        (_pipe, "it is a named pipe"),
        (_zeros, "it is a device"),
        (_socket, "it is a socket"),
        (_loop, "symbolic links"),
        (lambda folder: folder / "a\0b", "null"),
        (lambda folder: folder / ("x" * 5000), "name too long"),
    ],
)
@pytest.mark.parametrize("error", [InputError, SettingsError])
def test_what_is_no_file_is_refused_at_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    made: Callable[[Path], Path],
    reason: str,
    error: type[InputError | SettingsError],
) -> None:
    monkeypatch.chdir(tmp_path)
    path = made(tmp_path)
    with pytest.raises(error, match=f"(?i)the list: .*{reason}"):
        check_regular(path, "the list", error=error)
    with pytest.raises(error, match=f"(?i){reason}"):
        read_regular(path, most_bytes=10, error=error)
    with pytest.raises(SettingsError, match=f"(?i)pseudonymize.key_file.*{reason}"):
        read_key(path)


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"12345")
    link = tmp_path / "link"
    link.symlink_to(path)
    assert read_regular(link, most_bytes=5) == b"12345"
    check_regular(str(path), most_bytes=5)
    with pytest.raises(InputError, match=r"list: the file has 5 bytes; at most 4 are read"):
        read_regular(path, most_bytes=4)
    with pytest.raises(InputError, match="at most 4"), open_regular(path, most_bytes=4):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="process files are Linux's")
def test_a_file_without_a_size_is_bounded_too() -> None:
    assert Path("/proc/self/status").stat().st_size == 0
    with pytest.raises(InputError, match="more than 10 bytes"):
        read_regular("/proc/self/status", most_bytes=10)


def test_what_the_block_raises_passes_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"x")
    with pytest.raises(OSError, match="mine"), open_regular(path):
        raise OSError("mine")
