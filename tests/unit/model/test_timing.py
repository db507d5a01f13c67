"""Rhythm on small tables made by hand: what is found, and the habits of strangers that are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from graphlink.core.schema import ACCOUNTS, OBSERVATIONS
from graphlink.core.settings import KindSettings, ModelSettings, Settings
from graphlink.engine.duck import DuckEngine
from graphlink.model.identifiers import describe_identifiers
from graphlink.model.timing import find_joint_behaviour
from graphlink.model.timing.statistics import is_discovered
from tests.numbered import number_observations
from tests.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY, HOUR = 86_400, 3_600
BEGIN = 1_772_409_600  # a Monday, midnight UTC
Seen = list[tuple[str, str, str, int | None]]
Lives = dict[str, tuple[int | None, int | None]]
Found = list[tuple[str, str, str, float]]


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def behaviours(
    engine: DuckEngine, seen: Seen, lives: Lives | None = None, settings: Settings | None = None
) -> Found:
    """Account, account, behaviour, bits; times in seconds from the beginning."""
    load(engine, OBSERVATIONS, rows=[(*row[:3], _moment(row[3]), 1) for row in seen])
    actual = lives or {}
    load(engine, ACCOUNTS, "account_id created_at closed_at", [
        (name, *map(_moment, actual.get(name, (None, None)))) for name in sorted({row[0] for row in seen})
    ])  # fmt: skip
    number_observations(engine)
    describe_identifiers(engine, settings or Settings())
    find_joint_behaviour(engine, settings or Settings())
    rows = engine.rows(
        "SELECT x.account_id, y.account_id, b.behaviour, b.bits FROM behaviours b "
        "JOIN account_numbers x ON x.account_no = b.l "
        "JOIN account_numbers y ON y.account_no = b.r ORDER BY ALL"
    )
    return [(str(a), str(b), str(c), float(str(d))) for a, b, c, d in rows]


def _moment(s: int | None) -> int | None:
    return None if s is None else (BEGIN + s) * 1_000_000


def awake(rng: np.random.Generator) -> int:
    """A moment between 8 and 22 o'clock on one of 60 days."""
    return int(rng.integers(60)) * DAY + int(rng.integers(8 * HOUR, 22 * HOUR))


def strangers(rng: np.random.Generator, n: int, moments: int = 30) -> Seen:
    """Strangers awake from 8 to 22 o'clock, each on an own address."""
    return [(f"s{i:03}", "ip", f"10.1.0.{i}", awake(rng)) for i in range(n) for _ in range(moments)]


def jobs(
    rng: np.random.Generator, names: list[str], at: list[int], share: float = 0.6, jitter: float = 30.0
) -> Seen:
    """Accounts that each take part in a share of the jobs at these seconds."""
    return [
        (name, "ip", f"10.2.0.{i}", second + int(rng.normal(0, jitter)))
        for i, name in enumerate(names)
        for second in at
        if rng.random() < share
    ]


def pairs_of(found: Found, behaviour: str) -> set[tuple[str, str]]:
    return {(a, b) for a, b, name, _ in found if name == behaviour}


def charged(names: list[str], kind: str) -> Seen:
    """A batch of the provider: on some evenings all its customers in one order, six a minute."""
    rng = np.random.default_rng(8)
    evenings = [DAY * day + int(rng.integers(18 * HOUR, 22 * HOUR)) for day in range(0, 60, 3)]
    return [(name, kind, f"of-{name}", s + 10 * i) for s in evenings for i, name in enumerate(names)]


@pytest.mark.parametrize("kind", ["payment", "email", "phone"])
def test_neighbours_in_a_batch_of_the_provider_are_not_in_lockstep(engine: DuckEngine, kind: str) -> None:
    people = strangers(np.random.default_rng(4), 120)
    assert behaviours(engine, people + charged(sorted({row[0] for row in people}), kind)) == []


def test_keys_that_requests_carry_show_when_they_are_made(engine: DuckEngine) -> None:
    people = strangers(np.random.default_rng(4), 120)
    found = behaviours(engine, people + charged(["s003", "s007"], "api_key"))
    assert [(a, b, c) for a, b, c, _ in found] == [("s003", "s007", "lockstep")]


def test_addresses_that_link_nobody_show_who_is_active_all_the_same(engine: DuckEngine) -> None:
    """The settings ignore addresses; two crews of a card have jobs at the same moments."""
    rng = np.random.default_rng(6)
    at = sorted(int(rng.integers(60)) * DAY + int(rng.integers(DAY)) for _ in range(60))
    seen = strangers(rng, 60) + jobs(rng, ["j0", "j1", "j2"], at)
    ignoring = Settings(kinds={"ip": KindSettings(ignore=True)})
    found = behaviours(engine, seen, settings=ignoring)
    assert pairs_of(found, "lockstep") == pairs_of(behaviours(engine, seen), "lockstep") != set()


def test_where_only_charges_have_a_time_nobody_is_in_lockstep(engine: DuckEngine) -> None:
    assert behaviours(engine, charged([f"s{i:03}" for i in range(120)], "payment")) == []


def test_accounts_that_share_nothing_but_their_jobs_are_in_lockstep(engine: DuckEngine) -> None:
    rng = np.random.default_rng(1)
    at = [awake(rng) for _ in range(60)]
    actual = behaviours(engine, strangers(rng, 60) + jobs(rng, ["f1", "f2", "f3"], at))
    assert pairs_of(actual, "lockstep") == {("f1", "f2"), ("f1", "f3"), ("f2", "f3")}
    assert all(bits > 12 for *_, bits in actual)


def test_strangers_on_one_schedule_are_not_in_lockstep(engine: DuckEngine) -> None:
    rng = np.random.default_rng(2)
    daily = [day * DAY + 3 * HOUR for day in range(60)]
    assert not behaviours(engine, strangers(rng, 60) + jobs(rng, ["c1", "c2", "c3"], daily, 0.8, 5.0))


def test_hourly_and_five_minute_schedules_are_not_lockstep(engine: DuckEngine) -> None:
    rng = np.random.default_rng(3)
    hourly = [hour * HOUR for hour in range(24 * 20)]
    often = [step * 900 + 7 for step in range(96 * 20)]
    seen = jobs(rng, ["h1", "h2"], hourly, 0.7, 5.0) + jobs(rng, ["o1", "o2"], often, 0.7, 5.0)
    assert not behaviours(engine, strangers(rng, 40) + seen)


def test_evenly_stepped_times_are_no_behaviour(engine: DuckEngine) -> None:
    seen: Seen = [(f"a{i % 120}", "ip", f"10.0.0.{i % 120}", i * 7919 % (30 * DAY)) for i in range(6000)]
    assert behaviours(engine, seen) == []


def test_the_day_of_a_launch_is_not_lockstep(engine: DuckEngine) -> None:
    rng = np.random.default_rng(4)
    launch: Seen = [
        (f"s{i:03}", "ip", f"10.1.0.{i}", 30 * DAY + int(rng.exponential(2 * HOUR)))
        for i in range(80)
        for _ in range(8)
    ]
    assert not behaviours(engine, strangers(rng, 80) + launch)


def test_one_busy_hour_together_is_not_sustained(engine: DuckEngine) -> None:
    rng = np.random.default_rng(5)
    once = [20 * DAY + 9 * HOUR + step * 1_200 for step in range(12)]
    assert not behaviours(engine, strangers(rng, 40) + jobs(rng, ["a1", "a2"], once, 1.0, 2.0))


def test_a_successor_on_the_address_of_a_closed_account(engine: DuckEngine) -> None:
    old: Seen = [("old", "ip", "10.9.0.1", day * DAY + 10 * HOUR) for day in range(30)]
    new: Seen = [("new", "ip", "10.9.0.1", 30 * DAY + 3 * HOUR + day * DAY) for day in range(20)]
    lives: Lives = {"old": (-90 * DAY, 29 * DAY + 12 * HOUR), "new": (29 * DAY + 14 * HOUR, None)}
    actual = behaviours(engine, strangers(np.random.default_rng(6), 20) + old + new, lives)
    assert pairs_of(actual, "succession") == {("new", "old")}


def test_births_on_a_busy_address_are_no_succession(engine: DuckEngine) -> None:
    rng = np.random.default_rng(7)
    births = [(f"b{i:03}", int(rng.integers(40 * DAY))) for i in range(200)]
    seen: Seen = [(name, "ip", "10.9.0.1", at + HOUR) for name, at in births]
    lives: Lives = {name: (at, at + 5 * DAY if i % 4 == 0 else None) for i, (name, at) in enumerate(births)}
    assert not pairs_of(behaviours(engine, seen, lives), "succession")


def test_without_time_there_is_no_rhythm(engine: DuckEngine) -> None:
    assert not behaviours(engine, [("a", "ip", "10.0.0.1", None), ("b", "ip", "10.0.0.1", None)])


def test_dates_alone_are_too_coarse_for_lockstep(engine: DuckEngine) -> None:
    rng = np.random.default_rng(8)
    at = [int(day) * DAY for day in rng.integers(0, 60, 30)]
    seen = [(a, kind, value, s // DAY * DAY) for a, kind, value, s in strangers(rng, 20) if s is not None]
    assert not behaviours(engine, seen + jobs(rng, ["f1", "f2"], at, 0.9, 0.0))


def test_the_order_of_rows_changes_nothing(engine: DuckEngine) -> None:
    rng = np.random.default_rng(9)
    at = [int(s) for s in rng.integers(0, 60 * DAY, 60)]
    seen = strangers(rng, 30) + jobs(rng, ["f1", "f2", "f3", "f4"], at)
    forth = behaviours(engine, seen)
    assert forth
    assert behaviours(engine, [seen[i] for i in rng.permutation(len(seen))]) == forth


def test_calls_that_go_round_are_load_balancing(engine: DuckEngine) -> None:
    rng = np.random.default_rng(10)
    calls = np.sort(rng.integers(0, 60 * DAY, 120))
    names = ("f1", "f2", "f3")
    seen: Seen = [(names[i % 3], "ip", "10.9.0.1", int(at)) for i, at in enumerate(calls)]
    alike: Seen = [
        (f"p{i % 3}", "ip", "10.9.0.2", int(at)) for i, at in enumerate(rng.integers(0, 60 * DAY, 120))
    ]
    actual = behaviours(engine, strangers(rng, 20) + seen + alike)
    assert pairs_of(actual, "load_balancing") == {("f1", "f2"), ("f1", "f3"), ("f2", "f3")}


def test_two_daily_habits_take_turns_and_are_no_load_balancing(engine: DuckEngine) -> None:
    rng = np.random.default_rng(11)
    early: Seen = [
        ("early", "ip", "10.9.0.1", day * DAY + 8 * HOUR + int(rng.integers(900))) for day in range(60)
    ]
    late: Seen = [
        ("late", "ip", "10.9.0.1", day * DAY + 19 * HOUR + int(rng.integers(900))) for day in range(60)
    ]
    assert not behaviours(engine, strangers(rng, 20) + early + late)


def test_a_burst_of_sign_ups_on_one_address(engine: DuckEngine) -> None:
    rng = np.random.default_rng(12)
    others = strangers(rng, 60, 5)
    lives: Lives = {f"s{i:03}": (int(rng.integers(-300, 60)) * DAY, None) for i in range(60)}
    lives |= {f"f{i}": (-30 * DAY + i * HOUR, None) for i in range(6)}
    lives |= {f"h{i}": (-30 * DAY - i * 40 * DAY, None) for i in range(6)}
    farm: Seen = [(f"f{i}", "ip", "10.9.0.1", awake(rng)) for i in range(6) for _ in range(4)]
    house: Seen = [(f"h{i}", "ip", "10.77.0.2", awake(rng)) for i in range(6) for _ in range(4)]
    actual = pairs_of(behaviours(engine, others + farm + house, lives), "signup_burst")
    assert actual == {(f"f{i}", f"f{j}") for i in range(6) for j in range(i + 1, 6)}


def test_what_few_coincidences_state_is_limited(engine: DuckEngine) -> None:
    rng = np.random.default_rng(13)
    twins: Seen = [
        (name, "ip", f"10.2.0.{name[1]}", day * 7 * DAY + day * 5_000)
        for name in ("t1", "t2")
        for day in range(3)
    ]
    actual = behaviours(engine, strangers(rng, 40) + twins)
    assert [(a, b) for a, b, *_ in actual] == [("t1", "t2")]
    assert actual[0][3] == pytest.approx(12.0)


def test_the_budget_leaves_out_candidates_and_states_so(engine: DuckEngine) -> None:
    rng = np.random.default_rng(14)
    at = [awake(rng) for _ in range(40)]
    behaviours(engine, strangers(rng, 60) + jobs(rng, [f"f{i}" for i in range(8)], at, 0.9))
    few = Settings(model=ModelSettings(pair_budget=400))
    lockstep = find_joint_behaviour(engine, few)["lockstep"]
    assert isinstance(lockstep, dict)
    assert lockstep["candidate_pairs"] == 10
    assert lockstep["candidate_pairs_capped"] == 18
    assert lockstep["pairs_found"] == 10


def test_of_the_pairs_that_are_found_one_in_twenty_may_be_by_chance() -> None:
    """Benjamini and Hochberg: the k-th least chance passes at 0.05 k / n, and with it all before it."""
    steps = 0.05 * np.arange(1, 101) / 100
    chance = np.concatenate([steps[:3] * 0.999, [steps[3] * 1.001], steps[4:7] * 0.999, steps[7:] * 1.001])
    order = np.random.default_rng(1).permutation(100)
    assert is_discovered(chance[order], 100, 0.05)[np.argsort(order)].tolist() == [True] * 7 + [False] * 93
    # Pairs that were tested and are not given count too.
    assert is_discovered(chance[:7], 200, 0.05).tolist() == [False] * 7


def test_where_nobody_acts_together_a_pair_is_found_in_one_of_twenty_data_sets() -> None:
    rng = np.random.default_rng(2)
    listed = [is_discovered(rng.random(200), 200, 0.05).any() for _ in range(2_000)]
    assert 0.035 < np.mean(listed) < 0.065
