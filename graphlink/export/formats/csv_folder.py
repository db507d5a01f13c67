"""A folder of CSV: one file a table, guarded against what a spreadsheet would run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.export.formats.export_format import Export, ExportFormat

if TYPE_CHECKING:
    from pathlib import Path


def write_csv_folder(export: Export, folder: Path) -> None:
    """Write the tables."""
    import pyarrow as pa

    from graphlink.export.formats.tables import TableRows, columns, tables_of
    from graphlink.render.terminal import Sheet, write_sheets

    for name, table in tables_of(export.subgraph).items():
        rows = TableRows(table) if isinstance(table, pa.Table) else table
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            write_sheets([Sheet(name, tuple(columns(name, table)), rows)], "csv", file)


CSV = ExportFormat(
    "csv",
    "-csv",
    "Spreadsheets and databases: a folder, one file a table",
    write_folder=write_csv_folder,
    most_nodes=None,
    most_links=None,
)
