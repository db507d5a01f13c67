"""Succession: one account ends and another soon begins on a resource of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.parameters import DAY, HOUR, Floats, Ints
from graphlink.model.timing.tables import add_behaviours, has_time, read_columns

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters, Succession
    from graphlink.engine import Sql


def find_succession(engine: Sql, parameters: Parameters) -> dict[str, object]:
    """Add pairs of which one ended and the other soon began on a resource of the first.

    The chance of a hand-over is the rate at which accounts are born on the resource, times the delay.
    """
    succession = parameters.succession
    engine.make(
        "births",
        "SELECT t.identifier_no, t.account_no, p.birth_s FROM stays t "
        f"JOIN spans p ON p.account_no = t.account_no "
        f"WHERE t.first_s - p.birth_s BETWEEN {-succession.early_h * HOUR} "
        f"AND {succession.longest_delay_h * HOUR}",
    )
    l, r, delay, n_others, span, ended = read_columns(engine, _hand_overs_sql(succession))
    engine.drop("births")
    # Few births in a short time give a poor rate: no resource is taken as quieter than one in some time.
    rate = (n_others + 1.0) / np.clip(span, DAY, succession.quietest_days * DAY)
    prior = succession.prior if has_time(engine, "closed_at") else succession.silent_prior
    means = [mean * HOUR for mean in succession.mean_delays_h]
    density = np.mean([np.exp(-delay / mean) / mean for mean in means], axis=0)
    bits = np.log2(prior * density / rate + (1 - prior))
    best = _best_of_each(l, r, bits)
    rows = best[bits[best] >= parameters.timing.least_bits]
    columns = {
        "bits": np.minimum(bits[rows], succession.most_bits),
        "n_events": np.ones(len(rows), np.int64),
        "p_value": -np.expm1(-rate * np.maximum(delay, 1))[rows],
        "first_s": ended[rows],
        "last_s": (ended + delay)[rows],
    }
    add_behaviours(engine, "succession", (l[rows], r[rows]), columns)
    return {
        "null": "births on the resource at its own rate, taken as at least one in "
        f"{succession.quietest_days} days",
        "longest_delay_hours": succession.longest_delay_h,
        "pairs_tested": len(best),
        "pairs_found": len(rows),
        "most_bits": succession.most_bits,
    }


def _best_of_each(l: Ints, r: Ints, bits: Floats) -> Ints:
    """Of each pair the row with the most bits."""
    order = np.lexsort((-bits, r, l))
    return order[np.flatnonzero(np.diff(l[order] << 32 | r[order], prepend=-1))]


def _hand_overs_sql(succession: Succession) -> str:
    longest, early = succession.longest_delay_h * HOUR, succession.early_h * HOUR
    return f"""
        WITH resources AS (
            SELECT identifier_no, max(last_s) - min(first_s) AS span FROM stays GROUP BY identifier_no
        ),
        sizes AS (SELECT identifier_no, count(*) AS n FROM births GROUP BY identifier_no)
        SELECT least(t.account_no, b.account_no) AS l, greatest(t.account_no, b.account_no) AS r,
               greatest(b.birth_s - p.end_s, 0) AS delay, n.n - 1 AS n_others, u.span, p.end_s
        FROM stays t
        JOIN spans p ON p.account_no = t.account_no AND p.end_s - t.last_s <= {succession.left_days * DAY}
        JOIN resources u ON u.identifier_no = t.identifier_no
        JOIN sizes n ON n.identifier_no = t.identifier_no AND n.n * {DAY} <= greatest(u.span, {DAY})
                    * {succession.most_births}
        JOIN births b ON b.identifier_no = t.identifier_no AND b.account_no <> t.account_no
                     AND b.birth_s BETWEEN p.end_s - {early} AND p.end_s + {longest}
        ORDER BY l, r, t.identifier_no
    """
