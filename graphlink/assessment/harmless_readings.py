"""What something harmless explains as well as one operator: a payer, a household, a place, a taste, an event.

Of such a cluster the data can't tell the two apart, so the two readings have equal odds, as they had before
anything was seen: it is one operator's with a probability of one half at most, and so are its links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.assessment.openness import marks_sql
from graphlink.clustering.components import components_of, within
from graphlink.core.tables.clusters import (
    COMMUNITIES,
    CONSTRAINED_ACCOUNTS,
    EVIDENCE_COMMUNITIES,
    EXPLAINED_BY_EVIDENCE,
    EXPLAINED_COMMUNITIES,
    EXPLAINED_PAIRS,
)
from graphlink.core.tables.ingest import ACCOUNT_KINDS, SHARED_IDENTIFIERS, WINDOW_INCIDENCE
from graphlink.core.tables.model import EVIDENCE_KINDS, MARKED_ACCOUNTS, PAIR_EVIDENCE, SCORED_PAIRS
from graphlink.engine import number
from graphlink.engine.stage import step
from graphlink.kinds.contact import DOMAIN
from graphlink.kinds.facets import (
    BEHAVIOUR,
    FACETS,
    IDENTITY,
    NETWORK,
    OWNED_FACETS,
    PAYMENT,
    among_facets_sql,
    is_facet_sql,
    is_ground_sql,
)
from graphlink.kinds.kind import API_KEY

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

# Jobs of strangers that wait for one public event start together, and need no resource in common. Who
# follows another, or takes turns, does so on a resource.
_AT_ONE_EVENT = ("lockstep", "crew_beat", "signup_burst")
PLACE, ONE_IDENTIFIER, TASTE, TIMES = READINGS = ("place", "one_identifier", "taste", "times")


@step(
    "harmless_readings",
    "find what something harmless explains as well",
    takes=(
        *(COMMUNITIES, EVIDENCE_COMMUNITIES, CONSTRAINED_ACCOUNTS, SCORED_PAIRS, PAIR_EVIDENCE),
        *(EVIDENCE_KINDS, SHARED_IDENTIFIERS, MARKED_ACCOUNTS, ACCOUNT_KINDS, WINDOW_INCIDENCE),
    ),
    makes=(EXPLAINED_COMMUNITIES, EXPLAINED_BY_EVIDENCE, EXPLAINED_PAIRS),
    share=0.015,
)
def find_harmless_readings(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `explained_communities`, `explained_by_evidence` and `explained_pairs`.

    Links go by the evidence alone, as their probabilities do, so their communities are those without labels.
    A link is explained if its community is, and the two share nothing that its reading leaves unexplained; a
    link outside of communities is judged as a community of two. Where most of a community openly show that
    they are one organisation's, no harmless reading denies it but a taste: a small mail provider looks like
    an organisation's domain.

    Returns:
        Counts for the manifest.
    """
    engine.make("community_marks", marks_sql("evidence_communities", "community_no"))
    _make_explained_inside(engine, settings, "evidence_communities", "explained_by_evidence")
    if number(engine, "SELECT count(*) FROM constrained_accounts"):
        _make_explained_inside(engine, settings, "communities", "explained_communities")
    else:
        engine.make("explained_communities", "SELECT * FROM explained_by_evidence")
    _make_explained_pairs(engine, settings)
    return {
        "communities_explained": number(engine, "SELECT count(*) FROM explained_communities"),
        "links_explained": number(engine, "SELECT count(*) FROM explained_pairs"),
    }


def _make_explained_inside(engine: Sql, settings: Settings, communities: str, name: str) -> None:
    engine.make(f"links_of_{communities}", _links_sql(communities))
    _make_explained(engine, settings, f"links_of_{communities}", _sizes_sql(communities), name)


def _make_explained_pairs(engine: Sql, settings: Settings) -> None:
    """Make `explained_pairs`: those inside a community of the evidence, and those outside."""
    engine.make("outside_links", _outside_sql())
    sizes = "SELECT community_no, n_accounts FROM outside_links"
    _make_explained(engine, settings, "outside_links", sizes, "explained_outside")
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


def _make_explained(engine: Sql, settings: Settings, links: str, sizes: str, name: str) -> None:
    """Make a table of the communities that something harmless explains as well, and of pairs with grounds.

    A tie counts when it is stronger than the best of as many coincidences as an account has others in its
    community: among a hundred strangers nearly everybody shares a common browser or mail provider with
    somebody. It is a ground when it is no place and no client, and adds bits to the other ties of its pair.
    The strongest identifier in a community may be a payer's. More than half of the members have to have
    a ground besides; in a household another card is none, nor is what a card comes with: a value of a kind of
    one's own that ties two who share a card, such as its billing address. Nor is acting together a ground
    where more than half of the members are tied by nothing else. Where those who pay do so by instruments of
    their own, mail domains and numbers are none either: see `_apart_sql`. Nothing harmless explains what a
    chain of instruments holds together: see `_load_chained`.

    Args:
        engine: Where the tables are.
        settings: With the numbers of the method.
        links: Table of the links inside them.
        sizes: Query of their sizes.
        name: Of the table to make.
    """
    parameters = settings.parameters
    engine.make(f"ties_of_{name}", _ties_sql(parameters, links))
    engine.make(f"payers_of_{name}", _payers_sql(f"ties_of_{name}"))
    _load_chained(engine, settings, links, name)
    engine.make(f"apart_of_{name}", _apart_sql(parameters, links))
    grounds = _grounds_sql(parameters, name)
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
                    WHEN a.community_no IS NOT NULL THEN '{TASTE}'
                    ELSE '{ONE_IDENTIFIER}' END AS also_explained_by,
               v.degree AS n_holders
        FROM sizes s
        LEFT JOIN payers_of_{name} i ON i.community_no = s.community_no
        LEFT JOIN shared_identifiers v ON v.identifier_no = i.identifier_no
        LEFT JOIN counted c ON c.community_no = s.community_no
        LEFT JOIN otherwise o ON o.community_no = s.community_no
        LEFT JOIN chained_of_{name} h ON h.community_no = s.community_no
        LEFT JOIN apart_of_{name} a ON a.community_no = s.community_no
        WHERE CASE WHEN 2 * coalesce(c.n_tied, 0) <= s.n_accounts THEN coalesce(h.is_at_one_place, true)
                   ELSE 2 * coalesce(o.n_tied, 0) <= s.n_accounts AND h.community_no IS NULL END
        """,
    )


def _load_chained(engine: Sql, settings: Settings, links: str, name: str) -> None:
    """Make `chained_of_<name>` (community_no, is_at_one_place): what chains of instruments hold together.

    Of thousands of accounts behind a thousand exits one in four may have a card: who has none can't show a
    tie, and a tie of two says little among thousands. But the cards of families, groups and friends do not
    chain to more accounts than operators usually have, and a firm whose staff have one card makes no chain. A
    community is chained if more than half of the members who have some owned kind are in chains that long,
    of identifiers each likelier than not to tie its two by itself, none of which has more than half of its
    chain. An organisation whose cards chain may sit in a house of many; but nobody else pays at any of
    many places, or at the same times, where all are strangers.
    """
    rows = engine.arrow(_instrument_ties_sql(settings, links))
    kind, lesser, greater = (column.to_numpy().astype(np.int64) for column in rows.columns)
    holders, ends = np.unique((kind << 32) + np.stack([lesser, greater]), return_inverse=True)
    chain = components_of(len(holders), ends.reshape(2, -1).T)
    columns = {"kind_no": holders >> 32, "account_no": holders & (1 << 32) - 1, "chain_no": chain}
    engine.load(
        f"chains_of_{name}",
        pa.table({column: pa.array(values, pa.int32()) for column, values in columns.items()}),
    )
    engine.make(f"chained_of_{name}", _chained_sql(settings.parameters, links, f"chains_of_{name}"))


def _instrument_ties_sql(settings: Settings, links: str) -> str:
    """Query of the pairs of large communities that instruments and secrets tie."""
    parameters = settings.parameters
    return f"""
        SELECT e.kind_no, e.l, e.r
        FROM {links} x
        JOIN pair_evidence e ON e.l = x.l AND e.r = x.r
        JOIN evidence_kinds k ON k.kind_no = e.kind_no
        WHERE x.n_accounts > {parameters.frequency.largest_usual}
            AND {among_facets_sql("e.facet", OWNED_FACETS)} AND k.kind <> '{DOMAIN}'
            AND e.bits + ({settings.model.prior_bits}) > {parameters.exclusivity.joining_odds}
        ORDER BY e.kind_no, e.l, e.r
    """


def _chained_sql(parameters: Parameters, links: str, chains: str) -> str:
    """Query of the communities of which long chains hold most who have the kind, and if at one place."""
    return f"""
        WITH members AS (
            SELECT DISTINCT x.community_no, x.n_accounts, unnest([x.l, x.r]) AS account_no
            FROM {links} x WHERE x.n_accounts > {parameters.frequency.largest_usual}
        ),
        held AS (
            SELECT DISTINCT c.chain_no, h.identifier_no, h.account_no
            FROM {chains} c
            JOIN window_incidence h ON h.account_no = c.account_no
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no AND i.kind_no = c.kind_no
        ),
        most AS (
            SELECT chain_no, max(n) AS n
            FROM (SELECT chain_no, count(*) AS n FROM held GROUP BY chain_no, identifier_no)
            GROUP BY chain_no
        ),
        long AS (
            SELECT c.chain_no
            FROM {chains} c JOIN most m ON m.chain_no = c.chain_no
            GROUP BY c.chain_no
            HAVING count(*) > greatest({parameters.frequency.largest_usual}, 2 * any_value(m.n) - 1)
        ),
        able AS (
            SELECT m.community_no, a.kind_no, count(*) AS n, count(l.chain_no) AS n_chained
            FROM members m
            JOIN account_kinds a ON a.account_no = m.account_no
            LEFT JOIN {chains} c ON c.account_no = m.account_no AND c.kind_no = a.kind_no
            LEFT JOIN long l ON l.chain_no = c.chain_no
            GROUP BY m.community_no, a.kind_no
        ),
        at_one_place AS (
            SELECT DISTINCT m.community_no
            FROM members m
            JOIN window_incidence h ON h.account_no = m.account_no
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            JOIN evidence_kinds k ON k.kind_no = i.kind_no
            WHERE {is_facet_sql("k.facet", NETWORK)}
            GROUP BY m.community_no, h.identifier_no
            HAVING 2 * count(DISTINCT h.account_no) > any_value(m.n_accounts)
        )
        SELECT DISTINCT a.community_no, p.community_no IS NOT NULL AS is_at_one_place
        FROM able a LEFT JOIN at_one_place p ON p.community_no = a.community_no
        WHERE 2 * a.n_chained > a.n
    """


def _ties_sql(parameters: Parameters, links: str) -> str:
    """Query of what ties the two of a link and is no coincidence."""
    least = parameters.null_model
    events = ", ".join(f"'{behaviour}'" for behaviour in _AT_ONE_EVENT)
    return f"""
        SELECT x.community_no, x.n_accounts, e.l, e.r, e.identifier_no, e.facet, e.contribution_bits,
               {is_facet_sql("e.facet", BEHAVIOUR)} AND k.kind IN ({events}) AS is_at_one_event,
               {is_facet_sql("e.facet", IDENTITY)} AND k.kind <> '{API_KEY}' AS is_contact
        FROM {links} x
        JOIN pair_evidence e ON e.l = x.l AND e.r = x.r
        JOIN evidence_kinds k ON k.kind_no = e.kind_no
        WHERE e.bits >= {least.ground_bits} + log2(greatest(1, x.n_accounts - 1))
          AND e.contribution_bits >= {least.ground_counted_bits}
    """


def _apart_sql(parameters: Parameters, links: str) -> str:
    """Query of the communities whose paying members hardly pay by each other's instruments.

    People with one taste in privacy have a mail provider, a VPN and a browser in common, and numbers for rent
    that pass from one to the next; but each pays for itself. Who operates many accounts buys instruments to
    use them again.
    """
    numbers = parameters.null_model
    return f"""
        WITH members AS (
            SELECT DISTINCT community_no, unnest([l, r]) AS account_no FROM {links}
            WHERE n_accounts >= {numbers.least_paying}
        ),
        paying AS (
            SELECT DISTINCT m.community_no, m.account_no
            FROM members m
            JOIN account_kinds a ON a.account_no = m.account_no
            JOIN evidence_kinds k ON k.kind_no = a.kind_no
            WHERE {is_facet_sql("k.facet", PAYMENT)}
        ),
        sharing AS (
            SELECT DISTINCT x.community_no, unnest([x.l, x.r]) AS account_no
            FROM {links} x JOIN pair_evidence e ON e.l = x.l AND e.r = x.r
            WHERE x.n_accounts >= {numbers.least_paying} AND {is_facet_sql("e.facet", PAYMENT)} AND e.bits > 0
        )
        SELECT p.community_no
        FROM paying p
        LEFT JOIN sharing s ON s.community_no = p.community_no AND s.account_no = p.account_no
        GROUP BY p.community_no
        HAVING count(*) >= {numbers.least_paying}
            AND count(s.account_no) <= {numbers.most_sharing} * count(*)
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


def _grounds_sql(parameters: Parameters, name: str) -> str:
    """Query of the pairs with a ground: whether one is besides the payer's, and one more than an event."""
    return f"""
        WITH grounds AS (
            SELECT t.*
            FROM ties_of_{name} t LEFT JOIN apart_of_{name} a ON a.community_no = t.community_no
            WHERE {is_ground_sql("t.facet")} AND NOT (t.is_contact AND a.community_no IS NOT NULL)
        ),
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
        LEFT JOIN payers_of_{name} i ON i.community_no = g.community_no
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
        WHERE (o.community_no IS NULL OR e.also_explained_by = '{TASTE}')
          AND NOT coalesce(CASE e.also_explained_by WHEN '{TIMES}' THEN g.is_untimed ELSE g.is_besides END,
                           false)
    """
