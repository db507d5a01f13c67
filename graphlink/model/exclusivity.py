"""Private or public: how likely two holders of an identifier have one operator, and so its bits.

The number of holders cannot distinguish a company's exit address from a campus's. Corroboration can: the
accounts of one operator also share cards; those of a campus do not. An operator with many cards has few
accounts on each, so pairs count as tied when connected through others: a chain of cards ties its ends.
Corroboration counts as a share of an identifier's pairs, not as a number (strangers would be pulled in where
a farm rents exits that homes use too), from other facets only, never from the pair in question, and once:
what follows from it does not feed back into it, so there is nothing that can oscillate. It moves kinds with a
stated prior; of an open kind the data already give how its values fare at each size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.clustering.components import components_of
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, GENERALIZATIONS, KINDS, SHARED_IDENTIFIERS
from graphlink.core.tables.model import (
    COPRESENCE_PAIRS,
    EXCLUSIVITY,
    EXCLUSIVITY_BITS,
    MANY_KINDS,
    MATCH_WEIGHTS,
    OVERRIDDEN,
    PAIR_KINDS,
)
from graphlink.engine import number
from graphlink.engine.stage import step
from graphlink.kinds.facets import TYING_FACETS
from graphlink.kinds.listed_types import LISTED_TYPES

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

# Corroborated pairs that one would expect among an identifier's holders before its own share weighs as much
# as what holds for its kind and size.
_EXPECTED_TIES = 2.0
# Pairs with one operator may lack every other facet, so a share that is lower than usual counts half; among
# few holders less: with the square of the doublings of its holders, up to 65, since each doubling is one more
# chance for all of them to meet elsewhere.
_ABSENCE, _ABSENCE_DOUBLINGS = 0.5, 6.0
# Accounts of one operator that share no other facet with anyone of it: a holder without a tie may be such.
_UNTIED = 0.1
# Log2 odds from which a pair's other facets join it to a component, and its probability of one operator.
_JOINING_ODDS = 1.0
_IN_COMPONENT = 0.9
# An operator's pairs are tied at most so often: a seventh or more of its accounts share nothing else, and of
# some operators half. A share as high as this is then as good as all.
_MOST_TIED = 0.5
# And at least so often; of wider kinds its regression line is nearly flat and ends anywhere.
_LEAST_TIED = 0.25
# The fewer the holders, the likelier the one without a tie lives there, up to so many doublings of holders.
_HOME_DOUBLINGS = 4.0
# Bits when both are tied, but apart, where nothing else is known of the identifier: as when of an
# operator's pairs a quarter is.
_APART_BITS = -2.0
_LEAST, _MOST = 1e-6, 0.995
_PLACES = f"{2.0**30:.1f}"
_MARGIN = 1e-6  # bits below a bound that are looked at too: in memory the bound is computed otherwise
_FACETS_SQL = "SELECT kind_no, most_bits, min(kind_no) OVER (PARTITION BY facet) AS facet_no FROM kinds"


@step(
    "exclusivity",
    "estimate which identifiers are exclusive to one operator",
    takes=(
        *(
            COPRESENCE_PAIRS,
            PAIR_KINDS,
            MANY_KINDS,
            MATCH_WEIGHTS,
            KINDS,
            GENERALIZATIONS,
            SHARED_IDENTIFIERS,
            ACCOUNT_NUMBERS,
        ),
        OVERRIDDEN,
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
    engine.make("facet_bits", _given_sql(prior))
    _load_facet_components(engine, prior)
    engine.make("given_stronger", _given_stronger_sql())
    engine.make("ties", _ties_sql(engine, prior))
    engine.drop("facet_bits", "given_stronger", "facet_components")
    engine.make("tie_rates", _tie_rates_sql())
    engine.make("estimated", _estimated_sql())
    engine.make("account_ties", _account_ties_sql())
    is_overruled = number(engine, "SELECT count(*) FROM overridden") > 0
    bits = _bits_sql(prior)
    engine.make("exclusivity_bits", _overruled_bits_sql(bits, prior) if is_overruled else bits)
    engine.make("exclusivity", _overruled_sql())
    return {
        "identifiers_corroborated": number(engine, "SELECT count(*) FROM exclusivity WHERE n_tied >= 0.5")
    }


def _baseline_sql() -> str:
    """Query of each shared identifier's log2 odds (`baseline`) by kind, size, meetings and reference list.

    Where a pair shares one value of a kind, what is known of the kind is known of the value.
    """
    labels = " ".join(f"WHEN '{one.name}' THEN {one.bits}" for one in LISTED_TYPES if one.bits)
    return f"""
        SELECT s.l, s.r, s.identifier_no, s.kind_no, s.is_blocking_value,
               t.log_odds + CASE i.label_type {labels} ELSE 0.0 END AS baseline
        FROM (SELECT l, r, only_no AS identifier_no, kind_no, is_blocking_value, degree_bin, repeat_bin
              FROM pair_kinds WHERE only_no IS NOT NULL
              UNION ALL
              SELECT s.l, s.r, s.identifier_no, s.kind_no, s.is_blocking_value,
                     least(floor(log2(s.degree - 1)), (SELECT max(degree_bin) FROM match_weights))::TINYINT,
                     p.repeat_bin
              FROM pair_kinds p JOIN copresence_pairs s ON s.l = p.l AND s.r = p.r AND s.kind_no = p.kind_no
              WHERE p.only_no IS NULL) s
        JOIN match_weights t ON t.kind_no = s.kind_no AND t.degree_bin = s.degree_bin
        AND t.repeat_bin = s.repeat_bin
        JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
    """


def _exact(sql: str) -> str:
    """A number cut to thirty binary places: sums of such numbers are the same in any order."""
    return f"(round(({sql}) * {_PLACES}) / {_PLACES})"


def _given_sql(prior: float) -> str:
    """Query of the bits of each facet in which a pair shares something, the strongest identifier once.

    Of pairs that share one kind alone only those that it alone ties: of the others nothing follows from it.
    """
    return f"""
        WITH per_kind AS (
            SELECT u.l, u.r, k.facet_no,
                   {_exact(f"least(k.most_bits, greatest(0.0, u.baseline - ({prior})))")} AS bits,
                   m.l IS NOT NULL AS has_more
            FROM ({_baseline_sql()}) u
            JOIN ({_FACETS_SQL}) k ON k.kind_no = u.kind_no
            LEFT JOIN many_kinds m ON m.l = u.l AND m.r = u.r
        )
        SELECT l, r, facet_no, max(bits) AS bits, bool_or(has_more) AS has_more
        FROM per_kind WHERE has_more OR bits > {_JOINING_ODDS - prior - _MARGIN} GROUP BY l, r, facet_no
    """


def _load_facet_components(engine: Sql, prior: float) -> None:
    """Make `facet_components` (account_no, and a column per facet): components by the other facets.

    A component is one of the pairs whose other facets make one operator likely. Two accounts alone
    are none: the tie of a pair is known without it.
    """
    n_accounts = number(engine, "SELECT max(account_no) FROM account_numbers") + 1
    facets = _facets(engine)
    tying = [facets[facet.name] for facet in TYING_FACETS if facet.name in facets]
    columns_sql = "".join(f", coalesce(sum(bits) FILTER (facet_no = {i}), 0.0) AS bits_{i}" for i in tying)
    pairs = engine.arrow(
        f"SELECT l, r{columns_sql} FROM facet_bits GROUP BY l, r "
        f"HAVING sum(bits) > {_JOINING_ODDS - prior - _MARGIN}"
    )
    ends = np.column_stack([pairs["l"].to_numpy(), pairs["r"].to_numpy()])
    bits = {i: pairs[f"bits_{i}"].to_numpy() for i in tying}
    components = {}
    for facet in facets.values():
        total = sum((other_bits for i, other_bits in bits.items() if i != facet), np.zeros(len(ends)))
        component = components_of(n_accounts, ends[total + prior > _JOINING_ODDS])
        components[facet] = np.where(np.bincount(component)[component] > 2, component, -1)
    chosen = np.flatnonzero(np.max([np.full(n_accounts, -1), *components.values()], axis=0) >= 0)
    columns = {"account_no": pa.array(chosen, pa.int32())}
    for facet, component in components.items():
        columns[f"component_{facet}"] = pa.array(component[chosen], pa.int32(), mask=component[chosen] < 0)
    engine.load("facet_components", pa.table(columns))


def _facets(engine: Sql) -> dict[str, int]:
    """The facets, each with the number of its least kind."""
    rows = engine.rows("SELECT facet, min(kind_no) FROM kinds GROUP BY facet ORDER BY facet")
    return {str(facet): int(str(facet_no)) for facet, facet_no in rows}


def _given_stronger_sql() -> str:
    """Query of the bits of a pair's other facets, per facet, of pairs that may have others."""
    return """
        SELECT l, r, facet_no, sum(bits) OVER (PARTITION BY l, r) - bits AS bits FROM facet_bits
        WHERE has_more
    """


def _ties_sql(engine: Sql, prior: float) -> str:
    """Query of the probability of one operator by other facets (`tie`), per shared identifier of a pair.

    `is_apart`: both are in components, but not in the same one.
    """
    facets = list(_facets(engine).values())
    columns = "".join(f", p.component_{facet}" for facet in facets)
    of_l, of_r = (
        " ".join(f"WHEN {facet} THEN {side}.component_{facet}" for facet in facets) for side in ("x", "y")
    )
    own_tie = (
        f"CASE WHEN bits IS NULL THEN {_probability(str(prior))} ELSE {_probability(f'bits + ({prior})')} END"
    )
    tie = f"greatest({own_tie}, CASE WHEN l_component = r_component THEN {_IN_COMPONENT} ELSE 0.0 END)"
    return f"""
        WITH placed AS (
            SELECT a.account_no{columns}
            FROM account_numbers a LEFT JOIN facet_components p ON p.account_no = a.account_no
        )
        SELECT l, r, identifier_no, kind_no, is_blocking_value, baseline,
               {_exact(tie)} AS tie,
               coalesce(l_component <> r_component, false) AS is_apart
        FROM (SELECT u.*, b.bits, CASE k.facet_no {of_l} END AS l_component,
                     CASE k.facet_no {of_r} END AS r_component
              FROM ({_baseline_sql()}) u
              JOIN ({_FACETS_SQL}) k ON k.kind_no = u.kind_no
              JOIN placed x ON x.account_no = u.l
              JOIN placed y ON y.account_no = u.r
              LEFT JOIN given_stronger b ON b.l = u.l AND b.r = u.r AND b.facet_no = k.facet_no)
    """


def _tie_rates_sql() -> str:
    """Query per kind of the mean tie of one operator's pairs (`same`) and of strangers' (`chance`).

    The usual share was learned from the same agreements, so the line through (usual share, tie) ends at them.
    `is_generalization` marks kinds that follow from others: the pairs that meet in a
    network, but at none of its addresses, are weak evidence for all who are in it.
    """
    return f"""
        WITH lines AS (
            SELECT kind_no, round(regr_slope(tie, baseline_share), 9) AS slope,
                   round(regr_intercept(tie, baseline_share), 9) AS start
            FROM (SELECT kind_no, tie,
            {_probability("baseline")} AS baseline_share FROM ties WHERE is_blocking_value)
            GROUP BY kind_no
        )
        SELECT kind_no, greatest(0.0, least(0.5, coalesce(start, 0.0))) AS chance,
               greatest({_LEAST_TIED}, least({_MOST_TIED}, coalesce(start + slope, 0.0))) AS same,
               kind_no IN (SELECT wider_no FROM generalizations) AS is_generalization
        FROM lines WHERE NOT isnan(coalesce(slope, 0.0)) AND NOT isnan(coalesce(start, 0.0))
    """


def _estimated_sql() -> str:
    share = _corrected("avg_baseline", "avg_tie", _weight("degree"), _absence("degree"))
    return f"""
        WITH means AS (
            SELECT identifier_no, any_value(kind_no) AS kind_no, count(*) AS n_pairs, sum(tie) AS n_tied,
                   avg({_exact(_probability("baseline"))}) AS avg_baseline, avg(tie) AS avg_tie
            FROM ties WHERE is_blocking_value GROUP BY identifier_no
        )
        SELECT m.identifier_no, greatest({_LEAST}, least({_MOST}, m.avg_baseline)) AS baseline, m.n_pairs,
               m.n_tied, {share} AS p_exclusive
        FROM means m
        JOIN tie_rates r ON r.kind_no = m.kind_no
        JOIN shared_identifiers i ON i.identifier_no = m.identifier_no
    """


def _account_ties_sql() -> str:
    """Query per identifier and holder of its pairs there and the sum of their ties."""
    return """
        SELECT identifier_no, account_no, count(*) AS n_pairs, sum(tie) AS n_tied FROM (
            SELECT identifier_no, l AS account_no, tie FROM ties WHERE is_blocking_value
            UNION ALL SELECT identifier_no, r, tie FROM ties WHERE is_blocking_value)
        GROUP BY identifier_no, account_no
    """


def _bits_sql(prior: float) -> str:
    """Query of the bits of each shared identifier: its baseline odds, moved by the ties of its other pairs.

    Where only some holders have one operator (tenants of a router among its customers) holders differ: the
    share of pairs is the square of the share of holders that belong. A holder whose own pairs are tied more
    than the identifier's mean is likelier one of these, up to certainty; one whose pairs are tied less is one
    as likely as an operator's accounts share nothing else. Of two components each is to the other as a holder
    without a tie.
    """
    return f"""
        WITH known AS ({_known_sql()}),
        others AS ({_others_sql()}),
        moves AS ({_moves_sql()})
        SELECT l, r, identifier_no, kind_no,
               round(least(most_bits, greatest(0.0, baseline - ({prior})
                     + coalesce({_log_odds("moved")} - v_odds, unmoved))), 6) AS bits
        FROM moves
    """


def _known_sql() -> str:
    """Query per identifier of what is known of its kind (`v_`: of the value itself) before pairs are seen."""
    return f"""
        SELECT i.identifier_no, k.is_declared, k.most_bits, r.same, r.chance, r.is_generalization,
               p.baseline AS v_baseline, p.n_pairs AS v_pairs, p.n_tied AS v_tied,
               {_log_odds("p.baseline")} AS v_odds, {_weight("i.degree")} AS weight,
               {_absence("i.degree")} AS absence, {_missed("i.degree")} AS missed
        FROM shared_identifiers i
        JOIN kinds k ON k.kind_no = i.kind_no
        LEFT JOIN tie_rates r ON r.kind_no = i.kind_no
        LEFT JOIN estimated p ON p.identifier_no = i.identifier_no
    """


def _others_sql() -> str:
    """Query per pair and identifier of the ties of its other pairs: of all, and of those of each holder."""
    return """
        SELECT t.*, t.is_blocking_value::INTEGER AS own, v.is_declared, v.most_bits, v.same, v.chance,
               v.is_generalization, v.v_baseline, v.v_pairs, v.v_tied, v.v_odds, v.weight, v.absence,
               v.missed, x.n_pairs AS l_pairs, x.n_tied AS l_tied, y.n_pairs AS r_pairs,
               y.n_tied AS r_tied
        FROM ties t
        JOIN known v ON v.identifier_no = t.identifier_no
        LEFT JOIN account_ties x ON x.identifier_no = t.identifier_no AND x.account_no = t.l
        LEFT JOIN account_ties y ON y.identifier_no = t.identifier_no AND y.account_no = t.r
    """


def _moves_sql() -> str:
    """Query per pair and identifier of the share that its other pairs move the baseline to; null if none."""
    return f"""
        WITH means AS (SELECT *, (v_tied - own * tie) / (v_pairs - own) AS mean FROM others),
        whole AS (
            SELECT *, CASE WHEN v_pairs - own > 0 AND is_declared AND same IS NOT NULL
                      THEN {_corrected("v_baseline", "mean", "weight", "absence")} END AS whole_share
            FROM means
        ),
        holders AS (
            SELECT *, {_holder("l")} AS of_l, {_holder("r")} AS of_r, {_untied()} AS untied,
                   -- of what is shared in a wider kind ties are weaker, and raise it only if both have them
                   CASE WHEN is_generalization THEN 1.0 ELSE 1.0 / sqrt(whole_share) END AS most
            FROM whole
        ),
        factors AS (
            SELECT *,
                   least(most, greatest(of_l, untied * most)) * least(most, greatest(of_r, untied * most))
                   * CASE WHEN is_generalization THEN greatest(1.0, least(of_l, of_r)) ELSE 1.0 END AS pull
            FROM holders
        )
        SELECT l, r, kind_no, identifier_no, most_bits, baseline, v_odds,
               -- greatest and least pass over null
               CASE WHEN whole_share IS NOT NULL THEN greatest({_LEAST}, least({_MOST}, whole_share
                   * CASE WHEN is_apart THEN least(pull, untied * most * most) ELSE pull END)) END
                   AS moved,
               CASE WHEN is_apart AND is_declared THEN {_APART_BITS} ELSE 0.0 END AS unmoved
        FROM factors
    """


def _overruled_sql() -> str:
    """Query of what was estimated of identifiers, and of the settings' word where they give one."""
    return """
        SELECT p.identifier_no, coalesce(o.p_exclusive, p.baseline) AS baseline, p.n_pairs, p.n_tied,
               coalesce(o.p_exclusive, p.p_exclusive) AS p_exclusive
        FROM estimated p LEFT JOIN overridden o ON o.identifier_no = p.identifier_no
    """


def _overruled_bits_sql(bits: str, prior: float) -> str:
    """Query of the bits of a query, and of those that the settings give an identifier."""
    return f"""
        SELECT s.l, s.r, s.identifier_no, s.kind_no,
               CASE WHEN o.p_exclusive IS NULL THEN s.bits
                    ELSE round(greatest(0.0, {_log_odds("o.p_exclusive")} - ({prior})), 6) END AS bits
        FROM ({bits}) s LEFT JOIN overridden o ON o.identifier_no = s.identifier_no
    """


def _holder(side: str) -> str:
    """SQL of a holder's ties against what the identifier's mean would give, without the pair in question."""
    return (
        f"(coalesce({side}_tied - own * tie, 0.0) + {_EXPECTED_TIES}) "
        f"/ (coalesce({side}_pairs - own, 0) * mean + {_EXPECTED_TIES})"
    )


def _untied() -> str:
    """SQL of the chance that a holder without a tie belongs to the operator all the same.

    The share of holders that do is the root of `whole_share`; some of an operator's share nothing else.
    """
    return "(missed * sqrt(whole_share) / (1.0 - (1.0 - missed) * sqrt(whole_share)))"


def _missed(degree: str) -> str:
    """SQL of the share of one operator's holders who share nothing else."""
    most = f"least(1.0, log2(greatest(2, {degree}) - 1) / {_HOME_DOUBLINGS})"
    return f"greatest({_UNTIED}, 1.0 - sqrt(same)) * {most}"


def _weight(degree: str) -> str:
    """SQL of how far an identifier's own ties weigh against what is usual for its kind and size."""
    return f"({degree} * same / ({degree} * same + {_EXPECTED_TIES}))"


def _absence(degree: str) -> str:
    """SQL of how far a lack of ties counts."""
    return f"{_ABSENCE} * least(1.0, pow(log2(greatest(2, {degree}) - 1) / {_ABSENCE_DOUBLINGS}, 2))"


def _corrected(baseline: str, tie: str, weight: str, absence: str) -> str:
    """SQL of the share of pairs with one operator, from the usual share and the mean tie of the pairs."""
    corrected = f"greatest(0.0, least(1.0, (({tie}) - chance) / greatest(0.01, same - chance)))"
    share = f"({weight} * {corrected} + (1 - {weight}) * {baseline})"
    halved = f"({baseline} * pow(greatest({_LEAST}, {share}) / {baseline}, {absence}))"
    return (
        f"greatest({_LEAST}, least({_MOST}, CASE WHEN {share} < {baseline} THEN {halved} ELSE {share} END))"
    )


def _log_odds(share: str) -> str:
    return f"log2(({share}) / (1 - ({share})))"


def _probability(log_odds: str) -> str:
    return f"(1.0 / (1.0 + pow(2.0, -({log_odds}))))"
