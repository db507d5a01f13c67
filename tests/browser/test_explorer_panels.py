"""The panels of a case: infrastructure, who came back, folding and parts in the graph, keyboard, widths."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import graphlink
from tests.browser.conftest import BUNDLE, accounts, observations, serve, wait_for_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import Server

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

N_WEAK = 45


@pytest.fixture(scope="module")
def full_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over the world in which members of the crews also meet on many addresses in twos."""
    if not BUNDLE.is_file():
        pytest.skip("the front end is not built (npm run build)")
    seen = observations()
    days = pd.date_range("2026-03-02", periods=12, freq="D", tz="UTC")
    rows = [
        (f"{crew}-{i % 4}", "ip", f"45.12.{place}.{i}", days[i % 12] + pd.Timedelta(hours=2 * (i % 4 + j)))
        for place, crew in enumerate(("north", "south"))
        for i in range(N_WEAK)
        for j in (0, 1)
    ]
    rows += [
        (f"{crew}-{(i + 1) % 4}", "ip", f"45.12.{place}.{i}", days[i % 12] + pd.Timedelta(hours=2))
        for place, crew in enumerate(("north", "south"))
        for i in range(N_WEAK)
    ]
    weak = pd.DataFrame(rows, columns=seen.columns)
    both = pd.concat([seen, weak], ignore_index=True)
    folder = tmp_path_factory.mktemp("full") / "result"
    graphlink.run({"observations": both, "accounts": accounts(both)}, out=folder)
    with serve(folder) as running:
        yield running


@pytest.fixture
def full(open_page: Callable[..., Page], full_server: Server) -> Page:
    page = open_page(full_server)
    page.goto(f"{full_server.address}/#/queue")
    page.locator("button.row-open").first.click()
    wait_for_case(page)
    return page


def shown(page: Page) -> tuple[int, int]:
    """How many nodes are drawn, and of how many."""
    drawn, whole = re.findall(r"[\d,]+", page.locator(".shown-count").inner_text())[:2]
    return int(drawn.replace(",", "")), int(whole.replace(",", ""))


def expect_shown(page: Page, drawn: int, whole: int) -> None:
    """Waits until so many nodes are drawn, of so many."""
    expect(page.locator(".shown-count")).to_have_text(re.compile(f"^{drawn:,} of {whole:,} nodes"))


def test_what_ties_little_is_folded_and_comes_back(full: Page) -> None:
    note = full.locator(".graph-note")
    expect(note).to_contain_text(re.compile(r"Folded: \d+ further addresses"))
    n_folded = sum(map(int, re.findall(r"(\d+) (?:further|of other)", note.inner_text())))
    drawn, whole = shown(full)
    assert whole - drawn == n_folded > 30
    full.get_by_role("button", name="Draw them").click()
    expect_shown(full, whole, whole)
    expect(full).to_have_url(re.compile("whole=1"))
    full.reload()
    expect_shown(full, whole, whole)
    full.get_by_role("button", name="Fold what ties little").click()
    expect_shown(full, drawn, whole)


def test_a_folded_identifier_is_drawn_while_it_is_selected(full: Page) -> None:
    before, whole = shown(full)
    full.get_by_role("tab", name="Evidence").click()
    full.locator(".side button.row-open", has_text="45.12.").last.click()
    full.get_by_role("button", name="Recompute without it").wait_for()
    expect_shown(full, before + 1, whole)


def test_the_parts_without_what_holds_it_are_said_and_drawn(case: Page) -> None:
    note = case.locator(".split-note")
    expect(note).to_contain_text("Falls into 8 + 8 accounts without")
    expect(note).to_contain_text("card-bridge")
    case.get_by_role("button", name="Show the parts").click()
    expect(case.get_by_role("button", name="Hide the parts")).to_have_attribute("aria-pressed", "true")
    with case.expect_download() as started:
        case.get_by_role("button", name="Export").click()
        case.get_by_role("button", name="SVG").click()
    drawing = started.value.path().read_text(encoding="utf-8")
    parts = re.findall(r"<text[^>]*>([12])</text>", drawing)
    assert sorted(parts) == ["1"] * 8 + ["2"] * 8, "each account has the number of its part"


@pytest.mark.parametrize("width", [1440, 400])
def test_labels_lie_over_no_other_label(full: Page, width: int) -> None:
    full.set_viewport_size({"width": width, "height": 900})
    with full.expect_download() as started:
        full.get_by_role("button", name="Export").click()
        full.get_by_role("button", name="SVG").click()
    drawing = started.value.path().read_text(encoding="utf-8")
    labels = [
        (float(x), float(y), len(unescape(text)))
        for x, y, text in re.findall(
            r'<text x="([-\d.]+)" y="([-\d.]+)"[^>]*paint-order[^>]*>([^<]*)<', drawing
        )
    ]
    assert len(labels) >= 20
    for i, (x, y, n) in enumerate(labels):
        for other_x, other_y, other_n in labels[:i]:
            is_beside = x + 6.6 * n <= other_x + 0.1 or other_x + 6.6 * other_n <= x + 0.1
            assert is_beside or abs(y - other_y) >= 15.9


def test_infrastructure_lists_whose_it_is_and_who_else_uses_it(case: Page) -> None:
    case.locator(".brief").get_by_role("button", name="Infrastructure").click()
    expect(case).to_have_url(re.compile("table=infrastructure"))
    rows, heads = case.locator(".side tbody tr"), case.locator(".side th")
    for place, title in enumerate(("Through", "It is", "Members", "Others", "p(exclusive)")):
        expect(heads.nth(place)).to_have_text(re.compile(f"^{re.escape(title)}"))
    rows.first.wait_for()
    values = case.locator(".side tbody .row-open .name").all_inner_texts()
    assert set(values) >= {f"203.0.113.{day}" for day in range(2, 14)}
    chip = case.locator(".side").get_by_role("button", name=re.compile(r"^(own|shared) address \(\d+\)"))
    n = int(re.findall(r"\((\d+)\)", chip.first.inner_text())[0])
    chip.first.click()
    expect(rows).to_have_count(n)
    rows.first.locator(".row-open").click()
    case.get_by_role("button", name="Recompute without it").wait_for()


def test_who_came_back_is_one_press(open_page: Callable[..., Page], returned_server: Any) -> None:
    page = open_page(returned_server)
    page.goto(f"{returned_server.address}/#/queue")
    page.locator("button.row-open").first.click()
    page.locator(".brief").get_by_role("button", name="Which").click()
    expect(page.locator(".side .table-caption")).to_have_text("1 opened soon after a closing")
    expect(page.locator(".side tbody .row-open .name")).to_have_text(["south-2"])


def focused(page: Page) -> str:
    """Where the focus is: the nearest panel, or group of controls."""
    where: str = page.evaluate(
        """() => {
          const at = document.activeElement;
          const box = at.closest(".explain, .graph-panel, .timeline, .side, .case-head, .top, .skip");
          return box ? box.className.split(" ")[0] : at.tagName;
        }"""
    )
    return where


def test_tab_goes_from_panel_to_panel(case: Page) -> None:
    case.locator(".side button.row-open[tabindex='-1']").first.wait_for()  # the rows are one stop by now
    case.locator("#content").focus()
    seen: list[str] = []
    for _ in range(80):
        case.keyboard.press("Tab")
        where = focused(case)
        if not seen or seen[-1] != where:
            seen.append(where)
        if where == "side":
            break
    assert seen[-1] == "side", "every panel is reached by few presses"
    assert [one for one in seen if one != "BODY"] == [
        "case-head",
        "explain",
        "graph-panel",
        "timeline",
        "side",
    ]
    for _ in range(8):
        case.keyboard.press("Tab")
        if case.evaluate("document.activeElement.matches('.side button.row-open')"):
            break
    rows = case.locator(".side button.row-open")
    expect(rows.nth(0)).to_be_focused()
    case.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    case.keyboard.press("ArrowUp")
    expect(rows.nth(0)).to_be_focused()
    case.keyboard.press("Tab")
    expect(rows.nth(0)).not_to_be_focused()
    expect(case.locator(".side button.row-open:focus"), "one stop for all rows").to_have_count(0)


def test_the_keys_of_the_help_step_through_the_queue(case: Page) -> None:
    case.evaluate("document.querySelector('#content').focus()")
    case.keyboard.press("?")
    sheet = case.get_by_role("dialog", name="Keys")
    for key, words in (("Shift+J", "next cluster"), ("Shift+K", "previous cluster")):
        entry = sheet.locator("div", has=case.locator("kbd", has_text=key)).last
        expect(entry).to_contain_text(words)


def top_of(page: Page, selector: str) -> float:
    """How far down the page the first element begins, in pixels."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None, f"{selector} is not visible"
    return box["y"]


def test_on_a_small_screen_filters_fold_and_the_why_comes_first(
    open_page: Callable[..., Page], server: Any
) -> None:
    page = open_page(server, viewport={"width": 400, "height": 800})
    page.goto(f"{server.address}/#/queue")
    row = page.locator("button.row-open").first
    row.wait_for()
    expect(page.locator("select[name=hypothesis]")).to_be_hidden()
    assert top_of(page, "button.row-open") < 500
    page.get_by_text("Filters", exact=True).click()
    expect(page.locator("select[name=hypothesis]")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"^\d+ more columns"))).to_be_visible()
    row.click()
    wait_for_case(page)
    tops = [top_of(page, name) for name in (".brief", ".explain", ".graph-panel", ".side")]
    assert tops == sorted(tops)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_columns_beyond_the_edge_are_counted_and_reached(case: Page) -> None:
    hint = case.locator(".side .beyond")
    expect(hint).to_have_text(re.compile(r"^\d+ more columns? "))
    before = int(re.findall(r"\d+", hint.inner_text())[0])
    hint.click()
    expect(hint).not_to_have_text(re.compile(rf"^{before} "))


@pytest.fixture(scope="module")
def old_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over the world in which one address was seen two years before everything else."""
    if not BUNDLE.is_file():
        pytest.skip("the front end is not built (npm run build)")
    seen = observations()
    old = pd.Timestamp("2024-03-02 09:00", tz="UTC")
    rows = [(account, "ip", "203.0.113.2", old) for account in ("north-1", "north-2")]
    both = pd.concat([pd.DataFrame(rows, columns=seen.columns), seen], ignore_index=True)
    folder = tmp_path_factory.mktemp("old") / "result"
    graphlink.run({"observations": both, "accounts": accounts(both)}, out=folder)
    with serve(folder) as running:
        yield running


def test_an_old_row_does_not_set_the_scale_and_is_one_press_away(
    open_page: Callable[..., Page], old_server: Server
) -> None:
    page = open_page(old_server)
    page.goto(f"{old_server.address}/#/queue")
    label = page.locator(".queue .spark").first
    label.wait_for()
    expect(label).to_have_attribute("aria-label", re.compile("2 earlier observations are not drawn"))
    page.locator(".queue .spark .earlier").first.wait_for(state="attached")
    page.locator("button.row-open").first.click()
    overview = page.locator(".overview")
    expect(overview).to_have_attribute("aria-label", re.compile(r"^Activity from 2026-0[23]"))
    page.get_by_role("button", name="2 earlier, since 2024-03-02").click()
    expect(overview).to_have_attribute("aria-label", re.compile(r"^Activity from 2024-03-02"))
    expect(page).to_have_url(re.compile("time=all"))
    page.get_by_role("button", name="Only the bulk").click()
    expect(overview).to_have_attribute("aria-label", re.compile(r"^Activity from 2026-0[23]"))
