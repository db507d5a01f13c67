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
    anybody else is under, few that belong there are not, and nearly all that do not belong: who meets a firm
    at a rented exit is not under its domain. The rate of such members is counted among the community, with
    one pseudo-observation each way (Laplace), and that of others is nearly 1. A large organisation may be
    several communities: those that are mostly under the value count together as its own.

    Args:
        engine: Where `marked_accounts` is.
        community: Per account number its community.

    Returns:
        At most 0 per account; 0 for who shows the same as the others, and where there is no such value.
    """
    ratio = np.zeros(len(community))
    chosen = np.flatnonzero(np.bincount(community, minlength=len(community))[community] > 1)
    engine.load(
        "unpruned_communities",
        pa.table(
            {
                "account_no": pa.array(chosen, pa.int32()),
                "community_no": pa.array(community[chosen], pa.int32()),
            }
        ),
    )
    rows = engine.arrow(_outsiders_sql())
    account, n, n_members = (rows[name].to_numpy() for name in ("account_no", "n", "n_members"))
    np.minimum.at(ratio, account, np.log((n_members - n + 1.0) / (n_members + 2.0)))
    return ratio


def _outsiders_sql() -> str:
    """Query of the members that do not show what most of their community do: how many do, of how many."""
    return """
        WITH sizes AS (
            SELECT community_no, count(*) AS n FROM unpruned_communities GROUP BY community_no
        ),
        marked AS (
            SELECT c.community_no, m.mark, m.account_no, m.value, m.degree
            FROM marked_accounts m JOIN unpruned_communities c ON c.account_no = m.account_no
            WHERE m.value IS NOT NULL
        ),
        held AS (
            SELECT community_no, mark, value, count(DISTINCT account_no) AS n, max(degree) AS degree
            FROM marked GROUP BY community_no, mark, value
        ),
        usual AS (
            SELECT h.*, s.n AS n_members, sum(h.n) OVER (PARTITION BY h.mark, h.value) AS n_all
            FROM held h JOIN sizes s ON s.community_no = h.community_no
            WHERE 2 * h.n > s.n
        )
        SELECT c.account_no, u.n, u.n_members
        FROM usual u
        JOIN unpruned_communities c ON c.community_no = u.community_no
        ANTI JOIN marked m ON m.account_no = c.account_no AND m.mark = u.mark AND m.value = u.value
        WHERE 2 * u.n_all > u.degree
    """
