"""The review page: one file that opens anywhere, offline."""

from __future__ import annotations

from graphlink.core.errors import ResultError
from graphlink.export.formats.export_format import MOST_DRAWN, Export, ExportFormat


def page_bytes(export: Export) -> bytes:
    """Make the page.

    Raises:
        ResultError: Only the subgraph is available; the page needs the result for its explanations.
    """
    from graphlink.export.page.review import review_page

    if export.result is None:
        raise ResultError("a review page needs the result that the subgraph is of")
    return review_page(export.result, export.subgraph, export.redactions, export.lineage)


HTML = ExportFormat(
    "html",
    ".html",
    "One page for a review, in any browser, offline",
    page_bytes,
    most_nodes=MOST_DRAWN,
    most_links=None,
)
