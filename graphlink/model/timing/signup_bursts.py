"""Sign-up bursts: accounts on one resource created within days of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.parameters import DAY
from graphlink.model.timing.statistics import log_tail
from graphlink.model.timing.tables import add_behaviours, has_time, read_columns

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters, SignupBursts
    from graphlink.engine import Sql


def find_bursts(engine: Sql, parameters: Parameters) -> dict[str, object]:
    """Add pairs on one resource that were created within days of each other, among more than there would be.

    The null gives the resource's accounts everybody's days of sign-up. With one pair on each, its rarest,
    resource.
    """
    if not has_time(engine, "created_at"):
        return {"skipped": "no account has a time of creation"}
    bursts = parameters.signup_bursts
    l, r, at_no, gap, born, n_usual, n_all, n_there, n_accounts = read_columns(engine, _bursts_sql(bursts))
    baseline = n_accounts * n_usual / np.maximum(n_all, 1)
    # One more is granted to chance.
    bits = np.log2((n_there + 1.0) / (baseline + 1.0))
    is_burst = (bits >= parameters.timing.least_bits) & (n_there >= bursts.least_accounts - 1)
    rows = np.flatnonzero(is_burst)
    columns = {
        "bits": np.minimum(bits[rows], bursts.most_bits),
        "n_events": n_there[rows] + 1,
        "p_value": np.exp(np.minimum(log_tail(n_there, baseline), 0.0))[rows],
        "first_s": born[rows],
        "last_s": (born + gap)[rows],
        "at_no": at_no[rows],
    }
    add_behaviours(engine, "signup_burst", (l[rows], r[rows]), columns)
    return {
        "null": f"the resource's accounts signed up when everybody did, within {bursts.window_days} days",
        "pairs_tested": len(l),
        "pairs_found": len(rows),
        "most_bits": bursts.most_bits,
    }


def _bursts_sql(bursts: SignupBursts) -> str:
    """Query of pairs with their gap, and the sign-ups within the window: everybody's and on the resource."""
    window = bursts.window_days
    return f"""
        WITH days AS (SELECT given_birth_s // {DAY} AS day, count(*) AS n FROM spans
                      WHERE given_birth_s IS NOT NULL GROUP BY ALL),
        weeks AS (SELECT x.day, sum(y.n) AS n FROM days x JOIN days y
                  ON y.day BETWEEN x.day - {window} AND x.day + {window - 1} GROUP BY x.day),
        born AS (SELECT t.identifier_no, t.account_no, p.given_birth_s AS s FROM stays t
                 JOIN spans p ON p.account_no = t.account_no AND p.given_birth_s IS NOT NULL
                 SEMI JOIN resource_pairs u ON u.identifier_no = t.identifier_no),
        there AS (SELECT x.identifier_no, x.account_no, count(*) AS n FROM born x
                  JOIN born y ON y.identifier_no = x.identifier_no AND abs(y.s - x.s) <= {window * DAY}
                  GROUP BY ALL),
        sizes AS (SELECT identifier_no, count(*) AS n FROM born GROUP BY identifier_no)
        SELECT u.l, u.r, u.identifier_no, abs(x.s - y.s) AS gap, least(x.s, y.s) AS born, w.n AS n_usual,
               (SELECT sum(n) FROM days) AS n_all, t.n - 1 AS n_there, z.n - 1 AS n_accounts
        FROM resource_pairs u
        JOIN born x ON x.account_no = u.l AND x.identifier_no = u.identifier_no
        JOIN born y ON y.account_no = u.r AND y.identifier_no = u.identifier_no
                   AND abs(x.s - y.s) <= {bursts.longest_gap_days * DAY}
        JOIN there t ON t.account_no = u.l AND t.identifier_no = u.identifier_no
        JOIN sizes z ON z.identifier_no = u.identifier_no
        JOIN weeks w ON w.day = x.s // {DAY}
        ORDER BY u.l, u.r
    """
