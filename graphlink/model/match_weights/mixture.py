"""The two-class mixture, fitted by expectation maximisation: m- and u-probabilities per kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.match_weights.dependence import groups, implications
from graphlink.model.match_weights.disagreement import agreement_nats
from graphlink.model.match_weights.parameters import N_DEGREES, N_REPEATS, Floats, MatchWeights, Prior, View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.core.parameters import Mixture

_ITERATIONS = 200


def fit(views: list[View], prior: Prior) -> MatchWeights:
    """Fit the mixture until the shares move no more."""
    n_kinds = len(views)
    agreed, high = _agreement_rates(views, prior.mixture)
    implies = implications(agreed, prior)
    group = groups(implies, prior)
    u_probability = np.array(
        [
            _first_chance(high[~implies[:, j], j], max(prior.by_chance[j], prior.in_time[j]))
            for j in range(n_kinds)
        ]
    )
    log_odds = prior.log_odds.copy()
    learned = MatchWeights(
        _share(np.minimum(log_odds, prior.ceiling), prior.mixture),
        np.full(n_kinds, 0.5),
        u_probability,
        np.full((n_kinds, n_kinds), 0.5),
        np.tile(u_probability, (n_kinds, 1)),
        implies,
        group,
    )
    for _ in range(_ITERATIONS):
        following = _improve(views, prior, learned)
        moved = float(np.abs(following.share - learned.share).max())
        learned = following
        if moved < 1e-4:
            break
    return learned


def _agreement_rates(views: list[View], numbers: Mixture) -> tuple[Floats, Floats]:
    """Per kind shared and kind, the share of pairs that agree: of all, and on common values (NaN: few)."""
    n_kinds, common = len(views), np.floor(np.log2(numbers.common_holders - 1.0))
    agreed, high = np.zeros((n_kinds, n_kinds)), np.full((n_kinds, n_kinds), np.nan)
    for k, view in enumerate(views):
        known = (view.states >= 0) * view.count[:, None]
        both = (view.states == 1) * view.count[:, None]
        is_common = (view.bucket // N_REPEATS >= common)[:, None]
        for table, chosen, least in (
            (agreed, 1, numbers.implying_pairs),
            (high, is_common, numbers.common_pairs),
        ):
            n = (known * chosen).sum(axis=0)
            rate = (both * chosen).sum(axis=0) / np.maximum(n, 1)
            table[k] = np.where(n >= least, rate, table[k])
    return agreed, high


def _first_chance(rates: Floats, by_chance: float) -> float:
    known = rates[~np.isnan(rates)]
    return float(max(by_chance, 1e-5, np.median(known) if len(known) else 3 * by_chance))


def _improve(views: list[View], prior: Prior, now: MatchWeights) -> MatchWeights:
    """One step of expectation maximisation."""
    n_kinds, numbers = len(views), prior.mixture
    share = now.share.copy()
    same_n, same_of, strange_n, strange_of = (np.zeros((n_kinds, n_kinds)) for _ in range(4))
    total = np.array([max(view.count.sum(), 1.0) for view in views])
    for k, view in enumerate(views):
        if view.count.sum() < numbers.prior_pairs:
            share[k] = _share(np.minimum(prior.log_odds[k], prior.ceiling[k]), numbers)
            continue
        posterior = _posterior(view, k, now, prior)
        share[k] = (
            _stated_share(view, prior, k)
            if prior.is_declared[k]
            else np.minimum(_share_given(view, posterior, prior, k), _share(prior.ceiling[k], numbers))
        )
        known, both = view.states >= 0, view.states == 1
        weight, rest = (view.count * posterior)[:, None], (view.count * (1 - posterior))[:, None]
        same_n[k], same_of[k] = (both * weight).sum(axis=0), (known * weight).sum(axis=0)
        strange_n[k], strange_of[k] = (both * rest).sum(axis=0), (known * rest).sum(axis=0)
    free = ~now.implies
    # Views count by the root of their size, so that one common kind does not speak for all.
    scale = free / np.sqrt(np.maximum(total, numbers.view_pairs))[:, None]
    m_probability = ((same_n * scale).sum(axis=0) + 0.01) / ((same_of * scale).sum(axis=0) + 0.02)
    by_chance = np.maximum(prior.by_chance, prior.in_time)
    u_probability = np.array(
        [
            _typical(strange_n[:, j], strange_of[:, j], free[:, j], by_chance[j], numbers)
            for j in range(n_kinds)
        ]
    )
    m_probability = np.clip(m_probability, numbers.least_agreeing, 1.0 - numbers.least_agreeing)
    pseudo = numbers.usual_agreement * same_of + numbers.prior_pairs
    m_given = (same_n + pseudo * m_probability) / (same_of + pseudo)
    pseudo = numbers.usual_agreement * total[:, None] + numbers.prior_pairs
    u_given = (strange_n + pseudo * u_probability) / (strange_of + pseudo)
    return MatchWeights(
        share,
        m_probability,
        u_probability,
        np.clip(m_given, numbers.least_agreeing, 1.0 - numbers.least_agreeing),
        np.clip(u_given, 1e-6, 0.999),
        now.implies,
        now.group,
    )


def _typical(n: Floats, of: Floats, free: NDArray[np.bool_], by_chance: float, numbers: Mixture) -> float:
    """Median over views of how often strangers agree; a kind that few views know keeps its random rate."""
    enough = free & (of > numbers.known_pairs)
    if not enough.any():
        return max(numbers.unknown_agreement, by_chance)
    return float(max(1e-5, by_chance, np.median(n[enough] / of[enough])))


def _posterior(view: View, k: int, now: MatchWeights, prior: Prior) -> Floats:
    """Probability of one operator per pattern of a view; of a group of kinds the strongest word counts."""
    odds = np.log(now.share[k, view.bucket]) - np.log1p(-now.share[k, view.bucket])
    agree, differ = agreement_nats(now.m_given[k], now.u_given[k], prior.dependence.most_contrary)
    heard = ~now.implies[k]
    if prior.is_owned.any() and not prior.is_owned[k]:
        # What a place or a client determines never speaks for it; instruments and secrets are not determined.
        heard &= prior.is_owned
    for group in np.unique(now.group):
        members = (now.group == group) & heard
        if members.any():
            states = view.states[:, members]
            odds += np.where(states == 1, agree[members], 0.0).max(axis=1)
            odds += np.where(states == 0, differ[members], 0.0).min(axis=1)
    guessed = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
    return np.where(view.verdict >= 0, view.verdict, guessed)


def _stated_share(view: View, prior: Prior, k: int) -> Floats:
    """Share of pairs with one operator per bucket of a stated kind: its prior, moved by labelled pairs alone.

    Who evades shares one facet only, and shared places agree for honest reasons: without labels, pairs show
    nothing of what a stated kind is worth (`graphlink.model.exclusivity` looks at each of its values).
    """
    size, numbers = N_DEGREES * N_REPEATS, prior.mixture
    labelled = view.count * (view.verdict >= 0)
    n = np.bincount(view.bucket, weights=labelled, minlength=size)
    n_same = np.bincount(view.bucket, weights=labelled * (view.verdict == 1), minlength=size)
    before = _share(prior.log_odds[k], numbers)
    after = np.clip(
        (n_same + numbers.prior_pairs * before) / (n + numbers.prior_pairs), 1e-5, numbers.most_share
    )
    return np.where(n > 0, after, before)


def _share_given(view: View, posterior: Floats, prior: Prior, k: int) -> Floats:
    """Share of pairs with one operator per bucket: a kind's prior log-odds moved to the data."""
    size, numbers = N_DEGREES * N_REPEATS, prior.mixture
    n = np.bincount(view.bucket, weights=view.count, minlength=size)
    observed = np.bincount(view.bucket, weights=view.count * posterior, minlength=size)
    log_odds = prior.log_odds[k]
    # Buckets count alike up to some pairs, so that a kind's common values do not rule its rare ones.
    weight = np.minimum(n, numbers.bucket_pairs) / np.maximum(n, 1.0)
    moved = _offset(log_odds, n * weight, float((observed * weight).sum()), numbers)
    pseudo = numbers.prior_pairs * _share(log_odds + moved, numbers)
    return np.clip((observed + pseudo) / (n + numbers.prior_pairs), 1e-5, numbers.most_share)


def _offset(log_odds: Floats, n: Floats, observed: float, numbers: Mixture) -> float:
    """Nats to add to log-odds so that they expect as many pairs as were observed, give or take some doubt."""
    doubt = numbers.offset_pairs
    low, high = -numbers.most_moved, numbers.most_moved
    for _ in range(30):
        middle = (low + high) / 2
        shares = _share(log_odds + middle, numbers)
        expected = float((n * shares).sum()) + 2 * doubt / (1.0 + np.exp(-middle))
        low, high = (middle, high) if expected < observed + doubt else (low, middle)
    return (low + high) / 2


def _share(log_odds: Floats, numbers: Mixture) -> Floats:
    return np.clip(1.0 / (1.0 + np.exp(-log_odds)), 1e-6, numbers.most_share)
