"""Tables of a result folder as Arrow; row groups that a query rules out are skipped."""

from __future__ import annotations

import bisect
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graphlink.core.errors import ResultError
from graphlink.storage.arrow_values import is_unicode, text_array
from graphlink.storage.column_rules import check_stored
from graphlink.storage.result_folder.layout import (
    EXPLAINED_NAMES,
    TABLE_NAME,
    TABLE_NAMES,
    Folder,
    open_parquet,
    table_files,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from graphlink.storage.remote import StoredPath


def read_table(
    folder: Folder,
    name: str,
    columns: Sequence[str] | None = None,
    where: Mapping[str, Collection[str]] | None = None,
) -> pa.Table:
    """Read a table of a result folder.

    Args:
        folder: The result folder.
        name: One of the tables of `graphlink.core.schema`.
        columns: The columns to read; None reads all.
        where: Text column to the values a row must have there; every condition must hold.

    Raises:
        ResultError: There is no such table or column, its run did not make the table, or the file can't be
            read.
    """
    _check_name(folder, name)
    with reading_files(folder, name) as files:
        table = pa.concat_tables([_read(file, name, columns, where or {}) for file in files])
        check_stored(name, table)
        return table


def read_batches(
    folder: Folder, name: str, columns: Sequence[str], coded: Sequence[str] = (), n_rows: int = 1 << 21
) -> Iterator[pa.RecordBatch]:
    """Read columns of a table in batches, in the order of its rows, so that memory use stays constant.

    Args:
        folder: The result folder.
        name: One of the tables of `graphlink.core.schema`.
        columns: The columns to read.
        coded: Those of them that come dictionary-encoded.
        n_rows: Rows of a batch, about: whole row groups are read.

    Raises:
        ResultError: There is no such table or column, its run did not make the table, or the file can't be
            read.
    """
    _check_name(folder, name)
    with reading_files(folder, name) as files:
        for file in files:
            for batch in _batches_of(file, columns, coded, n_rows):
                check_stored(name, batch)
                yield batch


@contextmanager
def reading_files(folder: Folder, name: str) -> Iterator[list[Path] | list[StoredPath]]:
    """Give the files of a table; errors while they are read name the table.

    Raises:
        ResultError: The table is missing or can't be read.
    """
    try:
        files = table_files(folder, name)
        if not files:
            raise FileNotFoundError("it is missing")
        yield files
    except (OSError, KeyError, pa.ArrowException) as error:
        raise ResultError(f"{folder / f'{name}.parquet'} can't be read: {error}") from None


def _check_name(folder: Folder, name: str) -> None:
    """Raise when there is no such table, or when the run did not make it."""
    if name in TABLE_NAMES:
        return
    is_plugins = name not in EXPLAINED_NAMES and TABLE_NAME.fullmatch(name) and table_files(folder, name)
    if not is_plugins and name not in EXPLAINED_NAMES:
        raise ResultError(f"no table {name!r}; there are {', '.join((*TABLE_NAMES, *EXPLAINED_NAMES))}")
    if name in EXPLAINED_NAMES and not table_files(folder, name):
        raise ResultError(
            f"{folder} has no table {name}, which is only made on request; run it again with explain_all=True"
        )


def _batches_of(
    path: Path | StoredPath, columns: Sequence[str], coded: Sequence[str], n_rows: int
) -> Iterator[pa.RecordBatch]:
    with open_parquet(path, read_dictionary=list(coded)) as file:
        group: list[int] = []
        for i in range(file.num_row_groups):
            group.append(i)
            n_read = sum(file.metadata.row_group(one).num_rows for one in group)
            if n_read >= n_rows or i + 1 == file.num_row_groups:
                read = file.read_row_groups(group, columns=list(columns))
                yield from read.unify_dictionaries().combine_chunks().to_batches()
                group = []


def _read(
    path: Path | StoredPath,
    name: str,
    columns: Sequence[str] | None,
    where: Mapping[str, Collection[str]],
) -> pa.Table:
    """Read rows of a Parquet file, skipping row groups whose minimum and maximum rule them out.

    `pyarrow.dataset` would do the same but imports pandas, which costs a command more than a second.
    """
    with open_parquet(path) as file:
        known = file.schema_arrow.names
        unknown = [column for column in (*(columns or ()), *where) if column not in known]
        if unknown:
            raise ResultError(f"{name}.parquet has no column {unknown[0]!r}; it has {', '.join(known)}")
        selected = list(columns) if columns is not None else known
        needed = [column for column in known if column in selected or column in where]
        sets = {name: sorted(filter(is_unicode, set(values))) for name, values in where.items()}
        groups = [i for i in range(file.num_row_groups) if _may_hold(file.metadata.row_group(i), sets)]
        empty = file.read_row_groups([], columns=needed).replace_schema_metadata(None)
        matching = [_matching(file.read_row_group(i, columns=needed), sets) for i in groups]
    return pa.concat_tables([empty, *matching]).select(selected)


def _may_hold(group: pq.RowGroupMetaData, sets: Mapping[str, list[str]]) -> bool:
    for i in range(group.num_columns):
        column = group.column(i)
        values = sets.get(column.path_in_schema)
        if values is None or not column.is_stats_set or not column.statistics.has_min_max:
            continue
        minimum, maximum = column.statistics.min, column.statistics.max
        place = bisect.bisect_left(values, minimum)
        if place == len(values) or values[place] > maximum:
            return False
    return True


def _matching(table: pa.Table, sets: Mapping[str, list[str]]) -> pa.Table:
    for name, values in sets.items():
        options = pc.SetLookupOptions(value_set=text_array(values))
        table = table.filter(pc.is_in(table[name], options=options))
    return table.replace_schema_metadata(None)
