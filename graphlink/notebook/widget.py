"""A cluster in a notebook: the explorer's graph as a live widget, or the page of a review inside a cell.

The widget (`graphlink.notebook.live`) needs anywidget. The page is the one that `graphlink export` writes
(pyvis' network, see `graphlink.export.page`). It stands in a frame of its own that may run the page's scripts
and nothing else: it has no origin, loads nothing, and can't reach the notebook around it.
"""

from __future__ import annotations

import html
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from graphlink.core.errors import ResultError
from graphlink.export.page.review import review_page
from graphlink.export.subgraph import Limits, cluster_subgraph
from graphlink.result.integrity import of_result
from graphlink.result.redaction import Redacted

if TYPE_CHECKING:
    from graphlink.export.subgraph import Subgraph
    from graphlink.notebook.live import ClusterWidget
    from graphlink.result.result import Result

STATIC = Path(__file__).parent.parent / "static"
WARNING = (
    "This output holds account data. Saving the notebook with its outputs saves that data: clear the outputs "
    "first, or show a redacted result (graphlink.result.redaction.redact)."
)
_REDACTED = (
    "This output is redacted for the profile {profile}, and saving the notebook with its outputs saves it."
)


class ClusterView:
    """A cluster as a notebook shows it; made by `show_cluster`.

    Attributes:
        cluster_id: The cluster, as the result names it.
        note: What saving the notebook would save.
        page: The page, one HTML document without anything from elsewhere.
        height: Height of its frame in pixels.
    """

    def __init__(self, cluster_id: str, note: str, page: str, height: int) -> None:
        self.cluster_id = cluster_id
        self.note = note
        self.page = page
        self.height = height

    def __repr__(self) -> str:
        return f"<graphlink view of cluster {self.cluster_id!r}: a notebook draws it. {self.note}>"

    def _repr_html_(self) -> str:
        # No allow-same-origin: the page must not reach the notebook, which may run code.
        return (
            f'<p role="note"><strong>{html.escape(self.note)}</strong></p>'
            f'<iframe title="graphlink: cluster {html.escape(self.cluster_id)}" sandbox="allow-scripts" '
            f'referrerpolicy="no-referrer" width="100%" height="{self.height:d}" '
            f'style="border: 1px solid #888" srcdoc="{html.escape(self.page)}"></iframe>'
        )


@overload
@of_result
def show_cluster(
    result: Result, cluster_id: str, *, most: int = 200, height: int = 720, live: Literal[False]
) -> ClusterView: ...
@overload
@of_result
def show_cluster(
    result: Result, cluster_id: str, *, most: int = 200, height: int = 720, live: Literal[True]
) -> ClusterWidget: ...
@overload
@of_result
def show_cluster(
    result: Result, cluster_id: str, *, most: int = 200, height: int = 720, live: None = None
) -> ClusterView | ClusterWidget: ...
@of_result
def show_cluster(
    result: Result, cluster_id: str, *, most: int = 200, height: int = 720, live: bool | None = None
) -> ClusterView | ClusterWidget:
    """Make the view of a cluster for a notebook.

    Args:
        result: A finished run, or what `graphlink.result.redaction.redact` makes of one.
        cluster_id: The cluster, as this result names it.
        most: Most accounts, and as many identifiers, that are drawn; the view states what it leaves out.
        height: Height in pixels.
        live: Whether to make the widget rather than the page; None makes it when anywidget is installed.

    Returns:
        What a notebook displays: the widget, or the page in a frame.

    Raises:
        ResultError: There is no such cluster, or the widget is wanted where it can't be had.
    """
    profile = result.profile if isinstance(result, Redacted) else None
    subgraph = cluster_subgraph(result, cluster_id, Limits(most, most))
    note = WARNING if profile is None else _REDACTED.format(profile=profile.name)
    if live or (live is None and _can_live()):
        return _live(subgraph, " ".join((note, *subgraph.left_out)), height)
    page = review_page(result, subgraph, () if profile is None else profile.sentences())
    return ClusterView(cluster_id, note, page.decode(), height)


def _can_live() -> bool:
    """Whether anywidget is installed and the widget's bundle was built."""
    return importlib.util.find_spec("anywidget") is not None and (STATIC / "widget.js").is_file()


def _live(subgraph: Subgraph, note: str, height: int) -> ClusterWidget:
    try:
        from graphlink.notebook.live import live_view
    except ModuleNotFoundError as error:
        raise ResultError(
            f"the widget needs {error.name}: pip install 'graphlink[notebook]'; live=False shows a page"
        ) from error
    return live_view(subgraph, note, height)
