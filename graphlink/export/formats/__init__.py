"""Export formats: one file each, all of them in `registry.FORMATS`."""

from graphlink.export.formats.export_format import Export, ExportFormat
from graphlink.export.formats.registry import (
    describe_formats,
    export_formats,
    format_names,
    format_of,
    subgraph_bytes,
)

__all__ = [
    "Export",
    "ExportFormat",
    "describe_formats",
    "export_formats",
    "format_names",
    "format_of",
    "subgraph_bytes",
]
