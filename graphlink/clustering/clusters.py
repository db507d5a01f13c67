"""Clusters: what is reported of each community, and how firmly each account belongs to it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import igraph
import numpy as np
import pyarrow as pa

from graphlink.clustering.components import within
from graphlink.core.schema import ACCOUNTS, CLUSTER_SCORES, MEMBERSHIP
from graphlink.core.tables.clusters import (
    CLUSTER_LINKS,
    CLUSTER_NAMES,
    COMMUNITIES,
    CONSTRAINED_ACCOUNTS,
    MEMBER_SUPPORT,
)
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, SHARED_IDENTIFIERS
from graphlink.core.tables.model import EVIDENCE_KINDS, PAIR_EVIDENCE, SCORED_PAIRS
from graphlink.engine import number
from graphlink.engine.stage import step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

# Above this many accounts the weakest cut is bounded by the loosest member rather than computed (Stoer and
# Wagner's algorithm needs about n * m steps).
_LARGEST_EXACT_CUT = 400


@step(
    "clusters",
    "score the clusters",
    takes=(
        *(COMMUNITIES, MEMBER_SUPPORT, SCORED_PAIRS, PAIR_EVIDENCE, EVIDENCE_KINDS, SHARED_IDENTIFIERS),
        *(ACCOUNTS, ACCOUNT_NUMBERS, CONSTRAINED_ACCOUNTS),
    ),
    makes=(CLUSTER_SCORES, MEMBERSHIP, CLUSTER_LINKS, CLUSTER_NAMES),
    counted=(CLUSTER_SCORES, MEMBERSHIP),
    share=0.045,
)
def score_clusters(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `membership` and `cluster_scores` from communities, their links and evidence.

    Returns:
        Counts for the manifest.
    """
    _name_clusters(engine)
    engine.make("membership", _membership_sql(settings.model.core_probability))
    engine.make("cluster_links", _cluster_links_sql())
    _load_cuts(engine)
    engine.make("cluster_scores", _clusters_sql())
    return {
        "clusters": number(engine, "SELECT count(*) FROM cluster_scores"),
        "accounts_in_clusters": number(
            engine, "SELECT count(*) FROM membership WHERE cluster_id IS NOT NULL"
        ),
        "largest_cluster": number(engine, "SELECT max(n_accounts) FROM cluster_scores"),
    }


def name_cluster(least_account: str) -> str:
    """Make the id of a cluster: C- and ten hexadecimal digits of the SHA-256 of its least account."""
    return "C-" + hashlib.sha256(least_account.encode()).hexdigest()[:10]


def _name_clusters(engine: Sql) -> None:
    named = engine.arrow(
        "SELECT c.community_no, min(a.account_id) AS least FROM communities c "
        "JOIN account_numbers a USING (account_no) GROUP BY c.community_no ORDER BY c.community_no"
    )
    ids = [name_cluster(least) for least in named["least"].to_pylist()]
    columns = {"community_no": named["community_no"], "cluster_id": ids}
    engine.load("cluster_names", CLUSTER_NAMES.arrow_table(columns))


def _membership_sql(core_probability: float) -> str:
    return f"""
        WITH placed AS (
            SELECT c.account_no, p.account_id AS component_id, n.cluster_id, s.probability
            FROM communities c
            JOIN cluster_names n USING (community_no)
            JOIN account_numbers p ON p.account_no = c.component_no
            JOIN member_support s ON s.account_no = c.account_no
        )
        SELECT a.account_id, p.component_id, p.cluster_id, p.probability,
               CASE WHEN p.cluster_id IS NULL THEN 'none'
                    WHEN p.probability >= {core_probability} THEN 'core' ELSE 'fringe' END AS role,
               x.constrained_by
        FROM account_numbers a
        LEFT JOIN placed p ON p.account_no = a.account_no
        LEFT JOIN constrained_accounts x ON x.account_no = a.account_no
    """


def _cluster_links_sql() -> str:
    """Query of the links inside clusters, by number."""
    return f"""
        SELECT n.cluster_id, x.community_no, p.l, p.r, p.bits
        FROM scored_pairs p
        JOIN communities x ON x.account_no = p.l
        JOIN communities y ON y.account_no = p.r AND {within("x", "y")}
        JOIN cluster_names n ON n.community_no = x.community_no
    """


def _load_cuts(engine: Sql) -> None:
    """Make `cluster_cuts`: the weakest cut of each cluster over links likelier than not."""
    links = engine.arrow(
        "SELECT community_no, l, r, bits FROM cluster_links WHERE bits > 0 ORDER BY community_no, l, r"
    )
    cluster, lesser, greater, bits = (column.to_numpy() for column in links.columns)
    starts = np.flatnonzero(np.diff(cluster, prepend=-1))
    cuts, crossing = [], []
    for start, stop in zip(starts.tolist(), [*starts.tolist(), len(cluster)][1:], strict=True):
        cuts.append(_weakest_cut(lesser[start:stop], greater[start:stop], bits[start:stop]))
        crossing.append(start + cuts[-1].links)
    engine.load(
        "weakest_cuts",
        pa.table(
            {
                "community_no": pa.array(cluster[starts], pa.int32()),
                "cut": pa.array([cut.bits for cut in cuts], pa.float64()),
                "side": pa.array([cut.n_side for cut in cuts], pa.int64()),
                "is_bound": pa.array([cut.is_bound for cut in cuts], pa.bool_()),
            }
        ),
    )
    rows = np.concatenate(crossing) if crossing else np.zeros(0, dtype=np.int64)
    engine.load("crossing_links", links.take(pa.array(rows)).select(["community_no", "l", "r"]))
    engine.make("cluster_cuts", _cuts_sql())


class _Cut(NamedTuple):
    """A cut: its bits, accounts on the lesser side, whether it is an upper bound, positions of its links."""

    bits: float
    n_side: int
    is_bound: bool
    links: NDArray[np.int64]


def _weakest_cut(lesser: NDArray[np.int32], greater: NDArray[np.int32], bits: NDArray[np.float64]) -> _Cut:
    """The minimum cut in bits; of a large cluster, that around its loosest member."""
    if len(bits) == 1:
        return _Cut(round(float(bits[0]), 6), 1, False, np.zeros(1, dtype=np.int64))
    members = np.unique(np.concatenate([lesser, greater]))
    x, y = np.searchsorted(members, lesser), np.searchsorted(members, greater)
    if len(members) > _LARGEST_EXACT_CUT:
        ends = np.column_stack([x, y]).ravel()
        strength = np.bincount(ends, weights=np.repeat(bits, 2), minlength=len(members))
        loosest = int(strength.argmin())
        crossing = np.flatnonzero((x == loosest) | (y == loosest))
        return _Cut(round(float(strength.min()), 6), 1, True, crossing)
    graph = igraph.Graph(n=len(members), edges=zip(x.tolist(), y.tolist(), strict=True))
    cut = graph.mincut(capacity=bits.tolist())
    side = np.zeros(len(members), dtype=bool)
    side[cut.partition[0]] = True
    crossing = np.flatnonzero(side[x] != side[y])
    return _Cut(round(float(cut.value), 6), min(len(side) for side in cut.partition), False, crossing)


def _cuts_sql() -> str:
    """Query of the cuts with how many links cross each and how many identifiers tie these; one is named."""
    return """
        WITH tied AS (
            SELECT c.community_no, count(DISTINCT (c.l, c.r)) AS n_links,
                   count(DISTINCT (e.kind_no, coalesce(e.identifier_no, -1))) AS n_identifiers,
                   min(e.kind_no) AS kind_no, min(e.identifier_no) AS identifier_no
            FROM crossing_links c JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
            WHERE e.contribution_bits > 0 GROUP BY c.community_no
        )
        SELECT n.cluster_id, f.cut, f.side, f.is_bound,
               coalesce(t.n_links, 0) AS n_links, coalesce(t.n_identifiers, 0) AS n_identifiers,
               CASE WHEN t.n_identifiers = 1 THEN k.kind END AS kind,
               CASE WHEN t.n_identifiers = 1 THEN i.value END AS value
        FROM weakest_cuts f
        JOIN cluster_names n ON n.community_no = f.community_no
        LEFT JOIN tied t ON t.community_no = f.community_no
        LEFT JOIN evidence_kinds k ON k.kind_no = t.kind_no
        LEFT JOIN shared_identifiers i ON i.identifier_no = t.identifier_no
    """


def _clusters_sql() -> str:
    """Query of the clusters; means are of decimals, whose sums are the same in any order."""
    return """
        WITH sizes AS (
            SELECT m.cluster_id, count(*) AS n_accounts, count(*) FILTER (m.role = 'core') AS n_core,
                   count(*) FILTER (m.constrained_by IS NOT NULL) AS n_constrained,
                   sum(m.probability::DECIMAL(18, 9))::DOUBLE / count(*) AS score,
                   min(a.first_seen) AS first_seen, max(a.last_seen) AS last_seen
            FROM membership m JOIN accounts a USING (account_id)
            WHERE m.cluster_id IS NOT NULL GROUP BY m.cluster_id
        ),
        strengths AS (
            SELECT cluster_id, count(*) AS n_links,
                   sum(bits::DECIMAL(18, 9))::DOUBLE / count(*) AS mean_bits
            FROM cluster_links GROUP BY cluster_id
        ),
        by_facet AS (
            SELECT c.cluster_id, e.facet, sum(e.contribution_bits::DECIMAL(18, 9))::DOUBLE AS bits
            FROM cluster_links c JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
            WHERE e.contribution_bits > 0 GROUP BY c.cluster_id, e.facet
        ),
        facets AS (
            SELECT cluster_id, string_agg(facet, ',' ORDER BY bits DESC, facet) AS facets
            FROM by_facet GROUP BY cluster_id
        )
        SELECT s.cluster_id, s.n_accounts, s.n_core, s.n_constrained,
               coalesce(t.n_links, 0) AS n_links, s.score,
               coalesce(t.n_links, 0) * 2.0 / (s.n_accounts * (s.n_accounts - 1)) AS density,
               coalesce(t.mean_bits, 0.0) AS mean_bits,
               coalesce(c.cut, 0.0) AS weakest_cut, coalesce(c.side, 0) AS weakest_cut_side,
               coalesce(c.is_bound, false) AS weakest_cut_is_bound,
               coalesce(c.n_links, 0) AS weakest_cut_links,
               coalesce(c.n_identifiers, 0) AS weakest_cut_identifiers,
               c.kind AS weakest_cut_kind, c.value AS weakest_cut_value, coalesce(f.facets, '') AS facets,
               s.first_seen, s.last_seen
        FROM sizes s
        LEFT JOIN strengths t USING (cluster_id)
        LEFT JOIN cluster_cuts c USING (cluster_id)
        LEFT JOIN facets f USING (cluster_id)
    """
