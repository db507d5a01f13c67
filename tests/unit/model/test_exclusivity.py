"""What one identifier says of its holders: exclusive to one operator, or public."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.engine.duck import DuckEngine
from tests.learned import bits, learn, offices_and_campuses, p_exclusive, usual_odds

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def test_an_address_whose_accounts_share_cards_is_private_and_one_of_as_many_strangers_is_not(
    engine: DuckEngine,
) -> None:
    learn(engine, offices_and_campuses())
    office, campus = (
        sum(p_exclusive(engine, f"{network}.{place}.1") for place in range(10)) / 10
        for network in ("203.0", "198.51")
    )
    assert office > 3 * campus
    assert campus < 0.05
    assert min(bits(engine, "203.0.1.1", "office", "office")) > max(
        bits(engine, "198.51.1.1", "student", "student")
    )


def test_a_farm_behind_a_public_address_does_not_pull_in_its_neighbours(engine: DuckEngine) -> None:
    seen = offices_and_campuses()
    for member in range(8):
        seen += [(f"farm{member}", "ip", "198.51.1.1"), (f"farm{member}", "payment", f"farmcard{member % 2}")]
    learn(engine, seen)
    inside = bits(engine, "198.51.1.1", "farm", "farm")
    across = bits(engine, "198.51.1.1", "farm", "student")
    assert sum(inside) / len(inside) > sum(across) / len(across) + 1


def test_an_address_whose_accounts_hang_together_by_a_chain_of_cards_is_private(engine: DuckEngine) -> None:
    seen = offices_and_campuses()
    # Two to a card, and every second holds the next card as well: few pairs share one, all hang together.
    for member in range(8):
        seen += [(f"chain{member}", "ip", "203.9.9.1"), (f"alone{member}", "ip", "198.9.9.1")]
        seen += [
            (f"chain{member}", "payment", f"chaincard{card}") for card in (member // 2, (member + 1) // 2)
        ]
        seen += [(f"alone{member}", "payment", f"alonecard{member}-{i}") for i in range(2)]
    learn(engine, seen)
    assert p_exclusive(engine, "203.9.9.1") > 0.6
    assert p_exclusive(engine, "198.9.9.1") < 0.3
    # The ends of the chain share no card.
    assert min(bits(engine, "203.9.9.1", "chain0", "chain7")) > max(
        bits(engine, "198.9.9.1", "alone", "alone")
    )


def test_a_pair_tied_to_two_groups_is_reported_less_than_one_tied_to_nobody(engine: DuckEngine) -> None:
    seen = offices_and_campuses()
    for place in range(6):
        for group in "xy":
            seen += [(f"{group}{place}-{i}", "payment", f"{group}card{place}") for i in range(4)]
            seen += [
                (f"{group}{place}-0", "ip", f"203.8.{place}.1"),
                (f"o{group}{place}", "ip", f"203.8.{place}.2"),
            ]
    learn(engine, seen)
    assert max(bits(engine, "203.8.1.1", "x1-0", "y1-0")) < min(bits(engine, "203.8.1.2", "ox1", "oy1")) - 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "sign"),
    [
        *(("vpn", -1), ("proxy", -1), ("residential_proxy", -1), ("tor", -1)),
        *(("carrier_nat", -1), ("router", -1), ("corporate", 1)),
    ],
)
def test_a_reference_list_moves_what_an_address_states(engine: DuckEngine, label: str, sign: int) -> None:
    learn(engine, offices_and_campuses())
    before = sum(bits(engine, "198.51.1.1", "student", "student"))
    learn(engine, offices_and_campuses(), [("ip", "198.51.1.1", "somebody", label)])
    after = sum(bits(engine, "198.51.1.1", "student", "student"))
    assert (after - before) * sign > 0


def test_what_all_have_in_common_makes_no_network_telling(engine: DuckEngine) -> None:
    seen = [(f"home{i}", "ip", f"198.51.7.{i}") for i in range(60)]
    seen += [(f"home{i}", "client", "app/1") for i in range(60)]
    for crew in "xy":
        seen += [(f"{crew}{i}", "payment", f"card-{crew}") for i in range(8)]
        seen += [(f"{crew}{i}", "ip", f"203.0.113.{ord(crew)}") for i in range(8)]
    learn(engine, seen)
    # Without agreement by chance all would have learned that homes of one network are one operator's.
    assert usual_odds(engine, "ip_prefix") < -4
    assert max(bits(engine, "198.51.7.0/24", "home", "home")) < 8


def test_a_wider_identifier_states_nothing_next_to_the_narrower(engine: DuckEngine) -> None:
    seen = [(f"a{i}", "ip", "203.0.113.5") for i in range(2)] + [
        (f"b{i}", "ip", f"198.51.100.{i}") for i in (1, 2)
    ]
    learn(engine, seen)
    assert bits(engine, "203.0.113.5", "a", "a")
    assert not bits(engine, "203.0.113.0/24", "a", "a")
    assert bits(engine, "198.51.100.0/24", "b", "b")


def test_the_more_hold_a_value_at_a_time_the_less_it_states(engine: DuckEngine) -> None:
    seen = [(f"d{n}-{i}", "ip", f"203.{n}.113.5") for n in (2, 4, 9, 20) for i in range(n)]
    learn(engine, seen)
    listed = [max(bits(engine, f"203.{n}.113.5", f"d{n}-", f"d{n}-")) for n in (2, 4, 9, 20)]
    assert listed == sorted(listed, reverse=True)
    assert listed[0] > listed[-1] + 2
