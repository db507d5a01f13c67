"""Paths of files in stores, and folders of Spark's as this machine sees them."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from urllib.parse import urlsplit

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(?=/)")


def whole_path(address: str, path: str) -> str:
    """The address of a file; some tell its path in the store only."""
    if _SCHEME.match(path):
        return path
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/{path.lstrip('/')}"


def without_scheme(address: str) -> str:
    """An address without its scheme, which is written with one slash, two or three."""
    return _SCHEME.sub("", address).lstrip("/")


def local_path(folder: str) -> Path | None:
    """Where a folder is on this machine; None when it is elsewhere."""
    parts = urlsplit(folder)
    return Path(parts.path) if parts.scheme in ("", "file") else None


def seen_folder(folder: str, copy: Path) -> Path:
    """A folder of Spark's as this machine sees it, or a copy of it."""
    from pyarrow import fs

    place = local_path(folder)
    if place is not None and place.is_dir():
        return place
    copy.mkdir(parents=True)
    fs.copy_files(re.sub("^s3[an]:", "s3:", folder), str(copy))
    return copy


def iso_time(micros: int) -> str:
    """A time in microseconds, in ISO 8601 and UTC."""
    return datetime.datetime.fromtimestamp(micros / 1e6, datetime.UTC).isoformat()
