"""Lockstep: two accounts that start at the same moment more often than any null would have it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.candidates import find_candidates
from graphlink.model.timing.clocks import are_both_clocks
from graphlink.model.timing.coincidences import Pairs, coinciding
from graphlink.model.timing.nulls import Rates, rate_by_hours, rate_by_schedule, schedules
from graphlink.model.timing.statistics import (
    is_discovered,
    log_negative_binomial,
    log_poisson,
    negative_binomial_tail,
)
from graphlink.model.timing.tables import add_behaviours, read_columns

if TYPE_CHECKING:
    from graphlink.core.parameters import Lockstep
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql
    from graphlink.model.timing.parameters import Floats
    from graphlink.model.timing.starts import Starts


def find_lockstep(engine: Sql, settings: Settings, starts: Starts, resolution: int) -> dict[str, object]:
    """Add the pairs whose starts coincide more often than any of the nulls would have it."""
    timing, lockstep = settings.parameters.timing, settings.parameters.lockstep
    scales = [scale for scale in timing.scales_s if scale >= resolution]
    if not scales:
        return {"skipped": f"times are exact to {resolution} seconds only"}
    facts = find_candidates(engine, settings, starts, resolution)
    l, r = read_columns(engine, "SELECT l, r FROM candidate_pairs")
    engine.drop("candidate_pairs")
    pairs = coinciding(starts, l, r, scales, timing)
    n_accounts = int((np.diff(starts.first) >= timing.least_days).sum())
    n_tested = n_accounts * (n_accounts - 1) // 2
    windows = [2 * scale + resolution for scale in scales]
    by_hours = rate_by_hours(starts, pairs, settings.parameters)
    bits, p_value = _weigh(pairs, by_hours, windows, lockstep)
    # A chance that is too large by the hours alone is never discovered, nor changes what else is.
    rows = np.flatnonzero(p_value <= timing.false_discovery * len(p_value) / max(n_tested, 1))
    pairs, by_hours, bits, p_value = pairs.at(rows), by_hours.at(rows), bits[rows], p_value[rows]
    for null in schedules(lockstep, scales, windows):
        rows, rates = rate_by_schedule(starts, pairs, by_hours, null, lockstep.no_schedule)
        less, likely = _weigh(pairs.at(rows), rates, windows, lockstep)
        bits[rows], p_value[rows] = np.minimum(bits[rows], less), np.maximum(p_value[rows], likely)
    bits = np.minimum(bits, np.minimum(lockstep.bits_each * pairs.hits[-1], lockstep.most_bits))
    rows = np.flatnonzero(
        is_discovered(p_value, n_tested, timing.false_discovery) & (bits >= timing.least_bits)
    )
    are_clocks = are_both_clocks(starts, pairs.l[rows], pairs.r[rows], timing)
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
        "false_discovery_rate": timing.false_discovery,
        "pairs_tested": n_tested,
        "pairs_found": len(rows),
        "pairs_of_two_clocks": int(are_clocks.sum()),
        "scales_s": scales,
        "most_bits": lockstep.most_bits,
        **facts,
    }


def _weigh(pairs: Pairs, null: Rates, windows: list[int], lockstep: Lockstep) -> tuple[Floats, Floats]:
    """Bits of the coincidences, and their probability under the null.

    The null count is negative binomial: Poisson's with a rate known from as many counts as `size`. Under one
    operator in lockstep a share of the starts is joint. Both are over all scales: the mean likelihood ratio,
    and the least probability times their number.
    """
    fewer = np.minimum(pairs.n_l, pairs.n_r)
    p_value, ratios = np.ones(len(pairs.l)), []
    for i, window in enumerate(windows):
        mean, size = null.per_second[i] * window, np.minimum(null.size[i], lockstep.most_size)
        alone = log_negative_binomial(pairs.hits[i], mean, size)
        p_value = np.minimum(p_value, len(windows) * negative_binomial_tail(alone, pairs.hits[i], mean, size))
        joint_terms = [log_poisson(pairs.hits[i], mean + share * fewer) for share in lockstep.joint_shares]
        joint = np.logaddexp.reduce(joint_terms, axis=0) - math.log(len(joint_terms))
        joint += math.log(lockstep.prior)
        ratios.append(np.logaddexp(joint - alone, math.log(1 - lockstep.prior)))
    ratio = np.logaddexp.reduce(ratios, axis=0) - math.log(len(windows))
    return np.asarray(ratio / math.log(2)), np.minimum(p_value, 1.0)
