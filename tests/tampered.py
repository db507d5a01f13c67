"""Results that somebody changed after their run: a result is a file that colleagues hand on."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from graphlink.storage.result_folder.digests import file_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graphlink.result.result import Result


def copy_of(result: Result, folder: Path) -> Path:
    """A copy of a result that a test may spoil."""
    shutil.copytree(result.path, folder)
    return folder


def change_column(folder: Path, name: str, column: str, change: Callable[[Any], Any]) -> None:
    """Change every value of a column of a table; the type stays."""
    path = folder / f"{name}.parquet"
    table = pq.read_table(path)
    values = pa.array([change(value) for value in table[column].to_pylist()], table.schema.field(column).type)
    pq.write_table(table.set_column(table.column_names.index(column), column, values), path)


def sign(folder: Path) -> None:
    """Make run.json list the tables as they are now: sizes and digests no longer betray the change."""
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for name, facts in manifest["tables"].items():
        path = folder / f"{name}.parquet"
        facts.update(bytes=path.stat().st_size, sha256=file_digest(path))
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
