"""What the data teach of the states: how often an operator has an identifier of a kind among others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.model.exclusivity.states import Floats, States

_ITERATIONS = 50


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
