"""Lockstep: two accounts that start at the same moment more often than any null would have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.candidates import find_candidates
from graphlink.model.timing.clocks import are_both_clocks
from graphlink.model.timing.coincidences import coinciding
from graphlink.model.timing.nulls import rate_by_hours
from graphlink.model.timing.statistics import is_discovered
from graphlink.model.timing.tables import Ties, read_columns
from graphlink.model.timing.weighing import weigh

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql
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
    timing, lockstep = parameters.timing, parameters.lockstep
    facts = find_candidates(engine, settings, starts, resolution)
    l, r = read_columns(engine, "SELECT l, r FROM candidate_pairs")
    engine.drop("candidate_pairs")
    pairs = coinciding(starts, l, r, scales, timing)
    n_accounts = int((np.diff(starts.first) >= timing.least_days).sum())
    n_tested = n_accounts * (n_accounts - 1) // 2
    windows = [2 * scale + resolution for scale in scales]
    by_hours = rate_by_hours(starts, pairs, parameters)
    pairs, bits, p_value = weigh(starts, pairs, [by_hours], (scales, windows), parameters, n_tested)
    bits = np.minimum(bits, np.minimum(lockstep.bits_each * pairs.hits[-1], lockstep.most_bits))
    rows = np.flatnonzero(
        is_discovered(p_value, n_tested, timing.false_discovery) & (bits >= timing.least_bits)
    )
    are_clocks = are_both_clocks(starts, pairs.l[rows], pairs.r[rows], timing)
    rows = rows[~are_clocks]
    hits, first_s, last_s = pairs.hits[-1][rows], pairs.first_s[rows], pairs.last_s[rows]
    ties = Ties(pairs.l[rows], pairs.r[rows], bits[rows], hits, p_value[rows], first_s, last_s)
    return ties, {
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
