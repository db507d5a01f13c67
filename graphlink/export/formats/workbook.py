"""One workbook: a sheet a table, and one about the export."""

from __future__ import annotations

import io

from graphlink.export.formats.export_format import Export, ExportFormat

_WIDTHS = {"account_id": 26, "account_id_l": 26, "account_id_r": 26, "value": 34, "detail": 60, "about": 100}


def workbook_bytes(export: Export) -> bytes:
    """Make the file."""
    import pyarrow as pa

    from graphlink.export.formats.tables import TableRows, columns, tables_of
    from graphlink.render.workbook import Sheets

    file, subgraph = io.BytesIO(), export.subgraph
    sheets = Sheets(file, f"graphlink {subgraph.what} {subgraph.name}", _WIDTHS)
    sheets.start("about", ("about",))
    for name, table in tables_of(subgraph).items():
        names = columns(name, table)
        sheets.start(name, names)
        for row in TableRows(table) if isinstance(table, pa.Table) else table:
            sheets.add(name, [row.get(column) for column in names])
    sentences = [
        f"{subgraph.what} {subgraph.name}",
        "A lead, not a verdict: honest accounts share addresses, cards and routers too.",
        f"graphlink {export.manifest.get('graphlink', '')}".strip(),
        *export.redactions,
        *export.notes,
        *(f"{name}: the sheet is full; the formats csv and parquet have every row." for name in sheets.full),
    ]
    for sentence in dict.fromkeys(sentences):
        sheets.add("about", [sentence])
    sheets.close()
    return file.getvalue()


XLSX = ExportFormat("xlsx", ".xlsx", "Excel and LibreOffice: one workbook, a sheet a table", workbook_bytes)
