"""Why this cluster."""

from __future__ import annotations

from graphlink.explanations.cluster.explained import ClusterExplanation, explain_cluster

__all__ = [
    "ClusterExplanation",
    "explain_cluster",
]
