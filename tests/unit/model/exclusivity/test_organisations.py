"""Organisations that show themselves by a mail domain of their own, and the sites that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.core.parameters import Parameters
from graphlink.engine.duck import DuckEngine
from graphlink.model.exclusivity.baselines import instrument_odds_sql
from graphlink.model.exclusivity.coverage import Joining, make_coverage
from graphlink.model.exclusivity.organisations import make_organisations
from tests.held import hold, odds_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.learned import Seen

NUMBERS = Parameters().exclusivity
PUBLIC, OWN = -1.0, 3.0  # odds of a domain
SITES = ("203.0.113.1", "203.0.113.2")
MAIL: Seen = [
    *((f"a{i}", "email_domain", "a.example") for i in range(3)),
    *((f"b{i}", "email_domain", "b.example") for i in range(3)),
    *((f"{name}{i}", "ip", SITES[0]) for name in "ab" for i in range(3)),
    *((f"{name}{i}", "ip", SITES[1]) for name in "a" for i in range(3)),
    ("b0", "ip", SITES[1]),
    *((f"c{i}", "email_domain", domain) for i in range(2) for domain in ("a.example", "b.example")),
]
FIRMS = MAIL[:-4]


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def paid(of: str, *cards: str) -> Seen:
    """The accounts of a firm, each of which pays with all of these."""
    return [(f"{of}{i}", "payment", card) for i in range(3) for card in cards]


def organisations(engine: DuckEngine, seen: Seen, odds: float) -> dict[str, str]:
    """The own domain of each account under one."""
    hold(engine, seen)
    both = " UNION ALL ".join(
        odds_sql(kind, value) for kind, value in (("email_domain", odds), ("payment", 3.0))
    )
    engine.make("baselines", f"SELECT * RENAME (odds AS baseline) FROM ({both})")
    engine.make("concentration", "SELECT 0 AS identifier_no, 0.0 AS log_ratio WHERE false")
    domains = "SELECT identifier_no, 1.0 AS ratio FROM shared_identifiers WHERE kind = 'email_domain'"
    engine.make("domain_ratios", domains)
    joining = Joining(-12.0, NUMBERS.loose_odds, NUMBERS.loose_odds)
    make_coverage(engine, instrument_odds_sql(NUMBERS), joining, "k.kind = 'email_domain'", "domain_")
    make_organisations(engine, NUMBERS)
    rows = engine.rows(
        "SELECT a.account_id, i.value FROM own_domains d JOIN account_numbers a USING (account_no) "
        "JOIN shared_identifiers i ON i.identifier_no = d.domain_no"
    )
    return {str(account): str(domain) for account, domain in rows}


def shared(engine: DuckEngine) -> set[str]:
    """The addresses that organisations share."""
    rows = engine.rows("SELECT i.value FROM shared_sites s JOIN shared_identifiers i USING (identifier_no)")
    return {str(value) for (value,) in rows} & set(SITES)


def of_firms(**domains: str) -> dict[str, str]:
    return {f"{name}{i}": domain for name, domain in domains.items() for i in range(3)}


def test_an_account_under_one_organisations_domain_is_that_organisations(engine: DuckEngine) -> None:
    """Who has addresses of two organisations is neither's."""
    assert organisations(engine, MAIL, OWN) == of_firms(a="a.example", b="b.example")


def test_a_public_domain_is_nobodys_own(engine: DuckEngine) -> None:
    assert organisations(engine, MAIL, PUBLIC) == {}
    assert shared(engine) == set()


def test_a_site_is_shared_where_several_of_two_organisations_are(engine: DuckEngine) -> None:
    """One guest of the other organisation makes no shared site."""
    organisations(engine, MAIL, OWN)
    assert shared(engine) == {SITES[0]}


def test_a_domain_whose_holders_one_instrument_joins_is_an_organisations(engine: DuckEngine) -> None:
    """Not one of which a holder pays by other means: a provider's customers do."""
    seen = [*FIRMS, *paid("a", "card-a"), *paid("b", "card-b")]
    assert organisations(engine, seen, PUBLIC) == of_firms(a="a.example", b="b.example")
    assert shared(engine) == {SITES[0]}
    seen.append(("d", "email_domain", "a.example"))
    assert organisations(engine, seen, PUBLIC) == of_firms(b="b.example")


def test_domains_that_several_instruments_pay_for_are_one_organisations(engine: DuckEngine) -> None:
    cards = ("card-1", "card-2")
    seen = [*FIRMS, *paid("a", *cards), *paid("b", *cards)]
    assert organisations(engine, seen, OWN) == of_firms(a="a.example", b="a.example")
    assert shared(engine) == set()


def test_domains_that_one_marketplace_pays_for_are_several_organisations(engine: DuckEngine) -> None:
    seen = [*FIRMS, *paid("a", "market", "card-a"), *paid("b", "market", "card-b")]
    assert organisations(engine, seen, OWN) == of_firms(a="a.example", b="b.example")
    assert shared(engine) == {SITES[0]}


def test_instruments_that_pay_for_very_many_domains_join_none(engine: DuckEngine) -> None:
    n = NUMBERS.instrument_domains + 1
    seen: Seen = []
    for i in range(n):
        firm = [f"f{i}-{j}" for j in range(2)]
        seen += [(account, "email_domain", f"firm{i}.example") for account in firm]
        seen += [(account, "payment", card) for account in firm for card in ("market-1", "market-2")]
    assert len(set(organisations(engine, seen, OWN).values())) == n
    fewer = [row for row in seen if not row[0].startswith("f0-")]
    assert len(set(organisations(engine, fewer, OWN).values())) == 1
