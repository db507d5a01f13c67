"""A subgraph as a pyvis network to change and show; its template runs nothing of the data."""

from __future__ import annotations

import html
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyvis.network import Network

from graphlink.core.errors import QuestionError
from graphlink.core.wording.figures import format_probability
from graphlink.export.page.inline import json_text, own_file, render_page, vis_script, vis_style
from graphlink.export.page.network import COLOURS, group_of
from graphlink.render.escape import shortened
from graphlink.render.layout import place_nodes
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.export.subgraph import Subgraph

_SCALE = 90.0  # pixels between neighbours
_LABEL, _TITLE = 40, 200  # characters
_LINE = "#c3ccd6"
_SHAPES = {"network": "square", "payment": "diamond", "identity": "triangle", "client": "hexagon"}


class ClusterNetwork(Network):  # type: ignore[misc]  # pyvis has no types
    """A pyvis network of accounts and the identifiers that they share; made by `result.pyvis`.

    Nodes are `account:ID` and `identifier:KIND:VALUE`, as in `result.graph`, with a place; edges have the
    `bits` of evidence. All of pyvis works on it: nodes, edges and options may be changed, `show`,
    `write_html` and `generate_html` make the page. The page is one file that opens offline: vis-network is
    part of it, texts of the data stay text, and its policy forbids to load or send anything.

    Attributes:
        left_out: What is not drawn, in sentences.
    """

    def __init__(self, subgraph: Subgraph) -> None:
        super().__init__(height="750px", width="100%", cdn_resources="in_line", heading="")
        self.left_out = subgraph.left_out
        for row in subgraph.accounts:
            self._append_node(f"account:{row['account_id']}", row["account_id"], _account(row))
        most = max((row["bits"] for row in subgraph.identifiers), default=1.0) or 1.0
        for row in subgraph.identifiers:
            node = f"identifier:{row['kind']}:{row['value']}"
            self._append_node(node, row["value"], _identifier(row, most))
        for row in rows_of(subgraph.edges):
            ends = f"account:{row['account_id']}", f"identifier:{row['kind']}:{row['value']}"
            self._append_edge(ends, row["bits"], f"{row['bits']:+.1f} bits")
        for row in rows_of(subgraph.ties):
            ends = f"account:{row['account_id_l']}", f"account:{row['account_id_r']}"
            bits = row["contribution_bits"]
            if bits > 0:
                self._append_edge(ends, bits, f"{row['kind'].replace('_', ' ')}: {bits:+.1f} bits")
        self._place()
        self.toggle_physics(False)

    def generate_html(self, name: str = "index.html", local: bool = True, notebook: bool = False) -> str:  # noqa: ARG002 - of pyvis
        """Make the page; the arguments are those of pyvis, and change nothing."""
        options = self.options if isinstance(self.options, dict) else json.loads(self.options.to_json())
        drawn = {"nodes": self.nodes, "edges": self.edges, "options": options}
        values = {
            "title": "graphlink: cluster",
            "heading": self.heading or "",
            "payload": json_text(drawn),
            "size": json_text({"width": str(self.width), "height": str(self.height)}),
            "left_out": self.left_out,
        }
        style = vis_style() + own_file("pyvis.css")
        self.html = render_page("pyvis.html.j2", (vis_script(), own_file("pyvis.js")), style, values)
        return str(self.html)

    def write_html(  # noqa: D417 - of pyvis
        self,
        name: str | Path,
        local: bool = True,
        notebook: bool = False,
        open_browser: bool = False,
    ) -> None:
        """Write the page, and open it where that is wanted.

        Args:
            name: The file, which ends in .html.
            open_browser: Whether to open it in the browser.

        Raises:
            QuestionError: The name has another end.
        """
        path = Path(name)
        if path.suffix != ".html":
            raise QuestionError(f"name: expected a file that ends in .html, found {path.name!r}")
        path.write_text(self.generate_html(local=local, notebook=notebook), encoding="utf-8")
        if open_browser:
            import webbrowser

            webbrowser.open(path.resolve().as_uri())

    def _repr_html_(self) -> str:
        # No allow-same-origin: the page must not reach the notebook, which may run code.
        return (
            '<iframe title="graphlink: cluster" sandbox="allow-scripts" referrerpolicy="no-referrer" '
            'width="100%" height="780" style="border: 1px solid #888" '
            f'srcdoc="{html.escape(self.generate_html())}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<ClusterNetwork: {len(self.nodes):,} nodes, {len(self.edges):,} edges>"

    def _append_node(self, node: str, name: str, facts: dict[str, Any]) -> None:
        # As pyvis' add_node, which looks through all nodes each time.
        made = {"id": node, "label": shortened(name, _LABEL), **facts}
        self.nodes.append(made)
        self.node_ids.append(node)
        self.node_map[node] = made

    def _append_edge(self, ends: tuple[str, str], bits: float, title: str) -> None:
        width = round(0.5 + math.sqrt(max(bits, 0.0)) / 2, 1)
        edge = {"from": ends[0], "to": ends[1], "bits": round(bits, 1), "width": width, "title": title}
        self.edges.append({**edge, "color": {"color": _LINE, "highlight": COLOURS["account"]}})

    def _place(self) -> None:
        number = {node: i for i, node in enumerate(self.node_ids)}
        pairs = [(number[edge["from"]], number[edge["to"]]) for edge in self.edges]
        weights = [1.0 + math.log1p(max(edge["bits"], 0.0)) for edge in self.edges]
        places = (place_nodes(len(self.nodes), pairs, weights) * _SCALE).tolist()
        for node, (x, y) in zip(self.nodes, places, strict=True):
            node["x"], node["y"] = round(x), round(y)


def _account(row: Mapping[str, Any]) -> dict[str, Any]:
    role = row["role"] if row["role"] != "none" else "in no cluster"
    share = "" if row["probability"] is None else f", {format_probability(row['probability'])}"
    state = f"\n{shortened(str(row['status']), _TITLE)}" if row.get("status") else ""
    return {
        "title": f"account {shortened(row['account_id'], _TITLE)}\n{role}{share}{state}",
        "group": role,
        "shape": "dot",
        "color": COLOURS["account"],
        "size": 14 if role == "core" else 9,
    }


def _identifier(row: Mapping[str, Any], most: float) -> dict[str, Any]:
    group = group_of(row.get("facet"))
    kind = row["kind"].replace("_", " ")
    listed = f"\nlisted as {shortened(str(row['label']), _TITLE)}" if row.get("label") else ""
    return {
        "title": f"{kind} {shortened(row['value'], _TITLE)}\n{row['bits']:+.1f} bits over "
        f"{row['n_members']:,} accounts here{listed}",
        "group": group,
        "shape": _SHAPES.get(group, "star"),
        "color": COLOURS[group],
        "size": round(10 + 12 * math.sqrt(max(0.0, row["bits"]) / most), 1),
    }
