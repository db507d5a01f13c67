"""A folder of Parquet: one file a table, of the same types for every subgraph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.export.formats.export_format import Export, ExportFormat

if TYPE_CHECKING:
    from pathlib import Path


def write_parquet_folder(export: Export, folder: Path) -> None:
    """Write the tables."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from graphlink.export.formats.tables import arrow, nullable, tables_of

    for name, table in tables_of(export.subgraph).items():
        typed = nullable(table) if isinstance(table, pa.Table) else arrow(name, table)
        pq.write_table(typed, folder / f"{name}.parquet")


PARQUET = ExportFormat(
    "parquet",
    "-parquet",
    "Data frames and warehouses: a folder, one file a table",
    write_folder=write_parquet_folder,
    most_nodes=None,
    most_links=None,
)
