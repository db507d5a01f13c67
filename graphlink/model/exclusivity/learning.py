"""What the data teach of the states: how often an operator has an identifier of a kind among others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.core.tables.model import EXCLUSIVITY_SHARES
from graphlink.model.exclusivity.states import States
from graphlink.model.match_weights.parameters import N_DEGREES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.core.parameters import Exclusivity
    from graphlink.engine import Sql
    from graphlink.model.exclusivity.states import Floats

_ITERATIONS = 50


def learn_shares(engine: Sql, numbers: Exclusivity, *, is_saved: bool) -> None:
    """Make `exclusivity_shares` from `identifier_states` and `mean_baselines`.

    The share of a kind stands for each of its sizes until identifiers of that size teach otherwise.

    Args:
        engine: Where it is made.
        numbers: Numbers of the method.
        is_saved: Whether a saved model stands in for them: then they are made without data.
    """
    rows = engine.arrow(
        "SELECT s.kind_no, s.degree_bin, coalesce(w.network_no, s.identifier_no) AS unit_no, s.one_operator, "
        "s.among_others, b.baseline FROM identifier_states s "
        "JOIN mean_baselines b ON b.identifier_no = s.identifier_no "
        "LEFT JOIN networks w ON w.identifier_no = s.identifier_no "
        f"WHERE NOT s.is_network AND {'false' if is_saved else 's.among_others > 0'} ORDER BY s.identifier_no"
    )
    kind, size, unit = (
        rows[name].to_numpy().astype(np.int64) for name in ("kind_no", "degree_bin", "unit_no")
    )
    one, among, prior = (rows[name].to_numpy() for name in ("one_operator", "among_others", "baseline"))
    states, weight = States(one, among), numbers.learning_units
    of_kinds = learn_among_others(kind, unit, prior, states, numbers.among_others, weight)
    kinds = [int(str(row[0])) for row in engine.rows("SELECT kind_no FROM kinds ORDER BY kind_no")]
    shares = []
    for one_kind in kinds:
        stated, rows_of = of_kinds.get(one_kind, numbers.among_others), kind == one_kind
        of_kind = States(one[rows_of], among[rows_of])
        of_sizes = learn_among_others(size[rows_of], unit[rows_of], prior[rows_of], of_kind, stated, weight)
        shares += [of_sizes.get(bin_no, stated) for bin_no in range(N_DEGREES)]
    columns = {
        "kind_no": np.repeat(kinds, N_DEGREES),
        "degree_bin": np.tile(np.arange(N_DEGREES), len(kinds)),
        "among_others": shares,
    }
    engine.load("exclusivity_shares", EXCLUSIVITY_SHARES.arrow_table(columns))


def learn_among_others(
    group: NDArray[np.int64],
    unit: NDArray[np.int64],
    prior: Floats,
    states: States,
    stated: float,
    weight: float,
) -> dict[int, float]:
    """Learn per group for how many identifiers an operator is among others, for each that it has alone.

    Expectation maximisation over identifiers; those of one unit, such as a network, have one vote together.

    Args:
        group: Group of each identifier: its kind, or its kind and size.
        unit: Its unit.
        prior: Its probability of being exclusive, by kind and size alone.
        states: Likelihoods of its coverage.
        stated: The share before the data.
        weight: Units that it weighs as much as.

    Returns:
        The share of each group.
    """
    learned = {}
    for one in np.unique(group).tolist():
        rows = np.flatnonzero((group == one) & (states.among_others > 0))
        _, unit_of, n_of_unit = np.unique(unit[rows], return_inverse=True, return_counts=True)
        vote = 1.0 / n_of_unit[unit_of] if len(rows) else np.zeros(0)
        share = stated
        for _ in range(_ITERATIONS):
            alone = prior[rows] * states.one_operator[rows]
            among = share * prior[rows] * states.among_others[rows]
            total = alone + among + 1.0 - prior[rows]
            share = (float((vote * among / total).sum()) + weight * stated) / (
                float((vote * alone / total).sum()) + weight
            )
        learned[one] = round(share, 6)
    return learned
