"""A cluster's graph as a live widget: the explorer's picture in a notebook's cell, through anywidget.

The data are traits of the widget: they travel with the cell, no server is used, and the page loads nothing.
What is selected in the picture comes back as `selected`. A still picture stands before the widget, which
hides it once it draws: in a saved page without a kernel it remains. Needs `pip install graphlink[notebook]`.
"""

from __future__ import annotations

import base64
import html
import math
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from IPython.display import display

from graphlink.core.errors import ResultError
from graphlink.export.page.figures import draw_network
from graphlink.export.page.network import ReviewNetwork
from graphlink.kinds.facets import BEHAVIOUR
from graphlink.render.charts import charts_css
from graphlink.render.layout import place_nodes
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from graphlink.export.subgraph import Subgraph

BUNDLE = Path(__file__).parent.parent / "static" / "widget.js"
_ENDS = ("account_id_l", "account_id_r")


class ClusterWidget(anywidget.AnyWidget):
    """A cluster as a live picture.

    Attributes:
        title: The cluster, as the result names it.
        note: What saving the notebook with its widgets would save.
        nodes: Accounts and identifiers, as nodes of the explorer's API.
        edges: Who holds what, and joint behaviour, as edges of the explorer's API.
        height: Height of the picture in pixels.
        selected: Ids of the nodes that are selected, in the picture or from Python.
        still_id: The mark of the still picture that it hides.
        still: The still picture, an SVG document that needs nothing else; it is not sent to the widget.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    nodes = traitlets.List(traitlets.Dict()).tag(sync=True)
    edges = traitlets.List(traitlets.Dict()).tag(sync=True)
    height = traitlets.Int(480).tag(sync=True)
    selected = traitlets.List(traitlets.Unicode()).tag(sync=True)
    still_id = traitlets.Unicode().tag(sync=True)
    still = traitlets.Unicode()

    @property
    def cluster_id(self) -> str:
        """The cluster, as the result names it."""
        return str(self.title)

    @property
    def accounts(self) -> list[str]:
        """The accounts that are selected."""
        return [name.removeprefix("a:") for name in self.selected if name.startswith("a:")]

    def still_html(self) -> str:
        """The still picture as an element of a page; its text reaches the page as an image only."""
        data = base64.b64encode(self.still.encode()).decode()
        about = html.escape(f"Graph of {self.title}: {len(self.nodes):,} nodes. {self.note}")
        return (
            f'<img data-graphlink-still="{self.still_id}" alt="{about}" '
            f'style="max-width: 100%" src="data:image/svg+xml;base64,{data}">'
        )

    def _ipython_display_(self) -> None:
        # Two outputs: of one with both, a saved page would show the widget alone, which needs a script from
        # elsewhere.
        display({"text/html": self.still_html(), "text/plain": repr(self)}, raw=True)  # type: ignore[no-untyped-call]  # IPython has no types
        bundle = self._repr_mimebundle_()
        if bundle is not None:
            display(bundle[0], metadata=bundle[1], raw=True)  # type: ignore[no-untyped-call]  # as above

    def __repr__(self) -> str:
        return f"<graphlink widget of cluster {self.title!r}: a notebook draws it. {self.note}>"


def still_picture(subgraph: Subgraph) -> str:
    """Draw a subgraph as an SVG document of its own, folded as the page that prints."""
    drawing = draw_network(ReviewNetwork(subgraph))
    head, _, rest = drawing.partition(">")
    xmlns = "" if "xmlns=" in head else ' xmlns="http://www.w3.org/2000/svg"'
    return f"{head}{xmlns}><style>{html.escape(charts_css(), quote=False)}</style>{rest}"


def live_view(subgraph: Subgraph, note: str, height: int) -> ClusterWidget:
    """Make the widget of a subgraph.

    Raises:
        ResultError: The widget's bundle was not built with this installation.
    """
    if not BUNDLE.is_file():
        raise ResultError("the notebook widget was not built with this installation; live=False shows a page")
    nodes, edges = draw(subgraph)
    return ClusterWidget(
        _esm=BUNDLE.read_text(encoding="ascii"),
        title=subgraph.name,
        note=note,
        nodes=nodes,
        edges=edges,
        height=height,
        still_id=secrets.token_hex(8),
        still=still_picture(subgraph),
    )


def draw(subgraph: Subgraph) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Make the nodes and edges of a subgraph, with fixed positions: x to the right, y down."""
    edges = _edges(subgraph)
    nodes = [*map(_account, subgraph.accounts), *map(_identifier, subgraph.identifiers)]
    number = {node["id"]: i for i, node in enumerate(nodes)}
    pairs = [(number[edge["source"]], number[edge["target"]]) for edge in edges]
    weights = [1.0 + math.log1p(max(0.0, edge["bits"])) for edge in edges]
    for node, (x, y) in zip(nodes, place_nodes(len(nodes), pairs, weights).tolist(), strict=True):
        node |= {"x": x, "y": y, "n_edges": 0}
    for pair in pairs:
        for end in pair:
            nodes[end]["n_edges"] += 1
    return nodes, edges


def _id_of(kind: str, value: str) -> str:
    """The id of an identifier, as in docs/explorer-api.md."""
    return f"i:{kind.replace('%', '%25').replace(':', '%3A')}:{value}"


def _iso_time(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _account(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": f"a:{row['account_id']}",
        "type": "account",
        "label": row["account_id"],
        "kind": "account",
        "role": row["role"],
        "probability": row["probability"],
        "status": row.get("status"),
        "n_accounts": 1,
        **dict.fromkeys(("facet", "degree", "p_exclusive", "is_hub", "tag", "bits")),
        "last_seen": _iso_time(row.get("last_seen")),
    }


def _identifier(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": _id_of(row["kind"], row["value"]),
        "type": "identifier",
        "label": row["value"],
        "kind": row["kind"],
        "facet": row.get("facet"),
        "degree": row.get("degree"),
        "p_exclusive": row.get("p_exclusive"),
        "is_hub": row.get("is_hub"),
        "tag": row.get("label"),
        "bits": round(row["bits"], 1),
        **dict.fromkeys(("role", "probability", "status", "n_accounts")),
        "last_seen": _iso_time(row.get("last_seen")),
    }


def _edges(subgraph: Subgraph) -> list[dict[str, Any]]:
    """Who holds what, and which accounts behave alike; what two differ in is no edge."""
    facets = {(row["kind"], row["value"]): row.get("facet") for row in subgraph.identifiers}
    held = [
        {
            "source": f"a:{row['account_id']}",
            "target": _id_of(row["kind"], row["value"]),
            "kind": row["kind"],
            "facet": facets[row["kind"], row["value"]],
            "bits": round(row["bits"], 1),
        }
        for row in rows_of(subgraph.edges)
    ]
    alike = [
        {
            **{end: f"a:{row[name]}" for end, name in zip(("source", "target"), _ENDS, strict=True)},
            "kind": row["kind"],
            "facet": BEHAVIOUR.name,
            "bits": round(row["contribution_bits"], 1),
        }
        for row in rows_of(subgraph.ties)
        if row["contribution_bits"] > 0
    ]
    return [{"id": f"e:{i}", **edge} for i, edge in enumerate([*held, *alike])]
