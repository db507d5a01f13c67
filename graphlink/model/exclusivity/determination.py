"""Determination: what an address or router itself sets, so that sharing it says nothing beyond the address.

Who ends TLS shows its own fingerprint and agent for every customer. Such a dependence is found in the data: of
the holders of an address nearly all hold the value as well. Few holders can't show it, an operator's accounts
agree often too, and strangers agree by chance on what is common; so it is a probability.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.kinds.facets import NETWORK, OWNED_FACETS, among_facets_sql, is_facet_sql
from graphlink.model.exclusivity.states import log_gamma

if TYPE_CHECKING:
    from graphlink.engine import Sql

# Share of shared addresses whose infrastructure sets a client's attribute.
_SETTING = 0.2
# Holders who show what the infrastructure sets.
_SHOWN = 0.97
# An operator's accounts agree on a client more often than not: the beta law of how many do.
_AGREEING = 3.0
_LEAST = 0.05  # probability from which determination is kept


def make_determination(engine: Sql) -> None:
    """Make `determined` (identifier_no, by_no, probability): values set by a network identifier."""
    rows = engine.arrow(_joint_sql())
    d, both, n_holders, share, exclusive = (
        rows[name].to_numpy().astype(np.float64)
        for name in ("d", "n_both", "n_holders", "share", "p_exclusive")
    )
    del n_holders
    n, shown = np.maximum(d - 2.0, 0.0), np.maximum(both - 2.0, 0.0)
    missing = n - shown
    is_set = shown * np.log(_SHOWN) + missing * np.log1p(-_SHOWN)
    of_operator = (
        log_gamma(shown + _AGREEING)
        + log_gamma(missing + 1.0)
        - log_gamma(n + _AGREEING + 1.0)
        + np.log(_AGREEING)
    )
    share = np.clip(share, 1e-6, 0.99)
    of_strangers = shown * np.log(share) + missing * np.log1p(-share)
    other = np.logaddexp(
        np.log(exclusive) + of_operator, np.log1p(-exclusive) + of_strangers
    )
    odds = np.log(_SETTING / (1.0 - _SETTING)) + is_set - other
    probability = 1.0 / (1.0 + np.exp(-np.clip(odds, -50.0, 50.0)))
    kept = np.flatnonzero(probability >= _LEAST)
    engine.load(
        "determined",
        pa.table(
            {
                "identifier_no": rows["identifier_no"].take(pa.array(kept)),
                "by_no": rows["by_no"].take(pa.array(kept)),
                "probability": pa.array(probability[kept].round(9), pa.float64()),
            }
        ),
    )


def _joint_sql() -> str:
    """Query of network identifiers and clients, or values of one's own kinds, that at least two accounts hold."""
    owned = among_facets_sql("k.facet", OWNED_FACETS)
    return f"""
        WITH held AS (
            SELECT DISTINCT h.identifier_no, h.account_no, {is_facet_sql("k.facet", NETWORK)} AS is_network
            FROM window_incidence h
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            JOIN kinds k ON k.kind_no = i.kind_no
            WHERE NOT ({owned})
        ),
        joint AS (
            SELECT x.identifier_no AS by_no, y.identifier_no, count(*) AS n_both
            FROM held x JOIN held y ON y.account_no = x.account_no
            WHERE x.is_network AND NOT y.is_network
            GROUP BY x.identifier_no, y.identifier_no HAVING count(*) > 1
        )
        SELECT j.identifier_no, j.by_no, i.degree AS d, j.n_both, y.degree AS n_holders,
               y.degree::DOUBLE / (SELECT count(*) FROM account_numbers) AS share,
               least(0.99, greatest(1e-6, coalesce(e.p_exclusive, 1e-6))) AS p_exclusive
        FROM joint j
        JOIN shared_identifiers i ON i.identifier_no = j.by_no
        JOIN shared_identifiers y ON y.identifier_no = j.identifier_no
        LEFT JOIN estimated e ON e.identifier_no = j.by_no
        WHERE 2 * j.n_both > i.degree
        ORDER BY j.identifier_no, j.by_no
    """
