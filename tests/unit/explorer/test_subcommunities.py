"""Sub-communities of a large cluster: what is planted is found, at a resolution that means what it says."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from graphlink.explorer.index.subcommunities import MOST_GROUPS, find_subcommunities

Pairs = list[tuple[int, int]]


def solve(n: int, pairs: Pairs, bits: list[float] | None = None) -> tuple[list[int], int, float]:
    ends = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    actual = np.array(bits if bits is not None else [5.0] * len(pairs), np.float64)
    outcome = find_subcommunities(n, ends[:, 0], ends[:, 1], actual)
    return outcome.group.tolist(), outcome.n_groups, outcome.resolution_bits


def planted(sizes: list[int], seed: int = 1) -> tuple[int, Pairs, list[int]]:
    """Groups whose accounts are all tied, and one link from each to the next."""
    truth = [group for group, size in enumerate(sizes) for _ in range(size)]
    draws = random.Random(seed)
    draws.shuffle(truth)
    places = [[i for i, group in enumerate(truth) if group == number] for number in range(len(sizes))]
    pairs = {pair for place in places for pair in itertools.combinations(place, 2)}
    pairs |= {(min(a[0], b[0]), max(a[0], b[0])) for a, b in itertools.pairwise(places)}
    return len(truth), sorted(pairs), truth


@pytest.mark.parametrize("seed", range(5))
def test_groups_that_one_link_joins_are_found_the_largest_first(seed: int) -> None:
    n, pairs, truth = planted([12, 9, 8, 7, 5, 5], seed)
    group, n_groups, _ = solve(n, pairs)
    assert n_groups == 6
    assert len({(a, b) for a, b in zip(group, truth, strict=True)}) == 6
    sizes = [group.count(number) for number in range(n_groups)]
    assert sizes == sorted(sizes, reverse=True) == [12, 9, 8, 7, 5, 5]


def test_between_sub_communities_links_average_less_than_the_resolution() -> None:
    draws = random.Random(3)
    pairs = sorted({(a, b) for a, b in itertools.combinations(range(200), 2) if draws.random() < 0.02})
    bits = [draws.uniform(0.1, 20.0) for _ in pairs]
    group, n_groups, resolution = solve(200, pairs, bits)
    assert n_groups > 1
    sums: dict[tuple[int, int], float] = {}
    for (a, b), actual in zip(pairs, bits, strict=True):
        ends = (min(group[a], group[b]), max(group[a], group[b]))
        sums[ends] = sums.get(ends, 0.0) + min(actual, 12.0)
    shown = range(n_groups)
    for a, b in itertools.combinations(shown, 2):
        assert sums.get((a, b), 0.0) / (group.count(a) * group.count(b)) <= resolution


def test_no_sub_community_is_most_of_the_map_where_links_part_it() -> None:
    n, pairs, _ = planted([30, 30])
    lone = [(i, n + i) for i in range(0, 20, 2)]
    group, n_groups, _ = solve(n + 20, pairs + lone)
    assert max(group.count(number) for number in range(n_groups)) <= (n + 20) / 2


def test_what_nothing_parts_is_one() -> None:
    group, n_groups, _ = solve(40, list(itertools.combinations(range(40), 2)))
    assert (set(group), n_groups) == ({0}, 1)


def test_there_are_never_more_than_can_be_drawn() -> None:
    pairs = [(2 * i, 2 * i + 1) for i in range(1_500)] + [(2 * i + 1, 2 * i + 2) for i in range(1_499)]
    group, n_groups, _ = solve(3_000, pairs)
    assert 1 < n_groups <= MOST_GROUPS
    assert max(group) <= n_groups


@pytest.mark.parametrize(("n", "pairs", "bits"), [(0, [], []), (1, [], []), (3, [(0, 1)], [-2.0])])
def test_without_links_all_are_the_rest(n: int, pairs: Pairs, bits: list[float]) -> None:
    assert solve(n, pairs, bits) == ([0] * n, 0, 0.0)


def test_the_same_links_give_the_same_answer() -> None:
    n, pairs, _ = planted([9, 9, 8, 8, 4, 3], 7)
    random.seed(1)
    first = solve(n, pairs)
    random.seed(2)
    assert solve(n, pairs) == first
