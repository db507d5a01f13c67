"""How often two strangers would coincide: by the hours around, and by a schedule both keep."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphlink.model.timing.coincidences import Pairs, count_hits
from graphlink.model.timing.parameters import DAY, HOUR, Floats, Ints
from graphlink.model.timing.starts import Starts, distances, expanded, slices
from graphlink.model.timing.statistics import log_tail

if TYPE_CHECKING:
    from graphlink.core.parameters import Lockstep, Parameters


class Schedule(NamedTuple):
    """A null of schedules.

    Attributes:
        shifts: How far each account is shifted against itself, in seconds.
        scales: Seconds by which two starts may differ and still coincide.
        windows: Width of the windows of these scales, in seconds.
    """

    shifts: tuple[int, ...]
    scales: list[int]
    windows: list[int]


def schedules(lockstep: Lockstep, scales: list[int], windows: list[int]) -> tuple[Schedule, Schedule]:
    """Make the nulls of schedules: shifts by whole hours, and by whole days."""
    hours = tuple(h * HOUR for h in range(1, lockstep.schedule_hours + 1))
    days = tuple(d * DAY for d in range(1, lockstep.schedule_days + 1))
    return Schedule(hours, scales, windows), Schedule(days, scales, windows)


@dataclass(frozen=True, slots=True)
class Rates:
    """What a null expects, per scale: coincidences per second of window, and how well that is known."""

    per_second: list[Floats]
    size: list[Floats]

    def at(self, rows: Ints) -> Rates:
        """The rates of some of the pairs."""
        return Rates([one[rows] for one in self.per_second], [one[rows] for one in self.size])


def rate_by_hours(starts: Starts, pairs: Pairs, parameters: Parameters) -> Rates:
    """The null of the hours around: starts of the other some way off, such as 30 to 120 minutes."""
    timing, profile_count = parameters.timing, parameters.lockstep.profile_count
    size = pairs.n_near + profile_count
    seconds = 2.0 * (timing.far_s - timing.near_s)
    rate = size / (seconds + profile_count / _rate_by_profile(starts, pairs))
    return Rates([np.asarray(rate)] * len(pairs.hits), [np.asarray(size)] * len(pairs.hits))


def _rate_by_profile(starts: Starts, pairs: Pairs) -> Floats:
    """Coincidences per second of window if each kept its hours of the day and all days were alike."""
    accounts, of_l, of_r = _accounts(starts, pairs)
    row, at = expanded(starts, accounts)
    hour = starts.s[at] // HOUR % 24
    profile = np.bincount(row * 24 + hour, minlength=len(accounts) * 24).reshape(-1, 24).astype(np.float64)
    profile = (np.roll(profile, 1, 1) + 2 * profile + np.roll(profile, -1, 1)) / 4
    met = np.zeros(len(pairs.l))
    for batch in slices(np.full(len(pairs.l), 24)):
        met[batch] = np.einsum("ij,ij->i", profile[of_l[batch]], profile[of_r[batch]])
    first, last = starts.bounds(accounts)
    days = np.maximum((last - first) / DAY, 1.0)
    return np.asarray(np.maximum(met, 0.01) / np.maximum(days[of_l], days[of_r]) / HOUR)


def _accounts(starts: Starts, pairs: Pairs) -> tuple[Ints, Ints, Ints]:
    """The accounts that are in pairs, in order, and the place in them of each pair's two."""
    is_there = np.zeros(len(starts.first), bool)
    is_there[pairs.l] = is_there[pairs.r] = True
    place = np.cumsum(is_there) - 1
    return np.flatnonzero(is_there), place[pairs.l], place[pairs.r]


def rate_by_schedule(
    starts: Starts, pairs: Pairs, by_hours: Rates, null: Schedule, no_schedule: float
) -> tuple[Ints, Rates]:
    """The null of schedules: each account's coincidences with itself, shifted by whole hours or days.

    Two strangers on one schedule meet as often as each meets itself on other days, so the rate of the pair is
    the geometric mean of the two. Where that is no more than the hours give, there is no schedule and the
    hours stand.

    Args:
        starts: Everybody's starts.
        pairs: The pairs.
        by_hours: Their rates by the hours around.
        null: The null.
        no_schedule: Chance, by the hours, below which there is a schedule.

    Returns:
        The pairs on a schedule, as indices, and the rates of these.
    """
    shifts, scales, windows = null
    accounts, of_l, of_r = _accounts(starts, pairs)
    met = _meeting_itself(starts, accounts, shifts, scales)
    first, last = starts.bounds(accounts)
    life = np.maximum(last - first, 1)
    n_shifts = np.maximum((1 - np.array(shifts)[:, None] / life).clip(0).sum(axis=0), 1.0)
    seconds = np.sqrt(n_shifts[of_l] * n_shifts[of_r])
    joint = [np.sqrt(one[of_l] * one[of_r]) for one in met]
    on_schedule = np.zeros(len(pairs.l), bool)
    for n, window, rate in zip(joint, windows, by_hours.per_second, strict=True):
        mean = rate * (seconds * window)
        more = np.flatnonzero(n > mean)
        on_schedule[more] |= log_tail(n[more], mean[more]) < math.log(no_schedule)
    rows = np.flatnonzero(on_schedule)
    sizes = [n[rows] + 0.5 for n in joint]
    rates = [size / (seconds[rows] * window) for size, window in zip(sizes, windows, strict=True)]
    return rows, Rates(rates, sizes)


def _meeting_itself(starts: Starts, account: Ints, shifts: tuple[int, ...], scales: list[int]) -> Ints:
    """Per scale, how often each account coincides with itself over all shifts."""
    met = np.zeros((len(scales), len(account)), np.int64)
    for batch in slices(starts.count(account)):
        row, at = expanded(starts, account[batch])
        key = np.append(starts.key[at], starts.key[-1])
        for shift in shifts:
            wanted = key[:-1] + shift
            distance = np.minimum(*distances(key, wanted, np.searchsorted(key, wanted)))
            joint = np.flatnonzero(distance <= scales[-1])
            met[:, batch] += count_hits(row[joint], distance[joint], scales, len(account[batch]))
    return met
