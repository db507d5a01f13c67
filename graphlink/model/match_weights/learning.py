"""The step that learns the match weights of each kind, and makes the tables of what was learned."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphlink.core.tables.ingest import (
    ACCOUNT_KINDS,
    ACCOUNT_NUMBERS,
    BLOCKS,
    GENERALIZATIONS,
    KIND_SIZES,
    KINDS,
    SHARED_IDENTIFIERS,
    WINDOW_INCIDENCE,
)
from graphlink.core.tables.model import (
    BLOCK_LIMITS,
    CONDITIONAL_DISAGREEMENT,
    COPRESENCE_PAIRS,
    DEPENDENCE_CAPS,
    DISAGREEMENT_WEIGHTS,
    MANY_KINDS,
    MATCH_WEIGHTS,
    PAIR_KINDS,
    PAIR_LABELS,
)
from graphlink.engine.stage import step
from graphlink.engine.typed_rows import rows_as
from graphlink.kinds.contact import DOMAIN
from graphlink.kinds.facets import OWNED_FACETS, among_facets_sql
from graphlink.model.learned import use_saved
from graphlink.model.match_weights.dependence import load_dependence_caps
from graphlink.model.match_weights.disagreement import load_disagreement_weights
from graphlink.model.match_weights.mixture import fit
from graphlink.model.match_weights.parameters import LN2, N_DEGREES, N_REPEATS, MatchWeights, Prior
from graphlink.model.match_weights.priors import (
    agreement_by_chance,
    agreement_in_time,
    frequency_ceiling,
    prior_log_odds,
)
from graphlink.model.match_weights.views import draw_views, no_views

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql
    from graphlink.model.learned import Learned

_BUCKETS_SQL = (
    f"least(floor(log2(degree - 1)), {N_DEGREES - 1})::TINYINT AS degree_bin, "
    "(CASE WHEN n_meetings >= 4 THEN 2 WHEN n_meetings >= 2 THEN 1 ELSE 0 END)::TINYINT AS repeat_bin"
)


_LEARNS = (MATCH_WEIGHTS, DEPENDENCE_CAPS, DISAGREEMENT_WEIGHTS, CONDITIONAL_DISAGREEMENT)


class _Kind(NamedTuple):
    """A kind, with the accounts that were seen with it and the least kind of its facet."""

    name: str
    p_exclusive: float
    n_accounts: int
    n_single: int
    facet_no: int
    degree_exponent: float
    is_declared: bool
    is_owned: bool


@step(
    "match_weights",
    "learn the match weights of each kind",
    takes=(
        *(
            COPRESENCE_PAIRS,
            KINDS,
            KIND_SIZES,
            GENERALIZATIONS,
            ACCOUNT_KINDS,
            ACCOUNT_NUMBERS,
            SHARED_IDENTIFIERS,
            WINDOW_INCIDENCE,
            BLOCKS,
            BLOCK_LIMITS,
        ),
        PAIR_LABELS,
    ),
    makes=(PAIR_KINDS, MANY_KINDS, *_LEARNS),
    share=0.07,
    learns=_LEARNS,
)
def learn_match_weights(engine: Sql, settings: Settings, saved: Learned | None = None) -> dict[str, object]:
    """Learn the bits of sharing a value of each kind, what it adds to others, and the bits of differing.

    With what a model has saved, nothing is learned: the kinds that it does not know keep their priors.

    Returns:
        What was learned of each kind, for the manifest.
    """
    kinds = rows_as(
        engine,
        "SELECT k.kind, k.p_exclusive, coalesce(s.n_accounts, 0), coalesce(s.n_single, 0), "
        "min(k.kind_no) OVER (PARTITION BY k.facet), k.degree_exponent, k.is_declared, "
        f"k.is_declared AND {among_facets_sql('k.facet', OWNED_FACETS)} "
        "FROM kinds k LEFT JOIN kind_sizes s USING (kind_no) ORDER BY kind_no",
        _Kind,
    )
    names, numbers = [kind.name for kind in kinds], settings.parameters
    p_exclusive = np.array([kind.p_exclusive for kind in kinds])
    degree_exponent = np.array([kind.degree_exponent for kind in kinds])
    declared = np.array([kind.is_declared for kind in kinds], dtype=bool)
    prior = Prior(
        prior_log_odds(p_exclusive, degree_exponent, declared),
        declared,
        np.array([kind.n_accounts == 0 for kind in kinds], dtype=bool),
        np.array(
            [kind.is_owned and kind.n_accounts > 0 and kind.name != DOMAIN for kind in kinds], dtype=bool
        ),
        np.array([kind.facet_no for kind in kinds], dtype=np.int64),
        agreement_by_chance(engine, len(names)),
        agreement_in_time(engine, len(names), numbers.dependence),
        frequency_ceiling(
            np.array([kind.n_accounts for kind in kinds], dtype=float),
            declared,
            settings.model.prior_bits,
            numbers.frequency.largest_usual,
        ),
        numbers.mixture,
        numbers.dependence,
    )
    engine.make("pair_kinds", _pair_kinds_sql())
    engine.make("many_kinds", "SELECT l, r FROM pair_kinds GROUP BY l, r HAVING count(*) > 1")
    n_kinds = len(names)
    views = (
        no_views(n_kinds)
        if saved
        else draw_views(engine, n_kinds, numbers.mixture.labelled_pairs, teaches=settings.labels.teach)
    )
    learned = fit(views, prior)
    single = numbers.dependence.single
    is_single = np.array([kind.n_single >= single * kind.n_accounts for kind in kinds], bool) & ~declared
    is_single &= saved is None  # without data differing is no evidence
    _load_match_weights(engine, learned)
    load_dependence_caps(engine, learned, prior)
    load_disagreement_weights(engine, learned, is_single, numbers.dependence.most_contrary)
    return use_saved(engine, _LEARNS, saved) if saved else {"kinds": _facts(names, learned)}


def _pair_kinds_sql() -> str:
    """Query of what each pair shares per kind: the rarest value and how often they met.

    A wider identifier is evidence only for pairs that do not share the narrower one that it follows from:
    accounts on one address are on one network, and that adds nothing.
    """
    return f"""
        WITH per_kind AS (
            SELECT l, r, kind_no, min(degree) AS degree, sum(n_windows)::BIGINT AS n_meetings,
                   bool_or(is_blocking_value) AS is_blocking_value,
                   CASE WHEN count(*) = 1 THEN min(identifier_no) END AS only_no
            FROM copresence_pairs s
            WHERE NOT EXISTS (SELECT 1 FROM generalizations w JOIN copresence_pairs n ON n.kind_no = w.kind_no
                              WHERE w.wider_no = s.kind_no AND n.l = s.l AND n.r = s.r)
            GROUP BY l, r, kind_no
        )
        SELECT l, r, kind_no, degree, is_blocking_value, only_no, {_BUCKETS_SQL} FROM per_kind
    """


def _load_match_weights(engine: Sql, learned: MatchWeights) -> None:
    n_kinds, size = learned.share.shape
    odds = (np.log(learned.share) - np.log1p(-learned.share)) / LN2
    buckets = np.tile(np.arange(size), n_kinds)
    columns = {
        "kind_no": np.repeat(np.arange(n_kinds), size),
        "degree_bin": buckets // N_REPEATS,
        "repeat_bin": buckets % N_REPEATS,
        "log_odds": odds.ravel().round(4),
    }
    engine.load("match_weights", MATCH_WEIGHTS.arrow_table(columns))


def _facts(names: list[str], learned: MatchWeights) -> list[dict[str, object]]:
    return [
        {
            "kind": name,
            "private_of_two": round(float(learned.share[k, 0]), 4),
            "agreement_same_operator": round(float(learned.m_probability[k]), 4),
            "agreement_strangers": round(float(learned.u_probability[k]), 5),
            "counts_once_with": [
                names[j] for j in np.flatnonzero(learned.group == learned.group[k]) if j != k
            ],
        }
        for k, name in enumerate(names)
    ]
