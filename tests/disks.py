"""A small disk for tests: a real file system in memory, where the machine lets one be mounted."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def mounted(place: Path, mib: int) -> Iterator[Path]:
    """Mount a file system of some MiB; skips the test where that is not allowed."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(place)]
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path, kib_left: int) -> None:
    """Fill a disk up to some KiB."""
    free = os.statvfs(disk)
    with (disk / "filling").open("wb") as file:
        file.write(bytes(max(free.f_bavail * free.f_bsize - kib_left * 1024, 0)))
