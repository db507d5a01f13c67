"""The step that estimates which identifiers are exclusive, and the bits of each for each pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.core.tables.ingest import (
    ACCOUNT_NUMBERS,
    BLOCKS,
    GENERALIZATIONS,
    KIND_SIZES,
    KINDS,
    NETWORKS,
    SHARED_IDENTIFIERS,
    WINDOW_INCIDENCE,
)
from graphlink.core.tables.model import (
    COPRESENCE_PAIRS,
    EXCLUSIVITY,
    EXCLUSIVITY_BITS,
    MATCH_WEIGHTS,
    OVERRIDDEN,
    PAIR_KINDS,
)
from graphlink.engine import number
from graphlink.engine.stage import step
from graphlink.kinds.facets import OWNED_FACETS, among_facets_sql
from graphlink.kinds.listed_types import LISTED_TYPES
from graphlink.model.exclusivity.concentration import make_concentration
from graphlink.model.exclusivity.coverage import exact, make_coverage
from graphlink.model.exclusivity.determination import make_determination
from graphlink.model.exclusivity.learning import learn_among_others
from graphlink.model.match_weights.priors import LARGEST_USUAL
from graphlink.model.exclusivity.states import TIED_OF_OPERATOR, Coverage, States, state_likelihoods

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

_LEAST, _MOST = 1e-6, 0.995
# Two tied parts of one identifier's tenants without a common tie: one operator with several cards, or two.
_PARTS_OF_ONE = 0.3
# Addresses that one operator has among others, for each that it has alone; and networks, for each at all:
# a network has many tenants by nature.
_AMONG_OTHERS, _AMONG_IN_NETWORK = 1.0, 0.3
# Share of organisations whose accounts are under several mail domains of their own.
_SEVERAL_DOMAINS = 0.05
# Share of operators' instruments whose holders come from many places.
_SCATTERED = 0.7
# Two tenants in one tied part.
_IN_PART = 0.5


@step(
    "exclusivity",
    "estimate which identifiers are exclusive to one operator",
    takes=(
        *(COPRESENCE_PAIRS, PAIR_KINDS, MATCH_WEIGHTS, KINDS, SHARED_IDENTIFIERS, ACCOUNT_NUMBERS),
        *(WINDOW_INCIDENCE, BLOCKS, KIND_SIZES, GENERALIZATIONS, NETWORKS, OVERRIDDEN),
    ),
    makes=(EXCLUSIVITY, EXCLUSIVITY_BITS),
    share=0.07,
)
def estimate_exclusivity(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `exclusivity`, the estimates per identifier, and `exclusivity_bits`, the bits for each pair.

    What the settings overrule stands in both instead of the estimate, and moves no other estimate: every pair
    that shares an overridden identifier gets the bits of its probability, its log2 odds less the prior.

    Returns:
        Counts for the manifest.
    """
    prior = settings.model.prior_bits
    engine.make("baselines", _baseline_sql(prior))
    make_concentration(engine)
    make_coverage(engine, _owned_odds_sql(), prior)
    engine.make("own_domains", _own_domains_sql())
    learned = _load_states(engine)
    engine.make("estimated", _estimated_sql())
    engine.make("standalone", _overruled_bits_sql(prior))
    make_determination(engine)
    engine.make("exclusivity_bits", _undetermined_sql())
    engine.make("exclusivity", _overruled_sql())
    engine.drop("own_domains", "baselines", "states", "estimated", "standalone", "determined")
    return {
        "among_others": learned,
        "identifiers_corroborated": number(engine, "SELECT count(*) FROM exclusivity WHERE n_tied >= 1")
    }


def _baseline_sql(prior: float) -> str:
    """Query of each shared identifier's log2 odds (`baseline`) by kind, size, meetings and reference list.

    Where a pair shares one value of a kind, what is known of the kind is known of the value.
    """
    labels = " ".join(f"WHEN '{one.name}' THEN {one.bits}" for one in LISTED_TYPES if one.bits)
    return f"""
        WITH looked_up AS (
            SELECT s.l, s.r, s.identifier_no, s.kind_no, s.repeat_bin, k.is_declared,
                   CASE WHEN k.is_declared THEN t.log_odds - s.repeat_bin
                        ELSE least(t.log_odds, {prior} + {_frequency_bits("i.degree", "z.n_accounts")}) END
                   + CASE i.label_type {labels} ELSE 0.0 END AS log_odds
            FROM (SELECT l, r, only_no AS identifier_no, kind_no, degree_bin, repeat_bin
                  FROM pair_kinds WHERE only_no IS NOT NULL
                  UNION ALL
                  SELECT s.l, s.r, s.identifier_no, s.kind_no,
                         least(floor(log2(s.degree - 1)), (SELECT max(degree_bin) FROM match_weights))::TINYINT,
                         p.repeat_bin
                  FROM pair_kinds p
                  JOIN copresence_pairs s ON s.l = p.l AND s.r = p.r AND s.kind_no = p.kind_no
                  WHERE p.only_no IS NULL) s
            JOIN match_weights t ON t.kind_no = s.kind_no AND t.degree_bin = s.degree_bin
            AND t.repeat_bin = s.repeat_bin
            JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
            JOIN kinds k ON k.kind_no = s.kind_no
            LEFT JOIN kind_sizes z ON z.kind_no = s.kind_no
        )
        SELECT l, r, identifier_no, kind_no,
               CASE WHEN is_declared
                    THEN avg({exact("log_odds")}) OVER (PARTITION BY identifier_no) + repeat_bin
                    ELSE log_odds END AS baseline
        FROM looked_up
    """


def _owned_odds_sql() -> str:
    """Query of the log2 odds of each shared owned identifier, with the concentration of its holders."""
    owned = among_facets_sql("k.facet", OWNED_FACETS)
    return f"""
        SELECT u.l, u.r, u.identifier_no, u.kind_no, u.baseline
                   + log2({1 - _SCATTERED} * exp(least(20.0, coalesce(c.log_ratio, -20.0))) + {_SCATTERED}) AS odds
        FROM baselines u
        JOIN kinds k ON k.kind_no = u.kind_no
        LEFT JOIN concentration c ON c.identifier_no = u.identifier_no
        WHERE {owned} AND k.is_declared
    """


def _own_domains_sql() -> str:
    """Query of the one mail domain of an account that is likelier an organisation's own than public."""
    return f"""
        SELECT h.account_no, max(h.identifier_no) AS domain_no
        FROM (SELECT DISTINCT u.identifier_no FROM ({_owned_odds_sql()}) u
              JOIN kinds k ON k.kind_no = u.kind_no
              WHERE k.kind = 'email_domain' AND u.odds > 0) d
        JOIN window_incidence h ON h.identifier_no = d.identifier_no
        GROUP BY h.account_no HAVING count(DISTINCT h.identifier_no) = 1
    """


def _load_states(engine: Sql) -> dict[str, float]:
    """Make `states`: per identifier the likelihood ratio of one operator, and what its tied parts say."""
    rows = engine.arrow(
        "SELECT c.*, k.is_declared, k.kind_no IN (SELECT wider_no FROM generalizations) AS is_network, "
        f"k.is_declared AND {among_facets_sql('k.facet', OWNED_FACETS)} AS is_owned, "
        "coalesce(g.log_ratio, -20.0) AS log_ratio, coalesce(w.network_no, c.identifier_no) AS unit_no, "
        "coalesce(b.baseline, 0.0) AS prior, k.kind "
        "FROM coverage c JOIN kinds k USING (kind_no) LEFT JOIN concentration g USING (identifier_no) "
        "LEFT JOIN networks w USING (identifier_no) "
        f"LEFT JOIN (SELECT identifier_no, avg({exact('pow(2.0, baseline) / (1.0 + pow(2.0, baseline))')}) "
        "AS baseline FROM baselines GROUP BY identifier_no) b USING (identifier_no) "
        "ORDER BY c.identifier_no"
    )
    n, tied, by_chance, in_parts, in_one = (
        rows[name].to_numpy().astype(np.float64)
        for name in ("n_holders", "n_tied", "by_chance", "in_parts", "in_one")
    )
    declared, is_network, owned = (
        rows[name].to_numpy(zero_copy_only=False) for name in ("is_declared", "is_network", "is_owned")
    )
    gathered = (1.0 - _SCATTERED) * np.exp(np.minimum(rows["log_ratio"].to_numpy(), 20.0)) + _SCATTERED
    gathered[n < 3] = 1.0
    usual_tied = TIED_OF_OPERATOR[0] / sum(TIED_OF_OPERATOR)
    # Among others means that one holder at least is somebody else.
    belonging = np.clip(np.minimum(tied / usual_tied, n - 1.0) / np.maximum(n, 1.0), 0.0, 0.99)
    of_parts = _PARTS_OF_ONE * in_parts
    columns = {name: rows[name] for name in ("identifier_no", "n_holders", "n_tied", "is_network")}
    columns |= {
        "untied_belongs": belonging * (1.0 - usual_tied) / (1.0 - belonging * usual_tied),
        "belonging": belonging,
        "parts_of_one": of_parts,
        "tied_of_one": in_one + (1.0 - in_one) * of_parts,
    }
    for suffix, is_left_out in (("", False), ("_without", True)):
        states = state_likelihoods(Coverage(n, tied, by_chance), is_pair_left_out=is_left_out)
        one = np.where(owned, gathered, np.where(declared, states.one_operator, 1.0))
        columns[f"one_operator{suffix}"] = one
        columns[f"among_others{suffix}"] = np.where(declared & ~owned, states.among_others, 0.0)
        if not is_left_out:
            kind = rows["kind_no"].to_numpy().astype(np.int64)
            learned = learn_among_others(
                kind,
                rows["unit_no"].to_numpy().astype(np.int64),
                rows["prior"].to_numpy(),
                States(one, columns["among_others"]),
                _AMONG_OTHERS,
            )
    columns["among_share"] = np.array([learned[one] for one in kind.tolist()], dtype=float)
    engine.load("states", pa.table(columns))
    names = dict(zip(kind.tolist(), rows["kind"].to_pylist(), strict=True))
    return {names[one]: share for one, share in learned.items()}


def _weights(p: str, suffix: str = "") -> tuple[str, str, str]:
    """SQL of the weights of the states: one operator, one among others, public."""
    among = f"CASE WHEN is_network THEN {_AMONG_IN_NETWORK} ELSE among_share * {p} END"
    return f"({p} * one_operator{suffix})", f"({among} * among_others{suffix})", f"(1 - {p})"


def _bits_sql(prior: float) -> str:
    """Query of the bits of each shared identifier: its baseline odds, moved by the ties of its holders."""
    ceiling = _frequency_bits("i.degree", "(SELECT count(*) FROM account_numbers)")
    one, among, public = _weights("p")
    one_without, among_without, _ = _weights("p", "_without")
    return f"""
        WITH placed AS (
            SELECT u.l, u.r, u.identifier_no, u.kind_no, k.most_bits,
                   1.0 / (1.0 + pow(2.0, -(({prior}) + {ceiling}))) AS most_of_tenants, s.*
                       EXCLUDE (identifier_no),
                   pow(2.0, u.baseline) / (1.0 + pow(2.0, u.baseline)) AS p,
                   coalesce(x.is_tied, false) AS l_tied, coalesce(y.is_tied, false) AS r_tied,
                   coalesce(a.domain_no <> b.domain_no, false) AS is_of_two,
                   coalesce(x.component = y.component, false) AS is_in_part,
                   coalesce(x.component = y.component AND x.n_there = 2, false) AS is_part
            FROM baselines u
            JOIN kinds k ON k.kind_no = u.kind_no
            JOIN shared_identifiers i ON i.identifier_no = u.identifier_no
            JOIN states s ON s.identifier_no = u.identifier_no
            LEFT JOIN holder_ties x ON x.identifier_no = u.identifier_no AND x.account_no = u.l
            LEFT JOIN holder_ties y ON y.identifier_no = u.identifier_no AND y.account_no = u.r
            LEFT JOIN own_domains a ON a.account_no = u.l
            LEFT JOIN own_domains b ON b.account_no = u.r
        ),
        weighed AS (
            SELECT *, CASE WHEN is_part THEN {one_without} ELSE {one} END
                       * CASE WHEN is_of_two THEN {_SEVERAL_DOMAINS} ELSE 1.0 END AS w_one,
                   CASE WHEN is_part THEN {among_without} ELSE {among} END AS w_among, {public} AS w_public,
                   least(most_of_tenants, CASE WHEN is_part THEN 0.0
                        WHEN is_in_part THEN {_IN_PART}
                        WHEN l_tied AND r_tied THEN parts_of_one
                        WHEN l_tied OR r_tied THEN tied_of_one * untied_belongs
                        ELSE tied_of_one * untied_belongs * untied_belongs END) AS p_among
            FROM placed
        )
        SELECT l, r, identifier_no, kind_no,
               round(least(most_bits, greatest(0.0, log2(
                   (w_one + w_among * p_among) / (w_among * (1 - p_among) + w_public))
                   - ({prior}))), 6) AS bits
        FROM weighed
    """


def _estimated_sql() -> str:
    """Query per identifier that made pairs of its mean baseline and of the share of pairs with one operator."""
    one, among, public = _weights("baseline")
    return f"""
        WITH means AS (
            SELECT identifier_no, avg({exact("pow(2.0, baseline) / (1.0 + pow(2.0, baseline))")}) AS baseline
            FROM baselines GROUP BY identifier_no
        ),
        weighed AS (
            SELECT m.identifier_no, m.baseline, s.n_holders, s.n_tied, {one} AS w_one, {among} AS w_among,
                   {public} AS w_public, s.belonging * s.belonging * s.tied_of_one AS p_among
            FROM means m JOIN states s USING (identifier_no)
        )
        SELECT identifier_no, greatest({_LEAST}, least({_MOST}, baseline)) AS baseline, n_holders, n_tied,
               greatest({_LEAST}, least({_MOST}, (w_one + w_among * p_among) / (w_one + w_among + w_public)))
                   AS p_exclusive
        FROM weighed
    """


def _overruled_sql() -> str:
    """Query of what was estimated of identifiers, and of the settings' word where they give one."""
    return """
        SELECT p.identifier_no, coalesce(o.p_exclusive, p.baseline) AS baseline, p.n_holders, p.n_tied,
               coalesce(o.p_exclusive, p.p_exclusive) AS p_exclusive
        FROM estimated p LEFT JOIN overridden o ON o.identifier_no = p.identifier_no
    """


def _overruled_bits_sql(prior: float) -> str:
    """Query of the bits of each pair, and of those that the settings give an identifier."""
    stated = "log2(o.p_exclusive / (1 - o.p_exclusive))"
    return f"""
        SELECT s.l, s.r, s.identifier_no, s.kind_no,
               CASE WHEN o.p_exclusive IS NULL THEN s.bits
                    ELSE round(greatest(0.0, {stated} - ({prior})), 6) END AS bits
        FROM ({_bits_sql(prior)}) s LEFT JOIN overridden o ON o.identifier_no = s.identifier_no
    """


def _undetermined_sql() -> str:
    """Query of the bits of each pair: what a shared network identifier may set counts once, and up to its most.

    It counts beyond the bits of the network identifier in any case: sharing more never says less.
    """
    return """
        WITH set_by AS (
            SELECT s.l, s.r, s.identifier_no, any_value(s.bits) AS bits, min(d.most_bits) AS most_bits,
                   max(b.bits) AS network_bits
            FROM determined d
            JOIN standalone s ON s.identifier_no = d.identifier_no
            JOIN standalone b ON b.l = s.l AND b.r = s.r AND b.identifier_no = d.by_no
            GROUP BY s.l, s.r, s.identifier_no
        ),
        ranked AS (
            SELECT *, row_number() OVER (PARTITION BY l, r ORDER BY least(bits, most_bits) DESC,
                                         identifier_no) AS place FROM set_by
        )
        SELECT s.l, s.r, s.identifier_no, s.kind_no,
               round(CASE WHEN d.l IS NULL THEN s.bits
                          ELSE greatest(s.bits - d.network_bits,
                                        CASE WHEN d.place = 1 THEN least(s.bits, d.most_bits) ELSE 0.0 END)
                     END, 6) AS bits
        FROM standalone s
        LEFT JOIN ranked d ON d.l = s.l AND d.r = s.r AND d.identifier_no = s.identifier_no
    """


def _frequency_bits(degree: str, n_accounts: str) -> str:
    """SQL of the most bits that the frequency of a value allows: see `match_weights.priors.frequency_ceiling`."""
    return (
        f"(log2(greatest(1.0, {n_accounts} / {degree}::DOUBLE)) "
        f"+ 2.0 * log2(greatest(1.0, {LARGEST_USUAL} / {degree}::DOUBLE)))"
    )
