"""Declared cleanings: what each does, which lists of them can't be declared, and that they end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.core.cleanings import BY_NAME, CLEANINGS, cleaned
from graphlink.core.errors import SettingsError
from graphlink.core.settings import KindSettings, Settings, settings_from
from graphlink.kinds import UncleanValue, kind_of

DOCS = Path(__file__).parents[3] / "docs" / "extending.md"
LISTS = st.lists(st.sampled_from([name for name in BY_NAME if name != "lower"]), unique=True)


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("strip", " a b ", "a b"),
        ("no_spaces", " a b\tc", "abc"),
        ("upper", "de 1ß", "DE 1SS"),
        ("lower", "DE 1", "de 1"),
        ("digits", "DE 12-3٣", "123"),
        ("alphanumeric", "DE-1.2/é", "DE12é"),
        ("no_leading_zeros", "0012", "12"),
        ("no_leading_zeros", "000", "0"),
    ],
)
def test_a_cleaning_does_what_it_states(name: str, raw: str, value: str) -> None:
    assert cleaned(raw, [name]) == value


@given(text=st.text(), names=LISTS)
def test_what_was_cleaned_is_clean(text: str, names: list[str]) -> None:
    assert cleaned(cleaned(text, names), names) == cleaned(text, names)


@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_sql_knows_where_a_cleaning_changes_a_text(text: str) -> None:
    for cleaning in CLEANINGS:
        changes = re.search(cleaning.changes, text) is not None
        assert changes == (cleaning.apply(text) != text), cleaning.name


@pytest.mark.parametrize("raw", [" de 123 ", "DE123", "De-123"])
def test_spellings_of_one_value_become_one(raw: str) -> None:
    settings = Settings(kinds={"tax_id": KindSettings(clean=("strip", "upper", "alphanumeric"))})
    assert kind_of("tax_id", settings).clean(raw) == "DE123"


def test_a_value_of_which_nothing_is_kept_is_refused() -> None:
    kind = kind_of("seat", Settings(kinds={"seat": KindSettings(clean=("digits",))}))
    with pytest.raises(UncleanValue, match=r"nothing_left: .* clean = \['digits'\]"):
        kind.clean("first row")


def test_what_cleaning_makes_a_card_number_is_refused() -> None:
    kind = kind_of("seat", Settings(kinds={"seat": KindSettings(clean=("digits",))}))
    with pytest.raises(UncleanValue, match="card_number"):
        kind.clean("a4b111c111d111e111f11g1")


@pytest.mark.parametrize(
    ("clean", "message"),
    [
        (["trim"], "kinds.tax_id: clean: 'trim' is none; known are strip, no_spaces, upper, lower, digits"),
        (["upper", "upper"], "kinds.tax_id: clean: each cleaning stands once"),
        (["upper", "lower"], "kinds.tax_id: clean: upper and lower undo each other"),
        ("upper", "kinds.tax_id: clean: expected a list, found 'upper'"),
    ],
)
def test_a_wrong_list_is_named(clean: object, message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        settings_from({"kinds": {"tax_id": {"clean": clean}}})


def test_a_kind_that_is_built_in_cleans_by_itself() -> None:
    settings = Settings(kinds={"ip": KindSettings(clean=("digits",))})
    with pytest.raises(
        SettingsError, match=r"kinds\.ip\.clean: the values of ip are cleaned in a way of their"
    ):
        kind_of("ip", settings)


def test_cleanings_are_part_of_the_fingerprint_only_where_they_stand() -> None:
    plain, same, other = (
        Settings(kinds={"tax_id": KindSettings(facet="tax", clean=clean)}).fingerprint()
        for clean in (None, (), ("upper",))
    )
    assert plain == same != other


def test_the_docs_list_all_cleanings() -> None:
    rows = "\n".join(f"| `{cleaning.name}` | {cleaning.about} |" for cleaning in CLEANINGS)
    begin, end = "<!-- cleanings: written by tests/unit/core/test_cleanings.py -->\n", "<!-- end -->"
    text = DOCS.read_text(encoding="utf-8")
    assert text.partition(begin)[2].partition(end)[0] == f"| cleaning | what it does |\n|---|---|\n{rows}\n"
