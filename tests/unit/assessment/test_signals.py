"""Signals of clusters made by hand: each beside its usual value, none where the input says nothing."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from graphlink.assessment.signals import collect_signals
from graphlink.core.schema import MEMBERSHIP, OBSERVATIONS, SIGNALS
from graphlink.core.settings import Settings
from graphlink.core.tables.ingest import IDENTIFIER_LABELS
from graphlink.engine.duck import DuckEngine
from tests.numbered import number_observations
from tests.tables import make

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DAY = 86_400


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def collected(
    engine: DuckEngine,
    accounts: list[str],
    observations: list[str],
    listed: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, tuple[float, float | None]]:
    """Value and usual value per signal of the cluster of the accounts whose name starts with c.

    Args:
        engine: Where the tables are made.
        accounts: SQL tuples (account_id, created_s, closed_s, status, country).
        observations: SQL tuples (account_id, kind, value, at_s, n).
        listed: Address to its type on a reference list.
    """
    engine.make(
        "accounts",  # with a country, which is no column of its own
        "SELECT account_id::VARCHAR AS account_id, "
        "make_timestamptz(created_s::BIGINT * 1000000) AS created_at, "
        "make_timestamptz(closed_s::BIGINT * 1000000) AS closed_at, status::VARCHAR AS status, "
        "CASE WHEN status = 'banned' THEN true WHEN status <> 'gone' THEN false END AS is_abuse, "
        "country::VARCHAR AS country, make_timestamptz(0) AS first_seen, "
        f"make_timestamptz({100 * DAY}::BIGINT * 1000000) AS last_seen "
        f"FROM (VALUES {', '.join(accounts)}) t(account_id, created_s, closed_s, status, country)",
    )
    make(
        engine,
        OBSERVATIONS,
        "SELECT account_id, kind, value, make_timestamptz(at_s::BIGINT * 1000000) AS seen_at, n::BIGINT AS n "
        f"FROM (VALUES {', '.join(observations)}) t(account_id, kind, value, at_s, n)",
    )
    make(
        engine,
        MEMBERSHIP,
        "SELECT account_id, CASE WHEN account_id LIKE 'c%' THEN 'C-1' END AS cluster_id FROM accounts",
    )
    number_observations(engine)
    types = ", ".join(f"('{address}', '{kind}')" for address, kind in listed.items()) or "(NULL, NULL)"
    make(
        engine,
        IDENTIFIER_LABELS,
        f"SELECT 'ip' AS kind, value, label_type FROM (VALUES {types}) t(value, label_type) "
        "WHERE value IS NOT NULL",
    )
    collect_signals(engine, Settings())
    SIGNALS.check_columns(engine)
    SIGNALS.check_rows(engine)
    rows = engine.rows("SELECT signal, value, baseline FROM signals")
    return {str(name): (float(str(value)), None if baseline is None else float(str(baseline)))
            for name, value, baseline in rows}  # fmt: skip


def account(
    name: str,
    created: float | None,
    closed: float | None = None,
    country: str = "DE",
    closed_as: str = "banned",
) -> str:
    created_s, closed_s = ("NULL" if day is None else str(int(day * DAY)) for day in (created, closed))
    status = "active" if closed is None else closed_as
    return f"('{name}', {created_s}, {closed_s}, '{status}', '{country}')"


SEEN = ["('c1', 'ip', '203.0.113.7', 0, 6)", "('c1', 'router', 'r', 0, 3)", "('s1', 'ip', 'x', 0, 2)"]


def test_openings_after_closings_are_counted_against_the_rate_of_openings(engine: DuckEngine) -> None:
    actual = collected(
        engine,
        [account("c1", 1, closed=10), account("c2", 10.1, closed=20), account("c3", 22), account("s1", 50)],
        SEEN,
    )
    assert actual["successors_6h"][0] == 1
    assert actual["successors_3d"][0] == 2
    baseline = actual["successors_3d"][1]
    assert baseline is not None
    assert 0 < baseline < 0.5, "three accounts over ninety days are rarely opened in six given ones"
    assert actual["share_closed_for_abuse"] == pytest.approx((2 / 3, 0.5))


@pytest.mark.parametrize(("closed_as", "n"), [("banned", 2), ("left", 0), ("gone", 2)])
def test_only_closings_for_abuse_have_successors_unless_none_is_known(
    engine: DuckEngine, closed_as: str, n: int
) -> None:
    opened = [account("c1", 1, 10, closed_as=closed_as), account("c2", 10.1, 20, closed_as=closed_as)]
    actual = collected(engine, [*opened, account("c3", 22), account("s1", 50)], SEEN)
    assert actual.get("successors_3d", (0, None))[0] == n


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_closed_at_one_second_each_is_the_last(engine: DuckEngine, order: int) -> None:
    # c1 is opened and closed as c2 is closed, and follows it; c4 is so too, but follows nobody else; c5 both.
    listed = [account("c1", 20, 20), account("c2", 1, 20), account("c4", 40, 40), account("c5", 40.1)]
    actual = collected(engine, [*listed[::order], account("s1", 30), account("s2", 35)], SEEN)
    assert actual["successors_6h"][0] == 2


def test_shares_and_volumes_stand_next_to_those_of_all_accounts(engine: DuckEngine) -> None:
    accounts = [account("c1", 1), account("c2", 1.2), account("c3", 1.4), account("s1", 96, country="FR")]
    observations = [*SEEN, "('c1', 'country', 'FR', 0, 1)"]
    actual = collected(engine, accounts, observations)
    assert actual["share_router"] == (0.5, 0.25)
    assert actual["volume"] == (6.0, 4.0)
    assert actual["share_abroad"] == (1.0, 1.0)
    assert actual["share_new"] == (0.0, 0.25)
    assert actual["opened_in_one_day"][0] == 1.0


def test_a_day_ends_at_midnight(engine: DuckEngine) -> None:
    seen = ["('c1', 'ip', 'x', 17280, 3)", "('c1', 'ip', 'x', 69120, 3)", "('s1', 'ip', 'y', 0, 2)"]
    actual = collected(engine, [account("c1", 1), account("s1", 1)], seen)
    assert actual["volume"][0] == 6.0


def test_what_the_input_does_not_state_has_no_row(engine: DuckEngine) -> None:
    actual = collected(
        engine,
        ["('c1', NULL, NULL, NULL, NULL)", "('c2', NULL, NULL, NULL, NULL)"],
        ["('c1', 'api_key', 'k', NULL, 1)", "('c2', 'api_key', 'k', NULL, 1)"],
    )
    assert actual == {}


def mail(account_id: str, domain: str) -> str:
    return f"('{account_id}', 'email', '{account_id}@{domain}', 0, 1)"


@pytest.mark.parametrize(
    ("domains", "share"),
    [
        (["firm.example"] * 4, 0.0),
        (["b1.example", "b2.example", "b3.example", "b4.example"], 0.75),
        (["b1.example", "b1.example", "b2.example", "free.example"], 0.25),
        (["free.example"] * 4, 0.0),
    ],
)
def test_mail_domains_of_its_own_beyond_the_first_are_burners(
    engine: DuckEngine, domains: list[str], share: float
) -> None:
    names = [f"c{i}" for i in range(len(domains))]
    others = ["s1", "s2"]
    actual = collected(
        engine,
        [account(name, 1) for name in (*names, *others)],
        [*map(mail, names, domains), *(mail(name, "free.example") for name in others)],
    )
    assert actual["share_burner_domains"] == (share, None)


def test_a_mail_domain_is_read_from_its_own_kind_too(engine: DuckEngine) -> None:
    seen = [f"('c{i}', 'email_domain', 'b{i}.example', 0, 1)" for i in range(3)]
    actual = collected(engine, [account(f"c{i}", 1) for i in range(3)], seen)
    assert actual["share_burner_domains"][0] == pytest.approx(2 / 3)


def test_sightings_at_rented_exits_are_counted_and_those_at_a_carrier_are_not(engine: DuckEngine) -> None:
    seen = ["('c1', 'ip', '203.0.113.7', 0, 6)", "('c1', 'ip', '192.0.2.1', 0, 2)", "('s1', 'ip', 'x', 0, 2)"]
    accounts = [account("c1", 1), account("s1", 1)]
    assert "share_exits" not in collected(engine, accounts, seen)
    collected_with = {"203.0.113.7": "residential_proxy", "192.0.2.1": "carrier_nat"}
    actual = collected(engine, accounts, seen, collected_with)
    assert actual["share_exits"] == (0.75, 0.375)
