"""Tables of a result back to where the data came from: as Parquet to load, or into a database by ADBC."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from graphlink.core.credentials import (
    POSTGRES,
    database_kind,
    postgres_address,
    redacted_text,
    shown_database,
)
from graphlink.core.errors import QuestionError, ResultError, SettingsError
from graphlink.export.formats.facts import FACTS
from graphlink.export.formats.folders import export_files
from graphlink.storage.atomic import whole_folder, writing
from graphlink.storage.files import address_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from graphlink.result.result import Result

MODES = {"create": "create", "replace": "replace", "append": "create_append"}
"""What becomes of a table that is there (an error, another one, or more rows), and what ADBC calls it."""
_PREFIX = re.compile("[a-z_][a-z0-9_]{0,40}|")
_RUN = "run"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is written of a result.

    Attributes:
        tables: Names of tables.
        run: The value of a column `run` before the others; None for no such column.
    """

    tables: Collection[str]
    run: str | None = None

    def read(self, result: Result) -> Iterator[tuple[str, pa.Table]]:
        """Read the tables, one by one.

        Raises:
            ResultError: There is no such table.
        """
        names = list(dict.fromkeys([self.tables] if isinstance(self.tables, str) else self.tables))
        for name in names:
            if name not in result.manifest["tables"]:
                known = ", ".join(sorted(result.manifest["tables"]))
                raise ResultError(f"no table {name!r}; there are {known}")
        if not names:
            raise QuestionError("tables: expected at least one")
        for name in names:
            table = result.table(name)
            if self.run is not None:
                values = pa.repeat(pa.scalar(self.run, pa.string()), table.num_rows)
                table = table.add_column(0, _RUN, values)
            yield name, table


def write_parquet(result: Result, folder: Path, chosen: Chosen, *, overwrite: bool) -> None:
    """Write tables as Parquet, one file each; the folder appears whole or not at all.

    Args:
        result: The result.
        folder: The folder to make.
        chosen: What is written.
        overwrite: Whether to replace an earlier folder of this kind.

    Raises:
        ResultError: There is no such table, or the folder can't be written.
    """
    if address := address_of(folder):
        raise ResultError(
            f"{address}: name a folder of this machine, and copy it there by the tools of its store"
        )
    names = []
    with whole_folder(folder, overwrite=overwrite, listed=export_files) as partial, writing(folder):
        for name, table in chosen.read(result):
            pq.write_table(table, partial / f"{name}.parquet")
            names.append(name)
        facts = {
            "graphlink": result.manifest.get("graphlink"),
            "what": "tables",
            "run": chosen.run,
            "files": [f"{name}.parquet" for name in names],
        }
        (partial / FACTS).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def write_database(
    result: Result, address: str | Path, chosen: Chosen, *, mode: str, prefix: str
) -> dict[str, int]:
    """Write tables into a database in one transaction: all of them, or none.

    Args:
        result: The result.
        address: A postgresql:// URL (also as libpq's `host=... dbname=...`), or an SQLite file.
        chosen: What is written.
        mode: One of `MODES`.
        prefix: What the names of tables begin with in the database.

    Returns:
        Table of the database to the rows written.

    Raises:
        SettingsError: The driver is not installed.
        ResultError: There is no such table, or the database can't be written. The message holds no secret.
    """
    if mode not in MODES:
        raise QuestionError(f"mode: expected {', '.join(MODES)}, found {mode!r}")
    if not _PREFIX.fullmatch(prefix):
        raise QuestionError(f"prefix: expected a-z, 0-9 and _, of at most 41, found {prefix!r}")
    written = {}
    with _connected(str(address)) as cursor:
        for name, table in chosen.read(result):
            cursor.adbc_ingest(f"{prefix}{name}", table, mode=MODES[mode])
            written[f"{prefix}{name}"] = table.num_rows
    return written


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Any]:
    """A cursor of a database in a transaction, which is ended well only when nothing went wrong."""
    is_postgres = database_kind(address) == POSTGRES
    if database_kind(address) and not is_postgres:
        raise SettingsError(
            f"{shown_database(address)}: known are PostgreSQL (postgresql://...) and SQLite files"
        )
    driver, place = _postgres(address) if is_postgres else _sqlite(address)
    shown = shown_database(address) if is_postgres else address
    try:
        with driver.connect(place) as connection, connection.cursor() as cursor:
            yield cursor
            connection.commit()
    except (driver.Error, pa.ArrowException, OSError) as error:
        reason = redacted_text(str(error), address, place).split("\n", 1)[0]
        raise ResultError(
            f"{shown}: the database says: {reason}; nothing was written. mode='replace' replaces tables that "
            "are there, mode='append' adds to them"
        ) from None


def _postgres(address: str) -> tuple[Any, str]:
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise SettingsError("PostgreSQL needs a driver: pip install 'graphlink[postgres]'") from None
    try:
        return dbapi, postgres_address(address)
    except ValueError as error:
        raise ResultError(f"the address of the database can't be read: {error}") from None


def _sqlite(path: str) -> tuple[Any, str]:
    try:
        from adbc_driver_sqlite import dbapi
    except ImportError:
        raise SettingsError("SQLite needs a driver: pip install 'graphlink[sqlite]'") from None
    if not Path(path).parent.is_dir():
        raise ResultError(f"{path}: no such folder")
    return dbapi, path
