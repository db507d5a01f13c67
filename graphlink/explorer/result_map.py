"""A map of the whole result: a node per cluster, an edge where links join two."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core.wording.findings import finding_of
from graphlink.explorer.index.runs import distinct

if TYPE_CHECKING:
    from graphlink.explorer.index.accounts import Accounts
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.columns import Longs
    from graphlink.explorer.index.links import Links
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query

_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def draw_map(index: Index, query: Query) -> dict[str, Any]:
    """The whole result as a map: a node per cluster, an edge where links join two of them."""
    c = index.clusters
    order = np.argsort(c.order_of(c.priorities))
    kept = order[: query.integer("limit", 2_000, 1, 5_000)]
    edges = _cluster_edges(index.accounts, index.clusters, index.links, kept)
    return {
        "nodes": [
            {
                "id": f"c:{c.names[int(i)]}",
                "cluster_id": c.names[int(i)],
                "n_accounts": c.rows[i]["n_accounts"],
                "score": c.rows[i]["score"],
                "hypothesis": c.hypothesis[i],
                "finding": finding_of(c.rows[i]).value,
                "priority": round(c.priorities[i].total, 3),
                "facet": next(iter(str(c.rows[i]["facets"]).split(",")), None) or None,
                "x": x,
                "y": y,
            }
            for i, (x, y) in zip(kept.tolist(), _spiral(np.diff(c.starts)[kept]), strict=True)
        ],
        "edges": edges,
        "n_left_out": len(c.rows) - len(kept),
    }


def _cluster_edges(accounts: Accounts, clusters: Clusters, links: Links, kept: Longs) -> list[dict[str, Any]]:
    cluster = accounts.cluster
    left, right = cluster[links.left], cluster[links.right]
    n = len(clusters.rows)
    is_kept = np.zeros(n + 1, np.bool_)
    is_kept[kept] = True
    between = (left >= 0) & (right >= 0) & (left != right) & is_kept[left] & is_kept[right]
    one, other = left[between].astype(np.int64), right[between].astype(np.int64)
    pairs, place = distinct(np.minimum(one, other) * n + np.maximum(one, other), n * n)
    counts = np.bincount(place, minlength=len(pairs))
    bits = np.bincount(place, links.bits[between], len(pairs))
    order = np.lexsort((pairs, -counts))[: 4 * len(kept)]
    names = clusters.names
    return [
        {
            "source": f"c:{names[int(pairs[i] // n)]}",
            "target": f"c:{names[int(pairs[i] % n)]}",
            "n_links": int(counts[i]),
            "bits": round(float(bits[i]), 3),
        }
        for i in order
    ]


def _spiral(sizes: Longs) -> list[tuple[float, float]]:
    """Places on a spiral from the middle outwards, each as far out as those before it need room."""
    areas = 1.0 + sizes / 10.0
    radius = np.sqrt((np.cumsum(areas) - areas / 2) / math.pi) * 1.3
    angle = np.arange(len(sizes)) * _GOLDEN_ANGLE
    x, y = np.round(radius * np.cos(angle), 3), np.round(radius * np.sin(angle), 3)
    return list(zip(x.tolist(), y.tolist(), strict=True))
