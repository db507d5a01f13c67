"""What the data teach of the states: how often an operator has an identifier of a kind among others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.core.parameters import Exclusivity
    from graphlink.model.exclusivity.states import Floats, States

_ITERATIONS = 50


def learn_among_others(
    kind: NDArray[np.int64], unit: NDArray[np.int64], prior: Floats, states: States, numbers: Exclusivity
) -> dict[int, float]:
    """Learn per kind for how many identifiers an operator is among others, for each that it has alone.

    Expectation maximisation over identifiers; those of one unit, such as a network, have one vote together.

    Args:
        kind: Kind of each identifier.
        unit: Its unit.
        prior: Its probability of being exclusive, by kind and size alone.
        states: Likelihoods of its coverage.
        numbers: The parameters: the share before the data, and how much it weighs.

    Returns:
        The share of each kind.
    """
    learned = {}
    for one in np.unique(kind).tolist():
        rows = np.flatnonzero((kind == one) & (states.among_others > 0))
        _, unit_of, n_of_unit = np.unique(unit[rows], return_inverse=True, return_counts=True)
        vote = 1.0 / n_of_unit[unit_of] if len(rows) else np.zeros(0)
        share = numbers.among_others
        for _ in range(_ITERATIONS):
            alone = prior[rows] * states.one_operator[rows]
            among = share * prior[rows] * states.among_others[rows]
            total = alone + among + 1.0 - prior[rows]
            share = (float((vote * among / total).sum()) + numbers.learning_units * numbers.among_others) / (
                float((vote * alone / total).sum()) + numbers.learning_units
            )
        learned[one] = round(share, 6)
    return learned
