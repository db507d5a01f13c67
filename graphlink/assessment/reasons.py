"""Explanations: why, as plain values whose pieces add up to the number they explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.schema import LINK_REASONS, LISTED_AS, MEMBER_REASONS, MEMBERSHIP, REASONS
from graphlink.core.tables.clusters import CLUSTER_LINKS
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, SHARED_IDENTIFIERS
from graphlink.core.tables.model import (
    EVIDENCE_KINDS,
    NUMBERED_BEHAVIOURS,
    OVERRIDDEN,
    PAIR_EVIDENCE,
    SCORED_PAIRS,
)
from graphlink.core.wording.vocabulary import BEHAVIOURS
from graphlink.engine import number
from graphlink.engine.stage import step
from graphlink.kinds.facets import BEHAVIOUR, is_facet_sql

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

_MOST_REASONS = 20  # identifiers named per cluster; the rest is one reason
_MOST_MEMBER_REASONS = 10  # the same per account
# Identifiers with the label of the settings where they give one.
_LABELLED = """
    SELECT s.identifier_no, s.value, s.degree, coalesce(o.label, s.label) AS label
    FROM shared_identifiers s LEFT JOIN overridden o ON o.identifier_no = s.identifier_no
"""
_ROUNDING = 1e-5  # by which bits that count may fall short of those alone and still count in full


@step(
    "reasons",
    "list the reasons of each cluster",
    takes=(
        *(CLUSTER_LINKS, PAIR_EVIDENCE, EVIDENCE_KINDS, NUMBERED_BEHAVIOURS, SHARED_IDENTIFIERS),
        OVERRIDDEN,
    ),
    makes=(REASONS,),
    share=0.015,
)
def explain_clusters(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `reasons` from the links of each cluster and their evidence.

    Sums are of decimals: sums of floats depend on the order of the rows in the last digits.

    The bits of a cluster's reasons add up to the bits of its links: what each identifier adds over all of
    them, the sum of the identifiers that are not named, and the prior of each link.

    Returns:
        Counts for the manifest.
    """
    engine.make("reasons", _reasons_sql(settings.model.prior_bits))
    return {"reasons": number(engine, "SELECT count(*) FROM reasons")}


@step(
    "explanations",
    "list the reasons of every member and link",
    takes=(
        *(CLUSTER_LINKS, SCORED_PAIRS, PAIR_EVIDENCE, EVIDENCE_KINDS, SHARED_IDENTIFIERS, OVERRIDDEN),
        *(MEMBERSHIP, ACCOUNT_NUMBERS),
    ),
    makes=(MEMBER_REASONS, LINK_REASONS),
    counted=(MEMBER_REASONS, LINK_REASONS),
    share=0.06,
)
def explain_all(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `member_reasons` and `link_reasons` of every clustered account and every link, in advance.

    They are the SQL form of the sentences that explain one account or one pair. The bits of an
    account's reasons add up to those of its links in its cluster, the pieces of a link to the link's: sums
    are of decimals, as shown.

    Returns:
        Counts for the manifest.
    """
    prior_bits = settings.model.prior_bits
    engine.make("member_pieces", _member_pieces_sql())
    engine.make("member_reasons", _member_reasons_sql(prior_bits))
    engine.make("link_reasons", _link_reasons_sql(prior_bits))
    return {
        "member_reasons": number(engine, "SELECT count(*) FROM member_reasons"),
        "link_reasons": number(engine, "SELECT count(*) FROM link_reasons"),
    }


def _words_sql(kind: str) -> str:
    words = " ".join(f"WHEN '{name}' THEN '{known.of_pairs}'" for name, known in BEHAVIOURS.items())
    return f"CASE {kind} {words} ELSE 'acting together' END"


def _prior_words_sql(prior_bits: float) -> str:
    links = "CASE WHEN count(*) = 1 THEN 'link' ELSE 'links, each' END"
    return f"format('{{:,}} {{}}, starting at {prior_bits:g} bits', count(*), {links})"


def _reasons_sql(prior_bits: float) -> str:
    selects = [_named_sql(), _behaving_sql(), _rest_sql(), _prior_sql(prior_bits)]
    return f"""
        WITH by_identifier AS ({_by_identifier_sql()})
        SELECT cluster_id,
               row_number() OVER (
                   PARTITION BY cluster_id ORDER BY bits DESC, reason, kind, value) AS rank,
               reason, kind, value, bits, n_accounts, detail, at_kind, at_value
        FROM ({" UNION ALL ".join(selects)})
    """


def _by_identifier_sql() -> str:
    """Query of what each identifier or behaviour adds to the links of a cluster, and its place among them."""
    return f"""
        SELECT c.cluster_id, k.kind, i.value, i.degree, i.label,
               sum(e.contribution_bits::DECIMAL(18, 9))::DOUBLE AS bits,
               count(*) AS n_links,
               row_number() OVER (PARTITION BY c.cluster_id
                                  ORDER BY sum(e.contribution_bits::DECIMAL(18, 9)) DESC, k.kind, i.value)
                   AS place,
               e.identifier_no, {is_facet_sql("k.facet", BEHAVIOUR)} AS is_behaviour
        FROM cluster_links c
        JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
        JOIN evidence_kinds k ON k.kind_no = e.kind_no
        LEFT JOIN ({_LABELLED}) i ON i.identifier_no = e.identifier_no
        GROUP BY c.cluster_id, k.kind, k.facet, i.value, i.degree, i.label, e.identifier_no
    """


def _named_sql() -> str:
    """Query of the strongest identifiers, each by name."""
    return f"""
        SELECT b.cluster_id, 'shared_identifier' AS reason, b.kind, b.value, b.bits, t.n_accounts,
               format('ties {{:,}} of its accounts; {{:,}} use it in total', t.n_accounts, b.degree)
               || coalesce('{LISTED_AS}' || b.label, '') AS detail,
               NULL::VARCHAR AS at_kind, NULL::VARCHAR AS at_value
        FROM by_identifier b
        JOIN (
            SELECT cluster_id, identifier_no, count(DISTINCT account_no) AS n_accounts FROM (
                SELECT c.cluster_id, e.identifier_no, unnest([c.l, c.r]) AS account_no
                FROM cluster_links c JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
                WHERE e.identifier_no IS NOT NULL)
            GROUP BY cluster_id, identifier_no
        ) t ON t.cluster_id = b.cluster_id AND t.identifier_no = b.identifier_no
        WHERE b.place <= {_MOST_REASONS} AND b.bits > 0
    """


def _behaving_sql() -> str:
    """Query of the joint behaviours, each with the identifier at which most of its pairs did so."""
    return f"""
        SELECT b.cluster_id, 'joint_behaviour' AS reason, b.kind, NULL AS value, b.bits,
               NULL::BIGINT AS n_accounts,
               format('{{:,}} {{}} {{}}', b.n_links, CASE WHEN b.n_links = 1 THEN 'pair' ELSE 'pairs' END,
                      {_words_sql("b.kind")}) AS detail, s.kind AS at_kind, s.value AS at_value
        FROM by_identifier b
        LEFT JOIN ({_mostly_at_sql()}) m ON m.cluster_id = b.cluster_id AND m.kind = b.kind
        LEFT JOIN shared_identifiers s ON s.identifier_no = m.at_no
        WHERE b.is_behaviour AND b.bits > 0
    """


def _mostly_at_sql() -> str:
    """Query of the identifier at which more than half of a cluster's pairs with a behaviour show it."""
    return """
        SELECT cluster_id, kind, at_no FROM (
            SELECT c.cluster_id, k.kind, b.at_no, count(*) AS n,
                   sum(count(*)) OVER (PARTITION BY c.cluster_id, k.kind) AS n_all
            FROM cluster_links c
            JOIN numbered_behaviours b ON b.l = c.l AND b.r = c.r
            JOIN evidence_kinds k ON k.kind_no = b.kind_no
            GROUP BY c.cluster_id, k.kind, b.at_no
        )
        WHERE at_no IS NOT NULL AND 2 * n > n_all
    """


def _rest_sql() -> str:
    """Query of all other identifiers in one, and of those that speak against in another."""
    return f"""
        SELECT b.cluster_id, CASE WHEN b.bits < 0 THEN 'differing_values' ELSE 'further_identifiers' END
                   AS reason,
               NULL AS kind, NULL AS value,
               sum(b.bits::DECIMAL(18, 9))::DOUBLE AS bits, NULL::BIGINT AS n_accounts,
               CASE WHEN b.bits < 0 THEN 'kinds in which linked accounts differ'
                    WHEN count(*) = 1 THEN '1 further identifier'
                    ELSE format('{{:,}} further identifiers', count(*)) END AS detail,
               NULL AS at_kind, NULL AS at_value
        FROM by_identifier b WHERE NOT (b.is_behaviour AND b.bits > 0)
          AND (b.place > {_MOST_REASONS} OR b.bits <= 0)
        GROUP BY b.cluster_id, b.bits < 0
    """


def _prior_sql(prior_bits: float) -> str:
    """Query of where the links start."""
    return f"""
        SELECT cluster_id, 'prior' AS reason, NULL AS kind, NULL AS value,
               count(*) * ({prior_bits}) AS bits, NULL::BIGINT AS n_accounts,
               {_prior_words_sql(prior_bits)} AS detail, NULL AS at_kind, NULL AS at_value
        FROM cluster_links GROUP BY cluster_id
    """


def _member_pieces_sql() -> str:
    """Query of what each identifier or behaviour adds to a member's links in its cluster, and where most."""
    return f"""
        WITH ends AS (
            SELECT c.l AS account_no, c.r AS other_no, e.kind_no, e.identifier_no,
                   e.contribution_bits::DECIMAL(18, 9) AS bits
            FROM cluster_links c JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
            UNION ALL
            SELECT c.r, c.l, e.kind_no, e.identifier_no, e.contribution_bits::DECIMAL(18, 9)
            FROM cluster_links c JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
        ),
        summed AS (
            SELECT account_no, kind_no, identifier_no, sum(bits)::DOUBLE AS bits, count(*) AS n_accounts,
                   first(other_no ORDER BY bits DESC, other_no) AS strongest_no
            FROM ends GROUP BY account_no, kind_no, identifier_no
        )
        SELECT s.account_no, k.kind, s.identifier_no,
               {is_facet_sql("k.facet", BEHAVIOUR)} AS is_behaviour, s.bits, s.n_accounts, s.strongest_no,
               row_number() OVER (PARTITION BY s.account_no ORDER BY s.bits DESC, k.kind, s.identifier_no)
                   AS place
        FROM summed s JOIN evidence_kinds k ON k.kind_no = s.kind_no
    """


def _member_reasons_sql(prior_bits: float) -> str:
    return f"""
        WITH named AS (
            SELECT p.account_no,
                   CASE WHEN p.is_behaviour THEN 'joint_behaviour' ELSE 'shared_identifier' END AS reason,
                   p.kind, i.value, p.bits, p.n_accounts, p.strongest_no,
                   CASE WHEN p.is_behaviour
                        THEN format('in {{:,}} {{}} {{}}', p.n_accounts,
                                    CASE WHEN p.n_accounts = 1 THEN 'pair' ELSE 'pairs' END,
                                    {_words_sql("p.kind")})
                        ELSE format('ties it to {{:,}} other {{}}; {{:,}} use it in total', p.n_accounts,
                                    CASE WHEN p.n_accounts = 1 THEN 'member' ELSE 'members' END, i.degree)
                             || coalesce('{LISTED_AS}' || i.label, '') END AS detail
            FROM member_pieces p LEFT JOIN ({_LABELLED}) i ON i.identifier_no = p.identifier_no
            WHERE p.bits > 0 AND (p.is_behaviour OR p.place <= {_MOST_MEMBER_REASONS})
        ),
        rest AS (
            SELECT p.account_no, CASE WHEN p.bits < 0 THEN 'differing_values'
                   ELSE 'further_identifiers' END AS reason,
                   sum(p.bits::DECIMAL(18, 9))::DOUBLE AS bits,
                   CASE WHEN p.bits < 0 THEN 'kinds in which it differs from linked members'
                        WHEN count(*) = 1 THEN '1 further identifier'
                        ELSE format('{{:,}} further identifiers', count(*)) END AS detail
            FROM member_pieces p
            WHERE p.bits <= 0 OR NOT (p.is_behaviour OR p.place <= {_MOST_MEMBER_REASONS})
            GROUP BY p.account_no, p.bits < 0
        ),
        prior AS (
            SELECT account_no, 'prior' AS reason, count(*) * ({prior_bits}) AS bits,
                   {_prior_words_sql(prior_bits)} AS detail
            FROM (SELECT l AS account_no FROM cluster_links UNION ALL SELECT r FROM cluster_links)
            GROUP BY account_no
        ),
        all_reasons AS (
            SELECT account_no, reason, kind, value, bits, n_accounts, strongest_no, detail FROM named
            UNION ALL
            SELECT account_no, reason, NULL, NULL, bits, NULL, NULL, detail
            FROM (SELECT * FROM rest UNION ALL SELECT * FROM prior)
        )
        SELECT a.account_id, m.cluster_id,
               row_number() OVER (
                   PARTITION BY r.account_no ORDER BY r.bits DESC, r.reason, r.kind, r.value) AS rank,
               r.reason, r.kind, r.value, r.bits, r.n_accounts, o.account_id AS strongest, r.detail
        FROM all_reasons r
        JOIN account_numbers a ON a.account_no = r.account_no
        JOIN membership m ON m.account_id = a.account_id
        LEFT JOIN account_numbers o ON o.account_no = r.strongest_no
    """


def _link_reasons_sql(prior_bits: float) -> str:
    """Query of the waterfall of each link: the prior, then its evidence, what counts most first."""
    return f"""
        WITH named_kinds AS (
            SELECT kind_no, kind, facet, row_number() OVER (ORDER BY kind) AS place FROM evidence_kinds
        ),
        pieces AS (
            SELECT l, r, 0 AS turn, NULL::INTEGER AS kind_no, NULL::INTEGER AS identifier_no,
                   ({prior_bits})::DECIMAL(18, 9) AS bits, ({prior_bits})::DECIMAL(18, 9) AS alone
            FROM scored_pairs
            UNION ALL
            SELECT l, r, 1, kind_no, identifier_no, contribution_bits::DECIMAL(18, 9), bits::DECIMAL(18, 9)
            FROM pair_evidence
        ),
        placed AS (
            SELECT p.l, p.r, p.identifier_no, p.bits, p.alone, k.kind, k.facet,
                   row_number() OVER (
                       PARTITION BY p.l, p.r
                       ORDER BY p.turn, p.bits DESC, p.alone DESC, k.place, p.identifier_no) AS rank
            FROM pieces p LEFT JOIN named_kinds k ON k.kind_no = p.kind_no
        )
        SELECT x.account_id AS account_id_l, y.account_id AS account_id_r, p.rank,
               CASE WHEN p.kind IS NULL THEN 'prior'
                    WHEN p.identifier_no IS NOT NULL THEN 'shared_identifier'
                    WHEN {is_facet_sql("p.facet", BEHAVIOUR)} THEN 'joint_behaviour'
                    ELSE 'differing_values' END AS reason,
               p.kind, i.value, p.bits::DOUBLE AS bits,
               (sum(p.bits) OVER (PARTITION BY p.l, p.r ORDER BY p.rank))::DOUBLE AS running,
               CASE WHEN p.kind IS NULL THEN 'before anything is known'
                    WHEN i.degree <= 2 THEN 'they share it; nobody else holds it'
                    WHEN i.degree = 3 THEN 'they share it; 1 other held it too'
                    WHEN i.degree > 3 THEN format('they share it; {{:,}} others held it too', i.degree - 2)
                    WHEN {is_facet_sql("p.facet", BEHAVIOUR)} THEN 'a pair ' || {_words_sql("p.kind")}
                    ELSE 'they differ in it' END
               || CASE WHEN p.alone - p.bits > {_ROUNDING:f}
                       THEN format('; of +{{}} bits alone', p.alone::DECIMAL(18, 1)) ELSE '' END
               || coalesce('{LISTED_AS}' || i.label, '') AS detail
        FROM placed p
        JOIN account_numbers x ON x.account_no = p.l
        JOIN account_numbers y ON y.account_no = p.r
        LEFT JOIN ({_LABELLED}) i ON i.identifier_no = p.identifier_no
    """
