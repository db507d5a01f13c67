"""What Spark can't do is said in a line to act on; what is elsewhere comes to the result all the same."""

from __future__ import annotations

import datetime
from contextlib import closing
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.errors import EngineError
from graphlink.engine.duck import DuckEngine
from graphlink.engine.spark import SparkEngine
from graphlink.engine.spark import engine as spark_engine
from graphlink.engine.spark import paths as spark_paths
from graphlink.engine.spark.errors import plain_message

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.engine import Engine

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)
NUMBERS = pa.table({"no": pa.array([1, 2, 2], pa.int32())})


def failing(rows: pa.Table) -> pa.Table:
    raise ZeroDivisionError(f"{len(rows)} rows")


def test_the_error_of_a_worker_is_reported(sail: str, tmp_path: Path) -> None:
    with SparkEngine(sail, folder=str(tmp_path)) as engine:
        engine.load("numbers", NUMBERS)
        with pytest.raises(EngineError) as raised:
            engine.make_by("parts", "SELECT no FROM numbers", "no", failing, NUMBERS.schema)
    assert "ZeroDivisionError: 3 rows" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("of", ["a folder", "a cluster"])
def test_a_warehouse_that_holds_nothing_is_refused_at_once(sail: str, tmp_path: Path, of: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    where = tmp_path / "file" if of == "a folder" else "abfss://box@nowhere.invalid/tables"
    with pytest.raises(EngineError) as raised:
        SparkEngine(sail, folder=str(tmp_path / "temporary"), warehouse=str(where))
    assert str(raised.value).startswith(f"{where} can't hold the tables of the run. Spark: ")
    wanted = "--spark-warehouse that all machines" if of == "a folder" else "Start Spark with hadoop-azure"
    assert wanted in str(raised.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]  # the folder that it made is gone too


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("one line", "one line"),
        ("first\nsecond", "first"),
        ("An error occurred.\n: java.io.IOException: no room\n\tat x.y", "java.io.IOException: no room"),
        (
            "Lost:\nTraceback (most recent call last):\n  File x\n    y\nKeyError: 3\n\nmore",
            "in a worker, KeyError: 3",
        ),
        ("", ""),
    ],
)
def test_of_long_errors_the_line_that_matters_is_reported(message: str, told: str) -> None:
    assert plain_message(message) == told


@pytest.mark.parametrize("place", ["here", "elsewhere", "known to Spark alone"])
def test_a_result_table_is_the_same_wherever_its_files_are(
    sail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place != "here":
        for module in (spark_engine, spark_paths):
            monkeypatch.setattr(module, "local_path", lambda _: None)
    n = 5_000
    seen = [datetime.datetime(1969, 12, 31, 23, 59, 59, i, tzinfo=datetime.UTC) for i in range(n)]
    columns = {
        "no": pa.array([i * 7919 % n for i in range(n)], pa.int32()),
        "text": pa.array([None if i % 5 == 0 else f"é{i % 97}\n" for i in range(n)]),
        "share": pa.array([None if i % 3 == 0 else i / 7 for i in range(n)], pa.float64()),
        "seen_at": pa.array(seen, pa.timestamp("us", "UTC")),
        "is_it": pa.array([i % 2 == 0 for i in range(n)]),
    }
    engines: dict[str, Engine] = {
        "duck": DuckEngine(),
        "spark": SparkEngine(sail, folder=str(tmp_path / "t")),
    }
    for name, engine in engines.items():
        with closing(engine):
            engine.load("things", pa.table(columns))
            engine.append("things", "SELECT 9999, 'last', NULL, NULL, NULL")
            engine.make("none", "SELECT * FROM things WHERE no < 0")
            if place == "known to Spark alone":
                monkeypatch.setattr(spark_engine, "seen_folder", _refused)
            for table in ("things", "none"):
                sql = f'SELECT "no", text, round(share, 9) AS share, seen_at, is_it FROM {table} ORDER BY no'
                engine.write_parquet(sql, tmp_path / f"{name}_{table}.parquet")
            engine.make("things", "SELECT 1 AS one")  # the name is free again
    for table, n_rows in (("things", n + 1), ("none", 0)):
        left, right = (pq.read_table(tmp_path / f"{name}_{table}.parquet") for name in engines)
        # Whether a column can hold nulls is told of what it happens to hold.
        assert [(field.name, field.type) for field in left.schema] == [
            (field.name, field.type) for field in right.schema
        ]
        assert left.columns == right.columns
        assert right.num_rows == n_rows


def _refused(folder: str, copy: Path) -> Path:
    raise OSError(f"{folder} is not for {copy}")
