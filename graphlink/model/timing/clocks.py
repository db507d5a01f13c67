"""Accounts that run by the clock: evenly stepped times leave few different gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.starts import Starts, expanded, slices

if TYPE_CHECKING:
    from graphlink.model.timing.parameters import Bools, Ints

_CLOCK_GAPS, _LEAST_GAPS, _CLOCK_SHARE = 3, 8, 0.8  # evenly stepped times leave three gaps (Steinhaus)


def are_both_clocks(starts: Starts, l: Ints, r: Ints) -> Bools:
    """Whether both run by the clock: two clocks meet as long as they run, which is no evidence."""
    return np.asarray(_is_clock(starts, l) & _is_clock(starts, r))


def _is_clock(starts: Starts, account: Ints) -> Bools:
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
        most = np.bincount(of, n * (rank < _CLOCK_GAPS), minlength=len(n_gaps))
        is_clock[batch] = (n_gaps >= _LEAST_GAPS) & (most >= _CLOCK_SHARE * n_gaps)
    return np.asarray(is_clock[place])
