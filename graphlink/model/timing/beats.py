"""The beat of a crew: the moments at which several of its members start, with and without one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.parameters import DAY
from graphlink.model.timing.starts import Starts, expanded, runs
from graphlink.model.timing.statistics import log_negative_binomial, negative_binomial_tail

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters
    from graphlink.model.timing.parameters import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Crews:
    """Crews and the members whose starts make their beats, in order of crew and account.

    Attributes:
        crew: Number of the crew, counted from 0.
        account: The member.
        n: Number of crews.
    """

    crew: Ints
    account: Ints
    n: int


@dataclass(frozen=True, slots=True)
class Beats:
    """Moments by their owner, ascending: first the crews, then each member's crew without it.

    Attributes:
        owner: The crew; or, the number of crews added, the place of a member in `Crews`.
        s: Seconds.
    """

    owner: Ints
    s: Ints


def make_beats(starts: Starts, crews: Crews, parameters: Parameters) -> Beats:
    """Make the beat of each crew, and for each member that of the crew without it.

    A moment is where the most members start within a few minutes, if these are at least two and more than
    the hours around give. A crew with moments on few days has no beat. Its second is the mean of theirs.
    """
    row, at = expanded(starts, crews.account)
    order = np.lexsort((crews.account[row], starts.s[at], crews.crew[row]))
    row, s = row[order], starts.s[at][order]
    key = crews.crew[row] * starts.span + (s - starts.begin)
    reach = parameters.crews.moment_s
    low, high = np.searchsorted(key, key - reach), np.searchsorted(key, key + reach, "right")
    n_there, by_chance, size = high - low, *_by_chance(key, reach, parameters)
    peaks = np.flatnonzero(
        _is_peak(key, n_there, parameters.timing.silence_s) & _is_more(n_there, by_chance, size, parameters)
    )
    peaks = peaks[_is_lasting(crews.crew[row[peaks]], s[peaks], parameters.crews.least_days)]
    crew, n, by_chance, size = crews.crew[row[peaks]], n_there[peaks], by_chance[peaks], size[peaks]
    moment, who = runs(low[peaks], n)
    total = np.bincount(moment, s[who] - starts.begin, minlength=len(peaks))
    # Each moment for each member of its crew, less the start of the member's own.
    first = np.searchsorted(crews.crew, np.arange(crews.n + 1))
    each, member = runs(first[crew], np.diff(first)[crew])
    key_of, sought = row[who] * len(peaks) + moment, member * len(peaks) + each
    own_n = np.zeros(len(each), np.int64)
    own_s = np.zeros(len(each))
    if len(key_of):
        order = np.argsort(sought, kind="stable")
        place = order[np.searchsorted(sought[order], key_of)]
        np.add.at(own_n, place, 1)
        np.add.at(own_s, place, s[who] - starts.begin)
    n_others = n[each] - own_n
    kept = np.flatnonzero(_is_more(n_others, by_chance[each], size[each], parameters))
    kept = kept[np.lexsort((each[kept], member[kept]))]
    of_others = (total[each[kept]] - own_s[kept]) / n_others[kept]
    owner = np.concatenate([crew, crews.n + member[kept]])
    seconds = np.rint(np.concatenate([total / np.maximum(n, 1), of_others])).astype(np.int64)
    return Beats(owner, seconds + starts.begin)


def _by_chance(key: Ints, reach: int, parameters: Parameters) -> tuple[Floats, Floats]:
    """Per start how many others of the crew the hours around would give, and how well that is known."""
    near, far = parameters.timing.near_s, parameters.timing.far_s
    n_around = np.searchsorted(key, key + far, "right") - np.searchsorted(key, key - far)
    n_around -= np.searchsorted(key, key + near, "right") - np.searchsorted(key, key - near)
    size = n_around + 0.5
    return size * reach / (far - near), np.minimum(size, parameters.lockstep.most_size)


def _is_more(n: Ints, by_chance: Floats, size: Floats, parameters: Parameters) -> Bools:
    """Whether so many starts are at least two, and the others than the first more than by chance."""
    others = np.maximum(n - 1, 0)
    tail = negative_binomial_tail(log_negative_binomial(others, by_chance, size), others, by_chance, size)
    return np.asarray((n >= 2) & (tail <= parameters.crews.moment_chance))


def _is_lasting(crew: Ints, s: Ints, least_days: int) -> Bools:
    """Whether the moments of a crew, which are in order, are on enough days."""
    day, is_new = s // DAY, np.ones(len(s), bool)
    is_new[1:] = (crew[1:] != crew[:-1]) | (day[1:] != day[:-1])
    return np.asarray(np.bincount(crew[is_new], minlength=crew.max(initial=0) + 1)[crew] >= least_days)


def _is_peak(key: Ints, n: Ints, silence: int) -> Bools:
    """Whether no start within the silence has more around it, or as many and is earlier."""
    low, high = np.searchsorted(key, key - silence), np.searchsorted(key, key + silence, "right")
    order = np.lexsort((key, -n))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    # The least rank of each run, from the least ranks of runs of powers of two.
    level = np.frexp(np.maximum(high - low, 1))[1] - 1
    least = np.empty_like(rank)
    for power in range(int(level.max(initial=-1)) + 1):
        at = np.flatnonzero(level == power)
        least[at] = np.minimum(rank[low[at]], rank[high[at] - (1 << power)])
        rank[: -(1 << power)] = np.minimum(rank[: -(1 << power)], rank[1 << power :])
    own = np.empty_like(order)
    own[order] = np.arange(len(order))
    return np.asarray(least == own)


def with_beats(starts: Starts, beats: Beats, n_owners: int) -> tuple[Starts, int]:
    """Everybody's starts and the beats as those of further accounts; and the number of the first of these."""
    begin = len(starts.first) - 1
    offsets = np.searchsorted(beats.owner, np.arange(n_owners + 1))
    first = np.concatenate([starts.first[:-1], starts.first[-1] + offsets])
    key = (begin + beats.owner) * starts.span + (beats.s - starts.begin)
    last = (begin + n_owners + 1) * starts.span
    order = np.argsort(key, kind="stable")
    return Starts(
        first,
        np.concatenate([starts.s, beats.s[order]]),
        np.concatenate([starts.key[:-1], key[order], [last]]),
        starts.span,
        starts.begin,
        starts.n_threads,
    ), begin
