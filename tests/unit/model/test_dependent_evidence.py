"""What the kinds of a pair add up to: against all orders of the kinds, one after another."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest

from graphlink.model.dependent_evidence import COUNTED, Dependence, counted_kinds

N_KINDS = 6
Pair = dict[int, tuple[float, float]]  # kind to bits and degree


def drawn_dependence(seed: int) -> Dependence:
    rng = np.random.default_rng(seed)
    bits = np.where(
        rng.random((N_KINDS, N_KINDS)) < 0.3, np.inf, np.maximum(0.0, rng.normal(3, 3, (N_KINDS, N_KINDS)))
    )
    return Dependence(
        bits,
        rng.choice([1.0, 0.25], (N_KINDS, N_KINDS)),
        rng.choice([0.0, 2.0], (N_KINDS, N_KINDS)),
        rng.uniform(0, 5, N_KINDS),
    )


def drawn_pair(seed: int) -> Pair:
    rng = np.random.default_rng(seed)
    kinds = rng.choice(N_KINDS, int(rng.integers(1, N_KINDS + 1)), replace=False)
    return {int(kind): (float(rng.uniform(0, 15)), float(rng.integers(2, 60))) for kind in kinds}


def counted(pair: Pair, dependence: Dependence) -> dict[int, float]:
    rows = [(1, 2, kind, *rest) for kind, rest in pair.items()]
    table = pa.table(dict(zip(("l", "r", "kind_no", "bits", "degree"), zip(*rows, strict=True), strict=True)))
    made = counted_kinds(table, dependence=dependence)
    assert made.schema == COUNTED
    return dict(zip(made["kind_no"].to_pylist(), made["contribution_bits"].to_pylist(), strict=True))


def added(given: int, kind: int, pair: Pair, dependence: Dependence) -> float:
    """Bits that a kind adds once another is known, in plain numbers."""
    bits, degree = pair[kind]
    most = float(dependence.bits[given, kind])
    rarer = float(dependence.log_degree[kind] - np.log2(max(degree - 1.0, 1.0)))
    ceiling = max(0.0, most + min(float(dependence.rarity[given, kind]), rarer)) if most > 0 else 0.0
    return min(bits * float(dependence.share[given, kind]), ceiling)


def by_orders(pair: Pair, dependence: Dependence) -> float:
    """The sum led by the kind that gives the most: of the others the mean over all orders."""
    sums = []
    for leader in pair:
        of_orders = []
        for order in itertools.permutations([kind for kind in pair if kind != leader]):
            total = pair[leader][0]
            for place, kind in enumerate(order):
                known = (leader, *order[:place])
                total += min(pair[kind][0], *(added(given, kind, pair, dependence) for given in known))
            of_orders.append(total)
        sums.append(sum(of_orders) / len(of_orders))
    return max(sums)


@pytest.mark.parametrize("seed", range(60))
def test_the_sum_is_the_mean_over_all_orders_under_the_best_leader(seed: int) -> None:
    pair, dependence = drawn_pair(seed), drawn_dependence(seed % 7)
    contributions = counted(pair, dependence)
    assert sum(contributions.values()) == pytest.approx(by_orders(pair, dependence), abs=1e-9)
    assert all(0 <= bits <= pair[kind][0] + 1e-12 for kind, bits in contributions.items())
    assert any(bits == pair[kind][0] for kind, bits in contributions.items())


def test_the_leader_is_the_kind_that_gives_the_most_and_not_the_strongest() -> None:
    """Given the stronger the weaker adds nothing; given the weaker the stronger adds nearly all."""
    bits = np.array([[np.inf, 0.0], [7.0, np.inf]])
    dependence = Dependence(bits, np.ones((2, 2)), np.zeros((2, 2)), np.zeros(2))
    assert counted({0: (8.0, 2.0), 1: (6.0, 2.0)}, dependence) == {0: 7.0, 1: 6.0}


@pytest.mark.parametrize("seed", range(25))
def test_a_hundredth_of_a_bit_moves_the_sum_by_at_most_that(seed: int) -> None:
    pair, dependence = drawn_pair(seed), drawn_dependence(seed % 7)
    total = sum(counted(pair, dependence).values())
    for kind, (bits, degree) in pair.items():
        moved = sum(counted({**pair, kind: (bits + 0.01, degree)}, dependence).values())
        assert -1e-9 <= moved - total <= 0.01 + 1e-9


@pytest.mark.parametrize("seed", range(25))
def test_order_and_names_of_kinds_change_nothing(seed: int) -> None:
    pair, dependence = drawn_pair(seed), drawn_dependence(seed % 7)
    before = counted(pair, dependence)
    assert counted(dict(reversed(pair.items())), dependence) == before
    renamed = np.random.default_rng(seed).permutation(N_KINDS)  # the new number of each kind
    places = np.argsort(renamed)
    at = np.ix_(places, places)
    other = Dependence(
        dependence.bits[at], dependence.share[at], dependence.rarity[at], dependence.log_degree[places]
    )
    after = counted({int(renamed[kind]): values for kind, values in pair.items()}, other)
    assert sum(after.values()) == pytest.approx(sum(before.values()), abs=1e-9)


def test_pairs_of_several_sizes_are_counted_each_by_itself() -> None:
    dependence = drawn_dependence(3)
    pairs = {(1, 2): drawn_pair(1), (1, 3): drawn_pair(2), (2, 3): drawn_pair(3)}
    rows = [(*ends, kind, *rest) for ends, pair in pairs.items() for kind, rest in pair.items()]
    columns = zip(*sorted(rows, key=lambda row: row[2:]), strict=True)
    table = pa.table(dict(zip(("l", "r", "kind_no", "bits", "degree"), columns, strict=True)))
    made = counted_kinds(table, dependence=dependence).to_pylist()
    for ends, pair in pairs.items():
        of_pair = {row["kind_no"]: row["contribution_bits"] for row in made if (row["l"], row["r"]) == ends}
        assert of_pair == pytest.approx(counted(pair, dependence))


def test_what_needs_nothing_of_another_counts_in_full() -> None:
    free = Dependence(np.full((2, 2), np.inf), np.ones((2, 2)), np.zeros((2, 2)), np.zeros(2))
    assert counted({0: (5.0, 3.0), 1: (4.0, 9.0)}, free) == {0: 5.0, 1: 4.0}


def test_rarity_raises_what_a_kind_adds_at_most_so_far() -> None:
    bits, rarity = np.full((2, 2), 3.0), np.full((2, 2), 2.0)
    dependence = Dependence(bits, np.ones((2, 2)), rarity, np.array([5.0, 5.0]))
    # Two holders are five bits rarer than usual, of which two count; 2,049 are six bits commoner.
    given = [counted({0: (20.0, 33.0), 1: (10.0, degree)}, dependence)[1] for degree in (2.0, 33.0, 2_049.0)]
    assert given == [5.0, 3.0, 0.0]
