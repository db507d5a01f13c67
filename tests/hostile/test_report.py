"""A report of hostile data: names with markup, formulas, links and marks that move text do nothing."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import html5lib
import openpyxl
import pandas as pd
import pytest

import graphlink
from graphlink.view.report import write_report
from graphlink.view.report.formats import markdown_text

if TYPE_CHECKING:
    from pathlib import Path

EVIL = (
    '=HYPERLINK("http://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "[link](javascript:alert(1)) | `code` <http://evil.example>",
    "www.evil.example and a@evil.example",
    "abc\u202edef\u200bghi",
    "@SUM(A1:A9)",
)
XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [
        (account, kind, value, f"2026-03-0{day}T10:00:00Z")
        for account in EVIL
        for day in (1, 2, 3)
        for kind, value in (("payment", EVIL[2]), ("api_key", EVIL[0]), ("handle", EVIL[7]))
    ]
    rows += [(f"p{i}", "payment", f"card{i}", "2026-03-01T10:00:00Z") for i in range(300)]
    frame = pd.DataFrame(rows, columns=["account_id", "kind", "value", "seen_at"])
    result = graphlink.run(frame)
    made = write_report(result, tmp_path_factory.mktemp("evil") / "r")
    assert made.entries
    assert made.entries[0].n_accounts >= 5
    return made.folder


def test_pages_hold_the_names_as_text_only(folder: Path) -> None:
    seen = ""
    for page in folder.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        tree = html5lib.HTMLParser(strict=True).parse(text)
        tags = {
            str(element.tag).removeprefix(XHTML) for element in tree.iter() if isinstance(element.tag, str)
        }
        assert not tags & {"script", "img", "iframe", "form", "object", "base", "link"}
        assert not [name for element in tree.iter() for name in element.attrib if str(name).startswith("on")]
        assert "\u202e" not in text
        seen += "".join(tree.itertext())
    assert "<script>alert(1)</script>" in seen
    assert "abc<U+202E>def<U+200B>ghi" in seen
    assert "{{ 7*7 }}" in seen


def test_cells_of_the_workbook_are_texts(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "report.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink]
    told = {cell.value for cell in book["Core members"]["B"]} | {cell.value for cell in book["Fringe"]["B"]}
    assert EVIL[0] in told


def test_cells_of_csv_start_no_formula(folder: Path) -> None:
    for name in ("clusters.csv", "members.csv", "fringe.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                assert not [cell for cell in row if cell.startswith(("=", "+", "@", "\t"))]


def test_json_holds_the_exact_names_in_ascii(folder: Path) -> None:
    text = (folder / "report.json").read_text(encoding="ascii")
    (first, *_) = json.loads(text)["clusters"]
    accounts = {row["account_id"] for row in [*first["core"], *first["fringe"]]}
    assert accounts <= set(EVIL)
    assert len(accounts) >= 5


def test_markdown_has_no_markup_of_the_data(folder: Path) -> None:
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert "<script" not in text.replace("\\<", "")
    assert "](javascript" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("text", EVIL)
def test_markdown_text_escapes_what_begins_markup(text: str) -> None:
    told = markdown_text(text)
    for i, letter in enumerate(told):
        if letter in "`*_[]<>|@:":
            assert told[i - 1] == "\\"
