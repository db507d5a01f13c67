"""Evidence: the bits of each shared identifier of a pair, and what of them counts given the others.

Bits add up to the pair's log odds. A kind counts in full when it is the strongest; each weaker one counts up
to what it still adds once the stronger are known, so that a card seen with its billing name is not counted
twice.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from graphlink.core.rules import SAME_FACET
from graphlink.core.tables.ingest import ACCOUNT_KINDS, KINDS, SHARED_IDENTIFIERS, WINDOW_INCIDENCE
from graphlink.core.tables.model import (
    BEHAVIOURS,
    DEPENDENCE_CAPS,
    DISAGREEMENT_WEIGHTS,
    EVIDENCE_DEPENDENCE_CAPS,
    EVIDENCE_KINDS,
    EXCLUSIVITY_BITS,
    KIND_BITS,
    MANY_KINDS,
    NUMBERED_BEHAVIOURS,
    PAIR_KINDS,
    PAIR_SCORES,
    SINGLE_VALUES,
)
from graphlink.engine import number
from graphlink.engine.stage import step
from graphlink.kinds.facets import BEHAVIOUR

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql


@step(
    "evidence",
    "weigh the evidence of each pair in bits",
    takes=(
        *(
            EXCLUSIVITY_BITS,
            PAIR_KINDS,
            MANY_KINDS,
            BEHAVIOURS,
            KINDS,
            DEPENDENCE_CAPS,
            DISAGREEMENT_WEIGHTS,
            ACCOUNT_KINDS,
        ),
        *(WINDOW_INCIDENCE, SHARED_IDENTIFIERS),
    ),
    makes=(
        *(
            KIND_BITS,
            PAIR_SCORES,
            SINGLE_VALUES,
            EVIDENCE_KINDS,
            EVIDENCE_DEPENDENCE_CAPS,
            NUMBERED_BEHAVIOURS,
        ),
    ),
    share=0.035,
)
def weigh_evidence(engine: Sql, settings: Settings) -> dict[str, object]:
    """Weigh the kinds of each pair, and add them up: a kind in which the two differ has negative bits.

    Returns:
        Counts for the manifest.
    """
    least = _log_odds(settings.model.min_probability) - settings.model.prior_bits
    _number_behaviours(engine)
    engine.make("alone", _alone_sql(least))
    engine.make("agreeing", _counted_sql())
    engine.make(
        "kept_pairs", f"SELECT l, r FROM agreeing GROUP BY l, r HAVING sum(contribution_bits) >= {least}"
    )
    engine.make("single_values", _single_values_sql())
    engine.make("differing", _differing_sql())
    engine.make(
        "kind_bits",
        """
        SELECT a.l, a.r, a.kind_no, a.bits, round(a.contribution_bits, 6) AS contribution_bits
        FROM agreeing a JOIN kept_pairs p ON p.l = a.l AND p.r = a.r
        UNION ALL SELECT l, r, kind_no, bits, contribution_bits FROM differing
        """,
    )
    engine.make(
        "pair_scores",
        f"SELECT l, r, {settings.model.prior_bits} + sum(contribution_bits) AS bits, count(*) AS n_kinds "
        "FROM kind_bits GROUP BY l, r",
    )
    return {"pairs_weighed": number(engine, "SELECT count(*) FROM pair_scores")}


def _log_odds(probability: float) -> float:
    return math.log2(probability / (1.0 - probability))


def _number_behaviours(engine: Sql) -> None:
    """Make `evidence_kinds` and `evidence_dependence_caps`, with the behaviours, and `numbered_behaviours`.

    Each is in the facet behaviour; a second behaviour of a pair adds little to the first.
    """
    engine.make(
        "behaviour_kinds",
        "SELECT (SELECT count(*) FROM kinds) + row_number() OVER (ORDER BY behaviour) - 1 AS kind_no, "
        "behaviour FROM (SELECT DISTINCT behaviour FROM behaviours)",
    )
    engine.make(
        "evidence_kinds",
        "SELECT * FROM kinds UNION ALL "
        f"SELECT kind_no::INTEGER, behaviour, '{BEHAVIOUR.name}', true, NULL, NULL, NULL, NULL "
        "FROM behaviour_kinds",
    )
    engine.make(
        "numbered_behaviours",
        "SELECT b.l, b.r, k.kind_no::INTEGER AS kind_no, b.bits, b.n_events, b.first_s, b.last_s "
        "FROM behaviours b JOIN behaviour_kinds k USING (behaviour)",
    )
    engine.make(
        "evidence_dependence_caps",
        "SELECT * FROM dependence_caps UNION ALL "
        f"SELECT x.kind_no::INTEGER, y.kind_no::INTEGER, 1e6, {SAME_FACET}, 0.0 "
        "FROM behaviour_kinds x CROSS JOIN behaviour_kinds y WHERE x.kind_no <> y.kind_no",
    )


def _alone_sql(least: float) -> str:
    """Query of the standalone bits of each kind of a pair, for pairs whose summed kinds could make a link.

    Most pairs share one kind alone, and it is too weak: they are left out before anything is added up.
    """
    return f"""
        WITH multi_kind_pairs AS (
            SELECT l, r FROM many_kinds UNION SELECT l, r FROM numbered_behaviours
        ),
        kept_pairs AS (
            SELECT s.l, s.r, s.kind_no, s.bits, m.l IS NOT NULL AS has_more
            FROM exclusivity_bits s LEFT JOIN multi_kind_pairs m ON m.l = s.l AND m.r = s.r
            WHERE s.bits >= {least} OR m.l IS NOT NULL
        ),
        per_kind AS (
            SELECT l, r, kind_no, max(bits) AS bits, bool_or(has_more) AS has_more
            FROM kept_pairs GROUP BY l, r, kind_no
        ),
        chosen AS (
            SELECT l, r, kind_no, bits, 1::BIGINT AS n, 1::BIGINT AS place FROM per_kind WHERE NOT has_more
            UNION ALL
            SELECT l, r, kind_no, bits, (count(*) OVER (PARTITION BY l, r))::BIGINT AS n,
                   (row_number() OVER (PARTITION BY l, r ORDER BY bits DESC, kind_no))::BIGINT AS place
            FROM (SELECT l, r, kind_no, bits FROM per_kind WHERE has_more
                  UNION ALL SELECT l, r, kind_no, bits FROM numbered_behaviours)
            QUALIFY sum(bits) OVER (PARTITION BY l, r) >= {least}
        )
        SELECT c.l, c.r, c.kind_no, coalesce(p.degree, 2) AS degree, c.bits, c.place, c.n
        FROM chosen c LEFT JOIN pair_kinds p ON p.l = c.l AND p.r = c.r AND p.kind_no = c.kind_no
    """


def _counted_sql() -> str:
    return """
        WITH baseline AS (
            SELECT kind_no, avg(log2(degree - 1)) AS log_degree FROM pair_kinds GROUP BY kind_no
            UNION ALL SELECT DISTINCT kind_no, 0.0 FROM numbered_behaviours
        ),
        multi_kind_pairs AS (SELECT * FROM alone WHERE n > 1),
        given_stronger AS (
            SELECT x.l, x.r, x.kind_no, min(c.share) AS share,
                   min(CASE WHEN c.bits > 0
                       THEN greatest(0.0, c.bits + least(c.rarity, u.log_degree - log2(x.degree - 1)))
                       ELSE 0.0 END)
                       AS ceiling
            FROM multi_kind_pairs x
            JOIN multi_kind_pairs y ON y.l = x.l AND y.r = x.r AND y.place < x.place
            JOIN evidence_dependence_caps c ON c.given_no = y.kind_no AND c.kind_no = x.kind_no
            JOIN baseline u ON u.kind_no = x.kind_no
            GROUP BY x.l, x.r, x.kind_no
        )
        SELECT a.l, a.r, a.kind_no, a.bits,
               CASE WHEN b.kind_no IS NULL THEN a.bits ELSE least(a.bits * b.share, b.ceiling) END
               AS contribution_bits
        FROM alone a LEFT JOIN given_stronger b ON b.l = a.l AND b.r = a.r AND b.kind_no = a.kind_no
    """


def _single_values_sql() -> str:
    """Query of each account's one value in the kinds that may speak against a pair; null when not shared."""
    return """
        SELECT a.account_no, a.kind_no, max(h.identifier_no) AS identifier_no
        FROM account_kinds a
        JOIN disagreement_weights c ON c.kind_no = a.kind_no
        LEFT JOIN (SELECT h.account_no, h.identifier_no, i.kind_no
                   FROM window_incidence h JOIN shared_identifiers i ON i.identifier_no = h.identifier_no) h
               ON h.account_no = a.account_no AND h.kind_no = a.kind_no
        WHERE a.is_single
        GROUP BY a.account_no, a.kind_no
    """


def _differing_sql() -> str:
    """Query of the kinds that speak against a pair: each has one value, not the same; one kind a group."""
    return """
        SELECT p.l, p.r, c.kind_no, c.bits, c.bits AS contribution_bits
        FROM kept_pairs p
        JOIN single_values x ON x.account_no = p.l
        JOIN single_values y ON y.account_no = p.r AND y.kind_no = x.kind_no
        JOIN disagreement_weights c ON c.kind_no = x.kind_no
        WHERE x.identifier_no IS DISTINCT FROM y.identifier_no OR x.identifier_no IS NULL
        QUALIFY row_number() OVER (PARTITION BY p.l, p.r, c.group_no ORDER BY c.bits, c.kind_no) = 1
    """
