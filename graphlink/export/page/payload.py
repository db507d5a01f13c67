"""The drawing's data for the page's script: a list per column, so that thousands of nodes repeat no names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.export.page.inline import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NODE_FACTS = (
    *("role", "share", "opened", "closed", "seen", "state"),  # of accounts
    *("kind", "bits", "n_members", "degree", "p_exclusive", "listed"),  # of identifiers
)
"""The facts shown of a selected node besides its name; the script makes the sentences."""

_MINUTE, _DAY = 60, 24 * 60 * 60
_TIMES = ("opened", "closed", "seen")


def encode_drawing(
    nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]], about: Mapping[str, Any]
) -> str:
    """Make the JSON of a drawing; it can stand inside a script element.

    Nodes are given by their place. Texts that recur are stored once, in `words`. Times of nodes are minutes,
    those of edges days, since `start`, a midnight in seconds since 1970; an edge has its first day and how
    many days later its last one is.

    Args:
        nodes: label, x, y, size, group and what is known of `NODE_FACTS`; times in seconds.
        edges: from and to as places of nodes, bits, first_seen and last_seen (seconds, or None), and of those
            between two accounts, which come last, kind.
        about: Further facts, added as they are.
    """
    words = _Words()
    start = _start_of(nodes, edges)
    drawing = {
        **about,
        "start": start,
        "nodes": {
            **{name: [node[name] for node in nodes] for name in ("label", "x", "y", "size")},
            **{name: words.column(node.get(name) for node in nodes) for name in ("group", *NODE_FACTS)},
            **{name: _since((node.get(name) for node in nodes), start, _MINUTE) for name in _TIMES},
        },
        "edges": {
            **{name: [edge[name] for edge in edges] for name in ("from", "to", "bits")},
            "first": _since((edge["first_seen"] for edge in edges), start, _DAY),
            "days": [
                None if edge["last_seen"] is None else edge["last_seen"] // _DAY - edge["first_seen"] // _DAY
                for edge in edges
            ],
            "kind": words.column(edge["kind"] for edge in edges if "kind" in edge),
        },
        "words": words.texts,
    }
    return json_text(drawing)


class _Words:
    """Texts that are stored once and referred to by their place."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    @property
    def texts(self) -> list[str]:
        """The texts in order."""
        return list(self._places)

    def column(self, values: Iterable[Any]) -> list[Any]:
        """A column with its texts by place, anything else as it is."""
        return [
            self._places.setdefault(value, len(self._places)) if isinstance(value, str) else value
            for value in values
        ]


def _start_of(nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> int:
    """The midnight before the first of all times, so that no time is negative."""
    times = [node[name] for node in nodes for name in _TIMES if node.get(name) is not None]
    times += [edge["first_seen"] for edge in edges if edge["first_seen"] is not None]
    return min(times, default=0) // _DAY * _DAY


def _since(times: Iterable[int | None], start: int, unit: int) -> list[int | None]:
    return [None if time is None else (time - start) // unit for time in times]
