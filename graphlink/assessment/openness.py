"""How far groups of accounts show openly that they are one organisation's."""

from __future__ import annotations

from graphlink.clustering.communities.outsiders import counted_sql


def marks_sql(groups: str, group: str) -> str:
    """Query of the marks of each group of accounts: members that could show one value, and those that do.

    The value is the one that most members hold, weighed by the share of its holders that are members: that of
    a public mail provider is hardly anything. A large organisation may be several communities: where they are
    all under the value, the accounts of all of them count. `shown` counts the ties of the value so weighed.
    """
    return f"""
        WITH able AS ({counted_sql(groups, group, by_value=False)}),
        per_value AS ({counted_sql(groups, group, by_value=True)}),
        over_all AS (
            SELECT p.mark, p.value, sum((p.n * p.n / a.n)::DECIMAL(24, 6))::DOUBLE AS n
            FROM ({counted_sql("evidence_communities", "community_no", by_value=True)}) p
            JOIN ({counted_sql("evidence_communities", "community_no", by_value=False)}) a
                 ON a.community_no = p.community_no AND a.mark = p.mark
            GROUP BY p.mark, p.value
        ),
        weighed AS (
            SELECT p.{group}, p.mark, p.value, p.n,
                   (p.n - 1) * least(1.0, greatest(p.n, coalesce(o.n, 0.0)) / p.degree) AS shown
            FROM per_value p LEFT JOIN over_all o ON o.mark = p.mark AND o.value = p.value
        ),
        best AS (
            SELECT * FROM weighed
            QUALIFY row_number() OVER (PARTITION BY {group}, mark ORDER BY shown DESC, value) = 1
        )
        SELECT a.{group}, a.mark, a.n AS n_able, coalesce(b.n, 0) AS n_members,
               coalesce(b.shown, 0.0)::DOUBLE AS shown
        FROM able a LEFT JOIN best b ON b.{group} = a.{group} AND b.mark = a.mark
    """
