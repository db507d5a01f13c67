"""Pairs of accounts whose starts coincide, with the counts that are weighed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.parameters import DAY, Ints
from graphlink.model.timing.starts import Starts, alive_at_once, distances, expanded, in_slices

if TYPE_CHECKING:
    from graphlink.core.parameters import Timing


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs whose starts coincide, column by column.

    Attributes:
        l: Lesser account.
        r: Greater account.
        n_l: Starts of the lesser while both lived.
        n_r: Starts of the greater while both lived.
        hits: Per scale, starts of the one that coincide with a start of the other.
        n_near: Starts of the other some way off those of the one: `Timing.near_s` to `Timing.far_s`.
        n_days: Days with a coincidence.
        first_s: First coincidence.
        last_s: Last coincidence.
    """

    l: Ints
    r: Ints
    n_l: Ints
    n_r: Ints
    hits: Ints
    n_near: Ints
    n_days: Ints
    first_s: Ints
    last_s: Ints

    def at(self, rows: Ints) -> Pairs:
        """Some of the pairs."""
        l, r, n_l, n_r = (one[rows] for one in (self.l, self.r, self.n_l, self.n_r))
        n_near, n_days = self.n_near[rows], self.n_days[rows]
        first_s, last_s = self.first_s[rows], self.last_s[rows]
        return Pairs(l, r, n_l, n_r, self.hits[:, rows], n_near, n_days, first_s, last_s)


def coinciding(starts: Starts, l: Ints, r: Ints, scales: list[int], timing: Timing) -> Pairs:
    """The pairs that coincide on enough days, with their counts."""
    swaps = starts.count(l) > starts.count(r)
    probe, other = np.where(swaps, r, l), np.where(swaps, l, r)
    # Pairs looked up in one account's starts are adjacent: the search is some times as fast.
    order = np.lexsort((probe, other))
    l, r, probe, other = l[order], r[order], probe[order], other[order]

    def look_up(batch: slice) -> tuple[tuple[Ints, Ints, Ints, Ints], Ints]:
        return _coinciding_batch(starts, probe[batch], other[batch], scales, timing)

    results = in_slices(starts, starts.count(probe), look_up) or [look_up(slice(0))]
    n_near, n_days, first_s, last_s = (
        np.concatenate(one) for one in zip(*(a for a, _ in results), strict=True)
    )
    hits = np.concatenate([one for _, one in results], axis=1)
    keep = np.flatnonzero(n_days >= timing.least_days)
    l, r = l[keep], r[keep]
    n_l, n_r = alive_at_once(starts, l, r)
    return Pairs(l, r, n_l, n_r, hits[:, keep], n_near[keep], n_days[keep], first_s[keep], last_s[keep])


def _coinciding_batch(
    starts: Starts, probe: Ints, other: Ints, scales: list[int], timing: Timing
) -> tuple[tuple[Ints, Ints, Ints, Ints], Ints]:
    """Of each pair the starts near, the days with a coincidence, the first and the last; hits per scale."""
    n = len(probe)
    row, at = expanded(starts, probe)
    wanted = starts.key[at] + np.repeat((other - probe) * starts.span, starts.count(probe))
    # Only the starts of the other accounts are searched: the pairs are in order of these.
    lowest, highest = (starts.first[other[0]], starts.first[other[-1] + 1]) if n else (0, 0)
    after = lowest + np.searchsorted(starts.key[lowest:highest], wanted)
    later, earlier = distances(starts.key, wanted, after)
    n_near = _count_near(starts, (row, wanted, after, later), 1, n, timing)
    n_near += _count_near(starts, (row, wanted, after - 1, earlier), -1, n, timing)
    distance = np.minimum(later, earlier)
    joint = np.flatnonzero(distance <= scales[-1])
    row, s = row[joint], starts.s[at[joint]]
    day, is_new = s // DAY, np.ones(len(row), bool)
    is_new[1:] = (row[1:] != row[:-1]) | (day[1:] != day[:-1])
    first_s, last_s = np.zeros(n, np.int64), np.zeros(n, np.int64)
    last_s[row] = s
    first_s[row[::-1]] = s[::-1]
    near = (n_near, np.bincount(row[is_new], minlength=n), first_s, last_s)
    return near, count_hits(row, distance[joint], scales, n)


def count_hits(row: Ints, distance: Ints, scales: list[int], n: int) -> Ints:
    """Per scale and row, how often the distance is within it; none is beyond the last."""
    of_scale = row * len(scales) + np.searchsorted(scales, distance)
    n_hits = np.bincount(of_scale, minlength=n * len(scales)).reshape(n, len(scales))
    return np.cumsum(n_hits, axis=1).T


def _count_near(
    starts: Starts, nearest: tuple[Ints, Ints, Ints, Ints], step: int, n: int, timing: Timing
) -> Ints:
    """Per row the starts `near_s` to `far_s` from those wanted, on one side.

    Starts are no closer than the silence before them, so that a dozen steps are the most.

    Args:
        starts: Everybody's starts.
        nearest: Rows, keys wanted, and for each the nearest start on that side and how far it is.
        step: Where the side is: 1 or -1.
        n: Number of rows.
        timing: How far is near and far.
    """
    row, wanted, at, distance = nearest
    n_near = np.zeros(n, np.int64)
    while len(row):
        near = np.flatnonzero(distance <= timing.far_s)
        row, wanted, at, distance = row[near], wanted[near], at[near], distance[near]
        n_near += np.bincount(row[distance > timing.near_s], minlength=n)
        at = at + step
        distance = np.abs(starts.key[at] - wanted)
    return n_near
