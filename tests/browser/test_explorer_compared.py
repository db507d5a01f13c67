"""The outcome of a what-if next to the graph as it is, and labels that hide nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
_SVG = "{http://www.w3.org/2000/svg}"


def test_a_what_if_is_drawn_next_to_the_graph_as_it_is(case: Page) -> None:
    case.get_by_role("tab", name="Evidence").click()
    case.locator(".side button.row-open", has_text="card-bridge").click()
    case.get_by_role("button", name="Recompute without it").click()
    flows = case.locator("svg.flows")
    expect(flows).to_have_attribute(
        "aria-label", re.compile("8 accounts from C-.* to group 1; 8 accounts from")
    )
    after = case.locator(".graph-after")
    expect(after.locator(".graph-title")).to_contain_text("Without payment card-bridge")
    expect(after.locator("canvas")).to_be_visible()
    expect(case.locator(".outcome li")).to_have_count(2)
    case.get_by_role("button", name="Draw one graph").click()
    expect(after).to_have_count(0)
    case.get_by_role("button", name="Draw both graphs").click()
    expect(after.locator("canvas")).to_be_visible()
    case.get_by_role("tab", name="Why").click()
    expect(after).to_have_count(0)


def _boxes(svg: str) -> tuple[list[tuple[float, float, float, float]], list[tuple[str, float, float]]]:
    """The boxes of the nodes, and each label with where it begins."""
    root = ElementTree.fromstring(svg)
    nodes = []
    for group in root.findall(f"{_SVG}g"):
        for circle in group.findall(f"{_SVG}circle"):
            x, y, r = (float(circle.attrib[name]) for name in ("cx", "cy", "r"))
            nodes.append((x - r, y - r, x + r, y + r))
        for polygon in group.findall(f"{_SVG}polygon"):
            corners = [tuple(map(float, pair.split(","))) for pair in polygon.attrib["points"].split()]
            xs, ys = zip(*corners, strict=True)
            nodes.append((min(xs), min(ys), max(xs), max(ys)))
    labels = [
        (text.text or "", float(text.attrib["x"]), float(text.attrib["y"]))
        for text in root.findall(f"{_SVG}text")
    ]
    return nodes, labels


def test_no_label_lies_over_a_node(case: Page) -> None:
    case.get_by_role("button", name="Export").click()
    with case.expect_download() as started:
        case.locator(".popover-box").get_by_role("button", name="SVG", exact=True).click()
    nodes, labels = _boxes(Path(started.value.path()).read_text(encoding="utf-8"))
    assert len(nodes) > 20
    assert len(labels) > 10

    def covers(label: tuple[str, float, float], box: tuple[float, float, float, float]) -> bool:
        text, x, y = label
        return x < box[2] and x + 6.6 * len(text) > box[0] and y - 12 < box[3] and y + 4 > box[1]

    assert [label[0] for label in labels if any(covers(label, box) for box in nodes)] == []


def test_a_table_of_several_pages_is_turned_and_sorted_by_the_server(case: Page) -> None:
    def answer(route: Route) -> None:
        response = route.fetch()
        offset = int(re.findall(r"offset=(\d+)", route.request.url)[0])
        route.fulfill(response=response, json={**response.json(), "total": 1200, "offset": offset})

    case.route(re.compile(r"/members\?"), answer)
    case.get_by_role("tab", name="Links").click()
    case.get_by_role("tab", name="Members").click()
    pages = case.locator(".side .pages")
    expect(pages).to_contain_text("1 to 16 of 1,200")
    expect(pages.get_by_role("button", name="Previous")).to_be_disabled()
    # The table shows the order before the server is asked for it.
    with case.expect_request(re.compile(r"/members\?.*sort=degree")) as sorted_by:
        case.locator(".side th").get_by_role("button", name="Links").click()
    expect(case.locator(".side th[aria-sort=descending]")).to_contain_text("Links")
    assert "order=desc" in sorted_by.value.url
    # What the server does not sort by is no button.
    expect(case.locator(".side th").get_by_role("button", name="Role")).to_have_count(0)
    with case.expect_request(re.compile(r"/members\?.*offset=16")):
        pages.get_by_role("button", name="Next").click()
    expect(pages.get_by_role("button", name="Previous")).to_be_enabled()


def test_accounts_are_collected_with_live_collateral_and_saved(case: Page) -> None:
    case.locator(".side button.row-open", has_text="north-1").click()
    case.get_by_role("tab", name="Collateral").click()
    case.get_by_role("button", name="Add to the action list").click()
    expect(case.get_by_role("link", name="Actions (1)")).to_be_visible()
    case.locator(".side button.row-open", has_text="north-2").click()
    expect(case.get_by_role("heading", name="Who closing 1 account would affect")).to_be_visible()
    case.get_by_role("button", name="Add to the action list").click()
    case.get_by_role("link", name="Actions (2)").click()
    expect(case.get_by_role("heading", name="Action list: 2 accounts of 1 cluster")).to_be_visible()
    expect(case.locator(".sentences").first).to_contain_text("It hits 2 accounts")
    case.get_by_role("textbox").last.fill("=same card")
    case.get_by_role("textbox").last.press("Enter")
    expect(case.locator("tbody tr").first).to_contain_text("=same card")
    with case.expect_download() as started:
        case.get_by_role("button", name="CSV", exact=True).click()
    lines = Path(started.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "account_id,cluster_id,reason"
    assert [line.split(",")[0] for line in lines[1:]] == ["north-1", "north-2"]
    assert all("'=same card" in line for line in lines[1:])  # no spreadsheet runs it
    case.reload()
    case.get_by_role("button", name="Remove north-1").click()
    expect(case.get_by_role("heading", name="Action list: 1 account of 1 cluster")).to_be_visible()
    case.get_by_role("button", name="Clear the list").click()
    expect(case.get_by_text("No account is on the list.")).to_be_visible()
