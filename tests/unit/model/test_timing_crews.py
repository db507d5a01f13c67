"""Crews: who is on the beat of one, and whose habits are none."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from graphlink.core.settings import Settings
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, SHARED_IDENTIFIERS, WINDOW_INCIDENCE
from graphlink.engine.duck import DuckEngine
from graphlink.model.timing.beats import Beats
from graphlink.model.timing.crew_causes import Holdings, moments_around, read_holdings
from graphlink.model.timing.crews import find_crews
from graphlink.model.timing.tables import greater
from tests.tables import load
from tests.unit.model.timed_starts import DAY, DAYS, HOUR, awake, crew, pairs_of, people, starts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.core.parameters import CrewBeats
    from graphlink.model.timing.parameters import Ints
    from graphlink.model.timing.tables import Ties

SCALES = [10, 40, 160, 600]
WINDOWS = [2 * scale + 1 for scale in SCALES]
NONE = Holdings(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, bool))
SEEDS = [(1, 2), (2, 3)]  # two pairs in lockstep: the crew of the first three accounts


def crews_of(
    moments: list[Ints],
    seeds: list[tuple[int, int]] = SEEDS,
    numbers: CrewBeats | None = None,
    holdings: Holdings | None = None,
) -> tuple[Ties, dict[str, object]]:
    settings = Settings()
    if numbers:
        parameters = dataclasses.replace(settings.parameters, crews=numbers)
        settings = dataclasses.replace(settings, parameters=parameters)
    return find_crews(settings, starts_of(moments), pairs_of(seeds), holdings or NONE, (SCALES, WINDOWS))


def tied(ties: Ties, least: float = 8.0) -> set[int]:
    rows = ties.bits >= least
    return {*ties.l[rows].tolist(), *ties.r[rows].tolist()}


def test_a_crew_of_a_few_takes_in_all_that_keep_its_beat_and_no_one_else() -> None:
    rng = np.random.default_rng(1)
    ties, facts = crews_of([*crew(rng, 20, awake(rng, 150), 0.25, own=12), *people(rng, 300)])
    assert tied(ties) == set(range(1, 21))
    assert facts["crews"] == 1
    assert facts["accounts_added"] == 17
    assert facts["tests"] == 320


def test_three_crews_are_kept_apart() -> None:
    rng = np.random.default_rng(2)
    moments = [one for _ in range(3) for one in crew(rng, 12, awake(rng, 120), 0.25, own=10)]
    ties, facts = crews_of(moments + people(rng, 200), [*SEEDS, (13, 14), (14, 15), (25, 26), (26, 27)])
    assert facts["crews"] == 3
    assert tied(ties) == set(range(1, 37))
    assert {(a - 1) // 12 - (b - 1) // 12 for a, b in zip(ties.l.tolist(), ties.r.tolist(), strict=True)} == {
        0
    }


def test_crews_in_two_zones_on_one_list_of_jobs_are_paired_by_their_best() -> None:
    rng = np.random.default_rng(3)
    jobs = awake(rng, 6 * DAYS, 0, 24)
    hour = jobs // HOUR % 24
    early, late = jobs[hour < 10], jobs[(hour >= 8) & (hour < 18)]
    moments = crew(rng, 10, early, 0.25) + crew(rng, 10, late, 0.25) + people(rng, 200)
    ties, facts = crews_of(moments, [*SEEDS, (11, 12), (12, 13)])
    across = (ties.l <= 10) & (ties.r > 10)
    assert facts["crews_joined"] == 1
    assert (ties.bits[across] > 12).sum() >= 16  # four of the one by four of the other
    assert tied(ties) == set(range(1, 21))


def test_people_at_full_hours_keep_no_beat() -> None:
    rng = np.random.default_rng(4)

    def meetings(n: int) -> list[Ints]:
        hours = [rng.integers(DAYS, size=40) * DAY + rng.integers(9, 18, 40) * HOUR for _ in range(n)]
        return [one + rng.integers(0, 90, 40) for one in hours]

    ties, _ = crews_of(meetings(60))
    assert not len(ties.l)


def test_a_schedule_that_many_share_is_no_beat() -> None:
    rng = np.random.default_rng(5)
    daily = np.arange(DAYS) * DAY + 3 * HOUR
    ties, _ = crews_of([*crew(rng, 30, daily, 0.6, own=5, jitter=8.0), *people(rng, 100)])
    assert not len(ties.l)


def test_lessons_are_no_beat() -> None:
    """Pupils start at any minute of a lesson, on days without a schedule."""
    rng = np.random.default_rng(6)
    lessons = np.sort(rng.permutation(DAYS)[:14]) * DAY + rng.integers(8, 15, 14) * HOUR

    def pupil() -> Ints:
        came = lessons[rng.random(14) < 0.9]
        return np.concatenate([came + rng.integers(0, 2_700, len(came)) for _ in range(3)])

    ties, _ = crews_of([pupil() for _ in range(25)] + people(rng, 100))
    assert not len(ties.l)


def test_moments_on_few_days_are_no_beat() -> None:
    rng = np.random.default_rng(7)
    few = np.repeat(np.arange(0, 56, 7), 4) * DAY + rng.integers(8 * HOUR, 20 * HOUR, 32)  # on 8 days
    moments = [*crew(rng, 12, few, 0.7), *people(rng, 100)]
    assert not len(crews_of(moments)[0].l)
    numbers = dataclasses.replace(Settings().parameters.crews, least_days=6)
    assert tied(crews_of(moments, numbers=numbers)[0]) == set(range(1, 13))


def test_a_member_that_does_not_keep_the_others_beat_is_not_confirmed() -> None:
    rng = np.random.default_rng(8)
    moments = [*crew(rng, 10, awake(rng, 100), 0.3), *people(rng, 200)]
    ties, _ = crews_of(moments, [*SEEDS, (3, 50), (1, 4)])
    assert tied(ties) == set(range(1, 11))


def held(accounts: range, asked: Iterable[int] | None = None) -> Holdings:
    """One identifier of these accounts, of which all or some are asked for its beat."""
    account = np.array(accounts)
    return Holdings(
        np.full(len(account), 7), account, np.isin(account, list(accounts if asked is None else asked))
    )


def test_customers_of_a_router_that_gathers_requests_are_no_crew() -> None:
    """Each request waits for the next moment at which the router sends what it has."""
    rng = np.random.default_rng(13)
    sent = np.sort(awake(rng, 60 * 30))
    busy = [sent[np.searchsorted(sent[:-1], awake(rng, 250))] for _ in range(12)]
    quiet = [sent[np.searchsorted(sent[:-1], awake(rng, 12))] for _ in range(60)]
    moments = [*busy, *quiet, *people(rng, 100)]
    assert len(tied(crews_of(moments)[0])) >= 12
    ties, facts = crews_of(moments, holdings=held(range(1, 73)))
    assert not len(ties.l)
    assert facts["crews_set_by_identifier"]


def test_a_sample_of_a_routers_customers_tells_that_it_sets_the_beat() -> None:
    rng = np.random.default_rng(13)
    sent = np.sort(awake(rng, 60 * 30))
    busy = [sent[np.searchsorted(sent[:-1], awake(rng, 250))] for _ in range(12)]
    quiet = [sent[np.searchsorted(sent[:-1], awake(rng, 12))] for _ in range(60)]
    moments = [*busy, *quiet, *people(rng, 100)]
    _, facts = crews_of(moments, holdings=held(range(1, 73), range(5, 73, 2)))
    assert facts["crews_set_by_identifier"]
    _, facts = crews_of(moments, holdings=held(range(1, 73), range(1, 13)))  # members do not tell of others
    assert not facts["crews_set_by_identifier"]


def test_moments_around_are_what_counting_gives() -> None:
    rng = np.random.default_rng(11)
    starts, n = starts_of(people(rng, 40)), 3
    beats = Beats(
        np.repeat(np.arange(2 * n), 50), np.sort(awake(rng, 300).reshape(2 * n, 50)).ravel() + starts.begin
    )
    pairs = np.tile(np.arange(1, 41), n), np.repeat(np.arange(n), 40)
    parameters = Settings().parameters
    moment_s, timing = parameters.crews.moment_s, parameters.timing
    n_at, n_around = moments_around(starts, beats, pairs, (parameters.crews, timing))
    for i, (account, beat) in enumerate(zip(*pairs, strict=True)):
        own = starts.s[starts.first[account] : starts.first[account + 1]]
        apart = np.abs(own[:, None] - beats.s[beats.owner == beat])
        assert n_at[i] == (apart <= moment_s).sum()
        assert n_around[i] == ((apart > timing.near_s) & (apart <= timing.far_s)).sum()
    assert n_at.any()
    assert n_around.any()


def test_what_carries_few_sightings_or_has_few_in_lockstep_is_not_looked_at() -> None:
    held_by = [(1, a, 20) for a in range(1, 6)] + [(2, a, 1) for a in range(1, 6)] + [(3, 1, 20), (3, 2, 20)]
    with DuckEngine(threads=1) as engine:
        load(engine, ACCOUNT_NUMBERS, "account_no account_id", [(a, f"b{a}") for a in range(1, 6)])
        load(engine, WINDOW_INCIDENCE, "identifier_no account_no n", held_by)
        load(engine, SHARED_IDENTIFIERS, "identifier_no degree", [(1, 5), (2, 5), (3, 2)])
        actual = read_holdings(engine, pairs_of(SEEDS), Settings().parameters.crews)
    assert actual.identifier.tolist() == [1] * 5
    assert actual.account.tolist() == [1, 2, 3, 4, 5]
    assert actual.is_asked.all()


def asked_beside(n_strangers: int) -> list[int]:
    """Who is asked of an identifier that 150 accounts hold, beside strangers whose names come first."""
    numbers = dataclasses.replace(Settings().parameters.crews, most_asked=100)
    no = range(n_strangers + 1, n_strangers + 151)
    names = [(a, f"a{a}") for a in range(1, n_strangers + 1)] + [(a, f"b{i}") for i, a in enumerate(no, 100)]
    with DuckEngine(threads=1) as engine:
        load(engine, ACCOUNT_NUMBERS, "account_no account_id", names)
        held_by = [(1, a, 20) for a in no] + [(2, a, 20) for a in no[:100]]
        load(engine, WINDOW_INCIDENCE, "identifier_no account_no n", held_by)
        load(engine, SHARED_IDENTIFIERS, "identifier_no degree", [(1, 150), (2, 100)])
        holdings = read_holdings(engine, pairs_of([(no[0], no[1]), (no[1], no[2])]), numbers)
    assert len(holdings.account) == 250
    is_large = holdings.identifier == 1
    assert holdings.is_asked[~is_large].all()  # as many as may be asked
    asked: list[int] = (holdings.account[is_large & holdings.is_asked] - n_strangers).tolist()
    return asked


def test_who_is_asked_of_a_large_identifier_depends_on_no_strangers() -> None:
    asked = asked_beside(0)
    assert len(asked) == 100
    assert asked != list(range(1, 101))
    assert asked == asked_beside(7)


def test_a_crew_among_a_routers_other_customers_is_one() -> None:
    rng = np.random.default_rng(14)
    moments = [*crew(rng, 15, awake(rng, 150), 0.3, own=10), *people(rng, 100)]
    ties, facts = crews_of(moments, holdings=held(range(1, 80)))
    assert tied(ties) == set(range(1, 16))
    assert facts["crews_set_by_identifier"] == 0


def test_a_large_crew_makes_few_links() -> None:
    rng = np.random.default_rng(9)
    ties, _ = crews_of([*crew(rng, 400, awake(rng, 100), 0.2), *people(rng, 50)])
    assert len(tied(ties)) >= 390
    assert len(ties.l) <= 4 * 400


def test_bits_follow_the_days_with_a_coincidence() -> None:
    """Of three days of four bits each no more than twelve."""
    rng = np.random.default_rng(10)
    jobs = awake(rng, 150)
    short = np.sort(jobs)[-9:]
    moments = [*crew(rng, 15, jobs, 0.3), short[np.unique(short // DAY, return_index=True)[1]][:3]]
    ties, _ = crews_of([*moments, *people(rng, 200)])
    bits = ties.bits[(ties.l == 16) | (ties.r == 16)]
    assert len(bits)
    assert bits.max() <= 12


def test_two_accounts_are_no_crew() -> None:
    rng = np.random.default_rng(11)
    ties, facts = crews_of([*crew(rng, 10, awake(rng, 100), 0.3), *people(rng, 50)], [(1, 2)])
    assert not len(ties.l)
    assert facts["crews"] == 0


def test_weak_pairs_make_no_crew() -> None:
    rng = np.random.default_rng(12)
    moments = [*crew(rng, 10, awake(rng, 100), 0.3), *people(rng, 50)]
    weak = find_crews(Settings(), starts_of(moments), pairs_of(SEEDS, 7.9), NONE, (SCALES, WINDOWS))
    assert not len(weak[0].l)


def test_a_pair_with_both_keeps_the_one_with_more_bits() -> None:
    one, other = pairs_of([(1, 2), (1, 3), (4, 5)], 6.0), pairs_of([(1, 3), (2, 3), (4, 5)], 6.0)
    other.bits[0] = 9.0
    of_one, of_other = greater(one, other)
    assert list(zip(of_one.l.tolist(), of_one.r.tolist(), strict=True)) == [(1, 2), (4, 5)]
    assert list(zip(of_other.l.tolist(), of_other.r.tolist(), strict=True)) == [(1, 3), (2, 3)]
