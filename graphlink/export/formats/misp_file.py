"""A MISP event, for platforms that share threat intelligence."""

from __future__ import annotations

from graphlink.export.formats.export_format import Export, ExportFormat


def misp_bytes(export: Export) -> bytes:
    """Make the file: all accounts, and of what ties them the strongest."""
    from graphlink.export.misp import event_text
    from graphlink.export.strongest import strongest_ties

    strongest = strongest_ties(export.subgraph)
    return event_text(strongest, export.notes_on(strongest)).encode()


MISP = ExportFormat(
    "misp", ".misp.json", "MISP: an event of the accounts and their strongest ties", misp_bytes
)
