"""The false discovery rates of the list of clusters against the truth of planted worlds."""

from __future__ import annotations

import pytest

from graphlink.samples import Dials
from tests.bench.accuracy.discoveries import RATES, World, try_world

AT_5 = RATES.index(0.05)
ALL = RATES.index(1.0)


@pytest.fixture(scope="module")
def backgrounds() -> list[World]:
    return [try_world(seed, 2_000, Dials(farm_share=0.0)) for seed in (351, 352)]


@pytest.fixture(scope="module")
def mixed() -> list[World]:
    return [try_world(seed, 2_000, Dials()) for seed in (361, 362)]


def share_false(worlds: list[World], i: int) -> float:
    n = sum(world.points[i].n_clusters for world in worlds)
    return sum(world.points[i].share_false * world.points[i].n_clusters for world in worlds) / n


def test_without_farms_what_is_reported_to_be_5_percent_false_is(backgrounds: list[World]) -> None:
    assert share_false(backgrounds, AT_5) <= 0.05
    assert sum(world.points[AT_5].n_clusters for world in backgrounds) >= 6, "companies are found"


def test_among_farms_what_is_reported_to_be_5_percent_false_is(mixed: list[World]) -> None:
    assert share_false(mixed, AT_5) <= 0.05
    assert sum(world.points[AT_5].n_clusters for world in mixed) >= 12


def test_households_are_further_down_the_list(backgrounds: list[World]) -> None:
    # They are clusters all the same: much of the list as a whole is false, and it says so.
    assert share_false(backgrounds, ALL) > 0.3
    assert sum(world.n_related[ALL] for world in backgrounds) > 10
    assert sum(world.n_related[AT_5] for world in backgrounds) == 0
