"""Explanations: why, as plain values whose pieces add up to the number they explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.engine import number

if TYPE_CHECKING:
    from graphlink.engine import Engine
    from graphlink.settings import Settings

_MOST_REASONS = 20  # identifiers named per cluster; the rest is one reason
_WORDS = {
    "lockstep": "acting in lockstep",
    "succession": "of which one follows the other on one resource",
    "load_balancing": "taking turns",
    "signup_burst": "signed up in one burst",
}


def explain_clusters(engine: Engine, settings: Settings) -> dict[str, object]:
    """Make `reasons` from the links of each cluster and their evidence.

    Sums are of decimals: sums of floats depend on the order of the rows in the last digits.

    The bits of a cluster's reasons add up to the bits of its links: what each identifier adds over all of
    them, what the identifiers that are not named add together, and the prior of each link.

    Returns:
        Counts for the manifest.
    """
    engine.make("reasons", _reasons_sql(settings.model.prior_bits))
    return {"reasons": number(engine, "SELECT count(*) FROM reasons")}


def _words_sql(kind: str) -> str:
    words = " ".join(f"WHEN '{behaviour}' THEN '{said}'" for behaviour, said in _WORDS.items())
    return f"CASE {kind} {words} ELSE 'acting together' END"


def _reasons_sql(prior_bits: float) -> str:
    return f"""
        WITH by_identifier AS (
            SELECT c.cluster_id, k.kind, i.value, i.degree, i.label,
                   sum(e.counted_bits::DECIMAL(18, 9))::DOUBLE AS bits,
                   count(*) AS n_links,
                   row_number() OVER (PARTITION BY c.cluster_id
                                      ORDER BY sum(e.counted_bits::DECIMAL(18, 9)) DESC, k.kind, i.value)
                       AS place,
                   e.identifier_no, k.facet = 'behaviour' AS is_behaviour
            FROM cluster_links c
            JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
            JOIN kinds k ON k.kind_no = e.kind_no
            LEFT JOIN shared_identifiers i ON i.identifier_no = e.identifier_no
            GROUP BY c.cluster_id, k.kind, k.facet, i.value, i.degree, i.label, e.identifier_no
        ),
        tied AS (
            SELECT cluster_id, identifier_no, count(DISTINCT account_no) AS n_accounts FROM (
                SELECT c.cluster_id, e.identifier_no, unnest([c.l, c.r]) AS account_no
                FROM cluster_links c JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
                WHERE e.identifier_no IS NOT NULL)
            GROUP BY cluster_id, identifier_no
        ),
        named AS (
            SELECT b.cluster_id, 'shared_identifier' AS reason, b.kind, b.value, b.bits, t.n_accounts,
                   format('ties {{:,}} of its accounts; {{:,}} hold it in all', t.n_accounts, b.degree)
                   || coalesce('; listed as ' || b.label, '') AS detail
            FROM by_identifier b JOIN tied t ON t.cluster_id = b.cluster_id
              AND t.identifier_no = b.identifier_no
            WHERE b.place <= {_MOST_REASONS} AND b.bits > 0
        ),
        behaving AS (
            SELECT cluster_id, 'joint_behaviour' AS reason, kind, NULL AS value, bits,
                   NULL::BIGINT AS n_accounts,
                   format('{{:,}} {{}} {{}}', n_links, CASE WHEN n_links = 1 THEN 'pair' ELSE 'pairs' END,
                          {_words_sql("kind")}) AS detail
            FROM by_identifier WHERE is_behaviour AND bits > 0
        ),
        rest AS (
            SELECT b.cluster_id, CASE WHEN b.bits < 0 THEN 'differing_values'
                   ELSE 'further_identifiers' END AS reason,
                   NULL AS kind, NULL AS value,
                   sum(b.bits::DECIMAL(18, 9))::DOUBLE AS bits, NULL::BIGINT AS n_accounts,
                   CASE WHEN b.bits < 0 THEN 'kinds in which linked accounts differ'
                        WHEN count(*) = 1 THEN '1 further identifier'
                        ELSE format('{{:,}} further identifiers', count(*)) END AS detail
            FROM by_identifier b WHERE NOT (b.is_behaviour AND b.bits > 0)
              AND (b.place > {_MOST_REASONS} OR b.bits <= 0)
            GROUP BY b.cluster_id, b.bits < 0
        ),
        prior AS (
            SELECT cluster_id, 'prior' AS reason, NULL AS kind, NULL AS value,
                   count(*) * ({prior_bits}) AS bits, NULL::BIGINT AS n_accounts,
                   format('{{:,}} {{}}, starting at {prior_bits:g} bits', count(*),
                          CASE WHEN count(*) = 1 THEN 'link' ELSE 'links, each' END) AS detail
            FROM cluster_links GROUP BY cluster_id
        ),
        all_reasons AS (
            SELECT * FROM named UNION ALL SELECT * FROM behaving
            UNION ALL SELECT * FROM rest UNION ALL SELECT * FROM prior
        )
        SELECT cluster_id,
               row_number() OVER (
                   PARTITION BY cluster_id ORDER BY bits DESC, reason, kind, value) AS rank,
               reason, kind, value, bits, n_accounts, detail
        FROM all_reasons
    """
