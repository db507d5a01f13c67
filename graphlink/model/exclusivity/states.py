"""The hidden state of an identifier: likelihoods of one operator, several tenants and the public."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from graphlink.core.parameters import Exclusivity

Floats = NDArray[np.float64]


class Coverage(NamedTuple):
    """Holders of identifiers, those tied to another one, and the share that chance ties."""

    n_holders: Floats
    n_tied: Floats
    by_chance: Floats


class States(NamedTuple):
    """Likelihoods relative to that of a public identifier: of one operator; of one among others."""

    one_operator: Floats
    among_others: Floats


def state_likelihoods(coverage: Coverage, numbers: Exclusivity, *, is_pair_left_out: bool) -> States:
    """Likelihood ratios of the states of identifiers against public.

    With two holders nothing is known but their own tie, which does not count.

    Args:
        coverage: One entry per identifier.
        numbers: The parameters.
        is_pair_left_out: Whether a part of two is left out: the two are judged, and their tie is no evidence.
    """
    n = coverage.n_holders
    tied = np.maximum(coverage.n_tied - (2.0 if is_pair_left_out else 0.0), 0.0)
    usual = np.clip(coverage.by_chance, numbers.least_usual, numbers.most_usual)
    public = np.logaddexp(
        log_beta_binomial(tied, n, numbers.public_tied, numbers.public_doubt),
        log_beta_binomial(tied, n, usual, numbers.chance_doubt),
    ) - np.log(2.0)
    of_operator = log_beta_binomial(tied, n, numbers.tied, numbers.tied_doubt)
    of_any_share = log_beta_binomial(tied, n, 0.5, 2.0)
    exclusive, among = (np.exp(np.clip(one - public, -30.0, 30.0)) for one in (of_operator, of_any_share))
    is_known = n > 2
    return States(
        np.where(is_known, (1.0 - numbers.single_facet) * exclusive + numbers.single_facet, 1.0),
        np.where(is_known & (tied > 1), among, 0.0),
    )


def log_beta_binomial(shown: Floats, n: Floats, mean: Floats | float, doubt: Floats | float) -> Floats:
    """Log of the likelihood of one sequence of `shown` in n draws whose rate is drawn once from a beta law.

    Args:
        shown: How many show it.
        n: Of how many.
        mean: Mean of the law.
        doubt: Its pseudo-observations: the more, the narrower it is.
    """
    a, b = np.multiply(mean, doubt), np.multiply(np.subtract(1.0, mean), doubt)
    return np.asarray(_log_beta(shown + a, n - shown + b) - _log_beta(a, b))


def _log_beta(a: Floats | float, b: Floats | float) -> Floats:
    return np.asarray(log_gamma(a) + log_gamma(b) - log_gamma(np.add(a, b)))


def log_gamma(x: Floats | float) -> Floats:
    """The logarithm of the gamma function of positive numbers (Stirling's series after seven recurrences)."""
    x = np.asarray(x, dtype=np.float64)
    shift = np.zeros_like(x)
    for i in range(7):
        shift += np.log(x + i)
    y = x + 7.0
    series = 1.0 / (12.0 * y) - 1.0 / (360.0 * y**3) + 1.0 / (1260.0 * y**5)
    return np.asarray((y - 0.5) * np.log(y) - y + 0.5 * np.log(2.0 * np.pi) + series - shift)
