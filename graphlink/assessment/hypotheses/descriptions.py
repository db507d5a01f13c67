"""One row per cluster: its size, who could be tied by what, presence and ties."""

from __future__ import annotations

from graphlink.kinds.facets import CLIENT, IDENTITY, NETWORK, PAYMENT, is_facet_sql


def presence_sql(least_seen: int) -> str:
    """Query of the median over members of the share of their sightings at addresses that they share."""
    return f"""
        WITH seen AS (
            SELECT m.cluster_id, h.account_no, h.value_no, h.n_rows AS n
            FROM incidence h
            JOIN observed_values v ON v.value_no = h.value_no
            JOIN account_numbers a ON a.account_no = h.account_no
            JOIN membership m ON m.account_id = a.account_id
            WHERE v.kind = 'ip' AND m.cluster_id IS NOT NULL
        ),
        marked AS (
            SELECT *, count(*) OVER (PARTITION BY cluster_id, value_no) > 1 AS is_shared FROM seen
        ),
        shares AS (
            SELECT cluster_id, account_no,
                   coalesce(sum(n) FILTER (is_shared), 0)::DOUBLE / sum(n)::DOUBLE AS share
            FROM marked GROUP BY cluster_id, account_no HAVING sum(n) >= {least_seen}
        )
        SELECT cluster_id, median(share) AS presence FROM shares GROUP BY cluster_id
    """


def members_sql() -> str:
    """Query of the accounts of each cluster."""
    return """
        SELECT n.account_no, m.account_id, m.cluster_id
        FROM membership m JOIN account_numbers n ON n.account_id = m.account_id
        WHERE m.cluster_id IS NOT NULL
    """


def closures_sql() -> str:
    """Query of the members of each cluster that were closed for abuse, among those of which it is known."""
    return """
        SELECT m.cluster_id, count(a.is_abuse) AS n_known, count(*) FILTER (a.is_abuse) AS n_closed
        FROM members m JOIN accounts a ON a.account_id = m.account_id GROUP BY m.cluster_id
    """


def described_sql() -> str:
    """Query of one row per cluster: its size, who could be tied by what, presence, ties and marks."""
    return f"""
        WITH able AS (
            SELECT m.cluster_id,
                   count(DISTINCT a.account_no) FILTER ({is_facet_sql("k.facet", NETWORK)}) AS place,
                   count(DISTINCT a.account_no) FILTER ({is_facet_sql("k.facet", PAYMENT)}) AS payment,
                   count(DISTINCT a.account_no) FILTER ({is_facet_sql("k.facet", IDENTITY)}) AS identity,
                   count(DISTINCT a.account_no) FILTER ({is_facet_sql("k.facet", CLIENT)}) AS client
            FROM membership m
            JOIN account_numbers n ON n.account_id = m.account_id
            JOIN account_kinds a ON a.account_no = n.account_no
            JOIN evidence_kinds k ON k.kind_no = a.kind_no
            WHERE m.cluster_id IS NOT NULL GROUP BY m.cluster_id
        ),
        tied AS (
            SELECT cluster_id, list({{'piece': piece, 'n_ties': n_ties, 'n_identifiers': n_identifiers,
                                     'bits': bits, 'log_same': log_same, 'log_router': log_router,
                                     'log_network': log_network}} ORDER BY piece) AS ties
            FROM tie_summary GROUP BY cluster_id
        ),
        marked AS (
            SELECT cluster_id, list({{'mark': mark, 'n_able': n_able, 'n_members': n_members, 'shown': shown}}
                                    ORDER BY mark) AS marks
            FROM cluster_marks GROUP BY cluster_id
        )
        SELECT c.cluster_id, c.n_accounts, coalesce(a.place, 0) AS place, coalesce(a.payment, 0) AS payment,
               coalesce(a.identity, 0) AS identity, coalesce(a.client, 0) AS client, p.presence, t.ties,
               (SELECT max(n_timed) FROM incidence) > 0 AS has_times, m.marks, b.n_known, b.n_closed,
               e.also_explained_by, e.n_holders
        FROM cluster_scores c
        LEFT JOIN able a USING (cluster_id)
        LEFT JOIN cluster_presence p USING (cluster_id)
        LEFT JOIN tied t USING (cluster_id)
        LEFT JOIN marked m USING (cluster_id)
        LEFT JOIN cluster_closures b USING (cluster_id)
        LEFT JOIN cluster_names n USING (cluster_id)
        LEFT JOIN explained_communities e ON e.community_no = n.community_no
        ORDER BY c.cluster_id
    """
