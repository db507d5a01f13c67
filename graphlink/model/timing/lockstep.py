"""Lockstep: two accounts that start at the same moment more often than any null would have it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.candidates import find_candidates
from graphlink.model.timing.clocks import are_both_clocks
from graphlink.model.timing.coincidences import Pairs, coinciding
from graphlink.model.timing.nulls import SCHEDULES, Rates, rate_by_hours, rate_by_schedule
from graphlink.model.timing.parameters import FALSE_DISCOVERY, LEAST_BITS, LEAST_DAYS, SCALES, Floats
from graphlink.model.timing.statistics import (
    is_discovered,
    log_negative_binomial,
    log_poisson,
    negative_binomial_tail,
)
from graphlink.model.timing.tables import add_behaviours, read_columns

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql
    from graphlink.model.timing.starts import Starts

_SHARES = (0.03, 0.06, 0.12, 0.25, 0.5, 0.9)  # of an account's starts that are joint, under one operator
_LOCKSTEP_PRIOR = 0.1  # share of one operator's pairs that act in lockstep
_MOST_SIZE = 20.0  # size of the negative binomial null at most: counts spread wider than Poisson's
_BITS_EACH = 4.0  # maximum of one coincidence: something outside may have set both off
_LOCKSTEP_CAP = 18.0  # what lockstep by a habit that no null here knows leaves


def find_lockstep(engine: Sql, settings: Settings, starts: Starts, resolution: int) -> dict[str, object]:
    """Add the pairs whose starts coincide more often than any of the nulls would have it."""
    scales = [scale for scale in SCALES if scale >= resolution]
    if not scales:
        return {"skipped": f"times are exact to {resolution} seconds only"}
    facts = find_candidates(engine, settings, starts, resolution)
    l, r = read_columns(engine, "SELECT l, r FROM candidate_pairs")
    engine.drop("candidate_pairs")
    pairs = coinciding(starts, l, r, scales)
    n_accounts = int((np.diff(starts.first) >= LEAST_DAYS).sum())
    n_tested = n_accounts * (n_accounts - 1) // 2
    windows = [2 * scale + resolution for scale in scales]
    by_hours = rate_by_hours(starts, pairs)
    bits, p_value = _weigh(pairs, by_hours, windows)
    # A chance that is too large by the hours alone is never discovered, nor changes what else is.
    rows = np.flatnonzero(p_value <= FALSE_DISCOVERY * len(p_value) / max(n_tested, 1))
    pairs, by_hours, bits, p_value = pairs.at(rows), by_hours.at(rows), bits[rows], p_value[rows]
    for shifts in SCHEDULES:
        rows, rates = rate_by_schedule(starts, pairs, by_hours, (shifts, scales, windows))
        less, likely = _weigh(pairs.at(rows), rates, windows)
        bits[rows], p_value[rows] = np.minimum(bits[rows], less), np.maximum(p_value[rows], likely)
    bits = np.minimum(bits, np.minimum(_BITS_EACH * pairs.hits[-1], _LOCKSTEP_CAP))
    rows = np.flatnonzero(is_discovered(p_value, n_tested) & (bits >= LEAST_BITS))
    are_clocks = are_both_clocks(starts, pairs.l[rows], pairs.r[rows])
    rows = rows[~are_clocks]
    columns_of = {
        "bits": bits[rows],
        "n_events": pairs.hits[-1][rows],
        "p_value": p_value[rows],
        "first_s": pairs.first_s[rows],
        "last_s": pairs.last_s[rows],
    }
    add_behaviours(engine, "lockstep", (pairs.l[rows], pairs.r[rows]), columns_of)
    return {
        "null": "the pair with one shifted by 30 to 120 minutes; each account against itself shifted by "
        "1 to 6 hours, and by 1 to 14 days; whichever makes the coincidences likeliest",
        "false_discovery_rate": FALSE_DISCOVERY,
        "pairs_tested": n_tested,
        "pairs_found": len(rows),
        "pairs_of_two_clocks": int(are_clocks.sum()),
        "scales_s": scales,
        "most_bits": _LOCKSTEP_CAP,
        **facts,
    }


def _weigh(pairs: Pairs, null: Rates, windows: list[int]) -> tuple[Floats, Floats]:
    """Bits of the coincidences, and their probability under the null.

    The null count is negative binomial: Poisson's with a rate known from as many counts as `size`. Under one
    operator in lockstep a share of the starts is joint. Both are over all scales: the mean likelihood ratio,
    and the least probability times their number.
    """
    fewer = np.minimum(pairs.n_l, pairs.n_r)
    p_value, ratios = np.ones(len(pairs.l)), []
    for i, window in enumerate(windows):
        mean, size = null.per_second[i] * window, np.minimum(null.size[i], _MOST_SIZE)
        alone = log_negative_binomial(pairs.hits[i], mean, size)
        p_value = np.minimum(p_value, len(windows) * negative_binomial_tail(alone, pairs.hits[i], mean, size))
        joint_terms = [log_poisson(pairs.hits[i], mean + share * fewer) for share in _SHARES]
        joint = np.logaddexp.reduce(joint_terms, axis=0) - math.log(len(_SHARES)) + math.log(_LOCKSTEP_PRIOR)
        ratios.append(np.logaddexp(joint - alone, math.log(1 - _LOCKSTEP_PRIOR)))
    ratio = np.logaddexp.reduce(ratios, axis=0) - math.log(len(windows))
    return np.asarray(ratio / math.log(2)), np.minimum(p_value, 1.0)
