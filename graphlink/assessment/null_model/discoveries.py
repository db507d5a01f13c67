"""False discovery rates of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from graphlink.assessment.null_model.bins import Floats


def false_discovery_rates(doubt: Floats) -> Floats:
    """Make the rate of the list down to each item, the least doubtful first: the running mean of the doubts.

    Items of equal doubt are one step. Rates are between zero and one, and rise with the doubt.
    """
    levels, which, n = np.unique(np.round(doubt, 6), return_inverse=True, return_counts=True)
    rates = np.cumsum(levels * n) / np.cumsum(n)
    return np.asarray(np.round(rates, 9)[which.ravel()])
