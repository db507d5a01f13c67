"""Journeys through the explorer in a real browser, over the real server and a small world made by hand.

The world has two crews of accounts, each with its own card and address, and one card that both use; some
names in it are markup, marks that turn the reading order, and longer than any name should be.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import graphlink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

FRONT_END = Path(graphlink.__file__).parent / "view" / "frontend" / "src"
BUNDLE = Path(graphlink.__file__).parent / "view" / "static" / "explorer.js"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_MS = 30_000  # a busy machine is slow, not wrong

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH (apt-get install chromium)"),
    pytest.mark.skipif(not BUNDLE.is_file(), reason="the front end is not built (npm run build)"),
]

HOSTILE = (
    "<img src=x onerror=\"window.__pwn='img'\">",
    "</script><script>window.__pwn='script'</script>",
    'href="javascript:window.__pwn=1"',
    "abc\u202egpj.exe\u2066",
    "line\u2028break",
    "=HYPERLINK(1)\U0001f9ff",
    "long" * 120,
)
BRIDGE = "card-bridge"


def observations() -> pd.DataFrame:
    """Two crews of eight, each with a card and an address a day, and the card of both."""
    crews = [
        [*HOSTILE[:4], *(f"north-{i}" for i in range(4))],
        [*HOSTILE[4:], *(f"south-{i}" for i in range(5))],
    ]
    days = pd.date_range("2026-03-02", periods=12, freq="D", tz="UTC")
    rows = []
    for number, crew in enumerate(crews):
        for place, account in enumerate(crew):
            for day in days:
                at = day + pd.Timedelta(hours=9 + place)
                rows.append((account, "ip", f"203.0.113.{number * 20 + day.day}", at))
            rows.append((account, "payment", f"card-{number}", days[place % 12]))
            rows.append((account, "payment", BRIDGE, days[(place + 3) % 12]))
    for i in range(60):
        at = days[i % 12] + pd.Timedelta(hours=i % 20)
        rows.append((f"home-{i}", "ip", f"198.51.100.{i}", at))
        rows.append((f"home-{i}", "client", "<b>sdk</b>", at))
    return pd.DataFrame(rows, columns=["account_id", "kind", "value", "seen_at"])


def accounts(seen: pd.DataFrame) -> pd.DataFrame:
    """The table of accounts: two are banned, and a hostile text is among the attributes."""
    names = seen["account_id"].drop_duplicates()
    banned = names.isin(["north-1", "south-1"])
    closed = pd.Series(pd.NaT, index=names.index, dtype="datetime64[us, UTC]")
    closed[banned] = pd.Timestamp("2026-03-11", tz="UTC")
    status = banned.map({True: "banned", False: "<i>active</i>"})
    opened = pd.Timestamp("2026-03-01", tz="UTC")
    return pd.DataFrame({"account_id": names, "created_at": opened, "closed_at": closed, "status": status})


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server over the world, and its bearer token."""
    folder = tmp_path_factory.mktemp("explorer") / "result"
    seen = observations()
    graphlink.run({"observations": seen, "accounts": accounts(seen)}, out=folder)
    command = [sys.executable, "-m", "graphlink", "explore", str(folder), "--no-browser"]
    told = folder.parent / "told.txt"  # a file: nobody reads on, and a full pipe would stop the server
    with told.open("wb") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as server:
        assert server.stdout is not None
        try:
            address = server.stdout.readline().decode().strip()
            yield address.partition("/?")[0], token_of(told)
        finally:
            server.terminate()


def token_of(told: Path) -> str:
    """The bearer token, which is told right after the address."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if found := re.search(r"Bearer (\S+)\n", told.read_text(encoding="utf-8")):
            return found[1]
    raise AssertionError("the server told no token")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    flags = [
        "--no-sandbox",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
    ]
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, link: tuple[str, str]) -> Iterator[Page]:
    """A page that fails the test on any error, any request to elsewhere, and the tripwire."""
    address, token = link
    faults: list[str] = []
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, extra_http_headers={"Authorization": f"Bearer {token}"}
    )
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    opened.on("pageerror", lambda error: faults.append(f"error: {error}"))
    opened.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
    opened.on("response", lambda got: faults.append(got.url) if got.status >= 500 else None)
    opened.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((address, "blob:", "data:"))
            else faults.append(f"outside request: {asked.url}")
        ),
    )
    opened.goto(f"{address}/#/queue")
    opened.locator("button.row-open").first.wait_for()
    yield opened
    assert opened.evaluate("typeof window.__pwn") == "undefined"
    assert faults == []
    context.close()


def open_case(page: Page) -> None:
    page.locator("button.row-open").first.click()
    page.locator(".case .side button.row-open").first.wait_for()


def test_from_the_queue_to_why_two_accounts_are_linked(page: Page) -> None:
    open_case(page)
    page.get_by_role("heading", name="Why this cluster").wait_for()
    page.locator(".side button.row-open", has_text="north-1").click()
    page.get_by_role("heading", name=re.compile("Why north-1 is here")).wait_for()
    page.locator(".side button.row-open", has_text="north-2").click(modifiers=["Shift"])
    steps = page.locator(".waterfall li")
    steps.first.wait_for()
    told = [float(text.replace("\u2212", "-")) for text in page.locator(".fall-head b").all_inner_texts()]
    assert len(told) >= 3
    assert sum(told[:-1]) == pytest.approx(told[-1], abs=0.1 * len(told))


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


def test_what_if_without_the_card_of_both_crews_the_cluster_splits(page: Page) -> None:
    open_case(page)
    assert page.locator(".verdict-line").inner_text().startswith("16 accounts")
    page.get_by_role("tab", name="Evidence").click()
    page.locator(".side button.row-open", has_text=BRIDGE).click()
    page.get_by_role("button", name="Leave it out and see").click()
    page.locator(".outcome li").nth(1).wait_for()
    assert page.locator(".outcome .bar-text").all_inner_texts() == ["8 accounts", "8 accounts"]


def test_the_bits_slider_tells_what_the_cluster_falls_into(page: Page) -> None:
    open_case(page)
    assert page.locator(".slider output").inner_text() == "one piece"
    slider = page.locator(".slider input")
    slider.focus()
    page.keyboard.press("End")
    assert "part" in page.locator(".slider output").inner_text()
    assert "min=" in page.url


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
    n_before = page.locator(".shown-count").inner_text()
    page.keyboard.press("h")
    assert page.locator(".shown-count").inner_text() != n_before
    page.keyboard.press("Control+z")
    assert page.locator(".shown-count").inner_text() == n_before
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.locator(".queue").wait_for()


def test_a_reload_keeps_the_view(page: Page) -> None:
    open_case(page)
    page.locator(".side button.row-open", has_text="north-1").click()
    page.get_by_role("tab", name="What breaks it").click()
    page.locator(".legend button", has_text="ip").first.click()
    shown = page.locator(".shown-count").inner_text()
    page.reload()
    page.locator(".explain h3", has_text="What would drop").wait_for()
    page.locator(".shown-count").wait_for()
    assert page.locator(".shown-count").inner_text() == shown
    assert page.locator("tr.chosen").count() == 1


def test_filters_of_the_queue_are_in_the_address(page: Page) -> None:
    page.locator("input[name=min_size]").fill("1000")
    page.locator(".table-empty").wait_for()
    assert "min_size=1000" in page.url
    page.get_by_role("button", name="Clear filters").click()
    page.locator("button.row-open").first.wait_for()


@pytest.mark.parametrize("renderer", ["canvas", "webgl"])
def test_hostile_names_are_shown_and_run_nowhere(page: Page, renderer: str) -> None:
    open_case(page)
    page.goto(f"{page.url}?renderer={renderer}")
    page.reload()
    page.locator(".side button.row-open").first.wait_for()
    for place in range(page.locator(".side button.row-open").count()):
        page.locator(".side button.row-open").nth(place).click()
        page.locator(".explain .facts").wait_for()
    names = " ".join(page.locator(".side .name").all_inner_texts())
    assert "<img src=x" in names
    assert "U+202E" in names
    assert "U+2028" in names
    assert "\u202e" not in page.locator("body").inner_text()
    assert not page.locator("#app img").count()
    for kind in ("Evidence", "Links"):
        page.get_by_role("tab", name=kind).click()
        page.locator(".side button.row-open").first.click()
    page.goto(page.url.split("#")[0] + "#/map")
    page.locator(".map-grid button.row-open").first.wait_for()


def test_a_csv_is_safe_in_a_spreadsheet(page: Page) -> None:
    open_case(page)
    with page.expect_download() as started:
        page.locator(".side").get_by_role("button", name="CSV").click()
    told = Path(started.value.path()).read_text(encoding="utf-8")
    assert "'=HYPERLINK(1)" in told
    assert "\n=HYPERLINK" not in told


def test_what_is_not_there_is_said(page: Page) -> None:
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
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    if view == "case":
        open_case(page)
        page.locator(".explain .sentences").first.wait_for()
    else:
        page.goto(page.url.split("#")[0] + f"#/{view}")
        page.locator("button.row-open, #list-text").first.wait_for()
    found = axe.Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found] == []


def test_a_wide_text_size_scrolls_in_one_direction_only(page: Page) -> None:
    page.set_viewport_size({"width": 720, "height": 450})  # what 200 % leaves of a small screen
    open_case(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 720


@pytest.mark.skipif(not FRONT_END.is_dir(), reason="the sources are not in this installation")
def test_no_source_writes_markup() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|document\.write|eval\(|DOMParser"
    )
    found = [
        f"{path.name}: {match.group()}"
        for path in FRONT_END.rglob("*.ts*")
        for match in forbidden.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
    assert len(list(FRONT_END.rglob("*.tsx"))) > 5
