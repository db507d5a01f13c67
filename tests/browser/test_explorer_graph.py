"""The graph of a case in a real browser: what one does to it, and what one takes away from it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from tests.browser.conftest import open_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Server


expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


def shown(page: Page) -> tuple[int, int]:
    """Nodes in the picture, and nodes that are known."""
    match = re.match(r"(\d+) of (\d+) nodes", page.locator(".shown-count").inner_text())
    assert match
    return int(match[1]), int(match[2])


def expect_shown(page: Page, drawn: int, known: int) -> None:
    """Waits until so many nodes are in the picture, of so many that are known."""
    expect(page.locator(".shown-count")).to_have_text(re.compile(f"^{drawn} of {known} nodes"))


def button(page: Page, name: str) -> Locator:
    return page.locator(".tools").get_by_role("button", name=name)


def select(page: Page, name: str) -> None:
    page.locator(".side button.row-open", has_text=name).click()
    page.locator("tr.chosen", has_text=name).wait_for()


def take(page: Page, name: str) -> tuple[str, bytes]:
    """What a button of the take-away saves: the file's name and bytes."""
    with page.expect_download() as started:
        page.locator(".popover-box").get_by_role("button", name=name, exact=True).click()
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


def test_expand_shows_the_strongest_and_counts_the_rest(case: Page) -> None:
    n, _ = shown(case)
    case.get_by_role("tab", name="Evidence").click()
    select(case, "<b>sdk</b>")
    button(case, "Expand").click()
    case.locator(".announcement", has_text="10 neighbours added, 50 more not shown").wait_for()
    expect_shown(case, n + 10, n + 10)
    button(case, "Expand: 50 more").click()
    button(case, "Expand: 40 more").wait_for()
    expect_shown(case, n + 20, n + 20)
    button(case, "Collapse").click()
    expect_shown(case, n + 10, n + 10)
    button(case, "Collapse").click()
    expect_shown(case, n, n)
    expect(button(case, "Collapse")).to_be_disabled()
    button(case, "Undo").click()
    expect_shown(case, n + 10, n + 10)
    case.reload()
    button(case, "Expand: 50 more").wait_for()
    expect_shown(case, n + 10, n + 10)


def test_expanding_twice_at_once_adds_once(case: Page) -> None:
    n_before, _ = shown(case)
    case.get_by_role("tab", name="Evidence").click()
    select(case, "<b>sdk</b>")
    # In one task of the page: two clicks of a mouse may come apart on a busy machine.
    button(case, "Expand").evaluate("node => { node.click(); node.click(); }")
    button(case, "Expand: 50 more").wait_for()
    expect_shown(case, n_before + 10, n_before + 10)


def test_hide_only_undo_and_redo(case: Page) -> None:
    n, n_known = shown(case)
    assert n == n_known
    select(case, "north-1")
    button(case, "Hide").click()
    expect_shown(case, n - 1, n)
    select(case, "north-2")
    button(case, "Only").click()
    expect_shown(case, 1, n)
    button(case, "Undo").click()
    expect_shown(case, n - 1, n)
    button(case, "Undo").click()
    expect_shown(case, n, n)
    expect(button(case, "Undo")).to_be_disabled()
    button(case, "Redo").click()
    expect_shown(case, n - 1, n)
    button(case, "Reset").click()
    expect_shown(case, n, n)


def test_a_node_is_dragged_pinned_and_let_go(case: Page) -> None:
    select(case, "north-1")
    _, n_known = shown(case)
    button(case, "Only").click()
    expect_shown(case, 1, n_known)
    button(case, "Fit").click()
    frame = case.locator(".graph-box").bounding_box()
    assert frame
    case.locator(".graph-canvas").wait_for()
    # The one node that is left stands in the middle of what the legend leaves free.
    x, y = frame["x"] + 190 + (frame["width"] - 190) / 2, frame["y"] + frame["height"] / 2
    card = case.locator(".hover-card", has_text="north-1")
    for turn in range(200):  # the frame that has the node there may be drawn after the pointer came
        case.mouse.move(x + turn % 2, y)
        if card.is_visible():
            break
    card.wait_for()
    case.mouse.down()
    case.mouse.move(x + 60, y + 30, steps=4)
    case.mouse.up()
    expect(case).to_have_url(re.compile("pin=[^&]*north-1"))
    case.locator(".graph-box").focus()
    case.keyboard.press("u")
    expect(case).not_to_have_url(re.compile("pin="))


def test_the_legend_takes_kinds_out_and_brings_them_back(case: Page) -> None:
    n, n_known = shown(case)
    entry = case.locator(".legend button", has_text="payment")
    n_entry = int(entry.locator(".quiet").inner_text())
    assert n_entry
    entry.click()
    expect_shown(case, n - n_entry, n_known)
    expect(entry).to_have_attribute("aria-pressed", "false")
    entry.click()
    expect_shown(case, n, n_known)


def test_the_slider_shows_the_parts_as_the_cluster_falls_apart(case: Page) -> None:
    verdict = case.locator(".slider output")
    slider = case.locator(".slider input")
    slider.focus()
    case.keyboard.press("ArrowRight")
    expect(slider).to_have_value("1")  # the first step is a step
    expect(verdict).to_have_text("one component")
    # The card of both crews ties all as strongly as anything; without it they fall apart.
    case.locator(".legend button", has_text="payment").click()
    expect(verdict).to_have_text("2 components: 8, 8 accounts")
    slider.focus()
    case.keyboard.press("End")
    expect(verdict).not_to_have_text("2 components: 8, 8 accounts")
    actual = verdict.inner_text()
    parts, _, alone = actual.partition("; ")
    n_accounts = sum(int(n) for n in re.findall(r"\d+", parts.partition(":")[2] + " " + alone))
    assert n_accounts == 16
    expect(slider).to_have_attribute("aria-valuetext", re.compile(re.escape(actual)))
    case.keyboard.press("Home")
    expect(verdict).to_have_text("2 components: 8, 8 accounts")


def test_a_span_of_time_is_brushed_and_opened_again(case: Page) -> None:
    overview = case.locator(".overview")
    frame = overview.bounding_box()
    assert frame
    y = frame["y"] + 15
    case.mouse.move(frame["x"] + 200, y)
    case.mouse.down()
    case.mouse.move(frame["x"] + 280, y, steps=4)
    case.mouse.up()
    case.get_by_role("button", name="All time").wait_for()
    expect(case).to_have_url(re.compile("[?&]from="))
    expect(case).to_have_url(re.compile("[?&]to="))
    case.get_by_role("button", name="All time").click()
    expect(case).not_to_have_url(re.compile("from="))


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_play_moves_a_window_over_time(case: Page, motion: Any) -> None:
    case.emulate_media(reduced_motion=motion)
    case.get_by_role("button", name="Play").click()
    pause = case.get_by_role("button", name="Pause")
    pause.wait_for()
    first = case.url
    expect(case).not_to_have_url(first)
    pause.click()
    case.get_by_role("button", name="Play", exact=True).wait_for()
    expect(case).to_have_url(re.compile("to="))
    running = case.evaluate("document.getAnimations().filter((one) => one.playState === 'running').length")
    assert running == 0 or motion == "no-preference"
    button(case, "Undo").click()
    expect(case).not_to_have_url(re.compile("from="))  # however far it played, it is one step


def test_pictures_and_data_are_taken_away(case: Page) -> None:
    case.get_by_role("button", name="Export").click()
    name, png = take(case, "PNG")
    assert name.endswith(".png")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20]) == 3200
    name, svg = take(case, "SVG")
    root = ElementTree.fromstring(svg)
    tags = {element.tag.partition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "rect", "line", "circle", "polygon", "text"}
    assert "script" not in tags
    assert not [
        key for element in root.iter() for key in element.attrib if key.startswith("on") or "href" in key
    ]
    assert "\u202e" not in svg.decode()
    name, text = take(case, "JSON")
    data = json.loads(text)
    assert len(data["nodes"]) == shown(case)[0]
    assert {edge["source"] for edge in data["edges"]} <= {node["id"] for node in data["nodes"]}
    name, csv = take(case, "CSV")
    assert b"'=HYPERLINK(1)" in csv
    assert b",=HYPERLINK" not in csv
    assert csv.count(b"\r\n") == shown(case)[0] + 1


def test_no_label_is_wider_than_the_room_that_is_kept_for_it(case: Page) -> None:
    """Their width is estimated before they are drawn: by a wide font, not by an average one."""
    source = (Path(__file__).parents[2] / "frontend" / "src" / "graph" / "paint.ts").read_text("utf-8")
    (letter,) = re.findall(r"^const LETTER = ([0-9.]+);", source, re.MULTILINE)
    (font,) = re.findall(r'context.font = "(12px [^"]+)"', source)
    names = [
        "card-7cqq1tkpfk6b0a",
        "card-wfaeya0b51w604",
        "a-4xnhrm4xqy8a0a",
        "203.0.113.107",
        "60042.example",
    ]
    widths = case.evaluate(
        """([font, names]) => {
          const context = document.createElement("canvas").getContext("2d");
          context.font = font;
          return names.map((name) => context.measureText(name).width);
        }""",
        [font, names],
    )
    for name, width in zip(names, widths, strict=True):
        assert 0 < width <= len(name) * float(letter), name


def test_the_take_away_holds_the_commands_and_closes(case: Page) -> None:
    opener = case.get_by_role("button", name="Export")
    opener.focus()
    case.keyboard.press("Enter")
    cluster = case.locator(".case-head h2").inner_text()
    case.locator(".popover-box code").first.wait_for()
    commands = case.locator(".popover-box code").all_inner_texts()
    assert f"graphlink export result --cluster {cluster} --out {cluster}.html" in commands
    case.context.grant_permissions(["clipboard-read", "clipboard-write"])
    case.get_by_role("button", name="Copy: One page for a review").click()
    case.locator(".announcement", has_text="Copied").wait_for()
    assert case.evaluate("navigator.clipboard.readText()") == commands[1]
    case.keyboard.press("Escape")
    expect(case.locator(".popover-box")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_selection_is_taken_alone(case: Page) -> None:
    select(case, "north-1")
    case.get_by_role("button", name="Export").click()
    _, text = take(case, "JSON")
    assert [node["label"] for node in json.loads(text)["nodes"]] == ["north-1"]


def test_a_link_opens_the_same_view_elsewhere(
    case: Page, open_page: Callable[..., Page], server: Any
) -> None:
    select(case, "north-1")
    button(case, "Hide").click()
    case.locator(".legend button", has_text="payment").click()
    case.locator(".slider input").focus()
    case.keyboard.press("ArrowRight")
    select(case, "north-2")
    case.get_by_role("tab", name="Depends on").click()
    case.get_by_role("tab", name="Evidence").click()
    expect(case.locator(".side .table-caption")).to_have_text("Evidence")
    expect(case).to_have_url(re.compile("table=evidence"))
    other = open_page(server)
    other.goto(case.url)
    other.get_by_role("heading", name="What would drop north-2").wait_for()
    for selector in (".shown-count", ".slider output", ".legend", ".side .table-caption"):
        expect(other.locator(selector)).to_have_text(str(case.locator(selector).text_content()))


@pytest.mark.parametrize(("width", "is_open"), [(1440, True), (1024, True), (400, False)])
def test_the_legend_is_on_the_picture_and_over_a_narrow_one_folded(
    open_page: Callable[..., Page], server: Server, width: int, is_open: bool
) -> None:
    page = open_page(server, viewport={"width": width, "height": 900})
    page.goto(f"{server.address}/#/queue")
    open_view(page, "queue")
    open_view(page, "case")
    frame, legend = page.locator(".graph-frame"), page.locator(".legend")
    kinds = legend.locator("li button")
    expect(kinds.first).to_be_visible(visible=is_open)
    if not is_open:
        legend.locator("summary").click()
        expect(kinds.first).to_be_visible()
    outer, inner = frame.bounding_box(), legend.bounding_box()
    assert outer is not None
    assert inner is not None
    assert outer["y"] <= inner["y"]
    assert inner["y"] + inner["height"] <= outer["y"] + outer["height"] + 1
    assert legend.evaluate("(one) => one.scrollHeight - one.clientHeight") <= 1, "nothing of it is cut off"
    kinds.first.click()
    expect(kinds.first).to_have_attribute("aria-pressed", "false")
