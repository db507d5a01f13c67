"""Succession: one account ends and another soon begins on a resource of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.parameters import DAY, HOUR, LEAST_BITS, Floats, Ints
from graphlink.model.timing.tables import add_behaviours, has_time, read_columns

if TYPE_CHECKING:
    from graphlink.engine import Sql

_LONGEST_DELAY = 72 * HOUR
_DELAYS = (2 * HOUR, 8 * HOUR, 48 * HOUR)  # mean delays of a replacement
_SUCCESSION_PRIOR = 0.3  # share of one operator's pairs, one ended and one begun on a resource, that replace
_SILENT_PRIOR = 0.05  # the same where no account has a time of closing, so that an end is mere silence
_SUCCESSION_CAP = 5.0


def find_succession(engine: Sql) -> dict[str, object]:
    """Add pairs of which one ended and the other soon began on a resource of the first.

    The chance of a hand-over is the rate at which accounts are born on the resource, times the delay.
    """
    engine.make(
        "births",
        "SELECT t.identifier_no, t.account_no, p.birth_s FROM stays t "
        f"JOIN spans p ON p.account_no = t.account_no "
        f"WHERE t.first_s - p.birth_s BETWEEN {-HOUR} AND {_LONGEST_DELAY}",
    )
    l, r, delay, n_others, span, ended = read_columns(engine, _hand_overs_sql())
    engine.drop("births")
    # Few births in a short time give a poor rate: no resource is taken as quieter than one in 30 days.
    rate = (n_others + 1.0) / np.clip(span, DAY, 30 * DAY)
    prior = _SUCCESSION_PRIOR if has_time(engine, "closed_at") else _SILENT_PRIOR
    density = np.mean([np.exp(-delay / mean) / mean for mean in _DELAYS], axis=0)
    bits = np.log2(prior * density / rate + (1 - prior))
    best = _best_of_each(l, r, bits)
    rows = best[bits[best] >= LEAST_BITS]
    columns = {
        "bits": np.minimum(bits[rows], _SUCCESSION_CAP),
        "n_events": np.ones(len(rows), np.int64),
        "p_value": -np.expm1(-rate * np.maximum(delay, 1))[rows],
        "first_s": ended[rows],
        "last_s": (ended + delay)[rows],
    }
    add_behaviours(engine, "succession", (l[rows], r[rows]), columns)
    return {
        "null": "births on the resource at its own rate, taken as at least one in 30 days",
        "longest_delay_hours": _LONGEST_DELAY // HOUR,
        "pairs_tested": len(best),
        "pairs_found": len(rows),
        "most_bits": _SUCCESSION_CAP,
    }


def _best_of_each(l: Ints, r: Ints, bits: Floats) -> Ints:
    """Of each pair the row with the most bits."""
    order = np.lexsort((-bits, r, l))
    return order[np.flatnonzero(np.diff(l[order] << 32 | r[order], prepend=-1))]


def _hand_overs_sql() -> str:
    return f"""
        WITH resources AS (
            SELECT identifier_no, max(last_s) - min(first_s) AS span FROM stays GROUP BY identifier_no
        ),
        sizes AS (SELECT identifier_no, count(*) AS n FROM births GROUP BY identifier_no)
        SELECT least(t.account_no, b.account_no) AS l, greatest(t.account_no, b.account_no) AS r,
               greatest(b.birth_s - p.end_s, 0) AS delay, n.n - 1 AS n_others, u.span, p.end_s
        FROM stays t
        JOIN spans p ON p.account_no = t.account_no AND p.end_s - t.last_s <= {30 * DAY}
        JOIN resources u ON u.identifier_no = t.identifier_no
        JOIN sizes n ON n.identifier_no = t.identifier_no AND n.n * {DAY} <= greatest(u.span, {DAY}) * 4
        JOIN births b ON b.identifier_no = t.identifier_no AND b.account_no <> t.account_no
                     AND b.birth_s BETWEEN p.end_s - {HOUR} AND p.end_s + {_LONGEST_DELAY}
        ORDER BY l, r, t.identifier_no
    """
