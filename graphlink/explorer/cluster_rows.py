"""A cluster as a row: its figures, the facets that it rests on and their sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core.wording.brief import what_sentence
from graphlink.core.wording.clusters import cluster_words
from graphlink.core.wording.returns import soon_after_figure, soon_after_sentence
from graphlink.core.wording.vocabulary import CLUSTER_STATUSES
from graphlink.explorer.index.columns import NEVER, Longs
from graphlink.explorer.query import not_found

if TYPE_CHECKING:
    from graphlink.explanations.priority import Priority
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.loading import Index

STATUSES = tuple(CLUSTER_STATUSES)


def cluster_number(clusters: Clusters, cluster_id: str) -> int:
    """The number of a cluster.

    Raises:
        RequestError: There is none.
    """
    number = clusters.names.number(cluster_id)
    if number < 0:
        raise not_found("cluster", cluster_id)
    return number


def cluster_row(index: Index, number: int, priority: Priority | None = None) -> dict[str, Any]:
    """A cluster as a row of the queue; its priority is that of the run's settings if none is given."""
    c = index.clusters
    priority = c.priorities[number] if priority is None else priority
    has_evidence = index.has_evidence
    figures = {
        **c.rows[number],
        "lineage": index.lineages.get(c.names[number]),
        "priority": round(priority.total, 3),
        "priority_points": {name: round(points, 3) for name, points in priority.points.items()},
        "n_open": int(c.n_open[number]),
        "status": STATUSES[status_codes(index.clusters)[number]],
        "n_new": int(c.n_new[number]),
        "n_soon_after": int(c.returns[number].n_soon_after),
        "n_soon_after_by_chance": c.returns[number].by_chance,
        "is_above_chance": c.returns[number].is_above_chance,
        "facets": _facets(index, number),
        "n_routers": int(index.evidence.n_routers[number]) if has_evidence else None,
        "n_before": int(index.observations.before[number]) if index.has_observations else None,
        "activity": index.observations.activity[number].tolist() if index.has_observations else None,
    }
    return {name: _tidy(value) for name, value in figures.items()} | {
        "words": cluster_words(c.rows[number])
        | soon_after_words(index.clusters, number)
        | {
            "claim": what_sentence(c.rows[number]),
            "priority": priority.phrase,
            "priority_sentence": priority.sentence,
        }
    }


def soon_after_words(clusters: Clusters, number: int) -> dict[str, str]:
    """The sentence about the new accounts of a cluster that were opened soon after a closing."""
    one = clusters.returns[number]
    return {
        "soon_after": soon_after_figure(one.lag_s, one.n_within, one.within_by_chance),
        "soon_after_sentence": soon_after_sentence(
            one.lag_s, one.n_within, one.within_by_chance, is_above_chance=one.is_above_chance
        ),
    }


def status_codes(clusters: Clusters) -> Longs:
    """Of each cluster the place of its status: none of its accounts is closed, some are, all are."""
    return np.where(clusters.n_open == np.diff(clusters.starts), 0, np.where(clusters.n_open > 0, 1, 2))


def _facets(index: Index, number: int) -> list[dict[str, Any]]:
    names = [name for name in str(index.clusters.rows[number]["facets"]).split(",") if name]
    if not index.has_evidence:
        return [{"facet": name, "share": None} for name in names]
    bits = index.evidence.facet_bits[number]
    total = float(bits.sum()) or 1.0
    shares = [
        (name, float(b) / total) for name, b in zip(index.evidence.facet_names, bits, strict=True) if b > 0
    ]
    return [
        {"facet": name, "share": round(share, 4)}
        for name, share in sorted(shares, key=lambda one: (-one[1], one[0]))
    ]


def _tidy(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, float):
        return None if not math.isfinite(value) else value
    return None if isinstance(value, int) and value == NEVER else value
