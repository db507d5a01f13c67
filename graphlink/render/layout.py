"""Where the nodes of a drawing are: one igraph layout per connected component, packed next to each other.

One layout of everything would move small components far away and squeeze the rest to a dot.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import igraph
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_LARGEST_EXACT = (
    120  # nodes up to which Kamada and Kawai's layout is quick enough; it draws small components best
)
_ROUNDS = 120  # of Fruchterman and Reingold's layout up to a thousand nodes; more move an edge by 2 % at most
_LARGEST_TURNED = 2000  # nodes up to which distances of all pairs are computed
_GAP = 2.5  # between components
_SHAPE = 1.6  # width over height of the whole


def place_nodes(
    n_nodes: int, edges: Sequence[tuple[int, int]], weights: Sequence[float] | None = None
) -> NDArray[np.float64]:
    """Make the positions of a graph's nodes. The same graph gives the same positions.

    Kamada and Kawai's layout for connected components of up to 120 nodes, Fruchterman and Reingold's for
    larger ones; the largest component first, packed in rows.

    Args:
        n_nodes: How many nodes.
        edges: Pairs of nodes by number.
        weights: How strongly each edge pulls, above 0; None pulls alike.

    Returns:
        One row per node: x to the right and y down. Neighbouring nodes are about 1 apart.
    """
    places = np.zeros((n_nodes, 2))
    if not n_nodes:
        return places
    graph = igraph.Graph(n=n_nodes, edges=list(edges))
    graph.es["weight"] = list(weights) if weights is not None else [1.0] * len(edges)
    components = sorted(graph.connected_components(), key=lambda component: (-len(component), component[0]))
    state = random.Random(1)
    igraph.set_random_number_generator(state)
    try:
        boxes = [_place_component(graph.induced_subgraph(component)) for component in components]
    finally:
        igraph.set_random_number_generator(random)
    for component, box, corner in zip(components, boxes, _pack(boxes), strict=True):
        places[component] = box + corner
    rounded: NDArray[np.float64] = places.round(3)
    return rounded


def _place_component(graph: igraph.Graph) -> NDArray[np.float64]:
    """Positions of a connected graph, the least of both coordinates 0."""
    n = graph.vcount()
    if n == 1:
        return np.zeros((1, 2))
    graph.simplify(combine_edges="sum")
    if n <= _LARGEST_EXACT:
        layout = graph.layout_kamada_kawai(seed=graph.layout_circle())
    else:
        rounds = max(60, min(_ROUNDS, _ROUNDS * 1000 // n))
        layout = graph.layout_fruchterman_reingold(
            seed=graph.layout_circle(), weights="weight", niter=rounds, grid="auto"
        )
    places = np.array(layout.coords)
    places = _turned(places - places.mean(axis=0))
    spacing = _spacing(places)
    places = places / spacing if spacing > 0 else places
    least: NDArray[np.float64] = places - places.min(axis=0)
    return least


def _turned(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same with its longest side lying, as screens and pages are wide."""
    _, _, axes = np.linalg.svd(places[:_LARGEST_TURNED], full_matrices=False)
    # The sign of an axis is arbitrary: fix it, so that libraries do not decide it.
    signs = np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])
    turned: NDArray[np.float64] = places @ (axes * signs[:, None]).T
    return turned


def _spacing(places: NDArray[np.float64]) -> float:
    """Distance from a node to its nearest, which all but the closest tenth of the nodes keep."""
    sample = places[:: max(1, len(places) // _LARGEST_TURNED)]
    nearest = np.full(len(sample), np.inf)
    for start in range(0, len(sample), 256):
        rows = sample[start : start + 256]
        gaps = np.hypot(*(rows[:, None, :] - sample[None, :, :]).transpose(2, 0, 1))
        gaps[np.arange(len(rows)), np.arange(start, start + len(rows))] = np.inf
        nearest[start : start + 256] = gaps.min(axis=1)
    return float(np.quantile(nearest, 0.1))


def _pack(boxes: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Corners of boxes set in rows from the left, the whole about as wide as a screen."""
    sizes = [box.max(axis=0) + _GAP for box in boxes]
    area = sum(size[0] * size[1] for size in sizes)
    width = max(*(size[0] for size in sizes), math.sqrt(_SHAPE * area))
    corners, x, y, height = [], 0.0, 0.0, 0.0
    for size in sizes:
        if x > 0 and x + size[0] > width:
            x, y, height = 0.0, y + height, 0.0
        corners.append(np.array([x, y]))
        x, height = x + size[0], max(height, float(size[1]))
    return corners
