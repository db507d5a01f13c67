"""The hidden state of an identifier: likelihoods of one operator, several tenants and the public."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Share of operators whose accounts share one facet only: absence is missing, not contrary.
_SINGLE_FACET = 0.3
# Holders of an operator's identifier who are tied to another, as a beta law: six in seven, of any evenness.
TIED_OF_OPERATOR = (6.0, 1.0)
# The same of the public: families and couples.
_TIED_OF_PUBLIC = (1.0, 9.0)
# The doubt about the share of holders that chance ties, in pseudo-holders.
_CHANCE_HOLDERS = 5.0


class Coverage(NamedTuple):
    """Holders of identifiers, those tied to another one, and the share that chance ties."""

    n_holders: Floats
    n_tied: Floats
    by_chance: Floats


class States(NamedTuple):
    """Likelihoods of coverage relative to that of a public identifier: of one operator; of one among others."""

    one_operator: Floats
    among_others: Floats


def state_likelihoods(coverage: Coverage, *, is_pair_left_out: bool) -> States:
    """Likelihood ratios of the states of identifiers against public.

    With two holders nothing is known but their own tie, which does not count.

    Args:
        coverage: One entry per identifier.
        is_pair_left_out: Whether a part of two is left out: the two are judged, and their tie is no evidence.
    """
    n = coverage.n_holders
    tied = np.maximum(coverage.n_tied - (2.0 if is_pair_left_out else 0.0), 0.0)
    usual = np.clip(coverage.by_chance, 0.01, 0.95)
    public = np.logaddexp(
        log_beta_binomial(tied, n, *_TIED_OF_PUBLIC),
        log_beta_binomial(tied, n, usual * _CHANCE_HOLDERS, (1.0 - usual) * _CHANCE_HOLDERS),
    ) - np.log(2.0)
    exclusive = np.exp(np.clip(log_beta_binomial(tied, n, *TIED_OF_OPERATOR) - public, -30.0, 30.0))
    among = np.exp(np.clip(log_beta_binomial(tied, n, 1.0, 1.0) - public, -30.0, 30.0))
    is_known = n > 2
    return States(
        np.where(is_known, (1.0 - _SINGLE_FACET) * exclusive + _SINGLE_FACET, 1.0),
        np.where(is_known & (tied > 1), among, 0.0),
    )


def log_beta_binomial(shown: Floats, n: Floats, a: Floats | float, b: Floats | float) -> Floats:
    """Log of the likelihood of one sequence of `shown` in n draws whose rate is drawn once from Beta(a, b)."""
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
