"""Provisional answers for accounts that no run has seen."""

from __future__ import annotations

import time
from typing import Any

import pytest

from graphlink.core.settings import settings_from
from graphlink.workspace.holdings import Identifier, Spelling
from graphlink.workspace.indicators import Indicator
from graphlink.workspace.screening import (
    CLEAR,
    INDICATORS,
    KNOWN,
    KNOWN_LINEAGES,
    NAMED,
    POSSIBLE,
    WATCH_LIST,
    Answer,
    Screen,
    Sighting,
    make_screen,
    sightings_of,
)
from graphlink.workspace.watch import DecidedLineage
from tests.unit.workspace.small_results import SmallResult, day

SERVER, OTHER = "203.0.113.7", "198.51.100.9"
DECIDED = DecidedLineage("K-1", frozenset({"m1", "m2", "m3"}), day(28))
RESULT = SmallResult(
    [(name, "ip", SERVER, 27.0) for name in ("m1", "m2", "m3")]
    + [(name, "payment", "card-7", 10.0) for name in ("k1", "k2", "k3", "k4")]
    + [("m1", "email", "jo@own.example", 20.0), ("m2", "email", "al@own.example", 20.0)]
)


def screen() -> Screen:
    return make_screen(RESULT, [DECIDED], {"K-7": ["k1", "k2", "k3", "k4"]})


def answers(*rows: tuple[str, str, str, float]) -> dict[str, Answer]:
    sightings = [Sighting(name, kind, value, day(at)) for name, kind, value, at in rows]
    return {one.account_id: one for one in screen().screen(sightings).answers}


def test_a_new_account_on_a_watched_value_is_named_and_others_are_clear() -> None:
    actual = answers(("n1", "ip", SERVER, 30), ("n2", "ip", OTHER, 30))
    assert (actual["n1"].state, actual["n2"].state) == (NAMED, CLEAR)
    (match,) = actual["n1"].matches
    assert (match.listed, match.name) == (WATCH_LIST, "K-1")
    assert actual["n1"].sentence.startswith("n1: likely K-1, probability 0.9")
    assert f"by ip {SERVER}; provisional until the next run." in actual["n1"].sentence
    assert actual["n2"].sentence == "n2: nothing on the lists; provisional until the next run."
    assert actual["n1"].data_until == day(27)


def test_raw_values_are_cleaned_and_widened_as_a_run_does() -> None:
    actual = answers(("n1", "IP", f"::ffff:{SERVER}", 30), ("n2", "email", " New+tag@OWN.example ", 30))
    assert [hit.watched.identifier for hit in actual["n1"].matches[0].hits] == [("ip", SERVER)]
    assert [hit.watched.identifier.kind for hit in actual["n2"].matches[0].hits] == ["email_domain"]


def test_an_undecided_lineage_is_listed_apart() -> None:
    (match,) = answers(("n1", "payment", "card-7", 30))["n1"].matches
    assert (match.listed, match.name) == (KNOWN_LINEAGES, "K-7")


def test_an_account_of_a_lineage_is_known_and_matches_not_itself() -> None:
    actual = answers(("m1", "ip", SERVER, 30), ("k1", "payment", "card-7", 30))
    assert {(one.state, one.lineage_id, one.matches) for one in actual.values()} == {
        (KNOWN, "K-1", ()),
        (KNOWN, "K-7", ()),
    }
    assert actual["m1"].sentence == "m1: already in K-1."


def test_an_indicator_is_a_list_of_its_own_and_bounded_by_its_confidence() -> None:
    sure, unsure = (
        Indicator(Identifier("ip", value), "partner", confidence, day(27), day(200), "")
        for value, confidence in ((OTHER, 0.95), ("198.51.101.1", 0.55))
    )
    lists = make_screen(RESULT, indicators=[sure, unsure])
    sightings = [Sighting("n1", "ip", OTHER, day(28)), Sighting("n2", "ip", "198.51.101.1", day(28))]
    actual = {one.account_id: one for one in lists.screen(sightings).answers}
    assert (actual["n1"].matches[0].listed, actual["n1"].matches[0].name) == (INDICATORS, "partner")
    assert (actual["n2"].state, actual["n2"].matches[0].probability) == (POSSIBLE, 0.55)


def test_what_can_not_be_cleaned_is_rejected_by_number_without_its_value() -> None:
    rows: list[dict[str, Any]] = [
        {"account_id": "n1", "kind": "ip", "value": "10.0.0.1", "seen_at": None},
        {"account_id": "n1", "kind": "payment", "value": "4111111111111111"},
        {"account_id": "n1", "kind": "ip", "value": SERVER},
    ]
    actual = screen().screen(sightings_of(rows))
    assert [one.row_number for one in actual.rejected] == [1, 2]
    assert "4111" not in actual.rejected[1].reason
    assert [one.state for one in actual.answers] == [NAMED]


def test_pseudonymised_kinds_are_hashed_before_the_look_up() -> None:
    spelling = Spelling(settings_from({"pseudonymize": {"kinds": ["payment"], "key_file": "key"}}), b"k" * 32)
    (hashed,) = spelling.identifiers("payment", "card-7")
    result = SmallResult([(name, "payment", hashed.value, 10.0) for name in ("m1", "m2", "m3")])
    lists = make_screen(result, [DECIDED], spelling=spelling)
    (answer,) = lists.screen([Sighting("n1", "payment", "card-7", day(30))]).answers
    assert answer.state == NAMED


def test_answers_come_named_first_and_do_not_depend_on_the_order_of_rows() -> None:
    rows = [Sighting("z", "ip", SERVER, day(30)), Sighting("a", "ip", OTHER, day(30))]
    rows += [Sighting("m", "ip", SERVER, day(50)), Sighting("m1", "ip", SERVER, day(30))]
    forward, backward = screen().screen(rows), screen().screen(rows[::-1])
    assert forward.answers == backward.answers
    assert [one.account_id for one in forward.answers] == ["z", "m", "m1", "a"]


@pytest.mark.slow
def test_a_thousand_accounts_take_less_than_a_second() -> None:
    lists = screen()
    rows = [
        Sighting(f"n{i}", kind, value, day(30))
        for i in range(1_000)
        for kind, value in (("ip", f"203.0.{i % 250}.{i % 200 + 1}"), ("email", f"u{i}@post.example"))
    ]
    began = time.process_time()
    assert len(lists.screen(rows).answers) == 1_000
    assert time.process_time() - began < 1.0
