"""Nulls: what a schedule is, and what is only dense activity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.core.parameters import Parameters
from graphlink.model.timing.coincidences import coinciding
from graphlink.model.timing.nulls import rate_by_hours, rate_by_schedule, schedules
from tests.unit.model.timed_starts import DAY, DAYS, HOUR, awake, crew, starts_of

if TYPE_CHECKING:
    from graphlink.model.timing.parameters import Ints

SCALES = [10, 40, 160, 600]
WINDOWS = [2 * scale + 1 for scale in SCALES]


def expected_by_schedules(one: Ints, other: Ints) -> tuple[float, float, float]:
    """Coincidences within 160 s: how many there are, and by the hours and by the likeliest schedule."""
    parameters, starts = Parameters(), starts_of([one, other])
    pairs = coinciding(starts, np.array([1]), np.array([2]), SCALES, parameters.timing)
    by_hours = rate_by_hours(starts, pairs, parameters)
    most = float(by_hours.per_second[2][0]) * WINDOWS[2]
    by_schedule = most
    for null in schedules(parameters.lockstep, SCALES, WINDOWS):
        rows, rates = rate_by_schedule(starts, pairs, by_hours, null, parameters)
        by_schedule = max(by_schedule, *(rates.per_second[2] * WINDOWS[2] if len(rows) else [0.0]))
    return int(pairs.hits[2][0]), most, by_schedule


def test_two_on_a_daily_schedule_meet_as_often_as_it_gives() -> None:
    rng = np.random.default_rng(1)
    daily = np.arange(DAYS) * DAY + 3 * HOUR
    hits, by_hours, by_schedule = expected_by_schedules(*crew(rng, 2, daily, 0.7, jitter=10.0))
    assert hits > 20
    assert by_hours < 3
    assert by_schedule > 0.7 * hits


def test_dense_activity_in_hours_that_the_other_does_not_share_is_no_schedule() -> None:
    """Two shifts that overlap in one hour of the day, in which both take the same jobs."""
    rng = np.random.default_rng(2)
    joint = awake(rng, 9, 16, 17)
    early = np.concatenate([awake(rng, 250, 8, 16), joint + 20])
    late = np.concatenate([awake(rng, 250, 17, 24), joint])
    hits, by_hours, by_schedule = expected_by_schedules(early, late)
    assert hits >= 9
    assert by_schedule < 2 * by_hours
    assert by_schedule < hits / 4
