"""What the data teach of the states: how often an operator has an identifier of a kind among others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphlink.core.tables.model import EXCLUSIVITY_SHARES, TIED_SHARES
from graphlink.model.exclusivity.states import (
    Coverage,
    log_by_tied,
    log_public,
    midpoints,
    own_law,
    stated_law,
    uniform_law,
)
from graphlink.model.match_weights.parameters import N_DEGREES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.core.parameters import Exclusivity
    from graphlink.engine import Sql
    from graphlink.model.exclusivity.states import Floats

_ITERATIONS = 50


class Ratios(NamedTuple):
    """Likelihood ratios of the states of identifiers against public."""

    one_operator: Floats
    among_others: Floats


def learn_shares(engine: Sql, numbers: Exclusivity, *, is_saved: bool) -> None:
    """Make `exclusivity_shares` from `identifier_states` and `mean_baselines`.

    The share of a kind stands for each of its sizes until identifiers of that size teach otherwise.

    Args:
        engine: Where it is made.
        numbers: Numbers of the method.
        is_saved: Whether a saved model stands in for them: then they are made without data.
    """
    rows = engine.arrow(
        "SELECT s.kind_no, s.degree_bin, coalesce(w.network_no, t.site_no) AS unit_no, s.one_operator, "
        "s.among_others, b.baseline, s.listed_bits FROM identifier_states s "
        "JOIN mean_baselines b ON b.identifier_no = s.identifier_no "
        "JOIN sites t ON t.identifier_no = s.identifier_no "
        "LEFT JOIN networks w ON w.identifier_no = t.site_no "
        f"WHERE NOT s.is_network AND {'false' if is_saved else 's.among_others > 0'} ORDER BY s.identifier_no"
    )
    kind, size, unit = (
        rows[name].to_numpy().astype(np.int64) for name in ("kind_no", "degree_bin", "unit_no")
    )
    one, among, prior, listed = (
        rows[name].to_numpy() for name in ("one_operator", "among_others", "baseline", "listed_bits")
    )
    ratios = Ratios(one, among * unlisted(prior, listed) / prior)
    weight = numbers.learning_units
    of_kinds = learn_among_others(kind, unit, prior, ratios, numbers.among_others, weight)
    kinds = [int(str(row[0])) for row in engine.rows("SELECT kind_no FROM kinds ORDER BY kind_no")]
    shares = []
    for one_kind in kinds:
        stated, rows_of = of_kinds.get(one_kind, numbers.among_others), kind == one_kind
        of_kind = Ratios(*(column[rows_of] for column in ratios))
        of_sizes = learn_among_others(size[rows_of], unit[rows_of], prior[rows_of], of_kind, stated, weight)
        shares += [of_sizes.get(bin_no, stated) for bin_no in range(N_DEGREES)]
    columns = {
        "kind_no": np.repeat(kinds, N_DEGREES),
        "degree_bin": np.tile(np.arange(N_DEGREES), len(kinds)),
        "among_others": shares,
    }
    engine.load("exclusivity_shares", EXCLUSIVITY_SHARES.arrow_table(columns))


def learn_tied_shares(engine: Sql, numbers: Exclusivity, *, is_saved: bool) -> None:
    """Make `tied_shares` from `coverage` and `mean_baselines`: how many of operators' accounts are tied.

    Expectation maximisation over identifiers, those of one network with one vote, of the weights of the
    shares; the beta law that stands before the data weighs as much as `learning_units` of them.

    Args:
        engine: Where it is made.
        numbers: Numbers of the method.
        is_saved: Whether a saved model stands in for them: then they are made without data.
    """
    rows = engine.arrow(
        "SELECT c.n_shown, c.n_tied, c.by_chance, b.baseline, l.bits AS listed_bits, "
        "coalesce(w.network_no, t.site_no) AS unit_no "
        "FROM coverage c JOIN mean_baselines b ON b.identifier_no = c.identifier_no "
        "JOIN kinds k ON k.kind_no = c.kind_no "
        "JOIN listed_identifiers l ON l.identifier_no = c.identifier_no "
        "JOIN sites t ON t.identifier_no = c.identifier_no "
        "LEFT JOIN networks w ON w.identifier_no = t.site_no "
        "WHERE k.is_declared AND c.kind_no NOT IN (SELECT wider_no FROM generalizations) "
        f"AND c.n_shown > 2 AND c.n_tied > 2 AND {'false' if is_saved else 'true'} ORDER BY c.identifier_no"
    )
    n, tied, by_chance, prior, listed = (
        rows[name].to_numpy().astype(np.float64)
        for name in ("n_shown", "n_tied", "by_chance", "baseline", "listed_bits")
    )
    coverage = Coverage(n, tied, by_chance, np.ones(len(n)))
    public = log_public(coverage, numbers)[:, None]
    log_alone, log_among = (log_by_tied(coverage, law) - public for law in (own_law(numbers), uniform_law()))
    # A likelihood ratio of a thousand holders may be more than a number holds.
    most = np.maximum(0.0, np.maximum(log_alone, log_among).max(axis=1, keepdims=True, initial=0.0))
    alone = (1.0 - numbers.single_facet) * prior[:, None] * np.exp(log_alone - most)
    among = numbers.among_others * unlisted(prior, listed)[:, None] * np.exp(log_among - most)
    rest = (1.0 - prior + numbers.single_facet * prior) * np.exp(-most[:, 0])
    _, unit_of, n_of_unit = np.unique(rows["unit_no"].to_numpy(), return_inverse=True, return_counts=True)
    vote = 1.0 / n_of_unit[unit_of] if len(rows) else np.zeros(0)
    stated = stated_law(numbers)
    law = stated
    for _ in range(_ITERATIONS):
        of_operators = (alone + among) * law
        share = of_operators / (of_operators.sum(axis=1) + rest)[:, None]
        law = numbers.learning_units * stated + vote @ share
        law = law / law.sum()
    engine.load("tied_shares", TIED_SHARES.arrow_table({"share": midpoints(), "weight": law.round(9)}))


def unlisted(prior: Floats, listed_bits: Floats) -> Floats:
    """Probability of being exclusive without what a reference list says."""
    return prior / (prior + (1.0 - prior) * np.exp2(listed_bits))


def learn_among_others(
    group: NDArray[np.int64],
    unit: NDArray[np.int64],
    prior: Floats,
    ratios: Ratios,
    stated: float,
    weight: float,
) -> dict[int, float]:
    """Learn per group for how many identifiers an operator is among others, for each that it has alone.

    Expectation maximisation over identifiers; those of one unit, such as a network, have one vote together.

    Args:
        group: Group of each identifier: its kind, or its kind and size.
        unit: Its unit.
        prior: Its probability of being exclusive, by kind and size alone.
        ratios: Likelihood ratios of its states.
        stated: The share before the data.
        weight: Units that it weighs as much as.

    Returns:
        The share of each group.
    """
    learned = {}
    for one in np.unique(group).tolist():
        rows = np.flatnonzero((group == one) & (ratios.among_others > 0))
        _, unit_of, n_of_unit = np.unique(unit[rows], return_inverse=True, return_counts=True)
        vote = 1.0 / n_of_unit[unit_of] if len(rows) else np.zeros(0)
        share = stated
        for _ in range(_ITERATIONS):
            alone = prior[rows] * ratios.one_operator[rows]
            among = share * prior[rows] * ratios.among_others[rows]
            total = alone + among + 1.0 - prior[rows]
            share = (float((vote * among / total).sum()) + weight * stated) / (
                float((vote * alone / total).sum()) + weight
            )
        learned[one] = round(share, 6)
    return learned
