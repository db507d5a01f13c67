"""Links: pairs of accounts, how likely one organisation operates both, and the evidence for each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from graphlink.core.schema import CONCLUDED_LINKS, EVIDENCE, IDENTIFIERS
from graphlink.core.tables.clusters import (
    CLUSTER_PATHS,
    EVIDENCE_COMMUNITIES,
    EVIDENCE_SUPPORT,
    EXPLAINED_BY_EVIDENCE,
    EXPLAINED_PAIRS,
)
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, BLOCKS, SHARED_IDENTIFIERS
from graphlink.core.tables.model import (
    BLOCK_LIMITS,
    COPRESENCE_PAIRS,
    EVIDENCE_KINDS,
    EXCLUSIVITY,
    EXCLUSIVITY_BITS,
    KIND_BITS,
    NUMBERED_BEHAVIOURS,
    OVERRIDDEN,
    PAIR_EVIDENCE,
    PAIR_SCORES,
    SCORED_PAIRS,
)
from graphlink.engine import number
from graphlink.engine.stage import step
from graphlink.kinds.facets import BEHAVIOUR, is_facet_sql

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql


@step(
    "links",
    "sum the evidence of each link",
    takes=(
        *(
            PAIR_SCORES,
            KIND_BITS,
            EXCLUSIVITY_BITS,
            EVIDENCE_KINDS,
            NUMBERED_BEHAVIOURS,
            ACCOUNT_NUMBERS,
            COPRESENCE_PAIRS,
        ),
        *(SHARED_IDENTIFIERS, BLOCKS, BLOCK_LIMITS, EXCLUSIVITY, OVERRIDDEN),
    ),
    makes=(EVIDENCE, IDENTIFIERS, SCORED_PAIRS, PAIR_EVIDENCE),
    counted=(EVIDENCE, IDENTIFIERS),
    share=0.045,
)
def weigh_links(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `scored_pairs`, `pair_evidence`, `evidence` and `identifiers` from the weighed pairs.

    Bits add: a link's bits are the prior and the counted bits of its evidence. Pairs below
    `settings.model.min_probability` are left out. `scored_pairs` and `pair_evidence` are by number, for the
    steps that follow.

    Returns:
        Counts for the manifest.
    """
    least = settings.model.min_probability
    engine.make(
        "scored_pairs",
        f"SELECT l, r, bits FROM pair_scores WHERE bits >= {math.log2(least / (1 - least))}",
    )
    engine.make("pair_evidence", _pair_evidence_sql())
    engine.make("evidence", _evidence_sql())
    engine.make("identifiers", _identifiers_sql())
    return {
        "links": number(engine, "SELECT count(*) FROM scored_pairs"),
        "links_probable": number(engine, "SELECT count(*) FROM scored_pairs WHERE bits >= 0"),
        "prior_bits": settings.model.prior_bits,
    }


@step(
    "posteriors",
    "combine each link with its cluster",
    takes=(
        *(SCORED_PAIRS, PAIR_EVIDENCE, CLUSTER_PATHS, EVIDENCE_COMMUNITIES, EVIDENCE_SUPPORT),
        *(EXPLAINED_BY_EVIDENCE, EXPLAINED_PAIRS, ACCOUNT_NUMBERS),
    ),
    makes=(CONCLUDED_LINKS,),
    share=0.015,
)
def add_link_posteriors(engine: Sql, _: Settings) -> dict[str, object]:
    """Make `concluded_links` from `scored_pairs` and what became of their accounts.

    Two accounts of one cluster may have one operator though their own link is false: by the ways through the
    others. Two accounts of two clusters may not although they share something: if both belong where they are,
    they have two. Where something harmless explains what the two share as well as one operator does, it has
    the same odds: where those of one operator against neither were o : 1, they are o : o : 1. That is said of
    belonging to a cluster with a harmless reading as well.

    Returns:
        Counts for the manifest.
    """
    engine.make("concluded_links", _links_sql())
    return {"links_probable": number(engine, "SELECT count(*) FROM concluded_links WHERE probability >= 0.5")}


def _pair_evidence_sql() -> str:
    """Query of the evidence of each link: a kind's bits are divided among its identifiers, strongest first.

    Each further identifier of a kind gets half of what the one before it got. Behaviours, and kinds in which
    the two differ, have no identifier.
    """
    return f"""
        WITH ranked AS (
            SELECT s.l, s.r, s.kind_no, s.identifier_no, s.bits, w.contribution_bits,
                   row_number() OVER (PARTITION BY s.l, s.r, s.kind_no ORDER BY s.bits DESC,
                   s.identifier_no) AS place,
                   count(*) OVER (PARTITION BY s.l, s.r, s.kind_no) AS n
            FROM scored_pairs p
            JOIN exclusivity_bits s ON s.l = p.l AND s.r = p.r
            JOIN kind_bits w ON w.l = s.l AND w.r = s.r AND w.kind_no = s.kind_no
        ),
        divided AS (
            SELECT l, r, kind_no, identifier_no, bits,
                   contribution_bits * pow(0.5, least(place, n - 1)) AS contribution_bits
            FROM ranked WHERE place <= 40
        )
        SELECT p.l, p.r, p.kind_no, p.identifier_no, k.facet, p.bits, p.contribution_bits
        FROM divided p JOIN evidence_kinds k ON k.kind_no = p.kind_no
        UNION ALL
        SELECT w.l, w.r, w.kind_no, NULL, k.facet, w.bits, w.contribution_bits
        FROM scored_pairs p JOIN kind_bits w ON w.l = p.l AND w.r = p.r
        JOIN evidence_kinds k ON k.kind_no = w.kind_no
        WHERE w.bits < 0 OR {is_facet_sql("k.facet", BEHAVIOUR)}
    """


def _evidence_sql() -> str:
    return """
        SELECT x.account_id AS account_id_l, y.account_id AS account_id_r, k.kind,
               coalesce(i.value, '') AS value, e.facet, e.bits, e.contribution_bits,
               coalesce(s.n_windows, b.n_events, 1)::BIGINT AS n_windows, s.degree::BIGINT AS window_degree,
               s.lag_s::BIGINT AS lag_seconds,
               -- who came after the other had left was there with it from the one's end to the other's start
               make_timestamptz(coalesce(least(s.first_s, s.last_s), b.first_s) * 1000000) AS first_joint,
               make_timestamptz(coalesce(greatest(s.first_s, s.last_s), b.last_s) * 1000000) AS last_joint,
               a.kind AS at_kind, a.value AS at_value
        FROM pair_evidence e
        JOIN account_numbers x ON x.account_no = e.l
        JOIN account_numbers y ON y.account_no = e.r
        JOIN evidence_kinds k ON k.kind_no = e.kind_no
        LEFT JOIN shared_identifiers i ON i.identifier_no = e.identifier_no
        LEFT JOIN copresence_pairs s ON s.l = e.l AND s.r = e.r AND s.identifier_no = e.identifier_no
        LEFT JOIN numbered_behaviours b ON b.l = e.l AND b.r = e.r AND b.kind_no = e.kind_no
        LEFT JOIN shared_identifiers a ON a.identifier_no = b.at_no
    """


def _links_sql() -> str:
    return """
        WITH facets AS (
            SELECT l, r, count(*) AS n_evidence,
                   greatest(1, count(DISTINCT facet) FILTER (contribution_bits > 0)) AS n_facets
            FROM pair_evidence GROUP BY l, r
        ),
        belonging AS (
            SELECT s.account_no, c.community_no,
                   CASE WHEN e.community_no IS NULL THEN s.probability
                        ELSE s.probability / (1.0 + s.probability) END AS probability
            FROM evidence_support s
            JOIN evidence_communities c ON c.account_no = s.account_no
            LEFT JOIN explained_by_evidence e ON e.community_no = c.community_no
        ),
        placed AS (
            SELECT p.l, p.r, p.bits, 1.0 / (1.0 + pow(2.0, -p.bits)) AS p_direct,
                   coalesce(t.probability, 0.0) AS p_via_cluster,
                   CASE WHEN x.community_no <> y.community_no
                        THEN x.probability * y.probability ELSE 0.0 END AS p_apart,
                   e.l IS NOT NULL AS is_explained
            FROM scored_pairs p
            LEFT JOIN cluster_paths t ON t.l = p.l AND t.r = p.r
            LEFT JOIN belonging x ON x.account_no = p.l
            LEFT JOIN belonging y ON y.account_no = p.r
            LEFT JOIN explained_pairs e ON e.l = p.l AND e.r = p.r
        ),
        concluded AS (
            SELECT *, (1.0 - (1.0 - p_direct) * (1.0 - p_via_cluster)) * (1.0 - p_apart) AS p_one FROM placed
        )
        SELECT x.account_id AS account_id_l, y.account_id AS account_id_r, p.bits, p.p_direct,
               p.p_via_cluster, p.p_apart, p.is_explained,
               CASE WHEN p.is_explained THEN p.p_one / (1.0 + p.p_one) ELSE p.p_one END AS probability,
               f.n_evidence, f.n_facets
        FROM concluded p
        JOIN facets f ON f.l = p.l AND f.r = p.r
        JOIN account_numbers x ON x.account_no = p.l
        JOIN account_numbers y ON y.account_no = p.r
    """


def _identifiers_sql() -> str:
    return """
        WITH joint AS (SELECT identifier_no, count(*) AS n FROM copresence_pairs GROUP BY identifier_no),
        capped AS (
            SELECT c.identifier_no, max(c.degree) > any_value(p.cap) AS is_capped,
                   min(c.degree) > any_value(p.cap) AS is_hub
            FROM blocks c
            JOIN shared_identifiers i ON i.identifier_no = c.identifier_no
            JOIN block_limits p ON p.kind_no = i.kind_no
            GROUP BY c.identifier_no
        )
        SELECT i.kind, i.value, k.facet, i.degree, (i.degree * (i.degree - 1) / 2)::BIGINT AS n_pairs,
               coalesce(j.n, 0) AS n_joint_pairs, coalesce(c.is_hub, false) AS is_hub,
               coalesce(c.is_capped, false) AS is_capped, coalesce(o.p_exclusive,
               p.p_exclusive) AS p_exclusive,
               o.identifier_no IS NOT NULL AS is_overridden, coalesce(o.label, i.label) AS label,
               i.label_type,
               make_timestamptz(i.first_s * 1000000) AS first_seen, make_timestamptz(i.last_s * 1000000)
               AS last_seen
        FROM shared_identifiers i
        JOIN evidence_kinds k ON k.kind_no = i.kind_no
        LEFT JOIN joint j ON j.identifier_no = i.identifier_no
        LEFT JOIN capped c ON c.identifier_no = i.identifier_no
        LEFT JOIN exclusivity p ON p.identifier_no = i.identifier_no
        LEFT JOIN overridden o ON o.identifier_no = i.identifier_no
    """
