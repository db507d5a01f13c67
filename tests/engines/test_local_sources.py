"""What is read on this machine whatever the engine (queries over files, lake tables) is the same on both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from graphlink.core.settings import Settings, Source
from graphlink.engine.duck import DuckEngine
from graphlink.engine.spark.engine import SparkEngine
from tests.engines.reading import told as outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink.engine import Engine

ROWS = pa.table(
    {
        "account_id": ["a", "b ", None, "c"],
        "kind": ["client"] * 4,
        "value": ["v1", "v2", "v1", "v1"],
        "seen_at": ["2026-03-01T10:00:00Z", "soon", None, "2026-03-02T10:00:00Z"],
    }
)


@pytest.fixture
def engines(sail: str) -> Iterator[tuple[Engine, Engine]]:
    with DuckEngine(threads=2) as duck, SparkEngine(remote=sail) as spark:
        yield duck, spark


def test_a_query_over_files_gives_the_same_rows(engines: tuple[Engine, Engine], tmp_path: Path) -> None:
    import pyarrow.csv

    pyarrow.csv.write_csv(ROWS, tmp_path / "log.csv")
    (tmp_path / "kept.csv").write_text("v\nv1\n", encoding="ascii")
    query = "SELECT * FROM files JOIN kept ON v = value ORDER BY seen_at"
    source = Source(path=str(tmp_path / "log.csv"), query=query, joins={"kept": str(tmp_path / "kept.csv")})
    here, there = (outcome_of(engine, Settings(sources=(source,))) for engine in engines)
    assert here == there
    assert len(here["observations"]) == 2


def test_a_lake_table_gives_the_same_rows(engines: tuple[Engine, Engine], tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake", reason="graphlink[delta] is not installed")
    folder = tmp_path / "t"
    deltalake.write_deltalake(folder, ROWS)
    deltalake.DeltaTable(folder).delete("account_id = 'c'")
    source = Source(path=str(folder), format="delta")
    here, there = (outcome_of(engine, Settings(sources=(source,))) for engine in engines)
    assert here == there
    assert len(here["observations"]) == 1
