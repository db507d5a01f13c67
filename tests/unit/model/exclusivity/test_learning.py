"""How often an operator has an identifier among others, learned from identifiers: one vote a network."""

from __future__ import annotations

import numpy as np
import pytest

from graphlink.model.exclusivity.learning import Ratios, learn_among_others

STATED, WEIGHT = 1.0, 5.0


def learn(
    n_alone: int, n_among: int, unit_of: list[int] | None = None, group: list[int] | None = None
) -> dict[int, float]:
    """Learn from identifiers whose coverage is that of one operator, and of one among others."""
    n = n_alone + n_among
    one = np.array([40.0] * n_alone + [0.01] * n_among)
    among = np.array([0.01] * n_alone + [40.0] * n_among)
    unit = np.array(unit_of or range(n), dtype=np.int64)
    kind = np.array(group or [3] * n, dtype=np.int64)
    return learn_among_others(kind, unit, np.full(n, 0.3), Ratios(one, among), STATED, WEIGHT)


def test_without_identifiers_the_stated_share_stands() -> None:
    assert learn(0, 0) == {}
    quiet = Ratios(np.ones(4), np.zeros(4))
    kind = np.zeros(4, dtype=np.int64)
    assert learn_among_others(kind, kind, np.full(4, 0.3), quiet, STATED, WEIGHT) == {0: STATED}


def test_the_share_follows_the_identifiers_and_starts_from_what_is_stated() -> None:
    shares = [learn(n_alone, n_among)[3] for n_alone, n_among in ((100, 5), (10, 1), (1, 10), (5, 100))]
    assert shares == sorted(shares)
    assert shares[0] < 0.2
    assert shares[-1] > 5.0
    assert 0.5 < learn(1, 1)[3] < 2.0


def test_identifiers_of_one_network_have_one_vote() -> None:
    """A firm with a hundred exits in one network teaches no more than a firm with one."""
    firm = learn(10, 100, unit_of=[*range(10), *[99] * 100])
    single = learn(10, 1)
    assert firm[3] == pytest.approx(single[3], rel=1e-3)
    assert learn(10, 100)[3] > 3 * firm[3]


def test_each_group_learns_from_its_own() -> None:
    alone, among = learn(40, 0)[3], learn(0, 40)[3]
    both = learn(40, 40, group=[1] * 40 + [2] * 40)
    assert both == {1: alone, 2: among}


def test_the_order_of_identifiers_changes_nothing() -> None:
    rng = np.random.default_rng(7)
    n = 50
    prior, one, among = rng.uniform(0.01, 0.5, n), rng.exponential(3.0, n), rng.exponential(3.0, n)
    unit, kind = rng.integers(0, 20, n), rng.integers(0, 3, n)
    order = rng.permutation(n)
    before = learn_among_others(kind, unit, prior, Ratios(one, among), STATED, WEIGHT)
    after = learn_among_others(
        kind[order], unit[order], prior[order], Ratios(one[order], among[order]), STATED, WEIGHT
    )
    assert before == pytest.approx(after)
