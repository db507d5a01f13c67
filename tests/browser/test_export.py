"""The exported page in Chromium: it draws, answers to keys, asks nothing of the network and runs no data."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import pypdf
import pytest

from graphlink import run
from graphlink.api.results import public
from graphlink.export.page import review_page
from graphlink.export.page.figures import folded_identifiers
from graphlink.export.page.network import ReviewNetwork
from graphlink.export.subgraph import cluster_subgraph
from tests.browser.conftest import PATIENCE_MS

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.result.result import Result

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

HOSTILE = (
    "<script>window.__pwn=1</script>",
    "</script><script>window.__pwn=1</script>",
    '"><img src=x onerror=window.__pwn=1>',
    "<a href=javascript:window.__pwn=1>href</a>",
    "a\u202egnp.exe",
)


@pytest.fixture(scope="module")
def sample_page(sample_result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "review.html"
    subgraph = cluster_subgraph(sample_result, sample_result.clusters["cluster_id"][0])
    path.write_bytes(review_page(sample_result, subgraph))
    return path


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
        self.page.goto(path.as_uri())

    def wait(self) -> None:
        self.page.wait_for_function("document.documentElement.dataset.drawn === 'yes'", timeout=PATIENCE_MS)

    def outside(self) -> list[str]:
        return [url for url in self.asked if not url.startswith(("data:", "file:"))]


def test_it_draws_and_asks_nothing_of_the_network(browser: Any, sample_page: Path) -> None:
    opened = Opened(browser, sample_page)
    opened.wait()
    assert opened.outside() == []
    assert opened.faults == []
    assert len([url for url in opened.asked if url.startswith("file:")]) == 1
    painted = opened.page.evaluate(
        "(() => { const c = document.querySelector('#canvas canvas'); const d = c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data; return d.some((v) => v !== 0); })()"
    )
    assert painted


def test_keys_select_and_show_the_reasons(browser: Any, sample_page: Path) -> None:
    opened = Opened(browser, sample_page)
    opened.wait()
    page = opened.page
    page.focus("#canvas")
    heading = page.locator("#panel h3")
    page.keyboard.press("n")
    expect(page.locator("#panel")).to_contain_text("bits")
    first = heading.inner_text()
    page.keyboard.press("]")
    expect(heading).not_to_have_text(first)
    page.keyboard.press("Escape")
    expect(heading).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type(first)
    page.keyboard.press("Enter")
    expect(heading).to_have_text(first)


def test_the_legend_filters(browser: Any, sample_page: Path) -> None:
    opened = Opened(browser, sample_page)
    opened.wait()
    box = opened.page.locator("#legend input[data-group=core]")
    box.uncheck()
    expect(box).not_to_be_checked()
    assert opened.faults == []


def test_tables_and_the_drawing_stand_without_script(browser: Any, sample_page: Path) -> None:
    opened = Opened(browser, sample_page, java_script_enabled=False)
    page = opened.page
    expect(page.locator("#drawing svg")).to_be_visible()
    expect(page.locator("#graph")).to_be_hidden()
    expect(page.locator("section table tbody tr").nth(10)).to_be_attached()
    expect(page.locator("#decision")).to_be_visible()
    expect(page.locator("#signature")).to_be_visible()


def test_hostile_names_run_nothing(browser: Any, tmp_path: Path) -> None:
    with (tmp_path / "seen.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["account_id", "kind", "value", "seen_at"])
        for account in HOSTILE:
            for kind, value in (("payment", "card-of-crew"), ("ip", "203.0.113.7"), ("device", HOSTILE[3])):
                writer.writerow([account, kind, value, "2026-03-01T09:30:00Z"])
    result = run(tmp_path / "seen.csv", out=tmp_path / "result")
    path = tmp_path / "review.html"
    path.write_bytes(review_page(result, cluster_subgraph(result, result.clusters["cluster_id"][0])))
    opened = Opened(browser, path)
    opened.wait()
    page = opened.page
    page.focus("#canvas")
    for _ in range(12):
        page.keyboard.press("n")
    box = page.locator("#canvas").bounding_box()
    for i in range(40):
        page.mouse.move(box["x"] + box["width"] * ((i * 7) % 40) / 40, box["y"] + box["height"] * i / 40)
    page.fill("#search", "href")
    page.locator("#hits button").first.wait_for()
    assert page.evaluate("window.__pwn") is None
    assert opened.outside() == []
    expect(page.locator("main")).to_contain_text("<U+202E>")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(browser: Any, sample_page: Path, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    # Its policy lets no foreign script in, so the check itself needs a way past it.
    opened = Opened(browser, sample_page, bypass_csp=True, color_scheme=scheme)
    opened.wait()
    opened.page.wait_for_selector("html.whole")
    result = Axe().run(opened.page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:100]) for one in result] == []


def test_icons_are_those_of_the_screen(browser: Any, sample_page: Path) -> None:
    shown = {
        scheme: Opened(browser, sample_page, color_scheme=scheme).page.evaluate(
            "[...document.querySelectorAll('#legend img')].map((one) => one.currentSrc)"
        )
        for scheme in ("light", "dark")
    }
    assert len(shown["light"]) == len(shown["dark"]) > 2
    assert not set(shown["light"]) & set(shown["dark"])


def test_at_twice_the_size_nothing_but_tables_scrolls_sideways(browser: Any, sample_page: Path) -> None:
    # A window of 1280 points at 200 % has room for 640.
    opened = Opened(browser, sample_page, viewport={"width": 640, "height": 450}, device_scale_factor=2)
    opened.wait()
    opened.page.wait_for_selector("html.whole")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert opened.page.evaluate(wide) <= 0


def test_it_prints_every_member_the_signals_and_the_box_to_sign(
    browser: Any, sample_page: Path, sample_result: Result, tmp_path: Path
) -> None:
    opened = Opened(browser, sample_page)
    opened.wait()
    opened.page.pdf(path=str(tmp_path / "page.pdf"), prefer_css_page_size=True)
    pages = [page.extract_text() for page in pypdf.PdfReader(tmp_path / "page.pdf").pages]
    text = " ".join(" ".join(pages).split())
    cluster = sample_result.clusters["cluster_id"][0]
    assert not [name for name in sample_result.members(cluster)["account_id"] if name not in text]
    assert "Date and signature" in text
    assert '"fingerprint"' in text  # of the manifest, which is folded on a screen
    assert "compared with what is usual" in text
    assert "Search" not in text


def test_tables_out_of_sight_are_there_once_it_is_drawn(browser: Any, sample_page: Path) -> None:
    opened = Opened(browser, sample_page)
    opened.wait()
    opened.page.wait_for_selector("html.whole")
    box = opened.page.locator("table", has_text="Core:").first
    assert box.evaluate("(one) => one.checkVisibility({ contentVisibilityAuto: true })")


def test_a_pyvis_network_draws_and_runs_nothing_of_the_data(
    browser: Any, sample_result: Result, tmp_path: Path
) -> None:
    network = public(sample_result).pyvis(str(sample_result.clusters["cluster_id"][0]))
    network.add_node("mine", label=HOSTILE[2], title=HOSTILE[1], x=0, y=0, size=40)
    network.heading = HOSTILE[0]
    network.write_html(tmp_path / "network.html")
    opened = Opened(browser, tmp_path / "network.html")
    opened.page.wait_for_function("window.network")
    at = opened.page.evaluate("network.canvasToDOM(network.getPosition('mine'))")
    box = opened.page.locator("#network").bounding_box()
    opened.page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])
    expect(opened.page.locator(".vis-tooltip")).to_have_text(HOSTILE[1])
    assert opened.page.evaluate("window.__pwn") is None
    assert (opened.outside(), opened.faults) == ([], [])


def _crowded(folder: Path) -> Result:
    """One crew with a card, whose neighbours meet on many addresses, and people at home."""
    days = pd.date_range("2026-03-02", periods=20, freq="D", tz="UTC")
    rows = [(f"crew-{i}", "payment", "card-of-crew", days[i]) for i in range(10)]
    for i in range(60):
        rows += [(f"crew-{(i + j) % 10}", "ip", f"192.0.2.{i}", days[i % 20]) for j in (0, 1)]
    rows += [(f"home-{i}", "ip", f"198.51.100.{i}", days[i % 20]) for i in range(80)]
    rows += [(f"home-{i}", "payment", f"card-{i}", days[i % 20]) for i in range(80)]
    return run(pd.DataFrame(rows, columns=["account_id", "kind", "value", "seen_at"]), out=folder)


def test_the_drawing_folds_as_the_explorer_and_the_print_do(browser: Any, tmp_path: Path) -> None:
    result = _crowded(tmp_path / "result")
    subgraph = cluster_subgraph(result, result.clusters["cluster_id"][0])
    path = tmp_path / "review.html"
    path.write_bytes(review_page(result, subgraph))
    network = ReviewNetwork(subgraph)
    folded = folded_identifiers(network)
    assert len(folded) > 10
    page = browser.new_page()
    page.goto(path.as_uri())
    words = page.locator("#fold-words")

    def n_folded() -> int:
        return sum(int(n) for n in re.findall(r"(\d+) (?:further|of other kinds)", words.inner_text()))

    expect(words).to_contain_text("Folded: ")
    assert n_folded() == len(folded)
    page.get_by_role("button", name="Draw them").click()
    expect(words).to_have_text("All identifiers are drawn.")
    page.get_by_role("button", name="Fold what ties little").click()
    expect(words).to_contain_text("Folded: ")
    # What is chosen in a table is drawn from then on.
    hidden = next(
        row["value"] for row in subgraph.identifiers if network.node_of(row["kind"], row["value"]) in folded
    )
    page.locator("td button").filter(has_text=re.compile(f"^{re.escape(hidden)}$")).click()
    expect(page.locator("#panel h3")).to_have_text(hidden)
    assert n_folded() < len(folded)
