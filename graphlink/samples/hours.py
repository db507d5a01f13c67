"""When accounts are active: hour-of-week profiles, time zones and the day of a launch."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from graphlink.samples.tokens import Array

BEGINNING = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)  # a Monday
HOUR = 3600
DAY = 24 * HOUR
WEEK = 7 * DAY
NEVER = np.int64(1) << np.int64(60)

EVENING, OFFICE, STUDENT, FLAT, BATCH, CRON = range(6)


def _profiles(strength: float) -> Array:
    """Cumulative weights over the 168 hours of a week, one row per profile."""
    hour = np.tile(np.arange(24), 7)
    weekend = np.repeat(np.arange(7) >= 5, 24)

    def bump(centre: float, width: float) -> Array:
        away = np.minimum(np.abs(hour - centre), 24 - np.abs(hour - centre))
        return np.asarray(np.exp(-0.5 * (away / width) ** 2))

    weights = np.stack(
        [
            0.05 + bump(20, 3.0) + np.where(weekend, bump(14, 4.0), 0.3 * bump(12, 3.0)),
            0.02 + np.where(weekend, 0.06, 1.0) * (bump(10, 1.8) + bump(15, 2.0)),
            0.05 + bump(22, 3.0) + np.where(weekend, 0.5, 0.9) * bump(15, 3.0),
            np.ones(168),
            0.15 + bump(3, 3.0) + 0.2 * bump(14, 4.0),
            np.ones(168),
        ]
    )
    weights = strength * weights / weights.sum(axis=1, keepdims=True) + (1 - strength) / 168
    return np.cumsum(weights, axis=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days observed, in seconds from their beginning (a Monday, midnight UTC).

    Attributes:
        days: Days observed.
        launch: First second of the day of the launch.
        launch_jump: Usual days of activity that the day of the launch adds up to.
        rhythm: Strength of the daily and weekly rhythm.
    """

    days: int
    launch: int
    launch_jump: float
    rhythm: float

    @property
    def end(self) -> int:
        """First second after the days observed."""
        return self.days * DAY

    def draw(self, rng: np.random.Generator, profile: Array, shift: Array, begin: Array, end: Array) -> Array:
        """Draw one moment per row by its profile, within [begin, end).

        Args:
            rng: Source of chance.
            profile: Hour-of-week profile.
            shift: Hours by which the account's local week is behind UTC's.
            begin: First second possible.
            end: First second no longer possible.
        """
        cumulative = _profiles(self.rhythm)
        span = np.maximum(end - begin, 1)
        at = begin + (rng.random(len(begin)) * span).astype(np.int64)
        open_rows = np.arange(len(begin))
        for _ in range(6):
            if not len(open_rows):
                break
            drawn = at[open_rows]
            u = rng.random(len(open_rows))
            rows = profile[open_rows].astype(np.int64)
            hour = np.searchsorted((cumulative + np.arange(len(cumulative))[:, None]).ravel(), u + rows)
            second = (np.minimum(hour - rows * 168, 167) + shift[open_rows]) * HOUR
            tried = drawn // WEEK * WEEK + second % WEEK + rng.integers(0, HOUR, len(open_rows))
            fits = (tried >= begin[open_rows]) & (tried < end[open_rows])
            at[open_rows[fits]] = tried[fits]
            open_rows = open_rows[~fits]
            at[open_rows] = begin[open_rows] + (rng.random(len(open_rows)) * span[open_rows]).astype(np.int64)
        at = self._with_launch(rng, at, begin, end)
        # Scheduled jobs run daily at the full hour, seconds after it: strangers on one schedule coincide.
        scheduled = (at // DAY * 24 + shift % 24) * HOUR + rng.exponential(15, len(at)).astype(np.int64)
        runs = (profile == CRON) & (scheduled >= begin) & (scheduled < end)
        return np.where(runs, scheduled, at)

    def _with_launch(self, rng: np.random.Generator, at: Array, begin: Array, end: Array) -> Array:
        share = (self.launch_jump - 1) / (self.days + self.launch_jump - 1)
        moved = self.launch + at % DAY
        takes = (rng.random(len(at)) < share) & (moved >= begin) & (moved < end)
        return np.where(takes, moved, at)
