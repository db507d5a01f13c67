"""`run.json`: written, read, and compared with the files of the folder."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import ResultError, TableError
from graphlink.storage.remote import StoredPath
from graphlink.storage.result_folder.layout import (
    FORMAT,
    MANIFEST,
    TABLE_NAME,
    TABLE_NAMES,
    Folder,
    table_files,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def write_manifest(folder: Folder, manifest: Mapping[str, object]) -> None:
    """Write `run.json`; keys are sorted so that equal manifests are equal files.

    Raises:
        TableError: A fact of a step is NaN or infinite, which JSON can't hold.
    """
    try:
        text = json.dumps({"format": FORMAT, **manifest}, indent=1, sort_keys=True, allow_nan=False) + "\n"
    except ValueError:
        names = ", ".join(str(name) for name in _not_finite(manifest))
        raise TableError(
            f"{MANIFEST}: {names or 'a value'} is not a finite number; this is a fault in graphlink, not in "
            "your input; please report it with this line"
        ) from None
    if isinstance(folder, StoredPath):
        (folder / MANIFEST).write(text.encode())
    else:
        (folder / MANIFEST).write_text(text, encoding="utf-8")


def _not_finite(value: object, name: str = "") -> Iterator[str]:
    """The places in nested facts whose number is NaN or infinite."""
    if isinstance(value, float) and not math.isfinite(value):
        yield name
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _not_finite(item, f"{name}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from _not_finite(item, f"{name}[{i}]")


def read_manifest(folder: Folder) -> dict[str, Any]:
    """Read `run.json`, and make sure that the folder is whole.

    Raises:
        ResultError: The folder is missing, is no result, is of another version or lacks a table.
    """
    manifest = _read_json(folder)
    _check_tables(folder, manifest)
    tables = manifest["tables"]
    for name in (*TABLE_NAMES, *(name for name in tables if name not in TABLE_NAMES)):
        facts, files = tables.get(name, {}), table_files(folder, name)
        if not files:
            raise ResultError(f"{folder} is incomplete: {name}.parquet is missing; run it again")
        sizes = [file.size() if isinstance(file, StoredPath) else file.stat().st_size for file in files]
        if sum(sizes) != facts.get("bytes"):
            raise ResultError(f"{folder}: {name}.parquet is not the file that the run wrote; run it again")
    return manifest


def _check_tables(folder: Folder, manifest: Mapping[str, Any]) -> None:
    """Raise unless the list of tables is one that a run writes: its later readers rely on that."""
    tables = manifest.get("tables")
    listed = tables if isinstance(tables, dict) else {"": {}}
    for name, facts in listed.items():
        numbers = [facts.get(one) for one in ("rows", "bytes")] if isinstance(facts, dict) else [None]
        if not (TABLE_NAME.fullmatch(name) and all(type(one) is int and one >= 0 for one in numbers)):
            raise ResultError(f"{folder}: {MANIFEST} lists tables as no run does; run it again")


def _read_json(folder: Folder) -> dict[str, Any]:
    try:
        manifest = json.loads(text_of(folder / MANIFEST))
    except (FileNotFoundError, NotADirectoryError):
        what = "no folder" if not folder.exists() else "not a graphlink result:"
        raise ResultError(f"{what} {folder}; `graphlink run SOURCE --out {folder}` makes one") from None
    except (OSError, ValueError) as error:
        raise ResultError(f"{folder}: {MANIFEST} can't be read: {error}") from None
    except RecursionError:
        raise ResultError(f"{folder}: {MANIFEST} can't be read: it is nested too deep") from None
    if not isinstance(manifest, dict) or "graphlink" not in manifest:
        raise ResultError(f"{folder}: {MANIFEST} is not a graphlink manifest")
    if manifest.get("format") != FORMAT:
        raise ResultError(
            f"{folder} has format {manifest.get('format')!r}, made by graphlink {manifest['graphlink']}; "
            f"this version reads format {FORMAT}: run it again"
        )
    return manifest
