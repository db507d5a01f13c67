"""What a command prints: tables, JSON and CSV of hostile rows."""

from __future__ import annotations

import csv
import datetime
import io
import json
from typing import Literal

import pytest

from graphlink.render.terminal import Sheet, View, folded, message, write_facts, write_sheets

EVIL = "[bold red]\x1b]0;owned\x07\u202e=1+1"
ROWS: list[dict[str, object]] = [
    {"name": EVIL, "n": 1234567, "score": 0.123456, "ok": True, "at": datetime.datetime(2026, 1, 2, 3, 4, 5)},
    {"name": "=cmd()", "n": -3, "score": float("nan"), "ok": False, "at": None},
]
SHEET = Sheet("rows", ("name", "n", "score", "ok", "at"), ROWS)


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def written(form: str, file: io.StringIO | None = None, sheets: list[Sheet] | None = None) -> str:
    file = file or io.StringIO()
    write_sheets(sheets or [SHEET], form, file)  # type: ignore[arg-type]  # a text of the parameters
    return file.getvalue()


def test_a_table_shows_values_as_plain_text() -> None:
    actual = written("table")
    assert "[bold red]<U+001B>]0;owned<U+0007><U+202E>=1+1" in actual
    assert "1,234,567" in actual
    assert "0.123" in actual
    assert "yes" in actual
    assert "2026-01-02 03:04" in actual
    assert "\x1b" not in actual


def test_a_table_in_a_pipe_is_not_folded() -> None:
    actual = written("table", sheets=[Sheet("wide", ("a", "b"), [{"a": "x" * 119, "b": "y" * 119}])])
    assert "x" * 119 in actual
    assert "y" * 119 in actual


def test_a_table_without_rows_says_so() -> None:
    empty, full = Sheet("one", ("a",), []), Sheet("two", ("a",), [{"a": 1}])
    assert written("table", sheets=[empty]).splitlines()[-1] == "none"
    assert written("table", sheets=[empty, full]).count("none") == 1


WIDE = [
    {
        "cluster_id": "C-4edd8240f0",
        "n_accounts": 12,
        "detail": "word " * 12,
        "facets": "identity, payment, network",
    }
]


def test_a_table_fits_the_terminal_and_names_what_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Sheet("clusters", tuple(WIDE[0]), WIDE, ("cluster_id", "detail"))
    for width in (40, 80, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        text = written("table", sheets=[sheet])
        assert max(map(len, text.splitlines())) <= width
        assert "C-4edd8240f0" in text
        assert text.count("word") == 12
    monkeypatch.setenv("COLUMNS", "40")
    assert "not shown for lack of width: n_accounts,\nfacets\n" in written("table", sheets=[sheet])


def test_a_wide_view_shows_every_column_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    file = io.StringIO()
    write_sheets([Sheet("clusters", tuple(WIDE[0]), WIDE)], "table", file, View(is_wide=True))
    assert len(file.getvalue().splitlines()) == 3
    assert "not shown" not in file.getvalue()


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_chosen_columns_come_in_their_order_in_every_form(form: Literal["table", "json", "csv"]) -> None:
    file = io.StringIO()
    write_sheets([Sheet("clusters", ("cluster_id",), WIDE)], form, file, View(("facets", "cluster_id")))
    text = file.getvalue()
    assert text.index("facets") < text.index("cluster_id")
    assert "n_accounts" not in text


def test_a_message_folds_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    given = folded("one two three four five six\n  an indented line", io.StringIO())
    assert given == "one two three four\n  five six\n  an indented line"
    monkeypatch.delenv("COLUMNS")
    assert folded("word " * 90 + "end", io.StringIO()).count("\n") == 0


def test_a_table_on_a_terminal_has_only_richs_own_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    actual = written("table", Terminal())
    assert "\x1b]0" not in actual
    assert "\x07" not in actual
    assert "<U+001B>]0;owned" in actual


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in written("table", Terminal())


def test_a_huge_cell_is_cut() -> None:
    assert len(written("table", sheets=[Sheet("s", ("a",), [{"a": "x" * 10**6}])])) < 2000


def test_json_has_the_exact_values_in_ascii() -> None:
    actual = written(
        "json", sheets=[Sheet("rows", ("name", "at"), [{"name": EVIL + "\x7f\x9b", "at": None}])]
    )
    assert json.loads(actual) == [{"name": EVIL + "\x7f\x9b", "at": None}]
    assert actual.isascii()
    assert not [letter for letter in actual if ord(letter) in (*range(10), *range(11, 32), 127)]


def test_json_of_rows_has_iso_times_and_null_for_no_number() -> None:
    first, second = json.loads(written("json"))
    assert first["at"] == "2026-01-02T03:04:05"
    assert second["score"] is None
    assert second["n"] == -3


def test_json_of_several_sheets_is_keyed_by_their_titles() -> None:
    data = json.loads(written("json", sheets=[Sheet("one", ("a",), [{"a": 1}]), Sheet("two", ("a",), [])]))
    assert data == {"one": [{"a": 1}], "two": []}


def test_csv_guards_formulas_and_keeps_numbers() -> None:
    header, first, second = csv.reader(io.StringIO(written("csv")))
    assert header == list(SHEET.columns)
    assert first[0] == EVIL
    assert second[:2] == ["'=cmd()", "-3"]


def test_csv_on_a_terminal_moves_no_cursor() -> None:
    assert "\x1b" not in written("csv", Terminal())


def test_facts_are_two_columns_or_one_object() -> None:
    file = io.StringIO()
    write_facts({"rows": 3, "what": "=x"}, "json", file)
    assert json.loads(file.getvalue()) == {"rows": 3, "what": "=x"}
    file = io.StringIO()
    write_facts({"rows": 3, "what": "=x"}, "csv", file)
    assert file.getvalue() == "what,value\nrows,3\nwhat,'=x\n"


def test_a_message_keeps_its_lines_and_nothing_else_that_moves() -> None:
    assert message("bad \x1b[2J\nrow 7") == "bad <U+001B>[2J\nrow 7"
