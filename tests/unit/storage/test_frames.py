"""Rows as frames: nested values become columns, and numbers stay what they are."""

from __future__ import annotations

import dataclasses
import datetime

import pyarrow as pa

from graphlink.storage.frames import flat_row, frame_of, frame_of_rows


@dataclasses.dataclass(frozen=True)
class Inner:
    kind: str
    value: str | None


@dataclasses.dataclass(frozen=True)
class Outer:
    item: Inner | None
    n: int | None
    listed: tuple[Inner, ...] = ()


def test_whole_numbers_stay_whole_where_some_are_missing() -> None:
    frame = frame_of(pa.table({"n": pa.array([1, None], pa.int64())}))
    assert str(frame["n"].dtype) == "Int64"


def test_what_is_nested_becomes_columns() -> None:
    row = Outer(Inner("ip", None), 1, (Inner("a", "b"),))
    assert flat_row(row) == {
        "item_kind": "ip", "item_value": None, "n": 1, "listed": [{"kind": "a", "value": "b"}],
    }  # fmt: skip
    frame = frame_of_rows([row, Outer(None, None)])
    assert list(frame["item_kind"].isna()) == [False, True]
    assert str(frame["n"].dtype) == "Int64"


def test_a_frame_without_rows_has_its_columns() -> None:
    assert list(frame_of_rows([], ("a", "b"))) == ["a", "b"]


def test_times_stay_times() -> None:
    moment = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    assert str(frame_of_rows([{"at": moment}])["at"].dtype).endswith("UTC]")
