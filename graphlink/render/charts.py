"""Small drawings as inline SVG: bars, sparklines, waterfalls, timelines and small graphs.

Every drawing is one string without script and without inline style: colours come from classes, which
`charts.css` gives values for light, dark and print. Each has a title and a role for screen readers, and its
numbers stand in a table next to it. Texts are made visible and escaped here, so data may be passed as it is.
The same arguments give the same bytes: coordinates are rounded to tenths.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from graphlink.render.escape import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    _Place = Callable[[datetime.datetime], float]

_LABEL_WIDTH = 240  # of a row's label, before the drawing
_VALUE_WIDTH = 66  # of a number behind the drawing
_ROW = 22
_TEXT = 38  # characters of a label


class Svg(str):
    """A finished drawing, which templates put in as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class Amount:
    """One bar: what it is called, how much, and the class that colours it (such as a facet's name)."""

    label: str
    amount: float
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """One row of a timeline: from when to when, with the moments between that are marked."""

    label: str
    first: datetime.datetime
    last: datetime.datetime
    tone: str = ""
    marks: tuple[datetime.datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a small graph: its place in the unit square, its shape (account or identifier) and words."""

    x: float
    y: float
    label: str
    tone: str = ""
    is_account: bool = True
    is_labelled: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge between two nodes by their place in the list; `weight` from 0 to 1 is its width."""

    start: int
    end: int
    weight: float = 0.5
    tone: str = ""


def charts_css() -> str:
    """The style sheet of the drawings; it uses no other and sets colours as custom properties."""
    return (resources.files("graphlink.render") / "charts.css").read_text(encoding="utf-8")


def share_bar(share: float, label: str, width: int = 72) -> Svg:
    """Make a bar that is filled to a share between 0 and 1."""
    svg = _svg(width, 10, label)
    _add(svg, "rect", "g-track", x=0, y=1, width=width, height=8, rx=2)
    _add(svg, "rect", "g-fill", x=0, y=1, width=max(0.0, min(1.0, share)) * width, height=8, rx=2)
    return _svg_text(svg)


def stacked_bar(amounts: Sequence[Amount], label: str, width: int = 120) -> Svg:
    """Make one bar of several amounts that fill it together."""
    svg = _svg(width, 12, label)
    total = sum(max(0.0, amount.amount) for amount in amounts) or 1.0
    at = 0.0
    for amount in amounts:
        size = max(0.0, amount.amount) / total * width
        rect = _add(svg, "rect", f"g-{amount.tone}", x=at, y=1, width=max(0.0, size - 0.6), height=10)
        _title(rect, f"{amount.label} {amount.amount / total:.0%}")
        at += size
    return _svg_text(svg)


def sparkline(values: Sequence[float], label: str, width: int = 110, height: int = 24) -> Svg:
    """Make a line of columns, one per value, the greatest as high as the drawing."""
    svg = _svg(width, height, label)
    most = max(values, default=0.0) or 1.0
    step = width / max(1, len(values))
    for i, value in enumerate(values):
        if value > 0:
            size = max(1.0, value / most * (height - 1))
            _add(svg, "rect", "g-spark", x=i * step, y=height - size, width=max(0.7, step - 0.5), height=size)
    _add(svg, "line", "g-axis", x1=0, y1=height - 0.2, x2=width, y2=height - 0.2)
    return _svg_text(svg)


def waterfall(steps: Sequence[Amount], label: str, unit: str = "bits", width: int = 860) -> Svg:
    """Make a waterfall: each step starts where the one before ended, the last bar is their sum."""
    height = _ROW * (len(steps) + 1) + 8
    svg = _svg(width, height, label)
    ends = [0.0]
    for step in steps:
        ends.append(ends[-1] + step.amount)
    least, most = min(ends), max(ends)
    scale = (width - _LABEL_WIDTH - _VALUE_WIDTH) / ((most - least) or 1.0)

    def place(value: float) -> float:
        return _LABEL_WIDTH + (value - least) * scale

    _add(svg, "line", "g-axis", x1=place(0), y1=2, x2=place(0), y2=height - 4)
    rows = [*steps, Amount("together", ends[-1], "total")]
    starts = [*ends[:-1], 0.0]
    for i, (row, start) in enumerate(zip(rows, starts, strict=True)):
        y = 4 + i * _ROW
        left, right = sorted((place(start), place(start + row.amount)))
        _text(svg, row.label, _LABEL_WIDTH - 8, y + 14, "g-label g-end")
        rect = _add(
            svg, "rect", f"g-{row.tone}", x=left, y=y + 3, width=max(1.0, right - left), height=_ROW - 7
        )
        _title(rect, f"{row.label}: {row.amount:+,.1f} {unit}")
        _text(svg, f"{row.amount:+,.1f}", width - 2, y + 14, "g-number g-end")
        if i < len(steps):
            _add(svg, "line", "g-thread", x1=place(ends[i + 1]), y1=y + 3, x2=place(ends[i + 1]), y2=y + _ROW)
    return _svg_text(svg)


def timeline(
    spans: Sequence[Span], days: Sequence[tuple[datetime.date, int]], label: str, width: int = 860
) -> Svg:
    """Make a timeline: activity per day on top, below it one row per span on the same axis.

    Args:
        spans: What lasted from when to when.
        days: Day and how much happened, in order, without gaps at either end.
        label: What it shows.
        width: Of the drawing, in pixels.
    """
    first, last = _range_of(spans, days)
    if first is None or last is None:
        return Svg("")
    top = 54 if days else 0
    height = top + _ROW * len(spans) + 22
    svg = _svg(width, height, label)
    scale = (width - _LABEL_WIDTH - 10) / ((last - first).total_seconds() or 1.0)

    def place(moment: datetime.datetime) -> float:
        return _LABEL_WIDTH + (moment - first).total_seconds() * scale

    _draw_days(svg, days, place)
    for i, span in enumerate(spans):
        y = top + i * _ROW
        _text(svg, span.label, _LABEL_WIDTH - 8, y + 14, "g-label g-end")
        left, right = place(span.first), place(span.last)
        _add(
            svg,
            "rect",
            f"g-{span.tone} g-soft",
            x=left,
            y=y + 6,
            width=max(2.0, right - left),
            height=_ROW - 12,
        )
        for mark in span.marks:
            _add(svg, "rect", f"g-{span.tone}", x=place(mark) - 1, y=y + 4, width=2, height=_ROW - 8)
    _draw_axis(svg, (first, last), height, place)
    return _svg_text(svg)


def small_graph(nodes: Sequence[Node], edges: Sequence[Edge], label: str, size: tuple[int, int]) -> Svg:
    """Make a graph whose nodes have their places already; accounts are circles, identifiers squares."""
    width, height = size
    svg = _svg(width, height, label)
    margin_x, margin_y = 95, 22

    def place(node: Node) -> tuple[float, float]:
        return margin_x + node.x * (width - 2 * margin_x), margin_y + node.y * (height - 2 * margin_y)

    # One path for all edges that look alike: a line each would take five times the bytes.
    paths: dict[tuple[str, float], list[str]] = {}
    for edge in edges:
        (x1, y1), (x2, y2) = place(nodes[edge.start]), place(nodes[edge.end])
        wide = 0.6 + 0.4 * round(6.5 * max(0.0, min(1.0, edge.weight)))
        paths.setdefault((edge.tone, wide), []).append(f"M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}")
    for (tone, wide), lines in sorted(paths.items()):
        path = _add(svg, "path", f"g-edge g-{tone}")
        path.set("d", "".join(lines))
        path.set("stroke-width", _number(wide))
    for node in nodes:
        x, y = place(node)
        if node.is_account:
            shape = _add(svg, "circle", f"g-node g-{node.tone}", cx=x, cy=y, r=5)
        else:
            shape = _add(svg, "rect", f"g-node g-{node.tone}", x=x - 6, y=y - 6, width=12, height=12, rx=2)
        _title(shape, node.label)
    for node in nodes:
        if node.is_labelled:
            x, y = place(node)
            _text(svg, shortened(node.label, 26), x, y - 10, "g-label g-halo g-middle")
    return _svg_text(svg)


def _range_of(
    spans: Sequence[Span], days: Sequence[tuple[datetime.date, int]]
) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    moments = [moment for span in spans for moment in (span.first, span.last, *span.marks)]
    moments += [_midnight(day) for day, _ in days]
    moments += [_midnight(day) + datetime.timedelta(days=1) for day, _ in days[-1:]]
    return min(moments, default=None), max(moments, default=None)


def _draw_days(svg: ElementTree.Element, days: Sequence[tuple[datetime.date, int]], place: _Place) -> None:
    most = max((n for _, n in days), default=0) or 1
    for day, n in days:
        left, right = place(_midnight(day)), place(_midnight(day) + datetime.timedelta(days=1))
        if n:
            size = max(1.0, n / most * 40)
            rect = _add(
                svg, "rect", "g-spark", x=left, y=46 - size, width=max(0.7, right - left - 0.5), height=size
            )
            _title(rect, f"{day.isoformat()}: {n:,}")
    if days:
        _text(svg, "observations per day", _LABEL_WIDTH - 8, 30, "g-label g-end")
        _text(svg, f"most {most:,}", _LABEL_WIDTH - 8, 44, "g-number g-end")


def _draw_axis(
    svg: ElementTree.Element, ends: tuple[datetime.datetime, datetime.datetime], height: int, place: _Place
) -> None:
    first, last = ends
    y = height - 18
    _add(svg, "line", "g-axis", x1=place(first), y1=y, x2=place(last), y2=y)
    n_days = max(1, (last - first).days)
    step = next(size for size in (1, 2, 7, 14, 30, 61, 91, 182, 365, n_days + 1) if n_days / size <= 7)
    tick = _midnight(first.date())
    while tick <= last:
        if tick >= first:
            _add(svg, "line", "g-axis", x1=place(tick), y1=y, x2=place(tick), y2=y + 4)
            _text(svg, tick.date().isoformat(), place(tick), y + 15, "g-number g-middle")
        tick += datetime.timedelta(days=step)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC)


def _svg(width: int, height: int, label: str) -> ElementTree.Element:
    svg = ElementTree.Element(
        "svg",
        {
            "class": "g",
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
            "role": "img",
        },
    )
    _title(svg, label)
    return svg


def _add(parent: ElementTree.Element, tag: str, tones: str, **at: float) -> ElementTree.Element:
    return ElementTree.SubElement(
        parent, tag, {"class": tones} | {name: _number(value) for name, value in at.items()}
    )


def _text(parent: ElementTree.Element, text: str, x: float, y: float, tones: str) -> None:
    element = _add(parent, "text", tones, x=x, y=y)
    element.text = shortened(text, _TEXT)


def _title(parent: ElementTree.Element, text: str) -> None:
    ElementTree.SubElement(parent, "title").text = shortened(text, 300)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if abs(value) >= 0.05 else "0"


def _svg_text(svg: ElementTree.Element) -> Svg:
    return Svg(ElementTree.tostring(svg, encoding="unicode", short_empty_elements=False))
