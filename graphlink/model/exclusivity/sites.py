"""Sites: addresses that the same accounts use, judged together.

An operator that rotates over six servers has some of its accounts on each, and an account's partner by a
card is mostly on another one. Who roams over the exits of a provider meets the same customers at each. So
addresses that share many of their holders are one site, and what ties the holders of one ties them on all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.clustering.components import components_of
from graphlink.engine import number
from graphlink.kinds.facets import NETWORK, is_facet_sql

if TYPE_CHECKING:
    from graphlink.core.parameters import Exclusivity
    from graphlink.engine import Sql


def make_sites(engine: Sql, numbers: Exclusivity) -> None:
    """Make `sites` (identifier_no, site_no): each shared identifier's site, most often itself.

    Two addresses of one kind are of one site if at least `site_holders` accounts hold both and these are at
    least `site_share` of the holders of either. Accounts with more than
    `site_addresses` do not count.
    """
    rows = engine.arrow(_joint_sql(numbers))
    ends = np.column_stack([rows["one"].to_numpy(), rows["other"].to_numpy()]).astype(np.int64)
    n = number(engine, "SELECT coalesce(max(identifier_no), 0) FROM shared_identifiers") + 1
    site = components_of(n, ends)
    moved = np.flatnonzero(site != np.arange(n))
    engine.load(
        "site_members",
        pa.table(
            {"identifier_no": pa.array(moved, pa.int32()), "site_no": pa.array(site[moved], pa.int32())}
        ),
    )
    engine.make(
        "sites",
        "SELECT i.identifier_no, coalesce(m.site_no, i.identifier_no) AS site_no "
        "FROM shared_identifiers i LEFT JOIN site_members m ON m.identifier_no = i.identifier_no",
    )


def _joint_sql(numbers: Exclusivity) -> str:
    """Query of the pairs of addresses that many of the same accounts hold."""
    return f"""
        WITH held AS (
            SELECT DISTINCT h.identifier_no, i.kind_no, i.degree, h.account_no
            FROM window_incidence h
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            JOIN kinds k ON k.kind_no = i.kind_no
            WHERE k.is_declared AND {is_facet_sql("k.facet", NETWORK)} AND i.degree >= {numbers.site_holders}
                AND k.kind_no NOT IN (SELECT wider_no FROM generalizations)
        ),
        settled AS (
            SELECT account_no FROM held GROUP BY account_no
            HAVING count(*) BETWEEN 2 AND {numbers.site_addresses}
        ),
        joint AS (
            SELECT x.identifier_no AS one, y.identifier_no AS other, count(*) AS n
            FROM settled s
            JOIN held x ON x.account_no = s.account_no
            JOIN held y ON y.account_no = s.account_no AND y.kind_no = x.kind_no
                AND y.identifier_no > x.identifier_no
            GROUP BY x.identifier_no, y.identifier_no HAVING count(*) >= {numbers.site_holders}
        )
        SELECT j.one, j.other
        FROM joint j
        JOIN shared_identifiers x ON x.identifier_no = j.one
        JOIN shared_identifiers y ON y.identifier_no = j.other
        WHERE j.n >= {numbers.site_share} * greatest(x.degree, y.degree)
        ORDER BY j.one, j.other
    """
