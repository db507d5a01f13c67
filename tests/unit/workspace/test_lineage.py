"""Lineages, rule by rule."""

from __future__ import annotations

import datetime

import pytest

from graphlink.workspace.lineage import Lifetimes, Lineage, LineageEvent, assign_lineages


def group(text: str) -> frozenset[str]:
    return frozenset(text)


def changes(lineages: list[Lineage], *clusters: str, **more: object) -> dict[str, tuple[int | None, str]]:
    given = {text: group(text) for text in clusters}
    done = assign_lineages(lineages, given, 10, **more)  # type: ignore[arg-type]  # what tests give
    return {one.cluster_id: (one.lineage, one.change) for one in done.placements}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("abc", ["abcd"], {"abcd": (1, "grown")}),
        ("abcd", ["abc"], {"abc": (1, "shrunk")}),
        ("abcdef", ["abcd", "ef"], {"abcd": (1, "split"), "ef": (10, "split")}),
        ("abcd", ["xyz"], {"xyz": (10, "born")}),
        ("abcd", ["xy"], {"xy": (None, "pending")}),
        ("abcd", ["axyz"], {"axyz": (10, "born")}),  # one account is no arrow
        ("abcdefgh", ["abcxyzuv"], {"abcxyzuv": (10, "born")}),  # less than half of the smaller
        ("abcdefgh", ["abcdwxyz"], {"abcdwxyz": (1, "grown")}),
    ],
)
def test_what_becomes_of_a_lineage(
    before: str, after: list[str], expected: dict[str, tuple[int | None, str]]
) -> None:
    assert changes([Lineage(1, group(before))], *after) == expected


def test_two_lineages_in_one_cluster_are_merged_and_both_numbers_stay_known() -> None:
    known = [Lineage(1, group("abc")), Lineage(2, group("defg"))]
    done = assign_lineages(known, {"C-1": group("abcdefg")}, 10)
    assert done.placements[0].lineage == 2
    assert done.placements[0].change == "merged"
    assert done.events == (LineageEvent("merged", 1, 2, 3),)
    merged = [Lineage(1, group("abc"), False, 2), Lineage(2, group("abcdefg"))]
    again = assign_lineages(merged, {"C-1": group("abcdefg")}, 10)
    assert (again.placements[0].change, again.events) == ("same", ())
    parted = assign_lineages(merged, {"C-1": group("abc"), "C-2": group("defg")}, 10)
    assert [one.lineage for one in parted.placements] == [1, 2]
    assert parted.events == (LineageEvent("re-formed", 1, 2, 3),)


def test_of_equal_arrows_the_lineage_of_the_last_run_counts_more_then_the_older() -> None:
    dormant, present = Lineage(1, group("abc"), is_present=False), Lineage(2, group("abc"))
    assert changes([dormant, present], "abc")["abc"][0] == 2
    assert changes([present._replace(number=3), present], "abc")["abc"][0] == 2


def test_two_accounts_get_a_number_in_the_second_run() -> None:
    assert changes([], "ab") == {"ab": (None, "pending")}
    assert changes([], "ab", pending=[group("ab")]) == {"ab": (10, "born")}
    assert changes([], "abc") == {"abc": (10, "born")}


@pytest.mark.parametrize(
    ("closed", "opened", "change"),
    [("abc", "e", "regrown"), ("ab", "e", "grown"), ("abc", "", "grown")],
)
def test_regrown_is_what_accounts_join_after_most_were_closed(closed: str, opened: str, change: str) -> None:
    day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    lifetimes = Lifetimes(
        {account: day + datetime.timedelta(days=9 if account in opened else 0) for account in "abcde"},
        {account: day + datetime.timedelta(days=5) for account in closed},
    )
    assert changes([Lineage(1, group("abcd"))], "abcde", lifetimes=lifetimes)["abcde"] == (1, change)
