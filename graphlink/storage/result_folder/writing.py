"""The tables of a result, checked and written from an engine."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from graphlink.core.errors import TableError
from graphlink.core.schema import EXPLAINED_TABLES, TABLES
from graphlink.engine import Engine, Reader, Sql, number, store_at
from graphlink.storage.remote import MODEL, StoredPath
from graphlink.storage.result_folder.digests import file_digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from graphlink.core.stages import TableSpec
    from graphlink.storage.result_folder.layout import Folder

# The largest table, sorted by the numbers of its names: that takes a fraction of the time.
_NUMBERED_OBSERVATIONS = (
    "SELECT a.account_id, v.kind, v.value, s.seen_at, s.n FROM sightings s "
    "JOIN account_numbers a ON a.account_no = s.account_no JOIN observed_values v ON v.value_no = s.value_no "
    "ORDER BY s.account_no, v.place, s.seen_at"
)


def write_tables(
    engine: Engine, folder: Path, further: Sequence[TableSpec] = ()
) -> dict[str, dict[str, object]]:
    """Check every table of the contract and write it, sorted, to a folder.

    Explanations made in advance are written when they were made.

    The same rows give the same bytes, independent of the order and the threads in which they were made.

    Args:
        engine: Where the tables are.
        folder: Where they are written.
        further: The tables of plugins.

    Returns:
        For each table its rows, bytes and SHA-256, as they are in the manifest.

    Raises:
        TableError: A table is missing or breaks its contract.
    """
    facts: dict[str, dict[str, object]] = {}
    for spec in (*_specs(engine), *further):
        path = folder / f"{spec.name}.parquet"
        engine.write_parquet(_sorted_sql(engine, spec), path)
        facts[spec.name] = {
            "rows": pq.read_metadata(path).num_rows,
            "bytes": path.stat().st_size,
            "sha256": file_digest(path),
        }
    return facts


def write_model(folder: Folder, content: bytes) -> dict[str, object]:
    """Write the model that weighed the data.

    Returns:
        Its bytes and SHA-256, as they are in the manifest.
    """
    if isinstance(folder, StoredPath):
        (folder / MODEL).write(content)
    else:
        (folder / MODEL).write_bytes(content)
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def write_stored_tables(
    engine: Reader, folder: StoredPath, further: Sequence[TableSpec] = ()
) -> dict[str, dict[str, object]]:
    """Check every table of the contract and let the engine write it, sorted, to a folder of part files.

    Args:
        engine: Where the tables are.
        folder: Where they are written.
        further: The tables of plugins.

    Returns:
        For each table its rows, bytes and number of part files, as they are in the manifest.

    Raises:
        TableError: A table is missing or breaks its contract.
        EngineError: The engine can't write there.
    """
    store = store_at(engine, str(folder))
    facts: dict[str, dict[str, object]] = {}
    for spec in (*_specs(engine), *further):
        path, sql = folder / f"{spec.name}.parquet", _sorted_sql(engine, spec)
        store.write_stored(sql, str(path))
        if not path.children():  # not every engine writes a file where there are no rows
            with pa.BufferOutputStream() as stream:
                pq.write_table(engine.arrow(sql), stream)
                (path / "part-0.parquet").write(stream.getvalue().to_pybytes())
        sizes = [file.size() for file in path.children()]
        n_rows = number(engine, f"SELECT count(*) FROM {spec.name}")
        facts[spec.name] = {"rows": n_rows, "bytes": sum(sizes), "parts": len(sizes)}
    return facts


def _specs(engine: Sql) -> tuple[TableSpec, ...]:
    """The tables of a result: those of explanations only where they were made."""
    return (*TABLES, *(spec for spec in EXPLAINED_TABLES if engine.has(spec.name)))


def _sorted_sql(engine: Sql, spec: TableSpec) -> str:
    """The query of a table as a result has it."""
    if not engine.has(spec.name):
        raise TableError(f"table {spec.name} was not made")
    spec.check_columns(engine, extra=spec.is_open)
    spec.check_rows(engine)
    columns = _column_names(engine, spec)
    order = ", ".join(f'"{name}"' for name in spec.key or columns)
    columns_sql = ", ".join(_column_sql(spec, name) for name in columns)
    if spec.name == "observations" and engine.has("sightings"):
        return _NUMBERED_OBSERVATIONS
    return f"SELECT {columns_sql} FROM {spec.name} ORDER BY {order}"


def _column_sql(spec: TableSpec, name: str) -> str:
    # Threads add numbers up in any order, which moves the last digits: results have nine decimals.
    if any(column.name == name and column.type == "DOUBLE" for column in spec.columns):
        return f'round("{name}", 9) AS "{name}"'
    return f'"{name}"'


def _column_names(engine: Sql, spec: TableSpec) -> list[str]:
    extra = [name for name in engine.columns(spec.name) if name not in spec.column_names]
    return [*spec.column_names, *extra]
