"""Facts of clusters made by hand: each measure with its worked number, beside the usual and its interval."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from graphlink.assessment.facts import collect_facts
from graphlink.assessment.facts.comparable import Pool, generator
from graphlink.assessment.facts.intervals import (
    LEVEL,
    binomial_interval,
    ratio_interval,
    share_variance,
    tails,
)
from graphlink.core.parameters import Facts
from graphlink.core.schema import MEMBERSHIP, OBSERVATIONS
from graphlink.core.settings import FactSettings, Settings, Source
from graphlink.core.tables.facts import FACT_CATEGORIES, FACT_DAYS, FACT_HOURS, FACTS
from graphlink.engine.duck import DuckEngine
from tests.numbered import number_observations
from tests.tables import load, make

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR, DAY = 3_600, 86_400
START = 20_000 * DAY  # a midnight in UTC
MAPPED = {"model": "m", "tokens": "t", "score": "s", "country": "c"}


class Call(NamedTuple):
    """A call: account, second from the start, and its facts."""

    account: str
    at: int
    model: str = ""
    tokens: float = 0.0
    score: float | None = None
    country: str = ""


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def collected(
    engine: DuckEngine, calls: list[Call], attributes: dict[str, str] | None = None, **settings: Any
) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows of cluster C-1 by measure and category: accounts whose name starts with c are its members."""
    rows = ", ".join(f"('{call.account}', {START + call.at})" for call in calls)
    make(
        engine,
        OBSERVATIONS,
        "SELECT account_id, 'ip' AS kind, 'x' AS value, make_timestamptz(at_s::BIGINT * 1000000) AS seen_at, "
        f"count(*) AS n FROM (VALUES {rows}) t(account_id, at_s) GROUP BY ALL",
    )
    names = sorted({call.account for call in calls})
    make(engine, MEMBERSHIP, f"SELECT unnest({names}) AS account_id, NULL AS cluster_id")
    engine.make(
        "membership",
        "SELECT * REPLACE (CASE WHEN account_id LIKE 'c%' THEN 'C-1' END AS cluster_id) FROM membership",
    )
    if engine.has("accounts"):
        engine.drop("accounts")
    number_observations(engine)
    if attributes:
        cases = " ".join(f"WHEN '{name}' THEN '{word}'" for name, word in attributes.items())
        engine.make("accounts", f"SELECT *, CASE account_id {cases} END AS plan FROM accounts")
    numbers = {name: i for i, name in enumerate(names, 1)}
    words = sorted({(f, w) for call in calls for f in ("country", "model") if (w := getattr(call, f))})
    load(engine, FACT_CATEGORIES, "", [(i, *word) for i, word in enumerate(words)])
    hours: dict[tuple[int, int, int], list[int]] = {}
    for call in calls:
        for i, (fact, word) in enumerate(words):
            if getattr(call, fact) == word:
                key = (numbers[call.account], i, (START + call.at) // HOUR)
                hours.setdefault(key, []).append(START + call.at)
    load(engine, FACT_HOURS, "", [(*key, len(at), min(at)) for key, at in hours.items()])
    days = [(numbers[c.account], "tokens", 0, 1, c.tokens, 0) for c in calls if c.tokens]
    days += [
        (numbers[c.account], "score", 0, 1, 0.0, int(c.score >= 0.5)) for c in calls if c.score is not None
    ]
    load(engine, FACT_DAYS, "", days)
    source = Source(kinds={"ip": "ip"}, facts=MAPPED)
    collect_facts(engine, Settings(sources=(source,), **settings))
    FACTS.check_columns(engine)
    FACTS.check_rows(engine)
    table = engine.arrow("SELECT * FROM facts").to_pylist()
    return {(row["measure"], row["category"]): row for row in table}


def people(n: int, calls: int, seed: int = 1, days: int = 20, **facts: Any) -> list[Call]:
    """Accounts outside clusters that call at random hours of their day."""
    draw = random.Random(seed)
    return [
        Call(f"s{i:03}", draw.randrange(days) * DAY + int(draw.uniform(8, 22) * HOUR), **facts)
        for i in range(n)
        for _ in range(calls)
    ]


def test_calls_growth_and_hours_have_their_worked_numbers(engine: DuckEngine) -> None:
    # c1 calls at noon of days 0 to 9, c2 twice at midnight of days 10 to 19; data span 20 days less half.
    calls = [Call("c1", day * DAY + 12 * HOUR) for day in range(10)]
    calls += [Call("c2", day * DAY + i * 60) for day in range(10, 20) for i in range(2)]
    calls += [Call("s1", 0), Call("s1", 20 * DAY)]
    actual = collected(engine, calls)
    assert actual["calls_per_day", ""]["value"] == pytest.approx(30 / 20)
    assert actual["share_of_calls", ""]["value"] == pytest.approx(30 / 32)
    assert actual["growth", ""]["value"] == pytest.approx((20 + 2) / (10 + 2))
    # Days 0 to 9 and 10 to 19 cover each day of the week: noon and midnight of seven days.
    assert actual["hours_covered", ""]["value"] == 14
    assert actual["growth", ""]["usual"] is None, "one account outside says nothing of what is usual"
    assert (actual["growth", ""]["low"], actual["growth", ""]["n_usual"]) == (None, 0)


def test_a_burst_of_one_day_is_no_growth(engine: DuckEngine) -> None:
    calls = [Call(name, day * DAY + i * HOUR) for name in ("c1", "c2") for day in range(20) for i in range(2)]
    burst = [Call("c1", 15 * DAY + i) for i in range(1, 500)]
    without = collected(engine, calls)["growth", ""]["value"]
    # The day of the burst counts as four median days of two calls: six more than without it.
    expected = pytest.approx(without + 6 / (40 + 2), abs=0.06)
    assert collected(engine, [*calls, *burst])["growth", ""]["value"] == expected


def test_who_calls_around_the_clock_has_a_third_of_its_calls_at_night(engine: DuckEngine) -> None:
    calls = [Call(name, hour * HOUR) for name in ("c1", "c2") for hour in range(20 * 24)]
    actual = collected(engine, [*calls, *people(40, 480)])
    assert actual["night_share", ""]["value"] == pytest.approx(1 / 3)
    assert actual["night_share", ""]["usual"] == 0, "people call between eight and twenty-two"
    assert actual["gap_variation", ""]["value"] == 0, "every hour, as a clock"
    assert actual["gap_variation", ""]["usual"] > 0.9
    assert actual["gap_variation", ""]["usual_low"] > 0.5
    assert actual["hours_covered", ""]["value"] == 168
    assert actual["hours_covered", ""]["usual_high"] <= 7 * 14


def test_the_usual_is_of_accounts_that_are_as_active(engine: DuckEngine) -> None:
    active = [call._replace(account=f"a{call.account}", tokens=100.0) for call in people(20, 40)]
    quiet = [call._replace(tokens=1.0) for call in people(200, 5)]
    members = [Call(name, i * HOUR, tokens=10.0) for name in ("c1", "c2", "c3") for i in range(40)]
    row = collected(engine, [*active, *quiet, *members])["amount_per_day", ""]
    assert row["n_usual"] == 20
    days = row["usual"] / (3 * 40 * 100)
    assert row["value"] == pytest.approx(3 * 40 * 10 * days)
    assert row["usual_low"] == row["usual_high"] == pytest.approx(row["usual"])


def test_scores_above_the_threshold_have_a_risk_ratio_with_an_interval(engine: DuckEngine) -> None:
    calls = [Call(f"c{i}", j * HOUR, score=0.9 if j < 4 else 0.1) for i in range(6) for j in range(10)]
    outside = [
        Call(f"s{i:02}", j * HOUR, score=0.9 if j == 0 and i % 2 else 0.1)
        for i in range(60)
        for j in range(10)
    ]
    row = collected(engine, [*calls, *outside])["score_share", ""]
    assert (row["value"], row["low"], row["high"]) == pytest.approx((0.4, 0.4, 0.4))
    assert row["usual"] == pytest.approx(0.05)
    assert row["ratio"] == pytest.approx(8.0)
    # By hand: the variance of the usual share is 60 / 59 * sum (x - .05 * 10)^2 / 600^2, over .05^2.
    error = 1.96 * math.sqrt(60 / 59 * 60 * 0.25 / 600**2 / 0.05**2)
    assert (row["ratio_low"], row["ratio_high"]) == pytest.approx(
        (8 / math.exp(error), 8 * math.exp(error)), 1e-3
    )
    assert row["usual_high"] < row["value"]


def test_categories_and_attributes_have_a_lift_by_account(engine: DuckEngine) -> None:
    calls = [Call(name, i * HOUR, country="NZ") for name in ("c1", "c2", "c3") for i in range(10)]
    calls += [Call("c1", 30 * HOUR + i, country="DE") for i in range(3)]
    outside = people(30, 10, country="DE") + [c._replace(account="n", country="NZ") for c in people(1, 10)]
    plans = dict.fromkeys(("c1", "c2", "s001", "s002"), "edu") | {"s003": "pro"}
    actual = collected(engine, [*calls, *outside], plans)
    row = actual["category_share", "NZ"]
    assert (row["value"], row["usual"]) == pytest.approx((1.0, 1 / 31))
    assert row["low"] == pytest.approx(0.025 ** (1 / 3)), "three of three, exactly (Clopper and Pearson)"
    assert row["ratio"] == pytest.approx(31)
    assert row["ratio_low"] < 31 < row["ratio_high"]
    assert ("category_share", "DE") not in actual, "one account alone, for a tenth of its calls"
    assert actual["attribute_share", "edu"]["value"] == 1.0
    assert actual["attribute_share", "edu"]["n_accounts"] == 2


RELEASED = 10 * DAY + 6 * HOUR


def movers(seed: int, *, crew: int = 12, honest: int = 60) -> list[Call]:
    """Accounts that move to a new model over weeks, and a crew that moves within hours of its release."""
    draw = random.Random(seed)
    calls = []
    for i in range(crew + honest):
        is_crew = i < crew
        name = f"c{i}" if is_crew else f"s{i:03}"
        moves = RELEASED + int(draw.uniform(1, 3) * HOUR if is_crew else draw.expovariate(1 / (6 * DAY)))
        for _ in range(60):
            at = draw.randrange(20 * DAY)
            calls.append(Call(name, at, "new" if at >= moves else "old"))
    return calls


@pytest.mark.parametrize("seed", range(5))
def test_a_crew_that_moves_within_a_day_stands_out_and_honest_accounts_do_not(
    engine: DuckEngine, seed: int
) -> None:
    calls = movers(seed)
    actual = collected(engine, calls, facts={"model": FactSettings(releases=_released())})
    share, spread = actual["moved_share", "new"], actual["move_spread", "new"]
    assert share["value"] > 0.6
    assert share["value"] > share["usual_high"]
    assert share["ratio_low"] > 2
    accounts = actual["moved_accounts", "new"]
    assert accounts["value"] > accounts["usual_high"]
    assert accounts["ratio_low"] > 1.5
    assert spread["value"] < spread["usual_low"]
    # The same for twelve honest accounts as a cluster.
    renamed = [call._replace(account=_swapped(call.account)) for call in calls]
    honest = collected(engine, renamed, facts={"model": FactSettings(releases=_released())})
    for measure in ("moved_share", "moved_accounts"):
        row = honest[measure, "new"]
        assert row["usual_low"] <= row["value"] <= row["usual_high"]


def _released() -> dict[str, str]:
    import datetime

    return {"new": datetime.datetime.fromtimestamp(START + RELEASED, datetime.UTC).isoformat()}


def _swapped(name: str) -> str:
    """Twelve honest accounts become the cluster, and the crew stands outside."""
    number = int(name[1:])
    return f"c{number}" if 12 <= number < 24 else f"s{number:03}"


def test_a_release_is_the_first_call_where_enough_accounts_call_it(engine: DuckEngine) -> None:
    # "old" was there when the data began, and two callers are too few.
    rare = [Call("c1", 12 * DAY, "rare"), Call("c2", 12 * DAY, "rare")]
    actual = collected(engine, [*movers(1), *rare])
    assert {category for measure, category in actual if measure == "moved_share"} == {"new"}


def test_an_account_opened_after_a_release_has_nothing_to_move_from(engine: DuckEngine) -> None:
    fresh = [Call("c99", RELEASED + 3 * HOUR + i, "new") for i in range(50)]
    declared = {"model": FactSettings(releases=_released())}
    without = collected(engine, movers(1), facts=declared)["moved_share", "new"]
    assert collected(engine, [*movers(1), *fresh], facts=declared)["moved_share", "new"] == without


def test_a_fact_changes_no_other_measure(engine: DuckEngine) -> None:
    calls = [*people(40, 20), *(Call(name, i * HOUR) for name in ("c1", "c2", "c3") for i in range(20))]
    plain = collected(engine, calls)
    mapped = collected(engine, [call._replace(model="m", tokens=2.0, country="NZ") for call in calls])
    assert {name: mapped[name] for name in plain} == plain
    assert len(mapped) > len(plain)


def test_without_times_or_facts_there_are_no_rows_and_no_error(engine: DuckEngine) -> None:
    make(
        engine,
        OBSERVATIONS,
        "SELECT unnest(['c1', 'c2', 's1']) AS account_id, 'ip' AS kind, 'x' AS value, 1 AS n",
    )
    make(engine, MEMBERSHIP, "SELECT account_id FROM observations")
    engine.make(
        "membership", "SELECT * REPLACE ('C-1' AS cluster_id) FROM membership WHERE account_id <> 's1'"
    )
    number_observations(engine)
    for spec in (FACT_CATEGORIES, FACT_HOURS, FACT_DAYS):
        load(engine, spec)
    collect_facts(engine, Settings())
    FACTS.check_columns(engine)
    assert engine.rows("SELECT * FROM facts") == []


def test_draws_depend_on_the_seed_and_the_cluster_alone() -> None:
    pool = Pool(np.sort(np.arange(100.0)), Facts())
    members = np.array([30.0, 40.0])
    first, again = (pool.groups(members, generator(1, "C-1")) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, pool.groups(members, generator(1, "C-2")))
    assert first[:, 0].min() >= 15
    assert first[:, 0].max() <= 60
    assert pool.groups(np.array([1e6, 2e6, 40.0]), generator(1, "C-1")).shape[1] == 0, "most have no peers"


def test_comparable_is_from_half_to_twice_as_active_and_ten_accounts_at_least() -> None:
    pool = Pool(np.array([19.0, *[20.0] * 5, *[80.0] * 5, 81.0]), Facts())
    low, high = pool.windows(np.array([40.0]))
    assert (low[0], high[0]) == (1, 11)
    fewer = Pool(np.array([20.0] * 9), Facts())
    assert len(fewer.windows(np.array([20.0]))[0]) == 0


@pytest.mark.parametrize(("n", "has_interval"), [(4, False), (5, True)])
def test_an_interval_is_resampled_from_five_members_on(
    engine: DuckEngine, n: int, has_interval: bool
) -> None:
    calls = [Call(f"c{i}", j * HOUR, score=0.9) for i in range(n) for j in range(3)]
    row = collected(engine, [*calls, *people(1, 1)])["score_share", ""]
    assert (row["low"] is not None) is has_interval


@pytest.mark.parametrize(("n_gaps", "is_there"), [(9, False), (10, True)])
def test_the_variation_of_gaps_is_known_from_ten_on(engine: DuckEngine, n_gaps: int, is_there: bool) -> None:
    calls = [Call(name, i * HOUR) for name in ("c1", "c2") for i in range(n_gaps + 1)]
    actual = collected(engine, [*calls, *people(1, 1)])
    assert (("gap_variation", "") in actual) is is_there


@pytest.mark.parametrize(("n", "is_release"), [(9, False), (10, True)])
def test_ten_accounts_make_a_release_of_a_first_call(engine: DuckEngine, n: int, is_release: bool) -> None:
    names = ["c1", "c2", *(f"s{i}" for i in range(20))]
    calls = [Call(name, day * DAY, "old") for name in names for day in (0, 5, 6)]
    calls += [Call(name, 5 * DAY + HOUR, "new") for name in names[:n]]
    assert (("moved_share", "new") in collected(engine, calls)) is is_release


@pytest.mark.parametrize(("n", "is_there"), [(2, False), (3, True)])
def test_three_members_that_moved_did_so_alike_or_not(engine: DuckEngine, n: int, is_there: bool) -> None:
    calls = [Call(f"c{i}", at, model) for i in range(n) for at, model in ((0, "old"), (RELEASED + i, "new"))]
    calls += [Call(f"s{i}", 0, "old") for i in range(3)]
    actual = collected(engine, calls, facts={"model": FactSettings(releases=_released())})
    assert (("move_spread", "new") in actual) is is_there


@pytest.mark.parametrize(("hours", "value"), [(23, 0.5), (24, 0.0)])
def test_moving_counts_in_the_day_after_the_release(engine: DuckEngine, hours: int, value: float) -> None:
    calls = [Call(name, at, "old") for name in ("c1", "c2", "s1") for at in (0, RELEASED)]
    calls += [Call("c1", RELEASED + hours * HOUR, "new"), Call("c2", RELEASED + hours * HOUR, "new")]
    actual = collected(engine, calls, facts={"model": FactSettings(releases=_released())})
    assert actual["moved_share", "new"]["value"] == value


@pytest.mark.parametrize(
    ("n_hits", "n", "expected"),
    [(0, 10, (0.0, 0.3085)), (10, 10, (0.6915, 1.0)), (5, 10, (0.1871, 0.8129)), (1, 2, (0.0126, 0.9874))],
)
def test_the_binomial_interval_is_exact(n_hits: int, n: int, expected: tuple[float, float]) -> None:
    """Of the tables of Clopper and Pearson."""
    assert binomial_interval(n_hits, n) == pytest.approx(expected, abs=1e-4)


def test_a_ratio_is_as_uncertain_as_both_shares() -> None:
    assert ratio_interval(0.5, (0.25, 1.0), 0.25, 0.0) == pytest.approx((1.0, 4.0))
    low, high = ratio_interval(0.5, (0.25, 1.0), 0.25, 1.0)
    assert low is not None
    assert high is not None
    assert low < 1.0
    assert high > 4.0
    assert ratio_interval(0.5, (None, None), 0.25, 0.0) == (None, None)
    assert share_variance(np.array([1.0]), np.array([2.0])) == math.inf


@pytest.mark.parametrize("n", [1, 2, 3, 40, 41, 200, 1_001])
def test_the_tails_are_the_percentiles_of_numpy_to_the_bit(n: int) -> None:
    random = np.random.default_rng(n)
    shares = 100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2
    for values in (random.random(n), np.exp(20 * random.standard_normal(n)), random.integers(0, 3, n) * 1.0):
        assert tails(np.asarray(values, np.float64)) == tuple(np.percentile(values, shares))
