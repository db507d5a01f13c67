"""The drawing inside the page: a pyvis network with positions, and the template that shows it."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pyvis.network import Network

from graphlink.core.wording.figures import format_probability
from graphlink.export.page.inline import Finished, drawing_parts, own_file, render_page, vis_script
from graphlink.export.page.payload import encode_drawing
from graphlink.kinds.facets import BEHAVIOUR, CLIENT, FACETS, IDENTITY, NETWORK, PAYMENT
from graphlink.render.charts import charts_css
from graphlink.render.escape import visible
from graphlink.render.layout import place_nodes
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.export.subgraph import Subgraph

_SCALE = 32.0  # pixels between neighbours
_MOST_EDGES = 10_000  # lines that are drawn: more take seconds to draw, and can't be distinguished
_FEW_EDGES, _EDGES_PER_NODE = 2_000, 4  # and so many lines of a graph with fewer nodes
_N_LABELLED = 10  # identifiers whose label is large enough to read when all is in view

# As in charts.css, for light and for dark screens.
COLOURS = {
    "account": "#3b4654",
    **{facet.name: facet.colour for facet in FACETS},
    "other": "#5b6674",
}
_DARK_COLOURS = {
    "account": "#c3ccd6",
    **{facet.name: facet.dark_colour for facet in FACETS},
    "other": "#8d98a5",
}
_PAPER, _DARK_PAPER = "#fff", "#161b22"
_SHAPES = {
    "core": '<circle cx="12" cy="12" r="11" fill="{c}"/><circle cx="12" cy="9" r="3.4" fill="{p}"/>'
    '<path d="M5.6 18.6a6.5 6.5 0 0 1 12.8 0z" fill="{p}"/>',
    "fringe": '<circle cx="12" cy="12" r="10.5" fill="{p}" stroke="{c}" stroke-width="1.8" '
    'stroke-dasharray="3.2 2"/><circle cx="12" cy="9" r="3.2" fill="{c}"/>'
    '<path d="M6 18.2a6.2 6.2 0 0 1 12 0z" fill="{c}"/>',
    NETWORK.name: '<rect x="1.5" y="1.5" width="21" height="21" rx="3" fill="{c}"/><g fill="none" '
    'stroke="{p}" stroke-width="1.5"><circle cx="12" cy="12" r="6.5"/>'
    '<ellipse cx="12" cy="12" rx="2.8" ry="6.5"/><path d="M5.5 12h13"/></g>',
    PAYMENT.name: '<path d="M12 .4 23.6 12 12 23.6.4 12z" fill="{c}"/><rect x="6.3" y="8.2" width="11.4" '
    'height="7.6" rx="1" fill="{p}"/><path d="M6.3 10h11.4v1.9H6.3z" fill="{c}"/>',
    IDENTITY.name: '<path d="M12 .8 23.8 22.6H.2z" fill="{c}"/><rect x="7.2" y="12.8" width="9.6" '
    'height="6.8" rx=".8" fill="{p}"/><path d="m7.6 13.4 4.4 3.4 4.4-3.4" fill="none" '
    'stroke="{c}" stroke-width="1.2"/>',
    CLIENT.name: '<path d="M6 1.6h12L24 12l-6 10.4H6L0 12z" fill="{c}"/><rect x="6.2" y="6.8" width="11.6" '
    'height="7.8" rx="1" fill="{p}"/><path d="M9.2 16.4h5.6v1.6H9.2z" fill="{p}"/>',
    "other": '<path d="M12 .8 23.6 9.3 19.2 23H4.8L.4 9.3z" fill="{c}"/><circle cx="12" cy="13" r="4" '
    'fill="{p}"/>',
}
_LEGEND = (
    ("core", "account, core"),
    ("fringe", "account, fringe"),
    *((facet.name, facet.label) for facet in FACETS if facet is not BEHAVIOUR),
    ("other", "other kind"),
)


def group_of(facet: str | None) -> str:
    """The facet as drawings know it: one of five, or other."""
    return facet if facet in COLOURS and facet != "account" else "other"


def icon(group: str, *, is_dark: bool = False) -> str:
    """The picture of a group as a data address, the same in the drawing and its legend."""
    colours, paper = (_DARK_COLOURS, _DARK_PAPER) if is_dark else (COLOURS, _PAPER)
    drawn = _SHAPES[group].format(c=colours["account" if group in ("core", "fringe") else group], p=paper)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 24 24">{drawn}</svg>'
    return "data:image/svg+xml," + quote(svg, safe="/:='")


def _shades(name: str, colours: Mapping[str, str]) -> dict[str, Any]:
    groups = {group: {"shape": "image", "image": icon(group, is_dark=name == "dark")} for group in _SHAPES}
    return {name: {"groups": groups, "colours": colours}}


class ReviewNetwork(Network):  # type: ignore[misc]  # pyvis has no types
    """A pyvis network of a subgraph that renders through graphlink's own template.

    Nodes are `a0`, `a1`, ... for the accounts and `i0`, ... for the identifiers, in the subgraph's order.
    `left_out` describes the edges that are not drawn, because they are too many; empty when all are.
    """

    edges: list[dict[str, Any]]

    def __init__(self, subgraph: Subgraph) -> None:
        super().__init__(cdn_resources="in_line")
        self._accounts = {row["account_id"]: f"a{i}" for i, row in enumerate(subgraph.accounts)}
        self._identifiers = {
            (row["kind"], row["value"]): f"i{i}" for i, row in enumerate(subgraph.identifiers)
        }
        self._add_nodes(subgraph)
        self._add_edges(subgraph)
        self._place()

    def node_of(self, kind: str | None, value: str | None) -> str:
        """The node of an identifier; empty when it is not drawn."""
        return self._identifiers.get((kind or "", value or ""), "")

    @property
    def labelled(self) -> list[str]:
        """The nodes whose label is shown at every zoom: the strongest."""
        return [f"i{i}" for i in range(min(_N_LABELLED, len(self._identifiers)))]

    def payload(self) -> str:
        """The drawing's data as JSON that can stand inside a script element."""
        place = {node: i for i, node in enumerate(self.node_ids)}
        edges = [{**edge, "from": place[edge["from"]], "to": place[edge["to"]]} for edge in self.edges]
        about = {
            **_shades("light", COLOURS),
            **_shades("dark", _DARK_COLOURS),
            "n_accounts": len(self._accounts),
        }
        return encode_drawing(self.nodes, edges, about)

    def generate_html(self, values: Mapping[str, Any]) -> str:
        """Make the page around the drawing; it loads nothing, and its policy forbids to."""
        legend = [
            (name, icon(name), icon(name, is_dark=True), words) for name, words in _LEGEND if self._has(name)
        ]
        return render_page(
            "page.html.j2",
            (vis_script(), drawing_parts(), own_file("page.js")),
            charts_css() + own_file("page.css"),
            {**values, "payload": Finished(self.payload()), "legend": legend},
        )

    def _has(self, group: str) -> bool:
        return any(node["group"] == group for node in self.nodes)

    def _add_nodes(self, subgraph: Subgraph) -> None:
        for row in subgraph.accounts:
            self._append(
                id=self._accounts[row["account_id"]],
                label=visible(row["account_id"]),
                group="core" if row["role"] == "core" else "fringe",
                size=11,
                **_account_facts(row),
            )
        most = max((row["bits"] for row in subgraph.identifiers), default=1.0) or 1.0
        for i, row in enumerate(subgraph.identifiers):
            self._append(
                id=f"i{i}",
                label=visible(row["value"])[:80],
                group=group_of(row.get("facet")),
                size=round(10 + 14 * math.sqrt(max(0.0, row["bits"]) / most), 1),
                **_identifier_facts(row),
            )

    def _append(self, **node: Any) -> None:
        # As pyvis' add_node, which looks through all nodes each time.
        self.nodes.append(node)
        self.node_ids.append(node["id"])
        self.node_map[node["id"]] = node

    def _add_edges(self, subgraph: Subgraph) -> None:
        rows = rows_of(subgraph.edges)
        ties = _summed_ties(rows_of(subgraph.ties))
        facets = {(row["kind"], row["value"]): group_of(row.get("facet")) for row in subgraph.identifiers}
        for row in rows:
            key = (row["kind"], row["value"])
            self._append_edge((self._accounts[row["account_id"]], self._identifiers[key]), row, facets[key])
        for tie in ties:
            ends = self._accounts[tie["account_id_l"]], self._accounts[tie["account_id_r"]]
            self._append_edge(ends, tie, BEHAVIOUR.name)
        self.left_out = self._drop_weak_edges()

    def _drop_weak_edges(self) -> str:
        """Keep the edges with the most bits, of each node one at least; describe what is not drawn."""
        edges = self.edges
        most = min(_MOST_EDGES, max(_FEW_EDGES, _EDGES_PER_NODE * len(self.nodes)))
        if len(edges) <= most:
            return ""
        ranked = sorted(range(len(edges)), key=lambda i: (-edges[i]["bits"], i))
        reached: set[str] = set()
        firsts = []
        for i in ranked:
            ends = {edges[i]["from"], edges[i]["to"]}
            if not ends <= reached:
                firsts.append(i)
                reached |= ends
        kept = set(firsts)
        kept.update(islice((i for i in ranked if i not in kept), max(0, most - len(kept))))
        bits = [max(0.0, edge["bits"]) for edge in edges]
        share = 1 - sum(bits[i] for i in kept) / (sum(bits) or 1.0)
        self.edges = [edge for i, edge in enumerate(edges) if i in kept]
        return (
            f"Of {len(edges):,} lines of the graph the {len(kept):,} with the most bits are drawn, of each "
            f"node one at least; those left out carry {share:.1%} of the evidence. Tables and other formats "
            "have all."
        )

    def _append_edge(self, ends: tuple[str, str], row: Mapping[str, Any], facet: str) -> None:
        edge: dict[str, Any] = {"from": ends[0], "to": ends[1], "facet": facet, "bits": round(row["bits"], 1)}
        if facet == BEHAVIOUR.name:
            edge["kind"] = row["kind"]
        for name in ("first_seen", "last_seen"):
            edge[name] = None if row[name] is None else int(row[name].timestamp())
        self.edges.append(edge)

    def _place(self) -> None:
        number = {node: i for i, node in enumerate(self.node_ids)}
        pairs = [(number[edge["from"]], number[edge["to"]]) for edge in self.edges]
        weights = [1.0 + math.log1p(max(0.0, edge["bits"])) for edge in self.edges]
        for node, (x, y) in zip(
            self.nodes, (place_nodes(len(self.nodes), pairs, weights) * _SCALE).tolist(), strict=True
        ):
            node["x"], node["y"] = round(x), round(y)


def _summed_ties(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One edge per pair of accounts that behave alike; what two differ in is no tie."""
    ties: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        if row["contribution_bits"] <= 0:
            continue
        ends = (row["account_id_l"], row["account_id_r"])
        tie = ties.setdefault(
            ends,
            {
                "account_id_l": ends[0],
                "account_id_r": ends[1],
                "kind": "",
                "bits": 0.0,
                "first_seen": row["first_joint"],
                "last_seen": row["last_joint"],
            },
        )
        tie["kind"] = ", ".join(filter(None, (tie["kind"], row["kind"].replace("_", " "))))
        tie["bits"] += row["contribution_bits"]
    return list(ties.values())


def _account_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    times = {"opened": row.get("created_at"), "closed": row.get("closed_at"), "seen": row.get("last_seen")}
    return {
        "role": row["role"] if row["role"] != "none" else "in no cluster",
        "share": None if row["probability"] is None else format_probability(row["probability"]),
        "state": visible(str(row["status"]))[:60] if row.get("status") else None,
        **{name: None if time is None else int(time.timestamp()) for name, time in times.items()},
    }


def _identifier_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    label, listed = row.get("label"), row.get("label_type")
    return {
        "kind": row["kind"].replace("_", " "),
        "bits": round(row["bits"], 1),
        "n_members": row["n_members"],
        "degree": row.get("degree"),
        "p_exclusive": None if row.get("p_exclusive") is None else format_probability(row["p_exclusive"]),
        "listed": visible(label)[:80] if label else listed and listed.replace("_", " "),
    }
