"""Tables that arrive in the embedded engine as a whole -> the staged table: frames, queries of databases."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.core.sql import quoted_name
from graphlink.ingest.sources.columns import Columns, repeated, warn_of_alike
from graphlink.ingest.sources.databases.adbc import adbc_rows
from graphlink.ingest.sources.databases.drivers import is_reached_by_adbc
from graphlink.ingest.sources.databases.load import load_batches, load_database
from graphlink.ingest.sources.databases.query import Database
from graphlink.ingest.sources.file_queries import load_query
from graphlink.ingest.sources.frames import arrow_of, in_microseconds
from graphlink.ingest.sources.lake_tables import lake_rows
from graphlink.ingest.sources.nesting import with_paths
from graphlink.ingest.sources.schemes import SourceReader, read_scheme
from graphlink.ingest.sources.typed import typed_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.engine import Reader
    from graphlink.ingest.sources.place import ColumnSpec, Place
    from graphlink.ingest.sources.staged import Staged
    from graphlink.ingest.sources.streams import Rows


def stage_frame(engine: Reader, place: Place, specs: Sequence[ColumnSpec], staged: Staged) -> None:
    """Stage a frame, of which the columns may repeat a name."""
    table = in_microseconds(arrow_of(place.frame, place.name))
    names = table.column_names
    arrow = _numbered(table.rename_columns([f"c{i}" for i in range(len(names))]))
    arriving = f"{staged.table}_arriving"
    engine.here.load(arriving, arrow)
    types = engine.here.columns(arriving)
    columns = {name: (types[f"c{i}"], f"c{i}") for i, name in enumerate(names)} | repeated(names)
    _stage_table(engine, place, specs, staged, columns)
    digest = hashlib.sha256()
    for batch in arrow.to_batches():
        digest.update(batch.serialize())
    staged.inputs = [{"name": place.name, "bytes": table.nbytes, "sha256": digest.hexdigest()}]


def _numbered(arrow: pa.Table) -> pa.Table:
    """With the number of each row, since an engine may load rows in any order."""
    return arrow.append_column(_ROW, pa.array(np.arange(arrow.num_rows)))


_ROW = "graphlink_row"


def _stage_table(
    engine: Reader, place: Place, specs: Sequence[ColumnSpec], staged: Staged, columns: Columns
) -> None:
    """Make the staged table of one that arrived in the embedded engine, and drop that."""
    arriving = f"{staged.table}_arriving"
    columns = with_paths(columns, [spec.column for spec in specs])
    typed = typed_columns(place, specs, columns, place.name, staged.missing)
    staged.columns |= dict.fromkeys(columns)
    warn_of_alike(staged, specs, list(columns))
    row = _ROW if _ROW in engine.here.columns(arriving) else "rowid"
    source = f"(SELECT *, rowid, 0 AS graphlink_part FROM {arriving})"
    engine.here.make(staged.table, typed.select(source, f", {row} AS row"))
    engine.here.drop(arriving)
    engine.import_table(staged.table)
    staged.row = "row"
    staged.files = [place.name]


def stage_database(engine: Reader, place: Place, specs: Sequence[ColumnSpec], staged: Staged) -> None:
    """Stage a table or query of a database."""
    database = Database(place.name, place.database, place.query, place.table)
    if is_reached_by_adbc(place.database):
        with adbc_rows(database) as rows:
            stage_rows(engine, place, specs, staged, rows)
        return
    arriving = f"{staged.table}_arriving"
    staged.inputs = load_database(engine.here, arriving, database)
    columns = {name: (kind, quoted_name(name)) for name, kind in engine.here.columns(arriving).items()}
    _stage_table(engine, place, specs, staged, columns)


def stage_query(engine: Reader, place: Place, specs: Sequence[ColumnSpec], staged: Staged) -> None:
    """Stage a query over files."""
    _stage_table(engine, place, specs, staged, load_query(engine, place, staged))


def stage_lake_table(engine: Reader, place: Place, specs: Sequence[ColumnSpec], staged: Staged) -> None:
    """Stage a lake table, of which rows have no numbers."""
    rows, inputs = lake_rows(place)
    stage_rows(engine, place, specs, staged, rows)
    staged.inputs, staged.is_numbered = inputs, False


def stage_scheme(
    engine: Reader, place: Place, reader: SourceReader, specs: Sequence[ColumnSpec], staged: Staged
) -> None:
    """Stage what a plugin reads at an address."""
    stage_rows(engine, place, specs, staged, read_scheme(reader, place.name, place.database, place.query))


def stage_rows(engine: Reader, place: Place, specs: Sequence[ColumnSpec], staged: Staged, rows: Rows) -> None:
    """Stage rows that come in batches, of which the columns may repeat a name."""
    arriving = f"{staged.table}_arriving"
    load_batches(engine.here, arriving, rows.batches)
    types = engine.here.columns(arriving)
    columns = {name: (types[f"c{i}"], f"c{i}") for i, name in enumerate(rows.names)} | repeated(rows.names)
    _stage_table(engine, place, specs, staged, columns)
