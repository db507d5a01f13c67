"""Where the nodes of a graph are: carefully for a case that is opened, quickly for what is expanded in it."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Longs = NDArray[np.int64]
    Rows = Sequence[dict[str, Any]]

_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
_SPACING = 0.6  # of a sunflower's seeds: neighbours are about 1 apart
_GAP = 1.5  # between discs
_SHAPE = 1.6  # width over height of the whole
_layout_lock = threading.Lock()  # the layout seeds a generator that is the process's own


def place_by_force(nodes: Rows, edges: Rows) -> None:
    """Give every node its position, by the layout that exports use."""
    number = {node["id"]: i for i, node in enumerate(nodes)}
    ends = [(number[edge["source"]], number[edge["target"]]) for edge in edges]
    # Imported here, since it takes longer than all else before the queue is shown.
    from graphlink.render.layout import place_nodes

    with _layout_lock:
        places = place_nodes(len(nodes), ends)
    _keep(nodes, places)


def place_in_discs(nodes: Rows, edges: Rows) -> None:
    """Give every node its position, in time that grows with their number.

    Each identifier is the middle of a disc of the accounts that it ties more than any other does; the discs
    lie in rows, the largest first. An account that no identifier ties is in the last disc, without a middle.
    """
    middle = _middles(nodes, edges)
    discs, disc = np.unique(middle, return_inverse=True)
    sizes = np.bincount(disc, minlength=len(discs))
    radius = _SPACING * np.sqrt(sizes + 1.0)
    order = np.lexsort((discs, -sizes, discs < 0))
    centres = np.zeros((len(discs), 2))
    centres[order] = _in_rows(radius[order])
    # In each disc the middle comes first, then the accounts in order.
    is_middle = middle == np.arange(len(nodes))
    rows = np.lexsort((np.arange(len(nodes)), ~is_middle, disc))
    seed = np.empty(len(nodes))
    seed[rows] = np.arange(len(nodes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    far = np.where(is_middle, 0.0, _SPACING * np.sqrt(seed + 0.5 + (discs[disc] >= 0)))
    angle = seed * _GOLDEN_ANGLE
    places = centres[disc] + np.stack([far * np.cos(angle), far * np.sin(angle)], axis=1)
    _keep(nodes, (places - places.mean(axis=0) if len(nodes) else places).round(3))


def _middles(nodes: Rows, edges: Rows) -> Longs:
    """Per node the node in the middle of its disc: itself, the identifier that ties it most, or -1."""
    number = {node["id"]: i for i, node in enumerate(nodes)}
    is_account = np.array([node["type"] == "account" for node in nodes], np.bool_)
    middle = np.where(is_account, -1, np.arange(len(nodes)))
    best = np.full(len(nodes), -np.inf)
    for edge in edges:
        source, target = number[edge["source"]], number[edge["target"]]
        if is_account[source] and not is_account[target] and edge["bits"] > best[source]:
            best[source], middle[source] = edge["bits"], target
    return middle.astype(np.int64)


def _in_rows(radius: Floats) -> Floats:
    """The middles of discs set in rows from the left, the whole about as wide as a screen."""
    width = math.sqrt(_SHAPE * float(((2 * radius + _GAP) ** 2).sum()))
    centres, x, y, height = [], 0.0, 0.0, 0.0
    for r in radius.tolist():
        if x > 0 and x + 2 * r > width:
            x, y, height = 0.0, y + height, 0.0
        centres.append((x + r, y + r))
        x, height = x + 2 * r + _GAP, max(height, 2 * r + _GAP)
    return np.array(centres).reshape(-1, 2)


def _keep(nodes: Rows, places: Floats) -> None:
    for node, (x, y) in zip(nodes, places.tolist(), strict=True):
        node["x"], node["y"] = x, y
