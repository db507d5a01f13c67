"""Determination: what an address, router or device may set, so that sharing it adds little to that one.

Who ends TLS shows its own fingerprint and agent for every customer; a firm's machines all run one build. That
the holders of an address agree on a client is expected of one operator, and of infrastructure that sets the
client for everybody. So given a shared address a client counts up to the likelihood ratio of its agreement
there, under one operator against infrastructure and strangers. A device sets its agent in the same way: who
sits down at a machine of a lab shows what it runs, which kinds of one's own may hold. So does the card of a
home: who pays with it has its billing address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.kinds.facets import CLIENT, NETWORK, OWNED_FACETS, PAYMENT, among_facets_sql, is_facet_sql
from graphlink.model.exclusivity.states import log_beta_binomial

if TYPE_CHECKING:
    from graphlink.core.parameters import Exclusivity
    from graphlink.engine import Sql
    from graphlink.model.exclusivity.states import Floats


def make_determination(engine: Sql, numbers: Exclusivity, largest_household: int) -> None:
    """Make `determined` (identifier_no, by_no, most_bits): what a client adds to what may set it.

    Identifiers of which not even half of the holders agree on a client are left out.

    Args:
        engine: Where it is made; has `window_incidence`, `shared_identifiers`, `kinds`.
        numbers: The parameters.
        largest_household: Holders of a card up to which it may be a home's.
    """
    rows = engine.arrow(_joint_sql(largest_household))
    n, shown, share = (rows[name].to_numpy().astype(np.float64) for name in ("n", "n_both", "share"))
    share = np.clip(share, 1e-6, 0.99)
    of_infrastructure = _log_binomial(shown, n, numbers.infrastructure_shows)
    of_strangers = _log_binomial(shown, n, share)
    other = np.logaddexp(
        np.log(numbers.infrastructure_sets) + of_infrastructure,
        np.log1p(-numbers.infrastructure_sets) + of_strangers,
    )
    most = (log_beta_binomial(shown, n, numbers.agreeing, numbers.agreeing_doubt) - other) / np.log(2.0)
    engine.load(
        "determined",
        pa.table(
            {
                "identifier_no": rows["identifier_no"],
                "by_no": rows["by_no"],
                "most_bits": pa.array(np.maximum(most, 0.0).round(9), pa.float64()),
            }
        ),
    )


def _log_binomial(shown: Floats, n: Floats, share: Floats | float) -> Floats:
    """Log of the likelihood of one sequence of `shown` in n draws."""
    return np.asarray(shown * np.log(share) + (n - shown) * np.log1p(-np.asarray(share)))


def _joint_sql(largest_household: int) -> str:
    """Query of what may set a client, or a value of an open kind, and of these, that two accounts hold.

    A network identifier may set either, a client and a home's card only values of open kinds; a card those
    that hardly anybody else holds.
    """
    owned = among_facets_sql("k.facet", OWNED_FACETS)
    of_home = f"{is_facet_sql('k.facet', PAYMENT)} AND i.degree <= {largest_household}"
    return f"""
        WITH held AS (
            SELECT DISTINCT h.identifier_no, h.account_no,
                   CASE WHEN {is_facet_sql("k.facet", NETWORK)} THEN 'network'
                        WHEN {is_facet_sql("k.facet", CLIENT)} THEN 'client'
                        WHEN {owned} THEN 'card' ELSE 'open' END AS sort
            FROM window_incidence h
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            JOIN kinds k ON k.kind_no = i.kind_no
            WHERE NOT ({owned}) OR {of_home}
        ),
        joint AS (
            SELECT x.identifier_no AS by_no, y.identifier_no, count(*) AS n_both,
                   any_value(x.sort) = 'card' AS is_by_card
            FROM held x JOIN held y ON y.account_no = x.account_no
            WHERE x.sort = 'network' AND y.sort IN ('client', 'open')
               OR x.sort IN ('client', 'card') AND y.sort = 'open'
            GROUP BY x.identifier_no, y.identifier_no HAVING count(*) > 1
        )
        SELECT j.identifier_no, j.by_no, i.degree AS n, j.n_both,
               y.degree::DOUBLE / (SELECT count(*) FROM account_numbers) AS share
        FROM joint j
        JOIN shared_identifiers i ON i.identifier_no = j.by_no
        JOIN shared_identifiers y ON y.identifier_no = j.identifier_no
        WHERE 2 * j.n_both > i.degree AND (NOT j.is_by_card OR 2 * j.n_both > y.degree)
        ORDER BY j.identifier_no, j.by_no
    """
