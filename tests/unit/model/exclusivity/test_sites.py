"""Sites: addresses that share many of their holders are judged together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.engine.duck import DuckEngine
from graphlink.kinds.facets import NETWORK, is_facet_sql
from graphlink.model.exclusivity.coverage import Joining, make_coverage
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
