"""Drawings of the page that need no script: reasons, activity over time, and a small graph."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from graphlink.export.page.network import ReviewNetwork, group_of
from graphlink.kinds.facets import BEHAVIOUR
from graphlink.render.charts import Amount, Edge, Node, Span, Svg, small_graph, timeline, waterfall
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.export.subgraph import Subgraph
    from graphlink.result.result import Result

# Reasons that every link has, or that count against it.
_BASE_REASONS = {"prior": "start of every link", "differing_values": "differing values"}
_N_REASONS = 14  # bars of the waterfall
_N_LANES = 24  # accounts of the timeline
_N_DRAWN = 220  # nodes of the drawing that prints
_N_TOP, _N_WHOLE = 20, 30  # as `frontend/src/case/folding.ts`: identifiers kept; up to so many all are


def draw_reasons(subgraph: Subgraph) -> Svg:
    """Draw what makes the bits of an average link, reason by reason.

    Sums over all pairs grow with the square of the accounts and are not informative.
    """
    n_links = max(1, (subgraph.cluster or {}).get("n_links", 1))
    facets = {(row["kind"], row["value"]): group_of(row.get("facet")) for row in subgraph.identifiers}
    named = [row for row in subgraph.reasons if row["reason"] not in _BASE_REASONS]
    bars = [
        Amount(_reason_name(row), row["bits"] / n_links, _reason_tone(row, facets))
        for row in named[:_N_REASONS]
    ]
    rest = sum(row["bits"] / n_links for row in named[_N_REASONS:])
    if rest:
        bars.append(Amount("further reasons", rest, "rest"))
    bars += [
        Amount(_BASE_REASONS[row["reason"]], row["bits"] / n_links, "prior")
        for row in subgraph.reasons
        if row["reason"] in _BASE_REASONS
    ]
    return waterfall(bars, "Bits of an average link of the cluster by reason") if bars else Svg("")


def _reason_name(row: dict[str, Any]) -> str:
    if row["value"]:
        return f"{row['kind']} {row['value']}".strip()
    return str(row["kind"] or row["reason"]).replace("_", " ")


def _reason_tone(row: dict[str, Any], facets: dict[tuple[str, str], str]) -> str:
    if row["reason"] == "joint_behaviour":
        return BEHAVIOUR.name
    return facets.get((row["kind"], row["value"]), "rest")


def draw_timeline(result: Result, subgraph: Subgraph) -> Svg:
    """Draw the activity of the accounts per day, and when each of the first was seen."""
    spans = [
        Span(
            row["account_id"],
            row["first_seen"],
            row["last_seen"],
            "account" if row["role"] == "core" else "fringe",
            tuple(_marks(row)),
        )
        for row in subgraph.accounts
        if row.get("first_seen") is not None and row.get("last_seen") is not None
    ]
    if not spans:
        return Svg("")
    names = [row["account_id"] for row in subgraph.accounts]
    seen = result.table("observations", ["account_id", "seen_at"], {"account_id": names})
    days = Counter(row["seen_at"].date() for row in rows_of(seen) if row["seen_at"] is not None)
    spans = sorted(spans[:_N_LANES], key=lambda span: (span.first, span.label))
    return timeline(spans, sorted(days.items()), "Activity of the accounts per day, and when each was seen")


def _marks(row: dict[str, Any]) -> Iterator[datetime.datetime]:
    """When an account was opened and closed, if near its activity; long before would squeeze the axis."""
    near = datetime.timedelta(days=14)
    for time in (row.get("created_at"), row.get("closed_at")):
        if time is not None and row["first_seen"] - near <= time <= row["last_seen"] + near:
            yield time


def draw_network(network: ReviewNetwork) -> Svg:
    """Draw what prints and needs no script: of a large graph, the nodes with the strongest edges."""
    nodes = _strongest_nodes(network)
    xs, ys = [node["x"] for node in nodes] or [0], [node["y"] for node in nodes] or [0]
    width, height = max(xs) - min(xs) or 1, max(ys) - min(ys) or 1
    labelled = set(network.labelled)
    n_folded = len(folded_identifiers(network))
    drawn = [
        Node(
            (node["x"] - min(xs)) / width,
            (node["y"] - min(ys)) / height,
            node["label"],
            {"core": "account"}.get(node["group"], node["group"]),
            is_account=node["id"].startswith("a"),
            is_labelled=node["id"] in labelled,
        )
        for node in nodes
    ]
    edges = _edges_among(network, {node["id"]: i for i, node in enumerate(nodes)})
    size = (1000, max(320, min(700, round(1000 * height / width))))
    folded = f"; {n_folded:,} identifiers that tie little are not drawn" if n_folded else ""
    return small_graph(
        drawn, edges, f"Drawing of {len(drawn):,} of {len(network.nodes):,} nodes{folded}", size
    )


def folded_identifiers(network: ReviewNetwork) -> set[str]:
    """The nodes of identifiers that are not drawn: they tie little, and none alone ties an account.

    The same nodes that the page's script folds.
    """
    identifiers = [node["id"] for node in network.nodes if node["id"].startswith("i")]
    if len(identifiers) <= _N_WHOLE:
        return set()
    bits: Counter[str] = Counter()
    strongest: dict[str, tuple[float, str]] = {}
    held = [edge for edge in network.edges if edge["to"].startswith("i")]
    for edge in held:
        bits[edge["to"]] += edge["bits"]
        if edge["from"] not in strongest or edge["bits"] > strongest[edge["from"]][0]:
            strongest[edge["from"]] = (edge["bits"], edge["to"])
    order = sorted(identifiers, key=lambda node: (-bits[node], node))
    folded = set(order[_N_TOP:])
    ends = [(edge["from"], edge["to"]) for edge in network.edges if edge["to"] not in folded]
    is_tied = {end for pair in ends for end in pair}
    return folded - {node for account, (_, node) in strongest.items() if account not in is_tied}


def _strongest_nodes(network: ReviewNetwork) -> list[dict[str, Any]]:
    """What is not folded; of too many those whose edges carry most bits, in their order."""
    folded = folded_identifiers(network)
    shown = [node for node in network.nodes if node["id"] not in folded]
    if len(shown) <= _N_DRAWN:
        return shown
    strength: Counter[str] = Counter()
    for edge in network.edges:
        strength[edge["from"]] += edge["bits"]
        strength[edge["to"]] += edge["bits"]
    kept = {node for node, _ in sorted(strength.items(), key=lambda item: (-item[1], item[0]))[:_N_DRAWN]}
    return [node for node in shown if node["id"] in kept]


def _edges_among(network: ReviewNetwork, place: dict[str, int]) -> list[Edge]:
    """The edges between nodes that are drawn, thicker the more bits they carry."""
    most = max((edge["bits"] for edge in network.edges), default=1.0) or 1.0
    return [
        Edge(
            place[edge["from"]],
            place[edge["to"]],
            math.sqrt(max(0.0, edge["bits"]) / most),
            edge["facet"],
        )
        for edge in network.edges
        if edge["from"] in place and edge["to"] in place
    ]
