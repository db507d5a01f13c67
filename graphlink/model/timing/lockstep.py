"""Lockstep: two accounts that start at the same moment more often than any null would have it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.candidates import find_candidates
from graphlink.model.timing.clocks import are_both_clocks
from graphlink.model.timing.coincidences import coinciding
from graphlink.model.timing.nulls import rate_by_hours
from graphlink.model.timing.statistics import is_discovered, local_false_discovery
from graphlink.model.timing.tables import Ties, read_columns
from graphlink.model.timing.weighing import weigh

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters, Timing
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql
    from graphlink.model.timing.parameters import Ints
    from graphlink.model.timing.starts import Starts


def find_lockstep(
    engine: Sql, settings: Settings, starts: Starts, scales: list[int], resolution: int
) -> tuple[Ties, dict[str, object]]:
    """The pairs whose starts coincide more often than any of the nulls would have it, and facts.

    Args:
        engine: Where candidates are looked for.
        settings: Parameters and the budget of pairs.
        starts: Everybody's starts.
        scales: Seconds by which two starts may differ and still coincide, ascending.
        resolution: Seconds that times are exact to.
    """
    parameters = settings.parameters
    facts = find_candidates(engine, settings, starts, resolution)
    l, r = read_columns(engine, "SELECT l, r FROM candidate_pairs")
    engine.drop("candidate_pairs")
    n_tested = n_pairs_tested(starts, parameters.timing)
    widths = scales, [2 * scale + resolution for scale in scales]
    ties, n_clocks = weigh_lockstep(starts, (l, r), widths, parameters, n_tested)
    return ties, {
        "null": "the pair with one shifted by 30 to 120 minutes; each account against itself shifted by "
        "1 to 6 hours, and by 1 to 14 days; whichever makes the coincidences likeliest",
        "false_discovery_rate": parameters.timing.false_discovery,
        "pairs_tested": n_tested,
        "pairs_found": len(ties.l),
        "pairs_of_two_clocks": n_clocks,
        "scales_s": scales,
        "most_bits": parameters.lockstep.most_bits,
        **facts,
    }


def n_pairs_tested(starts: Starts, timing: Timing) -> int:
    """Pairs that could coincide on enough days, candidates or not: all of accounts that start so often."""
    n_accounts = int((np.diff(starts.first) >= timing.least_days).sum())
    return n_accounts * (n_accounts - 1) // 2


def weigh_lockstep(
    starts: Starts,
    tested: tuple[Ints, Ints],
    widths: tuple[list[int], list[int]],
    parameters: Parameters,
    n_tested: int,
) -> tuple[Ties, int]:
    """Weigh pairs that may be in lockstep, and keep what is discovered; and how many were two clocks.

    Args:
        starts: Starts, everybody's or those that no place sets.
        tested: Lesser and greater accounts.
        widths: Scales of coincidences, and the widths of the windows of these, in seconds.
        parameters: Nulls, priors and rates.
        n_tested: Pairs that are tested, those that are not given included.
    """
    timing, lockstep = parameters.timing, parameters.lockstep
    pairs = coinciding(starts, *tested, widths[0], timing)
    by_hours = rate_by_hours(starts, pairs, parameters)
    pairs, bits, p_value = weigh(starts, pairs, [by_hours], widths, parameters, n_tested)
    bits = np.minimum(bits, np.minimum(lockstep.bits_each * pairs.hits[-1], lockstep.most_bits))
    rows = np.flatnonzero(
        is_discovered(p_value, n_tested, timing.false_discovery) & (bits >= timing.least_bits)
    )
    are_clocks = are_both_clocks(starts, pairs.l[rows], pairs.r[rows], timing)
    rows = rows[~are_clocks]
    hits, first_s, last_s = pairs.hits[-1][rows], pairs.first_s[rows], pairs.last_s[rows]
    ties = Ties(pairs.l[rows], pairs.r[rows], bits[rows], hits, p_value[rows], first_s, last_s)
    return ties, int(are_clocks.sum())


def bounded_by_chance(ties: Ties, n_tested: int, prior_bits: float, parameters: Parameters) -> Ties:
    """Bound the bits of pairs by what the test itself leaves: how many of its like there are by chance.

    Of all pairs that are tested some coincide by chance as much as these, and the more are tested the more.
    Where the probability is p, chance gives `n_tested` p such pairs in each e-fold of it; what share of those
    that are there this is, is the local false discovery rate (Efron 2007), and no pair is more likely than
    it leaves. The pairs of a crew are no discoveries of their own: an account has one vote in all, which its
    pairs divide, so that a large crew does not vouch for pairs of strangers.
    """
    n = np.bincount(np.concatenate([ties.l, ties.r]), minlength=1)
    vote = 2.0 / (n[ties.l] + n[ties.r])
    rate = local_false_discovery(ties.p_value, vote, n_tested, parameters.lockstep.rate_width)
    bits = np.minimum(ties.bits, np.log2((1 - rate) / rate) - prior_bits)
    kept = ties.at(np.flatnonzero(bits >= parameters.timing.least_bits))
    return dataclasses.replace(kept, bits=bits[bits >= parameters.timing.least_bits])
