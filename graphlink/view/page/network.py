"""The drawing inside the page: a pyvis network with positions, and the template that shows it.

pyvis' own template loads from other hosts and runs what the data holds, so only its model and the vis-network
script that its wheel brings are used.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from pyvis.network import Network

from graphlink.folder import rows_of
from graphlink.view.charts import charts_css
from graphlink.view.escape import visible
from graphlink.view.layout import place_nodes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.view.excerpt import Excerpt

_SCRIPT = "templates/lib/vis-9.1.2/vis-network.min.js"
_SCALE = 32.0  # pixels between neighbours
_WIDEST = 6.0  # pixels of an edge
_N_LABELLED = 10  # identifiers whose label is large enough to read when all is in view

COLOURS = {
    "account": "#3b4654",
    "network": "#2563a8",
    "payment": "#1a7f4e",
    "identity": "#7a4bb3",
    "client": "#a35a00",
    "behaviour": "#b02a53",
    "other": "#5b6674",
}
_SHAPES = {
    "core": '<circle cx="12" cy="12" r="11" fill="{c}"/><circle cx="12" cy="9" r="3.4" fill="#fff"/>'
    '<path d="M5.6 18.6a6.5 6.5 0 0 1 12.8 0z" fill="#fff"/>',
    "fringe": '<circle cx="12" cy="12" r="10.5" fill="#fff" stroke="{c}" stroke-width="1.8" '
    'stroke-dasharray="3.2 2"/><circle cx="12" cy="9" r="3.2" fill="{c}"/>'
    '<path d="M6 18.2a6.2 6.2 0 0 1 12 0z" fill="{c}"/>',
    "network": '<rect x="1.5" y="1.5" width="21" height="21" rx="3" fill="{c}"/><g fill="none" '
    'stroke="#fff" stroke-width="1.5"><circle cx="12" cy="12" r="6.5"/>'
    '<ellipse cx="12" cy="12" rx="2.8" ry="6.5"/><path d="M5.5 12h13"/></g>',
    "payment": '<path d="M12 .4 23.6 12 12 23.6.4 12z" fill="{c}"/><rect x="6.3" y="8.2" width="11.4" '
    'height="7.6" rx="1" fill="#fff"/><path d="M6.3 10h11.4v1.9H6.3z" fill="{c}"/>',
    "identity": '<path d="M12 .8 23.8 22.6H.2z" fill="{c}"/><rect x="7.2" y="12.8" width="9.6" height="6.8" '
    'rx=".8" fill="#fff"/><path d="m7.6 13.4 4.4 3.4 4.4-3.4" fill="none" stroke="{c}" stroke-width="1.2"/>',
    "client": '<path d="M6 1.6h12L24 12l-6 10.4H6L0 12z" fill="{c}"/><rect x="6.2" y="6.8" width="11.6" '
    'height="7.8" rx="1" fill="#fff"/><path d="M9.2 16.4h5.6v1.6H9.2z" fill="#fff"/>',
    "other": '<path d="M12 .8 23.6 9.3 19.2 23H4.8L.4 9.3z" fill="{c}"/><circle cx="12" cy="13" r="4" '
    'fill="#fff"/>',
}
_LEGEND = (
    ("core", "account, core"),
    ("fringe", "account, fringe"),
    ("network", "network: address, router"),
    ("payment", "payment instrument"),
    ("identity", "identity: mail, phone, key"),
    ("client", "client or device"),
    ("other", "other kind"),
)


def group_of(facet: str | None) -> str:
    """The facet as drawings know it: one of five, or other."""
    return facet if facet in COLOURS and facet != "account" else "other"


def icon(group: str) -> str:
    """The picture of a group as a data address, the same in the drawing and its legend."""
    colour = COLOURS["account" if group in ("core", "fringe") else group]
    drawn = _SHAPES[group].format(c=colour)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 24 24">{drawn}</svg>'
    return "data:image/svg+xml," + quote(svg, safe="/:=' ")


class _Finished(str):
    """Text that the template puts in as it is: our own scripts and styles, and escaped JSON."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


class ReviewNetwork(Network):  # type: ignore[misc]
    """A pyvis network of an excerpt that renders through graphlink's own template.

    Nodes are `a0`, `a1`, ... for the accounts and `i0`, ... for the identifiers, in the excerpt's order.
    """

    def __init__(self, excerpt: Excerpt) -> None:
        super().__init__(cdn_resources="in_line")
        self.templateEnv = Environment(
            loader=PackageLoader("graphlink.view", "page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_finalized,
        )
        self.path = "page.html.j2"
        self._accounts = {row["account_id"]: f"a{i}" for i, row in enumerate(excerpt.accounts)}
        self._identifiers = {
            (row["kind"], row["value"]): f"i{i}" for i, row in enumerate(excerpt.identifiers)
        }
        self._add_nodes(excerpt)
        self._add_edges(excerpt)
        self._place()

    def node_of(self, kind: str | None, value: str | None) -> str:
        """The node of an identifier; empty when it is not drawn."""
        return self._identifiers.get((kind or "", value or ""), "")

    def payload(self) -> str:
        """The drawing's data as JSON that can stand inside a script element."""
        groups = {name: {"shape": "image", "image": icon(name)} for name in _SHAPES}
        told = {"nodes": self.nodes, "edges": self.edges, "groups": groups, "colours": COLOURS}
        text = json.dumps(told, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
        for letter in "<>&":
            text = text.replace(letter, f"\\u{ord(letter):04x}")
        return text

    def generate_html(self, values: Mapping[str, Any]) -> str:
        """Make the page around the drawing; it loads nothing, and its policy forbids to."""
        script = (resources.files("pyvis") / _SCRIPT).read_text(encoding="utf-8")
        own = _own("page.js")
        style = charts_css() + _own("page.css")
        for text in (script, own, style):
            if "</script" in text.lower() or "</style" in text.lower() or "<!--" in text:
                raise ValueError("a script or style would end its own element")
        policy = (
            f"default-src 'none'; script-src {_hash(script)} {_hash(own)}; style-src {_hash(style)}; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        )
        page: str = self.templateEnv.get_template(self.path).render(
            **values,
            policy=policy,
            style=_Finished(style),
            vis_script=_Finished(script),
            own_script=_Finished(own),
            payload=_Finished(self.payload()),
            legend=[(name, icon(name), words) for name, words in _LEGEND if self._has(name)],
        )
        return page

    def _has(self, group: str) -> bool:
        return any(node["group"] == group for node in self.nodes)

    def _add_nodes(self, excerpt: Excerpt) -> None:
        for row in excerpt.accounts:
            self._append(
                id=self._accounts[row["account_id"]],
                label=visible(row["account_id"]),
                group="core" if row["role"] == "core" else "fringe",
                size=11,
                facts=_account_facts(row),
            )
        most = max((row["bits"] for row in excerpt.identifiers), default=1.0) or 1.0
        for i, row in enumerate(excerpt.identifiers):
            self._append(
                id=f"i{i}",
                label=visible(row["value"])[:80],
                group=group_of(row.get("facet")),
                size=round(10 + 14 * math.sqrt(max(0.0, row["bits"]) / most), 1),
                is_labelled=i < _N_LABELLED,
                facts=_identifier_facts(row),
            )

    def _append(self, **node: Any) -> None:
        # As pyvis' add_node, which looks through all nodes each time.
        self.nodes.append(node)
        self.node_ids.append(node["id"])
        self.node_map[node["id"]] = node

    def _add_edges(self, excerpt: Excerpt) -> None:
        rows = rows_of(excerpt.edges)
        ties = _summed_ties(rows_of(excerpt.ties))
        most = max([abs(row["bits"]) for row in rows] + [tie["bits"] for tie in ties] + [1.0])
        facets = {(row["kind"], row["value"]): group_of(row.get("facet")) for row in excerpt.identifiers}
        for row in rows:
            key = (row["kind"], row["value"])
            self._append_edge(
                (self._accounts[row["account_id"]], self._identifiers[key]), row, facets[key], most
            )
        for tie in ties:
            ends = self._accounts[tie["account_id_l"]], self._accounts[tie["account_id_r"]]
            self._append_edge(ends, tie, "behaviour", most)

    def _append_edge(self, ends: tuple[str, str], row: Mapping[str, Any], facet: str, most: float) -> None:
        edge: dict[str, Any] = {
            "from": ends[0],
            "to": ends[1],
            "bits": round(row["bits"], 2),
            "width": round(0.6 + _WIDEST * math.sqrt(max(0.0, row["bits"]) / most), 1),
        }
        if facet == "behaviour":  # other edges have the facet of the identifier at their end
            edge |= {"facet": facet, "kind": row["kind"]}
        for name in ("first_seen", "last_seen"):
            if row[name] is not None:
                edge[name] = int(row[name].timestamp())
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
        if row["counted_bits"] <= 0:
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
        tie["bits"] += row["counted_bits"]
    return list(ties.values())


def _account_facts(row: Mapping[str, Any]) -> list[str]:
    told = [f"account, {row['role'] if row['role'] != 'none' else 'in no cluster'}"]
    if row["probability"] is not None:
        told.append(f"belongs to its cluster with probability {told_share(row['probability'])}")
    for name, words in (("created_at", "opened"), ("closed_at", "closed"), ("last_seen", "last seen")):
        if row.get(name) is not None:
            told.append(f"{words} {row[name]:%Y-%m-%d %H:%M} UTC")
    if row.get("status"):
        told.append(f"state: {visible(str(row['status']))[:60]}")
    return told


def _identifier_facts(row: Mapping[str, Any]) -> list[str]:
    told = [row["kind"].replace("_", " "), f"{row['bits']:+,.1f} bits over the links shown"]
    if row.get("degree") is not None:
        told.append(f"ties {row['n_members']:,} accounts here; {row['degree']:,} hold it in all")
    if row.get("private") is not None:
        told.append(f"private to one operator with probability {told_share(row['private'])}")
    if row.get("label"):
        told.append(f"listed as {visible(row['label'])[:80]}")
    elif row.get("label_type"):
        told.append(f"listed as {row['label_type'].replace('_', ' ')}")
    return told


def told_share(probability: float) -> str:
    """A probability for people: none is shown as certain."""
    if probability > 0.9994:
        return ">0.999"
    return "<0.001" if 0 < probability < 0.0006 else f"{probability:.3f}"


def _finalized(value: object) -> object:
    """What a template prints: text with everything visible; finished markup as it is."""
    if value is None:
        return ""
    return value if hasattr(value, "__html__") or not isinstance(value, str) else visible(value)


def _own(name: str) -> str:
    return (resources.files("graphlink.view.page") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
