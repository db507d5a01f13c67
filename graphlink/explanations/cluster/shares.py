"""A cluster's bits split by facet and by identifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core import wording
from graphlink.core.wording.figures import counted, format_probability
from graphlink.explanations.values import named
from graphlink.kinds import shown

if TYPE_CHECKING:
    from graphlink.explanations.reweighing import Web

N_IDENTIFIERS = 50


@dataclass(frozen=True, slots=True)
class FacetShare:
    """What a facet adds to the links of a cluster, and how many of them it speaks for."""

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
        share: Of the bits of all that speak for the cluster.
        n_links: Links it speaks for.
        n_accounts: Members it ties.
        degree: Accounts that ever held it; None for a behaviour.
        p_exclusive: Probability that it is exclusive to one operator.
        label: Label from a reference list.
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


def shares_of_facets(web: Web, speaking: float) -> tuple[FacetShare, ...]:
    """The share of each facet in all that speaks for the cluster, the largest first."""
    facets = sorted(set(web.facets))
    of_piece = np.array([facets.index(facet) for facet in web.facets], dtype=np.int64)
    of_row = of_piece[web.piece]
    bits = np.bincount(of_row, weights=web.counted, minlength=len(facets))
    found = []
    for number, facet in enumerate(facets):
        rows = (of_row == number) & (web.counted > 0)
        share = float(web.counted[rows].sum()) / speaking if speaking else 0.0
        found.append(FacetShare(facet, float(bits[number]), share, len(np.unique(web.link[rows]))))
    return tuple(sorted(found, key=lambda facet: (-facet.bits, facet.facet)))


def shares_of_identifiers(web: Web, speaking: float) -> list[dict[str, Any]]:
    """Bits, links and accounts of each identifier or behaviour, what counts most first."""
    bits = np.bincount(web.piece, weights=web.counted, minlength=web.n_pieces).tolist()
    order = sorted(range(web.n_pieces), key=lambda piece: (-bits[piece], piece))
    found = []
    for place, piece in enumerate(order):
        told = web.pieces[piece]
        share: dict[str, Any] = {"kind": told.kind, "value": told.value}
        if place < N_IDENTIFIERS:
            links = web.link[web.rows_of_piece(piece)]
            share |= {
                "facet": web.facets[piece],
                "bits": bits[piece],
                "share": max(0.0, bits[piece]) / speaking if speaking else 0.0,
                "n_links": len(links),
                "n_accounts": len(np.unique(web.ends[links])),
            }
        found.append(share)
    return found


def identifier_share(share: dict[str, Any], known: dict[tuple[str, str], dict[str, Any]]) -> IdentifierShare:
    """An identifier or behaviour with its share and what is known of it."""
    about = known.get((share["kind"], share["value"]), {})
    return IdentifierShare(
        **share, degree=about.get("degree"), p_exclusive=about.get("p_exclusive"), label=about.get("label")
    )


def identifier_sentence(one: IdentifierShare, n_accounts: int) -> str:
    """What an identifier or behaviour is worth to the cluster, in a sentence."""
    facts = [wording.tie_words(one.n_accounts, n_accounts, one.share)]
    if one.degree is not None:
        facts.append(f"{counted(one.degree, 'account holds', 'accounts hold')} it in all")
    if one.p_exclusive is not None:
        facts.append(f"p(exclusive) = {format_probability(one.p_exclusive)}")
    if one.label:
        facts.append(f"listed as {shown(one.label)}")
    return f"{named(one.kind, one.value)} {'; '.join(facts)}."
