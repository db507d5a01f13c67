"""Load balancing: two accounts on one resource that take turns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.clocks import are_both_clocks
from graphlink.model.timing.parameters import DAY, Floats, Ints
from graphlink.model.timing.starts import Starts, alive_at_once, expanded, in_slices
from graphlink.model.timing.statistics import is_discovered
from graphlink.model.timing.tables import add_behaviours, read_columns

if TYPE_CHECKING:
    from graphlink.core.parameters import LoadBalancing, Parameters
    from graphlink.engine import Sql


def find_balancing(engine: Sql, parameters: Parameters, starts: Starts, resolution: int) -> dict[str, object]:
    """Add pairs on one resource that take turns: as many starts each, and hardly two in a row.

    When calls go round over accounts, each has its turn before any has the next. The null is the pair with
    one of them shifted by whole days: accounts that are merely regular take turns then, too.
    """
    if resolution >= DAY:
        return {"skipped": f"times are exact to {resolution} seconds only"}
    timing, balancing = parameters.timing, parameters.load_balancing
    least = balancing.least_turns
    l, r = read_columns(engine, "SELECT l, r FROM resource_pairs ORDER BY l, r")
    rows = np.flatnonzero(np.minimum(starts.count(l), starts.count(r)) >= least)
    l, r = l[rows], r[rows]
    n_l, n_r = alive_at_once(starts, l, r)
    is_equal = np.abs(n_l - n_r) <= np.sqrt(n_l + n_r)
    rows = np.flatnonzero((np.minimum(n_l, n_r) >= least) & is_equal)
    l, r = l[rows], r[rows]
    n_tested = len(rows)
    n_turns, n_breaks = _turns(starts, l, r, 0)
    rows = np.flatnonzero((n_turns >= 2 * least) & (n_breaks <= balancing.most_breaks * n_turns))
    l, r, n_turns, n_breaks = l[rows], r[rows], n_turns[rows], n_breaks[rows]
    days = [day for day in range(-balancing.shift_days, balancing.shift_days + 1) if day]
    shifted = [_turns(starts, l, r, day * DAY) for day in days]
    baseline = (sum(one[1] for one in shifted) + 0.5) / (sum(one[0] for one in shifted) + 1.0)
    bits, p_value = _weigh_turns(n_turns, n_breaks, np.asarray(baseline), balancing)
    is_turn = is_discovered(p_value, n_tested, timing.false_discovery) & (bits >= timing.least_bits)
    rows = np.flatnonzero(is_turn)
    are_clocks = are_both_clocks(starts, l[rows], r[rows], timing)
    rows = rows[~are_clocks]
    (first_l, last_l), (first_r, last_r) = starts.bounds(l), starts.bounds(r)
    columns = {
        "bits": np.minimum(bits[rows], balancing.most_bits),
        "n_events": n_turns[rows],
        "p_value": p_value[rows],
        "first_s": np.maximum(first_l, first_r)[rows],
        "last_s": np.minimum(last_l, last_r)[rows],
    }
    add_behaviours(engine, "load_balancing", (l[rows], r[rows]), columns)
    return {
        "null": f"the pair with one shifted by 1 to {balancing.shift_days} days",
        "false_discovery_rate": timing.false_discovery,
        "pairs_tested": n_tested,
        "pairs_found": len(rows),
        "pairs_of_two_clocks": int(are_clocks.sum()),
        "most_bits": balancing.most_bits,
    }


def _turns(starts: Starts, l: Ints, r: Ints, shift: int) -> tuple[Ints, Ints]:
    """Starts of both between the greater account's first and last, and how many of them follow one's own."""
    n_turns, n_breaks = np.zeros(len(l), np.int64), np.zeros(len(l), np.int64)
    (first_l, last_l), (first_r, last_r) = starts.bounds(l), starts.bounds(r)
    begin, end = np.maximum(first_l, first_r + shift), np.minimum(last_l, last_r + shift)

    def count(batch: slice) -> None:
        row, at = expanded(starts, r[batch])
        s = starts.s[at] + shift
        inside = (s >= begin[batch][row]) & (s <= end[batch][row])
        row, s = row[inside], s[inside]
        between = np.diff(np.searchsorted(starts.key, l[batch][row] * starts.span + (s - starts.begin)))
        is_same = row[1:] == row[:-1]
        of, between = row[1:][is_same], between[is_same]
        n_turns[batch] = np.bincount(of, between + 1, minlength=len(l[batch]))
        n_breaks[batch] = np.bincount(of, np.abs(between - 1), minlength=len(l[batch]))

    in_slices(starts, starts.count(r), count)
    return n_turns, n_breaks


def _weigh_turns(
    n_turns: Ints, n_breaks: Ints, baseline: Floats, balancing: LoadBalancing
) -> tuple[Floats, Floats]:
    """Bits and probability of so few breaks, binomial with the share that the shifted pair has."""
    baseline = np.clip(baseline, 1e-6, 0.5)
    alone = n_breaks * np.log(baseline) + (n_turns - n_breaks) * np.log1p(-baseline)
    shares, prior = balancing.break_shares, balancing.prior
    rounds = [n_breaks * math.log(share) + (n_turns - n_breaks) * math.log1p(-share) for share in shares]
    joint = np.logaddexp.reduce(rounds, axis=0) - math.log(len(rounds)) + math.log(prior)
    bits = np.logaddexp(joint - alone, math.log(1 - prior)) / math.log(2)
    # Chernoff's bound of the binomial's lower tail.
    share = np.clip(n_breaks / np.maximum(n_turns, 1), 1e-9, 1 - 1e-9)
    divergence = share * np.log(share / baseline) + (1 - share) * np.log((1 - share) / (1 - baseline))
    p_value = np.where(share < baseline, np.exp(-n_turns * divergence), 1.0)
    return np.asarray(bits), np.asarray(p_value)
