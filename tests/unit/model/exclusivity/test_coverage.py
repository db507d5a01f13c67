"""Coverage: holders who are tied to another holder are counted, and not pairs."""

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

JOINING = Joining(-12.0, 1.0, -6.0)

COLUMNS = "t.n_holders, t.n_shown, t.n_tied, t.by_chance, t.in_parts, t.n_parts, t.in_one"


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def cover(engine: DuckEngine, seen: Seen, n_strangers: int = 0, odds: float = 3.0) -> None:
    """Coverage of addresses by cards that each tie their holders at these odds."""
    hold(engine, seen, n_strangers)
    make_coverage(engine, odds_sql("payment", odds), JOINING, is_facet_sql("k.facet", NETWORK))


def coverage(engine: DuckEngine, value: str) -> dict[str, float]:
    return of_value(engine, "coverage", value, COLUMNS)


def on(address: str, n: int, name: str) -> Seen:
    return [(f"{name}{i:03}", "ip", address) for i in range(n)]


def cards(name: str, n: int, n_cards: int) -> Seen:
    return [(f"{name}{i:03}", "payment", f"{name}-card{i % n_cards}") for i in range(n)]


def test_holders_are_counted_however_many_cards_they_have(engine: DuckEngine) -> None:
    """With k cards one pair in k shares one, and yet each holder is tied to another."""
    seen: Seen = []
    for k in range(1, 31):
        seen += on(f"203.0.{k}.1", 60, f"farm{k:02}-") + cards(f"farm{k:02}-", 60, k)
    cover(engine, seen)
    for k in range(1, 31):
        actual = coverage(engine, f"203.0.{k}.1")
        assert (actual["n_holders"], actual["n_tied"]) == (60, 60)
        # Two on a card are a couple.
        assert actual["in_parts"] == pytest.approx(sum(m for m in sizes(60, k) if m > 2) / 60)
        assert actual["in_one"] == pytest.approx(sum(m * (m - 1) for m in sizes(60, k)) / (60 * 59))


def sizes(n: int, k: int) -> list[int]:
    return [len(range(i, n, k)) for i in range(k)]


def test_who_is_tied_to_nobody_there_is_not_counted(engine: DuckEngine) -> None:
    seen = on("203.0.113.1", 9, "a") + cards("a", 4, 2) + [("b0", "payment", "x"), ("a008", "payment", "x")]
    cover(engine, seen)
    actual = coverage(engine, "203.0.113.1")
    assert (actual["n_holders"], actual["n_tied"]) == (9, 4)
    ties = engine.rows(
        "SELECT account_id, is_tied FROM holder_ties t JOIN account_numbers USING (account_no) "
        "JOIN shared_identifiers i USING (identifier_no) WHERE i.value = '203.0.113.1' ORDER BY account_id"
    )
    assert ties == [*((f"a00{i}", True) for i in range(4)), ("a008", False)]


def test_who_came_in_another_window_is_not_tied_there(engine: DuckEngine) -> None:
    hold(engine, on("203.0.113.1", 4, "a") + cards("a", 4, 1))
    first = "(SELECT min(account_no) FROM window_incidence)"
    engine.make("moved", f"SELECT * REPLACE (CASE WHEN account_no = {first} THEN window_no + 9 "
                "ELSE window_no END AS window_no) FROM window_incidence")  # fmt: skip
    engine.drop("window_incidence")
    engine.make("window_incidence", "SELECT * FROM moved")
    make_coverage(engine, odds_sql("payment", 3.0), JOINING, is_facet_sql("k.facet", NETWORK))
    assert coverage(engine, "203.0.113.1")["n_tied"] == 3


def test_ties_below_the_joining_odds_corroborate_nothing(engine: DuckEngine) -> None:
    seen = on("203.0.113.1", 6, "a") + cards("a", 6, 1)
    cover(engine, seen, odds=0.9)
    assert coverage(engine, "203.0.113.1")["n_tied"] == 0


def test_two_facets_add_up_to_a_tie_and_two_values_of_one_do_not(engine: DuckEngine) -> None:
    seen = on("203.0.113.1", 2, "a") + [(f"a00{i}", "payment", "c") for i in range(2)]
    seen += [(f"a00{i}", "phone", "+41") for i in range(2)] + on("203.0.113.2", 2, "b")
    seen += [(f"b00{i}", "payment", f"c{j}") for i in range(2) for j in range(2)]
    hold(engine, seen)
    weak = f"{odds_sql('payment', -4.0)} UNION ALL {odds_sql('phone', -4.0)}"
    make_coverage(engine, weak, JOINING, is_facet_sql("k.facet", NETWORK))
    assert coverage(engine, "203.0.113.1")["n_tied"] == 2  # eight bits each make the twelve of the prior
    assert coverage(engine, "203.0.113.2")["n_tied"] == 0


def test_a_component_as_large_as_half_of_all_accounts_is_there_by_chance(engine: DuckEngine) -> None:
    """Ten of twenty holders are of it, as of any twenty accounts; of a small one ten are no chance."""
    seen = on("203.0.113.1", 20, "crowd") + cards("crowd", 10, 1)
    seen += [(f"more{i:03}", "payment", "crowd-card0") for i in range(190)]
    seen += on("203.0.113.2", 20, "small") + cards("small", 10, 1)
    cover(engine, seen, n_strangers=400 - 20 - 190 - 20)
    large, small = coverage(engine, "203.0.113.1"), coverage(engine, "203.0.113.2")
    assert (large["n_tied"], small["n_tied"]) == (10, 10)
    # Of twenty holders half, as of all accounts; ten have a card, for ten that have none hardly a stranger.
    assert large["by_chance"] == pytest.approx(10 / large["n_shown"], abs=1e-6)
    assert small["by_chance"] == pytest.approx(20 * 10 / 400 / small["n_shown"], abs=1e-6)
    assert 10 < small["n_shown"] < 10.1


def shows(engine: DuckEngine) -> dict[str, float]:
    rows = engine.rows("SELECT account_id, shows FROM untied_holders JOIN account_numbers USING (account_no)")
    return {str(account): float(str(one)) for account, one in rows}


def test_of_whom_no_card_is_known_none_is_missing(engine: DuckEngine) -> None:
    """Four share cards, one pays by his own, two show none, as two of seven accounts do.

    For one stranger who pays, and one more, there are 2 * 2/5 who don't: .8 of the two.
    """
    seen = on("203.0.113.1", 7, "a") + cards("a", 4, 2) + [("a004", "payment", "own")]
    cover(engine, seen)
    assert coverage(engine, "203.0.113.1")["n_shown"] == pytest.approx(5.8)
    assert shows(engine) == {
        "a004": pytest.approx(1), "a005": pytest.approx(0.4), "a006": pytest.approx(0.4)
    }  # fmt: skip


def test_where_hardly_anybody_has_a_card_who_has_none_is_as_likely_a_stranger(engine: DuckEngine) -> None:
    """Customers of a free service: that a hundred strangers show no card is no surprise."""
    seen = (
        on("203.0.113.1", 20, "a") + cards("a", 4, 1) + [(f"b{i}", "ip", f"10.0.0.{i}") for i in range(200)]
    )
    cover(engine, seen)
    assert coverage(engine, "203.0.113.1")["n_shown"] == pytest.approx(20)
    assert set(shows(engine).values()) == {1.0}


def test_a_kind_that_ties_nobody_there_is_hardly_missed(engine: DuckEngine) -> None:
    """All nine have a key of their own; of the eight tied none is tied by it, nor is any card expected."""
    seen = on("203.0.113.1", 9, "a") + cards("a", 8, 1)
    seen += [(f"a{i:03}", "api_key", f"key{i}") for i in range(9)]
    cover(engine, seen, n_strangers=10_000)
    assert shows(engine) == {"a008": pytest.approx(1 / 9, abs=0.001)}
    assert coverage(engine, "203.0.113.1")["n_shown"] == pytest.approx(8 + 1 / 9, abs=0.001)


def test_a_public_mail_provider_that_adds_half_a_bit_ties_nobody(engine: DuckEngine) -> None:
    """All nine have mail of one provider; who has no card would not show a tie by it either."""
    seen = on("203.0.113.1", 9, "a") + cards("a", 8, 1)
    seen += [(f"a{i:03}", "email_domain", "mail.example") for i in range(9)]
    hold(engine, seen, 10_000)
    owned = f"{odds_sql('payment', 3.0)} UNION ALL {odds_sql('email_domain', -11.5)}"
    make_coverage(engine, owned, JOINING, is_facet_sql("k.facet", NETWORK))
    assert shows(engine) == {"a008": pytest.approx(1 / 9, abs=0.001)}


def test_where_nobody_is_tied_those_with_a_card_are_counted(engine: DuckEngine) -> None:
    seen = [*on("203.0.113.1", 5, "a"), ("a000", "payment", "x"), ("a001", "payment", "y")]
    cover(engine, seen)
    assert coverage(engine, "203.0.113.1") | {"by_chance": 0.0} == {
        "n_holders": 5, "n_shown": 2, "n_tied": 0, "by_chance": 0.0, "in_parts": 0, "n_parts": 0, "in_one": 0
    }  # fmt: skip


def test_components_that_share_a_common_card_are_one_part(engine: DuckEngine) -> None:
    """A card of many ties nobody by itself, and yet says that its holders may be one operator's."""
    seen = on("203.0.113.1", 6, "a") + cards("a", 6, 2)
    hold(engine, seen + [(f"a{i:03}", "phone", "+41") for i in range(6)])
    tie, weak = odds_sql("payment", 3.0), odds_sql("phone", -5.0)
    make_coverage(engine, tie, JOINING, is_facet_sql("k.facet", NETWORK))
    assert coverage(engine, "203.0.113.1")["n_parts"] == 2
    make_coverage(engine, f"{tie} UNION ALL {weak}", JOINING, is_facet_sql("k.facet", NETWORK))
    assert coverage(engine, "203.0.113.1")["n_parts"] == 1
