"""Any source -> a table in the engine: files, frames, tables and queries of databases, every cell typed.

A staged table has one row per row of the source and these columns: `account` (VARCHAR), one column per time
to read (TIMESTAMPTZ in UTC), `n` (BIGINT), one VARCHAR per further column to read, `file` (number of the
file, from 0), and, for a rejected row, `fault` (a reason code), `fault_column` and `raw_text` (the text at
fault). In a usable row `raw_text` is the account as it was written, where that differs from `account`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.engine import number
from graphlink.ingest.sources.arriving import (
    stage_database,
    stage_frame,
    stage_lake_table,
    stage_query,
    stage_scheme,
)
from graphlink.ingest.sources.files import stage_files
from graphlink.ingest.sources.remote import stage_catalog, stage_stored
from graphlink.ingest.sources.schemes import source_reader
from graphlink.ingest.sources.staged import Staged
from graphlink.ingest.sources.times import check_times
from graphlink.storage.files import address_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.engine import Reader
    from graphlink.ingest.sources.place import ColumnSpec, Place


def stage(engine: Reader, place: Place, specs: Sequence[ColumnSpec], table: str) -> Staged:
    """Read a source into a staged table (see the module).

    Raises:
        InputError: The source can't be read, lacks a column, or a column has a type that can't be used.
        SettingsError: A time zone or format is unknown.
        EngineError: Memory or disk ran out.
    """
    check_times(engine, place)
    staged = Staged(table, place.name)
    engine.drop(table)
    if place.frame is not None:
        stage_frame(engine, place, specs, staged)
    elif reader := source_reader(place.database):
        stage_scheme(engine, place, reader, specs, staged)
    elif place.database:
        stage_database(engine, place, specs, staged)
    elif place.format:
        stage_lake_table(engine, place, specs, staged)
    elif place.query and not place.path:
        stage_catalog(engine, place, specs, staged)
    elif place.query:
        stage_query(engine, place, specs, staged)
    elif engine.is_distributed and address_of(place.path):
        stage_stored(engine, place, specs, staged)
    else:
        stage_files(engine, place, specs, staged)
    staged.n_rows = number(engine, f"SELECT count(*) FROM {table}")
    return staged
