"""A session with settings of its own, of this machine or of a server."""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import EngineError
from graphlink.engine.probe import check_answers
from graphlink.engine.spark.connection import check_speaks
from graphlink.engine.spark.errors import spark_faults

if TYPE_CHECKING:
    from pathlib import Path


def session(remote: str | None, memory: str | None, threads: int | None, folder: Path) -> tuple[Any, bool]:
    """A session with settings of its own, and whether Spark was started for it."""
    # Workers would take the system's Python, and the driver a host name that may lead nowhere.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineError("Spark is not installed; pip install 'graphlink[spark]'") from error
    # The session says so at every call; what it warns of is not used.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    if remote:
        check_answers(remote)
        check_speaks(remote)
    with spark_faults(remote or ""):
        running = None if remote else SparkSession.getActiveSession()
        if remote:
            spark = SparkSession.builder.remote(remote).create()
        elif running is not None:  # a notebook's, whose tables and settings are let be
            spark = running.newSession()
        else:
            builder = (
                SparkSession.builder.master(f"local[{threads or '*'}]")
                .appName("graphlink")
                .config("spark.ui.enabled", "false")
                .config("spark.ui.showConsoleProgress", "false")
                .config("spark.log.level", "ERROR")
                .config("spark.driver.maxResultSize", "0")
                .config("spark.local.dir", str(folder))
                .config("spark.sql.warehouse.dir", str(folder / "unused"))
            )
            if memory and not memory.endswith("%"):
                builder = builder.config("spark.driver.memory", _spark_memory(memory))
            spark = builder.getOrCreate()
        spark.conf.set("spark.sql.session.timeZone", "UTC")
        spark.conf.set("spark.sql.ansi.enabled", "true")
        spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        return spark, running is None


def _spark_memory(memory: str) -> str:
    return memory.upper().replace("I", "").replace(" ", "").removesuffix("B").lower()
