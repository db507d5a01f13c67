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


@pytest.mark.parametrize("width", [340, 860])
def test_every_text_and_bar_is_inside_the_drawing(width: int) -> None:
    spans = [Span("ip 203.0.113.7", AT, AT + 30 * DAY, "network", (AT + DAY,))]
    days = [((AT + i * DAY).date(), 10 + i) for i in range(30)]
    steps = [Amount("email domain a-long-name.example", 18.7, "identity"), Amount("prior", -12.0, "prior")]
    for drawing in (timeline(spans, days, "when", width), waterfall(steps, "bits", width=width)):
        tree = ElementTree.fromstring(drawing)
        for rect in tree.iter("rect"):
            x = float(rect.attrib["x"])
            assert 0 <= x <= x + float(rect.attrib["width"]) <= width
        for text in tree.iter("text"):
            size = 6.6 * len(text.text or "")
            x = float(text.attrib["x"])
            starts = {"g-end": x - size, "g-middle": x - size / 2}
            left = next((at for tone, at in starts.items() if tone in text.attrib["class"]), x)
            assert left >= -2
            assert left + size <= width + 30 or "g-middle" in text.attrib["class"]


def test_labels_of_a_narrow_drawing_stand_above_their_rows() -> None:
    steps = [Amount("a", 3.0), Amount("b", 2.0)]
    narrow = ElementTree.fromstring(waterfall(steps, "bits", width=340))
    labels = [float(one.attrib["y"]) for one in narrow.iter("text") if one.attrib["class"] == "g-label"]
    bars = [float(one.attrib["y"]) for one in narrow.iter("rect")]
    assert all(label < bar for label, bar in zip(labels, bars, strict=True))
    assert max(float(one.attrib["width"]) for one in narrow.iter("rect")) > 0.7 * 340


def test_the_axis_is_that_of_the_bulk_and_the_rest_is_counted() -> None:
    old = AT - 500 * DAY
    days = [(old.date(), 3), *(((AT + i * DAY).date(), 100) for i in range(30))]
    drawing = timeline([Span("a", old, AT + 29 * DAY)], days, "when")
    tree = ElementTree.fromstring(drawing)
    texts = [one.text or "" for one in tree.iter("text")]
    assert "most 100, 3 earlier" in texts
    dates = sorted(text for text in texts if text.startswith("20"))
    assert dates[0] >= "2026-02-25"
    assert len([one for one in tree.iter("rect") if one.attrib["class"] == "g-spark"]) == 30


def test_a_mark_shows_that_a_sparkline_begins_later() -> None:
    assert "g-earlier" in sparkline([1, 2], "later", is_cut=True)
    assert "g-earlier" not in sparkline([1, 2], "whole")


def test_labels_of_a_graph_lie_over_no_other_label() -> None:
    nodes = [Node(0.5 + i / 200, 0.5, f"ip 203.0.113.{i}", "network", False, True) for i in range(6)]
    tree = ElementTree.fromstring(small_graph(nodes, [], "close together", (860, 420)))
    labels = [
        (float(one.attrib["x"]), float(one.attrib["y"]), len(one.text or "")) for one in tree.iter("text")
    ]
    assert 3 <= len(labels) <= 6
    for i, (x, y, n) in enumerate(labels):
        for other_x, other_y, other_n in labels[:i]:
            assert abs(x - other_x) >= 3.2 * (n + other_n) - 0.2 or abs(y - other_y) >= 13.9


def test_a_label_stands_where_it_covers_no_node() -> None:
    lone = Node(0.5, 0.5, "card 1", "payment", False, True)
    above = Node(0.5, 0.44, "a", "account")  # where the label would stand first
    tree = ElementTree.fromstring(small_graph([lone, above], [], "one above the other", (860, 420)))
    (label,) = (one for one in tree.iter() if one.tag.endswith("text"))
    circle = next(one for one in tree.iter() if one.tag.endswith("circle"))
    assert float(label.attrib["y"]) > float(circle.attrib["cy"]) + 20
