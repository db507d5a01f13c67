"""Communities that something harmless explains as well: one payer, a household, a place, or times alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.clustering.components import within
from graphlink.kinds.facets import BEHAVIOUR, FACETS, PAYMENT, among_facets_sql, is_facet_sql, is_ground_sql

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters

# Jobs of strangers that wait for one public event start together, and need no resource in common. Who
# follows another, or takes turns, does so on a resource.
_AT_ONE_EVENT = ("lockstep", "crew_beat", "signup_burst")


def explained_sql(parameters: Parameters, communities: str) -> str:
    """Query of the communities that something harmless explains as well, and what: see the module's head.

    `communities` names their table: the reported ones, or those of the evidence alone.

    A tie counts when it is stronger than the best of as many coincidences as an account has others in its
    community: among a hundred strangers nearly everybody shares a common browser or mail provider with
    somebody. It is a ground when it is no place and no client, and adds bits to the other ties of its pair.
    The strongest identifier in a community may be a payer's. More than half of the members have to have
    a ground besides; in a household another card is none, nor is what a card comes with: a value of a kind of
    one's own that ties two who share a card, such as its billing address. Nor is acting together a ground
    where more than half of the members are tied by nothing else.
    """
    return f"""
        WITH {_ties_sql(parameters, communities)},
        grounds AS (SELECT * FROM tied WHERE {is_ground_sql("facet")}),
        payers AS (
            SELECT community_no, identifier_no FROM grounds WHERE identifier_no IS NOT NULL
            GROUP BY community_no, identifier_no
            QUALIFY row_number() OVER (PARTITION BY community_no
                ORDER BY sum(contribution_bits::DECIMAL(18, 6)) DESC, identifier_no) = 1
        ),
        paid_together AS (
            SELECT DISTINCT l, r FROM grounds WHERE {is_facet_sql("facet", PAYMENT)}
        ),
        besides AS (
            SELECT g.community_no, g.l, g.r
            FROM grounds g
            LEFT JOIN payers i ON i.community_no = g.community_no
            LEFT JOIN paid_together p ON p.l = g.l AND p.r = g.r
            WHERE (g.identifier_no IS NULL OR g.identifier_no IS DISTINCT FROM i.identifier_no)
              AND (g.n_accounts > {parameters.households.largest}
                   OR NOT ({is_facet_sql("g.facet", PAYMENT)}
                           OR p.l IS NOT NULL AND NOT {among_facets_sql("g.facet", FACETS)}))
        ),
        counted AS ({_members_sql("besides")}),
        untimed AS (SELECT * FROM tied WHERE NOT is_at_one_event),
        otherwise AS ({_members_sql("untimed")})
        SELECT m.community_no,
               CASE WHEN 2 * coalesce(c.n_tied, 0) > m.n_accounts THEN 'times'
                    WHEN i.community_no IS NULL THEN 'place' ELSE 'one_identifier' END AS also_explained_by
        FROM (SELECT DISTINCT community_no, n_accounts FROM members) m
        LEFT JOIN payers i ON i.community_no = m.community_no
        LEFT JOIN counted c ON c.community_no = m.community_no
        LEFT JOIN otherwise o ON o.community_no = m.community_no
        WHERE 2 * coalesce(c.n_tied, 0) <= m.n_accounts OR 2 * coalesce(o.n_tied, 0) <= m.n_accounts
    """


def _ties_sql(parameters: Parameters, communities: str) -> str:
    """Common table expressions `members`, and `tied` of the ties between them that are no coincidence."""
    least = parameters.null_model
    events = ", ".join(f"'{behaviour}'" for behaviour in _AT_ONE_EVENT)
    return f"""
        members AS (
            SELECT *, count(*) OVER (PARTITION BY community_no) AS n_accounts FROM {communities}
        ),
        tied AS (
            SELECT x.community_no, x.n_accounts, e.l, e.r, e.identifier_no, e.facet, e.contribution_bits,
                   {is_facet_sql("e.facet", BEHAVIOUR)} AND k.kind IN ({events}) AS is_at_one_event
            FROM pair_evidence e
            JOIN evidence_kinds k ON k.kind_no = e.kind_no
            JOIN members x ON x.account_no = e.l
            JOIN members y ON y.account_no = e.r AND {within("x", "y")}
            WHERE e.bits >= {least.ground_bits} + log2(greatest(1, x.n_accounts - 1))
              AND e.contribution_bits >= {least.ground_counted_bits}
        )"""


def _members_sql(ties: str) -> str:
    """Query of how many members of each community have a tie of a table."""
    return f"""
        SELECT community_no, count(DISTINCT account_no) AS n_tied
        FROM (SELECT community_no, l AS account_no FROM {ties}
              UNION ALL SELECT community_no, r FROM {ties})
        GROUP BY community_no"""
