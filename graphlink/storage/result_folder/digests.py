"""Digests of files, and whether tables are what the run wrote."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import ResultError
from graphlink.storage.remote import MODEL, StoredPath
from graphlink.storage.result_folder.layout import model_file, text_of
from graphlink.storage.result_folder.reading import reading_files

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from graphlink.storage.result_folder.layout import Folder

_CHUNK = 1 << 20


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_digests(
    folder: Folder, manifest: Mapping[str, Any], names: Collection[str] | None = None
) -> dict[str, bool]:
    """Make sure that tables are, byte for byte, what the run wrote, by the digests in its `run.json`.

    Reads every byte of the tables. A change of both a table and its digest in `run.json` is not detected.

    Args:
        folder: The result folder.
        manifest: Its `run.json`.
        names: The tables to look at; None for all.

    Returns:
        For each table whether there was a digest to compare with: a result that was written at an address has
        none, only sizes.

    Raises:
        ResultError: A table is not what the run wrote, is missing, or can't be read.
    """
    tables = manifest["tables"]
    compared = {}
    if names is None and "model" in manifest:
        _check_model(folder, manifest["model"])
    for name in tables if names is None else [name for name in names if name in tables]:
        expected = tables[name].get("sha256")
        compared[name] = expected is not None
        with reading_files(folder, name) as files:
            if expected is not None and expected != _digest_of(files):
                raise ResultError(
                    f"{folder}: {name}.parquet is not the file that the run wrote: its SHA-256 is another, "
                    "so it was changed or damaged since; run it again"
                )
    return compared


def _check_model(folder: Folder, facts: Mapping[str, Any]) -> None:
    """Raise unless `model.json` is, byte for byte, what the run wrote."""
    try:
        content = text_of(model_file(folder)).encode()
    except (OSError, ValueError) as error:
        raise ResultError(f"{folder}: {MODEL} can't be read: {error}; run it again") from None
    if hashlib.sha256(content).hexdigest() != facts.get("sha256"):
        raise ResultError(f"{folder}: {MODEL} is not the file that the run wrote; run it again")


def _digest_of(paths: Sequence[Path | StoredPath]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open() if isinstance(path, StoredPath) else path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()
