"""The engine: tables that Spark writes as Parquet, and views of their names."""

from __future__ import annotations

import re
import shutil
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from graphlink.core.errors import EngineError, InputError
from graphlink.engine import ROWS_OF_FILE, StoredFile
from graphlink.engine.dialect import check_select, spark_sql
from graphlink.engine.duck import DuckEngine
from graphlink.engine.scratch import Scratch
from graphlink.engine.spark.errors import CONNECTORS, reading, spark_faults, warehouse_remedy
from graphlink.engine.spark.groups import LARGEST_GROUP, ROWS_OF_CALL, calls_sql, shipped
from graphlink.engine.spark.paths import iso_time, local_path, seen_folder, whole_path, without_scheme
from graphlink.engine.spark.session import session
from graphlink.engine.spark.slices import slices_of, slices_of_file
from graphlink.engine.spark.types import (
    SIGNED,
    as_duck_gives,
    duck_type,
    spark_type,
    without_unsigned,
)
from graphlink.engine.spark.workers import check_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from graphlink.engine import FileSet, RejectedRow

_NAMES = re.compile(r"`(?:[^`]|``)+`|[^.`]+")  # of catalog, schema and table, between dots


class SparkEngine:
    """An `Engine` over a Spark session.

    Args:
        remote: Address of a Spark Connect server, such as sc://host:15002; None starts Spark on this machine.
        warehouse: Folder for the tables of the run, on any path that Spark writes; None takes a temporary
            folder of this machine, which only a Spark on this machine sees.
        memory: Memory limit, such as 4GB, of a Spark on this machine and of what reads the input.
        threads: Number of threads of both; None takes every core.
        folder: Where temporary files go; None takes the system's temporary folder.
        largest_group: Rows of a group beyond which `make_by` solves it on this machine; None takes ten
            million.
        is_encrypted: Whether what the reader of the input writes on this machine is encrypted (see
            `DuckEngine`); the tables in the warehouse are not.

    Raises:
        EngineError: Spark is not installed or does not answer, or its workers have other versions.
    """

    def __init__(  # noqa: PLR0913 - one per choice of a run
        self,
        remote: str | None = None,
        warehouse: str | None = None,
        memory: str | None = None,
        threads: int | None = None,
        folder: str | None = None,
        largest_group: int | None = None,
        *,
        is_encrypted: bool = False,
    ) -> None:
        self._largest_group = largest_group or LARGEST_GROUP
        self._scratch = Scratch(folder)
        self._reader = DuckEngine(memory, threads, folder, is_encrypted=is_encrypted)
        self._warehouse = f"{(warehouse or str(self._scratch.path)).rstrip('/')}/graphlink-{uuid.uuid4().hex}"
        try:
            self._spark, self._is_ours = session(remote, memory, threads, self._scratch.path)
        except BaseException:  # also when interrupted: nothing may stay open
            self._reader.close()
            self._scratch.close()
            raise
        self._folders: dict[str, list[str]] = {}
        self._columns: dict[str, dict[str, str]] = {}
        self._n_made = 0
        try:
            self._is_here = self._probe()
            check_workers(self._spark)
        except BaseException:  # also when interrupted: no session may stay open
            self.close()
            raise

    @property
    def version(self) -> str:
        """What answers to the session, such as 4.2.0."""
        return str(self._spark.version)

    @property
    def is_distributed(self) -> bool:
        return True

    @property
    def n_threads(self) -> int:
        return self._reader.n_threads

    @property
    def here(self) -> DuckEngine:
        return self._reader

    @property
    def store(self) -> SparkEngine:
        """This engine, which reads and writes what Spark does."""
        return self

    @property
    def folder(self) -> Path:
        return self._scratch.path

    def __enter__(self) -> SparkEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def import_table(self, name: str) -> None:
        """Take over a table; the number of each row is `rowid`."""
        columns = self._reader.columns(name) | {"rowid": "BIGINT"}
        selected = ", ".join(
            f'"{column}"::{SIGNED.get(kind, kind)} AS "{column}"' for column, kind in columns.items()
        )
        folder = self._new_folder()
        place = Path(urlsplit(folder).path) if self._is_here else self._scratch.path / "handed_over"
        place.mkdir(parents=True)
        file = place / "part-0.parquet"
        self._reader.write_parquet(f"SELECT {selected} FROM {name}", file)
        with spark_faults():
            if self._is_here:
                self._show(name, self._spark.read.parquet(folder).schema, [folder])
                return
            with pq.ParquetFile(file) as opened:
                self._hand_over(name, slices_of_file(opened))
        shutil.rmtree(place)

    def load(self, name: str, table: pa.Table) -> None:
        with spark_faults():
            self._hand_over(name, slices_of(table))

    def load_batches(self, name: str, batches: pa.RecordBatchReader) -> None:
        """Load batches; the embedded engine counts the rows."""
        self._reader.load_batches(name, batches)
        self.import_table(name)
        self._reader.drop(name)

    def make(self, name: str, sql: str) -> None:
        with spark_faults():
            folder, frame = self._new_folder(), self._query(sql)
            frame.write.parquet(folder)
            self._show(name, frame.schema, [folder])

    def define(self, name: str, sql: str) -> None:
        with spark_faults():
            frame = self._query(sql)
            frame.createOrReplaceTempView(name)
            self._columns[name] = {field.name: duck_type(field.dataType) for field in frame.schema}
            self._folders[name] = []

    def append(self, name: str, sql: str) -> None:
        casts = [
            f"CAST(`{column}` AS {spark_type(kind)}) AS `{column}`"
            for column, kind in self._columns[name].items()
        ]
        with spark_faults():
            folder = self._new_folder()
            frame = self._query(sql).toDF(*self._columns[name]).selectExpr(*casts)
            frame.write.parquet(folder)
            self._show(name, frame.schema, [*self._folders[name], folder])

    def make_by(
        self, name: str, sql: str, group: str, function: Callable[[pa.Table], pa.Table], schema: pa.Schema
    ) -> dict[int, int]:
        from pyspark.sql.pandas.types import from_arrow_schema

        self.make("grouped", sql)
        self.make("group_sizes", f"SELECT {group} AS group_no, count(*) AS n FROM grouped GROUP BY {group}")
        shared = self.rows(f"SELECT coalesce(sum(n), 0)::BIGINT FROM group_sizes WHERE n <= {ROWS_OF_CALL}")
        sql = calls_sql(group, 1 + int(str(shared[0][0])) // ROWS_OF_CALL, self._largest_group)
        with spark_faults(), shipped():
            folder, columns = self._new_folder(), from_arrow_schema(schema)
            calls = self._query(sql).groupBy("call_no")
            solved = calls.applyInArrow(lambda rows: function(rows.drop_columns("call_no")), columns)
            solved.write.parquet(folder)
            self._show(name, columns, [folder])
        kept = self.rows(f"SELECT group_no, n FROM group_sizes WHERE n > {self._largest_group}")
        for number, _ in kept:
            self._add(name, function(self.arrow(f"SELECT * FROM grouped WHERE {group} = {number}")))
        self.drop("grouped", "group_sizes")
        return {int(str(number)): int(str(n)) for number, n in kept}

    def rename(self, name: str, new_name: str) -> None:
        with spark_faults():
            self._show(new_name, self._spark.table(name).schema, self._folders[name])
            self._spark.catalog.dropTempView(name)
        del self._folders[name], self._columns[name]
        self._reader.drop(name)

    def drop(self, *names: str) -> None:
        for name in names:
            if self._columns.pop(name, None) is not None:
                self._reader.drop(name)  # where it was read from files
                self._spark.catalog.dropTempView(name)
                for folder in self._folders.pop(name):
                    self._remove(folder)

    def has(self, name: str) -> bool:
        return name in self._columns

    def columns(self, name: str) -> dict[str, str]:
        return dict(self._columns[name])

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with spark_faults():
            return [tuple(row) for row in self._query(sql).collect()]

    def arrow(self, sql: str) -> pa.Table:
        with spark_faults():
            return as_duck_gives(self._query(sql).toArrow())

    def read_files(self, name: str, files: FileSet, select: str) -> list[RejectedRow]:
        rejected = self._reader.read_files(name, files, select)
        self.import_table(name)
        return rejected

    def file_columns(self, path: Path) -> dict[str, str]:
        return self._reader.file_columns(path)

    def list_stored(self, address: str) -> list[StoredFile]:
        # Of a binary file only what is asked for is read, so not its content.
        reader = self._spark.read.format("binaryFile").option("recursiveFileLookup", "true")
        try:
            with reading(address):
                frame = reader.load(address)
                rows = frame.selectExpr("path", "length", "unix_micros(modificationTime) AS at").collect()
        except InputError as error:
            if "PATH_NOT_FOUND" in str(error):
                return []
            raise
        return [StoredFile(whole_path(address, path), n_bytes, iso_time(at)) for path, n_bytes, at in rows]

    def stored_columns(self, path: str) -> dict[str, str]:
        with reading(path, "check that it is a whole Parquet file, and that Spark may read it"):
            schema = self._spark.read.parquet(path).schema
            return {field.name: duck_type(field.dataType) for field in schema}

    def read_stored(self, name: str, files: Sequence[tuple[int, str]], columns: Sequence[str]) -> bool:
        where = files[0][1] if len(files) == 1 else f"{files[0][1]} and {len(files) - 1} alike"
        cells = ["`{}` AS c{}".format(column.replace("`", "``"), i) for i, column in enumerate(columns)]
        folder = self._new_folder()
        with reading(where, "check that the files are whole, and that Spark may read them"):
            is_numbered = self._knows_rows(files[0][1])
            if is_numbered:
                frames = [self._numbered(files, cells)]
            else:
                frames = [self._unnumbered(number, path, cells) for number, path in files]
            for frame in frames:
                frame.write.mode("append").parquet(folder)
            self._show(name, frames[0].schema, [folder])
        return is_numbered

    def catalog_columns(self, table: str, query: str, where: str) -> list[tuple[str, str]]:
        with reading(where, "check the name, and that Spark may read it"):
            schema = self._spark.sql(self._catalog_sql(table, query, where)).schema
            return [(field.name, duck_type(field.dataType)) for field in schema]

    def read_catalog(self, name: str, source: tuple[str, str, str], columns: Sequence[str]) -> None:
        cells = ["`{}` AS c{}".format(column.replace("`", "``"), i) for i, column in enumerate(columns)]
        folder = self._new_folder()
        with reading(source[2], "check that Spark may read it"):
            frame = self._spark.sql(self._catalog_sql(*source))
            frame = frame.selectExpr(*cells, "0 AS part", "monotonically_increasing_id() AS row")
            frame.write.parquet(folder)
            self._show(name, frame.schema, [folder])

    def _catalog_sql(self, table: str, query: str, where: str) -> str:
        """The query of a table of the catalog, or the one that the settings have."""
        names = [name.strip("`").replace("``", "`") for name in _NAMES.findall(table)]
        sql = query or "SELECT * FROM " + ".".join("`{}`".format(name.replace("`", "``")) for name in names)
        check_select(sql, where)
        return sql

    def _knows_rows(self, path: str) -> bool:
        """Whether Spark tells which row of which file a row is; not all that speak Connect do."""
        from pyspark.errors import PySparkException

        try:
            return bool(self._spark.read.parquet(path).selectExpr("_metadata.row_index").schema.fields)
        except PySparkException:
            return False

    def _numbered(self, files: Sequence[tuple[int, str]], cells: list[str]) -> Any:
        """Rows of files with the number of the file and of the row in it."""
        frame = self._spark.read.parquet(*(path for _, path in files))
        paths = [str(row[0]) for row in frame.selectExpr("_metadata.file_path AS path").distinct().collect()]
        numbers = {without_scheme(path): number for number, path in files}
        numbers_of = {
            "stored_path": paths,
            "part": [numbers[without_scheme(unquote(path))] for path in paths],
        }
        types = (pa.string(), pa.int32())
        arrays = [pa.array(column, kind) for column, kind in zip(numbers_of.values(), types, strict=True)]
        self.load("stored_numbers", pa.table(dict(zip(numbers_of, arrays, strict=True))))
        read = frame.selectExpr(*cells, "_metadata.file_path AS stored_path", "_metadata.row_index AS row_at")
        row = f"part * {ROWS_OF_FILE} + row_at AS row"
        named = [f"c{i}" for i in range(len(cells))]
        return read.join(self._spark.table("stored_numbers"), "stored_path").selectExpr(*named, "part", row)

    def _unnumbered(self, number: int, path: str, cells: list[str]) -> Any:
        row = f"{number} * {ROWS_OF_FILE} + monotonically_increasing_id() AS row"
        return self._spark.read.parquet(path).selectExpr(*cells, f"{number} AS part", row)

    def read_database(self, name: str, path: Path, query: str) -> None:
        self._reader.read_database(name, path, query)
        self.import_table(name)

    def query_files(
        self, name: str, tables: Mapping[str, Sequence[tuple[FileSet, str]]], query: str
    ) -> list[str]:
        names = self._reader.query_files(name, tables, query)
        self.import_table(name)
        return names

    def read_parquet(self, name: str, path: Path) -> None:
        self._reader.read_parquet(name, path)
        self.import_table(name)

    def write_parquet(self, sql: str, path: Path) -> None:
        # From Spark's files to the one here, by the embedded engine: it sorts on disk what memory can't hold.
        names = sorted(self._columns.keys() & set(re.findall(r"\w+", sql)))
        copies = Scratch(self._scratch.path)
        try:
            for name in names:
                self._bring(name, copies.path)
            self._reader.write_parquet(sql, path)
        finally:
            for name in names:
                self._reader.hide(name)
            copies.close()

    def write_stored(self, sql: str, address: str) -> None:
        try:
            with spark_faults():
                self._query(sql).write.option("compression", "zstd").parquet(address)
        except EngineError as error:
            connector = CONNECTORS.get(urlsplit(address).scheme)
            hint = f"; start Spark with {connector}, if it lacks that" if connector else ""
            raise EngineError(f"{error}{hint}") from error

    def close(self) -> None:
        with suppress(Exception):  # Spark may be gone, which is why the run ends
            self.drop(*list(self._columns))
        with suppress(Exception):  # the session may be gone as well
            if self._is_ours:
                self._spark.stop()
        self._remove(self._warehouse)
        self._reader.close()
        self._scratch.close()

    def _probe(self) -> bool:
        """Make sure that what is written to the warehouse is found again, before anything depends on it.

        Returns:
            Whether this machine sees it too.
        """
        folder = self._new_folder()
        place = local_path(folder)
        try:
            with spark_faults():
                self._spark.range(8).write.parquet(folder)
                if self._spark.read.schema("id bigint").parquet(folder).count() == 8:
                    return place is not None and place.is_dir()
                raise EngineError("Spark: what is written there isn't found again")
        except EngineError as error:
            where = self._warehouse.rpartition("/")[0]
            raise EngineError(
                f"{where} can't hold the tables of the run. {error}. {warehouse_remedy(where)}"
            ) from error
        finally:
            self._remove(folder)

    def _query(self, sql: str) -> Any:
        return self._spark.sql(spark_sql(sql, self._columns))

    def _bring(self, name: str, folder: Path) -> None:
        """Let the embedded engine see a table: its files where they are, else copies of them."""
        try:
            places = [seen_folder(each, folder / name / str(i)) for i, each in enumerate(self._folders[name])]
            files = [file for place in places for file in sorted(place.glob("[!_.]*.parquet"))]
        except (OSError, pa.ArrowException):  # a path that only Spark knows
            files = [folder / f"{name}.parquet"]
            pq.write_table(self.arrow(f"SELECT * FROM {name}"), files[0])
        self._reader.show_parquet(name, files, self._columns[name])

    def _new_folder(self) -> str:
        self._n_made += 1
        return f"{self._warehouse}/{self._n_made}"

    def _hand_over(self, name: str, pieces: Iterable[pa.Table]) -> None:
        """Make a table from Arrow, piece by piece."""
        folder, schema = self._written(pieces)
        self._show(name, schema, [folder])

    def _add(self, name: str, rows: pa.Table) -> None:
        with spark_faults():
            folder, schema = self._written(slices_of(rows))
            self._show(name, schema, [*self._folders[name], folder])

    def _written(self, pieces: Iterable[pa.Table]) -> tuple[str, Any]:
        """The folder that Arrow was written to, piece by piece, and its schema."""
        from pyspark.sql.pandas.types import from_arrow_schema

        folder = self._new_folder()
        for piece in map(without_unsigned, pieces):
            # Spark finds no types in a table without rows.
            frame = (
                self._spark.createDataFrame(piece)
                if len(piece)
                else self._spark.createDataFrame([], from_arrow_schema(piece.schema))
            )
            frame.write.mode("append").parquet(folder)
        return folder, frame.schema

    def _show(self, name: str, schema: Any, folders: list[str]) -> None:
        """Let a name stand for what is in folders, and remove what else it stood for."""
        # The schema is given, because where there are no rows there may be no file with one; but not whether
        # there can be nulls, since it is the schema of the latest folder only.
        columns = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in schema)
        self._spark.read.schema(columns).parquet(*folders).createOrReplaceTempView(name)
        self._columns[name] = {field.name: duck_type(field.dataType) for field in schema}
        earlier = self._folders.get(name, [])
        self._folders[name] = folders
        for folder in set(earlier) - set(folders):
            self._remove(folder)

    def _remove(self, folder: str) -> None:
        """Give the disk back: of a folder that this machine doesn't see, all but its name."""
        place = local_path(folder)
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)
        elif folder != self._warehouse:
            with suppress(Exception):  # what is left only takes room, and the run has its result or its error
                self._spark.range(0).write.mode("overwrite").parquet(folder)
