"""Rows of queries as named tuples."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from graphlink.core.errors import TableError
from graphlink.engine.duck import DuckEngine
from graphlink.engine.typed_rows import rows_as


class Kind(NamedTuple):
    kind_no: int
    name: str
    bits: float
    window_s: int | None
    is_open: bool


def test_rows_come_with_the_types_of_their_fields() -> None:
    with DuckEngine(threads=1) as engine:
        sql = "SELECT * FROM (VALUES (1::HUGEINT, 'ip', 2.50::DECIMAL(4, 2), NULL::INTEGER, true))"
        (actual,) = rows_as(engine, sql, Kind)
    assert actual == Kind(1, "ip", 2.5, None, True)
    assert [type(value) for value in actual] == [int, str, float, type(None), bool]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT NULL, 'ip', 1.0, 1, true", "a row is no Kind: null, not int"),
        ("SELECT 1, 'ip', 1.0", "a row is no Kind: zip"),
        ("SELECT 'one', 'ip', 1.0, 1, true", "a row is no Kind: invalid literal"),
    ],
)
def test_another_row_is_refused(sql: str, said: str) -> None:
    with DuckEngine(threads=1) as engine, pytest.raises(TableError, match=said):
        rows_as(engine, sql, Kind)
