"""DuckDB, the embedded engine: the only module that imports duckdb."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from graphlink.errors import EngineError

if TYPE_CHECKING:
    import pyarrow as pa


class DuckEngine:
    """An `Engine` over a DuckDB file in a temporary folder, so that it can spill and is always removed.

    Args:
        memory: Memory limit as DuckDB writes it, such as "4GB"; None leaves DuckDB's own.
        threads: Number of threads; None takes every core.
        folder: Where the database and its spill files go; None takes the system's temporary folder.
    """

    def __init__(self, memory: str | None = None, threads: int | None = None, folder: str | None = None) -> None:
        if folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix="graphlink-", dir=folder))
        self.connection = duckdb.connect(str(self._folder / "run.duckdb"))
        # Insertion order costs memory in every operator; what needs an order says so.
        options = {"preserve_insertion_order": "false", "TimeZone": "'UTC'", "enable_progress_bar": "false"}
        options["temp_directory"] = _quoted(str(self._folder / "spill"))
        if memory is not None:
            options["memory_limit"] = _quoted(memory)
        if threads is not None:
            options["threads"] = str(threads)
        for name, value in options.items():
            self._run(f"SET {name} = {value}")

    def __enter__(self) -> DuckEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(self, name: str, table: pa.Table) -> None:
        self.connection.register("arriving", table)
        try:
            self.make(name, "SELECT * FROM arriving")
        finally:
            self.connection.unregister("arriving")

    def make(self, name: str, sql: str) -> None:
        self._run(f"CREATE OR REPLACE TABLE {name} AS {sql}")

    def drop(self, *names: str) -> None:
        for name in names:
            self._run(f"DROP TABLE IF EXISTS {name}")

    def has(self, name: str) -> bool:
        return bool(self.rows(f"SELECT 1 FROM duckdb_tables() WHERE table_name = {_quoted(name)}"))

    def columns(self, name: str) -> dict[str, str]:
        return {str(row[0]): str(row[1]) for row in self.rows(f"DESCRIBE {name}")}

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self._run(sql).fetchall()

    def arrow(self, sql: str) -> pa.Table:
        return self._run(sql).to_arrow_table()

    def read_parquet(self, name: str, path: Path) -> None:
        self.make(name, f"SELECT * FROM read_parquet({_quoted(str(path))})")

    def write_parquet(self, sql: str, path: Path) -> None:
        self._run(f"COPY ({sql}) TO {_quoted(str(path))} (FORMAT parquet, COMPRESSION zstd)")

    def close(self) -> None:
        self.connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        try:
            return self.connection.execute(sql)
        except duckdb.OutOfMemoryException as error:
            raise EngineError(
                "the memory limit was reached; set engine.memory higher, or engine.folder to a disk with room"
            ) from error
        except duckdb.IOException as error:
            raise EngineError(f"disk: {error}") from error


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
