"""Folders whose files are not the table: Delta Lake, Iceberg, Hudi and their like, known by their markers.

The rows of such a table are those that its log lists. Its files alone also hold rows that were deleted or
overwritten, or that a failed write left there, and a row that is no longer in the table must accuse nobody.
Only names are used here, so that folders of this machine and listings of a store are treated alike.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MARKER_FOLDERS = ("_delta_log", ".hoodie", "metadata", "_spark_metadata", "_versions", "schema")
"""Folders in the root of a table that may mark its format; the files in them decide."""


class LakeTable(NamedTuple):
    """A table that is more than its files.

    Attributes:
        format: What people call it, such as Delta Lake.
        folder: The folder of the table, as it was listed.
        marker: The path below the folder that marks it.
    """

    format: str
    folder: str
    marker: str

    def refusal(self) -> str:
        """The message for people: which folder, why its files can't be read, and what to do."""
        article = "an" if self.format.startswith("A") else "a"
        reader = _READERS.get(self.format, "its own reader")
        remedy = f"Read it with {reader} and pass the Arrow table to graphlink.run"
        if setting := _SETTINGS.get(self.format):
            remedy = (
                f'Set format = "{setting}" next to a path of this machine in graphlink.toml, or '
                f"name the catalog of an Iceberg table. Or r{remedy[1:]}"
            )
        return (
            f"{self.folder}: this is {article} {self.format} table (it holds {self.marker}), and its files "
            "alone are not the table: they also hold rows that were deleted, overwritten or never committed. "
            f"{remedy}, or export a snapshot to Parquet and name that"
        )


_SETTINGS = {"Delta Lake": "delta", "Apache Iceberg": "iceberg"}
_READERS = {
    "Apache Hudi": "its own reader (such as hudi or Spark)",
    "Apache Paimon": "its own reader (such as pypaimon)",
    "DuckLake": "DuckDB",
    "Lance": "its own reader (such as pylance)",
    "Spark Structured Streaming": "Spark",
    "Hive ACID": "Hive or Spark",
}

# What is in a marker folder -> the format. Iceberg's names end so with every catalog; a folder `metadata` or
# `schema` with other files in it is no marker.
_INSIDE: dict[str, tuple[str, re.Pattern[str]]] = {
    "_delta_log": ("Delta Lake", re.compile(".*")),
    ".hoodie": ("Apache Hudi", re.compile(".*")),
    "metadata": ("Apache Iceberg", re.compile(r".+\.metadata\.json(\.gz)?|version-hint\.text|snap-.+\.avro")),
    "_spark_metadata": ("Spark Structured Streaming", re.compile(".*")),
    "_versions": ("Lance", re.compile(r".+\.manifest")),
    "schema": ("Apache Paimon", re.compile(r"schema-[0-9]+")),
}
# Hive writes numbers of seven digits; without a leading zero it is somebody's date.
_HIVE = re.compile(r"(delete_)?delta_0[0-9]{6}_0[0-9]{6}(_[0-9]{4})?|base_0[0-9]{6}(_v[0-9]+)?")
_DUCKLAKE = re.compile(r"ducklake-[0-9a-f]{8}-[0-9a-f-]{27}(-delete)?\.parquet")


def lake_table_among(paths: Iterable[str]) -> LakeTable | None:
    """The table that listed files belong to, by their own paths; None when none of them belongs to one.

    Args:
        paths: Paths or addresses of files (hidden ones too), with `/` between their segments.
    """
    for path in paths:
        segments = path.split("/")
        for i, name in enumerate(segments[:-1]):
            marked = _INSIDE.get(name)
            if marked and marked[1].fullmatch(segments[i + 1]):
                marker = name if marked[1].pattern == ".*" else f"{name}/{segments[i + 1]}"
                return LakeTable(marked[0], _joined(segments[:i]), marker)
            if _HIVE.fullmatch(name):
                return LakeTable("Hive ACID", _joined(segments[:i]), name)
        if _DUCKLAKE.fullmatch(segments[-1]):
            return LakeTable("DuckLake", _joined(segments[:-1]), segments[-1])
    return None


def _joined(segments: list[str]) -> str:
    return "/".join(segments) or ("/" if segments else ".")


def lake_table_around(folders: Iterable[str], listed: Callable[[str], Iterable[str]]) -> LakeTable | None:
    """The table that one of several folders is the root of; None when none is.

    Args:
        folders: Folders, such as all that named files are in.
        listed: Gives the names in a folder; none when it is not there or can't be read.
    """
    for folder in folders:
        for name in MARKER_FOLDERS:
            place = f"{folder.rstrip('/')}/{name}"
            table = lake_table_among(f"{place}/{inside}" for inside in listed(place))
            if table:
                return table
    return None


def folders_above(paths: Iterable[str]) -> list[str]:
    """Every folder that paths are in, up to the top, each once; nearer ones first."""
    seen: dict[str, None] = {}
    for path in paths:
        parents = [str(parent) for parent in PurePosixPath(path).parents]
        for parent in parents:
            if parent in seen:
                break
            seen[parent] = None
    return list(seen)


def lake_table_of(paths: Iterable[Path]) -> LakeTable | None:
    """The table that files or folders of this machine belong to, also by where a symbolic link leads."""
    whole: dict[str, None] = {}
    for path in paths:
        # A folder may itself be the root of a table.
        inside = path / "x" if path.is_dir() else path
        whole[inside.absolute().as_posix()] = None
        if path.is_symlink():
            whole[inside.resolve().as_posix()] = None
    parents = {parent: None for path in whole for parent in [str(PurePosixPath(path).parent)]}
    resolved = [Path(parent).resolve().as_posix() + "/x" for parent in parents]
    everywhere = [*whole, *resolved]
    return lake_table_among(everywhere) or lake_table_around(folders_above(everywhere), _names_in)


def _names_in(folder: str) -> Iterator[str]:
    try:
        yield from (entry.name for entry in Path(folder).iterdir())
    except OSError:  # it is not there, or is nobody's business
        return
