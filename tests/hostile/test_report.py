"""A report of hostile data: names with markup, formulas, links and marks that move text do nothing.

And a redacted report: no byte of any of its files tells a raw value.
"""

from __future__ import annotations

import csv
import json
import re
import zipfile
from typing import TYPE_CHECKING

import html5lib
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pypdf
import pytest

import graphlink
from graphlink.core.settings import AccountSource, Settings
from graphlink.report import Options, write_report
from graphlink.report.formats import markdown_text
from graphlink.result.redaction import LEGAL, PARTNER, Profile, redact
from tests.redacted import shown_values

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.result.result import Result

KEY = b"a key of the tests, 32 bytes long"
OWN = Profile("own", kinds={"ip": "prefix"}, labels="type", times="day", attributes=("status",), length=8)
# What many strangers share and nobody is told by.
COARSE = ("ip_prefix", "asn", "country")
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
PLAN = "=1+1<script>alert(2)</script>\u202e"
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
    # One attribute for all, so that it stands in the table of facts too.
    accounts = pd.DataFrame({"account_id": EVIL, "@plan": [PLAN] * len(EVIL)})
    settings = Settings(accounts=AccountSource(name="accounts", attributes=("@plan",)))
    result = graphlink.run({"log": frame, "accounts": accounts}, settings=settings)
    assert PLAN in result.table("facts")["category"].to_pylist()
    made = write_report(result, tmp_path_factory.mktemp("evil") / "r")
    assert made.entries
    assert made.entries[0].n_accounts >= 5
    return made.folder


@pytest.mark.slow
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
    assert "@plan =1+1<script>alert(2)</script><U+202E>" in seen, "in the table of facts"
    assert "{{ 7*7 }}" in seen


def test_cells_of_the_workbook_are_texts(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "report.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink]
    values = {cell.value for cell in book["Core members"]["B"]} | {cell.value for cell in book["Fringe"]["B"]}
    assert EVIL[0] in values


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
    actual = markdown_text(text)
    for i, letter in enumerate(actual):
        if letter in "`*_[]<>|@:":
            assert actual[i - 1] == "\\"


def raw_values(result: Result) -> set[str]:
    """Every account, identifier, label and cluster id that could tell who somebody is."""
    observations = result.table("observations", ["kind", "value"])
    is_telling = pc.invert(pc.is_in(observations["kind"], value_set=pa.array(COARSE)))
    columns = [
        observations.filter(is_telling)["value"],
        result.table("accounts")["account_id"],
        result.table("identifiers")["label"],
        result.table("clusters")["cluster_id"],
    ]
    values = {value for column in columns for value in column.unique().to_pylist() if value}
    return {value for value in values if len(value) > 4}


def texts_of(path: Path) -> list[str]:
    """All that a file says: its bytes, and what a reader unpacks from it."""
    text = [path.read_bytes().decode("utf-8", errors="replace")]
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as unpacked:
            text += [unpacked.read(name).decode("utf-8", errors="replace") for name in unpacked.namelist()]
    if path.suffix == ".pdf":
        reader = pypdf.PdfReader(path)
        # Lines break inside long values, so these are compared without any blank.
        text.append("".join("".join(page.extract_text().split()) for page in reader.pages))
        text.append(str(reader.metadata))
    return text


def raw_values_in(folder: Path, raw: set[str]) -> dict[str, set[str]]:
    """File of a report to the raw values that it tells; a file's own name counts as its text."""
    values = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        # The network of an address that ends in 0 reads like the address.
        texts = [re.sub(r"(\.0|::)\\?/(24|48)\\?~", "~", text) for text in (name, *texts_of(path))]
        values[name] = {value for value in raw if any(value in text for text in texts)}
    return values


@pytest.mark.slow
@pytest.mark.parametrize("profile", [LEGAL, PARTNER, OWN], ids=lambda profile: profile.name)
def test_no_file_of_a_redacted_report_holds_a_raw_value(
    sample_result: Result, profile: Profile, tmp_path: Path
) -> None:
    shown = redact(sample_result, profile, KEY)
    write_report(shown, tmp_path / "r", Options(pdf=True, since=shown))
    hidden = raw_values(sample_result) - shown_values(sample_result, profile)
    actual = raw_values_in(tmp_path / "r", hidden)
    assert {name.rpartition(".")[2] for name in actual} == {"html", "csv", "json", "md", "xlsx", "pdf"}
    assert {name: values for name, values in actual.items() if values} == {}


@pytest.mark.slow
def test_every_file_of_a_plain_report_holds_raw_values(sample_result: Result, tmp_path: Path) -> None:
    write_report(sample_result, tmp_path / "r", Options(pdf=True))
    actual = raw_values_in(tmp_path / "r", raw_values(sample_result))
    assert {name for name, values in actual.items() if not values} == {"report.schema.json", "joined.csv"}
    clusters = sample_result.clusters["cluster_id"]
    assert set(sample_result.members(clusters[0])["account_id"]) <= actual["report.xlsx"]
    assert set(clusters) <= actual["report.pdf"]  # which lists no members
