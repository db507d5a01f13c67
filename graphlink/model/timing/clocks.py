"""Accounts that run by the clock: evenly stepped times leave few different gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.starts import Starts, expanded, slices

if TYPE_CHECKING:
    from graphlink.core.parameters import Timing
    from graphlink.model.timing.parameters import Bools, Ints

_STEPPED_GAPS = 3  # evenly stepped times leave so many different gaps (Steinhaus)


def are_both_clocks(starts: Starts, l: Ints, r: Ints, timing: Timing) -> Bools:
    """Whether both run by the clock: two clocks meet as long as they run, which is no evidence."""
    return np.asarray(_is_clock(starts, l, timing) & _is_clock(starts, r, timing))


def _is_clock(starts: Starts, account: Ints, timing: Timing) -> Bools:
    """Whether three gaps, in minutes, are nearly all of an account's gaps between starts.

    A step taken again and again, also round a day or a month, leaves at most three different gaps (the
    three-distance theorem, Sos 1958).
    """
    names, place = np.unique(account, return_inverse=True)
    is_clock = np.zeros(len(names), bool)
    for batch in slices(starts.count(names)):
        row, at = expanded(starts, names[batch])
        same = row[1:] == row[:-1]
        of, minutes = row[1:][same], (np.diff(starts.s[at])[same] + 30) // 60
        gap, n = np.unique(of * (1 << 32) + minutes, return_counts=True)
        of = gap >> 32
        order = np.lexsort((-n, of))
        of, n = of[order], n[order]
        rank = np.arange(len(of)) - np.searchsorted(of, of)
        n_gaps = starts.count(names[batch]) - 1
        most = np.bincount(of, n * (rank < _STEPPED_GAPS), minlength=len(n_gaps))
        is_clock[batch] = (n_gaps >= timing.clock_gaps) & (most >= timing.clock_share * n_gaps)
    return np.asarray(is_clock[place])
