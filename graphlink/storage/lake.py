"""Folders whose files are not the table: Delta Lake, Iceberg, Hudi and their like, known by their markers.

Such a table is what its log says. Its files alone also hold rows that were deleted or overwritten, or that a
failed write left there, and a row that is no longer in the table must accuse nobody. Everything here works on
names only, so that a folder of this machine and a listing of a store are judged alike.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MARKER_FOLDERS = ("_delta_log", ".hoodie", "metadata", "_spark_metadata", "_versions", "schema")
"""Folders in the root of a table that may say what it is; what is in them decides."""


class LakeTable(NamedTuple):
    """A table that is more than its files.

    Attributes:
        format: What people call it, such as Delta Lake.
        folder: The folder of the table, as it was listed.
        marker: What says so, below the folder.
    """

    format: str
    folder: str
    marker: str

    def refusal(self) -> str:
        """The message for people: which folder, why its files can't be read, and what to do."""
        article = "an" if self.format.startswith("A") else "a"
        reader = _READERS.get(self.format, "its own reader")
        return (
            f"{self.folder}: this is {article} {self.format} table (it holds {self.marker}), and its files "
            "alone are not the table: they also hold rows that were deleted, overwritten or never committed. "
            f"Read it with {reader} and pass the Arrow table to graphlink.run, or export a snapshot to "
            "Parquet and name that"
        )


_READERS = {
    "Delta Lake": "its own reader (such as deltalake)",
    "Apache Iceberg": "its own reader (such as pyiceberg)",
    "Apache Hudi": "its own reader (such as hudi or Spark)",
    "Apache Paimon": "its own reader (such as pypaimon)",
    "DuckLake": "DuckDB",
    "Lance": "its own reader (such as pylance)",
    "Spark Structured Streaming": "Spark",
    "Hive ACID": "Hive or Spark",
}

# What is in a marker folder -> the format. Iceberg's names end so with every catalog; a folder `metadata` or
# `schema` with other files in it says nothing.
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
    """The table that listed files belong to, by their own paths; None when none of them tells of one.

    Args:
        paths: Paths or addresses of files (hidden ones too), with `/` between their parts.
    """
    for path in paths:
        parts = path.split("/")
        for i, part in enumerate(parts[:-1]):
            found = _INSIDE.get(part)
            if found and found[1].fullmatch(parts[i + 1]):
                marker = part if found[1].pattern == ".*" else f"{part}/{parts[i + 1]}"
                return LakeTable(found[0], _joined(parts[:i]), marker)
            if _HIVE.fullmatch(part):
                return LakeTable("Hive ACID", _joined(parts[:i]), part)
        if _DUCKLAKE.fullmatch(parts[-1]):
            return LakeTable("DuckLake", _joined(parts[:-1]), parts[-1])
    return None


def _joined(parts: list[str]) -> str:
    return "/".join(parts) or ("/" if parts else ".")


def lake_table_around(folders: Iterable[str], listed: Callable[[str], Iterable[str]]) -> LakeTable | None:
    """The table that one of several folders is the root of; None when none is.

    Args:
        folders: Folders, such as all that named files are in.
        listed: Gives the names in a folder; none when it is not there or can't be read.
    """
    for folder in folders:
        for name in MARKER_FOLDERS:
            place = f"{folder.rstrip('/')}/{name}"
            found = lake_table_among(f"{place}/{inside}" for inside in listed(place))
            if found:
                return found
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
