"""The queue and the head of a case in a real browser: what decides is there, and stays in the address."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import hold, wait_for_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

TITLES = {
    "Cluster", "Priority", "Why first, in points", "Accounts", "Open", "New", "New, soon after a closing",
    "Finding", "p(operator)", "Also explained", "FDR", "p(member)", "Rests on", "Activity", "Status", "Cut",
    "Routers", "Last seen", "Compare",
}  # fmt: skip


def cells(page: Page) -> dict[str, str]:
    """The first row of the queue by the titles of its columns."""
    titles = [title.strip(" \u25be\u25b4") for title in page.locator(".queue th").all_inner_texts()]
    return dict(
        zip(titles, page.locator(".queue tbody tr").first.locator("td").all_inner_texts(), strict=True)
    )


def test_the_queue_shows_what_a_decision_needs(page: Page) -> None:
    row = cells(page)
    assert set(row) == TITLES
    assert row["Accounts"] == "16"
    assert row["Open"] == "14"
    assert row["Status"] == "partly closed"
    assert re.fullmatch(r"> 0\.999|0\.\d+", row["p(operator)"])
    shares = page.locator(".facets .unsighted").first
    expect(shares).to_have_text(re.compile("%"))  # once the index is ready
    assert 98 <= sum(int(n) for n in re.findall(r"(\d+) %", str(shares.text_content()))) <= 102


def test_the_badge_and_its_colour_are_the_finding_that_the_server_words(page: Page) -> None:
    """In the queue, under the id on a small screen, and in the head of the case."""
    answer = page.request.get(f"{page.url.split('/#')[0]}/api/v1/queue")
    row = answer.json()["rows"][0]["words"]
    is_harmless = bool(answer.json()["rows"][0]["also_explained_by"])
    assert (row["finding"] == "undecided") is (is_harmless or "may operate" in row["claim"])
    shown = f".badge.{row['finding']}:visible"
    expect(page.locator(".queue tbody tr").first.locator(shown)).to_have_text(row["finding_name"])
    page.set_viewport_size({"width": 400, "height": 900})
    under = page.locator(".queue tbody tr").first.locator(f"td:first-child {shown}")
    expect(under).to_be_in_viewport(ratio=1)
    page.locator("button.row-open").first.click()
    wait_for_case(page)
    expect(page.locator(f".case-title {shown}")).to_have_text(row["finding_name"])


@pytest.mark.parametrize(
    ("name", "passes", "stops"),
    [
        ("status", "partly_closed", None),
        ("hypothesis", None, None),
        ("min_p_same_operator", "0", "1"),
        ("max_fdr", "1", None),
        ("min_size", "16", "17"),
        ("min_score", "0.1", "1"),
        ("min_routers", "0", "1"),
    ],
)
def test_a_filter_is_kept_in_the_address(
    page: Page, name: str, passes: str | None, stops: str | None
) -> None:
    base = page.url.split("#")[0]
    if passes is not None:
        page.goto(f"{base}#/queue?{name}={passes}")
        page.reload()
        page.locator("button.row-open").first.wait_for()
        expect(page.locator(f".filters [name={name}]")).to_have_value(passes)
    if stops is not None:
        page.goto(f"{base}#/queue?{name}={stops}")
        page.get_by_text("No cluster passes these filters.").wait_for()


def test_choices_are_filters_with_counts(page: Page) -> None:
    status = page.locator(".filters select[name=status]")
    for text in ("any", "partly closed (1)"):
        expect(status.locator("option").get_by_text(text, exact=True)).to_have_count(1)
    status.select_option("partly_closed")
    expect(page).to_have_url(re.compile("status=partly_closed"))
    page.get_by_role("button", name="Clear filters").click()
    expect(page).not_to_have_url(re.compile("status"))


def test_rows_of_the_filters_before_are_marked_until_the_answer_is_there(page: Page) -> None:
    held = hold(page, r"/queue\?.*min_routers=1")
    table = page.locator("#queue-table")
    expect(table).to_have_attribute("aria-busy", "false")
    with page.expect_request(re.compile(r"/queue\?.*min_routers=1")):
        page.get_by_role("button", name="Through routers").click()
    expect(table).to_have_attribute("aria-busy", "true")
    expect(table).to_have_class("stale")
    expect(table.locator("button.row-open")).to_have_count(1)
    held[0].continue_()
    page.get_by_text("No cluster passes these filters.").wait_for()
    expect(table).to_have_attribute("aria-busy", "false")
    expect(table).not_to_have_class("stale")


def test_filters_often_wanted_are_one_press(page: Page) -> None:
    chip = page.get_by_role("button", name="Through routers")
    chip.click()
    page.get_by_text("No cluster passes these filters.").wait_for()
    expect(page).to_have_url(re.compile("min_routers=1"))
    expect(chip).to_have_attribute("aria-pressed", "true")
    chip.click()
    page.locator("button.row-open").first.wait_for()
    expect(page).not_to_have_url(re.compile("min_routers"))


@pytest.mark.parametrize("width", [1440, 1024, 400])
def test_likely_operators_are_one_press_at_any_width(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    likely = page.get_by_role("button", name="Likely operators")
    expect(likely).to_be_in_viewport(ratio=1)
    likely.click()
    expect(likely).to_have_attribute("aria-pressed", "true")
    wanted = page.request.get(
        f"{page.url.split('/#')[0]}/api/v1/queue",
        params={"hypothesis": "same_operator", "min_p_same_operator": "0.9", "also_explained_by": "none"},
    ).json()
    expect(page.locator(".queue tbody tr")).to_have_count(len(wanted["rows"]))
    likely.click()
    expect(likely).to_have_attribute("aria-pressed", "false")


def test_the_server_sorts_by_a_header(page: Page) -> None:
    for column, sort in (("FDR", "-fdr"), ("p(operator)", "-p_same_operator"), ("Status", "status")):
        with page.expect_response(re.compile(r"/queue\?.*sort=" + sort.lstrip("-"))):
            page.get_by_role("button", name=column, exact=True).click()
        page.locator("th[aria-sort=descending], th[aria-sort=ascending]", has_text=column).wait_for()
        expect(page).to_have_url(re.compile(f"sort={sort}"))


def test_who_signs_in_by_the_printed_address_takes_the_queue_as_a_file(
    open_page: Callable[..., Page], start_server: Any, world: Path
) -> None:
    with start_server(world) as running:
        # A cookie, as in daily use; on the way Chromium looks for an icon, and in the end the server goes.
        page = open_page(running, expected=r"favicon\.ico|ERR_CONNECTION", extra_http_headers={})
        page.goto(running.printed)
        take_the_queue(page)


def take_the_queue(page: Page) -> None:
    with page.expect_download() as started:
        page.get_by_role("link", name="All as CSV").click()
    lines = Path(started.value.path()).read_text(encoding="utf-8").splitlines()
    assert {"cluster_id", "p_same_operator", "fdr", "status"} <= set(lines[0].split(","))
    expect(page.locator(".queue .table-caption")).to_have_text(re.compile(f"^{len(lines) - 1} cluster"))


def test_a_case_opens_with_what_decides(case: Page) -> None:
    expect(case.locator(".verdict-line")).to_contain_text("operat")
    titles = ["Accounts", "Since", "Came back", "Through", "How sure", "What else"]
    expect(case.locator(".brief dt")).to_have_text(titles)
    sentences = case.locator(".brief dd").all_inner_texts()
    assert sentences[0].startswith("16 accounts: ")
    assert "2026-03-02" in sentences[1]
    assert "address" in sentences[3]
    assert "Probability of one concealed operator" in sentences[4]
    assert "The closest rival is" in sentences[5] or "harmless reading" in sentences[5]
    order = case.evaluate("""() => [...document.querySelectorAll("#explain-body > *")]
      .map((one) => one.className || one.textContent.slice(0, 20))""")
    assert order[:2] == ["Why this cluster", "hypotheses"]
    expect(case.locator(".hypotheses .bar-text")).to_have_count(4)
    expect(case.locator(".hypotheses .likeliest")).to_have_count(1)
    case.get_by_role("button", name="Figures").click()
    case.locator(".case-facts dt").first.wait_for()
    facts = case.locator(".case-facts dt").all_inner_texts()
    assert facts[:2] == ["open", "new"]
    assert "FDR" in facts
    reasons = case.locator(".reasons li").all_inner_texts()
    assert not [text for text in reasons[:-1] if text.startswith("further")]


def test_the_order_is_weighed_and_what_is_openly_one_organisation_stands_apart(page: Page) -> None:
    lists = page.get_by_role("tablist", name="List of clusters")
    expect(lists.get_by_role("tab")).to_have_count(2)
    first, apart = lists.get_by_role("tab").all()
    n = int(re.findall(r"\((\d+)\)", first.inner_text())[0])
    expect(page.locator(".queue .table-caption")).to_have_text(re.compile(rf"^{n} cluster"))
    expect(page.locator(".queue tbody .why-first").first).to_have_attribute("title", re.compile("^Priority "))
    page.locator("details.order summary").click()
    page.get_by_label("volume", exact=True).fill("7")
    page.keyboard.press("Tab")
    expect(page.locator("details.order summary")).to_have_text(re.compile("^Order: weighed here"))
    expect(page).to_have_url(re.compile("volume%3D7"))
    page.get_by_role("button", name="As the run states").click()
    expect(page.get_by_label("volume", exact=True)).to_have_value("1")
    apart.click()
    expect(apart).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile("openly=1"))
    first.click()
    expect(page.locator(".queue .table-caption")).to_have_text(re.compile(rf"^{n} cluster"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["take", "pair", "whatif", "identifier", "account"])
def test_axe_finds_nothing_further_in(case: Page, view: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    case.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a text of the parameters
    base = case.url.split("#")[0]
    if view == "take":
        case.get_by_role("button", name="Export").click()
    elif view == "pair":
        case.locator(".side button.row-open", has_text="north-1").click()
        case.locator(".side button.row-open", has_text="north-2").click(modifiers=["Shift"])
        case.locator(".path .hop").first.wait_for()
    elif view == "whatif":
        case.get_by_role("tab", name="What if").click()
        case.locator(".choices .check").first.click()
        case.locator(".outcome").wait_for()
    else:
        case.goto(f"{base}#/{'account/north-1' if view == 'account' else 'identifier/i:payment:card-bridge'}")
        case.locator(".case").wait_for(state="detached")
        case.locator("button.row-open").first.wait_for()
    result = axe.Axe().run(case).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in result] == []


def test_who_is_new_in_a_case_and_who_was_opened_after_a_closing(
    open_page: Callable[..., Page], returned_server: Any
) -> None:
    page = open_page(returned_server)
    page.goto(f"{returned_server.address}/#/queue?min_soon_after=1")
    page.locator("button.row-open").first.click()
    page.get_by_role("button", name="2 new", exact=True).click()
    expect(page).to_have_url(re.compile("table=new"))
    expect(page.get_by_role("tab", name="New (2)")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".side .table-caption")).to_have_text(
        "2 new; of them opened soon after a closing: 1 in 3 days (0.5 by chance)"
    )
    wait_for_case(page)
    names, rows = page.locator(".side tbody .row-open .name"), page.locator(".side tbody tr")
    expect(names).to_have_text(["south-2", "south-3"])
    for place, text in ((0, "26 h"), (0, "2026-03-06 08:00"), (1, "5 d 2 h")):
        expect(rows.nth(place)).to_contain_text(text)
    expect(page.get_by_text("since 2026-03-04 00:00 UTC")).to_have_count(1)
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        result = axe.Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in result] == []
    names.first.click()
    expect(page).to_have_url(re.compile("select=a%3Asouth-2"))
    page.locator(".side tbody tr").first.get_by_role("button", name=re.compile("north-1|south-1")).click()
    page.get_by_role("heading", name=re.compile("^Why .*south-2")).wait_for()


def test_filters_state_what_they_count(page: Page) -> None:
    for name, words in (
        ("min_new", "in the last seven days of the data"),
        ("min_soon_after", "within three days"),
    ):
        label = page.locator("label", has=page.locator(f"[name={name}]"))
        expect(label).to_have_attribute("title", re.compile(words))


def test_a_case_with_nobody_new_states_what_new_means(case: Page) -> None:
    case.get_by_role("tab", name="New (0)").click()
    expect(case.locator(".side .table-empty")).to_have_text(
        "No account of this cluster is new. \u201cNew\u201d means: accounts that were opened, or first seen, "
        "in the last seven days of the data."
    )
