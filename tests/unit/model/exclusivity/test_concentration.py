"""Concentration: whether the holders of an instrument come from one place, beyond what others explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.core.parameters import Parameters
from graphlink.engine.duck import DuckEngine
from graphlink.model.exclusivity.concentration import make_concentration
from tests.held import hold, of_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.learned import Seen


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def concentrate(engine: DuckEngine, seen: Seen, n_strangers: int = 1_000) -> None:
    hold(engine, seen, n_strangers)
    make_concentration(engine, Parameters())


def ratio(engine: DuckEngine, card: str) -> float:
    return of_value(engine, "concentration", card, "t.log_ratio").get("log_ratio", -99.0)


def of_card(card: str, n: int, address: str = "") -> Seen:
    """So many holders of a card, who come from one address, or each from an own one."""
    return [
        row
        for i in range(n)
        for row in (
            (f"{card}-{i:02}", "payment", card),
            (f"{card}-{i:02}", "ip", address or f"198.51.{i}.{sum(map(ord, card)) % 200}"),
        )
    ]


def test_a_card_whose_holders_come_from_one_server_is_gathered(engine: DuckEngine) -> None:
    concentrate(engine, of_card("farm", 12, "203.0.113.1"))
    assert ratio(engine, "farm") > 1.0
    assert of_value(engine, "concentration", "farm", "t.n_there") == {"n_there": 12}
    place = engine.rows(
        "SELECT p.value FROM concentration c JOIN shared_identifiers p ON p.identifier_no = c.place_no"
    )
    assert place == [("203.0.113.1",)]


def test_a_scattered_resellers_card_has_no_place(engine: DuckEngine) -> None:
    concentrate(engine, of_card("reseller", 12))
    assert ratio(engine, "reseller") == -99.0


def test_a_place_where_half_of_all_are_gathers_nobody(engine: DuckEngine) -> None:
    everybody: Seen = [(f"stranger{i:04}", "ip", "203.0.113.1") for i in range(500)]
    concentrate(engine, of_card("reseller", 12, "203.0.113.1") + everybody)
    assert ratio(engine, "reseller") < 0.1


def test_a_family_is_at_one_place_as_well(engine: DuckEngine) -> None:
    """Three at home are a family as likely as not; each further holder makes it less likely."""
    seen: Seen = []
    for n in (3, 4, 6, 9, 14):
        seen += of_card(f"card{n}", n, f"203.0.113.{n}")
    concentrate(engine, seen)
    ratios = [ratio(engine, f"card{n}") for n in (3, 4, 6, 9, 14)]
    assert ratios == sorted(ratios)
    assert ratios[0] < 0.1 < ratios[-1]


def test_a_couple_is_no_crowd(engine: DuckEngine) -> None:
    concentrate(engine, of_card("couple", 2, "203.0.113.1"))
    assert ratio(engine, "couple") == -99.0


def test_a_place_of_fewer_than_half_of_the_holders_is_none(engine: DuckEngine) -> None:
    seen = of_card("split", 12)
    seen += [(f"split-{i:02}", "ip", "203.0.113.1") for i in range(5)]
    concentrate(engine, seen)
    assert ratio(engine, "split") == -99.0


def test_of_several_places_the_likeliest_counts(engine: DuckEngine) -> None:
    seen = of_card("farm", 12, "203.0.113.1")
    seen += [(f"farm-{i:02}", "ip", "203.0.113.2") for i in range(8)]
    concentrate(engine, seen)
    assert of_value(engine, "concentration", "farm", "t.n_there") == {"n_there": 12}
