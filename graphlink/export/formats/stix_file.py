"""STIX 2.1, for platforms of threat intelligence."""

from __future__ import annotations

from graphlink.export.formats.export_format import Export, ExportFormat


def stix_bytes(export: Export) -> bytes:
    """Make the file.

    Raises:
        SettingsError: The stix2 library is not installed.
    """
    from graphlink.export.stix import bundle_text

    return bundle_text(export.subgraph, export.notes).encode()


STIX = ExportFormat(
    "stix", ".stix.json", "Platforms of threat intelligence, as a STIX 2.1 bundle", stix_bytes
)
