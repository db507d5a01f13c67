"""Groups before and after a change, and how many accounts go from which to which."""

from __future__ import annotations

from graphlink.explanations.what_if.groups import Move, compare_groups


def test_moves_count_every_account_of_what_changes_once() -> None:
    before = {"a": "C-1", "b": "C-1", "c": "C-1", "d": "C-1", "e": "C-2", "f": "C-2", "x": "C-3", "y": "C-3"}
    after = {frozenset("ab"), frozenset("cefg"), frozenset("xy")}
    change = compare_groups("C-1", before, after)
    assert [(group.name, group.n_accounts) for group in change.after] == [("after-1", 4), ("after-2", 2)]
    assert change.moves == (
        Move("C-1", "after-1", 1),
        Move("C-1", "after-2", 2),
        Move("C-1", "", 1),
        Move("C-2", "after-1", 2),
        Move("", "after-1", 1),
    )
    assert change.named == {**dict.fromkeys("cefg", "after-1"), **dict.fromkeys("ab", "after-2")}
    assert change.after[0].sources == ("C-2", "C-1")


def test_a_cluster_that_stays_moves_into_itself() -> None:
    before = dict.fromkeys("abc", "C-1")
    change = compare_groups("C-1", before, {frozenset("abc")})
    assert change.moves == (Move("C-1", "after-1", 3),)
