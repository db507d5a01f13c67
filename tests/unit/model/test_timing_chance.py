"""What chance gives among all pairs: how many coincide so much, and what that leaves of a pair's bits."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.core.settings import Settings
from graphlink.model.timing.coincidences import coinciding
from graphlink.model.timing.lockstep import bounded_by_chance, n_pairs_tested
from graphlink.model.timing.nulls import rate_by_hours
from graphlink.model.timing.statistics import local_false_discovery
from graphlink.model.timing.weighing import weigh
from tests.unit.model.timed_starts import pairs_of, people, starts_of

if TYPE_CHECKING:
    from graphlink.model.timing.parameters import Floats
    from graphlink.model.timing.tables import Ties

SCALES, PRIOR = [10, 40, 160, 600], -12.0
PARAMETERS = Settings().parameters


def ties_of(pairs: list[tuple[int, int]], p_value: list[float], bits: float = 18.0) -> Ties:
    return dataclasses.replace(pairs_of(pairs, bits), p_value=np.array(p_value))


def probability(ties: Ties) -> Floats:
    return np.asarray(1 / (1 + 2 ** -(ties.bits + PRIOR)))


@pytest.mark.parametrize("seed", [31, 32, 33])
def test_of_a_million_pairs_no_more_coincide_by_chance_than_is_stated(seed: int) -> None:
    """Strangers awake at the same hours, all pairs of them: of N pairs at most N p have a chance of p."""
    rng = np.random.default_rng(seed)
    starts = starts_of([one for n in (6, 12, 25, 50, 75) for one in people(rng, 140, n)])
    one, other = np.triu_indices(700, 1)
    pairs = coinciding(starts, one + 1, other + 1, SCALES, PARAMETERS.timing)
    windows = [2 * scale + 1 for scale in SCALES]
    by_hours = rate_by_hours(starts, pairs, PARAMETERS)
    _, _, p_value = weigh(starts, pairs, [by_hours], (SCALES, windows), PARAMETERS, len(pairs.l))
    n = n_pairs_tested(starts, PARAMETERS.timing)
    assert n == len(one)
    assert (p_value <= 1e-3).sum() > 10  # there are some, so that the bounds say something
    for chance in (1e-2, 1e-3, 1e-4, 1e-5):
        assert (p_value <= chance).sum() <= n * chance + 3 * np.sqrt(n * chance) + 1


def test_a_discovery_that_stands_alone_is_judged_by_itself() -> None:
    """Chance gives a hundredth of a pair an e-fold there; its own density is that of the kernel."""
    (rate,) = local_false_discovery(np.array([1e-9]), np.ones(1), 10_000_000, 1.0)
    assert rate == pytest.approx(0.01 * np.exp(0.5) * np.sqrt(2 * np.pi), rel=0.01)


def test_a_large_crew_does_not_vouch_for_two_strangers() -> None:
    """Among all pairs of 6,000 accounts chance gives five with a probability up to that of the strangers'."""
    rng = np.random.default_rng(34)
    n = 6_000 * 5_999 // 2
    crew = [(i, j) for i in range(1, 41) for j in range(i + 1, 41)]
    chances = np.exp(rng.uniform(np.log(1e-26), np.log(1e-6), len(crew))).tolist()
    strangers = [(101, 102), (103, 104), (105, 106)]
    kept = bounded_by_chance(
        ties_of([*crew, *strangers], [*chances, 5 / n, 0.5 / n, 0.001 / n]), n, PRIOR, PARAMETERS
    )
    p = {(a, b): one for a, b, one in zip(kept.l.tolist(), kept.r.tolist(), probability(kept), strict=True)}
    assert p.get(strangers[0], 0.0) < 0.1
    assert p.get(strangers[1], 0.0) < 0.5
    assert p[strangers[2]] > 0.95
    sure = {
        one for pair, probability in p.items() if probability > 0.95 and pair in set(crew) for one in pair
    }
    assert sure == set(range(1, 41))


def test_as_many_pairs_are_true_as_the_bits_claim() -> None:
    """Pairs of strangers by chance, and true ones of any strength, each of accounts of its own."""
    rng, n = np.random.default_rng(35), 10_000_000
    claimed = n_true = n_chance = 0.0
    sure = []
    for _ in range(60):
        chance = rng.uniform(0, 3e-6, rng.poisson(3e-6 * n))
        actual = np.exp(rng.uniform(np.log(1e-13), np.log(3e-6), 30))
        p_value = np.concatenate([actual, chance])
        pairs = [(2 * i + 1, 2 * i + 2) for i in range(len(p_value))]
        kept = bounded_by_chance(ties_of(pairs, p_value.tolist(), 16.0), n, PRIOR, PARAMETERS)
        claimed, n_true = claimed + probability(kept).sum(), n_true + (kept.l <= 60).sum()
        n_chance += len(chance)
        sure += (kept.l <= 60)[probability(kept) >= 0.9].tolist()
    assert n_chance > 1_700  # which at 16 bits each would be .94
    assert claimed <= n_true
    assert len(sure) > 600  # of 1,800 true ones, a third of which chance hides
    assert np.mean(sure) >= 0.9


@given(st.lists(st.floats(1e-30, 1e-4), min_size=1, max_size=30), st.floats(1e-30, 1e-4))
def test_rates_rise_with_the_probability_and_move_little_when_it_does(p: list[float], one: float) -> None:
    values = np.array([*p, one])
    rate = local_false_discovery(values, np.ones(len(values)), 10**7, 1.0)
    assert ((rate > 0) & (rate < 1)).all()
    assert (np.diff(rate[np.argsort(values, kind="stable")]) >= 0).all()
    moved = local_false_discovery(np.array([*p, one * 1.001]), np.ones(len(values)), 10**7, 1.0)
    assert np.abs(np.log2(moved / rate)).max() < 0.02
