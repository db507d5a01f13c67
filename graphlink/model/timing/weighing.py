"""What coincidences are worth: bits of evidence, and their probability under the likeliest null."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.nulls import Rates, rate_by_schedule, schedules
from graphlink.model.timing.statistics import (
    log_negative_binomial,
    log_poisson,
    negative_binomial_tail,
)

if TYPE_CHECKING:
    from graphlink.core.parameters import Lockstep, Parameters
    from graphlink.model.timing.coincidences import Pairs
    from graphlink.model.timing.parameters import Floats
    from graphlink.model.timing.starts import Starts


def weigh(
    starts: Starts,
    pairs: Pairs,
    by_hours: list[Rates],
    widths: tuple[list[int], list[int]],
    parameters: Parameters,
    n_tested: int,
) -> tuple[Pairs, Floats, Floats]:
    """Weigh pairs under the null that makes their coincidences likeliest.

    Args:
        starts: Everybody's starts.
        pairs: The pairs.
        by_hours: Their rates by the hours around; the first is what a schedule is compared with.
        widths: Scales of coincidences, and the widths of the windows of these, in seconds.
        parameters: Nulls, and the share of one operator's pairs that act in lockstep.
        n_tested: Pairs that are tested, those that are not given included.

    Returns:
        The pairs that may be discovered at the false discovery rate, with their bits and probabilities.
    """
    (scales, windows), lockstep = widths, parameters.lockstep
    bits, p_value = np.full(len(pairs.l), np.inf), np.zeros(len(pairs.l))
    for rates in by_hours:
        less, likely = _weigh(pairs, rates, windows, lockstep)
        bits, p_value = np.minimum(bits, less), np.maximum(p_value, likely)
    # A chance that is too large by the hours alone is never discovered, nor changes what else is.
    rate = parameters.timing.false_discovery
    rows = np.flatnonzero(p_value <= rate * len(p_value) / max(n_tested, 1))
    pairs, base, bits, p_value = pairs.at(rows), by_hours[0].at(rows), bits[rows], p_value[rows]
    for null in schedules(lockstep, scales, windows):
        rows, on_schedule = rate_by_schedule(starts, pairs, base, null, parameters)
        less, likely = _weigh(pairs.at(rows), on_schedule, windows, lockstep)
        bits[rows], p_value[rows] = np.minimum(bits[rows], less), np.maximum(p_value[rows], likely)
    return pairs, bits, p_value


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
