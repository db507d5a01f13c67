"""The graph of the steps as text: which step hands which tables to which, for Graphviz and for Mermaid."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from graphlink.core.stages import Declared

RESULT = "result"
"""The node of the graph that takes what a run writes."""


class Flow(NamedTuple):
    """Tables that one step makes and another takes."""

    maker: str
    taker: str
    tables: tuple[str, ...]


def list_flows(steps: Sequence[Declared], results: Collection[str]) -> list[Flow]:
    """List which step hands which tables to which, and to the result at last."""
    makers = {spec.name: step.name for step in steps for spec in step.makes}
    takers = {step.name: [spec.name for spec in step.takes] for step in steps}
    takers[RESULT] = [name for name in results if name in makers]
    return [
        Flow(maker.name, taker, names)
        for taker, taken in takers.items()
        for maker in steps
        if (names := tuple(name for name in taken if makers.get(name) == maker.name))
    ]


def draw_dot(steps: Sequence[Declared], results: Collection[str]) -> str:
    """Draw the graph in the language of Graphviz, each arrow with its tables."""

    def lines() -> Iterator[str]:
        yield "digraph steps {"
        yield "  node [shape=box];"
        for flow in list_flows(steps, results):
            label = "\\n".join(flow.tables)
            yield f'  "{flow.maker}" -> "{flow.taker}" [label="{label}"];'
        yield "}"

    return "\n".join(lines()) + "\n"


def draw_mermaid(steps: Sequence[Declared], results: Collection[str]) -> str:
    """Draw the graph in the language of Mermaid, each arrow with the number of its tables."""

    def lines() -> Iterator[str]:
        yield "flowchart TD"
        for flow in list_flows(steps, results):
            yield f"  {flow.maker} -->|{len(flow.tables)}| {flow.taker}"

    return "\n".join(lines()) + "\n"
