"""Sites: addresses that the same accounts use, or that instruments tie, judged together.

An operator that rotates over six servers has some of its accounts on each, and an account's partner by a
card is mostly on another one. Who roams over the exits of a provider meets the same customers at each. And
an operator may give each account an address of its own, or have a few on each. So addresses that share many
of their holders, or many of the cards of these, are one site, and what ties the holders of one ties them on
all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.clustering.components import components_of
from graphlink.engine import number
from graphlink.kinds.facets import NETWORK, is_facet_sql
from graphlink.model.exclusivity.baselines import exact

if TYPE_CHECKING:
    from graphlink.core.parameters import Exclusivity
    from graphlink.engine import Sql


def make_sites(engine: Sql, instruments_sql: str, numbers: Exclusivity) -> None:
    """Make `sites` (identifier_no, site_no): each shared identifier's site, most often itself.

    Two addresses of one kind are of one site if at least `site_holders` accounts hold both, or that many
    instruments tie an account on the one to an account on the other, and if these accounts are at least
    `site_share` of the holders of either. Accounts, and instruments, with more than `site_addresses` do not
    count.

    Args:
        engine: Where they are made.
        instruments_sql: Query of the odds of each shared instrument: l, r, identifier_no and odds (log2).
        numbers: The parameters.
    """
    engine.make("site_addresses", _addresses_sql(numbers))
    rows = engine.arrow(
        f"{_joint_sql(numbers)} UNION {_tied_sql(instruments_sql, numbers)} ORDER BY one, other"
    )
    engine.drop("site_addresses")
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


def _addresses_sql(numbers: Exclusivity) -> str:
    """Query of the holders of the addresses that may be of a site of several."""
    return f"""
        SELECT DISTINCT h.identifier_no, i.kind_no, i.degree, h.account_no
        FROM window_incidence h
        JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
        JOIN kinds k ON k.kind_no = i.kind_no
        WHERE k.is_declared AND {is_facet_sql("k.facet", NETWORK)} AND i.degree >= {numbers.site_holders}
            AND k.kind_no NOT IN (SELECT wider_no FROM generalizations)
    """


def _joint_sql(numbers: Exclusivity) -> str:
    """Query of the pairs of addresses that many of the same accounts hold."""
    return f"""
        SELECT one, other FROM (
            SELECT x.identifier_no AS one, y.identifier_no AS other, count(*) AS n,
                   any_value(greatest(x.degree, y.degree)) AS degree
            FROM (SELECT account_no FROM site_addresses GROUP BY account_no
                  HAVING count(*) BETWEEN 2 AND {numbers.site_addresses}) s
            JOIN site_addresses x ON x.account_no = s.account_no
            JOIN site_addresses y ON y.account_no = s.account_no AND y.kind_no = x.kind_no
                AND y.identifier_no > x.identifier_no
            GROUP BY x.identifier_no, y.identifier_no
        )
        WHERE n >= {numbers.site_holders} AND n >= {numbers.site_share} * degree
    """


def _tied_sql(instruments_sql: str, numbers: Exclusivity) -> str:
    """Query of the pairs of addresses whose holders many instruments tie, each to holders of the other.

    Of an operator whose accounts keep to one address each, no account holds two. Who roams does not count:
    an instrument ties the exits of a pool wherever its holders go.
    """
    return f"""
        SELECT one, other FROM (
            WITH payers AS (
                SELECT DISTINCT identifier_no AS instrument_no, unnest([l, r]) AS account_no
                FROM ({instruments_sql}) WHERE odds > {numbers.joining_odds}
            ),
            settled AS (
                SELECT * FROM site_addresses
                QUALIFY count(*) OVER (PARTITION BY account_no, kind_no) <= {numbers.settled_sites}
            ),
            paid AS (
                SELECT p.instrument_no, s.* FROM payers p JOIN settled s ON s.account_no = p.account_no
                QUALIFY count(*) OVER (PARTITION BY p.instrument_no, s.kind_no) <= {numbers.site_addresses}
            )
            SELECT x.identifier_no AS one, y.identifier_no AS other,
                   count(DISTINCT x.instrument_no) AS n, count(DISTINCT x.account_no) AS n_one,
                   count(DISTINCT y.account_no) AS n_other, any_value(x.degree) AS degree_one,
                   any_value(y.degree) AS degree_other
            FROM paid x
            JOIN paid y ON y.instrument_no = x.instrument_no AND y.kind_no = x.kind_no
                AND y.identifier_no > x.identifier_no AND y.account_no <> x.account_no
            GROUP BY x.identifier_no, y.identifier_no
        )
        WHERE n >= {numbers.site_holders} AND n_one >= {numbers.site_share} * degree_one
            AND n_other >= {numbers.site_share} * degree_other
    """


def roaming_sql(settled: int) -> str:
    """Query per address of how far its holders roam (`share`): the mean of 1 - `settled` / sites, or 0.

    Sites of one kind count: who uses an address uses its country and its router as well.
    """
    return f"""
        WITH held AS (
            SELECT DISTINCT h.identifier_no, i.kind_no, s.site_no, h.account_no
            FROM window_incidence h
            JOIN sites s ON s.identifier_no = h.identifier_no
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            JOIN kinds k ON k.kind_no = i.kind_no
            WHERE k.is_declared AND {is_facet_sql("k.facet", NETWORK)}
                AND k.kind_no NOT IN (SELECT wider_no FROM generalizations)
        ),
        visits AS (
            SELECT account_no, kind_no, count(DISTINCT site_no) AS n FROM held GROUP BY account_no, kind_no
        )
        SELECT h.identifier_no, avg({exact(f"greatest(0.0, 1.0 - {settled}.0 / v.n)")}) AS share
        FROM held h JOIN visits v ON v.account_no = h.account_no AND v.kind_no = h.kind_no
        GROUP BY h.identifier_no
    """
