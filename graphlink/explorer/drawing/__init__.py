"""Graphs to draw: a cluster, a large cluster as groups, and the neighbours of a node.

Positions are computed here, so that the same graph looks the same every time.
"""

from __future__ import annotations

from graphlink.explorer.drawing.clusters import MOST_NODES, draw_cluster, n_graph_nodes
from graphlink.explorer.drawing.neighbours import expand

__all__ = [
    "MOST_NODES",
    "draw_cluster",
    "expand",
    "n_graph_nodes",
]
