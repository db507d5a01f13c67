"""Names of files at addresses."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/*")


def parts_of(address: str) -> PurePosixPath:
    """An address as a path in its store; schemes are written with one slash, two or three."""
    return PurePosixPath("/" + SCHEME.sub("", address))


def is_hidden(path: str, address: str) -> bool:
    """Whether a file is some program's own: _SUCCESS, _delta_log, .crc. Only below what was named."""
    named = len(parts_of(address).parts)
    return any(part.startswith((".", "_")) for part in parts_of(path).parts[named:])


def names_below(paths: list[str], address: str) -> list[str]:
    """Names of files as people know them: below the folder that an address names."""
    parts = [parts_of(path) for path in paths]
    if len(parts) == 1:
        return [parts[0].name]
    folder = parts_of(address)
    if not all(folder in part.parents for part in parts):  # a glob
        folder = PurePosixPath(os.path.commonpath([part.parent for part in parts]))
    return [part.relative_to(folder).as_posix() for part in parts]
