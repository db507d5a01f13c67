"""Evidence: the bits of each shared identifier of a pair, and what of them counts given the others.

Bits add up to the pair's log odds. A kind counts in full when it is the strongest; each weaker one counts up
to what it still adds once the stronger are known, so that a card seen with its billing name is not counted
twice.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from graphlink.core.tables.ingest import ACCOUNT_KINDS, KINDS, SHARED_IDENTIFIERS, WINDOW_INCIDENCE
from graphlink.core.tables.model import (
    BEHAVIOURS,
    CONDITIONAL_DISAGREEMENT,
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
from graphlink.kinds.facets import BEHAVIOUR, NETWORK, is_facet_sql
from graphlink.model.dependent_evidence import COUNTED, Dependence, counted_kinds

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
            CONDITIONAL_DISAGREEMENT,
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
    _number_behaviours(engine, settings.parameters.dependence.same_facet)
    engine.make("alone", _alone_sql(least))
    _count_dependent(engine)
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


def _number_behaviours(engine: Sql, same_facet: float) -> None:
    """Make `evidence_kinds` and `evidence_dependence_caps`, with the behaviours, and `numbered_behaviours`.

    Each is in the facet behaviour; a second behaviour of a pair adds little to the first. Nor does a burst of
    sign-ups add much to a place that the two share: a class signs up in one room and in one hour. That closed
    accounts are replaced at a place says whose it is, as what else is known of the place does: the one adds
    little to the other.
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
        "SELECT b.l, b.r, k.kind_no::INTEGER AS kind_no, b.bits, b.n_events, b.first_s, b.last_s, b.at_no "
        "FROM behaviours b JOIN behaviour_kinds k USING (behaviour)",
    )
    engine.make(
        "evidence_dependence_caps",
        "SELECT * FROM dependence_caps UNION ALL "
        f"SELECT x.kind_no::INTEGER, y.kind_no::INTEGER, 1e6, {same_facet}, 0.0 "
        "FROM behaviour_kinds x CROSS JOIN behaviour_kinds y WHERE x.kind_no <> y.kind_no UNION ALL "
        f"SELECT k.kind_no, x.kind_no::INTEGER, 1e6, {same_facet}, 0.0 FROM behaviour_kinds x "
        "CROSS JOIN kinds k WHERE x.behaviour IN ('signup_burst', 'replacement') "
        f"AND {is_facet_sql('k.facet', NETWORK)} UNION ALL "
        f"SELECT x.kind_no::INTEGER, k.kind_no, 1e6, {same_facet}, 0.0 FROM behaviour_kinds x "
        f"CROSS JOIN kinds k WHERE x.behaviour = 'replacement' AND {is_facet_sql('k.facet', NETWORK)}",
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
            SELECT l, r, kind_no, bits, 1::BIGINT AS n FROM per_kind WHERE NOT has_more
            UNION ALL
            SELECT l, r, kind_no, bits, (count(*) OVER (PARTITION BY l, r))::BIGINT AS n
            FROM (SELECT l, r, kind_no, bits FROM per_kind WHERE has_more
                  UNION ALL SELECT l, r, kind_no, bits FROM numbered_behaviours)
            QUALIFY sum(bits) OVER (PARTITION BY l, r) >= {least}
        )
        SELECT c.l, c.r, c.kind_no, coalesce(p.degree, 2) AS degree, c.bits, c.n
        FROM chosen c LEFT JOIN pair_kinds p ON p.l = c.l AND p.r = c.r AND p.kind_no = c.kind_no
    """


def _count_dependent(engine: Sql) -> None:
    """Make `agreeing`: what each kind of a pair counts, given the pair's other kinds."""
    engine.make_by(
        "counted_kinds",
        "SELECT l, r, kind_no, bits, degree::DOUBLE AS degree FROM alone WHERE n > 1",
        "l",
        functools.partial(counted_kinds, dependence=_dependence(engine)),
        COUNTED,
    )
    engine.make(
        "agreeing",
        "SELECT l, r, kind_no, bits, bits AS contribution_bits FROM alone WHERE n = 1 "
        "UNION ALL SELECT l, r, kind_no, bits, contribution_bits FROM counted_kinds",
    )


def _dependence(engine: Sql) -> Dependence:
    """The dependence of kinds as matrices; between kinds that it does not list there is none."""
    n_kinds = number(engine, "SELECT count(*) FROM evidence_kinds")
    bits, share, rarity = (
        np.full((n_kinds, n_kinds), np.inf),
        np.ones((n_kinds, n_kinds)),
        np.zeros((n_kinds, n_kinds)),
    )
    caps = engine.arrow("SELECT given_no, kind_no, bits, share, rarity FROM evidence_dependence_caps")
    places = (caps["given_no"].to_numpy(), caps["kind_no"].to_numpy())
    for matrix, name in ((bits, "bits"), (share, "share"), (rarity, "rarity")):
        matrix[places] = caps[name].to_numpy()
    log_degree = np.zeros(n_kinds)
    usual = engine.arrow(
        "SELECT kind_no, avg(log2(degree - 1)) AS log_degree FROM pair_kinds GROUP BY kind_no"
    )
    log_degree[usual["kind_no"].to_numpy()] = usual["log_degree"].to_numpy().round(4)
    return Dependence(bits, share, rarity, log_degree)


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
    """Query of the kinds that speak against a pair: each has one value, not the same; one kind a group.

    Of what differing says given each kind that the pair shares the most counts: a full name depends on the
    surname, whatever else is shared.
    """
    return """
        WITH differing AS (
            SELECT p.l, p.r, c.kind_no, c.group_no, c.bits
            FROM kept_pairs p
            JOIN single_values x ON x.account_no = p.l
            JOIN single_values y ON y.account_no = p.r AND y.kind_no = x.kind_no
            JOIN disagreement_weights c ON c.kind_no = x.kind_no
            WHERE x.identifier_no IS DISTINCT FROM y.identifier_no OR x.identifier_no IS NULL
        ),
        given AS (
            SELECT d.l, d.r, d.kind_no, min(c.bits) AS bits
            FROM differing d
            JOIN agreeing a ON a.l = d.l AND a.r = d.r
            JOIN conditional_disagreement c ON c.given_no = a.kind_no AND c.kind_no = d.kind_no
            GROUP BY d.l, d.r, d.kind_no
        )
        SELECT l, r, kind_no, bits, bits AS contribution_bits FROM (
            SELECT d.l, d.r, d.kind_no, d.group_no, least(d.bits, coalesce(g.bits, 0.0)) AS bits
            FROM differing d LEFT JOIN given g ON g.l = d.l AND g.r = d.r AND g.kind_no = d.kind_no
        )
        QUALIFY row_number() OVER (PARTITION BY l, r, group_no ORDER BY bits, kind_no) = 1
    """
