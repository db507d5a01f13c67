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

import numpy as np

from graphlink.render.bulk import bulk_of
from graphlink.render.escape import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    _Place = Callable[[datetime.datetime], float]

_DAY = datetime.timedelta(days=1)
_LABEL_WIDTH = 240  # of a row's label, before the drawing
_VALUE_WIDTH = 66  # of a number behind the drawing
_ROW = 22
_TEXT = 38  # characters of a label
_NARROW = 640  # drawings that are narrower have their labels above the rows
_NARROW_ROW = 38
_LETTER = 6.4  # pixels that a letter of a label takes on average
_HALF_DATE = 34  # pixels of half a date below the axis


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


def sparkline(
    values: Sequence[float], label: str, width: int = 110, height: int = 24, *, is_cut: bool = False
) -> Svg:
    """Make a line of columns, one per value, the greatest as high as the drawing.

    Args:
        values: The columns.
        label: What it shows.
        width: Of the drawing, in pixels.
        height: Of the drawing, in pixels.
        is_cut: Whether there is more before the first column, which a mark on the left then shows.
    """
    svg = _svg(width, height, label)
    most = max(values, default=0.0) or 1.0
    step = width / max(1, len(values))
    for i, value in enumerate(values):
        if value > 0:
            size = max(1.0, value / most * (height - 1))
            _add(svg, "rect", "g-spark", x=i * step, y=height - size, width=max(0.7, step - 0.5), height=size)
    _add(svg, "line", "g-axis", x1=0, y1=height - 0.2, x2=width, y2=height - 0.2)
    if is_cut:
        _add(svg, "path", "g-earlier").set("d", "M5 3L1 7L5 11")
    return _svg_text(svg)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where the rows of a drawing lie: labels beside them, or above where the drawing is narrow."""

    width: int
    top: float = 4

    @property
    def is_narrow(self) -> bool:
        return self.width < _NARROW

    @property
    def left(self) -> int:
        """Where the drawing begins, behind the labels."""
        return 4 if self.is_narrow else _LABEL_WIDTH

    @property
    def step(self) -> int:
        """From one row to the next."""
        return _NARROW_ROW if self.is_narrow else _ROW

    def y(self, row: int) -> float:
        """The top of a row's bars."""
        return self.top + row * self.step + (self.step - _ROW)

    def label(self, svg: ElementTree.Element, row: int, text: str) -> None:
        """Write the label of a row."""
        if self.is_narrow:
            _text(svg, text, 4, self.y(row) - 2, "g-label")
        else:
            _text(svg, text, _LABEL_WIDTH - 8, self.y(row) + 14, "g-label g-end")


def waterfall(steps: Sequence[Amount], label: str, unit: str = "bits", width: int = 860) -> Svg:
    """Make a waterfall: each step starts where the one before ended, the last bar is their sum."""
    rows = _Rows(width)
    height = rows.step * (len(steps) + 1) + 8
    svg = _svg(width, height, label)
    ends = [0.0]
    for step in steps:
        ends.append(ends[-1] + step.amount)
    least, most = min(ends), max(ends)
    scale = (width - rows.left - _VALUE_WIDTH) / ((most - least) or 1.0)

    def place(value: float) -> float:
        return rows.left + (value - least) * scale

    _add(svg, "line", "g-axis", x1=place(0), y1=2, x2=place(0), y2=height - 4)
    amounts = [*steps, Amount("together", ends[-1], "total")]
    starts = [*ends[:-1], 0.0]
    for i, (row, start) in enumerate(zip(amounts, starts, strict=True)):
        y = rows.y(i)
        left, right = sorted((place(start), place(start + row.amount)))
        rows.label(svg, i, row.label)
        rect = _add(
            svg, "rect", f"g-{row.tone}", x=left, y=y + 3, width=max(1.0, right - left), height=_ROW - 7
        )
        _title(rect, f"{row.label}: {row.amount:+,.1f} {unit}")
        _text(svg, f"{row.amount:+,.1f}", width - 2, y + 14, "g-number g-end")
        if i < len(steps):
            x = place(ends[i + 1])
            _add(svg, "line", "g-thread", x1=x, y1=y + 3, x2=x, y2=y + rows.step)
    return _svg_text(svg)


def timeline(
    spans: Sequence[Span], days: Sequence[tuple[datetime.date, int]], label: str, width: int = 860
) -> Svg:
    """Make a timeline: activity per day on top, below it one row per span on the same axis.

    The axis is that of the bulk of the activity; what lies before it is counted in words.

    Args:
        spans: What lasted from when to when.
        days: Day and how much happened, in order, without gaps at either end.
        label: What it shows.
        width: Of the drawing, in pixels.
    """
    first, last = _range_of(spans, days)
    if first is None or last is None:
        return Svg("")
    top = (70 if width < _NARROW else 54) if days else 0
    rows = _Rows(width, top)
    height = int(top + rows.step * len(spans) + 22)
    svg = _svg(width, height, label)
    scale = (width - rows.left - 10) / ((last - first).total_seconds() or 1.0)

    def place(moment: datetime.datetime) -> float:
        return rows.left + (min(max(moment, first), last) - first).total_seconds() * scale

    _draw_days(svg, days, (first, last), place, is_narrow=rows.is_narrow)
    for i, span in enumerate(spans):
        y = rows.y(i)
        rows.label(svg, i, span.label)
        left, right = place(span.first), place(span.last)
        wide = max(2.0, right - left)
        _add(svg, "rect", f"g-{span.tone} g-soft", x=left, y=y + 6, width=wide, height=_ROW - 12)
        for mark in span.marks:
            if first <= mark <= last:
                _add(svg, "rect", f"g-{span.tone}", x=place(mark) - 1, y=y + 4, width=2, height=_ROW - 8)
    _draw_axis(svg, (first, last), height, place)
    return _svg_text(svg)


def small_graph(nodes: Sequence[Node], edges: Sequence[Edge], label: str, size: tuple[int, int]) -> Svg:
    """Make a graph whose nodes have their places already; accounts are circles, identifiers squares."""
    width, height = size
    svg = _svg(width, height, label)
    letters = 26 if width >= _NARROW else 14
    margin_x, margin_y = (95, 22) if width >= _NARROW else (50, 22)

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
    labelled = [(shortened(node.label, letters), *place(node)) for node in nodes if node.is_labelled]
    for text, x, y in _apart(labelled, [place(node) for node in nodes], size):
        _text(svg, text, x, y, "g-label g-halo g-middle")
    return _svg_text(svg)


def _apart(
    labelled: Sequence[tuple[str, float, float]],
    nodes: Sequence[tuple[float, float]],
    size: tuple[int, int],
) -> list[tuple[str, float, float]]:
    """Labels with the middle of their base lines, none over another, each over as few nodes as may be.

    What finds no room keeps its title only.

    Args:
        labelled: Labels with the places of their nodes, the most important first.
        nodes: The places of all nodes.
        size: Of the drawing.
    """
    covered = [(x - 6, x + 6, y - 6, y + 6) for x, y in nodes]
    taken: list[tuple[float, float, float, float]] = []
    placed = []
    for text, x, y in labelled:
        half = len(text) * _LETTER / 2
        spots = []
        for at_x, at_y in ((x, y - 10), (x, y + 20), (x + half + 10, y + 4), (x - half - 10, y + 4)):
            box = (at_x - half, at_x + half, at_y - 11, at_y + 3)
            is_inside = box[0] >= 0 and box[1] <= size[0] and box[2] >= 0 and box[3] <= size[1]
            if is_inside and not any(_overlap(box, other) for other in taken):
                spots.append((sum(_overlap(box, node) for node in covered), at_x, at_y, box))
        if spots:
            _, at_x, at_y, box = min(spots, key=lambda spot: spot[0])
            taken.append(box)
            placed.append((text, at_x, at_y))
    return placed


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[1] and a[1] > b[0] and a[2] < b[3] and a[3] > b[2]


def _range_of(
    spans: Sequence[Span], days: Sequence[tuple[datetime.date, int]]
) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    """The first and the last moment of the axis: of all, but no further than the bulk of the days reaches."""
    moments = [moment for span in spans for moment in (span.first, span.last, *span.marks)]
    moments += [_midnight(day) for day, _ in days]
    moments += [_midnight(day) + _DAY for day, _ in days[-1:]]
    first, last = min(moments, default=None), max(moments, default=None)
    if first is None or last is None or not days:
        return first, last
    seconds = np.array([_midnight(day).timestamp() for day, _ in days]).astype(np.int64)
    bulk = bulk_of(seconds, np.array([n for _, n in days]))
    low, high = (datetime.datetime.fromtimestamp(at, datetime.UTC) for at in bulk)
    # Days that are drawn are drawn whole.
    low, high = _midnight(low.date()), _midnight(high.date()) + _DAY
    is_first, is_last = low <= _midnight(days[0][0]), high > _midnight(days[-1][0])
    return first if is_first else max(first, low), last if is_last else min(last, high)


def _draw_days(
    svg: ElementTree.Element,
    days: Sequence[tuple[datetime.date, int]],
    ends: tuple[datetime.datetime, datetime.datetime],
    place: _Place,
    *,
    is_narrow: bool,
) -> None:
    shown = [(day, n) for day, n in days if ends[0] < _midnight(day) + _DAY and _midnight(day) < ends[1]]
    most = max((n for _, n in shown), default=0) or 1
    ground = 62 if is_narrow else 46
    for day, n in shown:
        left, right = place(_midnight(day)), place(_midnight(day) + _DAY)
        if n:
            size, wide = max(1.0, n / most * 40), max(0.7, right - left - 0.5)
            rect = _add(svg, "rect", "g-spark", x=left, y=ground - size, width=wide, height=size)
            _title(rect, f"{day.isoformat()}: {n:,}")
    if not days:
        return
    words = [f"most {most:,}", *_beyond(days, shown)]
    if is_narrow:
        _text(svg, f"observations per day, {', '.join(words)}", 4, 14, "g-number")
        return
    _text(svg, "observations per day", _LABEL_WIDTH - 8, 30, "g-label g-end")
    _text(svg, ", ".join(words), _LABEL_WIDTH - 8, 44, "g-number g-end")


def _beyond(
    days: Sequence[tuple[datetime.date, int]], shown: Sequence[tuple[datetime.date, int]]
) -> list[str]:
    """How much lies before and after the days that are shown, in words; nothing where all are."""
    if not shown:
        return []
    before = sum(n for day, n in days if day < shown[0][0])
    after = sum(n for day, n in days if day > shown[-1][0])
    return [f"{n:,} {word}" for n, word in ((before, "earlier"), (after, "later")) if n]


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
            _text(svg, tick.date().isoformat(), max(place(tick), _HALF_DATE), y + 15, "g-number g-middle")
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
