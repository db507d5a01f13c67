"""Positions: deterministic, apart from each other, parts beside each other."""

from __future__ import annotations

import random

import numpy as np
import pytest

from graphlink.render.layout import place_nodes


def star(n: int, start: int = 0) -> list[tuple[int, int]]:
    return [(start, start + i) for i in range(1, n)]


def nearest(places: np.ndarray) -> np.ndarray:
    gaps = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    actual: np.ndarray = gaps.min(axis=1)
    return actual


@pytest.mark.parametrize("n", [2, 40, 300])
def test_the_same_graph_gives_the_same_positions_whatever_was_drawn_before(n: int) -> None:
    first = place_nodes(n, star(n))
    random.seed(7)
    place_nodes(200, star(200))
    random.random()
    assert (place_nodes(n, star(n)) == first).all()


@pytest.mark.parametrize("n", [2, 30, 121, 400])
def test_neighbours_are_about_one_apart(n: int) -> None:
    places = place_nodes(n, star(n))
    assert np.isfinite(places).all()
    gaps = nearest(places)
    assert np.quantile(gaps, 0.1) == pytest.approx(1, abs=0.35)
    assert (gaps > 0).mean() > 0.99


def test_parts_do_not_overlap() -> None:
    edges = star(10) + star(6, 10) + star(3, 16)
    places = place_nodes(20, edges)
    parts = [places[:10], places[10:16], places[16:19], places[19:]]
    for i, one in enumerate(parts):
        for other in parts[i + 1 :]:
            is_beside = (one.min(axis=0) > other.max(axis=0)) | (one.max(axis=0) < other.min(axis=0))
            assert is_beside.any()


def test_nothing_is_placed_for_nothing() -> None:
    assert place_nodes(0, []).shape == (0, 2)


def test_a_stronger_edge_pulls_closer() -> None:
    edges = star(150)
    weights = [1.0] * 149
    weights[0] = 40.0
    places = place_nodes(150, edges, weights)
    distance = np.hypot(*(places[1:] - places[0]).T)
    assert distance[0] < np.median(distance)
