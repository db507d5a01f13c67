"""Places at which closed accounts are replaced: whose accounts there are one operator's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.core.parameters import Parameters
from graphlink.core.parameters.timing import Succession
from graphlink.core.settings import Settings
from graphlink.model.timing import find_joint_behaviour, replacement
from tests.unit.model.test_timing import (
    BEGIN,
    DAY,
    HOUR,
    Lives,
    Seen,
    behaviours,
    engine,
    pairs_of,
    strangers,
)

if TYPE_CHECKING:
    import pytest

    from graphlink.engine.duck import DuckEngine

__all__ = ["engine"]
HOST = "10.9.0.1"
SETTINGS = Settings()


def replaced(
    rng: np.random.Generator, n_lines: int = 3, n: int = 5, place: str = HOST, kind: str = "ip"
) -> tuple[Seen, Lives]:
    """Lines of accounts on one host, of which each is opened hours after the one before was closed."""
    seen: Seen = []
    lives: Lives = {}
    for line in range(n_lines):
        begin = int(rng.integers(DAY, 3 * DAY))
        for i in range(n):
            end = begin + int(rng.integers(4 * DAY, 9 * DAY))
            name = f"r{line}{i}"
            seen += [(name, kind, place, int(s)) for s in rng.integers(begin, end, 12)]
            lives[name] = (begin, end)
            begin = end + int(rng.exponential(3 * HOUR)) + 600
    return seen, lives


def found(
    engine: DuckEngine, seen: Seen, lives: Lives, settings: Settings | None = None
) -> set[frozenset[str]]:
    others = strangers(np.random.default_rng(1), 80)
    rows = behaviours(engine, others + seen, lives, settings)
    return {frozenset(pair) for pair in pairs_of(rows, "replacement")}


def all_pairs(names: list[str]) -> set[frozenset[str]]:
    return {frozenset((x, y)) for x in names for y in names if x < y}


def test_all_accounts_closed_for_abuse_where_they_are_replaced_are_tied(engine: DuckEngine) -> None:
    seen, lives = replaced(np.random.default_rng(2))
    assert found(engine, seen, lives) == all_pairs(sorted(lives))


def test_accounts_replaced_on_one_device_are_tied_wherever_they_are(engine: DuckEngine) -> None:
    seen, lives = replaced(np.random.default_rng(2), n_lines=1, n=8, place="device-1", kind="client")
    moves: Seen = [(name, "ip", f"10.{i // 250}.{i % 250}.9", s) for i, (name, _, _, s) in enumerate(seen)]
    assert found(engine, seen + moves, lives) == all_pairs(sorted(lives))


def test_a_client_that_many_have_is_no_place(engine: DuckEngine) -> None:
    rng = np.random.default_rng(5)
    births = {f"b{i:02}": int(rng.integers(DAY, 40 * DAY)) for i in range(60)}
    seen: Seen = [
        (n, "client", "browser-1", b + int(s)) for n, b in births.items() for s in rng.integers(0, DAY, 4)
    ]
    lives: Lives = {
        name: (b, b + int(rng.integers(2 * DAY, 9 * DAY)) if rng.random() < 0.3 else None)
        for name, b in births.items()
    }
    assert found(engine, seen, lives) == set()


def test_a_stranger_on_the_place_who_was_never_closed_is_not_tied(engine: DuckEngine) -> None:
    seen, lives = replaced(np.random.default_rng(3))
    guest: Seen = [("guest", "ip", HOST, day * DAY + 7 * HOUR) for day in range(20)]
    assert found(engine, seen + guest, lives) == all_pairs(sorted(lives))


def test_accounts_closed_at_other_times_than_others_are_opened_are_not_tied(engine: DuckEngine) -> None:
    rng = np.random.default_rng(4)
    births = {f"b{i:02}": int(rng.integers(DAY, 40 * DAY)) for i in range(40)}
    seen: Seen = [(name, "ip", HOST, at + HOUR) for name, at in births.items()]
    lives: Lives = {
        name: (at, at + int(rng.integers(2 * DAY, 12 * DAY)) if i % 3 == 0 else None)
        for i, (name, at) in enumerate(births.items())
    }
    assert found(engine, seen, lives) == set()


def test_accounts_closed_for_another_reason_are_not_tied(engine: DuckEngine) -> None:
    seen, lives = replaced(np.random.default_rng(5))
    assert found(engine, seen, lives)
    engine.make("accounts", "SELECT * REPLACE (closed_at IS NULL AND is_abuse AS is_abuse) FROM accounts")
    find_joint_behaviour(engine, SETTINGS)
    assert engine.rows("SELECT count(*) FROM behaviours WHERE behaviour = 'replacement'") == [(0,)]


def test_a_pair_is_no_likelier_than_that_no_strangers_came_back(engine: DuckEngine) -> None:
    seen, lives = replaced(np.random.default_rng(6))
    rows = behaviours(engine, strangers(np.random.default_rng(1), 80) + seen, lives)
    bits = [row[3] for row in rows if row[2] == "replacement"]
    most = np.log2((1 - SETTINGS.parameters.succession.returning_strangers) / 0.1) - SETTINGS.model.prior_bits
    assert 0 < min(bits) <= max(bits) <= most
    doubtful = Settings(parameters=Parameters(succession=Succession(returning_strangers=0.6)))
    assert found(engine, seen, lives, doubtful) == set()


def test_of_a_large_place_the_likeliest_are_paired(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, lives = replaced(np.random.default_rng(7))
    monkeypatch.setattr(replacement, "_MOST_PAIRED", 6)
    pairs = found(engine, seen, lives)
    assert len(pairs) == 15
    assert len(frozenset().union(*pairs)) == 6


def test_without_closings_nothing_is_replaced(engine: DuckEngine) -> None:
    seen, lives = replaced(np.random.default_rng(8))
    assert found(engine, seen, {name: (birth, None) for name, (birth, _) in lives.items()}) == set()
    facts = find_joint_behaviour(engine, SETTINGS)["replacement"]
    assert isinstance(facts, dict)
    assert facts["skipped"] == "no account has a time of closing"


def test_the_time_of_a_pair_is_that_of_the_closings(engine: DuckEngine) -> None:
    seen, lives = replaced(np.random.default_rng(9))
    found(engine, seen, lives)
    closings = [end for _, end in lives.values() if end is not None]
    assert engine.rows(
        "SELECT bool_and(p_value BETWEEN 0 AND 0.02) FROM behaviours WHERE behaviour = 'replacement'"
    ) == [(True,)]
    assert engine.rows(
        "SELECT DISTINCT first_s, last_s, n_events FROM behaviours WHERE behaviour = 'replacement'"
    ) == [(BEGIN + min(closings), BEGIN + max(closings), len(closings))]


def test_each_pair_names_the_place(engine: DuckEngine) -> None:
    seen, lives = replaced(np.random.default_rng(2))
    assert found(engine, seen, lives)
    places = engine.rows(
        "SELECT DISTINCT b.behaviour, i.value FROM behaviours b "
        "LEFT JOIN shared_identifiers i ON i.identifier_no = b.at_no "
        "WHERE b.behaviour IN ('replacement', 'succession') ORDER BY b.behaviour"
    )
    assert places == [("replacement", HOST), ("succession", HOST)]
