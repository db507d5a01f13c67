"""The hidden state of an identifier: likelihoods of one operator, several tenants and the public."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.core.parameters import Exclusivity

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_GRID = 40  # cells of a law of shares
_HALVINGS = 12  # parts of the last cell, each half as wide as the one before it
_AT_ONCE = 1_000  # counts; of each 2,601 numbers are held
_MOST_NATS = 30.0


class Coverage(NamedTuple):
    """What is shown of the holders of identifiers.

    Attributes:
        n_shown: Holders on whom a tie would show.
        n_tied: Those tied to another one.
        by_chance: The share that chance ties.
        n_parts: Parts of the tied, larger than a couple, that share nothing of what belongs to somebody.
        is_shared: Whether two organisations with mail domains of their own are known to be among them.
    """

    n_shown: Floats
    n_tied: Floats
    by_chance: Floats
    n_parts: Floats
    is_shared: Bools | bool = False


class Belonging(NamedTuple):
    """An operator's share of the holders of identifiers, after what is shown.

    Attributes:
        log_likelihood: Of what is shown.
        belongs: Share of the holders that belong: also the probability of one on whom no tie would show.
        untied_belongs: Probability that a holder on whom a tie would show, and doesn't, belongs.
    """

    log_likelihood: Floats
    belongs: Floats
    untied_belongs: Floats


class States(NamedTuple):
    """Likelihoods relative to that of a public identifier, and who belongs in each state.

    Attributes:
        one_operator: Likelihood ratio of an identifier of one operator's own.
        among_others: Likelihood ratio of an operator among others.
        alone: Who belongs on an identifier of one operator's own.
        among: Who belongs to an operator among others.
    """

    one_operator: Floats
    among_others: Floats
    alone: Belonging
    among: Belonging


def stated_law(numbers: Exclusivity) -> Floats:
    """Weights of the shares tied (`midpoints`) before the data: a beta law."""
    return _beta_law(numbers.tied, numbers.tied_doubt)


def own_law(numbers: Exclusivity) -> Floats:
    """Weights of the shares of the holders of an operator's own identifier that belong: a beta law."""
    return _beta_law(1.0 - numbers.guests, numbers.guests_doubt)


def _beta_law(mean: float, doubt: float) -> Floats:
    a, b = mean * doubt, (1.0 - mean) * doubt
    log_density = (a - 1.0) * np.log(midpoints()) + (b - 1.0) * np.log1p(-midpoints())
    density = np.exp(log_density - log_density.max())
    return np.asarray(density / density.sum())


def midpoints() -> Floats:
    """The shares at which laws of shares are integrated, of shape (40,)."""
    return np.asarray((np.arange(_GRID) + 0.5) / _GRID)


def _nodes() -> Floats:
    """The shares at which is integrated, of shape (51,): midpoints, of the last cell those of its parts.

    Of a thousand holders all may be tied but one. A midpoint that stands for a whole cell takes such an
    operator for one of whom twelve are not, which is less likely than chance.
    """
    edges = 1.0 - 0.5 ** np.arange(_HALVINGS) / _GRID
    return np.concatenate([midpoints()[:-1], (edges + np.append(edges[1:], 1.0)) / 2.0])


def _on_nodes(law: Floats) -> Floats:
    """Weights of the nodes by those of the cells: within a cell each share is as likely."""
    parts = 0.5 ** np.arange(1, _HALVINGS + 1)
    parts[-1] *= 2.0
    return np.concatenate([law[:-1], law[-1] * parts])


def uniform_law() -> Floats:
    """Weights of the shares (`midpoints`) of which nothing is known."""
    return np.full(_GRID, 1.0 / _GRID)


def log_by_tied(coverage: Coverage, share_law: Floats) -> Floats:
    """Log likelihood of coverage by each cell of shares tied (`midpoints`), of shape (identifiers, 40).

    Args:
        coverage: One entry per identifier.
        share_law: Weights of the shares of the holders that belong (`midpoints`).
    """

    def of(counts: Floats) -> Floats:
        n = len(_nodes())
        log_weight = _log_weights(counts, share_law, np.ones(_GRID)).reshape(-1, n, n)
        by_node = np.logaddexp.reduce(log_weight, axis=1)
        last = np.logaddexp.reduce(by_node[:, _GRID - 1 :], axis=1)
        return np.column_stack([by_node[:, : _GRID - 1], last])

    return _by_counts(coverage, of)


def _log_weights(counts: Floats, share_law: Floats, tied_law: Floats) -> Floats:
    """Log of law times likelihood, by share that belongs and share of them tied, of shape (counts, 2601).

    Args:
        counts: Holders on whom a tie would show, and those tied, of shape (counts, 2).
        share_law: Weights of the shares that belong.
        tied_law: Weights of the shares tied.
    """
    rate = np.multiply.outer(_nodes(), _nodes()).ravel()
    with np.errstate(divide="ignore"):  # a share that no operator has
        log_law = np.log(np.outer(_on_nodes(share_law), _on_nodes(tied_law)).ravel())
    n, tied = counts[:, :1], counts[:, 1:]
    return np.asarray(log_law + tied * np.log(rate) + (n - tied) * np.log1p(-rate))


def _by_counts(coverage: Coverage, of: Callable[[Floats], Floats]) -> Floats:
    """What a function makes of the counts of each identifier; of equal ones once, and of few at a time."""
    counts, at = np.unique(np.column_stack([coverage.n_shown, coverage.n_tied]), axis=0, return_inverse=True)
    parts = [of(counts[i : i + _AT_ONCE]) for i in range(0, max(len(counts), 1), _AT_ONCE)]
    return np.asarray(np.concatenate(parts)[at.ravel()])


def log_public(coverage: Coverage, numbers: Exclusivity) -> Floats:
    """Log likelihood of coverage of a public identifier: families, or what chance ties."""
    usual = np.clip(coverage.by_chance, numbers.least_usual, numbers.most_usual)
    return np.asarray(
        np.logaddexp(
            log_beta_binomial(coverage.n_tied, coverage.n_shown, numbers.public_tied, numbers.public_doubt),
            log_beta_binomial(coverage.n_tied, coverage.n_shown, usual, numbers.chance_doubt),
        )
        - np.log(2.0)
    )


def belonging(coverage: Coverage, share_law: Floats, tied_law: Floats) -> Belonging:
    """Who belongs to an operator, over how many of the holders may belong and how many of them be tied.

    Args:
        coverage: One entry per identifier.
        share_law: Weights of the shares of the holders that belong (`midpoints`).
        tied_law: Weights of the shares of them that are tied (`midpoints`).
    """
    share, tied = (axis.ravel() for axis in np.meshgrid(_nodes(), _nodes(), indexing="ij"))
    untied = share * (1.0 - tied) / (1.0 - share * tied)

    def of(counts: Floats) -> Floats:
        log_weight = _log_weights(counts, share_law, tied_law)
        most = log_weight.max(axis=1, keepdims=True, initial=-np.inf)
        weight = np.exp(log_weight - most)
        total = weight.sum(axis=1)
        # Sums and no matrix products: these differ with the number of rows.
        belongs, untied_belongs = ((weight * of_each).sum(axis=1) / total for of_each in (share, untied))
        return np.column_stack([np.log(total) + most[:, 0], belongs, untied_belongs])

    return Belonging(*_by_counts(coverage, of).T)


def state_likelihoods(
    coverage: Coverage, law: Floats, numbers: Exclusivity, *, is_pair_left_out: bool
) -> States:
    """Likelihood ratios of the states of identifiers against public.

    With two holders nothing is known but their own tie, which does not count. Tenants that are organisations
    are each tied among themselves: where two are known, as many of the holders of a public identifier may be
    tied as of an operator's.

    Args:
        coverage: One entry per identifier.
        law: Weights of the shares of an operator's accounts that are tied (`midpoints`).
        numbers: The parameters.
        is_pair_left_out: Whether a part of two is left out: the two are judged, and their tie is no evidence.
    """
    # A couple is one observation, and of no third.
    tied = np.where(coverage.n_tied > 2, coverage.n_tied - (2.0 if is_pair_left_out else 0.0), 0.0)
    coverage = coverage._replace(n_tied=tied)
    alone = belonging(coverage, own_law(numbers), law)
    among = belonging(coverage, uniform_law(), law)
    public = log_public(coverage, numbers)
    of_tenants = np.logaddexp(public, among.log_likelihood) - np.log(2.0)
    public = np.where(coverage.is_shared, np.maximum(public, of_tenants), public)
    of_alone, of_among = (
        np.exp(np.clip(one.log_likelihood - public, -_MOST_NATS, _MOST_NATS)) for one in (alone, among)
    )
    is_known = coverage.n_shown > 2
    all_parts = np.where(coverage.n_parts > 1, numbers.parts_alone, 1.0)
    several_facets = (1.0 - numbers.single_facet) * np.where(is_known, of_alone * all_parts, 1.0)
    one_operator = several_facets + numbers.single_facet
    # Where an operator's accounts share nothing else, no tie would show.
    shown = np.where(is_known, several_facets / one_operator, 0.0)
    return States(
        one_operator,
        np.where(is_known & (tied > 1), of_among, 0.0),
        Belonging(
            alone.log_likelihood,
            1.0 - shown * (1.0 - alone.belongs),
            1.0 - shown * (1.0 - alone.untied_belongs),
        ),
        among,
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
