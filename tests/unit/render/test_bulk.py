"""The scale of drawings over time is that of the bulk of the data."""

from __future__ import annotations

import numpy as np

from graphlink.render.bulk import bulk_of

DAY = 86_400


def test_a_few_old_rows_do_not_set_the_scale() -> None:
    old = np.arange(5) * 30 * DAY
    recent = 500 * DAY + np.arange(1_000) * DAY // 20
    at = np.concatenate([recent, old])
    first, last = bulk_of(at, np.ones(len(at)))
    assert 494 * DAY < first <= recent[0]
    assert last == recent[-1]


def test_what_is_evenly_spread_is_drawn_whole() -> None:
    at = np.arange(10_000)
    assert bulk_of(at, np.ones(len(at))) == (0, 9_999)


def test_weights_count_and_order_does_not() -> None:
    at = np.array([900, 0, 1_000])
    heavy = np.array([500, 1, 500])
    assert bulk_of(at, heavy) == (890, 1_000)
    assert bulk_of(at[::-1], heavy[::-1]) == (890, 1_000)
    assert bulk_of(at, np.array([1, 500, 1])) == (0, 0)


def test_one_moment_and_none() -> None:
    assert bulk_of(np.array([7]), np.array([3])) == (7, 7)
    assert bulk_of(np.array([]), np.array([])) == (0, 0)
