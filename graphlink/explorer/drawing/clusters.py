"""The graph of a cluster: whole, as groups when it is large, or its strongest links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explorer.cluster_rows import cluster_number
from graphlink.explorer.drawing.elements import draw_graph
from graphlink.explorer.drawing.groups import draw_groups
from graphlink.explorer.index.ties import ties_between

if TYPE_CHECKING:
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.evidence import Evidence
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query

MOST_NODES = 1_500


def draw_cluster(index: Index, query: Query) -> dict[str, Any]:
    """The graph of a cluster: whole, as groups when it is large, or its strongest links."""
    number = cluster_number(index.clusters, query.needed("cluster_id"))
    most = query.integer("max_nodes", MOST_NODES, 10, 2 * MOST_NODES)
    min_bits = query.number("min_bits", 0.0)
    ties = index.ties_of(number)
    if min_bits > 0:
        ties = ties_between(index.evidence, index.evidence.rows_of_cluster(number), min_bits)
    members = index.clusters.members_of(number).astype(np.int64)
    identifiers = np.unique(ties.identifier)
    totals = {"n_accounts": len(members), "n_identifiers": len(identifiers)}
    header = {"cluster_id": index.clusters.names[number], "mode": "full", **totals}
    if len(members) + len(identifiers) <= most or query.choice("groups", ("1", "0")) == "0":
        return {**header, **draw_graph(index, members, ties, most)}
    return {**header, "mode": "groups", **draw_groups(index, number, ties)}


def n_graph_nodes(clusters: Clusters, evidence: Evidence, number: int) -> int:
    """How many nodes the graph of a cluster has."""
    identifier = evidence.identifier[evidence.rows_of_cluster(number)]
    return len(clusters.members_of(number)) + len(np.unique(identifier[identifier >= 0]))
