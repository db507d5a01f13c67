"""Drawings as inline SVG: well formed, escaped, without inline style, numbers where they belong."""

from __future__ import annotations

import datetime
from xml.etree import ElementTree

import pytest

from graphlink.render.charts import (
    Amount,
    Edge,
    Node,
    Span,
    Svg,
    share_bar,
    small_graph,
    sparkline,
    stacked_bar,
    timeline,
    waterfall,
)

EVIL = '</title><script>alert(1)</script>\u202e\x00&"'
AT = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)

DRAWINGS = {
    "share": share_bar(0.5, EVIL),
    "stacked": stacked_bar([Amount(EVIL, 1.0, "payment"), Amount("b", 3.0, "network")], EVIL),
    "spark": sparkline([0, 1, 5], EVIL),
    "waterfall": waterfall([Amount(EVIL, 10.0, "payment"), Amount("prior", -12.0, "prior")], EVIL),
    "timeline": timeline([Span(EVIL, AT, AT + 9 * DAY, "network", (AT + DAY,))], [(AT.date(), 3)], EVIL),
    "graph": small_graph(
        [Node(0, 0, EVIL, "core"), Node(1, 1, EVIL, "ip", False, True)], [Edge(0, 1)], EVIL, (90, 90)
    ),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_well_formed_and_inert(name: str) -> None:
    drawing = DRAWINGS[name]
    tree = ElementTree.fromstring(drawing)
    assert {element.tag for element in tree.iter()} <= {
        "svg",
        "title",
        "rect",
        "line",
        "circle",
        "text",
        "path",
    }
    assert all("style" not in element.attrib for element in tree.iter())
    assert "\u202e" not in drawing
    assert "<U+202E>" in (tree.findtext("title") or "")
    assert drawing.__html__() == drawing


def test_parts_of_a_bar_are_as_wide_as_their_share() -> None:
    rects = ElementTree.fromstring(DRAWINGS["stacked"]).findall("rect")
    assert [float(rect.attrib["width"]) for rect in rects] == [29.4, 89.4]


def test_a_waterfall_ends_with_the_sum_and_steps_meet() -> None:
    tree = ElementTree.fromstring(DRAWINGS["waterfall"])
    numbers = [text.text for text in tree.findall("text") if text.attrib["class"].startswith("g-number")]
    assert numbers == ["+10.0", "-12.0", "-2.0"]
    first, second, total = tree.findall("rect")
    right = float(first.attrib["x"]) + float(first.attrib["width"])
    assert right == pytest.approx(float(second.attrib["x"]) + float(second.attrib["width"]), abs=0.2)
    assert float(total.attrib["x"]) == pytest.approx(float(second.attrib["x"]), abs=0.2)


def test_nothing_to_draw_is_no_drawing() -> None:
    assert timeline([], [], "nothing") == Svg("")


def test_a_moment_is_drawn_where_all_is_one_moment() -> None:
    assert "<rect" in timeline([Span("a", AT, AT)], [], "one moment")
