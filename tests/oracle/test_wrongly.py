"""The law of the wrongly hit against every outcome, against drawn ones, and against the binomial law."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest

from graphlink.explanations.wrong_hits import LEVEL, Struck, doubt_of, wrong_law, wrong_law_of_cluster

TAIL = (1 - LEVEL) / 2


def drawn(draws: random.Random, n: int, n_groups: int) -> tuple[Struck, float]:
    belong = np.array([draws.random() for _ in range(n)])
    return Struck(belong, tuple(f"g{draws.randrange(n_groups)}" for _ in range(n))), draws.random()


def by_hand(struck: Struck, doubt: float) -> np.ndarray:
    """The law by walking every outcome: of each group a number between two neighbouring thresholds."""
    n = len(struck.belong)
    law = np.zeros(n + 1)
    names = sorted(set(struck.group))
    spans = []
    for name in names:
        edges = sorted(
            {0.0, 1.0, *(b for b, g in zip(struck.belong, struck.group, strict=True) if g == name)}
        )
        spans.append(list(itertools.pairwise(edges)))
    for outcome in itertools.product(*spans):
        share = math.prod(stop - start for start, stop in outcome)
        middle = {name: (start + stop) / 2 for name, (start, stop) in zip(names, outcome, strict=True)}
        wrong = sum(middle[g] > b for b, g in zip(struck.belong, struck.group, strict=True))
        law[wrong] += (1 - doubt) * share
    law[n] += doubt
    return law


def test_the_law_is_that_of_all_outcomes() -> None:
    draws = random.Random(5)
    for _ in range(20):
        clusters = [drawn(draws, n, 3) for n in (1, 3, 4)]
        law = np.ones(1)
        for struck, doubt in clusters:
            own = by_hand(struck, doubt)
            assert wrong_law_of_cluster(struck, doubt).law == pytest.approx(own)
            law = np.convolve(law, own)
        actual = wrong_law([struck for struck, _ in clusters], [doubt for _, doubt in clusters])
        assert actual.law == pytest.approx(law)
        assert actual.law.sum() == pytest.approx(1)
        least, most = actual.interval()
        assert law[:least].sum() <= TAIL + 1e-9 < law[: least + 1].sum() + 2e-9
        assert law[most + 1 :].sum() <= TAIL + 1e-9
        assert most == least or law[most:].sum() > TAIL - 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_the_law_is_that_of_many_draws(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, n_draws = 30, 200_000
    belong, group = rng.uniform(0.8, 1.0, n), rng.integers(0, 6, n)
    doubt = 0.07
    is_operated = rng.random(n_draws) >= doubt
    even = rng.random((n_draws, 6))
    wrong = np.where(is_operated, (even[:, group] > belong).sum(axis=1), n)
    struck = Struck(belong, tuple(f"g{g}" for g in group))
    law = wrong_law_of_cluster(struck, doubt).law
    actual = np.bincount(wrong, minlength=n + 1) / n_draws
    assert np.abs(np.cumsum(law) - np.cumsum(actual)).max() < 4 * math.sqrt(0.25 / n_draws)
    mean = n - (1 - doubt) * belong.sum()
    assert (law * np.arange(n + 1)).sum() == pytest.approx(mean)


def test_accounts_of_their_own_err_as_the_binomial_law_states() -> None:
    n, wrong = 20_000, 0.01
    struck = Struck(np.full(n, 1 - wrong), tuple(f"a{i}" for i in range(n)))
    least, most = wrong_law_of_cluster(struck, 0.0).interval()
    logs = np.cumsum(
        [n * math.log1p(-wrong)] + [math.log((n - k) / (k + 1) * wrong / (1 - wrong)) for k in range(1_000)]
    )
    below = np.cumsum(np.exp(logs))
    assert below[least - 1] <= TAIL < below[least]
    assert below[most - 1] < 1 - TAIL <= below[most]


def test_accounts_that_hang_by_the_same_identifier_err_together() -> None:
    n = 80
    alone = wrong_law_of_cluster(Struck(np.full(n, 0.9), tuple(f"a{i}" for i in range(n))), 0.0)
    tied = wrong_law_of_cluster(Struck(np.full(n, 0.9), ("card",) * n), 0.0)
    assert tied.law[[0, -1]] == pytest.approx([0.9, 0.1])
    assert tied.interval() == (0, n)
    assert alone.interval()[0] > 0
    assert alone.interval()[1] < n / 2
    number = np.arange(n + 1)
    assert (alone.law * number).sum() == pytest.approx((tied.law * number).sum())


def test_a_cluster_that_no_organisation_operates_is_wrong_as_a_whole() -> None:
    surely = Struck(np.ones(40), tuple(f"a{i}" for i in range(40)))
    assert wrong_law_of_cluster(surely, 0.004).interval() == (0, 0)
    assert wrong_law_of_cluster(surely, 0.01).interval() == (0, 40)
    assert wrong_law_of_cluster(surely, 0.996).interval() == (40, 40)
    most, probability = wrong_law_of_cluster(surely, 0.01).most_if_operated()
    assert most == 0
    assert probability == pytest.approx(0.99)
    assert wrong_law([], []).interval() == (0, 0)
    two = wrong_law([surely, surely], [0.01, 0.01])
    assert two.interval() == (0, 40)


@pytest.mark.parametrize(
    ("row", "doubt"),
    [
        ({"p_same_operator": 0.99, "fdr": 0.003, "also_explained_by": None}, 0.01),
        ({"p_same_operator": 0.99, "fdr": 0.3, "also_explained_by": None}, 0.3),
        ({"p_same_operator": 0.99, "fdr": 0.757, "also_explained_by": "one_identifier"}, 1.0),
        ({"p_same_operator": 0.2, "fdr": None}, 0.8),
        ({"p_same_operator": None, "fdr": 0.2}, 0.2),
        ({}, 1.0),
    ],
)
def test_the_doubt_is_the_greatest_that_is_stated(row: dict[str, object], doubt: float) -> None:
    assert doubt_of(row) == pytest.approx(doubt)
