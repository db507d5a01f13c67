"""Journeys through the explorer in a real browser, over the real server and a small world made by hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import hold, open_view

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

FRONT_END = Path(__file__).parents[2] / "frontend" / "src"
BRIDGE = "card-bridge"


def test_from_the_queue_to_why_two_accounts_are_linked(case: Page) -> None:
    case.get_by_role("heading", name="Why this cluster").wait_for()
    case.locator(".side button.row-open", has_text="north-1").click()
    case.get_by_role("heading", name=re.compile("Why north-1 is here")).wait_for()
    case.locator(".side button.row-open", has_text="north-2").click(modifiers=["Shift"])
    steps = case.locator(".waterfall li")
    steps.first.wait_for()
    listed = [float(text.replace("\u2212", "-")) for text in case.locator(".fall-head b").all_inner_texts()]
    assert len(listed) >= 3
    assert sum(listed[:-1]) == pytest.approx(listed[-1], abs=0.1 * len(listed))


def test_from_search_to_a_path(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("north-1")
    page.locator(".hits li", has_text="north-1").first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=re.compile("Why north-1 is here")).wait_for()
    page.locator(".side button.row-open", has_text="south-1").click(modifiers=["Shift"])
    page.locator(".path .hop").first.wait_for()
    page.get_by_role("button", name="Show in the graph").first.click()
    page.get_by_role("button", name="Unmark").wait_for()


def test_enter_waits_for_the_hits_of_what_is_typed(page: Page) -> None:
    held = hold(page, r"/search\?q=north-2$")
    page.keyboard.press("/")
    page.keyboard.type("north")
    page.locator(".hits li", has_text="north-0").wait_for()
    with page.expect_request(re.compile(r"q=north-2$")):
        page.keyboard.type("-2")
    page.keyboard.press("Enter")
    page.locator(".hits.stale").wait_for()
    assert "#/queue" in page.url
    held[0].continue_()
    page.get_by_role("heading", name="Why north-2 is here").wait_for()


def test_who_types_on_after_enter_is_not_taken_elsewhere(page: Page) -> None:
    hold(page, r"/search\?q=north-2$")
    page.keyboard.press("/")
    with page.expect_request(re.compile(r"q=north-2$")):
        page.keyboard.type("north-2")
    page.keyboard.press("Enter")
    page.keyboard.type("-nobody")
    page.get_by_text("Nothing begins like this").wait_for()
    page.unroute_all(behavior="ignoreErrors")
    for _ in "-nobody":
        page.keyboard.press("Backspace")
    page.locator(".hits:not(.stale) li", has_text="north-2").wait_for()
    assert "#/queue" in page.url


def test_arrows_in_the_hits_go_before_the_best_hit(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("north")
    page.locator(".hits:not(.stale) li").nth(1).wait_for()
    page.keyboard.press("ArrowDown")
    second = page.locator(".hits li").nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    name = second.locator(".name").inner_text()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=f"Why {name} is here").wait_for()


def test_search_within_a_case_selects_there_and_back_goes_back(case: Page) -> None:
    for name in ("north-1", "south-2"):
        case.locator("#search").fill(name)
        case.keyboard.press("Enter")
        case.get_by_role("heading", name=f"Why {name} is here").wait_for()
        expect(case.locator("tr.chosen .row-open .name")).to_have_text([name])
    case.go_back()
    case.get_by_role("heading", name="Why north-1 is here").wait_for()
    expect(case.locator("tr.chosen .row-open .name")).to_have_text(["north-1"])


def test_what_if_without_the_card_of_both_crews_the_cluster_splits(case: Page) -> None:
    case.locator(".brief", has_text="16 accounts").wait_for()
    case.get_by_role("tab", name="Evidence").click()
    case.locator(".side button.row-open", has_text=BRIDGE).click()
    case.get_by_role("button", name="Recompute without it").click()
    expect(case.locator(".outcome .bar-text")).to_have_text(["8 accounts", "8 accounts"])


def test_what_if_without_any_evidence_all_accounts_are_in_no_group(case: Page) -> None:
    case.get_by_role("tab", name="What if").click()
    boxes = case.locator(".choices fieldset input")
    boxes.first.wait_for()
    for number in range(boxes.count()):
        boxes.nth(number).check()
    case.locator(".outcome li", has_text="16 accounts in no group").wait_for()


def test_the_bits_slider_shows_what_the_cluster_falls_into(case: Page) -> None:
    verdict = case.locator(".slider output")
    expect(verdict).to_have_text("one component")
    case.locator(".slider input").focus()
    case.keyboard.press("End")
    expect(case).to_have_url(re.compile("min="))
    expect(verdict).to_contain_text("component")


def test_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator(".case .side button.row-open").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator(".explain h3", has_text="is here").wait_for()
    page.keyboard.press("2")
    page.locator(".explain h3", has_text="What would drop").wait_for()
    page.locator(".graph-box").focus()
    shown = page.locator(".shown-count")
    n_before = shown.inner_text()
    page.keyboard.press("h")
    expect(shown).not_to_have_text(n_before)
    page.keyboard.press("Control+z")
    expect(shown).to_have_text(n_before)
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.locator(".queue").wait_for()


def test_a_reload_keeps_the_view(case: Page) -> None:
    shown, chosen = case.locator(".shown-count"), case.locator("tr.chosen .row-open .name")
    whole = shown.inner_text()
    case.locator(".side button.row-open", has_text="north-1").click()
    case.get_by_role("tab", name="Depends on").click()
    case.locator(".legend button", has_text="ip").first.click()
    expect(shown).not_to_have_text(whole)
    expect(chosen).to_have_text(["north-1"])
    expect(case).to_have_url(re.compile("select=a%3Anorth-1"))
    n_shown = shown.inner_text()
    case.reload()
    case.locator(".explain h3", has_text="What would drop north-1").wait_for()
    expect(shown).to_have_text(n_shown)
    expect(chosen).to_have_text(["north-1"])


def test_filters_of_the_queue_are_in_the_address(page: Page) -> None:
    page.locator("input[name=min_size]").fill("1000")
    page.locator(".table-empty").wait_for()
    expect(page).to_have_url(re.compile("min_size=1000"))
    page.get_by_role("button", name="Clear filters").click()
    page.locator("button.row-open").first.wait_for()


@pytest.mark.parametrize("renderer", ["canvas", "webgl"])
def test_hostile_names_are_shown_and_run_nowhere(case: Page, renderer: str) -> None:
    case.goto(f"{case.url}?renderer={renderer}")
    case.reload()
    case.locator(".side button.row-open").first.wait_for()
    for place in range(case.locator(".side button.row-open").count()):
        case.locator(".side button.row-open").nth(place).click()
        case.locator(".explain .facts").wait_for()
    names = " ".join(case.locator(".side .name").all_inner_texts())
    assert "<img src=x" in names, "and so all names are there: one answer brings them"
    assert "U+202E" in names
    assert "U+2028" in names
    assert "\u202e" not in case.locator("body").inner_text()
    assert not case.locator("#app img").count()
    for kind in ("Evidence", "Links"):
        case.get_by_role("tab", name=kind).click()
        case.locator(".side caption", has_text=kind).wait_for(state="attached")
        case.locator(".side button.row-open").first.click()
    case.goto(case.url.split("#")[0] + "#/map")
    case.locator(".map-grid button.row-open").first.wait_for()


def test_a_csv_is_safe_in_a_spreadsheet(case: Page) -> None:
    with case.expect_download() as started:
        case.locator(".side").get_by_role("button", name="CSV").click()
    text = Path(started.value.path()).read_text(encoding="utf-8")
    assert "'=HYPERLINK(1)" in text
    assert "\n=HYPERLINK" not in text


def test_what_is_not_there_is_reported(page: Page) -> None:
    address = page.url.split("#")[0]
    for view, words in (("nowhere", "There is no such view"), ("list", "A list of accounts")):
        page.goto(f"{address}#/{view}")
        page.get_by_text(words).first.wait_for()
    page.goto(f"{address}#/list")
    page.locator("#list-text").fill("north-1, nobody-at-all\nsouth-2")
    page.get_by_role("button", name="Look up").click()
    page.get_by_text("2 ids found, 1 unknown").wait_for()


@pytest.mark.parametrize("view", ["queue", "case", "map", "list"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, view: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a text of the parameters
    open_view(page, view)
    result = axe.Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in result] == []


def test_a_wide_text_size_scrolls_in_one_direction_only(page: Page) -> None:
    page.set_viewport_size({"width": 720, "height": 450})  # what 200 % leaves of a small screen
    open_view(page, "case")
    assert page.evaluate("document.documentElement.scrollWidth") <= 720


@pytest.mark.skipif(not FRONT_END.is_dir(), reason="no checkout: the front end has no sources here")
def test_no_source_writes_markup() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|document\.write|eval\(|DOMParser"
    )
    text = [
        f"{path.name}: {match.group()}"
        for path in FRONT_END.rglob("*.ts*")
        for match in forbidden.finditer(path.read_text(encoding="utf-8"))
    ]
    assert text == []
    assert len(list(FRONT_END.rglob("*.tsx"))) > 5
