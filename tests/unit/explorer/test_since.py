"""What counts as new in the explorer, and who came back after a closing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.explanations import find_joined
from graphlink.explanations.joined import closings_of
from graphlink.explanations.returns import returns_among
from graphlink.explorer.index import Index
from graphlink.explorer.joined import list_joined
from graphlink.explorer.query import Query
from graphlink.explorer.queue import list_clusters
from graphlink.explorer.run_summary import summarize
from graphlink.explorer.since import opened_after_closings

if TYPE_CHECKING:
    from graphlink.explanations import Joined
    from graphlink.result.result import Result

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
    assert opened_after_closings(cluster, born, closed, NEVER).tolist() == expected


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
    sizes = [row["n_accounts"] for row in list_clusters(everything, Query({"limit": "500"}))["rows"]]
    new = [row["n_new"] for row in list_clusters(everything, Query({"limit": "500"}))["rows"]]
    assert new == sizes
    itself = indexed(sample_result, sample_result)
    assert not itself.accounts.is_new.any()
    actual = summarize(itself, Query({}))
    assert actual["new_since"] is None
    assert actual["definitions"]["n_new"] == "Accounts that joined their cluster since the earlier result"


def test_the_queue_filters_by_who_came_back(sample_result: Result) -> None:
    index = indexed(sample_result, dt.datetime(1990, 1, 1, tzinfo=dt.UTC))
    rows = list_clusters(index, Query({"limit": "500", "sort": "n_soon_after"}))["rows"]
    counts = [row["n_soon_after"] for row in rows]
    assert counts == sorted(counts, reverse=True)
    kept = list_clusters(index, Query({"limit": "500", "min_soon_after": "1"}))["rows"]
    assert len(kept) == sum(n > 0 for n in counts) > 0
    above = list_clusters(index, Query({"limit": "500", "above_chance": "1"}))["rows"]
    assert {row["cluster_id"] for row in above} == {
        row["cluster_id"] for row in rows if row["is_above_chance"]
    }
    assert 0 < len(above) < len(kept)
    a = index.accounts
    assert sum(counts) == int((a.is_new & a.is_soon_after & (a.cluster >= 0)).sum())


@pytest.mark.parametrize("n", [0, 1])
def test_without_closings_nobody_came_back(n: int) -> None:
    none = np.full(n, NEVER)
    assert not opened_after_closings(np.zeros(n, np.int64), none, none, NEVER).any()


def described(index: Index, cluster: str, names: set[str]) -> tuple[Joined, ...]:
    """The new accounts of a cluster, from the tables of the result."""
    actual = index.result.table("membership", where={"cluster_id": [cluster]})
    accounts = index.result.table("accounts", where={"account_id": actual["account_id"].to_pylist()})
    among = {end: actual["account_id"].to_pylist() for end in ("account_id_l", "account_id_r")}
    evidence = index.result.table("evidence", where=among)
    joined = [name for name in actual["account_id"].to_pylist() if name in names]
    wanted = ["account_id", "created_at", "first_seen", "closed_at", "is_abuse"]
    return find_joined(actual.join(accounts.select(wanted), "account_id"), evidence, joined)


def assert_chance_is_as_one_by_one(index: Index, row: dict[str, Any], joined: tuple[Joined, ...]) -> None:
    """The report counts a cluster at a time, the explorer all at once."""
    members = index.result.table("membership", where={"cluster_id": [row["cluster_id"]]})["account_id"]
    accounts = index.result.table("accounts", where={"account_id": members.to_pylist()})
    times = index.result.table("accounts", ["first_seen", "last_seen"])
    span = (pc.min(times["first_seen"]).as_py(), pc.max(times["last_seen"]).as_py())
    closings = [at for at, _ in closings_of(accounts.to_pylist())]
    opened = [one.opened for one in joined if one.opened is not None]
    lags = [one.opened - one.after_closed_at for one in joined if one.opened and one.after_closed_at]
    actual = returns_among(opened, lags, closings, span)
    assert row["n_soon_after_by_chance"] == pytest.approx(actual.by_chance, abs=1e-4)
    assert row["is_above_chance"] == actual.is_above_chance


@pytest.mark.parametrize("day", ["1990-01-01", "2026-03-01", "2026-03-15", "2100-01-01"])
def test_the_new_accounts_of_a_case_are_those_of_the_report(sample_result: Result, day: str) -> None:
    index = indexed(sample_result, dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC))
    new = pa.array(index.accounts.is_new)
    names = set(pc.filter(index.accounts.names.values, new).to_pylist())
    clusters = list_clusters(index, Query({"limit": "500"}))["rows"]
    for row in sorted(clusters, key=lambda row: -row["n_soon_after"])[:12]:
        actual = list_joined(index, Query({"cluster_id": row["cluster_id"], "limit": "500"}))
        assert (actual["total"], actual["n_soon_after"]) == (row["n_new"], row["n_soon_after"])
        expected = described(index, row["cluster_id"], names)
        assert_chance_is_as_one_by_one(index, row, expected)
        assert [(one["account_id"], one["is_soon_after"]) for one in actual["rows"]] == [
            (one.account_id, one.is_soon_after) for one in expected
        ]
        for one, other in zip(actual["rows"], expected, strict=True):
            assert (one["tie_kind"], one["tie_value"], one["n_tied"], one["tied_by"]) == (
                other.tie_kind, other.tie_value, other.n_tied, other.tied_by,
            )  # fmt: skip
            assert (one["after"], one["lag"], one["is_open"]) == (other.after, other.lag, other.is_open)
            assert one["role"] == other.role
            assert one["probability"] == pytest.approx(other.probability, abs=1e-6)
    if day.startswith("2100"):
        assert not sum(row["n_new"] for row in clusters)


def test_the_new_accounts_come_by_the_page(sample_result: Result) -> None:
    index = indexed(sample_result, dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    cluster = max(list_clusters(index, Query({}))["rows"], key=lambda row: row["n_new"])["cluster_id"]
    whole = list_joined(index, Query({"cluster_id": cluster, "limit": "500"}))
    pages = [
        list_joined(index, Query({"cluster_id": cluster, "limit": "3", "offset": str(start)}))["rows"]
        for start in range(0, whole["total"] + 3, 3)
    ]
    assert [row for page in pages for row in page] == whole["rows"]
    assert len(pages[0]) == 3 < whole["total"]
    assert whole["what"] == "Accounts that were opened, or first seen, since 2026-03-01 00:00 UTC"


def test_a_case_without_new_accounts_states_what_new_means(sample_result: Result) -> None:
    index = indexed(sample_result, sample_result)
    actual = list_joined(index, Query({"cluster_id": index.clusters.names[0]}))
    assert (actual["rows"], actual["total"], actual["n_soon_after"]) == ([], 0, 0)
    assert actual["what"] == "Accounts that joined their cluster since the earlier result"
