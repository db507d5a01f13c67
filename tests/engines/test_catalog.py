"""Tables and queries of Spark's catalog: the outcome of the same rows in a file, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from graphlink.core.errors import EngineError, InputError
from graphlink.core.settings import AccountSource, Settings, Source
from graphlink.engine.duck import DuckEngine
from graphlink.engine.spark import SparkEngine, workers
from tests.engines.reading import told as outcome_of
from tests.engines.reading import written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)
ROWS = pa.table(
    {
        "account_id": ["a", "b ", None, "c", "a"],
        "kind": ["client"] * 5,
        "value": ["v1", "v2", "v1", "v1", "v 3"],
        "seen_at": ["2026-03-01T10:00:00Z", "soon", None, "2026-03-02T10:00:00Z", "2026-03-02 11:00"],
    }
)
ACCOUNTS = pa.table({"account_id": ["a", "b"], "status": ["active", "banned"]})


@pytest.fixture(scope="module")
def spark(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    places = tmp_path_factory.mktemp("catalog")
    with SparkEngine(sail, folder=str(tmp_path_factory.mktemp("spark"))) as engine:
        engine._spark.sql("CREATE DATABASE logs")
        engine._spark.createDataFrame(ROWS).write.saveAsTable("logs.calls", path=str(places / "calls"))
        engine._spark.createDataFrame(ACCOUNTS).write.saveAsTable("logs.people", path=str(places / "people"))
        yield engine


def test_a_catalog_table_gives_the_rows_of_a_file(spark: SparkEngine, tmp_path: Path) -> None:
    files = Settings(
        sources=(Source(path=written(ROWS, tmp_path / "calls.parquet"), name="calls"),),
        accounts=AccountSource(path=written(ACCOUNTS, tmp_path / "people.parquet")),
    )
    tables = replace(
        files,
        sources=(Source(table=f"`{spark._spark.catalog.currentCatalog()}`.logs.calls", name="calls"),),
        accounts=AccountSource(table="logs.people"),
    )
    with DuckEngine(threads=1) as duck:
        wanted = outcome_of(duck, files)
    actual = outcome_of(spark, tables)
    for name in ("observations", "accounts"):
        assert actual[name] == wanted[name]
    assert [row.replace("calls.parquet", "calls") for row in wanted["rejected_rows"]] == actual[
        "rejected_rows"
    ]
    assert actual["facts"]["rejected_rows"] == wanted["facts"]["rejected_rows"]
    assert actual["facts"]["sources"][0]["rows_read"] == len(ROWS)
    assert len(actual["observations"]) == 3


def test_a_query_reads_part_of_it(spark: SparkEngine) -> None:
    query = (
        "WITH kept AS (SELECT * FROM logs.calls JOIN logs.people USING (account_id) WHERE status = 'active') "
        "SELECT account_id, kind, value, seen_at FROM kept"
    )
    assert len(outcome_of(spark, Settings(sources=(Source(query=query),)))["observations"]) == 2


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("DROP TABLE logs.calls", "must be one SELECT"),
        ("SELECT 1; DROP TABLE logs.calls", "must be one SELECT"),
        ("INSERT INTO logs.calls SELECT * FROM logs.calls", "must be one SELECT"),
        ("SELECT * FROM observations", "write schema.observations"),
        ("SELECT * FROM logs.calls WHERE value IN (SELECT x FROM identifiers)", "write schema.identifiers"),
        ("SELECT * FROM logs.none", "check the name, and that Spark may read it"),
        ("SELECT account_id, account_id FROM logs.calls", "two columns have this name"),
        ("SELECT FROM WHERE", "can't be read as Spark's SQL|must be one SELECT"),
    ],
)
def test_what_is_no_query_of_the_catalog_is_refused(spark: SparkEngine, query: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        outcome_of(spark, Settings(sources=(Source(query=query),)))
    assert "query of Spark's catalog" in str(caught.value)


def test_a_table_without_its_schema_is_refused(spark: SparkEngine) -> None:
    with pytest.raises(InputError, match=r"write schema\.calls or catalog\.schema\.calls"):
        outcome_of(spark, Settings(sources=(Source(table="calls"),)))


def test_the_embedded_engine_has_no_catalog() -> None:
    with (
        DuckEngine() as duck,
        pytest.raises(InputError, match=r"run with --engine spark, or name the database"),
    ):
        outcome_of(duck, Settings(sources=(Source(table="logs.calls"),)))


def test_workers_that_lack_a_library_are_refused_at_the_start(
    sail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_report", _reporting_no_igraph)
    with pytest.raises(EngineError, match=r"Spark's workers lack igraph, of which this machine has \d"):
        SparkEngine(sail, folder=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def _reporting_no_igraph(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for _ in batches:
        versions = json.dumps(workers.versions_of(workers.LIBRARIES) | {"igraph": ""})
        yield pa.RecordBatch.from_pydict({"versions": pa.array([versions], pa.string())})
