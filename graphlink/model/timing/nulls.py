"""How often two strangers would coincide: by the hours around, and by a schedule both keep."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphlink.model.timing.coincidences import Pairs, count_hits
from graphlink.model.timing.parameters import DAY, HOUR, Floats, Ints
from graphlink.model.timing.starts import Starts, distances, expanded, in_slices, slices
from graphlink.model.timing.statistics import log_tail

if TYPE_CHECKING:
    from graphlink.core.parameters import Lockstep, Parameters, Timing


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
    rate = size / (seconds + profile_count / _rate_by_profile(starts, pairs.l, pairs.r))
    return Rates([np.asarray(rate)] * len(pairs.hits), [np.asarray(size)] * len(pairs.hits))


def _rate_by_profile(starts: Starts, l: Ints, r: Ints) -> Floats:
    """Coincidences per second of window if each kept its hours of the day and all days were alike."""
    accounts, of_l, of_r = _accounts(starts, l, r)
    row, at = expanded(starts, accounts)
    hour = starts.s[at] // HOUR % 24
    profile = np.bincount(row * 24 + hour, minlength=len(accounts) * 24).reshape(-1, 24).astype(np.float64)
    profile = (np.roll(profile, 1, 1) + 2 * profile + np.roll(profile, -1, 1)) / 4
    met = np.zeros(len(l))
    for batch in slices(np.full(len(l), 24)):
        met[batch] = np.einsum("ij,ij->i", profile[of_l[batch]], profile[of_r[batch]])
    first, last = starts.bounds(accounts)
    days = np.maximum((last - first) / DAY, 1.0)
    return np.asarray(np.maximum(met, 0.01) / np.maximum(days[of_l], days[of_r]) / HOUR)


def _accounts(starts: Starts, l: Ints, r: Ints) -> tuple[Ints, Ints, Ints]:
    """The accounts that are in pairs, in order, and the place in them of each pair's two."""
    is_there = np.zeros(len(starts.first), bool)
    is_there[l] = is_there[r] = True
    place = np.cumsum(is_there) - 1
    return np.flatnonzero(is_there), place[l], place[r]


def rate_by_schedule(
    starts: Starts, pairs: Pairs, by_hours: Rates, null: Schedule, parameters: Parameters
) -> tuple[Ints, Rates]:
    """The null of schedules: each account's coincidences with itself, shifted by whole hours or days.

    Two strangers on one schedule meet as often as each meets itself on other days, so the rate of the pair is
    the geometric mean of the two; less where they share fewer hours than each does with itself, for an
    account that starts often within its hours is no schedule of the other's. Where an account meets itself
    no more often than its hours give, there is no schedule and the hours stand.

    Args:
        starts: Everybody's starts.
        pairs: The pairs.
        by_hours: Their rates by the hours around.
        null: The null.
        parameters: The hours around, and the chance below which there is a schedule.

    Returns:
        The pairs on a schedule, as indices, and the rates of these.
    """
    accounts, of_l, of_r = _accounts(starts, pairs.l, pairs.r)
    met, near = _meeting_itself(starts, accounts, null, parameters.timing)
    first, last = starts.bounds(accounts)
    life = np.maximum(last - first, 1)
    n_shifts = np.maximum((1 - np.array(null.shifts)[:, None] / life).clip(0).sum(axis=0), 1.0)
    own_hours = _rate_by_own_hours(starts, accounts, near / n_shifts, parameters)
    seconds, hours = (np.sqrt(one[of_l] * one[of_r]) for one in (n_shifts, own_hours))
    joint = [np.sqrt(one[of_l] * one[of_r]) for one in met]
    on_schedule = np.zeros(len(pairs.l), bool)
    for n, window in zip(joint, null.windows, strict=True):
        mean = hours * (seconds * window)
        more = np.flatnonzero(n > mean)
        on_schedule[more] |= log_tail(n[more], mean[more]) < math.log(parameters.lockstep.no_schedule)
    rows = np.flatnonzero(on_schedule)
    sizes = [n[rows] + 0.5 for n in joint]
    rates = [
        size / (seconds[rows] * window) * np.minimum(rate[rows] / hours[rows], 1.0)
        for size, window, rate in zip(sizes, null.windows, by_hours.per_second, strict=True)
    ]
    return rows, Rates(rates, sizes)


def _rate_by_own_hours(starts: Starts, account: Ints, near: Floats, parameters: Parameters) -> Floats:
    """Coincidences per second of window of an account with itself on another day, by the hours around.

    As for a pair, of the hours on one side alone: `near` are the starts there, per shift.
    """
    count = parameters.lockstep.profile_count / 2
    seconds = parameters.timing.far_s - parameters.timing.near_s
    return (near + count) / (seconds + count / _rate_by_profile(starts, account, account))


def _meeting_itself(starts: Starts, account: Ints, null: Schedule, timing: Timing) -> tuple[Ints, Ints]:
    """How often each account coincides with itself over all shifts, per scale; and its starts some way off.

    These are after what is shifted: before it the account may meet itself unshifted.
    """
    met, near = np.zeros((len(null.scales), len(account)), np.int64), np.zeros(len(account), np.int64)

    def shift_all(batch: slice) -> None:
        row, at = expanded(starts, account[batch])
        n = len(account[batch])
        key = np.append(starts.key[at], starts.key[-1])
        for shift in null.shifts:
            wanted = key[:-1] + shift
            distance = np.minimum(*distances(key, wanted, np.searchsorted(key, wanted)))
            joint = np.flatnonzero(distance <= null.scales[-1])
            met[:, batch] += count_hits(row[joint], distance[joint], null.scales, n)
            begin, end = np.searchsorted(key, [wanted + timing.near_s, wanted + timing.far_s], "right")
            near[batch] += np.bincount(row, end - begin, minlength=n).astype(np.int64)

    in_slices(starts, starts.count(account), shift_all)
    return met, near
