"""JSON: every table of the subgraph as a list of objects, with values as they are."""

from __future__ import annotations

import json

from graphlink.export.formats.export_format import Export, ExportFormat


def json_bytes(export: Export) -> bytes:
    """Make the file."""
    import pyarrow as pa

    from graphlink.export.formats.facts import export_facts, plain
    from graphlink.export.formats.tables import tables_of
    from graphlink.storage.arrow_values import rows_of

    tables = {
        name: rows_of(rows) if isinstance(rows, pa.Table) else rows
        for name, rows in tables_of(export.subgraph).items()
    }
    document = {**export_facts(export), **tables}
    return (json.dumps(plain(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


JSON = ExportFormat("json", ".json", "Programs: every table of the subgraph in one document", json_bytes)
