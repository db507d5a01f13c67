"""Pairs of accounts on one beat: each with a few members, so that a large crew makes few links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.starts import expanded, runs
from graphlink.model.timing.tables import Ties

if TYPE_CHECKING:
    from graphlink.core.parameters import CrewBeats
    from graphlink.model.timing.beats import Beats
    from graphlink.model.timing.crew_tests import OnBeat
    from graphlink.model.timing.parameters import Bools, Ints
    from graphlink.model.timing.starts import Starts


def link_members(
    starts: Starts, beats: Beats, found: tuple[OnBeat, OnBeat], widest: int, numbers: CrewBeats
) -> Ties:
    """Pair each account on a beat with the few of its most regular accounts that it meets most often there.

    Two crews on one beat are paired by their most regular accounts. A pair gets the bits of the
    weakest of the tests behind it.

    Args:
        starts: Everybody's starts.
        beats: The beats of the crews.
        found: Accounts on the beat of a crew; crews on the beat of another.
        widest: Seconds by which a start and a moment of a beat may differ.
        numbers: How many accounts are paired.
    """
    on_beat, joined = found
    on_beat = on_beat.at(np.lexsort((on_beat.other, -on_beat.bits, on_beat.crew)))
    place = np.arange(len(on_beat.crew)) - np.searchsorted(on_beat.crew, on_beat.crew)
    x, y, n_events, first_s, last_s = _met(starts, beats, on_beat, place < numbers.hubs, widest)
    order = np.lexsort((y, -n_events, x))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(x[order], x[order])
    kept = np.flatnonzero(rank < numbers.links_each)
    x, y, events = x[kept], y[kept], [n_events[kept], first_s[kept], last_s[kept]]
    bits = np.minimum(on_beat.bits[x], on_beat.bits[y])
    # Two crews on one beat: the best of the one with the best of the other.
    best = np.flatnonzero(place < numbers.links_each)
    of_one, one = _rows_of(on_beat.crew[best], joined.crew)
    of_other, other = _rows_of(on_beat.crew[best], joined.other[of_one])
    across, u, v = of_one[of_other], best[one[of_other]], best[other]
    x, y = np.concatenate([x, u]), np.concatenate([y, v])
    bits_across = np.minimum(joined.bits[across], np.minimum(on_beat.bits[u], on_beat.bits[v]))
    bits = np.concatenate([bits, bits_across])
    added = (joined.n_events[across], joined.first_s[across], joined.last_s[across])
    events = [np.concatenate(both) for both in zip(events, added, strict=True)]
    p_value = np.maximum(on_beat.p_value[x], on_beat.p_value[y])
    p_value[len(kept) :] = np.maximum(p_value[len(kept) :], joined.p_value[across])
    l, r = np.sort([on_beat.other[x], on_beat.other[y]], axis=0)
    ties = Ties(l, r, bits, events[0], p_value, events[1], events[2])
    ties = ties.at(np.flatnonzero(l < r))
    ties = ties.at(np.lexsort((-ties.n_events, -ties.bits, ties.r, ties.l)))
    is_first = np.ones(len(ties.l), bool)
    is_first[1:] = (ties.l[1:] != ties.l[:-1]) | (ties.r[1:] != ties.r[:-1])
    return ties.at(np.flatnonzero(is_first))


def _rows_of(ordered: Ints, sought: Ints) -> tuple[Ints, Ints]:
    """For each number sought the rows of an ordered list with it."""
    first = np.searchsorted(ordered, sought)
    return runs(first, np.searchsorted(ordered, sought, "right") - first)


def _met(
    starts: Starts, beats: Beats, on_beat: OnBeat, is_hub: Bools, widest: int
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Rows of accounts and of those of the most regular that they meet at moments, how often, first, last."""
    key = beats.owner * starts.span + (beats.s - starts.begin)
    row, at = expanded(starts, on_beat.other)
    wanted = on_beat.crew[row] * starts.span + (starts.s[at] - starts.begin)
    low = np.searchsorted(key, wanted - widest)
    start, moment = runs(low, np.searchsorted(key, wanted + widest, "right") - low)
    row, s = row[start], starts.s[at[start]]
    hubs = np.flatnonzero(is_hub[row])
    hubs = hubs[np.argsort(moment[hubs], kind="stable")]
    one, place = _rows_of(moment[hubs], moment)
    x, y, s = row[one], row[hubs[place]], s[one]
    differs = np.flatnonzero(x != y)
    n = max(len(on_beat.other), 1)
    pair, met = np.unique(x[differs] * n + y[differs], return_inverse=True)
    first_s, last_s = np.full(len(pair), np.iinfo(np.int64).max), np.zeros(len(pair), np.int64)
    np.minimum.at(first_s, met, s[differs])
    np.maximum.at(last_s, met, s[differs])
    return pair // n, pair % n, np.bincount(met, minlength=len(pair)), first_s, last_s
