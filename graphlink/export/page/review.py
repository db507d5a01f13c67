"""One page for a review: what is claimed, how sure, why, what would break it, and a place to sign."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from graphlink.core import wording
from graphlink.core.wording.appeal import NOT_USED
from graphlink.core.wording.brief import since_sentence
from graphlink.core.wording.facts import FACTS_NOTE
from graphlink.core.wording.glossary import GLOSSARY, glossary_text
from graphlink.explanations import (
    MOST_LINKS,
    estimate_collateral,
    explain_cluster,
    find_breaks,
    find_joint_span,
)
from graphlink.export.page.figures import draw_network, draw_reasons, draw_timeline
from graphlink.export.page.grounds import QUESTIONS, Ground, back_words, through_words, tied_by
from graphlink.export.page.network import ReviewNetwork
from graphlink.export.page.run_facts import data_facts, first_day, manifest_text
from graphlink.result.integrity import of_result

if TYPE_CHECKING:
    import datetime

    from graphlink.export.subgraph import Subgraph
    from graphlink.result.result import Result

_N_EVIDENCE = 200  # rows of the table of identifiers
_N_MEMBERS = 1000  # rows of a table of accounts
_LARGEST_EXPLAINED = 3000  # accounts up to which breaks are searched for
_HEADS = {
    "cluster": "Are these {n} accounts operated by one organisation?",
    "neighbourhood": "What connects these {n} accounts around one account?",
    "path": "How are these accounts connected?",
    "selection": "What connects these {n} accounts?",
}


@of_result
def review_page(
    result: Result, subgraph: Subgraph, redacted: tuple[str, ...] = (), lineage: str = ""
) -> bytes:
    """Make the page of a subgraph.

    Args:
        result: The result it was taken from, redacted the same way.
        subgraph: What is shown.
        redacted: What was replaced or left out for its readers, in sentences.
        lineage: The lineage of the cluster, such as K-4; empty where it has none.
    """
    network = ReviewNetwork(subgraph)
    explained = _Cluster(result, subgraph) if subgraph.cluster is not None else None
    core = [row for row in subgraph.accounts if row["role"] == "core"]
    shown = subgraph.identifiers[:_N_EVIDENCE]
    # Reasons add up to the bits of all links; without them the identifiers listed are all the evidence.
    evidence_bits = [row["bits"] for row in subgraph.reasons or subgraph.identifiers]
    values = {
        "title": f"graphlink review: {subgraph.what} {lineage} {subgraph.name}".replace("  ", " "),
        "lineage": lineage,
        "head": _HEADS[subgraph.what].format(n=f"{_n_accounts(subgraph):,}"),
        "subgraph": subgraph,
        "left_out": [*subgraph.left_out, *filter(None, [network.left_out])],
        "explained": explained,
        "core": core,
        "fringe": [row for row in subgraph.accounts if row["role"] != "core"],
        "identifiers": [(network.node_of(row["kind"], row["value"]), row) for row in shown],
        "n_more": len(subgraph.identifiers) - len(shown),
        "number": {row["account_id"]: f"a{i}" for i, row in enumerate(subgraph.accounts)},
        "most": _N_MEMBERS,
        "reasons": draw_reasons(subgraph),
        "timeline": draw_timeline(result, subgraph),
        "drawing": draw_network(network),
        "redacted": redacted,
        "data": data_facts(result),
        "manifest": manifest_text(result),
        "model": sorted(result.manifest.get("settings", {}).get("model", {}).items()),
        "share": wording.format_probability,
        "of_evidence": lambda bits: wording.percent(wording.evidence_share(bits, evidence_bits)),
        "tied_by": tied_by(subgraph),
        "questions": QUESTIONS if explained else (),
        "not_used": NOT_USED,
        "facts_about": FACTS_NOTE,
        "glossary": GLOSSARY,
        "meaning": glossary_text,
        "term_id": _term_id,
        "day": _day,
        "words": lambda name: str(name).replace("_", " "),
        "n_nodes": len(network.nodes),
        "n_edges": len(network.edges),
        "edges_left_out": bool(network.left_out),
    }
    return network.generate_html(values).encode()


class _Cluster:
    """The explanations of a cluster, for the template."""

    def __init__(self, result: Result, subgraph: Subgraph) -> None:
        row = subgraph.cluster or {}
        self.row = row
        cluster_id = row["cluster_id"]
        self.finding = wording.finding_of(row)
        self.harmless = wording.harmless_sentence(row.get("also_explained_by"))
        self.what_else = wording.harmless_words(row["hypothesis"], row.get("also_explained_by"))
        is_small = row["n_accounts"] <= _LARGEST_EXPLAINED
        is_searched = row["n_links"] <= MOST_LINKS
        self.explanation = explain_cluster(result, cluster_id) if is_small else None
        self.breaks = find_breaks(result, cluster_id) if is_searched else None
        members = result.table("membership", ["account_id"], {"cluster_id": [cluster_id]})["account_id"]
        self.collateral = estimate_collateral(result, members.to_pylist())
        joint = find_joint_span(result, members.to_pylist())
        first, last = (None if time is None else f"{time:%Y-%m-%d}" for time in joint[:2])
        self.since = since_sentence(first, last, first_day(result), is_core=joint.is_core)
        self.through = through_words(subgraph)
        self.back = back_words(result, cluster_id)
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
        """Why, without signals and facts, which have tables, and the sentences of the head of the page."""
        if self.explanation is None:
            return []
        sentences = dataclasses.replace(self.explanation, signals=(), facts=()).sentences
        return [sentence for sentence in sentences if sentence not in self.what_else]

    @property
    def grounds(self) -> list[Ground]:
        """What a decision rests on, a sentence each, and where the page says more."""
        p = self.row.get("p_same_operator")
        how_sure = "The probability of one concealed operator is not known."
        if p is not None:
            how_sure = f"The probability of one concealed operator is {wording.format_probability(p)}."
        depends = self.breaks.sentences[0] if self.breaks else self.too_large
        grounds = [
            Ground("how-sure", "How sure", how_sure, "sure"),
            Ground("harmless", "What else explains it", self.what_else, "sure"),
            Ground("depends", "What it depends on", depends, "breaks"),
            Ground(
                "affected",
                "Whom an action hits",
                " ".join((self.collateral.sentences[0], *self.collateral.law[:1])),
                "collateral",
            ),
            Ground("since", "Since when", self.since, "evidence"),
            Ground("back", "Came back", self.back, "members"),
            Ground("through", "Through what", self.through, "evidence"),
        ]
        return [ground for ground in grounds if ground.sentence]

    @property
    def rivals(self) -> list[tuple[str, float | None]]:
        """The hypotheses with their probabilities, the likeliest first."""
        ordered = [] if self.explanation is None else list(self.explanation.rivals)
        ordered.sort(key=lambda rival: -(rival.probability or 0.0))
        return [(wording.hypothesis_about(one.hypothesis), one.probability) for one in ordered]


def _n_accounts(subgraph: Subgraph) -> int:
    return len(subgraph.accounts) if subgraph.cluster is None else int(subgraph.cluster["n_accounts"])


def _term_id(name: str) -> str:
    """A term as part of an id."""
    return re.sub(r"[^a-z]+", "-", name.lower()).strip("-")


def _day(time: datetime.datetime | None) -> str:
    return "" if time is None else f"{time:%Y-%m-%d %H:%M}"
