"""Facts about one account, for a statement of reasons or an answer to an appeal."""

from __future__ import annotations

from graphlink.core.errors import ResultError
from graphlink.export.formats.export_format import Export, ExportFormat


def _content(export: Export) -> bytes:
    from graphlink.export.page.appeal import appeal_page

    if export.result is None:
        raise ResultError("the facts about an account need the result that the subgraph is of")
    return appeal_page(export.result, export.subgraph, export.redactions)


APPEAL = ExportFormat(
    "appeal",
    ".appeal.html",
    "Facts about one account for a statement of reasons: no scores, no other account's name",
    _content,
)
