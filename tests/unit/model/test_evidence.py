"""Evidence that speaks against a pair: only where both have one value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.core.schema import OBSERVATIONS
from graphlink.core.settings import Settings
from graphlink.core.tables.model import (
    BEHAVIOURS,
    CONDITIONAL_DISAGREEMENT,
    DEPENDENCE_CAPS,
    DISAGREEMENT_WEIGHTS,
    EXCLUSIVITY_BITS,
    MANY_KINDS,
    PAIR_KINDS,
)
from graphlink.engine.duck import DuckEngine
from graphlink.model.evidence import weigh_evidence
from graphlink.model.identifiers import describe_identifiers
from tests.numbered import number_observations
from tests.tables import load, make

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def weigh(
    engine: DuckEngine, seen: list[tuple[str, str, str]], behaviour: str = ""
) -> list[tuple[object, ...]]:
    """Kind and counted bits of the pairs, when one card says 20 bits, and differing names say -2.

    Given that they share a surname, differing names say -5.

    Args:
        engine: Where it is weighed.
        seen: Account, kind and value.
        behaviour: A behaviour of the first two accounts, of 2 bits; empty for none.
    """
    load(engine, OBSERVATIONS, "account_id kind value n", [(*row, 1) for row in seen])
    number_observations(engine)
    describe_identifiers(engine, Settings())
    both = (
        "SELECT x.account_no AS l, y.account_no AS r, identifier_no, kind_no "
        "FROM window_incidence x JOIN window_incidence y "
        "USING (identifier_no) JOIN shared_identifiers USING (identifier_no) "
        "WHERE x.account_no < y.account_no"
    )
    make(
        engine,
        EXCLUSIVITY_BITS,
        "SELECT b.*, CASE kind WHEN 'payment' THEN 20.0 ELSE 1.0 END AS bits "
        f"FROM ({both}) b JOIN kinds USING (kind_no)",
    )
    make(engine, PAIR_KINDS, "SELECT DISTINCT l, r, kind_no, 2 AS degree FROM exclusivity_bits")
    make(engine, MANY_KINDS, "SELECT l, r FROM pair_kinds GROUP BY l, r HAVING count(*) > 1")
    make(
        engine,
        DEPENDENCE_CAPS,
        "SELECT x.kind_no AS given_no, y.kind_no, 5.0 AS bits, 1.0 AS share FROM kinds x, kinds y",
    )
    make(engine, DISAGREEMENT_WEIGHTS, "SELECT kind_no, -2.0 AS bits FROM kinds WHERE kind = 'name'")
    rows = [(1, 2, behaviour, 2.0)] if behaviour else []
    make(
        engine,
        CONDITIONAL_DISAGREEMENT,
        "SELECT x.kind_no AS given_no, y.kind_no, -5.0 AS bits FROM kinds x, kinds y "
        "WHERE x.kind = 'surname' AND y.kind = 'name'",
    )
    load(engine, BEHAVIOURS, "l r behaviour bits", rows)
    weigh_evidence(engine, Settings())
    return engine.rows(
        "SELECT kind, contribution_bits::DOUBLE FROM kind_bits JOIN evidence_kinds USING (kind_no) "
        "ORDER BY ALL"
    )


def test_different_names_speak_against_two_who_share_a_card(engine: DuckEngine) -> None:
    actual = weigh(
        engine, [("a", "payment", "p"), ("b", "payment", "p"), ("a", "name", "Ann"), ("b", "name", "Bob")]
    )
    assert actual == [("name", -2.0), ("payment", 20.0)]


def test_different_names_speak_more_against_two_who_share_the_surname(engine: DuckEngine) -> None:
    names = [
        ("a", "name", "Ann Lee"),
        ("b", "name", "Bob Lee"),
        ("a", "surname", "Lee"),
        ("b", "surname", "Lee"),
    ]
    actual = weigh(engine, [("a", "payment", "p"), ("b", "payment", "p"), *names])
    assert actual == [("name", -5.0), ("payment", 20.0), ("surname", 1.0)]


def test_a_missing_name_is_missing_and_not_contrary(engine: DuckEngine) -> None:
    assert weigh(engine, [("a", "payment", "p"), ("b", "payment", "p"), ("b", "name", "Bob")]) == [
        ("payment", 20.0)
    ]


def test_an_account_with_two_names_does_not_differ_from_who_has_one_of_them(engine: DuckEngine) -> None:
    names = [("a", "name", "Ann"), ("a", "name", "Zoe"), ("b", "name", "Ann"), ("c", "name", "Zoe")]
    actual = weigh(engine, [("a", "payment", "p"), ("b", "payment", "p"), *names])
    assert actual == [("name", 1.0), ("payment", 20.0)]


@pytest.mark.parametrize(
    ("kind", "behaviour", "counted"),
    [
        ("ip", "signup_burst", 1.0),
        ("payment", "signup_burst", 2.0),
        ("ip", "replacement", 1.0),
        ("payment", "replacement", 2.0),
        ("ip", "lockstep", 2.0),
    ],
)
def test_what_is_of_a_place_adds_little_to_it(
    engine: DuckEngine, kind: str, behaviour: str, counted: float
) -> None:
    value = "203.0.113.7" if kind == "ip" else "p"
    seen = [("a", kind, value), ("b", kind, value), ("a", "payment", "q"), ("b", "payment", "q")]
    assert (behaviour, counted) in weigh(engine, seen, behaviour)
