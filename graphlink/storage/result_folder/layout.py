"""The files of a result folder: `run.json`, and those of each table."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from graphlink.core.schema import EXPLAINED_TABLES, TABLES
from graphlink.storage.remote import MODEL, StoredPath, run_name

Folder = Path | StoredPath
FORMAT = 2
"""Version of the folder's layout; a reader refuses others."""
MANIFEST = "run.json"
TABLE_NAME = re.compile("[a-z][a-z_]{0,63}")
TABLE_NAMES = tuple(spec.name for spec in TABLES)
EXPLAINED_NAMES = tuple(spec.name for spec in EXPLAINED_TABLES)


def result_files(folder: Path) -> tuple[str, ...]:
    """The files of a result of any version by its own `run.json`, which comes first; none without a result.

    A forged `run.json` can list only Parquet files in the folder itself, under names that a table may have.
    """
    manifest = manifest_of(folder)
    if manifest is None:
        return ()
    tables = manifest.get("tables")
    names = tables if isinstance(tables, dict) else {}
    model = (MODEL,) if "model" in manifest else ()
    return (MANIFEST, *model, *(f"{name}.parquet" for name in names if TABLE_NAME.fullmatch(name)))


def manifest_of(folder: Folder) -> dict[str, Any] | None:
    """The `run.json` of a result of any version; None where there is no result."""
    try:
        manifest = json.loads(text_of(folder / MANIFEST))
    except (OSError, ValueError, RecursionError):
        return None
    is_manifest = isinstance(manifest, dict) and "graphlink" in manifest and "format" in manifest
    return manifest if is_manifest else None


def model_file(folder: Folder) -> Folder:
    """The file of the model of a result, whether or not it is there."""
    if (folder / MODEL).exists():
        return folder / MODEL
    run = run_name((manifest_of(folder) or {}).get("folder"))
    return folder / run / MODEL if run else folder / MODEL


def text_of(file: Folder) -> str:
    """The text of a file, on this machine or at an address."""
    return file.read_text() if isinstance(file, StoredPath) else file.read_text(encoding="utf-8")


def table_files(folder: Folder, name: str) -> list[Path] | list[StoredPath]:
    """The files of a table, in the order of its rows; none where it is missing."""
    place = folder / f"{name}.parquet"
    if not place.exists():
        run = run_name((manifest_of(folder) or {}).get("folder"))
        place = (folder / run if run else folder) / f"{name}.parquet"
    if isinstance(place, StoredPath):
        if not place.is_dir():  # the folder of a run on this machine, copied there
            return [place] if place.exists() else []
        return [file for file in place.children() if file.name.endswith(".parquet")]
    if place.is_dir():
        return sorted(place.glob("[!_.]*.parquet"))
    return [place] if place.is_file() else []


def open_parquet(file: Path | StoredPath, **options: Any) -> pq.ParquetFile:
    """Open a Parquet file, on this machine or at an address."""
    return pq.ParquetFile(file.open() if isinstance(file, StoredPath) else file, **options)
