"""Two executors of Spark: they read a catalog; one that dies in a job is replaced, with the same table."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from graphlink.clustering.components import find_components
from graphlink.clustering.leiden import PARTITION, partition_links
from graphlink.engine.duck import DuckEngine
from graphlink.engine.spark import SparkEngine

if TYPE_CHECKING:
    from graphlink.engine import Engine

SOLVE = functools.partial(partition_links, resolution=0.1, seed=1)
BY_COMPONENT = "SELECT c.component_no, x.l, x.r, x.bits FROM links x JOIN components c ON c.account_no = x.l"


def deadly(rows: pa.Table, *, mark: str) -> pa.Table:
    """Solve, but the first time of all kill the executor that this worker belongs to."""
    try:
        Path(mark).touch(exist_ok=False)
    except FileExistsError:
        return SOLVE(rows)
    daemon = Path(f"/proc/{os.getppid()}/stat").read_text(encoding="utf-8")
    executor = int(daemon.rpartition(")")[2].split()[1])
    command = Path(f"/proc/{executor}/cmdline").read_bytes()
    assert b"CoarseGrainedExecutorBackend" in command, command
    Path(mark).write_text(str(executor), encoding="utf-8")
    os.kill(executor, signal.SIGKILL)
    return SOLVE(rows)


def parts(engine: Engine, mark: str = "") -> list[tuple[object, ...]]:
    """Components and communities of a world, in which an executor dies when a mark is named."""
    draws = np.random.default_rng(9)
    pairs = np.unique(np.sort(draws.integers(1, 900, (700, 2)), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    bits = draws.uniform(0.1, 12, len(pairs)).round(6)
    columns = {"l": pa.array(pairs[:, 0], pa.int32()), "r": pa.array(pairs[:, 1], pa.int32())}
    engine.load("links", pa.table({**columns, "bits": bits}))
    find_components(engine, "links")
    solve = functools.partial(deadly, mark=mark) if mark else SOLVE
    engine.make_by("parts", BY_COMPONENT, "component_no", solve, PARTITION)
    # What the dead executor held of earlier steps must still be there.
    engine.make(
        "sizes",
        "SELECT p.community_no, any_value(p.component_no) AS component_no, count(*) AS n "
        "FROM parts p JOIN components c USING (account_no) GROUP BY p.community_no",
    )
    return engine.rows("SELECT community_no, component_no, n FROM sizes ORDER BY community_no")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells processes by /proc, which Linux has")
def test_a_job_outlives_its_executor(java: str, tmp_path: Path) -> None:
    with DuckEngine() as duck:
        wanted = parts(duck)
    # In a process of its own: in one that spoke to a server, pyspark starts no Spark any more.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
    done = subprocess.run(
        [sys.executable, __file__, str(tmp_path)],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    read, found = json.loads(done.stdout.splitlines()[-1])
    assert read == [["no", "INTEGER"], 1_000, 499_500]
    assert found == [list(row) for row in wanted]
    killed = int((tmp_path / "mark").read_text(encoding="utf-8"))
    assert not Path(f"/proc/{killed}").exists()
    assert len(wanted) > 100


def read_catalog(engine: SparkEngine, folder: str) -> list[object]:
    """A column of a table of the catalog, and how many numbers it has, with their sum."""
    table = ("spark_catalog.default.calls", "", "calls")
    engine._spark.range(1000).selectExpr("CAST(id AS INT) AS no", "'x' AS text").write.saveAsTable(
        "calls", path=f"{folder}/calls"
    )
    columns = engine.catalog_columns(*table)
    engine.read_catalog("calls_read", table, ["no"])
    return [columns[0], *engine.rows("SELECT count(*), sum(c0)::BIGINT FROM calls_read")[0]]


def start_executors(folder: str) -> None:
    """Start a session over two executors, each a process of this machine; engines then take that session."""
    import pyspark
    from pyspark.sql import SparkSession

    os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)  # where its executors find Spark
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.local.dir", folder)
        .config("spark.worker.dir", f"{folder}/workers")
        .config("spark.executor.memory", "512m")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )


if __name__ == "__main__":
    start_executors(sys.argv[1])
    with SparkEngine(folder=sys.argv[1]) as engine:
        print(json.dumps([read_catalog(engine, sys.argv[1]), parts(engine, f"{sys.argv[1]}/mark")]))
