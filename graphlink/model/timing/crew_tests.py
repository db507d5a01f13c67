"""Who keeps the beat of a crew: accounts, its members against the others, and crews against each other."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.beats import with_beats
from graphlink.model.timing.clocks import are_both_clocks
from graphlink.model.timing.coincidences import Pairs, coinciding, count_hits
from graphlink.model.timing.nulls import rate_by_hours
from graphlink.model.timing.starts import expanded, in_slices, runs
from graphlink.model.timing.statistics import is_discovered, log_tail
from graphlink.model.timing.weighing import weigh

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters
    from graphlink.core.settings import Settings
    from graphlink.model.timing.beats import Beats, Crews
    from graphlink.model.timing.parameters import Bools, Floats, Ints
    from graphlink.model.timing.starts import Starts

_CREW_SHARE = 4  # one in so many of the run's pairs may be coincidences of a start and a moment of a beat


@dataclass(frozen=True, slots=True)
class OnBeat:
    """Accounts that keep the beat of a crew, or crews that keep that of another.

    Attributes:
        crew: Number of the crew.
        other: The account, or the other crew.
        bits: Evidence, in bits.
        p_value: Probability under the likeliest null.
        n_events: Coincidences.
        first_s: The first of them.
        last_s: The last of them.
    """

    crew: Ints
    other: Ints
    bits: Floats
    p_value: Floats
    n_events: Ints
    first_s: Ints
    last_s: Ints

    def at(self, rows: Ints) -> OnBeat:
        """Some of the rows."""
        return OnBeat(*(getattr(self, one.name)[rows] for one in dataclasses.fields(self)))


def keep_beat(
    settings: Settings, starts: Starts, crews: Crews, beats: Beats, widths: tuple[list[int], list[int]]
) -> tuple[OnBeat, OnBeat, dict[str, object]]:
    """Test accounts against the beats of crews, members against that of the others, crews against crews.

    Args:
        settings: Parameters and the budget of pairs.
        starts: Everybody's starts.
        crews: The crews.
        beats: Their beats.
        widths: Scales of coincidences, and the widths of the windows of these, in seconds.

    Returns:
        Accounts on a beat; crews on the beat of another; facts for the manifest.
    """
    parameters = settings.parameters
    numbers, timing = parameters.crews, parameters.timing
    everybody, begin = with_beats(starts, beats, crews.n + len(crews.crew))
    l, r, n_left_out = _meeting(settings, everybody, begin, crews, widths[0])
    members = np.arange(len(crews.account))
    members = members[everybody.count(begin + crews.n + members) > 0]
    l = np.concatenate([l, crews.account[members]])
    r = np.concatenate([r, begin + crews.n + members])
    n_accounts = int((np.diff(starts.first) >= timing.least_days).sum())
    n_tested = n_accounts * crews.n + crews.n * (crews.n - 1) // 2
    pairs, bits, p_value = _weigh(everybody, (l, r), widths, parameters, n_tested)
    bits = np.minimum(bits, np.minimum(numbers.bits_each * pairs.n_days, numbers.most_bits))
    is_found = is_discovered(p_value, n_tested, numbers.false_discovery) & (bits >= timing.least_bits)
    rows = np.flatnonzero(is_found)
    rows = rows[~are_both_clocks(everybody, pairs.l[rows], pairs.r[rows], timing)]
    pairs, owner = pairs.at(rows), pairs.r[rows] - begin
    crew = np.where(owner < crews.n, owner, crews.crew[np.maximum(owner - crews.n, 0)])
    is_crew = pairs.l >= begin
    other = np.where(is_crew, pairs.l - begin, pairs.l)
    found = OnBeat(crew, other, bits[rows], p_value[rows], pairs.hits[-1], pairs.first_s, pairs.last_s)
    joined = found.at(np.flatnonzero(is_crew))
    facts = {"tests": n_tested, "crews_joined": len(joined.crew), "crews_left_out": n_left_out}
    return found.at(np.flatnonzero(~is_crew)), joined, {**facts}


def _weigh(
    everybody: Starts,
    tested: tuple[Ints, Ints],
    widths: tuple[list[int], list[int]],
    parameters: Parameters,
    n_tested: int,
) -> tuple[Pairs, Floats, Floats]:
    """Weigh accounts and beats under the nulls of lockstep and one that keeps the hour."""
    numbers, timing = parameters.crews, parameters.timing
    around = dataclasses.replace(
        parameters,
        lockstep=dataclasses.replace(parameters.lockstep, prior=numbers.prior),
    )
    in_hour = dataclasses.replace(
        around, timing=dataclasses.replace(timing, near_s=numbers.near_s, far_s=timing.near_s)
    )
    pairs = coinciding(everybody, *tested, widths[0], around.timing)
    nearby = coinciding(everybody, *tested, widths[0], in_hour.timing)
    nulls = [rate_by_hours(everybody, pairs, around), rate_by_hours(everybody, nearby, in_hour)]
    return weigh(everybody, pairs, nulls, widths, around, n_tested)


def _meeting(
    settings: Settings, everybody: Starts, begin: int, crews: Crews, scales: list[int]
) -> tuple[Ints, Ints, int]:
    """Accounts, and crews as such, that coincide with a beat more often than if all times were alike.

    Returns:
        Accounts and beats by number; how many crews went past the budget, those of the most coincidences.
    """
    least_days, n = settings.parameters.timing.least_days, crews.n
    first, last = everybody.first[begin], everybody.first[begin + n]
    s, crew = (
        everybody.s[first:last],
        np.repeat(np.arange(n), np.diff(everybody.first[begin : begin + n + 1])),
    )
    ordered = np.sort(everybody.s[:last])
    n_there = np.searchsorted(ordered, s + scales[-1], "right") - np.searchsorted(ordered, s - scales[-1])
    cost = np.bincount(crew, n_there, minlength=n)
    order = np.argsort(cost, kind="stable")
    is_in = np.zeros(n, bool)
    is_in[order[np.cumsum(cost[order]) <= settings.model.pair_budget // _CREW_SHARE]] = True
    rows = np.flatnonzero(is_in[crew])
    rows = rows[np.argsort(s[rows], kind="stable")]
    s, crew = s[rows], crew[rows]
    density = np.bincount(crew, minlength=n) / max(int(ordered[-1] - ordered[0]), 1)

    def look_up(batch: slice) -> Ints:
        accounts = np.arange(batch.start, batch.stop)
        row, at = expanded(everybody, accounts)
        low = np.searchsorted(s, everybody.s[at] - scales[-1])
        start, moment = runs(low, np.searchsorted(s, everybody.s[at] + scales[-1], "right") - low)
        pair, place = np.unique(accounts[row[start]] * n + crew[moment], return_inverse=True)
        hits = count_hits(place, np.abs(everybody.s[at[start]] - s[moment]), scales, len(pair))
        expected = everybody.count(pair // n) * density[pair % n]
        is_promising = _is_promising(hits, expected, scales, settings.parameters)
        return np.asarray(pair[(hits[-1] >= least_days) & is_promising])

    found = in_slices(everybody, np.diff(everybody.first[: begin + n + 1]), look_up)
    pair = np.concatenate([np.zeros(0, np.int64), *found])
    account, beat = pair // n, begin + pair % n
    # A member's own starts are in its crew's beat, and of two crews one test is enough.
    kept = ~np.isin(pair, crews.account * n + crews.crew) & ((account < begin) | (account < beat))
    return account[kept], beat[kept], int((~is_in).sum())


def _is_promising(hits: Ints, per_second: Floats, scales: list[int], parameters: Parameters) -> Bools:
    """Whether chance at evenly spread times gives so many coincidences seldom, at any of the scales."""
    is_promising = np.zeros(len(per_second), bool)
    for scale, n in zip(scales, hits, strict=True):
        mean = per_second * (2 * scale + 1)
        is_promising |= (n > mean) & (log_tail(n, mean) < math.log(parameters.lockstep.promising))
    return is_promising
