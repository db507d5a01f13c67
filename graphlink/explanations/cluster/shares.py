"""A cluster's bits split by facet and by identifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core import wording
from graphlink.core.wording.figures import counted, format_probability
from graphlink.explanations.values import as_subject, named
from graphlink.kinds import shown
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from graphlink.explanations.readable import Readable
    from graphlink.explanations.reweighing import EvidenceGraph

N_IDENTIFIERS = 50


@dataclass(frozen=True, slots=True)
class FacetShare:
    """What a facet adds to the links of a cluster, and how many of them it supports."""

    facet: str
    bits: float
    share: float
    n_links: int


@dataclass(frozen=True, slots=True)
class IdentifierShare:
    """What an identifier, or a joint behaviour (then `value` is empty), adds to the links of a cluster.

    Attributes:
        kind: Kind of the identifier, or the behaviour.
        value: The identifier.
        facet: Group of kinds that fail together.
        bits: Counted bits over all links.
        share: Of the bits of all evidence for the cluster.
        n_links: Links it supports.
        n_accounts: Members it links.
        degree: Accounts that ever held it; None for a behaviour.
        p_exclusive: Probability that it is exclusive to one operator.
        label: Label from a reference list.
        at_kind: Of a behaviour, kind of the identifier at which most of its pairs behaved so; else empty.
        at_value: That identifier; empty in a result that was made before runs named it.
    """

    kind: str
    value: str
    facet: str
    bits: float
    share: float
    n_links: int
    n_accounts: int
    degree: int | None
    p_exclusive: float | None
    label: str | None
    at_kind: str
    at_value: str


def shares_of_facets(graph: EvidenceGraph, positive: float) -> tuple[FacetShare, ...]:
    """The share of each facet in the evidence for the cluster, the largest first."""
    facets = sorted(set(graph.facets))
    of_item = np.array([facets.index(facet) for facet in graph.facets], dtype=np.int64)
    of_row = of_item[graph.item]
    bits = np.bincount(of_row, weights=graph.counted, minlength=len(facets))
    shares = []
    for number, facet in enumerate(facets):
        rows = (of_row == number) & (graph.counted > 0)
        share = float(graph.counted[rows].sum()) / positive if positive else 0.0
        shares.append(FacetShare(facet, float(bits[number]), share, len(np.unique(graph.link[rows]))))
    return tuple(sorted(shares, key=lambda facet: (-facet.bits, facet.facet)))


def shares_of_identifiers(graph: EvidenceGraph, positive: float) -> list[dict[str, Any]]:
    """Bits, links and accounts of each identifier or behaviour, what counts most first."""
    bits = np.bincount(graph.item, weights=graph.counted, minlength=graph.n_items).tolist()
    order = sorted(range(graph.n_items), key=lambda item: (-bits[item], item))
    shares = []
    for place, item in enumerate(order):
        identifier = graph.items[item]
        share: dict[str, Any] = {"kind": identifier.kind, "value": identifier.value}
        if place < N_IDENTIFIERS:
            links = graph.link[graph.rows_of_item(item)]
            share |= {
                "facet": graph.facets[item],
                "bits": bits[item],
                "share": max(0.0, bits[item]) / positive if positive else 0.0,
                "n_links": len(links),
                "n_accounts": len(np.unique(graph.ends[links])),
            }
        shares.append(share)
    return shares


def places_of_behaviours(result: Readable, cluster_id: str) -> dict[str, tuple[str, str]]:
    """Behaviours of a cluster that most of its pairs show at one identifier, with that identifier."""
    reasons = rows_of(result.table("reasons", where={"cluster_id": [cluster_id]}))
    return {row["kind"]: (row["at_kind"], row["at_value"]) for row in reasons if row.get("at_value")}


def identifier_share(
    share: dict[str, Any],
    known: dict[tuple[str, str], dict[str, Any]],
    places: dict[str, tuple[str, str]],
) -> IdentifierShare:
    """An identifier or behaviour with its share, what is known of it and where it was."""
    about = known.get((share["kind"], share["value"]), {})
    at_kind, at_value = ("", "") if share["value"] else places.get(share["kind"], ("", ""))
    return IdentifierShare(
        **share, degree=about.get("degree"), p_exclusive=about.get("p_exclusive"), label=about.get("label"),
        at_kind=at_kind, at_value=at_value,
    )  # fmt: skip


def identifier_sentence(one: IdentifierShare, n_accounts: int) -> str:
    """What an identifier or behaviour is worth to the cluster, in a sentence."""
    facts = [wording.tie_words(one.n_accounts, n_accounts, one.share)]
    if one.degree is not None:
        facts.append(f"{counted(one.degree, 'account uses', 'accounts use')} it in total")
    if one.p_exclusive is not None:
        facts.append(f"p(exclusive) = {format_probability(one.p_exclusive)}")
    if one.label:
        facts.append(f"listed as {shown(one.label)}")
    at = f" (mostly {named(one.at_kind, one.at_value)})" if one.at_value else ""
    return f"{as_subject(one.kind, one.value)}{at} {'; '.join(facts)}."
