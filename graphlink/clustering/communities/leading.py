"""The strongest evidence of each link, and whether its value belongs to somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.clustering.merging import Links
from graphlink.kinds.facets import BEHAVIOUR, NETWORK, OWNED_FACETS, among_facets_sql, is_facet_sql
from graphlink.kinds.listed_types import ROUTER

if TYPE_CHECKING:
    from graphlink.core.parameters import Communities
    from graphlink.engine import Sql


def chief_links(engine: Sql) -> Links:
    """The links with the strongest identifier of each."""
    table = engine.arrow(
        "SELECT l, r, bits, identifier_no, is_owned, is_own, is_at_place FROM leading_evidence"
    )
    return Links(*(column.to_numpy() for column in table.columns))


def chief_evidence_sql(communities: Communities) -> str:
    """Query of the links with the strongest identifier (-1: a behaviour); whether it is owned.

    Without what belongs to somebody, a place stands for all of its exits: the router that both came through,
    or the network of the address. Who meets a stranger at one exit of a router or of a seller meets him at
    the next, and that is one observation.

    Owned is an instrument or a secret that is not likelier public than exclusive: the domain of a public mail
    provider is an identity on paper, and belongs to nobody.
    """
    owned, own_bits = communities.owned, communities.own_bits
    return f"""
        WITH chief AS (
            SELECT e.l, e.r,
                   first(coalesce(e.identifier_no, -1) ORDER BY e.contribution_bits DESC, e.identifier_no)
                       AS identifier_no,
                   coalesce(max(e.contribution_bits)
                                FILTER ({among_facets_sql("e.facet", OWNED_FACETS)}
                                        AND coalesce(p.p_exclusive, 1.0) >= {owned}), 0.0)
                       >= {own_bits} AS is_owned,
                   coalesce(max(e.contribution_bits) FILTER ({is_facet_sql("e.facet", BEHAVIOUR)}), 0.0)
                       >= {own_bits} AS is_behaviour,
                   coalesce(max(e.bits) FILTER ({is_facet_sql("e.facet", NETWORK)}), 0.0)
                       >= {own_bits} AS is_at_place,
                   min(e.identifier_no) FILTER (i.kind = '{ROUTER.name}') AS router_no
            FROM pair_evidence e
            LEFT JOIN shared_identifiers i ON i.identifier_no = e.identifier_no
            LEFT JOIN exclusivity p ON p.identifier_no = e.identifier_no
            GROUP BY e.l, e.r
        )
        SELECT p.l, p.r, p.bits,
               CASE WHEN c.is_owned OR c.identifier_no < 0 THEN c.identifier_no
                    ELSE coalesce(c.router_no, n.network_no, c.identifier_no) END AS identifier_no,
               c.is_owned, c.is_owned OR c.is_behaviour AS is_own, c.is_at_place
        FROM scored_pairs p
        JOIN chief c ON c.l = p.l AND c.r = p.r
        LEFT JOIN networks n ON n.identifier_no = c.identifier_no
    """
