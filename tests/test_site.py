"""The site builds without warnings and without a network; its pages and formulas are whole.

Notebooks are executed by `.ci/run` and by tests/unit/test_notebooks.py, not here.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import html5lib
import pytest
from docutils.utils.math import MathError

from docs.extension.formulas import mathml
from docs.extension.notebooks import read_named
from docs.extension.root_files import PAGES, root_text
from docs.extension.step_graph import draw_mermaid_graph
from graphlink.core.step_graph import draw_mermaid
from graphlink.pipeline import result_names, steps

ROOT = Path(__file__).parent.parent
_ELSEWHERE = re.compile(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["'](?:https?:)?//""")
_LINK = re.compile(r'<(?:a|img|link|script)\b[^>]*?\s(?:href|src)="([^"]*)"')
_ANCHOR = re.compile(r'\sid="([^"]+)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    options = ["-W", "--keep-going", "-q", "-E", "-d", str(folder / "trees"), "-D", "nb_execution_mode=off"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(ROOT / "docs"), str(folder / "html")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder / "html"


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_has_every_section(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    captions = re.findall(r'class="caption-text">([^<]+)<', page)
    assert list(dict.fromkeys(captions)) == [
        "Start",
        "Tutorials",
        "How-to",
        "Method",
        "Reference",
        "Evidence",
        "Responsible use",
        "Contributing",
    ]


@pytest.mark.slow
def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 50
    assert [page.name for page in pages if _ELSEWHERE.search(page.read_text(encoding="utf-8"))] == []


def broken_links(site: Path) -> tuple[int, list[str]]:
    """How many links the pages of a folder have to files of it, and those that lead nowhere."""
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))}
    anchors = {path: set(map(unescape, _ANCHOR.findall(text))) for path, text in pages.items()}
    links = [(path, unescape(link)) for path, text in pages.items() for link in _LINK.findall(text)]
    broken, n_links = [], 0
    for path, link in links:
        to = urlsplit(link)
        if to.scheme or to.netloc:
            continue
        n_links += 1
        target = Path(os.path.normpath(path.parent / unquote(to.path))) if to.path else path
        if not target.is_file():
            broken.append(f"{path.relative_to(site)}: {link}: no such file")
        elif to.fragment and target in anchors and unquote(to.fragment) not in anchors[target]:
            broken.append(f"{path.relative_to(site)}: {link}: no such anchor")
    return n_links, broken


@pytest.mark.slow
def test_every_link_within_the_site_leads_to_a_file_and_an_anchor(site: Path) -> None:
    n_links, broken = broken_links(site)
    assert n_links > 5000
    assert broken == []


def test_a_link_to_nothing_is_seen(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.html").write_text(
        '<h1 id="a&amp;b">Two</h1><a href="../one.html">', encoding="utf-8"
    )
    links = [
        "b/two.html#a&amp;b",
        "b/two.html",
        "b/two.html#c",
        "three.html",
        "b",
        "#none",
        "https://x.invalid/y",
    ]
    (tmp_path / "one.html").write_text(
        "".join(f'<a class="x" href="{link}">' for link in links), encoding="utf-8"
    )
    assert broken_links(tmp_path) == (
        7,
        [
            "one.html: b/two.html#c: no such anchor",
            "one.html: three.html: no such file",
            "one.html: b: no such file",
            "one.html: #none: no such anchor",
        ],
    )


@pytest.mark.slow
def test_the_reference_is_made_by_the_build(site: Path) -> None:
    for page, named in (
        ("commands", "with --data also"),
        ("settings", "candidate_probability"),
        ("result", "p_via_cluster"),
        ("kinds", "ip_64"),
        ("python", "estimate_collateral"),
    ):
        text = (site / "reference" / f"{page}.html").read_text(encoding="utf-8")
        assert named in text
        assert "{generated}" not in text


@pytest.mark.slow
def test_formulas_are_mathml(site: Path) -> None:
    text = (site / "method" / "links.html").read_text(encoding="utf-8")
    assert "<math" in text
    assert "MathJax" not in text


def test_a_formula_is_well_formed_and_what_is_unknown_is_refused() -> None:
    tree = html5lib.parse(mathml(r"b = \log_2 \frac{m}{u}", is_block=True), namespaceHTMLElements=False)
    assert tree.find(".//{http://www.w3.org/1998/Math/MathML}mfrac") is not None
    with pytest.raises(MathError):
        mathml(r"\nonsense", is_block=False)


def test_a_graph_of_mermaid_is_drawn_from_top_to_bottom() -> None:
    drawn = draw_mermaid_graph("flowchart TD\n  read -->|2| count\n  count -->|1| show\n  read -->|1| show\n")
    tree = ElementTree.fromstring(drawn)
    names = {text.text: float(text.get("y", "")) for text in tree.iter("text")}
    assert names["read"] < names["count"] < names["show"]
    assert len(list(tree.iter("path"))) == 3
    assert (
        draw_mermaid_graph(draw_mermaid(steps(), result_names())).count("<text") == len(steps()) + 1
    )  # the result
    with pytest.raises(ValueError, match="without arrows"):
        draw_mermaid_graph("flowchart TD\n")


def test_a_notebook_of_the_site_runs_in_its_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = read_named("notebooks/01_first_hour.py\n")
    assert notebook.cells[0].source.startswith("# First hour")
    assert notebook.cells[1].metadata["tags"] == ["remove-cell"]
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(sys.modules, "anywidget", sys)  # and is taken back after the test
    exec(notebook.cells[1].source, {})
    assert Path.cwd() == ROOT / "notebooks"
    assert importlib.util.find_spec("anywidget") is None  # so that no page needs the widget's scripts


def test_every_notebook_is_a_page() -> None:
    named = {path.read_text(encoding="utf-8").strip() for path in (ROOT / "docs").rglob("*.notebook")}
    assert named == {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.py")}


@pytest.mark.parametrize("name", PAGES)
def test_links_of_a_root_file_are_links_of_the_site(name: str) -> None:
    linked = [link for link in re.findall(r"\]\(([^)#\s]+)", root_text(name)) if "://" not in link]
    assert [link for link in linked if not (ROOT / "docs" / link.lstrip("/")).exists()] == []


def test_a_root_file_that_the_site_does_not_show_is_refused() -> None:
    with pytest.raises(KeyError, match="LICENSE"):
        root_text("LICENSE")
