"""Clusters of two results matched by the accounts they share, on memberships made by hand."""

from __future__ import annotations

import pyarrow as pa
import pytest

from graphlink.view.report.changes import compare_clusters, counts_of


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
        ({"A": "abc"}, {"A": "abd"}, {"A": "changed"}),
        ({"A": "abc", "B": "def"}, {"A": "abcdef"}, {"A": "merged"}),
        ({"A": "abcdef"}, {"A": "abc", "D": "def"}, {"A": "split", "D": "split"}),
        ({"A": "abc"}, {"B": "bcd"}, {"B": "changed"}),
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


def test_a_part_of_a_split_has_lost_nothing_to_the_other_part() -> None:
    changes = compare_clusters(membership({"A": "abcdefg"}), membership({"A": "abc", "D": "def"}))
    assert [move.account_id for move in changes["A"].moves] == ["g"]
    assert changes["D"].before == ("A",)
    assert "D" in changes["A"].sentence()
