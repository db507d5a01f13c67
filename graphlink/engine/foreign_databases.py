"""Queries of settings over files that somebody handed over: they see those, and nothing else of this machine.

A database file holds views and macros, which are SQL of whoever made it, and a query in settings is SQL too.
Both run on a connection of their own that reads no other file, loads no extension, and whose settings are
locked. Its rows go to the engine of the run as Arrow batches, a few at a time.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from graphlink.core.errors import InputError
from graphlink.core.sql import quoted_name, quoted_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

_CONFIG = {
    "allow_unsigned_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",  # a name that is no table is no variable of this program either
}
_ROWS_AT_ONCE = 100_000


@contextmanager
def handed_file(path: Path, query: str, options: dict[str, str]) -> Iterator[pa.RecordBatchReader]:
    """Give the rows of a query of a DuckDB file, as long as the block lasts.

    Args:
        path: The file, which is only read.
        query: Exactly one SELECT.
        options: Further settings of the connection as SQL: its memory, its threads, where it spills.

    Raises:
        InputError: The query is no single SELECT.
        duckdb.Error: The file is no such database, is in use, or refuses the query.
    """
    with _opened(options) as connection:
        connection.execute(f"ATTACH {quoted_text(str(path))} AS handed_over (READ_ONLY, TYPE duckdb)")
        connection.execute("USE handed_over")
        _lock(connection)
        yield _answer(connection, query)


class Answer(NamedTuple):
    """The rows of a query over files, and the lines that its readers could not read, once all rows are."""

    rows: pa.RecordBatchReader
    rejected: Callable[[], list[tuple[object, ...]]]


@contextmanager
def handed_tables(
    views: Mapping[str, str], paths: Sequence[str], query: str, options: dict[str, str]
) -> Iterator[Answer]:
    """Give the rows of a query over files, as long as the block lasts.

    Args:
        views: The tables that the query may name, each with the SQL that reads its files.
        paths: All files, as the SQL names them and as they are called; nothing else can be read.
        query: Exactly one SELECT.
        options: Further settings of the connection, as of `handed_file`.

    Raises:
        InputError: The query is no single SELECT.
        duckdb.Error: A file can't be read, or the query is refused.
    """
    with _opened(options) as connection:
        for name, sql in views.items():
            connection.execute(f"CREATE VIEW {quoted_name(name)} AS {sql}")
        connection.execute(f"SET allowed_paths = [{', '.join(map(quoted_text, paths))}]")
        _lock(connection)
        yield Answer(_answer(connection, query), lambda: _rejected(connection))


def _rejected(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """The first line of each file that could not be read: path, number, and why."""
    if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'reject_errors'").fetchall():
        return []
    found: list[tuple[object, ...]] = connection.execute(
        "SELECT s.file_path, min(e.line), arg_min(e.error_type::VARCHAR, e.line) FROM reject_errors e "
        "JOIN reject_scans s USING (scan_id, file_id) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return found


@contextmanager
def _opened(options: dict[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:", config=_CONFIG) as connection:
        # Types that Arrow lacks, such as HUGEINT, come as what they are.
        for name, value in {"arrow_lossless_conversion": "true", "TimeZone": "'UTC'", **options}.items():
            connection.execute(f"SET {name} = {value}")
        yield connection


def _lock(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _answer(connection: duckdb.DuckDBPyConnection, query: str) -> pa.RecordBatchReader:
    _check_query(connection, query)
    return connection.sql(query).to_arrow_reader(_ROWS_AT_ONCE)


def _check_query(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    kinds = [statement.type for statement in connection.extract_statements(query)]
    if kinds != [duckdb.StatementType.SELECT]:
        found = ", ".join(kind.name for kind in kinds) or "none"
        raise InputError(f"a query is exactly one SELECT, found {found}")


def half_of(memory: str) -> str:
    """Half of a memory limit as DuckDB prints it, such as 12.7 GiB."""
    parts = re.fullmatch(r"([\d.]+) ?(\w+)", memory)
    return f"{float(parts[1]) / 2:.2f}{parts[2]}" if parts else memory
