"""The facts of a case: beside the usual, the unusual first, and names that an operator chose, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import graphlink
from graphlink.core.settings import AccountSource, FactSettings, Settings, Source
from tests.browser.conftest import BUNDLE, HOSTILE, observations

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from playwright.sync_api import Page


def write_result(folder: Path) -> None:
    """The crews all have one plan, and call one model; the homes another. Both names are markup."""
    seen = observations()
    names = seen["account_id"].drop_duplicates()
    plans = names.str.startswith("home-").map({True: "free", False: HOSTILE[0]})
    log = pd.DataFrame({"account_id": seen["account_id"], "seen_at": seen["seen_at"]})
    log["model"] = log["account_id"].str.startswith("home-").map({True: "m1", False: HOSTILE[3]})
    settings = Settings(
        sources=(
            Source(name="seen"),
            Source(name="log", kind="", facts={"model": "model"}),
        ),
        accounts=AccountSource(name="accounts", attributes=("plan",)),
        facts={"model": FactSettings(type="category")},
    )
    frames = {"seen": seen, "log": log, "accounts": pd.DataFrame({"account_id": names, "plan": plans})}
    graphlink.run(frames, settings=settings, out=folder)


def test_facts_stand_beside_the_usual_and_their_names_are_text(
    open_page: Callable[..., Page],
    start_server: Callable[..., AbstractContextManager[Any]],
    tmp_path: Path,
) -> None:
    if not BUNDLE.is_file():
        pytest.skip("the front end is not built (npm run build)")
    write_result(tmp_path / "result")
    with start_server(tmp_path / "result") as server:
        page = open_page(server)
        page.goto(f"{server.address}/#/queue")
        page.locator("button.row-open").first.click()
        # The homes call too seldom to be comparable: nothing is pointed out.
        page.locator(".explain summary", has_text="fact").click()
        table = page.locator(".explain table.signals", has_text="accounts with plan").first
        table.wait_for()
        heads = table.locator("th").all_inner_texts()
        assert [head.lower() for head in heads] == ["facts", "here", "usual", "ratio"]
        row = table.locator("tr", has_text="with plan")
        assert "<img src=x" in row.inner_text()
        assert row.locator("td").nth(1).inner_text().startswith("100% (")
        # In a narrow panel intervals wrap before names do, and nothing is cut off at the side.
        table.evaluate("table => { table.style.width = '240px' }")
        assert row.locator("td").first.bounding_box()["width"] > 100  # type: ignore[index]  # it is shown
        assert table.bounding_box()["width"] <= 240  # type: ignore[index]  # it is shown
        assert "\u202e" not in page.locator("body").inner_text()
        assert "U+202E" in page.locator(".explain").inner_text()
        assert not page.locator("#app img").count()
        axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
        result = axe.Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in result] == []
        page.goto("about:blank")  # before the server goes
