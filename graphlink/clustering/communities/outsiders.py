"""Accounts that show another organisation than most of their community."""

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
    anybody else is under, few that belong there show another: who meets a firm at a rented exit has a domain
    of its own. How many of the community show another is compared with how many of all others do, each count
    with one pseudo-observation either way (Laplace). Who shows none is not judged: mail may be known of
    those alone who pay. A large organisation may be several communities: those that are mostly under the
    value count together as its own.

    Args:
        engine: Where `marked_accounts` is.
        community: Per account number its community.

    Returns:
        At most 0 per account; 0 for who shows the same as the others or nothing, and where there is no such
        value.
    """
    ratio = np.zeros(len(community))
    chosen = np.flatnonzero(np.bincount(community, minlength=len(community))[community] > 1)
    columns = {
        "account_no": pa.array(chosen, pa.int32()),
        "community_no": pa.array(community[chosen], pa.int32()),
    }
    engine.load("unpruned_communities", pa.table(columns))
    rows = engine.arrow(_outsiders_sql())
    account, n, n_able, n_able_of_all = (
        rows[name].to_numpy() for name in ("account_no", "n", "n_able", "n_able_of_all")
    )
    inside = (n_able - n + 1.0) / (n_able + 2.0)
    outside = (n_able_of_all - n_able + 1.0) / (n_able_of_all - n_able + 2.0)
    np.minimum.at(ratio, account, np.log(np.minimum(inside / outside, 1.0)))
    return ratio


def counted_sql(groups: str, group: str, *, by_value: bool) -> str:
    """Query of how many accounts of each group show each value of `marked_accounts`, or any.

    Args:
        groups: Table of accounts by group.
        group: Its column of the group.
        by_value: Whether by value, with its holders in all, or by mark alone.
    """
    columns = f"g.{group}, m.mark" + (", m.value" if by_value else "")
    return f"""
        SELECT {columns}, count(DISTINCT m.account_no) AS n, max(m.degree) AS degree
        FROM marked_accounts m JOIN {groups} g ON g.account_no = m.account_no
        {"WHERE m.value IS NOT NULL" if by_value else ""} GROUP BY {columns}
    """


def _outsiders_sql() -> str:
    """Query of the members that show another value than most of their community.

    With how many of the community show that of most, how many show any, and how many of all do.
    """
    return f"""
        WITH able_of_all AS (
            SELECT mark, count(DISTINCT account_no) AS n FROM marked_accounts GROUP BY mark
        ),
        able AS ({counted_sql("unpruned_communities", "community_no", by_value=False)}),
        held AS ({counted_sql("unpruned_communities", "community_no", by_value=True)}),
        usual AS (
            SELECT h.*, a.n AS n_able, sum(h.n) OVER (PARTITION BY h.mark, h.value) AS n_own
            FROM held h JOIN able a ON a.community_no = h.community_no AND a.mark = h.mark
            WHERE 2 * h.n > a.n
        )
        SELECT DISTINCT m.account_no, u.n, u.n_able, t.n AS n_able_of_all
        FROM usual u
        JOIN unpruned_communities c ON c.community_no = u.community_no
        JOIN marked_accounts m ON m.account_no = c.account_no AND m.mark = u.mark
        JOIN able_of_all t ON t.mark = u.mark
        ANTI JOIN marked_accounts s
             ON s.account_no = m.account_no AND s.mark = u.mark AND s.value = u.value
        WHERE 2 * u.n_own > u.degree
    """
