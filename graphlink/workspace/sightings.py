"""Sightings of new accounts, as a file states them: a value a row, or a column for each kind."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from graphlink.core.errors import InputError
from graphlink.core.small_files import MOST_BYTES, read_regular
from graphlink.kinds import shown
from graphlink.kinds.spelling import account_of
from graphlink.workspace.reports import UnusableReport, moment_of
from graphlink.workspace.screening import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ACCOUNT, _TIME, _LONG = "account_id", "seen_at", ("kind", "value")
COLUMNS = (_ACCOUNT, *_LONG, _TIME)
"""Columns of a file with a value a row; seen_at is optional."""
_EXPECTED = f"{', '.join(COLUMNS)}; or {_ACCOUNT}, {_TIME} and a column for each kind, such as ip and payment"


def read_sightings(path: str | Path) -> list[Sighting]:
    """Read the sightings of a CSV or Parquet file.

    A row has an account, a kind, a value and, where it is known, when it was seen; or it has an account and a
    value in each column that is named as a kind, and empty cells where nothing was seen.

    Args:
        path: The file.

    Raises:
        InputError: It can't be read, has no account_id, or a cell is wrong; names the row and the column.
    """
    where = f"accounts {path}"
    content = read_regular(path, where, most_bytes=MOST_BYTES)
    if Path(path).suffix.lower() == ".parquet":
        try:
            table = pq.read_table(pa.BufferReader(content))
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{where}: it is no Parquet that can be read") from error
        names, rows = table.column_names, _parquet_rows(table)
    else:
        names, rows = _csv_rows(content, where)
    _check_names(names, where)
    return list(_sightings(names, rows, where))


def _parquet_rows(table: pa.Table) -> Iterator[list[str]]:
    for row in table.to_pylist():
        yield ["" if cell is None else str(cell) for cell in row.values()]


def _csv_rows(content: bytes, where: str) -> tuple[list[str], Iterator[list[str]]]:
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        names = [name.strip() for name in next(reader, [])]
    except UnicodeDecodeError:
        raise InputError(f"{where}: it is not UTF-8; save it as UTF-8") from None
    except csv.Error as error:
        raise InputError(f"{where}: it is no CSV: {error}") from None
    return names, _guarded(reader, where)


def _guarded(reader: Iterator[list[str]], where: str) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise InputError(f"{where}: it is no CSV: {error}") from None


def _check_names(names: Sequence[str], where: str) -> None:
    repeated = [name for name in names if names.count(name) > 1]
    if _ACCOUNT not in names:
        raise InputError(f"{where}: no column {_ACCOUNT}; expected {_EXPECTED}")
    if repeated:
        raise InputError(f"{where}: column {shown(repeated[0])} is there twice")
    if ("kind" in names) != ("value" in names):
        raise InputError(f"{where}: kind and value come together; expected {_EXPECTED}")
    if "kind" in names and (strange := [name for name in names if name not in COLUMNS]):
        raise InputError(f"{where}: unknown column {shown(strange[0])}; expected {_EXPECTED}")


def _sightings(names: Sequence[str], rows: Iterator[list[str]], where: str) -> Iterator[Sighting]:
    for number, cells in enumerate(rows, 1):
        place = f"{where}: row {number:,}"
        if len(cells) != len(names):
            raise InputError(f"{place}: expected {len(names)} cells, found {len(cells)}")
        row = dict(zip(names, cells, strict=True))
        account = account_of(row[_ACCOUNT])
        if not account:
            raise InputError(f"{place}, column {_ACCOUNT}: it is empty")
        try:
            seen_at = moment_of(row.get(_TIME, "").strip(), f"column {_TIME}")
        except UnusableReport as fault:
            raise InputError(f"{place}, {fault}") from None
        for kind, value in _values(row):
            yield Sighting(account, kind, value, seen_at)


def _values(row: Mapping[str, str]) -> list[tuple[str, str]]:
    if "kind" in row:
        return [(row["kind"].strip(), row["value"])]
    return [(name, cell) for name, cell in row.items() if name not in (_ACCOUNT, _TIME) and cell.strip()]
