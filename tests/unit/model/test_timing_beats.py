"""Beats: the moments of a crew, and those of the crew without a member."""

from __future__ import annotations

import numpy as np

from graphlink.core.parameters import Parameters
from graphlink.model.timing.beats import Crews, make_beats, with_beats
from tests.unit.model.timed_starts import BEGIN, DAY, HOUR, starts_of

DAYS_OF_JOBS = np.arange(12) * DAY + 9 * HOUR


def crews(*sizes: int) -> Crews:
    n = sum(sizes)
    return Crews(np.repeat(np.arange(len(sizes)), sizes), np.arange(1, n + 1), len(sizes))


def test_a_moment_is_the_mean_of_the_starts_there() -> None:
    starts = starts_of([DAYS_OF_JOBS, DAYS_OF_JOBS + 60, DAYS_OF_JOBS + 150])
    beats = make_beats(starts, crews(3), Parameters())
    assert beats.s[beats.owner == 0].tolist() == (BEGIN + DAYS_OF_JOBS + 70).tolist()


def test_the_beat_without_a_member_is_that_of_the_others() -> None:
    starts = starts_of([DAYS_OF_JOBS, DAYS_OF_JOBS + 60, DAYS_OF_JOBS + 150])
    beats = make_beats(starts, crews(3), Parameters())
    for member, mean in enumerate((105, 75, 30)):
        assert beats.s[beats.owner == 1 + member].tolist() == (BEGIN + DAYS_OF_JOBS + mean).tolist()


def test_one_account_alone_makes_no_moment_and_two_are_no_beat_without_one_of_them() -> None:
    alone = DAYS_OF_JOBS + 5 * HOUR
    starts = starts_of([np.concatenate([DAYS_OF_JOBS, alone]), DAYS_OF_JOBS + 20, np.array([77])])
    beats = make_beats(starts, crews(3), Parameters())
    assert beats.s[beats.owner == 0].tolist() == (BEGIN + DAYS_OF_JOBS + 10).tolist()
    assert beats.s[beats.owner == 3].tolist() == (BEGIN + DAYS_OF_JOBS + 10).tolist()
    assert not np.isin(beats.owner, (1, 2)).any()


def test_a_crowd_that_starts_all_the_time_has_no_moments() -> None:
    rng = np.random.default_rng(1)
    starts = starts_of([rng.integers(0, 12 * DAY, 400) for _ in range(40)])
    beats = make_beats(starts, crews(40), Parameters())
    n_windows = 12 * DAY / Parameters().timing.silence_s
    assert (beats.owner == 0).sum() < 0.35 * n_windows  # the fullest windows of the noise


def test_nine_days_are_no_beat_and_ten_are() -> None:
    for n, expected in ((9, 0), (10, 10)):
        jobs = DAYS_OF_JOBS[:n]
        beats = make_beats(starts_of([jobs, jobs + 5, jobs + 9]), crews(3), Parameters())
        assert (beats.owner == 0).sum() == expected


def test_beats_are_looked_up_as_accounts() -> None:
    starts = starts_of([DAYS_OF_JOBS, DAYS_OF_JOBS + 60, DAYS_OF_JOBS + 90, DAYS_OF_JOBS[:10] + 30])
    beats = make_beats(starts, crews(2, 2), Parameters())
    everybody, begin = with_beats(starts, beats, 2 + 4)
    assert begin == 5
    assert everybody.count(np.arange(1, 11)).tolist() == [12, 12, 12, 10, 12, 10, 0, 0, 0, 0]
    assert everybody.bounds(np.array([5]))[0].tolist() == [BEGIN + 9 * HOUR + 30]
    assert np.all(np.diff(everybody.key) > 0)
