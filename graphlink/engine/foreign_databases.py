"""DuckDB files that somebody handed over: a query of one sees that file, and nothing else of this machine.

A database file holds views and macros, which are SQL of whoever made it, and a query in settings is SQL too.
Both run on a connection of their own that reads no other file, loads no extension, and whose settings are
locked. Its rows go to the engine of the run as Arrow batches, a few at a time.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from graphlink.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    with duckdb.connect(":memory:", config=_CONFIG) as connection:
        # Types that Arrow lacks, such as HUGEINT, come as what they are.
        for name, value in {"arrow_lossless_conversion": "true", "TimeZone": "'UTC'", **options}.items():
            connection.execute(f"SET {name} = {value}")
        quoted = str(path).replace("'", "''")
        connection.execute(f"ATTACH '{quoted}' AS handed_over (READ_ONLY, TYPE duckdb)")
        connection.execute("USE handed_over")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        _check_query(connection, query)
        yield connection.sql(query).to_arrow_reader(_ROWS_AT_ONCE)


def _check_query(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    kinds = [statement.type for statement in connection.extract_statements(query)]
    if kinds != [duckdb.StatementType.SELECT]:
        found = ", ".join(kind.name for kind in kinds) or "none"
        raise InputError(f"a query is exactly one SELECT, found {found}")


def half_of(memory: str) -> str:
    """Half of a memory limit as DuckDB prints it, such as 12.7 GiB."""
    parts = re.fullmatch(r"([\d.]+) ?(\w+)", memory)
    return f"{float(parts[1]) / 2:.2f}{parts[2]}" if parts else memory
