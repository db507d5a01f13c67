"""Saved searches in a browser: named on one page, opened from another, shared, their names shown as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from graphlink.monitoring import Workspace


def opened(page: Page) -> Page:
    """The page with its list of searches open."""
    page.get_by_role("button", name="Searches", exact=True).click()
    page.locator("#searches").get_by_text(
        re.compile("No search is saved|yours only|shared|by ")
    ).first.wait_for()
    return page


def test_a_search_is_named_opened_shared_and_deleted(
    page_of: Callable[..., Page], workspace: Workspace
) -> None:
    ana = opened(page_of("ana", "investigator", "queue?min_size=3&sort=-n_accounts&offset=50"))
    save = ana.get_by_role("form", name="Save this view")
    assert save.get_by_role("button", name="Save").is_disabled()
    save.get_by_label("Name of this view").fill("Three or more")
    save.get_by_label("Name of this view").press("Enter")
    ana.get_by_text("yours only").wait_for()
    save.get_by_label("Name of this view").fill("Three or more")
    save.get_by_text("You have a search of this name.").wait_for()
    assert save.get_by_role("button", name="Save").is_disabled()
    (kept,) = workspace.as_user("ana").searches.all()
    assert (kept.view, kept.query) == ("queue", {"min_size": "3", "sort": "-n_accounts"}), (
        "from its first page"
    )
    ben = opened(page_of("ben", "lead", "cases"))
    assert ben.get_by_role("link", name="Three or more").count() == 0
    ana.get_by_role("button", name="Share").click()
    ana.get_by_role("button", name="Keep to yourself").wait_for()
    ben.keyboard.press("Escape")
    opened(ben).get_by_role("link", name="Three or more").click()
    ben.locator("#queue-table").wait_for()
    assert ben.get_by_label("Accounts \u2265").input_value() == "3"
    assert ben.locator("#searches").count() == 0, "the list is gone once one is opened"
    opened(ben).get_by_text("by ana").wait_for()
    assert ben.get_by_role("button", name="Delete").count() == 0
    ana.get_by_role("button", name="Delete").click()
    ana.get_by_text("No search is saved yet.").wait_for()
    assert workspace.as_user("ben").searches.all() == []


def test_a_search_that_changed_meanwhile_is_not_deleted(
    page_of: Callable[..., Page], workspace: Workspace
) -> None:
    workspace.searches.save("Growing", query={"min_new": "1"})
    ana = opened(page_of("ana", "investigator", "queue", r"412|Precondition"))
    workspace.searches.share(1)
    ana.get_by_role("button", name="Delete").click()
    ana.get_by_role("alert").get_by_text("shared it with the team").wait_for()
    assert len(workspace.searches.all()) == 1


def test_names_and_filters_of_others_are_text(page_of: Callable[..., Page], workspace: Workspace) -> None:
    for name in HOSTILE:
        if len(name) <= 200:
            number = workspace.searches.save(name, "queue", {"q": name, "sort": name}, subject=name)
            workspace.searches.share(number)
    workspace.searches.share(
        workspace.searches.save("elsewhere", "cluster", subject="/../..//evil.example?x#y")
    )
    ben = opened(page_of("ben", "lead", "queue", "404|400"))
    links = ben.locator("#searches a")
    hrefs = [links.nth(place).get_attribute("href") or "" for place in range(links.count())]
    assert len(hrefs) == len(workspace.searches.all())
    assert all(re.match(r"#/(queue|cluster)/", one) for one in hrefs)
    ben.get_by_role("link", name="elsewhere").click()
    ben.get_by_role("alert").or_(ben.get_by_text("no cluster")).first.wait_for()


def test_a_viewer_keeps_his_own_and_shares_none(page_of: Callable[..., Page], workspace: Workspace) -> None:
    workspace.searches.share(workspace.searches.save("north-1 and others", query={"q": "north-1"}))
    vic = opened(page_of("vic", "viewer", "queue?min_size=2"))
    assert "north-1" not in vic.content()
    vic.get_by_label("Name of this view").fill("Two or more")
    vic.get_by_role("button", name="Save").click()
    vic.get_by_text("yours only").wait_for()
    assert vic.get_by_role("button", name="Share").count() == 0


@pytest.mark.parametrize("width", [1440, 400])
def test_the_list_is_within_the_page_and_accessible(
    page_of: Callable[..., Page], workspace: Workspace, width: int
) -> None:
    workspace.searches.save("x" * 200)
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = opened(page_of("ana", "lead", "queue", viewport={"width": width, "height": 900}))
    box = page.locator("#searches").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert [one["id"] for one in found.response["violations"]] == []
