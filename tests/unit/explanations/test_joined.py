"""Who joined a cluster, on members and evidence made by hand."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from graphlink.core.wording import lag_words, tied_by_words
from graphlink.explanations.joined import find_joined

DAY = dt.timedelta(days=1)
START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def members(*rows: tuple[str, float | None, float | None, bool | None]) -> pa.Table:
    """Rows of account, day of opening, day of closing, closed for abuse."""
    times = pa.timestamp("us", "UTC")
    at = [[None if day is None else START + day * DAY for day in (row[1], row[2])] for row in rows]
    n = len(rows)
    return pa.table(
        {
            "account_id": [row[0] for row in rows],
            "role": ["core"] * n,
            "probability": [0.99] * n,
            "created_at": pa.array([opened for opened, _ in at], times),
            "first_seen": pa.array([START] * n, times),
            "closed_at": pa.array([closed for _, closed in at], times),
            "is_abuse": pa.array([row[3] for row in rows], pa.bool_()),
        }
    )


def evidence(*rows: tuple[str, str, str, str, float]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * 5
    names = ("account_id_l", "account_id_r", "kind", "value", "contribution_bits")
    types = (pa.string(),) * 4 + (pa.float64(),)
    return pa.table({n: pa.array(list(c), t) for n, c, t in zip(names, columns, types, strict=True)})


def test_what_ties_a_newcomer_most_to_those_who_were_there_is_named() -> None:
    actual = find_joined(
        members(("a", 0, None, None), ("b", 0, None, None), ("new", 9, None, None), ("too", 9, None, None)),
        evidence(
            ("a", "new", "payment", "fp", 5.0),
            ("b", "new", "ip", "x", 4.0),
            ("a", "new", "ip", "x", 4.0),
            ("new", "too", "payment", "other", 30.0),  # both are new: that ties nobody to the old ones
        ),
        {"new", "too"},
    )
    assert [(one.account_id, one.tie_kind, one.tie_value, one.n_tied) for one in actual] == [
        ("new", "ip", "x", 2),
        ("too", "payment", "other", 1),
    ]
    assert all(one.is_news for one in actual)


def test_an_account_opened_soon_after_a_closing_is_a_return_after_that_closing() -> None:
    actual = find_joined(
        members(
            ("a", 0, 5, True),
            ("b", 0, 6, True),
            ("soon", 6.5, None, False),
            ("late", 20, None, False),
            ("ages", 60, None, False),
            ("before", 4, None, False),
        ),
        evidence(),
        {"soon", "late", "ages", "before"},
    )
    assert {one.account_id: (one.after, one.is_soon_after) for one in actual} == {
        "soon": ("b", True),
        "late": ("b", False),
        "ages": ("", False),
        "before": ("", False),
    }
    assert actual[0].account_id == "soon"
    assert actual[0].after_closed_at == START + 6 * DAY


def test_nobody_returns_after_a_closing_that_was_not_for_abuse() -> None:
    rows = [("a", 0, 5, False), ("new", 5.1, None, False)]
    assert not find_joined(members(*rows), evidence(), {"new"})[0].is_soon_after
    unknown = [("a", 0, 5, None), ("new", 5.1, None, None)]
    assert find_joined(members(*unknown), evidence(), {"new"})[0].is_soon_after


def test_an_account_does_not_follow_its_own_closing() -> None:
    actual = find_joined(members(("a", 0, 5, True), ("new", 5, 5, True)), evidence(), {"new"})
    assert actual[0].after == "a"
    assert not actual[0].is_open
    assert not actual[0].is_news


def test_without_times_nothing_is_reported_of_when() -> None:
    rows = members(("a", None, None, None), ("new", None, None, None))
    bare = rows.set_column(4, "first_seen", pa.nulls(2, pa.timestamp("us", "UTC")))
    actual = find_joined(bare, evidence(), {"new"})
    assert (actual[0].opened, actual[0].after, actual[0].is_soon_after) == (None, "", False)


def test_some_of_those_who_joined_are_described_as_among_all() -> None:
    rows = members(
        ("a", 0, 5, True), ("b", 0, None, None), *((f"n{i}", 5 + i / 2, None, None) for i in range(8))
    )
    pairs = evidence(
        *(("b", f"n{i}", "ip", "x", 4.0) for i in range(0, 8, 2)),
        *((f"n{i}", f"n{i + 1}", "payment", f"fp{i}", 9.0) for i in range(7)),
    )
    names = {f"n{i}" for i in range(8)}
    for some in ({"n3"}, {"n0", "n5"}, names, set()):
        touching = [
            bool(some & {left, right})
            for left, right in zip(
                pairs["account_id_l"].to_pylist(), pairs["account_id_r"].to_pylist(), strict=True
            )
        ]
        actual = find_joined(rows, pairs.filter(pa.array(touching, pa.bool_())), names, some)
        assert actual == tuple(one for one in find_joined(rows, pairs, names) if one.account_id in some)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under a minute"),
        (59, "under a minute"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (18_600, "5 h 10 min"),
        (47 * 3_600 + 59 * 60, "47 h 59 min"),
        (48 * 3_600, "2 d"),
        (52 * 3_600, "2 d 4 h"),
        (30 * 86_400, "30 d"),
    ],
)
def test_how_long_after_a_closing_is_in_words(seconds: int, words: str) -> None:
    closed = START + dt.timedelta(hours=9)
    assert lag_words(closed, closed + dt.timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(("days", "words"), [(0, "same day"), (1, "1 day"), (3, "3 days")])
def test_whole_days_claim_no_minutes(days: int, words: str) -> None:
    assert lag_words(START, START + days * DAY) == words


def test_what_ties_is_in_words() -> None:
    assert tied_by_words("load_balancing", "", 1) == "load balancing with 1 member"
    assert tied_by_words("ip", "x", 1_200) == "ip x with 1,200 members"
    assert tied_by_words("", "", 0) == ""
