"""Two clusters side by side, and the accounts of a graph coloured by what they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import graphlink
from tests.browser.conftest import (
    BRIDGE,
    BUNDLE,
    Server,
    accounts,
    observations,
    serve,
    wait_for_case,
    wait_for_state,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

SHARED = "<i>build-7</i>"


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over two crews without the card of both; some of either have one build of a client."""
    if not BUNDLE.is_file():
        pytest.skip("the front end is not built (npm run build)")
    seen = observations()
    seen = seen[seen["value"] != BRIDGE]
    at = pd.Timestamp("2026-03-04 12:00", tz="UTC")
    build = [(name, "client", SHARED, at) for name in ("north-2", "north-3", "south-2", "home-1", "home-2")]
    seen = pd.concat([seen, pd.DataFrame(build, columns=seen.columns)])
    actual = accounts(seen)
    folder = tmp_path_factory.mktemp("apart") / "result"
    graphlink.run({"observations": seen, "accounts": actual}, out=folder)
    with serve(folder) as served:
        yield served


@pytest.fixture
def queue(open_page: Callable[..., Page], apart: Server) -> Page:
    """The queue of two clusters."""
    opened = open_page(apart)
    opened.goto(f"{apart.address}/#/queue")
    wait_for_state(opened)
    opened.locator("button.row-open").nth(1).wait_for()
    # Rows move once the index is ready, and a press beside a link would open a case.
    expect(opened.locator(".facets .unsighted").first).to_have_text(re.compile("%"))
    return opened


def wait_for_comparison(page: Page) -> None:
    page.locator(".compare-verdict li").first.wait_for()
    expect(page.locator(".compare")).to_contain_text("What both use")


def test_a_press_in_the_queue_compares_a_cluster_with_the_nearest(queue: Page) -> None:
    queue.get_by_role("link", name=re.compile("^Compare C-")).first.click()
    wait_for_comparison(queue)
    expect(queue.locator(".compare-verdict")).to_contain_text("Nothing that the run kept links")
    table = queue.locator(".compare-table")
    expect(table.locator("thead th")).to_have_count(2)
    for title in ("Accounts", "Since", "Through", "How sure", "What else"):
        row = table.get_by_role("row", name=re.compile(f"^{title}"))
        expect(row.locator("td")).to_have_count(2)
        expect(row.locator("td").first).not_to_have_text(re.compile(r"^\s*$"))
    both = queue.get_by_role("region", name="What both use")
    expect(both).to_contain_text(SHARED)


def test_from_a_case_to_the_comparison_and_back_by_keyboard(queue: Page) -> None:
    queue.locator("button.row-open").first.click()
    wait_for_case(queue)
    name = queue.locator(".case-title h2").inner_text()
    queue.get_by_role("link", name="Compare", exact=True).press("Enter")
    wait_for_comparison(queue)
    expect(queue.locator(".compare h2")).to_contain_text(f"{name} and C-")
    other = queue.locator(".compare h2").inner_text().partition(" and ")[2]
    queue.get_by_role("link", name="Swap").press("Enter")
    expect(queue.locator(".compare h2")).to_have_text(f"{other} and {name}")
    queue.locator(".compare-table thead a").first.press("Enter")
    expect(queue.locator(".case-title h2")).to_have_text(other)


def test_the_clusters_compared_are_in_the_address(queue: Page) -> None:
    queue.get_by_role("link", name=re.compile("^Compare C-")).first.click()
    wait_for_comparison(queue)
    chooser = queue.get_by_label("Compare with")
    chosen = chooser.input_value()
    chooser.select_option(chosen)
    queue.reload()
    wait_for_comparison(queue)
    expect(queue.get_by_label("Compare with")).to_have_value(chosen)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 400])
def test_axe_finds_nothing_side_by_side(queue: Page, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    queue.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # the two names of the parameter
    queue.set_viewport_size({"width": width, "height": 900})
    queue.get_by_role("link", name=re.compile("^Compare C-")).first.press("Enter")
    wait_for_comparison(queue)
    assert queue.evaluate("document.documentElement.scrollWidth <= innerWidth")
    result = axe.Axe().run(queue).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in result] == []


def test_accounts_are_coloured_by_their_status_and_a_class_is_marked(queue: Page) -> None:
    queue.locator("button.row-open").first.click()
    wait_for_case(queue)
    queue.get_by_label("Colour accounts by").select_option("status")
    classes = queue.get_by_role("list", name="Classes of accounts by status")
    expect(classes.locator("li").first).to_be_visible()
    titles = classes.locator("bdi").all_inner_texts()
    assert titles == ["<i>active</i>", "banned"], "the more frequent first"
    counts = [int(text) for text in classes.locator(".quiet").all_inner_texts()]
    assert sum(counts) == 8, "all accounts of the crew are in a class"
    first = classes.get_by_role("button").first
    first.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(queue.get_by_role("button", name="Unmark")).to_be_visible()
    expect(queue.locator(".announcement")).to_contain_text("marked: status")
    first.press("Enter")
    expect(queue.get_by_role("button", name="Unmark")).to_have_count(0)
    queue.reload()
    wait_for_case(queue)
    expect(queue.get_by_label("Colour accounts by")).to_have_value("status")


def test_a_picture_has_the_colours_and_letters_of_the_classes(queue: Page) -> None:
    queue.locator("button.row-open").first.click()
    wait_for_case(queue)
    queue.get_by_label("Colour accounts by").select_option("first_seen")
    expect(
        queue.get_by_role("list", name="Classes of accounts by first seen").locator("li").first
    ).to_be_visible()
    queue.get_by_role("button", name="Export").click()
    with queue.expect_download() as started:
        queue.get_by_role("button", name="SVG").click()
    svg = started.value.path().read_text(encoding="utf-8")
    assert re.search(r'fill="#c2480c"', svg), "the colour of the first step"
    assert re.search(r"<text[^>]*>1</text>", svg)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_coloured_graph(queue: Page, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    queue.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # the two names of the parameter
    queue.locator("button.row-open").first.click()
    wait_for_case(queue)
    queue.get_by_label("Colour accounts by").select_option("state")
    queue.get_by_role("list", name="Classes of accounts by open or closed").get_by_role("button").first.press(
        "Enter"
    )
    result = axe.Axe().run(queue).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in result] == []
