"""What the explorer shows when something is missing: the server, WebGL, an answer, room, a pointer, sight."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import graphlink
from tests.browser.conftest import open_view

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page, Route

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

GONE = (
    r"Failed to load resource|ERR_CONNECTION|503"  # what Chromium tells the console of a server that is gone
)
NO_WEBGL = """
const real = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return /webgl/.test(kind) ? null : real.call(this, kind, ...rest);
};
"""
NO_CANVAS = "HTMLCanvasElement.prototype.getContext = () => null;"


def open_case(page: Page, address: str) -> None:
    page.goto(f"{address}/#/queue")
    page.locator("button.row-open").first.click()
    page.locator(".case .side button.row-open").first.wait_for()


def wait_for_all(page: Page) -> None:
    """Until nothing is asked any more: a server that stops in the middle of one answers with a fault."""
    page.get_by_role("application").wait_for()
    page.get_by_role("region", name="Timeline").wait_for()
    page.locator(".explain .sentences, .explain .facts").first.wait_for()
    page.wait_for_load_state("networkidle")


def test_a_server_that_goes_is_reported_and_one_that_is_back_is_requested_again(
    open_page: Callable[..., Page], start_server: Any, world: Path
) -> None:
    with start_server(world) as first:
        page = open_page(first, expected=GONE + "|outside: |401")
        open_case(page, first.address)
        wait_for_all(page)
        port = int(first.address.rpartition(":")[2])
        first.process.terminate()
        first.process.wait()
        page.locator(".side button.row-open", has_text="north-1").click()
        page.get_by_text("The server does not answer.").first.wait_for()
        page.get_by_text("Start graphlink explore again").first.wait_for()
        expect(page.locator(".side button.row-open")).to_have_count(16)  # what was shown stays
    with start_server(world, port) as second:
        page.get_by_text("The server does not know this page").wait_for()
        page.context.set_extra_http_headers({"Authorization": f"Bearer {second.token}"})
        page.get_by_role("button", name="load this view again").click()
        page.get_by_role("heading", name="Why north-1 is here").wait_for()
        expect(page.get_by_text("The server does not answer.")).to_have_count(0)
        wait_for_all(page)


def test_an_answer_that_failed_can_be_requested_again(open_page: Callable[..., Page], server: Any) -> None:
    page = open_page(server, expected="500|Failed to load")
    fault = '{"error": {"code": "fault", "message": "it failed"}}'
    page.route("**/timeline*", lambda route: route.fulfill(status=500, body=fault), times=1)
    open_case(page, server.address)
    page.get_by_text("it failed").wait_for()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("region", name="Timeline").wait_for()


def test_without_webgl_a_canvas_draws_the_graph(open_page: Callable[..., Page], server: Any) -> None:
    page = open_page(server)
    page.add_init_script(NO_WEBGL)
    open_case(page, server.address)
    page.locator(".graph-box[data-renderer=canvas]").wait_for()
    inked = """async () => {
      for (let turn = 0; turn < 300; turn++) {
        const canvas = document.querySelector(".graph-canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        if (data.some((value) => value > 0)) return true;
        await new Promise(requestAnimationFrame);
      }
      return false;
    }"""
    assert page.evaluate(inked)


def test_without_any_canvas_the_tables_keep_working(open_page: Callable[..., Page], server: Any) -> None:
    page = open_page(server)
    page.add_init_script(NO_CANVAS)
    open_case(page, server.address)
    page.get_by_text("The graph can't be drawn in this browser").wait_for()
    page.locator(".side button.row-open", has_text="north-1").click()
    page.get_by_role("heading", name="Why north-1 is here").wait_for()


def as_a_large_cluster(page: Page) -> None:
    """The server is asked for a picture of few nodes: the cluster is too large for it."""

    def ask_for_less(route: Route) -> None:
        joint = "&" if "?" in route.request.url else "?"
        route.continue_(url=f"{route.request.url}{joint}max_nodes=10")

    page.route(re.compile(r"/clusters/[^/]+/graph"), ask_for_less)


def test_a_large_cluster_opens_as_a_map_of_its_parts(page: Page) -> None:
    as_a_large_cluster(page)
    page.locator("button.row-open").first.click()
    page.locator(".large-note").wait_for()
    groups = page.locator(".legend button", has_text="group")
    n_groups = int(groups.locator(".quiet").inner_text())
    assert n_groups >= 2
    page.locator(".graph-box").focus()
    page.keyboard.press("]")  # the strongest of all: a group
    page.locator(".explain button", has_text="Open it in the graph").click()
    page.locator(".legend button", has_text="account").wait_for()
    page.locator(".announcement", has_text="neighbours added").wait_for()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".legend button", has_text="account")).to_have_count(0)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of accounts that share nothing."""
    folder = tmp_path_factory.mktemp("empty") / "result"
    rows = [(f"a{i}", "ip", f"198.51.100.{i}", "2026-03-02T10:00:00Z") for i in range(8)]
    graphlink.run(pd.DataFrame(rows, columns=["account_id", "kind", "value", "seen_at"]), out=folder)
    return folder


def test_an_empty_result_states_so_everywhere(
    open_page: Callable[..., Page], start_server: Any, empty: Path
) -> None:
    with start_server(empty) as running:
        page = open_page(running, expected="ERR_CONNECTION")  # the server goes before the page
        page.goto(f"{running.address}/#/queue")
        page.get_by_text("The run has no clusters.").wait_for()
        page.goto(f"{running.address}/#/map")
        page.get_by_text("The run has no clusters.").wait_for()
        page.locator("#search").fill("nobody")
        page.get_by_text("Nothing begins like this").wait_for()
        page.goto(f"{running.address}/#/account/a1")
        page.get_by_text("It shares nothing with any other account.").wait_for()


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("cluster/C-none", "There is no cluster C-none"),
        ("account/nobody", "There is no answer for the account."),
        ("identifier/i:ip:192.0.2.99", "There is no answer for the identifier."),
        ("identifier/i:%25E0%25A4:x", "There is no answer for the identifier."),
        ("cluster/%E0%A4%A", "There is no cluster"),
    ],
)
def test_what_the_result_does_not_hold_is_reported(
    open_page: Callable[..., Page], server: Any, view: str, words: str
) -> None:
    page = open_page(server, expected="404|Failed to load")
    page.goto(f"{server.address}/#/{view}")
    page.get_by_text(words).first.wait_for()
    expect(page.get_by_text("This view can't be shown")).to_have_count(0)


def test_filters_that_nothing_passes_state_so(page: Page) -> None:
    page.locator("input[name=q]").fill("nobody at all")
    page.get_by_text("No cluster passes these filters.").wait_for()


def test_tabs_are_walked_by_arrows(case: Page) -> None:
    case.get_by_role("tab", name="Why").focus()
    case.keyboard.press("ArrowRight")
    focused = case.locator(".explain [role=tab]:focus")
    expect(focused).to_have_text("Depends on")
    case.keyboard.press("End")
    expect(focused).to_have_text("What if")
    case.keyboard.press("ArrowRight")
    expect(focused).to_have_text("Why")
    expect(case.get_by_role("tab", name="Why", exact=True)).to_have_attribute("aria-selected", "true")


def test_every_control_can_be_reached_and_is_named(case: Page) -> None:
    seen = case.evaluate("""() => {
      const controls = document.querySelectorAll("button, a[href], input, select, [tabindex='0']");
      return [...controls].filter((one) => one.checkVisibility()).map((one) => ({
        name: one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent,
        html: one.outerHTML.slice(0, 120),
        height: one.getBoundingClientRect().height,
      }));
    }""")
    assert [one["html"] for one in seen if not str(one["name"] or "").strip()] == []
    assert len(seen) > 40


def test_the_keyboard_walks_the_graph_and_states_where_it_is(case: Page) -> None:
    graph = case.get_by_role("application")
    graph.focus()
    case.keyboard.press("]")
    actual = case.locator(".announcement")
    expect(actual).to_have_text(re.compile("^Selected"))
    first = actual.inner_text()
    case.keyboard.press("]")
    expect(actual).not_to_have_text(first)
    for key in ("ArrowLeft", "Shift+ArrowUp", "+", "-", "0", "f"):
        case.keyboard.press(key)
    case.keyboard.press("Control+a")
    expect(actual).to_have_text(re.compile(r"^\d+ selected"))
    case.keyboard.press("Escape")
    expect(actual).to_have_text(re.compile("^Nothing selected"))


def test_the_tables_hold_all_that_the_picture_holds(case: Page, server: Any) -> None:
    label = str(case.locator(".graph-box").get_attribute("aria-label"))
    match = re.match(r"Graph of (\d+) accounts, (\d+) other nodes", label)
    assert match
    expect(case.locator(".side tbody tr")).to_have_count(int(match[1]))
    case.get_by_role("tab", name="Evidence").click()
    case.locator(".side caption", has_text="Evidence").wait_for(state="attached")
    case.locator(".side tbody tr").nth(int(match[2]) - 1).wait_for()  # and maybe more


@pytest.mark.parametrize("view", ["queue", "case", "map", "list"])
def test_twice_the_size_needs_one_direction_of_scrolling(page: Page, view: str) -> None:
    page.set_viewport_size({"width": 640, "height": 480})  # 1280 wide at 200 %
    open_view(page, view)
    if view == "case":
        page.get_by_role("button", name="Export").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    assert page.evaluate("document.querySelector('main').scrollWidth") <= 640
