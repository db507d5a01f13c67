"""Every enumeration of a result has words, each face takes them, and no wording says more than is so."""

from __future__ import annotations

import re

import pytest

from graphlink.assessment.harmless_readings import READINGS
from graphlink.assessment.hypotheses import HYPOTHESES
from graphlink.core.wording import vocabulary as words
from graphlink.explorer.index.accounts import ROLES
from graphlink.ingest.reference_lists.types import TYPES


def test_every_hypothesis_has_words() -> None:
    assert tuple(words.HYPOTHESIS_WORDS) == HYPOTHESES
    assert len({words.hypothesis_name(name) for name in HYPOTHESES}) == len(HYPOTHESES)
    assert len({words.hypothesis_about(name) for name in HYPOTHESES}) == len(HYPOTHESES)


def test_every_harmless_reading_that_a_run_gives_has_words() -> None:
    assert set(READINGS) == set(words.HARMLESS)


@pytest.mark.parametrize("reading", words.HARMLESS)
def test_a_harmless_reading_is_never_stated_to_explain_all_members(reading: str) -> None:
    """The flag is set where at most half of the members have another ground: so of half or more."""
    sentence = words.harmless_sentence(reading)
    assert "at least half of its members" in sentence
    assert not re.search(r"\ball\b", sentence)
    assert words.harmless_name(reading) in sentence


def test_a_reading_or_hypothesis_without_words_is_shown_with_blanks() -> None:
    assert words.harmless_name("two_things") == "two things"
    assert words.harmless_sentence("two_things") == "A harmless reading explains it too (two things)."
    assert words.hypothesis_name("a_fourth") == words.hypothesis_about("a_fourth") == "a fourth"
    assert words.behaviour_name("walking") == "walking"
    assert words.behaviour_name("walking", "acting together") == "acting together"
    assert words.behaviour_of_two("lockstep") == "They act in lockstep"
    assert words.behaviour_of_two("joint_walking") == "They act together by joint walking"


def test_public_types_are_those_of_reference_lists() -> None:
    assert set(words.PUBLIC_TYPES) <= set(TYPES)


def test_the_vocabulary_of_the_api_has_every_value() -> None:
    actual = words.column_words()
    assert set(actual["hypothesis"]) == set(HYPOTHESES)
    assert set(actual["also_explained_by"]) == {*words.HARMLESS, "none"}
    assert set(actual["role"]) == set(ROLES)
    assert list(actual["status"]) == ["open", "partly_closed", "closed"]
    assert all(value and "_" not in value for column in actual.values() for value in column.values())
