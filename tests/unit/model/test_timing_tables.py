"""Columns of the behaviours: their distinct rows."""

from __future__ import annotations

import numpy as np
import pytest

from graphlink.model.timing.tables import are_among, distinct_rows


@pytest.mark.parametrize("n", [0, 1, 500])
def test_distinct_rows_are_those_of_numpy(n: int) -> None:
    rng = np.random.default_rng(n)
    columns = [rng.integers(low, low + 6, n) for low in (-1, 0, 1 << 62)]
    rows, first, place = distinct_rows(*columns)
    expected = np.unique(np.stack(columns, axis=1), axis=0, return_index=True, return_inverse=True)
    assert np.array_equal(np.stack(rows, axis=1), expected[0])
    assert np.array_equal(first, expected[1])
    assert np.array_equal(place, expected[2].reshape(-1))


@pytest.mark.parametrize("n", [0, 1, 40])
def test_numbers_among_a_few_are_those_of_numpy(n: int) -> None:
    rng = np.random.default_rng(n)
    numbers, few = rng.integers(0, 90, 500), rng.integers(0, 90, n)
    assert np.array_equal(are_among(numbers, few), np.isin(numbers, few))
