"""A result drawn as large as wanted, without a run: every table keeps its contract, nothing is estimated.

Each cluster has so many accounts, each of which holds some values out of a pool of its cluster. Pairs that
share a value are linked, and every twentieth pair behaves alike as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.schema import TABLES
from graphlink.engine.duck import DuckEngine
from graphlink.result.result import read_result
from graphlink.storage.result_folder.manifest import write_manifest
from graphlink.storage.result_folder.writing import write_tables

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.result.result import Result


class Size(NamedTuple):
    """How large: clusters, accounts and identifiers of each, identifiers that an account holds."""

    clusters: int
    accounts: int
    identifiers: int
    held: int


def draw_result(folder: Path, size: Size) -> Result:
    """Write a result folder."""
    folder.mkdir(parents=True)
    with DuckEngine() as engine:
        for name, sql in _tables(size).items():
            engine.make(name, sql)
        for spec in TABLES:
            if not engine.has(spec.name):
                columns = ", ".join(f'NULL::{column.type} AS "{column.name}"' for column in spec.columns)
                engine.make(spec.name, f"SELECT {columns} WHERE false")
        tables = write_tables(engine, folder)
    steps: list[object] = []
    write_manifest(
        folder, {"graphlink": "0", "settings": {}, "versions": {}, "steps": steps, "tables": tables}
    )
    return read_result(folder)


def _tables(size: Size) -> dict[str, str]:
    """Name to query, in the order in which they are made."""
    most = size.clusters * size.accounts
    return {
        "drawn": f"""
            SELECT 'account-' || lpad(i::VARCHAR, 8, '0') AS account_id, i // {size.accounts} AS c,
                   'C-' || lpad((i // {size.accounts})::VARCHAR, 10, '0') AS cluster_id,
                   i % 10 = 9 AS is_fringe, i
            FROM range({most}) AS t(i)
        """,
        "observations": f"""
            SELECT DISTINCT ON (account_id, kind, value) account_id,
                   ['payment', 'ip', 'client'][1 + v % 3] AS kind,
                   CASE v % 3 WHEN 0 THEN 'card-' || lpad((c * {size.identifiers} + v)::VARCHAR, 9, '0')
                        WHEN 1 THEN '198.' || 18 + v // 65536 || '.' || v // 256 % 256 || '.' || v % 256
                        ELSE 'device-' || md5((c * {size.identifiers} + v)::VARCHAR) END AS value,
                   '2026-03-01 00:00:00+00'::TIMESTAMPTZ + to_seconds(hash(i, j, 1) % 2592000) AS seen_at,
                   1::BIGINT AS n
            FROM (
                SELECT d.*, j, (hash(i, j) % {size.identifiers})::BIGINT AS v
                FROM drawn d, range({size.held}) AS t(j)
            )
            ORDER BY account_id, kind, value, seen_at
        """,
        "accounts": """
            SELECT account_id, min(seen_at) - INTERVAL 1 DAY AS created_at,
                   CASE WHEN hash(account_id) % 3 = 0 THEN max(seen_at) + INTERVAL 1 HOUR END AS closed_at,
                   CASE WHEN hash(account_id) % 3 = 0 THEN 'banned' ELSE 'active' END AS status,
                   hash(account_id) % 3 = 0 AS is_abuse,
                   min(seen_at) AS first_seen, max(seen_at) AS last_seen, sum(n)::BIGINT AS n,
                   count(*) AS n_identifiers
            FROM observations GROUP BY account_id
        """,
        "identifiers": """
            SELECT kind, value,
                   CASE kind WHEN 'ip' THEN 'network' ELSE kind END AS facet, count(*) AS degree,
                   count(*) * (count(*) - 1) // 2 AS n_pairs, count(*) * (count(*) - 1) // 2 AS n_joint_pairs,
                   false AS is_hub, false AS is_capped, 0.9::DOUBLE AS p_exclusive, false AS is_overridden,
                   NULL::VARCHAR AS label, NULL::VARCHAR AS label_type,
                   min(seen_at) AS first_seen, max(seen_at) AS last_seen
            FROM observations GROUP BY kind, value HAVING count(*) > 1
        """,
        "evidence": """
            WITH shared AS (
                SELECT x.account_id AS account_id_l, y.account_id AS account_id_r, kind, value,
                       i.facet, 2.0 + hash(kind, value) % 100 / 10.0 AS bits,
                       i.degree AS window_degree, greatest(x.seen_at, y.seen_at) AS first_joint
                FROM observations x JOIN observations y USING (kind, value)
                JOIN identifiers i USING (kind, value)
                JOIN drawn a ON a.account_id = x.account_id JOIN drawn b ON b.account_id = y.account_id
                WHERE x.account_id < y.account_id AND a.c = b.c
            )
            SELECT account_id_l, account_id_r, kind, value, facet, bits::DOUBLE AS bits,
                   bits::DOUBLE AS contribution_bits, 1::BIGINT AS n_windows, window_degree,
                   0::BIGINT AS lag_seconds, first_joint, first_joint AS last_joint,
                   NULL::VARCHAR AS at_kind, NULL::VARCHAR AS at_value FROM shared
            UNION ALL
            SELECT DISTINCT ON (account_id_l, account_id_r) account_id_l, account_id_r, 'lockstep', '',
                   'behaviour', 3.0, 3.0, 4, 2, 0, first_joint, first_joint, NULL, NULL
            FROM shared WHERE hash(account_id_l, account_id_r) % 20 = 0 ORDER BY ALL
        """,
        "links": """
            SELECT account_id_l, account_id_r, sum(contribution_bits) - 4.0 AS bits, 0.9::DOUBLE AS direct,
                   0.5::DOUBLE AS through_others, 0.95::DOUBLE AS probability, count(*) AS n_evidence,
                   count(DISTINCT facet) AS n_facets, 0.0::DOUBLE AS chance, 0.01::DOUBLE AS fdr
            FROM evidence GROUP BY ALL
        """,
        "membership": """
            SELECT account_id, min(account_id) OVER (PARTITION BY c) AS component_id,
                   cluster_id, CASE WHEN is_fringe THEN 0.6 ELSE 0.97 END::DOUBLE AS probability,
                   CASE WHEN is_fringe THEN 'fringe' ELSE 'core' END AS role,
                   NULL::VARCHAR AS constrained_by
            FROM drawn
        """,
        "clusters": """
            WITH linked AS (
                SELECT cluster_id, count(*) AS n_links, avg(bits) AS mean_bits FROM links
                JOIN drawn ON account_id = account_id_l GROUP BY cluster_id
            )
            SELECT cluster_id, count(*) AS n_accounts, count(*) FILTER (NOT is_fringe) AS n_core,
                   0::BIGINT AS n_constrained,
                   any_value(n_links) AS n_links, 0.93::DOUBLE AS score,
                   any_value(n_links) * 2.0 / (count(*) * (count(*) - 1)) AS density,
                   any_value(mean_bits) AS mean_bits,
                   8.0::DOUBLE AS weakest_cut, 1::BIGINT AS weakest_cut_side,
                   true AS weakest_cut_is_bound, 1::BIGINT AS weakest_cut_links,
                   1::BIGINT AS weakest_cut_identifiers, NULL::VARCHAR AS weakest_cut_kind,
                   NULL::VARCHAR AS weakest_cut_value, 'payment,client,network,behaviour' AS facets,
                   'same_operator' AS hypothesis, 0.9::DOUBLE AS p_same_operator,
                   0.06::DOUBLE AS p_shared_intermediary, 0.03::DOUBLE AS p_shared_network,
                   0.01::DOUBLE AS p_openly_one_organisation,
                   'shared_intermediary' AS rival, 3.9::DOUBLE AS rival_bits, 0.001::DOUBLE AS chance,
                   0.01::DOUBLE AS fdr, NULL::VARCHAR AS also_explained_by,
                   min(first_seen) AS first_seen, max(last_seen) AS last_seen
            FROM drawn JOIN linked USING (cluster_id) JOIN accounts USING (account_id) GROUP BY cluster_id
        """,
        "reasons": """
            WITH summed AS (
                SELECT cluster_id, kind, value, sum(contribution_bits) AS bits,
                       count(DISTINCT account_id_l) + 1 AS n_accounts
                FROM evidence JOIN drawn ON account_id = account_id_l GROUP BY ALL
            ), ranked AS (
                SELECT *, row_number() OVER (PARTITION BY cluster_id ORDER BY bits DESC, kind, value) AS rank
                FROM summed
            )
            SELECT cluster_id, rank, 'shared_identifier' AS reason, kind, value, bits, n_accounts,
                   'ties ' || n_accounts || ' of its accounts' AS detail,
                   NULL::VARCHAR AS at_kind, NULL::VARCHAR AS at_value
            FROM ranked WHERE rank <= 50
            UNION ALL
            SELECT cluster_id, 51, 'further_identifiers', NULL, NULL, sum(bits), max(n_accounts), 'the rest',
                   NULL, NULL
            FROM ranked WHERE rank > 50 GROUP BY cluster_id
            UNION ALL
            SELECT cluster_id, 52, 'prior', NULL, NULL, -4.0 * n_links, NULL, 'the start of every link',
                   NULL, NULL
            FROM clusters
        """,
    }
