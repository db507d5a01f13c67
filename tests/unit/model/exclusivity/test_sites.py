"""Sites: addresses that share many of their holders are judged together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from graphlink.engine.duck import DuckEngine
from graphlink.kinds.facets import NETWORK, is_facet_sql
from graphlink.model.exclusivity.coverage import Joining, make_coverage
from graphlink.model.exclusivity.sites import roaming_sql
from tests.held import hold, odds_sql, of_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.learned import Seen


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def on(address: str, accounts: range, name: str = "a") -> Seen:
    return [(f"{name}{i:03}", "ip", address) for i in accounts]


def sites(engine: DuckEngine) -> list[set[str]]:
    """The addresses of each site of several."""
    rows = engine.rows(
        "SELECT s.site_no, i.value FROM sites s "
        "JOIN shared_identifiers i ON i.identifier_no = s.identifier_no "
        "JOIN kinds k ON k.kind_no = i.kind_no WHERE k.kind = 'ip'"
    )
    found: dict[object, set[str]] = {}
    for site, value in rows:
        found.setdefault(site, set()).add(str(value))
    return sorted((one for one in found.values() if len(one) > 1), key=min)


@pytest.mark.parametrize(
    ("one", "other", "n_both", "is_site"),
    [
        (10, 10, 3, True),
        (10, 10, 2, False),  # a couple at home and at work
        (15, 15, 3, True),  # a fifth
        (16, 15, 3, False),
        (100, 4, 4, False),  # a carrier's exit with nearly everybody, and a home
    ],
)
def test_addresses_that_share_a_fifth_of_the_holders_of_either_are_one_site(
    engine: DuckEngine, one: int, other: int, n_both: int, *, is_site: bool
) -> None:
    hold(
        engine, on("203.0.113.1", range(one)) + on("198.51.100.1", range(one - n_both, one - n_both + other))
    )
    assert sites(engine) == ([{"203.0.113.1", "198.51.100.1"}] if is_site else [])


def test_addresses_are_one_site_by_way_of_a_third(engine: DuckEngine) -> None:
    seen = on("203.0.113.1", range(10)) + on("198.51.100.1", range(6, 16)) + on("192.0.2.1", range(12, 22))
    hold(engine, seen)
    assert sites(engine) == [{"203.0.113.1", "198.51.100.1", "192.0.2.1"}]


def test_who_roams_over_more_addresses_than_anybody_settles_at_ties_none(engine: DuckEngine) -> None:
    addresses = [f"203.0.{i}.1" for i in range(65)]
    hold(engine, [row for address in addresses for row in on(address, range(5))])
    assert sites(engine) == []
    hold(engine, [row for address in addresses[:64] for row in on(address, range(5))])
    assert sites(engine) == [set(addresses[:64])]


def test_a_partner_on_another_server_of_the_site_ties(engine: DuckEngine) -> None:
    """Twelve accounts, of which each server has eight; the two of a card are never on one alone."""
    seen: Seen = []
    for server, absent in enumerate((range(4), range(4, 8), range(8, 12))):
        present = [i for i in range(12) if i not in absent]
        seen += [row for i in present for row in on(f"203.0.{server}.1", range(i, i + 1))]
    seen += [(f"a{i:03}", "payment", f"card{i % 6}") for i in range(12)]
    hold(engine, seen)
    make_coverage(
        engine, odds_sql("payment", 3.0), Joining(-12.0, 1.0, -6.0), is_facet_sql("k.facet", NETWORK)
    )
    columns = "t.n_holders, t.n_shown, t.n_tied"
    for server in range(3):
        actual = of_value(engine, "coverage", f"203.0.{server}.1", columns)
        assert actual == {"n_holders": 8, "n_shown": 12, "n_tied": 12}
    ties = engine.rows("SELECT count(*), bool_and(is_tied) FROM holder_ties t JOIN shared_identifiers i "
                       "ON i.identifier_no = t.identifier_no WHERE i.value = '203.0.0.1'")  # fmt: skip
    assert ties == [(8, True)]


def farm(n_cards: int, addresses: int) -> Seen:
    """Forty accounts, each on one address alone, and so many cards dealt out to them in turn."""
    seen: Seen = []
    for i in range(40):
        seen += on(f"203.0.{i % addresses}.1", range(i, i + 1))
        seen.append((f"a{i:03}", "payment", f"card{i // addresses % n_cards}"))
    return seen


@pytest.mark.parametrize(("odds", "is_site"), [(1.0, True), (-1.0, False)])
def test_cards_join_the_addresses_of_accounts_that_keep_to_one(
    engine: DuckEngine, odds: float, *, is_site: bool
) -> None:
    hold(engine, farm(n_cards=5, addresses=4), instruments_sql=odds_sql("payment", odds))
    assert sites(engine) == ([{f"203.0.{i}.1" for i in range(4)}] if is_site else [])


def test_two_cards_join_no_addresses(engine: DuckEngine) -> None:
    hold(engine, farm(n_cards=2, addresses=4), instruments_sql=odds_sql("payment", 3.0))
    assert sites(engine) == []


def test_couples_join_no_exits_of_a_carrier(engine: DuckEngine) -> None:
    """Of fifty on each exit, four have a partner on the other one, with whom they share a card."""
    seen = on("203.0.113.1", range(50)) + on("198.51.100.1", range(50, 100))
    seen += [(f"a{i:03}", "payment", f"card{i % 50}") for i in (*range(4), *range(50, 54))]
    hold(engine, seen, instruments_sql=odds_sql("payment", 3.0))
    assert sites(engine) == []


def test_who_uses_a_home_and_an_office_does_not_roam(engine: DuckEngine) -> None:
    """Ten share an office, of whom each has one more address with somebody; ten roam over eight exits."""
    seen = on("192.0.2.1", range(10))
    seen += [row for i in range(10) for name in "ab" for row in on(f"198.51.{i}.1", range(i, i + 1), name)]
    # No two of the exits have a fifth of their holders in common, so that each is a site.
    for exit_no in range(80):
        seen += on(f"203.0.{exit_no}.1", range(100 + exit_no // 8, 101 + exit_no // 8))
        seen += on(f"203.0.{exit_no}.1", range(exit_no, exit_no + 1), "other")
    hold(engine, seen)
    rows = engine.rows(
        f"SELECT i.value, r.share FROM ({roaming_sql(2)}) r "
        "JOIN shared_identifiers i ON i.identifier_no = r.identifier_no"
    )
    shares = {str(value): float(str(share)) for value, share in rows}
    assert shares["192.0.2.1"] == 0.0
    # One of its two holders uses eight of them, 1 - 2 / 8, and the other none but this.
    assert shares["203.0.5.1"] == pytest.approx(0.375)


def test_a_couple_with_three_instruments_joins_no_exits(engine: DuckEngine) -> None:
    """Two of fifteen on each exit share a card, a phone and a mail address."""
    seen = on("203.0.113.1", range(15)) + on("198.51.100.1", range(15, 30))
    seen += [(f"a{i:03}", "payment", f"shared{k}") for i in (0, 15) for k in range(3)]
    hold(engine, seen, instruments_sql=odds_sql("payment", 3.0))
    assert sites(engine) == []


def test_cards_of_customers_who_roam_join_no_exits_of_a_pool(engine: DuckEngine) -> None:
    """Twelve customers with five accounts each, every account on four of forty exits drawn by lot."""
    rng = np.random.default_rng(3)
    seen: Seen = []
    for i in range(60):
        for exit_no in rng.choice(40, 4, replace=False):
            seen += on(f"203.0.{exit_no}.1", range(i, i + 1))
        seen.append((f"a{i:03}", "payment", f"card{i // 5}"))
    hold(engine, seen, instruments_sql=odds_sql("payment", 3.0))
    assert max(map(len, sites(engine)), default=0) < 6


def test_a_country_is_no_further_place(engine: DuckEngine) -> None:
    """Ten share an office and a country: one place of each kind."""
    seen = on("192.0.2.1", range(10)) + [(f"a{i:03}", "country", "DE") for i in range(10)]
    hold(engine, seen)
    rows = engine.rows(f"SELECT share FROM ({roaming_sql(1)})")
    assert rows
    assert all(float(str(share)) == 0.0 for (share,) in rows)
