"""Partitions: columns whose values are in the names of folders, such as dt=2026-03-01 of Hive and Spark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from pathlib import PurePath

_NULL = "__HIVE_DEFAULT_PARTITION__"


def partition_of(path: PurePath) -> dict[str, str | None]:
    """The columns that the folders of a file name, with their values; None is an empty one."""
    columns: dict[str, str | None] = {}
    for part in path.parts[:-1]:
        name, equals, value = part.partition("=")
        if name and equals:
            columns[unquote(name)] = None if value == _NULL else unquote(value)
    return columns


def above_partitions(folder: Path) -> Path:
    """The folder that the partitions of a folder are in; the folder itself where it is no partition."""
    parts = folder.parts
    first = next((i for i, part in enumerate(parts) if "=" in part.strip("=")), len(parts))
    return Path(*parts[:first])
