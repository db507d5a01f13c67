"""What one identifier says of its holders, from the step as a whole: one operator's, or shared."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from graphlink.engine.duck import DuckEngine
from tests.learned import bits, learn, offices_and_campuses, p_exclusive, usual_odds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.learned import Seen


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def strangers(n: int) -> Seen:
    """Accounts that share nothing with anybody: the value of others is the rarer among them."""
    return [(f"stranger{i:04}", "payment", f"strangers-{i}") for i in range(n)]


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


def test_a_farm_with_any_number_of_cards_holds_its_address_alone(engine: DuckEngine) -> None:
    """Of sixty accounts on k cards one pair in k shares one: whose the address is does not depend on it."""
    seen = strangers(1_000)
    numbers = (1, 2, 3, 5, 8, 12, 20, 30)
    for k in numbers:
        for i in range(60):
            seen += [(f"farm{k:02}-{i:02}", "ip", f"203.0.{k}.1")]
            seen += [(f"farm{k:02}-{i:02}", "payment", f"farmcard{k}-{i % k}")]
    seen += [(f"student{i:02}", "ip", "198.51.1.1") for i in range(60)]
    learn(engine, seen)
    assert min(p_exclusive(engine, f"203.0.{k}.1") for k in numbers) > 0.9
    assert p_exclusive(engine, "198.51.1.1") < 0.02
    of_farms = [min(bits(engine, f"203.0.{k}.1", f"farm{k:02}", f"farm{k:02}")) for k in numbers]
    assert min(of_farms) > 12
    # Several groups of accounts that share nothing may be several operators, but with strangers beside none.
    assert max(of_farms) - min(of_farms) < 2
    assert max(bits(engine, "198.51.1.1", "student", "student")) < 6


@pytest.mark.parametrize("pays", [True, False])
def test_a_farm_behind_a_public_address_does_not_pull_in_its_neighbours(
    engine: DuckEngine, *, pays: bool
) -> None:
    """Where it is one among others, the address says no more than its frequency: 48 of 1,000 hold it.

    So where everybody pays, and where nobody but the farm does.
    """
    seen = strangers(952) if pays else [(f"stranger{i:04}", "client", f"build {i}") for i in range(952)]
    seen += [(f"student{i:02}", "ip", "198.51.1.1") for i in range(40)]
    seen += [(f"student{i:02}", "payment", f"card of student {i}") for i in range(40) if pays]
    for member in range(8):
        seen += [(f"farm{member}", "ip", "198.51.1.1"), (f"farm{member}", "payment", f"farmcard{member % 2}")]
    learn(engine, seen)
    across = bits(engine, "198.51.1.1", "farm", "student")
    assert max(across) < math.log2(1_000 / 48) + 0.1
    assert min(bits(engine, "198.51.1.1", "farm", "farm")) >= max(across)
    assert p_exclusive(engine, "198.51.1.1") < 0.05


def test_a_couple_on_a_shared_address_corroborates_nobody_and_not_itself(engine: DuckEngine) -> None:
    seen = strangers(500)
    for place in range(2):
        seen += [(f"guest{place}-{i}", "ip", f"203.0.{place}.1") for i in range(6)]
    seen += [(f"guest1-{i}", "payment", "couple") for i in range(2)]
    learn(engine, seen)
    alone = max(bits(engine, "203.0.0.1", "guest0-0", "guest0-1"))
    assert max(bits(engine, "203.0.1.1", "guest1-0", "guest1-1")) <= alone + 1e-6
    assert max(bits(engine, "203.0.1.1", "guest1-4", "guest1-5")) < alone + 1.5


def test_two_organisations_behind_one_exit_stay_apart(engine: DuckEngine) -> None:
    """Each has a mail domain of its own and cards of its own: a rented exit of both is neither's."""
    firms = organisations()
    learn(engine, firms + [(f"{firm}{i}", "ip", "203.0.1.1") for firm in "ab" for i in range(8)])
    shared = p_exclusive(engine, "203.0.1.1")
    across, within = (bits(engine, "203.0.1.1", "a", other) for other in "ba")
    assert max(across) < min(within) - 1
    assert max(across) < 9  # one in eight, given nothing else
    learn(engine, firms + [(f"{firm}{i}", "ip", f"203.0.{ord(firm)}.1") for firm in "ab" for i in range(8)])
    assert p_exclusive(engine, f"203.0.{ord('a')}.1") > shared + 0.3


def organisations() -> Seen:
    seen = strangers(1_000)
    for firm in "ab":
        for i in range(8):
            seen += [(f"{firm}{i}", "email_domain", f"{firm}.example")]
            seen += [(f"{firm}{i}", "payment", f"{firm}-card{i % 2}")]
    return seen


def test_a_routers_own_fingerprint_and_agent_link_none_of_its_customers(engine: DuckEngine) -> None:
    """An exact copy of what a router shows on each of its customers changes no more than a little."""
    seen = strangers(1_000)
    seen += [(f"customer{i:02}", "ip", "203.0.1.1") for i in range(30)]
    learn(engine, seen)
    before = max(bits(engine, "203.0.1.1", "customer", "customer"))
    for kind in ("client", "ja4"):
        seen += [(f"customer{i:02}", kind, f"{kind}-of-the-router") for i in range(30)]
    learn(engine, seen)
    rows = engine.rows(
        "SELECT l, r, sum(bits) AS bits FROM exclusivity_bits JOIN account_numbers a ON a.account_no = l "
        "WHERE a.account_id LIKE 'customer%' GROUP BY l, r"
    )
    assert len(rows) == 30 * 29 / 2
    assert max(float(str(row[2])) for row in rows) < before + 1


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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "sign"),
    [
        *(("vpn", -1), ("proxy", -1), ("residential_proxy", -1), ("anonymizer", -1), ("tor", -1)),
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
