"""Clusters of two results matched by the accounts they share, on memberships made by hand."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from graphlink.result.comparison import changes_since, compare_clusters, counts_of


def membership(clusters: dict[str, str], alone: str = "") -> pa.Table:
    """Accounts are letters: `{"A": "abc"}` is a cluster A of three."""
    rows: list[tuple[str, str | None]] = [
        (account, cluster) for cluster, accounts in clusters.items() for account in accounts
    ]
    rows += [(account, None) for account in alone]
    return pa.table(
        {
            "account_id": pa.array([account for account, _ in rows], pa.string()),
            "cluster_id": pa.array([cluster for _, cluster in rows], pa.string()),
        }
    )


@pytest.mark.parametrize(
    ("before", "after", "statuses"),
    [
        ({"A": "abc"}, {"A": "abc"}, {"A": "same"}),
        ({}, {"A": "abc"}, {"A": "new"}),
        ({"A": "abc"}, {}, {"A": "gone"}),
        ({"A": "abc"}, {"A": "abcd"}, {"A": "grown"}),
        ({"A": "abcd"}, {"A": "abc"}, {"A": "shrunk"}),
        ({"A": "abc"}, {"A": "abd"}, {"A": "grown"}),
        ({"A": "abcdef"}, {"A": "abcx"}, {"A": "grown"}),
        ({"A": "abc", "B": "def"}, {"A": "abcdef"}, {"A": "merged"}),
        ({"A": "abcdef"}, {"A": "abc", "D": "def"}, {"A": "split", "D": "split"}),
        ({"A": "abc"}, {"B": "bcd"}, {"B": "grown"}),
        ({"A": "abcdefgh"}, {"H": "hxyz"}, {"H": "new", "A": "gone"}),
        ({"A": "ab"}, {"A": "ac"}, {"A": "new", "A (before)": "gone"}),
    ],
)
def test_what_became_of_clusters(
    before: dict[str, str], after: dict[str, str], statuses: dict[str, str]
) -> None:
    changes = compare_clusters(membership(before), membership(after))
    assert {name: change.status for name, change in changes.items()} == statuses
    assert sum(counts_of(changes.values()).values()) == len(changes)


def test_accounts_that_moved_are_named_with_where_from() -> None:
    changes = compare_clusters(
        membership({"A": "abcd", "X": "xy"}, alone="e"), membership({"A": "abcef", "X": "xy"}, alone="d")
    )
    moves = {
        move.account_id: (move.cluster_before, move.cluster_after, move.was_known)
        for move in changes["A"].moves
    }
    assert moves == {"d": ("A", None, True), "e": (None, "A", True), "f": (None, "A", False)}
    assert (changes["A"].n_joined, changes["A"].n_left) == (2, 1)
    assert changes["X"].moves == ()


def test_an_operator_who_loses_more_than_come_back_has_grown() -> None:
    before = {"A": "abcdefghijklmnopqrstu"}
    after = {"A": "abcdefghij" + "0123456789"}  # eleven left, ten joined
    change = compare_clusters(membership(before), membership(after))["A"]
    assert (change.status, change.n_joined, change.n_left) == ("grown", 10, 11)
    assert [move.account_id for move in change.joined] == list("0123456789")
    assert change.sentence() == "Grown: 10 joined, 11 left."


def test_who_came_with_a_merged_cluster_did_not_join_it() -> None:
    change = compare_clusters(membership({"A": "abc", "B": "def"}), membership({"A": "abcdefg"}))["A"]
    assert change.n_joined == 1
    assert [move.account_id for move in change.joined] == ["g"]
    assert change.sentence() == "Merged from A, B. 1 more joined."


def test_since_a_moment_whoever_was_opened_then_or_later_joined() -> None:
    day = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    opened = {"a": day - dt.timedelta(1), "b": day, "c": None, "x": day, "y": day + dt.timedelta(1)}
    changes = changes_since(membership({"A": "abc", "X": "xy", "O": "de"}), opened, day)
    assert {name: (change.status, change.n_joined) for name, change in changes.items()} == {
        "A": ("grown", 1),
        "O": ("same", 0),
        "X": ("new", 2),
    }
    assert [move.account_id for move in changes["X"].joined] == ["x", "y"]


def test_a_part_of_a_split_has_lost_nothing_to_the_other_part() -> None:
    changes = compare_clusters(membership({"A": "abcdefg"}), membership({"A": "abc", "D": "def"}))
    assert [move.account_id for move in changes["A"].moves] == ["g"]
    assert changes["D"].before == ("A",)
    assert "D" in changes["A"].sentence()
