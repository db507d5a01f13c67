"""What became of each column of a source: as what it was read, and how much of it could be used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphlink.core.settings import Settings, Source
from graphlink.pipeline import check

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-06-01T00:00:00Z"


def columns_of(frames: dict[str, object] | None, **about: Any) -> dict[str, tuple[object, ...]]:
    settings = Settings(now=NOW, sources=(Source(name="log", **about),))
    facts: Any = check(frames, settings=settings) if frames else check(settings)
    names = ("read_as", "filled", "usable", "values", "accounts")
    return {row["column"]: tuple(row[name] for name in names) for row in facts["columns"]}


def test_each_column_of_a_wide_source_is_described() -> None:
    frame = pa.table(
        {
            "who": ["a", "a", "b", None],
            "at": ["2026-03-01T10:00:00Z", None, "2026-03-01T10:00:00Z", None],
            "addr": ["20.1.2.3", "10.0.0.1", "20.1.2.3", "20.1.2.3"],
            "model": ["x", "x", "y", "y"],
            "note": ["", "", "", ""],
        }
    )
    mapped = {"account": "who", "time": "at", "kinds": {"ip": "addr"}, "facts": {"model": "model"}}
    assert columns_of({"log": frame}, **mapped) == {
        "who": ("account", 3, 3, 2, 2),
        "at": ("time", 2, 2, 1, 2),
        "addr": ("kind.ip", 3, 2, 1, 2),
        "model": ("fact", None, None, None, None),
        "note": ("not read", None, None, None, None),
    }


def test_the_columns_of_a_long_source_are_described() -> None:
    frame = pa.table(
        {"account_id": ["a", "b"], "kind": ["ip", "ip"], "value": ["20.1.2.3", "no"], "n": [1, 2]}
    )
    actual = columns_of({"log": frame}, time="")
    assert actual["value"] == ("value", 2, 1, 1, 1)
    assert actual["kind"][0] == "kind"
    assert actual["n"][0] == "count"
    assert set(actual) == {"account_id", "kind", "value", "n"}
    assert "n" not in columns_of({"log": frame.drop_columns(["n"])}, time="")


def test_a_column_that_is_looked_into_is_not_called_unread(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps({"user": {"id": "a", "name": "b"}, "ip": "20.1.2.3", "x": 1}))
    actual = columns_of(None, path=str(path), account="user.id", time="", kinds={"ip": "ip"})
    assert {name: row[0] for name, row in actual.items()} == {
        "user.id": "account",
        "ip": "kind.ip",
        "user.name": "not read",
        "x": "not read",
    }
