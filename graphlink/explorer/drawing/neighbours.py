"""The neighbours of a node, the strongest first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explorer.cluster_rows import cluster_number
from graphlink.explorer.drawing.clusters import MOST_NODES
from graphlink.explorer.drawing.elements import account_node, draw_graph, facet_of, identifier_node
from graphlink.explorer.drawing.groups import draw_groups, groups_of
from graphlink.explorer.index.ties import restrict_ties, ties_between
from graphlink.explorer.nodes import account_number, identifier_number, kind_and_value, split_id
from graphlink.explorer.placing import place_in_discs
from graphlink.explorer.query import Query, not_found

if TYPE_CHECKING:
    from graphlink.explorer.index.accounts import Accounts
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.columns import Longs
    from graphlink.explorer.index.evidence import Evidence
    from graphlink.explorer.index.loading import Index


def expand(index: Index, query: Query) -> dict[str, Any]:
    """The neighbours of a node, the strongest first."""
    node = query.needed("node")
    kind, rest = split_id(node)
    offset, limit = query.integer("offset", 0, 0, 1 << 30), query.integer("limit", 10, 1, 200)
    if kind == "g":
        answer = _expand_group(index, rest)
    elif kind == "c":
        answer = _expand_cluster(index, rest)
    else:
        expanded = _expand_account if kind == "a" else _expand_identifier
        answer = expanded(index, query, rest, (offset, limit))
    return {"node": node, "offset": offset, "limit": limit, **answer}


def _expand_cluster(index: Index, cluster: str) -> dict[str, Any]:
    number = cluster_number(index.clusters, cluster)
    ties = index.ties_of(number)
    members = index.clusters.members_of(number).astype(np.int64)
    if len(members) + len(np.unique(ties.identifier)) > MOST_NODES:
        drawn = draw_groups(index, number, ties)
    else:
        drawn = draw_graph(index, members, ties, MOST_NODES, place_in_discs)
    return {**drawn, "total": len(drawn["nodes"]) + drawn["n_left_out"]}


def _expand_group(index: Index, rest: str) -> dict[str, Any]:
    cluster, _, group_no = rest.rpartition(":")
    number = cluster_number(index.clusters, cluster)
    ties = index.ties_of(number)
    members, group, named_after, _ = groups_of(index, number, ties)
    if (
        not group_no.isdecimal()
        or not group_no.isascii()
        or len(group_no) > 9
        or int(group_no) >= len(named_after)
    ):
        raise not_found("group", rest)
    wanted = members[group == int(group_no)]
    inside = np.isin(ties.account, wanted)
    kept = restrict_ties(ties, wanted, np.unique(ties.identifier[inside]))
    drawn = draw_graph(index, wanted, kept, MOST_NODES, place_in_discs)
    return {**drawn, "total": len(drawn["nodes"]) + drawn["n_left_out"]}


def _expand_account(index: Index, query: Query, rest: str, window: tuple[int, int]) -> dict[str, Any]:
    number = account_number(index.accounts, rest)
    cluster = _cluster_of_query(index.clusters, query)
    e = index.evidence
    rows = np.flatnonzero((e.left == number) | (e.right == number))
    ties = ties_between(index.evidence, _inside(index.accounts, index.evidence, rows, cluster))
    mine = ties.account == number
    kind = query.text("kind")
    identifiers, bits = ties.identifier[mine], ties.bits[mine]
    n = ties.n[mine]
    others = np.where(ties.left == number, ties.right, ties.left)
    entries = [
        ("i", int(i), float(b), int(c), "")
        for i, b, c in zip(identifiers, bits, n, strict=True)
        if not kind or index.identifiers.kinds[index.identifiers.kind[i]] == kind
    ] + [
        ("a", int(other), float(b), 0, kinds)
        for other, b, kinds in zip(others, ties.direct_bits, ties.direct_kinds, strict=True)
        if not kind or kind in kinds.split(",")
    ]
    entries.sort(key=lambda entry: (-entry[2], entry[0], entry[1]))
    return _page_of_neighbours(index, f"a:{rest}", entries, window)


def _expand_identifier(index: Index, query: Query, rest: str, window: tuple[int, int]) -> dict[str, Any]:
    kind, value = kind_and_value(rest)
    number = identifier_number(index.identifiers, kind, value)
    cluster = _cluster_of_query(index.clusters, query)
    e, a = index.evidence, index.accounts
    rows = np.flatnonzero(e.identifier == number)
    ties = ties_between(e, _inside(a, e, rows, cluster))
    bits = dict(zip(ties.account.tolist(), ties.bits.tolist(), strict=True))
    counts = dict(zip(ties.account.tolist(), ties.n.tolist(), strict=True))
    holders = index.holders.of(number)
    if cluster is not None:
        holders = holders[a.cluster[holders] == cluster]
    bits_of_each = np.array([bits.get(one, 0.0) for one in holders.tolist()])
    order = np.lexsort((holders, -a.probability[holders], -bits_of_each, a.cluster[holders] < 0))
    entries = [
        ("a", int(one), bits.get(int(one), 0.0), counts.get(int(one), 0), kind)
        for one in holders[order].tolist()
    ]
    return _page_of_neighbours(index, f"i:{rest}", entries, window)


def _cluster_of_query(clusters: Clusters, query: Query) -> int | None:
    """The number of the cluster that the neighbours are to be in; None for any."""
    return cluster_number(clusters, query.text("cluster")) if query.text("cluster") else None


def _inside(accounts: Accounts, evidence: Evidence, rows: Longs, number: int | None) -> Longs:
    """The rows of evidence inside a cluster, or all."""
    if number is None:
        return rows
    cluster = accounts.cluster
    inside: Longs = rows[(cluster[evidence.left[rows]] == number) & (cluster[evidence.right[rows]] == number)]
    return inside


def _page_of_neighbours(
    index: Index, node: str, entries: list[tuple[str, int, float, int, str]], window: tuple[int, int]
) -> dict[str, Any]:
    offset, limit = window
    shown = entries[offset : offset + limit]
    nodes, edges = [], []
    for i, (what, number, bits, n, kinds) in enumerate(shown):
        if what == "a":
            neighbour = account_node(index.accounts, index.clusters, number, 1, bits)
        else:
            neighbour = identifier_node(index.identifiers, number, 1, bits)
        angle = 2 * math.pi * i / len(shown)
        neighbour |= {"x": round(math.cos(angle), 3), "y": round(math.sin(angle), 3)}
        nodes.append(neighbour)
        ends = (node, neighbour["id"]) if node.startswith("a:") else (neighbour["id"], node)
        kind = neighbour["kind"] if what == "i" else kinds
        edges.append(
            {
                "id": f"e:{node}:{offset + i}", "source": ends[0], "target": ends[1], "kind": kind,
                "facet": neighbour["facet"] or facet_of(index.evidence, kind), "bits": round(bits, 3), "n": n,
                "first_seen": None, "last_seen": None,
            }
        )  # fmt: skip
    return {"total": len(entries), "nodes": nodes, "edges": edges}
