"""Names of files at addresses."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/*")


def store_path(address: str) -> PurePosixPath:
    """An address as a path in its store; schemes are written with one slash, two or three."""
    return PurePosixPath("/" + SCHEME.sub("", address))


def is_hidden(path: str, address: str) -> bool:
    """Whether a file is some program's own: _SUCCESS, _delta_log, .crc. Only below the address."""
    n_named = len(store_path(address).parts)
    return any(name.startswith((".", "_")) for name in store_path(path).parts[n_named:])


def names_below(paths: list[str], address: str) -> list[str]:
    """Names of files as people know them: below the folder that an address names."""
    files = [store_path(path) for path in paths]
    if len(files) == 1:
        return [files[0].name]
    folder = store_path(address)
    if not all(folder in file.parents for file in files):  # a glob
        folder = PurePosixPath(os.path.commonpath([file.parent for file in files]))
    return [file.relative_to(folder).as_posix() for file in files]
