"""The report in Chromium: hostile names run nothing, nothing asks the network, and it is accessible."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import graphlink
from graphlink.report import write_report
from tests.browser.conftest import PATIENCE_MS

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.result.result import Result

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

HOSTILE = (
    "<script>window.__pwn=1</script>",
    "</style></title><script>window.__pwn=1</script>",
    '"><img src=x onerror=window.__pwn=1>',
    "<svg onload=window.__pwn=1>",
    "<a href=javascript:window.__pwn=1>href</a>",
    "{{ 7 * 7 }}",
    "a\u202egnp.exe",
)


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [
        (account, kind, value, f"2026-03-0{day}T10:00:00Z")
        for account in HOSTILE
        for day in (1, 2, 3)
        for kind, value in (("payment", HOSTILE[0]), ("api_key", HOSTILE[2]), ("handle", HOSTILE[4]))
    ]
    rows += [(f"p{i}", "payment", f"card{i}", "2026-03-01T10:00:00Z") for i in range(300)]
    frame = pd.DataFrame(rows, columns=["account_id", "kind", "value", "seen_at"])
    made = write_report(graphlink.run(frame), tmp_path_factory.mktemp("hostile") / "r")
    assert made.entries
    return made.folder


@pytest.fixture(scope="module")
def sample_folder(sample_result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(sample_result, tmp_path_factory.mktemp("sample") / "r").folder


class Opened:
    """A page that was opened, with what it asked for and complained of."""

    def __init__(self, browser: Any, path: Path, **context: Any) -> None:
        self.page = browser.new_context(**context).new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.asked: list[str] = []
        self.faults: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: self.faults.append(dialog.message))
        self.page.goto(path.as_uri())


def pages_of(folder: Path) -> list[Path]:
    return [folder / "index.html", *sorted((folder / "clusters").iterdir())[:3]]


@pytest.mark.parametrize("bypass_csp", [False, True], ids=["policy", "no policy"])
def test_hostile_names_run_nothing(browser: Any, hostile_folder: Path, bypass_csp: bool) -> None:
    for path in pages_of(hostile_folder):
        opened = Opened(browser, path, bypass_csp=bypass_csp)
        for element in opened.page.locator("svg [class], td, li, a").all()[:60]:
            if element.is_visible():
                element.dispatch_event("mouseover")
        assert opened.page.evaluate("window.__pwn") is None
        assert opened.page.locator("main img, script, iframe, [onload], [onerror]").count() == 0
        assert opened.asked == [path.as_uri()]
        assert opened.faults == []


def test_hostile_names_are_shown_as_they_are(browser: Any, hostile_folder: Path) -> None:
    (page,) = (hostile_folder / "clusters").iterdir()
    shown = Opened(browser, page).page.inner_text("main")
    for name in HOSTILE[:6]:
        assert name in shown
    assert "a<U+202E>gnp.exe" in shown


def test_the_first_page_leads_to_every_cluster_and_back(browser: Any, sample_folder: Path) -> None:
    page = Opened(browser, sample_folder / "index.html").page
    page.click("table.clusters a >> nth=0")
    expect(page.locator("h2", has_text="Collateral of an action")).to_be_visible()
    page.click("text=All clusters")
    expect(page).to_have_url(re.compile(r"/index\.html$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(browser: Any, sample_folder: Path, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for path in pages_of(sample_folder)[:2]:
        # Its policy lets no foreign script in, so the check itself needs a way past it.
        opened = Opened(browser, path, bypass_csp=True, color_scheme=scheme)
        result = Axe().run(opened.page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:100]) for one in result] == []


def test_text_at_twice_the_size_needs_no_sideways_scrolling(browser: Any, sample_folder: Path) -> None:
    for path in pages_of(sample_folder)[:2]:
        # A window of 1280 points at 200 % has room for 640.
        page = Opened(browser, path, viewport={"width": 640, "height": 450}, device_scale_factor=2).page
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0


@pytest.mark.parametrize("width", [1440, 1024, 400])
def test_charts_are_whole_and_readable_at_every_width(browser: Any, sample_folder: Path, width: int) -> None:
    page = Opened(browser, pages_of(sample_folder)[1], viewport={"width": width, "height": 900}).page
    charts = page.evaluate(
        """() => [...document.querySelectorAll("main section svg")].filter((one) => one.clientWidth)
          .map((one) => {
          const box = one.getBoundingClientRect();
          const texts = [...one.querySelectorAll("text")].map((text) => text.getBoundingClientRect());
          const room = one.closest("section").clientWidth;
          return {left: box.left, right: box.right, share: box.width / room,
            height: Math.min(...texts.map((text) => text.height)),
            cut: texts.filter((text) => text.left < 0 || text.right > innerWidth).length};
        })"""
    )
    assert len(charts) == 3
    for chart in charts:
        assert 0 <= chart["left"] < chart["right"] <= width
        assert chart["cut"] == 0
        assert chart["share"] > (0.98 if width == 1440 else 0.85)
        assert chart["height"] >= 10, "letters are not shrunk with the drawing"


@pytest.mark.parametrize("width", [1440, 1024])
def test_no_first_card_is_mostly_empty(browser: Any, sample_folder: Path, width: int) -> None:
    for path in pages_of(sample_folder)[:2]:
        page = Opened(browser, path, viewport={"width": width, "height": 900}).page
        empty = page.evaluate(
            """() => {
              const cards = [...document.querySelectorAll(".cards .card")];
              const area = (one) => one.offsetWidth * one.offsetHeight;
              const unused = cards.map((card) => {
                const last = card.lastElementChild.getBoundingClientRect().bottom;
                return card.offsetWidth * Math.max(0, card.getBoundingClientRect().bottom - last - 14);
              });
              return unused.reduce((a, b) => a + b, 0) / cards.reduce((sum, one) => sum + area(one), 0);
            }"""
        )
        assert empty < 0.35


@pytest.mark.parametrize("width", [1440, 1024, 400])
def test_no_card_lies_over_another(browser: Any, sample_folder: Path, width: int) -> None:
    """Below 700 pixels all cards once had one place of the grid: the last hid confidence and doubt."""
    for path in pages_of(sample_folder)[:2]:
        page = Opened(browser, path, viewport={"width": width, "height": 900}).page
        n_over = page.evaluate(
            """() => {
              const cards = [...document.querySelectorAll(".cards .card")];
              const boxes = cards.map((one) => one.getBoundingClientRect());
              const beside = (a, b) => a.right <= b.left || b.right <= a.left;
              const isOver = (a, b) => !beside(a, b) && a.top < b.bottom && b.top < a.bottom;
              return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => isOver(a, b))).length;
            }"""
        )
        assert page.locator(".cards .card").count() >= 4
        assert n_over == 0


def test_a_table_that_goes_on_to_the_right_shows_it(browser: Any, sample_folder: Path) -> None:
    page = Opened(browser, pages_of(sample_folder)[0], viewport={"width": 400, "height": 900}).page
    table = page.locator(".wide", has=page.locator("table.clusters")).first
    assert table.evaluate("(one) => one.scrollWidth > one.clientWidth")
    images = table.evaluate("(one) => getComputedStyle(one).backgroundAttachment")
    assert images == "local, scroll", "the shade at the edge goes where the table ends"


def test_what_could_be_harmless_is_marked_below_its_id_at_any_width(
    browser: Any, sample_folder: Path
) -> None:
    page = Opened(browser, pages_of(sample_folder)[0], viewport={"width": 400, "height": 900}).page
    badge = page.locator("table.clusters th .lead.undecided").first
    badge.scroll_into_view_if_needed()
    expect(badge).to_be_in_viewport(ratio=1)
    expect(badge).to_have_text(re.compile("^(could be harmless|undecided)$"))
    strong = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--strong').trim()")
    shown = badge.evaluate("(one) => getComputedStyle(one).color")
    red = tuple(int(strong[i : i + 2], 16) for i in (1, 3, 5))
    assert shown != f"rgb{red}"
