"""Who joined a cluster, on members and evidence made by hand."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

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
    names = ("account_id_l", "account_id_r", "kind", "value", "counted_bits")
    types = (pa.string(),) * 4 + (pa.float64(),)
    return pa.table({n: pa.array(list(c), t) for n, c, t in zip(names, columns, types, strict=True)})


def test_what_ties_a_newcomer_most_to_those_who_were_there_is_named() -> None:
    told = find_joined(
        members(("a", 0, None, None), ("b", 0, None, None), ("new", 9, None, None), ("too", 9, None, None)),
        evidence(
            ("a", "new", "payment", "fp", 5.0),
            ("b", "new", "ip", "x", 4.0),
            ("a", "new", "ip", "x", 4.0),
            ("new", "too", "payment", "other", 30.0),  # both are new: that ties nobody to the old ones
        ),
        {"new", "too"},
    )
    assert [(one.account_id, one.tie_kind, one.tie_value, one.n_tied) for one in told] == [
        ("new", "ip", "x", 2),
        ("too", "payment", "other", 1),
    ]
    assert all(one.is_news for one in told)


def test_an_account_opened_soon_after_a_closing_is_a_return_after_that_closing() -> None:
    told = find_joined(
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
    assert {one.account_id: (one.after, one.is_return) for one in told} == {
        "soon": ("b", True),
        "late": ("b", False),
        "ages": ("", False),
        "before": ("", False),
    }
    assert told[0].account_id == "soon"
    assert told[0].after_closed_at == START + 6 * DAY


def test_nobody_returns_after_a_closing_that_was_not_for_abuse() -> None:
    rows = [("a", 0, 5, False), ("new", 5.1, None, False)]
    assert not find_joined(members(*rows), evidence(), {"new"})[0].is_return
    unknown = [("a", 0, 5, None), ("new", 5.1, None, None)]
    assert find_joined(members(*unknown), evidence(), {"new"})[0].is_return


def test_an_account_does_not_follow_its_own_closing() -> None:
    told = find_joined(members(("a", 0, 5, True), ("new", 5, 5, True)), evidence(), {"new"})
    assert told[0].after == "a"
    assert not told[0].is_open
    assert not told[0].is_news


def test_without_times_nothing_is_said_of_when() -> None:
    rows = members(("a", None, None, None), ("new", None, None, None))
    bare = rows.set_column(4, "first_seen", pa.nulls(2, pa.timestamp("us", "UTC")))
    told = find_joined(bare, evidence(), {"new"})
    assert (told[0].opened, told[0].after, told[0].is_return) == (None, "", False)
