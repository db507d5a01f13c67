"""Accounts of a community that do not show openly whose they are, as the others do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from graphlink.clustering.communities.partitioning import Floats, Integers
    from graphlink.engine import Sql


def read_outsiders(engine: Sql, community: Integers) -> Floats:
    """Per account, the natural log likelihood ratio of belonging by what it shows of its organisation.

    Where most of a community are under one mail domain (or one value of `organisation_names`) that hardly
    anybody else is under, few that belong there show another, or none at all: who meets a firm at a rented
    exit is not under its domain. How many of the community show another or none is compared with how many of
    all others do, each count with one pseudo-observation either way (Laplace). A large organisation may be
    several communities: those that are mostly under the value count together as its own.

    Args:
        engine: Where `marked_accounts` and `account_numbers` are.
        community: Per account number its community.

    Returns:
        At most 0 per account; 0 for who shows the same as the others, and where there is no such value.
    """
    ratio = np.zeros(len(community))
    chosen = np.flatnonzero(np.bincount(community, minlength=len(community))[community] > 1)
    columns = {
        "account_no": pa.array(chosen, pa.int32()),
        "community_no": pa.array(community[chosen], pa.int32()),
    }
    engine.load("unpruned_communities", pa.table(columns))
    rows = engine.arrow(_outsiders_sql())
    account, n_alike, n_alike_of_all, n_members, n_all = (
        rows[name].to_numpy() for name in ("account_no", "n_alike", "n_alike_of_all", "n_members", "n_all")
    )
    inside = (n_alike + 1.0) / (n_members + 2.0)
    outside = (n_alike_of_all - n_alike + 1.0) / (n_all - n_members + 2.0)
    np.minimum.at(ratio, account, np.log(np.minimum(inside / outside, 1.0)))
    return ratio


def _outsiders_sql() -> str:
    """Query of the members that do not show what most of their community do.

    Of each the accounts that show another value, or none, as it does: of its community and of all.
    """
    return """
        WITH sizes AS (
            SELECT community_no, count(*) AS n FROM unpruned_communities GROUP BY community_no
        ),
        everybody AS (SELECT count(*) AS n FROM account_numbers),
        able_of_all AS (
            SELECT mark, count(DISTINCT account_no) AS n FROM marked_accounts GROUP BY mark
        ),
        marked AS (
            SELECT c.community_no, m.mark, m.account_no, m.value, m.degree
            FROM marked_accounts m JOIN unpruned_communities c ON c.account_no = m.account_no
        ),
        able AS (
            SELECT community_no, mark, count(DISTINCT account_no) AS n FROM marked GROUP BY community_no, mark
        ),
        held AS (
            SELECT community_no, mark, value, count(DISTINCT account_no) AS n, max(degree) AS degree
            FROM marked WHERE value IS NOT NULL GROUP BY community_no, mark, value
        ),
        usual AS (
            SELECT h.*, s.n AS n_members, sum(h.n) OVER (PARTITION BY h.mark, h.value) AS n_own
            FROM held h JOIN sizes s ON s.community_no = h.community_no
            WHERE 2 * h.n > s.n
        ),
        outsiders AS (
            SELECT c.account_no, u.*, s.account_no IS NOT NULL AS is_able
            FROM usual u
            JOIN unpruned_communities c ON c.community_no = u.community_no
            LEFT JOIN (SELECT DISTINCT mark, account_no FROM marked) s
                   ON s.account_no = c.account_no AND s.mark = u.mark
            ANTI JOIN marked m ON m.account_no = c.account_no AND m.mark = u.mark AND m.value = u.value
            WHERE 2 * u.n_own > u.degree
        )
        SELECT o.account_no, o.n_members, e.n AS n_all,
               CASE WHEN o.is_able THEN a.n - o.n ELSE o.n_members - a.n END AS n_alike,
               CASE WHEN o.is_able THEN t.n - o.n ELSE e.n - t.n END AS n_alike_of_all
        FROM outsiders o
        CROSS JOIN everybody e
        JOIN able a ON a.community_no = o.community_no AND a.mark = o.mark
        JOIN able_of_all t ON t.mark = o.mark
    """
