"""STIX 2.1, for platforms of threat intelligence."""

from __future__ import annotations

from graphlink.export.formats.export_format import Export, ExportFormat


def stix_bytes(export: Export) -> bytes:
    """Make the file: all accounts, and of what ties them the strongest.

    Raises:
        SettingsError: The stix2 library is not installed.
    """
    from graphlink.export.stix import bundle_text
    from graphlink.export.strongest import strongest_ties

    strongest = strongest_ties(export.subgraph)
    return bundle_text(strongest, export.notes_on(strongest)).encode()


STIX = ExportFormat(
    "stix", ".stix.json", "STIX 2.1: a bundle of the accounts and their strongest ties", stix_bytes
)
