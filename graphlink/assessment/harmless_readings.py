"""What something harmless explains as well as one operator: one payer, a household, a place, one event.

Of such a cluster the data can't tell the two apart, so the two readings have equal odds, as they had before
anything was seen: it is one operator's with a probability of one half at most, and so are its links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.assessment.openness import marks_sql
from graphlink.clustering.components import within
from graphlink.core.tables.clusters import (
    COMMUNITIES,
    CONSTRAINED_ACCOUNTS,
    EVIDENCE_COMMUNITIES,
    EXPLAINED_BY_EVIDENCE,
    EXPLAINED_COMMUNITIES,
    EXPLAINED_PAIRS,
)
from graphlink.core.tables.ingest import SHARED_IDENTIFIERS
from graphlink.core.tables.model import EVIDENCE_KINDS, MARKED_ACCOUNTS, PAIR_EVIDENCE, SCORED_PAIRS
from graphlink.engine import number
from graphlink.engine.stage import step
from graphlink.kinds.facets import BEHAVIOUR, FACETS, PAYMENT, among_facets_sql, is_facet_sql, is_ground_sql

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

# Jobs of strangers that wait for one public event start together, and need no resource in common. Who
# follows another, or takes turns, does so on a resource.
_AT_ONE_EVENT = ("lockstep", "crew_beat", "signup_burst")
PLACE, ONE_IDENTIFIER, TIMES = READINGS = ("place", "one_identifier", "times")


@step(
    "harmless_readings",
    "find what something harmless explains as well",
    takes=(
        *(COMMUNITIES, EVIDENCE_COMMUNITIES, CONSTRAINED_ACCOUNTS, SCORED_PAIRS, PAIR_EVIDENCE),
        *(EVIDENCE_KINDS, SHARED_IDENTIFIERS, MARKED_ACCOUNTS),
    ),
    makes=(EXPLAINED_COMMUNITIES, EXPLAINED_BY_EVIDENCE, EXPLAINED_PAIRS),
    share=0.015,
)
def find_harmless_readings(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `explained_communities`, `explained_by_evidence` and `explained_pairs`.

    Links go by the evidence alone, as their probabilities do, so their communities are those without labels.
    A link is explained if its community is, and the two share nothing that its reading leaves unexplained; a
    link outside of communities is judged as a community of two. Where most of a community openly show that
    they are one organisation's, no harmless reading denies it.

    Returns:
        Counts for the manifest.
    """
    engine.make("community_marks", marks_sql("evidence_communities", "community_no"))
    _make_explained_inside(engine, settings.parameters, "evidence_communities", "explained_by_evidence")
    if number(engine, "SELECT count(*) FROM constrained_accounts"):
        _make_explained_inside(engine, settings.parameters, "communities", "explained_communities")
    else:
        engine.make("explained_communities", "SELECT * FROM explained_by_evidence")
    _make_explained_pairs(engine, settings.parameters)
    return {
        "communities_explained": number(engine, "SELECT count(*) FROM explained_communities"),
        "links_explained": number(engine, "SELECT count(*) FROM explained_pairs"),
    }


def _make_explained_inside(engine: Sql, parameters: Parameters, communities: str, name: str) -> None:
    engine.make(f"links_of_{communities}", _links_sql(communities))
    _make_explained(engine, parameters, f"links_of_{communities}", _sizes_sql(communities), name)


def _make_explained_pairs(engine: Sql, parameters: Parameters) -> None:
    """Make `explained_pairs`: those inside a community of the evidence, and those outside."""
    engine.make("outside_links", _outside_sql())
    sizes = "SELECT community_no, n_accounts FROM outside_links"
    _make_explained(engine, parameters, "outside_links", sizes, "explained_outside")
    engine.make(
        "explained_pairs",
        f"{_pairs_sql()} UNION ALL SELECT o.l, o.r FROM outside_links o "
        "JOIN explained_outside e ON e.community_no = o.community_no",
    )


def _sizes_sql(communities: str) -> str:
    return f"SELECT community_no, count(*) AS n_accounts FROM {communities} GROUP BY community_no"


def _links_sql(communities: str) -> str:
    """Query of the links inside communities, with the number of their accounts."""
    return f"""
        WITH members AS (
            SELECT *, count(*) OVER (PARTITION BY community_no) AS n_accounts FROM {communities}
        )
        SELECT x.community_no, x.n_accounts, p.l, p.r
        FROM scored_pairs p
        JOIN members x ON x.account_no = p.l
        JOIN members y ON y.account_no = p.r AND {within("x", "y")}
    """


def _outside_sql() -> str:
    """Query of the links that are not inside a community, each as one of two accounts.

    Where one of the two is in a community that nothing harmless explains, what ties that one to the others
    stands behind what the two share, and their link is not judged by itself. Nor is one of two communities.
    """
    return """
        SELECT row_number() OVER (ORDER BY p.l, p.r) AS community_no, 2 AS n_accounts, p.l, p.r
        FROM scored_pairs p
        LEFT JOIN evidence_communities x ON x.account_no = p.l
        LEFT JOIN evidence_communities y ON y.account_no = p.r
        LEFT JOIN explained_by_evidence e ON e.community_no = coalesce(x.community_no, y.community_no)
        WHERE (x.community_no IS NULL AND y.community_no IS NULL)
           OR ((x.community_no IS NULL OR y.community_no IS NULL) AND e.community_no IS NOT NULL)
    """


def _make_explained(engine: Sql, parameters: Parameters, links: str, sizes: str, name: str) -> None:
    """Make a table of the communities that something harmless explains as well, and of pairs with grounds.

    A tie counts when it is stronger than the best of as many coincidences as an account has others in its
    community: among a hundred strangers nearly everybody shares a common browser or mail provider with
    somebody. It is a ground when it is no place and no client, and adds bits to the other ties of its pair.
    The strongest identifier in a community may be a payer's. More than half of the members have to have
    a ground besides; in a household another card is none, nor is what a card comes with: a value of a kind of
    one's own that ties two who share a card, such as its billing address. Nor is acting together a ground
    where more than half of the members are tied by nothing else.

    Args:
        engine: Where the tables are.
        parameters: Those of the method.
        links: Table of the links inside them.
        sizes: Query of their sizes.
        name: Of the table to make.
    """
    engine.make(f"ties_of_{name}", _ties_sql(parameters, links))
    engine.make(f"payers_of_{name}", _payers_sql(f"ties_of_{name}"))
    grounds = _grounds_sql(parameters, ties=f"ties_of_{name}", payers=f"payers_of_{name}")
    engine.make(f"grounds_of_{name}", grounds)
    engine.make(
        name,
        f"""
        WITH sizes AS ({sizes}),
        besides AS (SELECT * FROM grounds_of_{name} WHERE is_besides),
        counted AS ({_members_sql("besides")}),
        untimed AS (SELECT * FROM ties_of_{name} WHERE NOT is_at_one_event),
        otherwise AS ({_members_sql("untimed")})
        SELECT s.community_no,
               CASE WHEN 2 * coalesce(c.n_tied, 0) > s.n_accounts THEN '{TIMES}'
                    WHEN i.community_no IS NULL THEN '{PLACE}'
                    ELSE '{ONE_IDENTIFIER}' END AS also_explained_by,
               v.degree AS n_holders
        FROM sizes s
        LEFT JOIN payers_of_{name} i ON i.community_no = s.community_no
        LEFT JOIN shared_identifiers v ON v.identifier_no = i.identifier_no
        LEFT JOIN counted c ON c.community_no = s.community_no
        LEFT JOIN otherwise o ON o.community_no = s.community_no
        WHERE 2 * coalesce(c.n_tied, 0) <= s.n_accounts OR 2 * coalesce(o.n_tied, 0) <= s.n_accounts
        """,
    )


def _ties_sql(parameters: Parameters, links: str) -> str:
    """Query of what ties the two of a link and is no coincidence."""
    least = parameters.null_model
    events = ", ".join(f"'{behaviour}'" for behaviour in _AT_ONE_EVENT)
    return f"""
        SELECT x.community_no, x.n_accounts, e.l, e.r, e.identifier_no, e.facet, e.contribution_bits,
               {is_facet_sql("e.facet", BEHAVIOUR)} AND k.kind IN ({events}) AS is_at_one_event
        FROM {links} x
        JOIN pair_evidence e ON e.l = x.l AND e.r = x.r
        JOIN evidence_kinds k ON k.kind_no = e.kind_no
        WHERE e.bits >= {least.ground_bits} + log2(greatest(1, x.n_accounts - 1))
          AND e.contribution_bits >= {least.ground_counted_bits}
    """


def _payers_sql(ties: str) -> str:
    """Query of the strongest identifier of each community: its payer's, if it has one."""
    return f"""
        SELECT community_no, identifier_no FROM {ties}
        WHERE identifier_no IS NOT NULL AND {is_ground_sql("facet")}
        GROUP BY community_no, identifier_no
        QUALIFY row_number() OVER (PARTITION BY community_no
            ORDER BY sum(contribution_bits::DECIMAL(18, 6)) DESC, identifier_no) = 1
    """


def _grounds_sql(parameters: Parameters, *, ties: str, payers: str) -> str:
    """Query of the pairs with a ground: whether one is besides the payer's, and one more than an event."""
    return f"""
        WITH grounds AS (SELECT * FROM {ties} WHERE {is_ground_sql("facet")}),
        paid_together AS (
            SELECT DISTINCT l, r FROM grounds WHERE {is_facet_sql("facet", PAYMENT)}
        )
        SELECT g.community_no, g.l, g.r, bool_or(NOT g.is_at_one_event) AS is_untimed,
               bool_or((g.identifier_no IS NULL OR g.identifier_no IS DISTINCT FROM i.identifier_no)
                       AND (g.n_accounts > {parameters.households.largest}
                            OR NOT ({is_facet_sql("g.facet", PAYMENT)}
                                    OR p.l IS NOT NULL AND NOT {among_facets_sql("g.facet", FACETS)})))
                   AS is_besides
        FROM grounds g
        LEFT JOIN {payers} i ON i.community_no = g.community_no
        LEFT JOIN paid_together p ON p.l = g.l AND p.r = g.r
        GROUP BY g.community_no, g.l, g.r
    """


def _members_sql(ties: str) -> str:
    """Query of how many members of each community have a tie of a table."""
    return f"""
        SELECT community_no, count(DISTINCT account_no) AS n_tied
        FROM (SELECT community_no, l AS account_no FROM {ties}
              UNION ALL SELECT community_no, r FROM {ties})
        GROUP BY community_no"""


def _pairs_sql() -> str:
    """Query of the links inside communities that something harmless explains as well."""
    return f"""
        WITH sizes AS ({_sizes_sql("evidence_communities")}),
        openly AS (
            SELECT DISTINCT m.community_no
            FROM community_marks m JOIN sizes s ON s.community_no = m.community_no
            WHERE 2 * m.n_members > s.n_accounts AND 2 * m.shown > m.n_able - 1
        )
        SELECT p.l, p.r
        FROM links_of_evidence_communities p
        JOIN explained_by_evidence e ON e.community_no = p.community_no
        LEFT JOIN openly o ON o.community_no = p.community_no
        LEFT JOIN grounds_of_explained_by_evidence g
               ON g.community_no = p.community_no AND g.l = p.l AND g.r = p.r
        WHERE o.community_no IS NULL
          AND NOT coalesce(CASE e.also_explained_by WHEN '{TIMES}' THEN g.is_untimed ELSE g.is_besides END,
                           false)
    """
