"""Graphs to draw: a cluster, a large cluster as groups, and the neighbours of a node.

Positions are computed here, so that the same graph looks the same every time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.view.explorer.asking import not_found
from graphlink.view.explorer.cases import sightings
from graphlink.view.explorer.index.columns import UNDATED, iso_time
from graphlink.view.explorer.index.runs import summed
from graphlink.view.explorer.nodes import (
    account_facts,
    account_number,
    identifier_facts,
    identifier_number,
    kind_and_value,
    split_id,
)
from graphlink.view.explorer.placing import place_by_force, place_in_discs
from graphlink.view.explorer.queue import cluster_number
from graphlink.view.explorer.search import holders_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from graphlink.view.explorer.asking import Asked
    from graphlink.view.explorer.index.columns import Floats, Ints, Longs
    from graphlink.view.explorer.index.loading import Index

MOST_NODES = 1_500
_MOST_DIRECT = 4_000  # edges between two accounts that are drawn; the strongest
_MOST_EDGES = 12_000
_MOST_BRIDGES = 120
_MOST_GROUP_EDGES = 6  # of each group in the map of a large cluster; more are a tangle


@dataclass(frozen=True)
class _Ties:
    """Edges of a bipartite graph, accounts to identifiers, and direct edges between accounts."""

    account: Longs
    identifier: Longs
    bits: Floats
    n: Longs
    left: Longs
    right: Longs
    direct_bits: Floats
    direct_kinds: list[str]
    direct_first: Longs
    direct_last: Longs


def draw_cluster(index: Index, asked: Asked) -> dict[str, Any]:
    """The graph of a cluster: whole, as groups when it is large, or its strongest part."""
    number = cluster_number(index, asked.needed("cluster_id"))
    most = asked.integer("max_nodes", MOST_NODES, 10, 2 * MOST_NODES)
    ties = _ties(index, index.evidence.rows_of_cluster(number), asked.number("min_bits", 0.0))
    members = index.clusters.members_of(number).astype(np.int64)
    identifiers = np.unique(ties.identifier)
    totals = {"n_accounts": len(members), "n_identifiers": len(identifiers)}
    told = {"cluster_id": index.clusters.names[number], "mode": "full", **totals}
    if len(members) + len(identifiers) <= most or asked.choice("groups", ("1", "0")) == "0":
        return {**told, **_draw(index, members, ties, most)}
    return {**told, "mode": "groups", **_draw_groups(index, number, ties)}


def n_graph_nodes(index: Index, number: int) -> int:
    """How many nodes the graph of a cluster has."""
    e = index.evidence
    identifier = e.identifier[e.rows_of_cluster(number)]
    return len(index.clusters.members_of(number)) + len(np.unique(identifier[identifier >= 0]))


def expand(index: Index, asked: Asked) -> dict[str, Any]:
    """The neighbours of a node, the strongest first."""
    told = asked.needed("node")
    kind, rest = split_id(told)
    offset, limit = asked.integer("offset", 0, 0, 1 << 30), asked.integer("limit", 10, 1, 200)
    if kind == "g":
        answer = _expand_group(index, rest)
    elif kind == "c":
        answer = _expand_cluster(index, rest)
    else:
        expanded = _expand_account if kind == "a" else _expand_identifier
        answer = expanded(index, asked, rest, (offset, limit))
    return {"node": told, "offset": offset, "limit": limit, **answer}


def _ties(index: Index, rows: Ints | Longs, min_bits: float = 0.0) -> _Ties:
    e = index.evidence
    left, right = e.left[rows].astype(np.int64), e.right[rows].astype(np.int64)
    identifier, bits = e.identifier[rows].astype(np.int64), e.bits[rows].astype(np.float64)
    named = identifier >= 0
    width = np.int64(max(len(index.identifiers.kind), 1))
    keys = np.concatenate([left[named], right[named]]) * width + np.tile(identifier[named], 2)
    unique, place = np.unique(keys, return_inverse=True)
    sums = summed(place, np.tile(bits[named] / 2, 2), len(unique))
    counts = np.bincount(place, minlength=len(unique))
    kept = sums >= min_bits
    direct = ~named & (bits > 0)
    return _Ties(
        unique[kept] // width, unique[kept] % width, sums[kept], counts[kept],
        *_direct(
            index, (left[direct], right[direct], identifier[direct], bits[direct]), rows[direct], min_bits
        ),
    )  # fmt: skip


def _direct(
    index: Index, told: tuple[Longs, Longs, Longs, Floats], rows: NDArray[Any], min_bits: float
) -> tuple[Longs, Longs, Floats, list[str], Longs, Longs]:
    """Edges between two accounts: the strongest, with their kinds joined by commas."""
    left, right, identifier, bits = told
    e, n = index.evidence, np.int64(len(index.accounts.names))
    pairs, place = np.unique(left * n + right, return_inverse=True)
    sums = summed(place, bits, len(pairs))
    strongest = np.lexsort((pairs, -sums))[:_MOST_DIRECT]
    strongest = np.sort(strongest[sums[strongest] >= min_bits])
    kinds: list[set[str]] = [set() for _ in range(len(pairs))]
    is_kept = np.zeros(len(pairs), np.bool_)
    is_kept[strongest] = True
    for i in np.flatnonzero(is_kept[place]).tolist():
        kinds[place[i]].add(e.kinds[-1 - identifier[i]])
    first = np.full(len(pairs), np.iinfo(np.int64).max)
    last = np.full(len(pairs), np.iinfo(np.int64).min)
    np.minimum.at(first, place, e.first[rows])
    np.maximum.at(last, place, e.last[rows])
    names = [",".join(sorted(kinds[i])) for i in strongest.tolist()]
    chosen = pairs[strongest]
    return chosen // n, chosen % n, sums[strongest], names, first[strongest], last[strongest]


def _draw(
    index: Index, members: Longs, ties: _Ties, most: int, place_all: Callable[..., None] = place_by_force
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
        ties = _restricted(ties, members, identifiers)
    nodes = _account_nodes(index, members, ties) + _identifier_nodes(index, identifiers, ties)
    edges = _edges(index, ties)
    place_all(nodes, edges)
    return {"n_left_out": n_all - len(nodes), "nodes": nodes, "edges": edges}


def _restricted(ties: _Ties, members: Longs, identifiers: Longs) -> _Ties:
    kept = np.isin(ties.account, members) & np.isin(ties.identifier, identifiers)
    direct = np.isin(ties.left, members) & np.isin(ties.right, members)
    return _Ties(
        ties.account[kept], ties.identifier[kept], ties.bits[kept], ties.n[kept],
        ties.left[direct], ties.right[direct], ties.direct_bits[direct],
        [kind for kind, is_kept in zip(ties.direct_kinds, direct, strict=True) if is_kept],
        ties.direct_first[direct], ties.direct_last[direct],
    )  # fmt: skip


def _node(**told: Any) -> dict[str, Any]:
    """A node with everything that every node has."""
    return {
        "id": "", "type": "", "label": "", "kind": None, "facet": None, "degree": 0, "n_edges": 0,
        "private": None, "tag": None, "tag_type": None, "is_hub": False, "role": None, "probability": None,
        "status": None, "is_new": False, "cluster_id": None, "n_accounts": 1, "bits": 0.0, "first_seen": None,
        "last_seen": None, "x": 0.0, "y": 0.0,
    } | told  # fmt: skip


def _account_nodes(index: Index, members: Longs, ties: _Ties) -> list[dict[str, Any]]:
    n = len(members)
    at = np.searchsorted(members, ties.account)
    ends = np.searchsorted(members, np.concatenate([ties.left, ties.right]))
    degree = np.bincount(at, minlength=n) + np.bincount(ends, minlength=n)
    bits = summed(at, ties.bits, n) + summed(ends, np.tile(ties.direct_bits / 2, 2), n)
    return [
        account_node(index, member, int(degree[i]), float(bits[i]))
        for i, member in enumerate(members.tolist())
    ]


def account_node(index: Index, number: int, degree: int = 0, bits: float = 0.0) -> dict[str, Any]:
    """An account as a node."""
    facts = account_facts(index, number)
    told = {
        name: facts[name]
        for name in ("id", "role", "probability", "status", "is_new", "cluster_id", "first_seen", "last_seen")
    }
    return _node(
        type="account", label=facts["account_id"], kind="account", degree=degree, n_edges=degree,
        bits=round(bits, 3), **told,
    )  # fmt: skip


def _identifier_nodes(index: Index, identifiers: Longs, ties: _Ties) -> list[dict[str, Any]]:
    at = np.searchsorted(identifiers, ties.identifier)
    n_edges = np.bincount(at, minlength=len(identifiers))
    bits = summed(at, ties.bits, len(identifiers))
    return [
        identifier_node(index, one, int(n_edges[i]), float(bits[i]))
        for i, one in enumerate(identifiers.tolist())
    ]


def identifier_node(index: Index, number: int, n_edges: int = 0, bits: float = 0.0) -> dict[str, Any]:
    """An identifier as a node."""
    facts = identifier_facts(index, number)
    told = {
        name: facts[name]
        for name in ("id", "kind", "facet", "degree", "private", "is_hub", "first_seen", "last_seen")
    }
    return _node(
        type="identifier", label=facts["value"], tag=facts["label"], tag_type=facts["label_type"],
        n_edges=n_edges, n_accounts=facts["degree"], bits=round(bits, 3), **told,
    )  # fmt: skip


def _edges(index: Index, ties: _Ties) -> list[dict[str, Any]]:
    """The edges, those between accounts and identifiers first; of too many the strongest."""
    kept = np.sort(np.lexsort((ties.identifier, ties.account, -ties.bits))[:_MOST_EDGES])
    account, identifier = ties.account[kept], ties.identifier[kept]
    n, first, last = sightings(index, account, identifier)
    ids, start = index.identifiers, index.accounts.span[0]
    ends = _ids(index, account, identifier)
    found = []
    for i, (source, target) in enumerate(ends):
        kind = ids.kind[identifier[i]]
        found.append(
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
        found.append(
            {
                "id": f"e:{len(kept) + i}", "source": f"a:{left}", "target": f"a:{right}",
                "kind": ties.direct_kinds[i], "facet": _facet_of(index, ties.direct_kinds[i]),
                "bits": round(float(ties.direct_bits[i]), 3), "n": 0,
                "first_seen": _moment(start, int(ties.direct_first[i])),
                "last_seen": _moment(start, int(ties.direct_last[i])),
            }
        )  # fmt: skip
    return found


def _moment(start: int, seconds: int) -> str | None:
    return iso_time(start + seconds) if seconds > UNDATED else None


def _facet_of(index: Index, kinds: str) -> str | None:
    e = index.evidence
    first = kinds.split(",", 1)[0]
    return e.facets[e.kinds.index(first)] if first in e.kinds else None


def _ids(index: Index, account: Longs, identifier: Longs) -> list[tuple[str, str]]:
    accounts, account_at = np.unique(account, return_inverse=True)
    identifiers, identifier_at = np.unique(identifier, return_inverse=True)
    account_ids = [f"a:{name}" for name in index.accounts.names.texts(accounts)]
    identifier_ids = [identifier_facts(index, one)["id"] for one in identifiers.tolist()]
    return [
        (account_ids[a], identifier_ids[i])
        for a, i in zip(account_at.tolist(), identifier_at.tolist(), strict=True)
    ]


def _groups(index: Index, number: int, ties: _Ties) -> tuple[Longs, Ints, Longs, float]:
    """The members of a cluster, the group of each, what each group is named after, and the resolution.

    Groups are the sub-communities, and last the rest. Each is named after the identifier that ties most of
    its accounts, of equals the strongest; -1 where there is none.
    """
    members = index.clusters.members_of(number).astype(np.int64)
    found = index.subcommunities_of(number)
    group = found.group
    width = np.int64(max(len(index.identifiers.kind), 1))
    of_tie = group[np.searchsorted(members, ties.account)].astype(np.int64)
    keys, place = np.unique(of_tie * width + ties.identifier, return_inverse=True)
    held, bits = np.bincount(place, minlength=len(keys)), summed(place, ties.bits, len(keys))
    named_after = np.full(found.n_groups + 1, -1)
    # The last that is written stays: the identifier that ties most.
    order = np.lexsort((-keys, bits, held))
    named_after[keys[order] // width] = keys[order] % width
    named_after[-1] = -1
    return members, group, named_after, found.resolution_bits


def _draw_groups(index: Index, number: int, ties: _Ties) -> dict[str, Any]:
    """A large cluster as groups of accounts and the identifiers that tie several groups."""
    members, group, named_after, resolution_bits = _groups(index, number, ties)
    identifier, of_group, bits, n = _bridges(ties, group[np.searchsorted(members, ties.account)])
    name = index.clusters.names[number]
    used = np.flatnonzero(np.bincount(group)).tolist()
    nodes = [_group_node(index, name, i, named_after, members[group == i]) for i in used]
    shown, at, n_edges = np.unique(identifier, return_inverse=True, return_counts=True)
    strength = summed(at, bits, len(shown))
    nodes += [
        identifier_node(index, one, int(n_edges[i]), float(strength[i]))
        for i, one in enumerate(shown.tolist())
    ]
    of_shown = nodes[len(used) :]
    edges = [
        {
            "id": f"e:{i}", "source": f"g:{name}:{of_group[i]}", "target": of_shown[at[i]]["id"],
            **{key: of_shown[at[i]][key] for key in ("kind", "facet", "first_seen", "last_seen")},
            "bits": round(float(bits[i]), 3), "n": int(n[i]),
        }
        for i in range(len(identifier))
    ]  # fmt: skip
    place_by_force(nodes, edges)
    return {
        "n_left_out": len(np.unique(ties.identifier)) - len(shown),
        "resolution_bits": round(resolution_bits, 6), "nodes": nodes, "edges": edges,
    }  # fmt: skip


def _bridges(ties: _Ties, group: Ints) -> tuple[Longs, Longs, Floats, Longs]:
    """Per edge of the map its identifier, its group, its bits and how many accounts it stands for.

    Of the identifiers that tie several groups the strongest, of each group its strongest edges to them.
    """
    width = np.int64(group.max(initial=0) + 1)
    keys, place = np.unique(ties.identifier * width + group, return_inverse=True)
    bits, n = summed(place, ties.bits, len(keys)), np.bincount(place, minlength=len(keys))
    identifiers, at, n_groups = np.unique(keys // width, return_inverse=True, return_counts=True)
    strength = np.where(n_groups > 1, summed(at, bits, len(identifiers)), -np.inf)
    order = np.lexsort((identifiers, -strength))[:_MOST_BRIDGES]
    is_bridge = np.zeros(len(identifiers), np.bool_)
    is_bridge[order[np.isfinite(strength[order])]] = True
    kept = np.flatnonzero(is_bridge[at])
    kept = kept[np.lexsort((keys[kept], -bits[kept], keys[kept] % width))]
    sizes = np.unique(keys[kept] % width, return_counts=True)[1]
    rank = np.arange(len(kept)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    kept = np.sort(kept[rank < _MOST_GROUP_EDGES])
    return keys[kept] // width, keys[kept] % width, bits[kept], n[kept]


def _group_node(index: Index, cluster: str, i: int, named_after: Longs, members: Longs) -> dict[str, Any]:
    a, ids = index.accounts, index.identifiers
    told: dict[str, Any] = {"label": "the rest"}
    if named_after[i] >= 0:
        kind = ids.kind[named_after[i]]
        told = {"label": ids.names[int(named_after[i])], "kind": ids.kinds[kind], "facet": ids.facets[kind]}
    return _node(
        id=f"g:{cluster}:{i}", type="group", cluster_id=cluster, n_accounts=len(members), degree=len(members),
        probability=round(float(a.probability[members].mean()), 6), is_new=bool(a.is_new[members].any()),
        **told,
    )  # fmt: skip


def _expand_cluster(index: Index, cluster: str) -> dict[str, Any]:
    number = cluster_number(index, cluster)
    ties = _ties(index, index.evidence.rows_of_cluster(number))
    members = index.clusters.members_of(number).astype(np.int64)
    if len(members) + len(np.unique(ties.identifier)) > MOST_NODES:
        drawn = _draw_groups(index, number, ties)
    else:
        drawn = _draw(index, members, ties, MOST_NODES, place_in_discs)
    return {**drawn, "total": len(drawn["nodes"]) + drawn["n_left_out"]}


def _expand_group(index: Index, rest: str) -> dict[str, Any]:
    cluster, _, told = rest.rpartition(":")
    number = cluster_number(index, cluster)
    ties = _ties(index, index.evidence.rows_of_cluster(number))
    members, group, named_after, _ = _groups(index, number, ties)
    if not told.isdecimal() or not told.isascii() or len(told) > 9 or int(told) >= len(named_after):
        raise not_found("group", rest)
    wanted = members[group == int(told)]
    inside = np.isin(ties.account, wanted)
    kept = _restricted(ties, wanted, np.unique(ties.identifier[inside]))
    drawn = _draw(index, wanted, kept, MOST_NODES, place_in_discs)
    return {**drawn, "total": len(drawn["nodes"]) + drawn["n_left_out"]}


def _expand_account(index: Index, asked: Asked, rest: str, window: tuple[int, int]) -> dict[str, Any]:
    number = account_number(index, rest)
    e = index.evidence
    rows = np.flatnonzero((e.left == number) | (e.right == number))
    ties = _ties(index, _inside(index, rows, asked))
    mine = ties.account == number
    kind = asked.text("kind")
    identifiers, bits = ties.identifier[mine], ties.bits[mine]
    n = ties.n[mine]
    others = np.where(ties.left == number, ties.right, ties.left)
    entries = [
        ("i", int(i), float(b), int(c), "")
        for i, b, c in zip(identifiers, bits, n, strict=True)
        if not kind or index.identifiers.kinds[index.identifiers.kind[i]] == kind
    ] + [
        ("a", int(other), float(b), 0, told)
        for other, b, told in zip(others, ties.direct_bits, ties.direct_kinds, strict=True)
        if not kind or kind in told.split(",")
    ]
    entries.sort(key=lambda entry: (-entry[2], entry[0], entry[1]))
    return _told_neighbours(index, f"a:{rest}", entries, window)


def _expand_identifier(index: Index, asked: Asked, rest: str, window: tuple[int, int]) -> dict[str, Any]:
    kind, value = kind_and_value(rest)
    number = identifier_number(index, kind, value)
    e, a = index.evidence, index.accounts
    ties = _ties(index, _inside(index, np.flatnonzero(e.identifier == number), asked))
    bits = dict(zip(ties.account.tolist(), ties.bits.tolist(), strict=True))
    counts = dict(zip(ties.account.tolist(), ties.n.tolist(), strict=True))
    holders = holders_of(index, number)
    if asked.text("cluster"):
        holders = holders[a.cluster[holders] == cluster_number(index, asked.text("cluster"))]
    told_bits = np.array([bits.get(one, 0.0) for one in holders.tolist()])
    order = np.lexsort((holders, -a.probability[holders], -told_bits, a.cluster[holders] < 0))
    entries = [
        ("a", int(one), bits.get(int(one), 0.0), counts.get(int(one), 0), kind)
        for one in holders[order].tolist()
    ]
    return _told_neighbours(index, f"i:{rest}", entries, window)


def _inside(index: Index, rows: Longs, asked: Asked) -> Longs:
    """The rows of evidence inside the cluster that is asked for, or all."""
    if not asked.text("cluster"):
        return rows
    number = cluster_number(index, asked.text("cluster"))
    e, cluster = index.evidence, index.accounts.cluster
    found: Longs = rows[(cluster[e.left[rows]] == number) & (cluster[e.right[rows]] == number)]
    return found


def _told_neighbours(
    index: Index, node: str, entries: list[tuple[str, int, float, int, str]], window: tuple[int, int]
) -> dict[str, Any]:
    offset, limit = window
    shown = entries[offset : offset + limit]
    nodes, edges = [], []
    for i, (what, number, bits, n, kinds) in enumerate(shown):
        made = account_node if what == "a" else identifier_node
        neighbour = made(index, number, 1, bits)
        angle = 2 * math.pi * i / len(shown)
        neighbour |= {"x": round(math.cos(angle), 3), "y": round(math.sin(angle), 3)}
        nodes.append(neighbour)
        ends = (node, neighbour["id"]) if node.startswith("a:") else (neighbour["id"], node)
        kind = neighbour["kind"] if what == "i" else kinds
        edges.append(
            {
                "id": f"e:{node}:{offset + i}", "source": ends[0], "target": ends[1], "kind": kind,
                "facet": neighbour["facet"] or _facet_of(index, kind), "bits": round(bits, 3), "n": n,
                "first_seen": None, "last_seen": None,
            }
        )  # fmt: skip
    return {"total": len(entries), "nodes": nodes, "edges": edges}
