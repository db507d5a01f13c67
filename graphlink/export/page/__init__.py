"""One page for a review: what is claimed, how sure, why, what would break it, and a place to decide and sign.

It is one file without anything from elsewhere: it opens from a disk, offline, and its own policy forbids it
to load or send anything. Tables, charts and a small drawing stand without script; the large drawing needs it.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from graphlink.core import wording
from graphlink.explanations import MOST_LINKS, estimate_collateral, explain_cluster, find_breaks
from graphlink.export.page.network import ReviewNetwork, group_of
from graphlink.kinds.facets import BEHAVIOUR
from graphlink.render.charts import Amount, Edge, Node, Span, Svg, small_graph, timeline, waterfall
from graphlink.result.integrity import of_result
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.export.subgraph import Subgraph
    from graphlink.result.result import Result

_N_EVIDENCE = 200  # rows of the table of identifiers
_N_MEMBERS = 1000  # rows of a table of accounts
_N_REASONS = 14  # bars of the waterfall
_N_LANES = 24  # accounts of the timeline
_N_DRAWN = 220  # nodes of the drawing that prints
_LARGEST_EXPLAINED = 3000  # accounts up to which breaks are searched for

_HEADS = {
    "cluster": "Are these {n} accounts operated by one organisation?",
    "neighbourhood": "What is {n} accounts around one account tied by?",
    "path": "What leads from one account to the other?",
    "selection": "What ties these {n} accounts?",
}


@of_result
def review_page(result: Result, subgraph: Subgraph, redacted: tuple[str, ...] = ()) -> bytes:
    """Make the page of an subgraph.

    Args:
        result: The result it was taken from, redacted the same way.
        subgraph: What is shown.
        redacted: What was replaced or left out for its readers, in sentences.
    """
    network = ReviewNetwork(subgraph)
    told = _Cluster(result, subgraph) if subgraph.cluster is not None else None
    core = [row for row in subgraph.accounts if row["role"] == "core"]
    shown = subgraph.identifiers[:_N_EVIDENCE]
    # Reasons add up to the bits of all links; without them what is listed is all there is.
    speaking = [row["bits"] for row in subgraph.reasons or subgraph.identifiers]
    values = {
        "title": f"graphlink review: {subgraph.what} {subgraph.name}",
        "head": _HEADS[subgraph.what].format(n=f"{_n_accounts(subgraph):,}"),
        "subgraph": subgraph,
        "left_out": [*subgraph.left_out, *filter(None, [network.left_out])],
        "told": told,
        "core": core,
        "fringe": [row for row in subgraph.accounts if row["role"] != "core"],
        "identifiers": [(network.node_of(row["kind"], row["value"]), row) for row in shown],
        "n_more": len(subgraph.identifiers) - len(shown),
        "number": {row["account_id"]: f"a{i}" for i, row in enumerate(subgraph.accounts)},
        "most": _N_MEMBERS,
        "reasons": _reason_bars(subgraph),
        "timeline": _timeline(result, subgraph),
        "drawing": _small_drawing(network),
        "redacted": redacted,
        "data": _data_facts(result),
        "manifest": _manifest_text(result),
        "model": sorted(result.manifest.get("settings", {}).get("model", {}).items()),
        "share": wording.format_probability,
        "of_evidence": lambda bits: wording.percent(wording.evidence_share(bits, speaking)),
        "fdr_about": wording.FDR,
        "cut_about": wording.WEAKEST_CUT,
        "day": _day,
        "words": lambda name: str(name).replace("_", " "),
        "n_nodes": len(network.nodes),
        "n_edges": len(network.edges),
        "edges_left_out": bool(network.left_out),
    }
    return network.generate_html(values).encode()


class _Cluster:
    """What the explanations say of a cluster, for the template."""

    def __init__(self, result: Result, subgraph: Subgraph) -> None:
        row = subgraph.cluster or {}
        self.row = row
        cluster_id = row["cluster_id"]
        self.claim = wording.hypothesis_about(row["hypothesis"])
        self.harmless = wording.harmless_sentence(row.get("also_explained_by"))
        is_small = row["n_accounts"] <= _LARGEST_EXPLAINED
        is_searched = row["n_links"] <= MOST_LINKS
        self.explained = explain_cluster(result, cluster_id) if is_small else None
        self.breaks = find_breaks(result, cluster_id) if is_searched else None
        members = result.table("membership", ["account_id"], {"cluster_id": [cluster_id]})["account_id"]
        self.collateral = estimate_collateral(result, members.to_pylist())
        self.too_large = "" if is_searched else wording.not_searched_sentence(row["n_links"])

    @property
    def expected_by_chance(self) -> str:
        """Clusters as strong that coincidence alone is expected to give."""
        return wording.chance_figure(self.row.get("expected_by_chance"))

    @property
    def false_share(self) -> str:
        """The false discovery rate in a cell."""
        return wording.fdr_figure(self.row.get("fdr"), self.row.get("also_explained_by"))

    @property
    def cut(self) -> str:
        """The weakest cut in a cell."""
        return wording.cut_figure(self.row["weakest_cut"], self.row["weakest_cut_is_bound"])

    @property
    def sentences(self) -> list[str]:
        """Why, without the signals, which have a table, and what the head of the page says."""
        if self.explained is None:
            return []
        sentences = dataclasses.replace(self.explained, signals=()).sentences
        return [sentence for sentence in sentences if sentence != self.harmless]

    @property
    def rivals(self) -> list[tuple[str, float | None]]:
        """The hypotheses with their probabilities, the likeliest first."""
        found = [] if self.explained is None else list(self.explained.rivals)
        found.sort(key=lambda rival: -(rival.probability or 0.0))
        return [(wording.hypothesis_about(one.hypothesis), one.probability) for one in found]


def _n_accounts(subgraph: Subgraph) -> int:
    return len(subgraph.accounts) if subgraph.cluster is None else int(subgraph.cluster["n_accounts"])


def _reason_bars(subgraph: Subgraph) -> Svg:
    facets = {(row["kind"], row["value"]): group_of(row.get("facet")) for row in subgraph.identifiers}
    # Of an average link: sums over all pairs grow with the square of the accounts and say nothing.
    n = max(1, (subgraph.cluster or {}).get("n_links", 1))
    bars: list[Amount] = []
    rest = 0.0
    for row in subgraph.reasons:
        if row["reason"] in ("prior", "differing_values"):
            continue
        if len(bars) == _N_REASONS:
            rest += row["bits"] / n
            continue
        name = " ".join(part for part in (row["kind"], row["value"]) if part) or row["reason"]
        tone = (
            BEHAVIOUR.name
            if row["reason"] == "joint_behaviour"
            else facets.get((row["kind"], row["value"]), "rest")
        )
        bars.append(Amount(name.replace("_", " ") if not row["value"] else name, row["bits"] / n, tone))
    if rest:
        bars.append(Amount("further reasons", rest, "rest"))
    for row in subgraph.reasons:
        if row["reason"] in ("prior", "differing_values"):
            words = "start of every link" if row["reason"] == "prior" else "differing values"
            bars.append(Amount(words, row["bits"] / n, "prior"))
    return waterfall(bars, "Bits of an average link of the cluster by reason") if bars else Svg("")


def _timeline(result: Result, subgraph: Subgraph) -> Svg:
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


def _small_drawing(network: ReviewNetwork) -> Svg:
    """The drawing that prints and needs no script: of a large one, the nodes with the strongest edges."""
    strength: Counter[str] = Counter()
    for edge in network.edges:
        strength[edge["from"]] += edge["bits"]
        strength[edge["to"]] += edge["bits"]
    kept = {node for node, _ in sorted(strength.items(), key=lambda item: (-item[1], item[0]))[:_N_DRAWN]}
    nodes = [node for node in network.nodes if node["id"] in kept or len(network.nodes) <= _N_DRAWN]
    place = {node["id"]: i for i, node in enumerate(nodes)}
    xs, ys = [node["x"] for node in nodes] or [0], [node["y"] for node in nodes] or [0]
    width, height = max(xs) - min(xs) or 1, max(ys) - min(ys) or 1
    most = max((edge["bits"] for edge in network.edges), default=1.0) or 1.0
    labelled = set(network.labelled)
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
    edges = [
        Edge(
            place[edge["from"]],
            place[edge["to"]],
            math.sqrt(max(0.0, edge["bits"]) / most),
            edge["facet"],
        )
        for edge in network.edges
        if edge["from"] in place and edge["to"] in place
    ]
    size = (1000, max(320, min(700, round(1000 * height / width))))
    return small_graph(drawn, edges, f"Drawing of {len(drawn):,} of {len(network.nodes):,} nodes", size)


def _data_facts(result: Result) -> list[tuple[str, str]]:
    tables = result.manifest["tables"]
    facts = [
        (name.replace("_", " "), f"{tables[name]['rows']:,}")
        for name in ("accounts", "observations", "identifiers", "links", "clusters")
    ]
    facts.append(("input rows rejected as bad", f"{tables['rejected_rows']['rows']:,}"))
    steps = {step["step"]: step.get("facts", {}) for step in result.manifest.get("steps", ())}
    for kind in steps.get("blocking", {}).get("capped", ()):
        largest = kind["largest"][0] if kind.get("largest") else None
        told = f"{kind['pairs']:,} pairs not compared"
        if largest is not None:
            told += (
                f"; the largest is {largest['value']} with {largest['accounts_at_once']:,} accounts at once"
            )
        facts.append((f"{kind['kind']}, too common", told))
    return facts


def _manifest_text(result: Result) -> str:
    told = {
        name: fact for name, fact in result.manifest.items() if name not in ("this_run", "steps", "tables")
    }
    return json.dumps(told, indent=1, sort_keys=True)


def _day(time: datetime.datetime | None) -> str:
    return "" if time is None else f"{time:%Y-%m-%d %H:%M}"
