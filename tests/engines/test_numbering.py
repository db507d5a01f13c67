"""Rows get the same numbers whether one machine sorts them all or each a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from graphlink.engine import numbering
from graphlink.engine.duck import DuckEngine
from graphlink.engine.numbering import number_rows
from graphlink.engine.spark import SparkEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.engine import Engine

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)
NAMES = [
    "",
    " ",
    "a",
    "a-1",
    "a-10",
    "a-2",
    *(f"account-of-one-house-{i:03}" for i in range(40)),
    "B",
    "b",
    "z\u00e4h",
    "z\ufffd",
    "z\U0001f600",
    "\u4e2d",
    "'; DROP TABLE x",
]


@pytest.fixture(scope="module")
def spark(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    with SparkEngine(sail, folder=str(tmp_path_factory.mktemp("spark"))) as engine:
        yield engine


def numbered(engine: Engine) -> list[list[tuple[object, ...]]]:
    names = [(kind, name) for kind in ("ip", "card") for name in NAMES]
    table = pa.table({"kind": [kind for kind, _ in names], "value": [name for _, name in names]})
    engine.load("told", table)
    listed = []
    for order in (("value",), ("kind", "value")):
        columns = ", ".join(order)
        number_rows(engine, "numbered", f"SELECT DISTINCT {columns} FROM told", "no", order)
        assert list(engine.columns("numbered")) == ["no", *order]
        listed.append(engine.rows("SELECT * FROM numbered ORDER BY no"))
    engine.drop("told", "numbered")
    return listed


@pytest.mark.parametrize("at_once", [1, 10, 1_000])
def test_numbers_follow_the_names(spark: SparkEngine, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(numbering, "_AT_ONCE", at_once)
    expected = [
        list(enumerate(sorted(NAMES, key=str.encode), 1)),
        [(i, *row) for i, row in enumerate(sorted((k, n) for k in ("card", "ip") for n in NAMES), 1)],
    ]
    with DuckEngine(threads=1) as duck:
        for engine in (duck, spark):
            listed = [[tuple(row) for row in rows] for rows in numbered(engine)]
            assert listed == expected
            assert not engine.has("unnumbered")
            assert not engine.has("part_starts")
