"""DuckDB, the embedded engine."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from graphlink.core.errors import InputError
from graphlink.engine import RejectedRow
from graphlink.engine.disk_watch import RoomWatch
from graphlink.engine.error_translation import engine_error, input_error, is_lack, no_room
from graphlink.engine.foreign_databases import half_of, handed_file, handed_tables
from graphlink.engine.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from graphlink.engine import FileSet

# A line longer than this is a broken quote or no table at all; it is rejected, not held in memory.
_LONGEST_LINE = 32 << 20
_LARGEST_DOCUMENT = 256 << 20  # of JSON that holds its records in a list: an export as one object
_REJECTED = {
    "MISSING COLUMNS": "ragged_row",
    "TOO MANY COLUMNS": "ragged_row",
    "UNQUOTED VALUE": "broken_quote",
    "INVALID ENCODING": "invalid_utf8",
    "LINE SIZE OVER MAXIMUM": "line_too_long",
}


# Of a rejected record; its text begins with the blank lines before it, and ends with its line end.
_RECORD = "trim(csv_line, chr(10) || chr(13))"
_BLANKS_BEFORE = "length(csv_line) - length(ltrim(csv_line, chr(10) || chr(13)))"
_LINE_ENDS = f"length({_RECORD}) - length(replace({_RECORD}, chr(10), ''))"

# DuckDB writes with its built-in AES only when asked: that draws its nonces from a generator that is
# not a cryptographic one, which is of no use against somebody who has the files of one dead run and no key.
# The key is DuckDB's own, drawn for each process and never written.
_ENCRYPTED = {"force_mbedtls_unsafe": "true", "temp_file_encryption": "true"}


class DuckEngine:
    """An `Engine` over tables in memory, which go to a temporary folder when they outgrow their limit.

    Args:
        memory: Memory limit as DuckDB writes it, such as "4GB"; None leaves DuckDB's own.
        threads: Number of threads; None takes every core.
        folder: Where what outgrows memory goes; None takes the system's temporary folder.
        is_encrypted: Whether what goes there is encrypted, with a key that is in the memory of this process
            only: what a killed run leaves can't be read then.
    """

    def __init__(
        self,
        memory: str | None = None,
        threads: int | None = None,
        folder: str | None = None,
        *,
        is_encrypted: bool = False,
    ) -> None:
        self._scratch = Scratch(folder)
        self._is_encrypted = is_encrypted
        self._defined: set[str] = set()
        self._watch: RoomWatch | None = None
        try:
            with self._faults():
                self.connection = self._opened()
        except BaseException:  # also when interrupted: nothing may stay behind
            self._scratch.close()
            raise
        try:
            self._watch = RoomWatch(self._scratch.path, self.connection.interrupt)
            self._set_up(memory, threads)
        except BaseException:  # also when interrupted: no connection may stay open
            self.close()
            raise

    def _set_up(self, memory: str | None, threads: int | None) -> None:
        # Insertion order costs memory in every operator; what needs an order says so.
        options = {"preserve_insertion_order": "false", "TimeZone": "'UTC'"}
        # Query first: in Jupyter without ipywidgets DuckDB has no bar, and refuses even to turn it off.
        if self.rows("SELECT current_setting('enable_progress_bar')") == [(True,)]:
            options["enable_progress_bar"] = "false"
        options["temp_directory"] = _quoted(str(self._scratch.path / "spill"))
        if self._watch is not None:
            options["max_temp_directory_size"] = _quoted(f"{max(self._watch.n_to_use, 1)}B")
        if memory is not None:
            options["memory_limit"] = _quoted(memory)
        if threads is not None:
            options["threads"] = str(threads)
        for name, value in options.items():
            self._run(f"SET {name} = {value}")

    def _opened(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(":memory:")
        for name, value in (_ENCRYPTED if self._is_encrypted else {}).items():
            connection.execute(f"SET {name} = {value}")
        return connection

    @property
    def version(self) -> str:
        return str(duckdb.__version__)

    @property
    def is_distributed(self) -> bool:
        return False

    @property
    def n_threads(self) -> int:
        return int(self.connection.execute("SELECT current_setting('threads')").fetchall()[0][0])

    @property
    def here(self) -> DuckEngine:
        return self

    @property
    def store(self) -> None:
        """None: no addresses are read here."""
        return None

    @property
    def folder(self) -> Path:
        return self._scratch.path

    def __enter__(self) -> DuckEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def import_table(self, name: str) -> None:
        """Do nothing: this is the engine of this machine."""

    def load(self, name: str, table: pa.Table) -> None:
        self.connection.register("arriving", table)
        try:
            self.make(name, "SELECT * FROM arriving")
        finally:
            self.connection.unregister("arriving")

    def load_batches(self, name: str, batches: pa.RecordBatchReader) -> None:
        self.connection.register("arriving", batches)
        self._run("SET preserve_insertion_order = true")  # so that rowid follows the batches
        try:
            with self._reading("the rows handed over"):
                self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM arriving")
        finally:
            self._run("SET preserve_insertion_order = false")
            self.connection.unregister("arriving")

    def make(self, name: str, sql: str) -> None:
        self._run(f"CREATE OR REPLACE TABLE {name} AS {sql}")

    def define(self, name: str, sql: str) -> None:
        self._run(f"CREATE OR REPLACE VIEW {name} AS {sql}")
        self._defined.add(name)

    def make_by(
        self, name: str, sql: str, group: str, function: Callable[[pa.Table], pa.Table], schema: pa.Schema
    ) -> dict[int, int]:
        self.load(name, function(self.arrow(f"SELECT * FROM ({sql}) ORDER BY {group}")).cast(schema))
        return {}

    def rename(self, name: str, new_name: str) -> None:
        self._run(f"ALTER TABLE {name} RENAME TO {new_name}")

    def drop(self, *names: str) -> None:
        # In one transaction: each would write to the disk when it ends.
        statements = [
            f"DROP {'VIEW' if name in self._defined else 'TABLE'} IF EXISTS {name}" for name in names
        ]
        with self._faults():
            self.connection.begin()
            try:
                for sql in statements:
                    self.connection.execute(sql)
            except BaseException:  # also when interrupted: the connection may be used again
                with suppress(duckdb.Error):  # the first error is the one to see
                    self.connection.rollback()
                raise
            self.connection.commit()
        self._defined.difference_update(names)

    def has(self, name: str) -> bool:
        made = self.rows(f"SELECT 1 FROM duckdb_tables() WHERE table_name = {_quoted(name)}")
        return bool(made) or name in self._defined

    def columns(self, name: str) -> dict[str, str]:
        return {str(row[0]): str(row[1]) for row in self.rows(f"DESCRIBE {name}")}

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with self._faults():
            found: list[tuple[object, ...]] = self.connection.execute(sql).fetchall()
        return found

    def arrow(self, sql: str) -> pa.Table:
        with self._faults():
            return self.connection.sql(sql).to_arrow_table()

    def append(self, name: str, sql: str) -> None:
        self._run(f"INSERT INTO {name} {sql}")

    def read_files(self, name: str, files: FileSet, select: str) -> list[RejectedRow]:
        into = f"INSERT INTO {name}" if self.has(name) else f"CREATE TABLE {name} AS"
        self._run("SET preserve_insertion_order = true")  # so that rowid follows the files
        try:
            with self._reading(_named(files.paths)):
                self._read_rows(files, into, select)
            return self._rejected(files)
        finally:
            self._run("SET preserve_insertion_order = false")

    def _read_rows(self, files: FileSet, into: str, select: str) -> None:
        try:
            self.connection.execute(f"{into} WITH arriving AS ({_reader(files)}) {select}")
        except duckdb.InvalidInputException as error:
            # Lines that end now in one way, now in another: two files put together.
            if files.form != "csv" or "state machine" not in str(error):
                raise
            self._drop_rejects()
            reader = _reader(files, is_strict=False)
            self.connection.execute(f"{into} WITH arriving AS ({reader}) {select}")

    def _rejected(self, files: FileSet) -> list[RejectedRow]:
        if not self.has("reject_errors"):
            return []
        number = {path: i for i, path in enumerate(files.paths)}
        found = self.rows(
            "SELECT DISTINCT s.file_path, e.line, first(e.error_type ORDER BY e.column_idx)::VARCHAR, "
            f"1 + max({_LINE_ENDS}), "
            f"min(e.line_byte_position + coalesce({_BLANKS_BEFORE}, 0)) - 1 "
            "FROM reject_errors e JOIN reject_scans s USING (scan_id, file_id) GROUP BY ALL ORDER BY ALL"
        )
        self._drop_rejects()
        return [
            RejectedRow(
                number[str(path)],
                int(str(line)),
                _REJECTED.get(str(kind), "unreadable_row"),
                int(str(n_lines or 1)),
                int(str(at or 0)),
            )
            for path, line, kind, n_lines, at in found
        ]

    def _drop_rejects(self) -> None:
        self.drop("reject_errors", "reject_scans")

    def file_columns(self, path: Path) -> dict[str, str]:
        with self._reading(str(path)):
            found = self.connection.execute(f"DESCRIBE {_parquet([str(path)])}")
            return {str(row[0]): str(row[1]) for row in found.fetchall()}

    def read_database(self, name: str, path: Path, query: str) -> None:
        with self._reading(str(path)), handed_file(path, query, self._handed_options()) as reader:
            self.load_batches(name, reader)

    def query_files(
        self, name: str, tables: Mapping[str, Sequence[tuple[FileSet, str]]], query: str
    ) -> list[str]:
        views = {
            table: " UNION ALL BY NAME ".join(
                f"(WITH arriving AS ({_reader(files)}) {select})" for files, select in sets
            )
            for table, sets in tables.items()
        }
        paths = [path for sets in tables.values() for files, _ in sets for path in files.paths]
        allowed = list(dict.fromkeys([*paths, *map(_unglobbed, paths)]))
        options = self._handed_options()
        with self._reading("the query over files"), handed_tables(views, allowed, query, options) as answer:
            names: list[str] = answer.rows.schema.names
            self.load_batches(name, _numbered(answer.rows))
            if rejected := answer.rejected():
                path, line, kind = rejected[0]
                reason = _REJECTED.get(str(kind), "unreadable_row")
                raise InputError(f"{path}, line {line}: {reason}")
        return names

    def _handed_options(self) -> dict[str, str]:
        """Settings of a connection for what somebody handed over; both hold memory while the rows pass."""
        asked = "SELECT current_setting('memory_limit'), current_setting('threads')"
        memory, threads = (str(value) for value in self.rows(asked)[0])
        return {
            "memory_limit": _quoted(half_of(memory)),
            "threads": threads,
            "temp_directory": _quoted(str(self._scratch.path / "handed_over")),
            **(_ENCRYPTED if self._is_encrypted else {}),
        }

    def read_parquet(self, name: str, path: Path) -> None:
        self.make(name, _parquet([str(path)]))

    def show_parquet(self, name: str, paths: Sequence[Path], columns: Mapping[str, str]) -> None:
        """Let a name stand for the rows of Parquet files, without taking them over.

        Args:
            name: What no table is called; `hide` takes the name back.
            paths: The files; without any the table has no rows.
            columns: The columns, with the types that they come to have.
        """
        casts = ", ".join(f'"{column}"::{kind} AS "{column}"' for column, kind in columns.items())
        files = ", ".join(_quoted(_unglobbed(str(path))) for path in paths)
        none = ", ".join(f'NULL AS "{column}"' for column in columns)
        source = f"read_parquet([{files}])" if paths else f"(SELECT {none} WHERE false)"
        self._run(f"CREATE OR REPLACE VIEW {name} AS SELECT {casts} FROM {source}")

    def hide(self, name: str) -> None:
        """Take back a name that stands for Parquet files."""
        self._run(f"DROP VIEW IF EXISTS {name}")

    def write_parquet(self, sql: str, path: Path) -> None:
        with self._faults(out=path):
            self.connection.execute(
                f"COPY ({sql}) TO {_quoted(str(path))} (FORMAT parquet, COMPRESSION zstd)"
            )

    def close(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        with suppress(duckdb.Error):  # a full disk; the database is removed either way
            self.connection.close()
        self._scratch.close()

    @contextmanager
    def _reading(self, paths: str) -> Iterator[None]:
        """Tell a fault of the input from a fault of this machine."""
        with self._faults():
            try:
                yield
            except duckdb.Error as error:
                if is_lack(error) or isinstance(error, duckdb.InterruptException):
                    raise
                self._drop_rejects()
                raise input_error(error, paths) from None

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        with self._faults():
            return self.connection.execute(sql)

    @contextmanager
    def _faults(self, out: Path | None = None) -> Iterator[None]:
        """Say what an exception of the engine asks of the user; see `graphlink.engine.error_translation`."""
        try:
            yield
        except (duckdb.Error, RuntimeError) as error:
            if self._watch is not None and self._watch.is_reached:
                raise no_room(self._scratch.path) from None
            # A signal ends a statement with a RuntimeError of these words, or with an exception of its own.
            if isinstance(error, duckdb.InterruptException) or str(error) == "Query interrupted":
                raise KeyboardInterrupt from None
            if not isinstance(error, duckdb.Error):
                raise
            raise engine_error(error, self._scratch.path, out) from None


def _reader(files: FileSet, *, is_strict: bool = True) -> str:
    """The SQL that reads the rows of files."""
    number = "file_index AS graphlink_file"
    if files.form == "parquet":
        return _parquet(files.paths, f", {number}")
    paths = _listed(files.paths)
    if files.form == "json":
        # Arrays behind one another, as pages of an API, and one behind a byte-order mark are a value each.
        rows = "CASE WHEN starts_with(json, '[') THEN json_extract(json, '$[*]') ELSE [json] END"
        most = ""
        if files.records:
            inside, within = (_quoted(f"${start}{files.records}") for start in ("", "[*]"))
            rows = (
                f"CASE WHEN starts_with(json, '[') THEN json_extract(json, {within}) "
                f"ELSE json_extract(json, {inside}) END"
            )
            most = f", maximum_object_size = {_LARGEST_DOCUMENT}"
        objects = f"read_json_objects({paths}, format = 'auto'{most})"
        return f"SELECT unnest({rows}) AS line, {number} FROM {objects}"
    rejects = f"store_rejects = true, rejects_limit = 0, max_line_size = {_LONGEST_LINE}"
    if files.form == "lines":
        return (
            f"SELECT *, {number} FROM read_csv({paths}, columns = {{'line': 'VARCHAR'}}, "
            f"auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', "
            f"strict_mode = false, {rejects})"
        )
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(files.n_columns))
    return (
        f"SELECT *, {number} FROM read_csv({paths}, columns = {{{columns}}}, auto_detect = false, "
        f"header = true, skip = {files.n_before}, delim = {_quoted(files.delimiter)}, "
        f"quote = '\"', escape = '\"', "
        f"strict_mode = {str(is_strict).lower()}, {rejects})"
    )


def _numbered(rows: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """Batches with the columns c0, c1 and so on."""
    schema = pa.schema([field.with_name(f"c{i}") for i, field in enumerate(rows.schema)])
    batches = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in rows)
    return pa.RecordBatchReader.from_batches(schema, batches)


def _parquet(paths: Sequence[str], further: str = "") -> str:
    """The SQL that reads Parquet files: what is in them, and no columns from the names of their folders."""
    return f"SELECT *{further} FROM read_parquet({_listed(paths)}, hive_partitioning = false)"


def _listed(paths: Sequence[str]) -> str:
    return "[" + ", ".join(_quoted(_unglobbed(path)) for path in paths) + "]"


def _named(paths: Sequence[str]) -> str:
    """Files as errors name them."""
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} alike"


def _unglobbed(path: str) -> str:
    """A path that names one file even when its name holds the signs of a glob."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
