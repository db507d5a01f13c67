"""Which addresses and clients only one instrument corroborates: they are one ground with it.

That an address is one operator's own follows from the cards and secrets that tie its holders, all but a
couple, who corroborate nobody (`graphlink.model.exclusivity`). Where one card does so alone, what the address
is worth falls with the card, and to keep it would count the card twice. The estimate is not made again here:
such an address is left out whole.

That closed accounts are replaced is found at an address, so that `replacement` is lost with the one that
ties nearly all of its accounts.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from graphlink.explanations.values import listed, named
from graphlink.kinds.facets import CLIENT, NETWORK, OWNED_FACETS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from graphlink.explanations.reweighing import EvidenceGraph
    from graphlink.explanations.values import EvidenceItem

_CORROBORATED = (NETWORK.name, CLIENT.name)
_OWNED = tuple(facet.name for facet in OWNED_FACETS)
_REPLACEMENT = "replacement"
_A_COUPLE = 2
_N_NAMED = 3


def with_dependants(graph: EvidenceGraph, joining_odds: float) -> EvidenceGraph:
    """The graph in which each identifier takes along what only it corroborates.

    Args:
        graph: Links and their evidence.
        joining_odds: Odds, as log2, from which what two accounts share of instruments and secrets ties them.
    """
    return dataclasses.replace(graph, dependants=_dependants(graph, joining_odds))


def dependants_of(graph: EvidenceGraph, items: Collection[int]) -> tuple[int, ...]:
    """What only these items corroborate, without the items themselves."""
    along = {one for item in items for one in graph.dependants.get(item, ())}
    return tuple(sorted(along - set(items)))


def along_words(items: Sequence[EvidenceItem]) -> str:
    """That some identifiers are left out too, in words; empty without any."""
    if not items:
        return ""
    names = [named(item.kind, item.value) for item in items[:_N_NAMED]]
    more = len(items) - len(names)
    return f"(with {listed([*names, f'{more:,} more'] if more else names)}, which nothing else corroborates)"


def _dependants(graph: EvidenceGraph, joining_odds: float) -> dict[int, tuple[int, ...]]:
    is_owned = np.array([facet in _OWNED for facet in graph.facets], dtype=bool)
    ties = is_owned[graph.item] & (graph.alone + graph.prior_bits > joining_odds)
    n_ties = np.bincount(graph.link[ties], minlength=len(graph.bits))
    tying = np.flatnonzero(ties)
    is_tied, by_leader = np.zeros(len(graph.bits), dtype=bool), np.zeros(len(graph.bits), dtype=np.int64)
    dependants: dict[int, list[int]] = {}
    for number, (item, facet) in enumerate(zip(graph.items, graph.facets, strict=True)):
        if facet not in _CORROBORATED or not item.value:
            continue
        # What makes no link by itself is not worth more for being corroborated.
        rows_of_item = graph.rows_of_item(number)
        links = graph.link[rows_of_item[graph.alone[rows_of_item] + graph.prior_bits > joining_odds]]
        tied = links[n_ties[links] > 0]
        if _n_accounts(graph, tied) <= _A_COUPLE:
            continue
        is_tied[tied] = True
        rows = tying[is_tied[graph.link[tying]]]
        is_tied[tied] = False
        # The others tie a couple at most, so that it is on nearly all of the links.
        ((leader, _),) = Counter(graph.item[rows].tolist()).most_common(1)
        by_leader[graph.link[rows[graph.item[rows] == leader]]] = 1
        without = tied[n_ties[tied] > by_leader[tied]]
        by_leader[tied] = 0
        if _n_accounts(graph, without) <= _A_COUPLE:
            dependants.setdefault(leader, []).append(number)
    for place, replacement in _places_of_replacement(graph):
        dependants.setdefault(place, []).append(replacement)
    return {leader: tuple(along) for leader, along in dependants.items()}


def _places_of_replacement(graph: EvidenceGraph) -> list[tuple[int, int]]:
    """The address at which accounts are replaced, and the item of that; none where it takes several."""
    found = []
    for number, item in enumerate(graph.items):
        if item.kind != _REPLACEMENT:
            continue
        tied = _accounts_of(graph, number)
        places = [one for one, facet in enumerate(graph.facets) if facet == NETWORK.name]
        missing = [len(np.setdiff1d(tied, _accounts_of(graph, place))) for place in places]
        if missing and min(missing) <= _A_COUPLE < len(tied):
            found.append((places[int(np.argmin(missing))], number))
    return found


def _accounts_of(graph: EvidenceGraph, item: int) -> NDArray[np.int64]:
    return np.unique(graph.ends[graph.link[graph.rows_of_item(item)]])


def _n_accounts(graph: EvidenceGraph, links: NDArray[np.int64]) -> int:
    return len(np.unique(graph.ends[links]))
