"""Two clusters side by side: what decides about each, what both use, and what links them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink import explanations
from graphlink.core.wording.infrastructure import INFRASTRUCTURE_ROLES
from graphlink.explorer.brief import brief_cluster
from graphlink.explorer.cluster_rows import cluster_number, cluster_row
from graphlink.explorer.index.identifiers import ADDRESS_KIND
from graphlink.explorer.index.runs import distinct, gathered, summed
from graphlink.explorer.infrastructure import infrastructure_of, row_of
from graphlink.explorer.nodes import identifier_facts
from graphlink.explorer.query import Query, bad_request
from graphlink.explorer.reading import IndexedResult

if TYPE_CHECKING:
    from graphlink.explorer.index.columns import Longs
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.infrastructure import Infrastructure

MOST_SHARED = 200
_MOST_OF_ONE = 8  # infrastructure of only one of the two that is listed
_ADDRESS = "address of one account each"
_MOST_NEAR = 12
_MOST_HOLDERS = 1_000  # of an identifier by which clusters are near; what more hold says little


def compare(index: Index, query: Query) -> dict[str, Any]:
    """Two clusters side by side; without the second, the one that most links lead to."""
    left = cluster_number(index.clusters, query.needed("left"))
    near = _near(index, left)
    wanted = query.text("right")
    right = cluster_number(index.clusters, wanted) if wanted else near[0][0] if near else None
    if right == left:
        raise bad_request("left and right: give two different clusters")
    answer: dict[str, Any] = {
        "left": _side(index, left),
        "right": None,
        "near": [_near_row(index, *one) for one in near],
        "probability": None, "goal": None, "sentences": [], "bridges": [],
        "shared": [], "n_shared": 0, "only_left": None, "only_right": None,
    }  # fmt: skip
    if right is None:
        return answer
    names = index.clusters.names
    weighed = explanations.compare_clusters(IndexedResult(index, query.work), names[left], names[right])
    found = infrastructure_of(index, left), infrastructure_of(index, right)
    shared = _shared(index, (left, right), found)
    both = np.array([one["number"] for one in shared], np.int64)
    for one in shared:
        del one["number"]
    return answer | {
        "right": _side(index, right),
        "probability": weighed.probability,
        "goal": weighed.goal,
        "sentences": list(weighed.sentences),
        "bridges": weighed.as_dict()["bridges"],
        "shared": shared[:MOST_SHARED],
        "n_shared": len(shared),
        "only_left": _only(index, left, found[0], both),
        "only_right": _only(index, right, found[1], both),
    }


def _side(index: Index, number: int) -> dict[str, Any]:
    """One of the two: its row, and the sentences that decide about it."""
    name = index.clusters.names[number]
    return {"cluster": cluster_row(index, number), "brief": brief_cluster(index, Query({"cluster_id": name}))}


def _near(index: Index, number: int) -> list[tuple[int, int, int]]:
    """The clusters that links, or else identifiers of few, lead to: number, links and shared identifiers."""
    k, members = index.links, index.clusters.members_of(number).astype(np.int64)
    others = np.concatenate(
        [k.right[gathered(k.starts, members)[0]], k.left[k.by_right[gathered(k.right_starts, members)[0]]]]
    )
    n_clusters = len(index.clusters.rows)
    cluster = index.accounts.cluster[others]
    n_links = np.bincount(cluster[cluster >= 0], minlength=n_clusters)
    held = _held(index, number)
    held = held[index.identifiers.degree[held] <= _MOST_HOLDERS]
    rows, place = gathered(index.holders.starts, held)
    cluster = index.accounts.cluster[index.holders.accounts[rows]].astype(np.int64)
    pairs = np.unique(np.stack([cluster, place], axis=1)[cluster >= 0], axis=0)
    n_shared = np.bincount(pairs[:, 0], minlength=n_clusters)
    n_links[number] = n_shared[number] = 0
    order = np.lexsort((np.arange(n_clusters), -n_shared, -n_links))[:_MOST_NEAR]
    return [(i, int(n_links[i]), int(n_shared[i])) for i in order.tolist() if n_links[i] or n_shared[i]]


def _near_row(index: Index, number: int, n_links: int, n_shared: int) -> dict[str, Any]:
    name = index.clusters.names[number]
    lineage = index.lineages.get(name)
    return {"cluster_id": name, "lineage": lineage, "n_links": n_links, "n_shared": n_shared}


def _held(index: Index, number: int) -> Longs:
    """The identifiers of a cluster, as its members were seen with them or as evidence ties them."""
    o, members = index.observations, index.clusters.members_of(number)
    seen = o.identifier[o.rows_of(members)[0]]
    tied = index.ties_of(number).identifier
    return np.unique(np.concatenate([seen[seen >= 0].astype(np.int64), tied.astype(np.int64)]))


def _shared(
    index: Index, sides: tuple[int, int], found: tuple[Infrastructure, Infrastructure]
) -> list[dict[str, Any]]:
    """What both clusters hold or do: first what links them most, then what fewest accounts hold."""
    left, right = sides
    e = index.evidence
    rows = _rows_between(index, left, right)
    # What has no identifier is numbered below 0: the kinds come first.
    shift, size = len(e.kinds), len(e.kinds) + len(e.identifier_kinds)
    linking, place = distinct(e.identifier[rows] + shift, size)
    bits = np.maximum(summed(place, e.bits[rows], len(linking)), 0.0)
    n_links = np.bincount(place, minlength=len(linking))
    held = np.intersect1d(_held(index, left), _held(index, right)) + shift
    numbers = np.union1d(linking, held)
    at = np.searchsorted(numbers, linking)
    all_bits, all_links = np.zeros(len(numbers)), np.zeros(len(numbers), np.int64)
    all_bits[at], all_links[at] = bits, n_links
    total = float(all_bits.sum()) or 1.0
    degree = np.zeros(len(numbers), np.int64)
    is_identifier = numbers >= shift
    degree[is_identifier] = index.identifiers.degree[numbers[is_identifier] - shift]
    roles = {
        int(one): role
        for side in found
        for one, role in zip(side.identifier.tolist(), side.role, strict=True)
    }
    return [
        _shared_row(index, sides, int(numbers[i]) - shift, roles)
        | {"n_links": int(all_links[i]), "share": round(float(all_bits[i]) / total, 6)}
        for i in np.lexsort((numbers, degree, -all_bits)).tolist()
    ]


def _shared_row(index: Index, sides: tuple[int, int], number: int, roles: dict[int, str]) -> dict[str, Any]:
    """One identifier, or joint behaviour where the number is below 0, that both clusters have."""
    if number < 0:
        kind = -1 - number
        nothing = dict.fromkeys(
            (
                "id",
                "role",
                "role_words",
                "owner",
                "owner_type",
                "n_left",
                "n_right",
                "n_others",
                "p_exclusive",
            )
        )
        e = index.evidence
        return {"number": number, "kind": e.kinds[kind], "value": "", "facet": e.facets[kind], **nothing}
    facts = identifier_facts(index.identifiers, number)
    cluster = index.accounts.cluster[index.holders.of(number)]
    n_left, n_right = (int((cluster == one).sum()) for one in sides)
    role = roles.get(number)
    is_address = facts["kind"] == ADDRESS_KIND  # of one account in either, so of no role
    return {
        "number": number,
        **{name: facts[name] for name in ("id", "kind", "value", "facet", "p_exclusive")},
        "role": role,
        "role_words": INFRASTRUCTURE_ROLES[role].one if role else _ADDRESS if is_address else None,
        "owner": facts["label"],
        "owner_type": facts["label_type"],
        "n_left": n_left,
        "n_right": n_right,
        "n_others": max(facts["degree"] - n_left - n_right, 0),
    }


def _rows_between(index: Index, left: int, right: int) -> Longs:
    """The rows of evidence between the accounts of two clusters."""
    e, cluster = index.evidence, index.accounts.cluster
    halves = []
    for one, other in ((left, right), (right, left)):
        rows = gathered(e.starts, index.clusters.members_of(one))[0]
        halves.append(rows[cluster[e.right[rows]] == other])
    return np.concatenate(halves)


def _only(index: Index, number: int, found: Infrastructure, both: Longs) -> dict[str, Any]:
    """The infrastructure that one of the two does not share with the other."""
    kept = np.flatnonzero(~np.isin(found.identifier, both)).tolist()
    return {"rows": [row_of(index, number, found, i) for i in kept[:_MOST_OF_ONE]], "total": len(kept)}
