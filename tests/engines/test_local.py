"""A real Spark of this machine, with two threads: what Sail, which answers for it elsewhere, may not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.engine.duck import DuckEngine
from graphlink.engine.spark import SparkEngine
from graphlink.storage.remote import stored_path
from tests.engines.reading import elsewhere, everything, told

if TYPE_CHECKING:
    from graphlink.engine import Engine


def links_of(engine: Engine) -> list[tuple[object, ...]]:
    """A small pipeline: who shares what with whom, weighed, with times and texts."""
    n = 400
    seen = pa.array([1_760_000_000_250_000 + 977_000_000 * i for i in range(n)], pa.timestamp("us", "UTC"))
    accounts = pa.array([i % 37 for i in range(n)], pa.int32())
    values = pa.array([f"v{i * i % 53}" for i in range(n)])
    engine.load("seen", pa.table({"account_no": accounts, "value": values, "at_time": seen}))
    engine.make(
        "window_incidence",
        "SELECT account_no, value, floor(epoch(at_time) / 86400)::INTEGER AS day, "
        "min(epoch(at_time))::BIGINT AS first_s, count(*) AS n FROM seen GROUP BY ALL",
    )
    engine.make(
        "degrees", "SELECT value, count(DISTINCT account_no) AS degree FROM window_incidence GROUP BY value"
    )
    engine.make(
        "links",
        "SELECT x.account_no AS l, y.account_no AS r, count(*) AS n, "
        "sum(round(1 / log2(1 + d.degree), 6)::DECIMAL(18, 9))::DOUBLE AS bits, "
        "first(x.value ORDER BY d.degree DESC, x.value) AS chief FROM window_incidence x "
        "JOIN window_incidence y ON y.value = x.value AND y.day = x.day AND x.account_no < y.account_no "
        "JOIN degrees d ON d.value = x.value GROUP BY ALL",
    )
    engine.append("links", "SELECT 0, 0, 0, 0.5, NULL")
    return engine.rows(
        "SELECT l, r, n, round(bits, 6), chief FROM links "
        "QUALIFY row_number() OVER (PARTITION BY l ORDER BY bits DESC, r) <= 3 ORDER BY l, r"
    )


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with an input, and what a real Spark says."""
    folder = tmp_path_factory.mktemp("real")
    everything(folder)
    # In a process of its own: in one that spoke to a server, pyspark starts no Spark any more.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, __file__, str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return folder, json.loads(done.stdout.splitlines()[-1])


@pytest.mark.usefixtures("java")
def test_a_real_spark_gives_the_same(real: tuple[Path, dict[str, Any]]) -> None:
    with DuckEngine() as duck:
        wanted = links_of(duck)
    assert real[1]["links"] == [list(row) for row in wanted]
    assert len(wanted) > 30


@pytest.mark.usefixtures("java")
@pytest.mark.parametrize("name", ["facts", "observations", "accounts", "rejected_rows", "numbers"])
def test_a_real_spark_reads_addresses_alike(real: tuple[Path, dict[str, Any]], name: str) -> None:
    with DuckEngine() as duck:
        wanted = told(duck, everything(real[0]))
    assert real[1]["read"][name] == json.loads(json.dumps(wanted[name]))
    assert "None" not in wanted["numbers"]


@pytest.mark.usefixtures("java")
def test_a_real_spark_writes_parts_in_order(real: tuple[Path, dict[str, Any]]) -> None:
    with DuckEngine() as duck:
        duck.make("many", MANY)
        wanted = duck.rows("SELECT i, name FROM many ORDER BY name, i")
    place = stored_path(f"file://{real[0]}/written here")
    parts = [[pq.read_table(part.path) for part in (place / name).children()] for name in ("many", "none")]
    assert [tuple(row.values()) for part in parts[0] for row in part.to_pylist()] == wanted
    assert [part.num_rows for part in parts[1]] == [0]
    assert parts[1][0].schema.names == ["i", "name"]


MANY = (
    "SELECT i::BIGINT AS i, 'n' || (i * 7919 % 1000)::VARCHAR AS name FROM (SELECT unnest([{}]) AS i)".format(
        ", ".join(map(str, range(2000)))
    )
)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    with SparkEngine(threads=2, memory="1GB", folder=str(place / "temporary")) as spark:
        found = {"links": links_of(spark), "read": told(spark, elsewhere(everything(place)))}
        spark.make("many", MANY)
        for name, where in (("many", "true"), ("none", "i < 0")):
            sql = f"SELECT i, name FROM many WHERE {where} ORDER BY name, i"
            spark.write_stored(sql, f"file://{place}/written here/{name}")
        print(json.dumps(found))
