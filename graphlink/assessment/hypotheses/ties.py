"""The ties of each cluster: spanning forests of its strongest evidence, by group of kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.clustering.components import renumbered, spanning_forest
from graphlink.kinds.facets import BEHAVIOUR, CLIENT, FACETS, NETWORK, is_facet_sql
from graphlink.kinds.listed_types import ROUTER, listed_types

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters
    from graphlink.engine import Sql

_PLAIN = tuple(facet for facet in FACETS if facet is not NETWORK)
_GROUPS = ("place", "router", *(facet.name for facet in _PLAIN), "other")
# Which group of kinds a kind is of; an address that a list types as a router is of that.
_GROUP_OF = (
    ("kind = 'router'", "router"),
    (is_facet_sql("facet", NETWORK), "place"),
    *((is_facet_sql("facet", facet), facet.name) for facet in _PLAIN),
)


def load_ties(engine: Sql, parameters: Parameters) -> None:
    """Make `cluster_ties`: per group of kinds the spanning forest of the strongest evidence."""
    evidence = engine.arrow(_grouped_sql(parameters.hypotheses.least_tie_bits))
    group, lesser, greater = (evidence[name].to_numpy() for name in ("group_no", "l", "r"))
    # The groups of kinds side by side, as one graph.
    offset = group.astype(np.int64) * (int(greater.max(initial=0)) + 1)
    n, places = renumbered(np.concatenate([offset + lesser, offset + greater]))
    kept = spanning_forest(n, places.reshape(2, -1).T)
    engine.load("forest", evidence.take(pa.array(kept)))
    engine.make("cluster_ties", _ties_sql(parameters))


def _grouped_sql(least_bits: float) -> str:
    """Query of the evidence of each linked pair of a cluster by group of kinds, the strongest first.

    No two rows of two accounts stand alike, so there is one forest only; a weaker row of the same two comes
    too late for it.
    """
    cases = " ".join(f"WHEN {condition} THEN {_GROUPS.index(group)}" for condition, group in _GROUP_OF)
    return f"""
        WITH grouped_kinds AS (
            SELECT kind_no, facet, CASE {cases} ELSE {_GROUPS.index("other")} END AS group_no
            FROM evidence_kinds
        ),
        per_kind AS (
            SELECT e.l, e.r, e.identifier_no, e.contribution_bits,
                   CASE WHEN i.identifier_no IS NULL THEN k.group_no
                        ELSE {_GROUPS.index("router")} END AS group_no
            FROM cluster_links c
            JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
            JOIN grouped_kinds k ON k.kind_no = e.kind_no
            LEFT JOIN (SELECT identifier_no FROM shared_identifiers WHERE label_type = '{ROUTER.name}') i
                   ON i.identifier_no = e.identifier_no AND {is_facet_sql("k.facet", NETWORK)}
            WHERE e.contribution_bits > 0
        )
        SELECT l, r, group_no, identifier_no, contribution_bits FROM per_kind
        WHERE group_no NOT IN ({_GROUPS.index(BEHAVIOUR.name)}, {_GROUPS.index(CLIENT.name)})
           OR contribution_bits >= {least_bits}
        ORDER BY group_no, contribution_bits DESC, l, r, identifier_no
    """


def _ties_sql(parameters: Parameters) -> str:
    """Query of the ties of each cluster with whose they may be.

    `p_exclusive` is the probability with corroboration. `tenants` is what share of the rest is an
    intermediary's rather than a network's. Families have few holders.
    """
    names = " ".join(f"WHEN {number} THEN '{group}'" for number, group in enumerate(_GROUPS))
    listed = " ".join(
        f"WHEN piece = 'place' AND label_type = '{one.name}' THEN {one.intermediary}"
        for one in listed_types(parameters)
    )
    shares, hypotheses = parameters.intermediaries, parameters.hypotheses
    least, unknown = hypotheses.least_exclusive, hypotheses.unknown_exclusive
    return f"""
        WITH ties AS (
            SELECT n.cluster_id, CASE f.group_no {names} END AS piece, f.l, f.r, f.identifier_no,
                   f.contribution_bits, i.degree, i.label_type, p.p_exclusive
            FROM forest f
            JOIN communities x ON x.account_no = f.l
            JOIN cluster_names n ON n.community_no = x.community_no
            LEFT JOIN shared_identifiers i ON i.identifier_no = f.identifier_no
            LEFT JOIN exclusivity p ON p.identifier_no = f.identifier_no
        )
        SELECT cluster_id, piece, l, r, coalesce(identifier_no, -1) AS identifier_no, contribution_bits,
               greatest({least}, least({1.0 - least}, coalesce(p_exclusive, {unknown}))) AS p_exclusive,
               CASE WHEN piece = 'router' THEN {shares.router}
                    {listed}
                    WHEN piece = 'place' THEN {shares.unlisted}
                    ELSE (degree - 1) / (degree + {hypotheses.tenant_offset}) END AS tenants
        FROM ties
    """


def summary_sql() -> str:
    """Query of the ties of each cluster by group of kinds, as their number and mean bits."""
    return """
        SELECT cluster_id, piece, count(*) AS n_ties, count(DISTINCT identifier_no) AS n_identifiers,
               avg(contribution_bits::DECIMAL(18, 9))::DOUBLE AS bits,
               avg(log2(p_exclusive)::DECIMAL(18, 9))::DOUBLE AS log_same,
               avg(log2((1.0 - p_exclusive) * tenants)::DECIMAL(18, 9))::DOUBLE AS log_router,
               avg(log2((1.0 - p_exclusive) * (1.0 - tenants))::DECIMAL(18, 9))::DOUBLE AS log_network
        FROM cluster_ties GROUP BY cluster_id, piece
    """
