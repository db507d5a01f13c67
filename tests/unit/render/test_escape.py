"""Text of the data made safe to show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.render.escape import guarded, shortened, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "<U+001B>[31mred"),
        ("a\rb\nc\td\0", "a<U+000D>b<U+000A>c<U+0009>d<U+0000>"),
        ("\x7f\x9b2J", "<U+007F><U+009B>2J"),
        ("user\u202etxt.exe", "user<U+202E>txt.exe"),
        ("\u2066a\u2069\u200e\u061c", "<U+2066>a<U+2069><U+200E><U+061C>"),
        ("bo\u200bb\ufeff\u00ad", "bo<U+200B>b<U+FEFF><U+00AD>"),
        ("\u2028\u2029", "<U+2028><U+2029>"),
        ("\ud800", "<U+D800>"),
        ("\U000e0041\U0010ffff", "<U+E0041><U+10FFFF>"),
        ("plain text, ~ included", "plain text, ~ included"),
        ("Zoë 名前 🙂 é", "Zoë 名前 🙂 é"),
        ("[bold]not markup[/bold]", "[bold]not markup[/bold]"),
        ("", ""),
    ],
)
def test_what_cannot_be_seen_is_shown_by_its_code(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters(codec=None)))
def test_what_is_shown_holds_nothing_unseen_and_keeps_what_is_seen(text: str) -> None:
    shown = visible(text)
    unseen = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not [letter for letter in shown if unicodedata.category(letter) in unseen]
    assert shown.encode().decode() == shown
    assert visible(shown) == shown


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"
    assert shortened("\x1b" * 1_000_000, 20) == "<U+001B><U+001B><U+…"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_formula_is_guarded_in_csv(start: str) -> None:
    assert guarded(start + "cmd|' /C calc'!A0") == "'" + start + "cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["", "a=1", " =1", "007"])
def test_what_no_spreadsheet_runs_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text
