"""Nodes and edges as the API gives them, with positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explorer.index.columns import UNDATED, Longs, iso_time
from graphlink.explorer.index.runs import summed
from graphlink.explorer.index.ties import Ties, restrict_ties
from graphlink.explorer.nodes import account_facts, identifier_facts, identifier_id
from graphlink.explorer.placing import place_by_force
from graphlink.explorer.sightings import sightings

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.explorer.index.accounts import Accounts
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.evidence import Evidence
    from graphlink.explorer.index.identifiers import Identifiers
    from graphlink.explorer.index.loading import Index

_MOST_EDGES = 12_000


def draw_graph(
    index: Index, members: Longs, ties: Ties, most: int, place_all: Callable[..., None] = place_by_force
) -> dict[str, Any]:
    """Nodes and edges with positions; of too many the strongest."""
    identifiers, place = np.unique(ties.identifier, return_inverse=True)
    sums = summed(place, ties.bits, len(identifiers))
    of_member = summed(np.searchsorted(members, ties.account), ties.bits, len(members))
    n_all = len(members) + len(identifiers)
    if n_all > most:
        n_identifiers = min(len(identifiers), most // 2)
        identifiers = np.sort(identifiers[np.lexsort((identifiers, -sums))[:n_identifiers]])
        strongest = np.lexsort((members, -of_member))[: most - n_identifiers]
        members = np.sort(members[strongest])
        ties = restrict_ties(ties, members, identifiers)
    nodes = _account_nodes(index.accounts, index.clusters, members, ties)
    nodes += _identifier_nodes(index.identifiers, identifiers, ties)
    edges = _edges(index, ties)
    place_all(nodes, edges)
    return {"n_left_out": n_all - len(nodes), "nodes": nodes, "edges": edges}


def make_node(**facts: Any) -> dict[str, Any]:
    """A node with everything that every node has."""
    return {
        "id": "", "type": "", "label": "", "kind": None, "facet": None, "degree": 0, "n_edges": 0,
        "p_exclusive": None, "tag": None, "tag_type": None, "is_hub": False, "role": None,
        "probability": None,
        "status": None, "is_new": False, "cluster_id": None, "n_accounts": 1, "bits": 0.0, "first_seen": None,
        "last_seen": None, "x": 0.0, "y": 0.0,
    } | facts  # fmt: skip


def _account_nodes(
    accounts: Accounts, clusters: Clusters, members: Longs, ties: Ties
) -> list[dict[str, Any]]:
    n = len(members)
    at = np.searchsorted(members, ties.account)
    ends = np.searchsorted(members, np.concatenate([ties.left, ties.right]))
    degree = np.bincount(at, minlength=n) + np.bincount(ends, minlength=n)
    bits = summed(at, ties.bits, n) + summed(ends, np.tile(ties.direct_bits / 2, 2), n)
    return [
        account_node(accounts, clusters, member, int(degree[i]), float(bits[i]))
        for i, member in enumerate(members.tolist())
    ]


def account_node(
    accounts: Accounts, clusters: Clusters, number: int, degree: int = 0, bits: float = 0.0
) -> dict[str, Any]:
    """An account as a node."""
    facts = account_facts(accounts, clusters, number)
    shown = {
        name: facts[name]
        for name in ("id", "role", "probability", "status", "is_new", "cluster_id", "first_seen", "last_seen")
    }
    return make_node(
        type="account", label=facts["account_id"], kind="account", degree=degree, n_edges=degree,
        bits=round(bits, 3), **shown,
    )  # fmt: skip


def _identifier_nodes(identifiers: Identifiers, chosen: Longs, ties: Ties) -> list[dict[str, Any]]:
    at = np.searchsorted(chosen, ties.identifier)
    n_edges = np.bincount(at, minlength=len(chosen))
    bits = summed(at, ties.bits, len(chosen))
    return [
        identifier_node(identifiers, one, int(n_edges[i]), float(bits[i]))
        for i, one in enumerate(chosen.tolist())
    ]


def identifier_node(
    identifiers: Identifiers, number: int, n_edges: int = 0, bits: float = 0.0
) -> dict[str, Any]:
    """An identifier as a node."""
    facts = identifier_facts(identifiers, number)
    shown = {
        name: facts[name]
        for name in ("id", "kind", "facet", "degree", "p_exclusive", "is_hub", "first_seen", "last_seen")
    }
    return make_node(
        type="identifier", label=facts["value"], tag=facts["label"], tag_type=facts["label_type"],
        n_edges=n_edges, n_accounts=facts["degree"], bits=round(bits, 3), **shown,
    )  # fmt: skip


def _edges(index: Index, ties: Ties) -> list[dict[str, Any]]:
    """The edges, those between accounts and identifiers first; of too many the strongest."""
    kept = np.sort(np.lexsort((ties.identifier, ties.account, -ties.bits))[:_MOST_EDGES])
    account, identifier = ties.account[kept], ties.identifier[kept]
    n, first, last = sightings(index.observations, account, identifier)
    ids, start = index.identifiers, index.accounts.span[0]
    ends = _ids(index.accounts, index.identifiers, account, identifier)
    edges = []
    for i, (source, target) in enumerate(ends):
        kind = ids.kind[identifier[i]]
        edges.append(
            {
                "id": f"e:{i}", "source": source, "target": target, "kind": ids.kinds[kind],
                "facet": ids.facets[kind], "bits": round(float(ties.bits[kept[i]]), 3), "n": int(n[i]),
                "first_seen": iso_time(start + int(first[i])) if n[i] else None,
                "last_seen": iso_time(start + int(last[i])) if n[i] else None,
            }
        )  # fmt: skip
    names = index.accounts.names
    direct = zip(names.texts(ties.left), names.texts(ties.right), strict=True)
    for i, (left, right) in enumerate(direct):
        edges.append(
            {
                "id": f"e:{len(kept) + i}", "source": f"a:{left}", "target": f"a:{right}",
                "kind": ties.direct_kinds[i], "facet": facet_of(index.evidence, ties.direct_kinds[i]),
                "bits": round(float(ties.direct_bits[i]), 3), "n": 0,
                "first_seen": _moment(start, int(ties.direct_first[i])),
                "last_seen": _moment(start, int(ties.direct_last[i])),
            }
        )  # fmt: skip
    return edges


def _moment(start: int, seconds: int) -> str | None:
    return iso_time(start + seconds) if seconds > UNDATED else None


def facet_of(evidence: Evidence, kinds: str) -> str | None:
    """The facet of the first of some kinds."""
    first = kinds.split(",", 1)[0]
    return evidence.facets[evidence.kinds.index(first)] if first in evidence.kinds else None


def _ids(
    accounts: Accounts, identifiers: Identifiers, account: Longs, identifier: Longs
) -> list[tuple[str, str]]:
    """The ids of both ends of each edge; each id is made once."""
    distinct_accounts, account_at = np.unique(account, return_inverse=True)
    distinct_identifiers, identifier_at = np.unique(identifier, return_inverse=True)
    account_ids = [f"a:{name}" for name in accounts.names.texts(distinct_accounts)]
    identifier_ids = [identifier_id(identifiers, one) for one in distinct_identifiers.tolist()]
    return [
        (account_ids[a], identifier_ids[i])
        for a, i in zip(account_at.tolist(), identifier_at.tolist(), strict=True)
    ]
