"""Beats that a place sets: customers of a service that calls for all, and operators that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from graphlink.core.settings import Settings
from graphlink.model.timing import find_joint_behaviour
from graphlink.model.timing.places import Places, accounts_in_step, without_starts_at
from tests.unit.model.test_timing import BEGIN, Seen, awake, behaviours, engine, pairs_of, strangers
from tests.unit.model.timed_starts import HOUR, starts_of

if TYPE_CHECKING:
    from graphlink.engine.duck import DuckEngine
    from graphlink.model.timing.parameters import Ints

__all__ = ["engine"]
SERVICE = ("10.9.0.1", "10.9.0.2")


def events(rng: np.random.Generator, n: int = 60) -> list[int]:
    return [awake(rng) for _ in range(n)]


def callers(
    rng: np.random.Generator,
    names: list[str],
    at: list[int],
    *,
    home: int,
    from_home: float = 0.0,
    places: tuple[str, ...] = SERVICE,
) -> Seen:
    """Accounts called for most events at one of a few addresses, who also start at a home of their own."""
    seen: Seen = []
    for i, name in enumerate(names):
        for s in at:
            if rng.random() < 0.6:
                place = f"10.8.0.{i}" if rng.random() < from_home else places[int(rng.integers(len(places)))]
                seen.append((name, "ip", place, s + int(rng.integers(20))))
        seen += [(name, "ip", f"10.8.0.{i}", awake(rng)) for _ in range(home)]
    return seen


def in_lockstep(engine: DuckEngine, seen: Seen) -> set[str]:
    found = behaviours(engine, seen)
    return {one for pair in pairs_of(found, "lockstep") | pairs_of(found, "crew_beat") for one in pair}


@pytest.mark.parametrize("from_home", [0.0, 0.2], ids=["at the service", "some from home"])
def test_customers_whom_a_service_calls_for_are_not_in_lockstep(engine: DuckEngine, from_home: float) -> None:
    rng = np.random.default_rng(21)
    names = [f"c{i:02}" for i in range(20)]
    seen = callers(rng, names, events(rng), home=12, from_home=from_home)
    assert in_lockstep(engine, strangers(rng, 100) + seen) == set()
    facts = find_joint_behaviour(engine, Settings())["lockstep"]
    assert isinstance(facts, dict)
    assert facts["places_with_beats"] == len(SERVICE)


def test_customers_of_whom_most_have_homes_are_not_in_lockstep_either(engine: DuckEngine) -> None:
    rng = np.random.default_rng(22)
    names, at = [f"c{i:02}" for i in range(20)], events(rng)
    seen = callers(rng, names[:12], at, home=12) + callers(rng, names[12:], at, home=0)
    assert in_lockstep(engine, strangers(rng, 100) + seen) == set()


def test_accounts_that_start_only_at_addresses_of_their_own_are_in_lockstep(engine: DuckEngine) -> None:
    rng = np.random.default_rng(23)
    names = [f"f{i:02}" for i in range(20)]
    assert in_lockstep(engine, strangers(rng, 100) + callers(rng, names, events(rng), home=0)) == set(names)


def test_a_crew_among_the_customers_of_a_router_is_in_lockstep(engine: DuckEngine) -> None:
    """Its accounts have homes, too: that others start at the router without its beat shows whose it is."""
    rng = np.random.default_rng(24)
    names = [f"f{i:02}" for i in range(12)]
    others: Seen = [
        (f"s{i:03}", "ip", SERVICE[int(rng.integers(2))], awake(rng)) for i in range(40) for _ in range(12)
    ]
    seen = strangers(rng, 100) + others + callers(rng, names, events(rng), home=12)
    assert in_lockstep(engine, seen) == set(names)


def test_customers_in_lockstep_elsewhere_are_found_by_that(engine: DuckEngine) -> None:
    """Two of the customers are one operator's, with jobs of its own at addresses of its own."""
    rng = np.random.default_rng(25)
    names = [f"c{i:02}" for i in range(20)]
    seen = callers(rng, names, events(rng), home=12)
    jobs = callers(rng, names[:2], events(rng), home=0, places=("10.7.0.1",))
    assert in_lockstep(engine, strangers(rng, 100) + seen + jobs) == {"c00", "c01"}


def test_what_a_place_sets_is_left_out_and_no_more() -> None:
    at = np.arange(1, 9) * HOUR
    moments: list[Ints] = [at, at + 5, at + 10, np.append(at[:2], at[:2] + 1_800)]
    starts = starts_of(moments)
    account = np.concatenate([np.repeat([1, 2, 3], 8), [4, 4, 4, 4]])
    place = np.concatenate([np.full(24, 5), [5, -1, -1, -1]])
    order = starts.s[starts.first[4] :]
    assert (order - BEGIN).tolist() == [3_600, 5_400, 7_200, 9_000]
    kept = without_starts_at(
        starts, Places(np.arange(28), account, place), np.array([5]), Settings().parameters.crews
    )
    # The start at the place goes, and the one at a moment when three start there.
    assert (kept.s - BEGIN).tolist() == [5_400, 9_000]
    assert kept.count(np.array([1, 2, 3, 4])).tolist() == [0, 0, 0, 2]
    assert kept.place(np.array([4]), np.array([BEGIN + 9_000])).tolist() == [1]


def _in_step_one_by_one(
    moments: list[Ints], place: list[Ints], pairs: list[tuple[int, int]], widest: int
) -> set[tuple[int, int]]:
    """The same as `accounts_in_step`, start by start; accounts are counted from 0."""
    homes = [set(its.tolist()) - {-1} for its in place]
    found = set()
    for one, other in pairs:
        joint = [(i, int(np.argmin(abs(moments[other] - s)))) for i, s in enumerate(moments[one])]
        joint = [(i, j) for i, j in joint if abs(moments[other][j] - moments[one][i]) <= widest]
        there = [(i, j) for i, j in joint if place[one][i] in homes[other] and place[other][j] in homes[one]]
        if 2 * len(there) >= len(joint):
            found |= {(int(place[one][i]), one) for i, _ in there} | {
                (int(place[other][j]), other) for _, j in there
            }
    return found


def test_who_starts_in_step_at_a_place_is_who_does_so_start_by_start() -> None:
    rng = np.random.default_rng(26)
    n = 12
    moments = [
        np.sort(rng.choice(400, 25, replace=False)) * 2 * HOUR + rng.integers(90, size=25) for _ in range(n)
    ]
    place = [rng.integers(-1, 8, 25) for _ in range(n)]
    pairs = [(one, other) for one in range(n) for other in range(one + 1, n)]
    expected = _in_step_one_by_one(moments, place, pairs, 60)
    assert 20 < len(expected) < n * 8  # some start there alone
    starts = starts_of(moments)
    account = np.repeat(np.arange(1, n + 1), 25)
    lesser, greater = np.array(pairs).T + 1
    found = accounts_in_step(
        starts, (lesser, greater), Places(np.arange(25 * n), account, np.concatenate(place)), 60
    )
    assert {(p, a - 1) for p, a in found.tolist()} == expected
