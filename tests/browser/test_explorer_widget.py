"""The notebook widget in a real browser: the built bundle, a model as anywidget gives it, and no network."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from graphlink.notebook.widget import STATIC, show_cluster
from graphlink.result.result import read_result
from tests.browser.conftest import PATIENCE_MS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytest.importorskip("anywidget", reason="anywidget is not installed (graphlink[notebook])")

# What anywidget hands to `render`: traits that are read, set, saved and listened to.
MODEL = """
window.start = async (code, traits, ground) => {
  document.body.style.background = ground;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const heard = {};
  window.saved = [];
  window.model = {
    get: (name) => traits[name],
    set: (name, value) => { traits[name] = value; },
    save_changes: () => window.saved.push(JSON.parse(JSON.stringify(traits.selected))),
    on: (event, act) => (heard[event] ??= []).push(act),
    off: (event, act) => { heard[event] = heard[event].filter((one) => one !== act); },
    tell: (name, value) => { traits[name] = value; heard[`change:${name}`].forEach((act) => act()); },
  };
  const el = document.createElement("div");
  document.body.append(el);
  window.stop = await widget.render({ model: window.model, el });
};
"""


@pytest.fixture(scope="module")
def traits(world: Path) -> dict[str, Any]:
    """The traits of the widget of the world's cluster."""
    if not (STATIC / "widget.js").is_file():
        pytest.skip("the front end is not built (npm run build)")
    result = read_result(world)
    state = show_cluster(result, result.clusters["cluster_id"].iloc[0], height=420, live=True).get_state()
    return {
        name: state[name]
        for name in ("title", "note", "nodes", "edges", "height", "selected", "still_id", "_esm")
    }


@pytest.fixture
def notebook(browser: Browser) -> Iterator[Page]:
    """A page that stands for a notebook: anything it asks of the network, and any error, fails the test."""
    page = browser.new_context(viewport={"width": 1000, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console", lambda actual: faults.append(actual.text) if actual.type in {"error", "warning"} else None
    )
    page.on(
        "request", lambda outcome: None if outcome.url.startswith("blob:") else faults.append(outcome.url)
    )
    page.set_content("<!doctype html><title>notebook</title><p>a cell</p>")
    page.evaluate(f"() => {{ {MODEL} }}")
    yield page
    assert page.evaluate("typeof window.__pwn") == "undefined"
    assert faults == []
    page.context.close()


def start(page: Page, traits: dict[str, Any], ground: str = "#ffffff") -> None:
    given = json.loads(json.dumps({name: value for name, value in traits.items() if name != "_esm"}))
    page.evaluate(
        "([code, traits, ground]) => window.start(code, traits, ground)", [traits["_esm"], given, ground]
    )
    page.locator(".widget .graph-canvas").wait_for()


def test_it_draws_every_node_and_lists_it(notebook: Page, traits: dict[str, Any]) -> None:
    start(notebook, traits)
    n = len(traits["nodes"])
    expect(notebook.locator(".shown-count")).to_have_text(f"{n} of {n} nodes")
    notebook.wait_for_function("""() => {
      const canvas = document.querySelector("div > div").shadowRoot?.querySelector(".graph-canvas")
        ?? [...document.querySelectorAll("div")].map((one) => one.shadowRoot).find(Boolean)
          .querySelector(".graph-canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(data).size > 20;
    }""")
    notebook.get_by_text("Table of what is drawn").click()
    expect(notebook.locator("tbody tr")).to_have_count(n)
    expect(notebook.locator(".widget-note")).to_have_text(traits["note"])


def test_arrows_walk_the_rows_in_a_shadow_root(notebook: Page, traits: dict[str, Any]) -> None:
    start(notebook, traits)
    notebook.get_by_text("Table of what is drawn").click()
    buttons = notebook.locator("button.row-open")
    buttons.nth(0).focus()
    notebook.keyboard.press("ArrowDown")
    expect(buttons.nth(1)).to_be_focused()
    notebook.keyboard.press("End")
    expect(buttons.last).to_be_focused()


def test_what_is_folded_is_said_and_comes_back(notebook: Page, traits: dict[str, Any]) -> None:
    like = next(node for node in traits["nodes"] if node["type"] == "identifier")
    account = next(node for node in traits["nodes"] if node["type"] == "account")
    more = [like | {"id": f"i:ip:weak-{i}", "label": f"weak-{i}", "kind": "ip"} for i in range(40)]
    edge = traits["edges"][0]
    ties = [
        edge | {"id": f"w:{i}", "source": account["id"], "target": node["id"], "kind": "ip", "bits": 0.001}
        for i, node in enumerate(more)
    ]
    nodes = [*traits["nodes"], *more]
    start(notebook, traits | {"nodes": nodes, "edges": [*traits["edges"], *ties]})
    note = notebook.locator(".graph-note")
    drawn, whole = notebook.locator(".shown-count").inner_text().removesuffix(" nodes").split(" of ")
    assert int(whole) == len(nodes)
    assert int(drawn) < int(whole)
    expect(note).to_contain_text("further addresses")
    notebook.get_by_role("button", name="Draw them").click()
    expect(notebook.locator(".shown-count")).to_have_text(f"{whole} of {whole} nodes")


def test_hostile_names_are_inert(notebook: Page, traits: dict[str, Any]) -> None:
    start(notebook, traits)
    notebook.get_by_text("Table of what is drawn").click()
    buttons = notebook.locator("button.row-open")
    expect(buttons).to_have_count(len(traits["nodes"]))
    for place in range(len(traits["nodes"])):
        buttons.nth(place).click()
    names = " ".join(notebook.locator("tbody .name").all_inner_texts())
    assert "<img src=x" in names
    assert "U+202E" in names
    assert notebook.locator(".widget img, .widget script, .widget b:text('sdk')").count() == 0
    assert "\u202e" not in notebook.locator(".widget").inner_text()


def test_selection_goes_both_ways(notebook: Page, traits: dict[str, Any]) -> None:
    start(notebook, traits)
    notebook.get_by_text("Table of what is drawn").click()
    notebook.locator("button.row-open", has_text="north-1").click()
    notebook.wait_for_function("String(window.saved.at(-1)) === 'a:north-1'")
    notebook.evaluate("window.model.tell('selected', ['a:south-1', 'a:south-2'])")
    expect(notebook.locator("tr.chosen")).to_have_count(2)
    for name in ("south-1", "south-2"):
        notebook.locator("tr.chosen .row-open", has_text=name).wait_for()
    notebook.get_by_role("button", name="Hide").click()
    n = len(traits["nodes"])
    expect(notebook.locator(".shown-count")).to_have_text(f"{n - 2} of {n} nodes")
    notebook.locator(".graph-box").focus()
    notebook.keyboard.press("Control+z")
    expect(notebook.locator(".shown-count")).to_have_text(f"{n} of {n} nodes")


@pytest.mark.parametrize(("ground", "theme"), [("#ffffff", "light"), ("#111111", "dark")])
def test_it_takes_the_notebooks_ground_and_axe_finds_nothing(
    notebook: Page, traits: dict[str, Any], ground: str, theme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    start(notebook, traits, ground)
    expect(notebook.locator(f"[data-theme={theme}] .widget")).to_have_count(1)
    notebook.locator(".widget summary").last.click()
    result = axe.Axe().run(notebook, context=".widget, div").response["violations"]
    own = [one for one in result if re.search("contrast|name|label|role|aria", one["id"])]
    assert [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in own] == []


def test_an_end_frees_the_cell(notebook: Page, traits: dict[str, Any]) -> None:
    start(notebook, traits)
    notebook.evaluate("window.stop()")
    expect(notebook.locator(".widget")).to_have_count(0)
    notebook.evaluate("window.model.tell('selected', ['a:north-1'])")


def test_the_widget_hides_its_still_picture_and_no_other(notebook: Page, traits: dict[str, Any]) -> None:
    notebook.evaluate(
        """(mine) => {
          for (const id of [mine, "another"]) {
            const still = document.createElement("img");
            still.dataset.graphlinkStill = id;
            document.body.append(still);
          }
        }""",
        traits["still_id"],
    )
    start(notebook, traits)
    assert (
        notebook.locator(f"[data-graphlink-still='{traits['still_id']}']").evaluate(
            "still => getComputedStyle(still).display"
        )
        == "none"
    )
    other = notebook.locator("[data-graphlink-still=another]")
    assert other.evaluate("still => getComputedStyle(still).display") != "none"
