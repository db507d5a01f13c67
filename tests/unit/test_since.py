"""What counts as new in the explorer, and who came back after a closing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.view.explorer.asking import Asked
from graphlink.view.explorer.index import Index
from graphlink.view.explorer.queue import list_clusters, summarize
from graphlink.view.explorer.since import returned_accounts

if TYPE_CHECKING:
    from graphlink.result import Result

NEVER = np.iinfo(np.int64).min
DAY = 86_400
MOMENTS = st.one_of(st.just(NEVER), st.integers(0, 12).map(lambda day: day * DAY // 2))


@given(st.lists(st.tuples(st.integers(-1, 2), MOMENTS, MOMENTS), max_size=12))
def test_who_came_back_is_as_one_by_one(rows: list[tuple[int, int, int]]) -> None:
    cluster, born, closed = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    expected = [
        c >= 0
        and b != NEVER
        and any(
            j != i and other == c and end != NEVER and 0 <= b - end <= 3 * DAY
            for j, (other, _, end) in enumerate(rows)
        )
        for i, (c, b, _) in enumerate(rows)
    ]
    assert returned_accounts(cluster, born, closed, NEVER).tolist() == expected


def indexed(result: Result, since: Result | dt.datetime | None) -> Index:
    index = Index(result, since=since)
    index.read()
    return index


def test_what_is_new_is_by_an_earlier_result_or_a_date(sample_result: Result) -> None:
    last = max(row for row in sample_result.table("accounts")["last_seen"].to_pylist() if row)
    week = indexed(sample_result, last - dt.timedelta(days=7))
    default = indexed(sample_result, None)
    assert week.accounts.is_new.tolist() == default.accounts.is_new.tolist()
    everything = indexed(sample_result, dt.datetime(1990, 1, 1, tzinfo=dt.UTC))
    sizes = [row["n_accounts"] for row in list_clusters(everything, Asked({"limit": "500"}))["rows"]]
    new = [row["n_new"] for row in list_clusters(everything, Asked({"limit": "500"}))["rows"]]
    assert new == sizes
    itself = indexed(sample_result, sample_result)
    assert not itself.accounts.is_new.any()
    told = summarize(itself, Asked({}))
    assert told["new_since"] is None
    assert told["definitions"]["n_new"] == "Accounts that joined their cluster since the earlier result"


def test_the_queue_filters_by_who_came_back(sample_result: Result) -> None:
    index = indexed(sample_result, dt.datetime(1990, 1, 1, tzinfo=dt.UTC))
    rows = list_clusters(index, Asked({"limit": "500", "sort": "n_returned"}))["rows"]
    counts = [row["n_returned"] for row in rows]
    assert counts == sorted(counts, reverse=True)
    kept = list_clusters(index, Asked({"limit": "500", "min_returned": "1"}))["rows"]
    assert len(kept) == sum(n > 0 for n in counts) > 0
    a = index.accounts
    assert sum(counts) == int((a.is_new & a.is_return & (a.cluster >= 0)).sum())


@pytest.mark.parametrize("n", [0, 1])
def test_without_closings_nobody_came_back(n: int) -> None:
    none = np.full(n, NEVER)
    assert not returned_accounts(np.zeros(n, np.int64), none, none, NEVER).any()
