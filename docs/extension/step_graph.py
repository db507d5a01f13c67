"""The graph of the steps as a drawing: mermaid draws by a script from elsewhere, and the site has none."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

import igraph

_ARROW = re.compile(r"^\s*(\w+) -->\|(\d+)\| (\w+)$", re.MULTILINE)
_WIDTH, _HEIGHT, _ACROSS, _DOWN = 124, 28, 150, 58


class _Place(NamedTuple):
    """Middle of a node, in pixels."""

    x: float
    y: float


def draw_mermaid_graph(text: str) -> str:
    """Draw a flowchart of mermaid as SVG: layers from top to bottom (Sugiyama, Tagawa and Toda 1981).

    Args:
        text: Lines such as `a -->|3| b`; the number is the width of the arrow.

    Raises:
        ValueError: There is no arrow in it.
    """
    arrows = [(start, int(n), end) for start, n, end in _ARROW.findall(text)]
    if not arrows:
        raise ValueError("a graph without arrows")
    names = sorted({name for start, _, end in arrows for name in (start, end)})
    graph = igraph.Graph.TupleList([(start, end) for start, _, end in arrows], directed=True)
    # As deep as the longest way from a start, so that every arrow leads down.
    depth = dict.fromkeys(names, 0)
    for vertex in graph.topological_sorting():
        for after in graph.successors(vertex):
            start, end = graph.vs[vertex]["name"], graph.vs[after]["name"]
            depth[end] = max(depth[end], depth[start] + 1)
    layers = [depth[vertex["name"]] for vertex in graph.vs]
    # Of the layout only the order within a layer is taken: it leaves room for bends of arrows.
    layout = graph.layout_sugiyama(layers=layers, maxiter=1_000).coords[: graph.vcount()]
    across = {name: x for name, (x, _) in zip(graph.vs["name"], layout, strict=True)}
    place = _places(depth, across)
    width, height = (max(one[axis] for one in place.values()) for axis in (0, 1))
    parts = [_arrow(place[start], place[end], n) for start, n, end in arrows]
    parts += [_node(name, place[name]) for name in names]
    size = f"{width + _WIDTH / 2 + 1:.0f} {height + _HEIGHT / 2 + 1:.0f}"
    return f'<svg class="steps" viewBox="0 0 {size}" role="img" aria-label="The steps">{"".join(parts)}</svg>'


def _places(depth: dict[str, int], across: dict[str, float]) -> dict[str, _Place]:
    """The nodes of each layer side by side in order, in the middle of the widest."""
    layers = [
        sorted((name for name in depth if depth[name] == one), key=lambda name: (across[name], name))
        for one in range(max(depth.values()) + 1)
    ]
    most = max(len(layer) for layer in layers)
    return {
        name: _Place((i + (most - len(layer)) / 2) * _ACROSS + _WIDTH / 2 + 1, y * _DOWN + _HEIGHT / 2 + 1)
        for y, layer in enumerate(layers)
        for i, name in enumerate(layer)
    }


def _arrow(start: _Place, end: _Place, n: int) -> str:
    """A curve from the lower edge of a node to the upper edge of another."""
    top, bottom = start.y + _HEIGHT / 2, end.y - _HEIGHT / 2
    middle = (top + bottom) / 2
    bends = f"{start.x:.0f},{middle:.0f} {end.x:.0f},{middle:.0f}"
    curve = f"M{start.x:.0f},{top:.0f}C{bends} {end.x:.0f},{bottom:.0f}"
    return f'<path d="{curve}" stroke-width="{0.6 + 0.35 * min(n, 6):.2f}"/>'


def _node(name: str, place: _Place) -> str:
    x, y = place.x - _WIDTH / 2, place.y - _HEIGHT / 2
    return (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{_WIDTH}" height="{_HEIGHT}" rx="5"/>'
        f'<text x="{place.x:.0f}" y="{place.y:.0f}">{html.escape(name)}</text>'
    )
