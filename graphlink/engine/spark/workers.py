"""What Spark's workers run, asked before work is sent to them.

Functions go to the workers as bytecode, which another minor version of Python does not understand, and
communities depend on the version of igraph. What fails there fails late, in words of Spark's.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphlink.core.errors import EngineError
from graphlink.engine.spark.errors import spark_faults
from graphlink.engine.spark.groups import shipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LIBRARIES = ("igraph", "numpy", "pyarrow")
_PROBES = 8  # tasks, so that executors which stand ready all get one
_REMEDY = "use one environment for both, such as by spark.pyspark.python or spark.archives of the cluster"


def check_workers(spark: Any) -> None:
    """Make sure that functions of this Python run on the workers and give what they give here.

    Args:
        spark: The session.

    Raises:
        EngineError: Names the version of the workers and of this machine, and what to do.
    """
    try:
        with spark_faults(), shipped():
            probes = spark.range(0, _PROBES, 1, _PROBES).mapInArrow(_report, "versions string")
            found = [json.loads(row[0]) for row in probes.distinct().collect()]
    except EngineError as error:
        here = versions_of(LIBRARIES)
        raise EngineError(
            f"Spark's workers can't run what this machine sends (Python {here['python']}, "
            f"pyarrow {here['pyarrow']}): {error}; {_REMEDY}"
        ) from None
    for versions in sorted(found, key=repr):
        if fault := fault_of(versions, versions_of(LIBRARIES)):
            raise EngineError(f"{fault}; {_REMEDY}")


def versions_of(libraries: Iterable[str]) -> dict[str, str]:
    """The version of Python and of libraries, of whichever machine this runs on; empty where one lacks."""
    from importlib import metadata

    versions = {"python": "{}.{}.{}".format(*sys.version_info[:3])}
    for name in libraries:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = ""
    return versions


def fault_of(there: dict[str, str], here: dict[str, str]) -> str:
    """What keeps a worker from doing the work as this machine does; empty if nothing does.

    Args:
        there: Versions of the worker, by name.
        here: Versions of this machine, by the same names.
    """
    for name, version in here.items():
        title = "Python" if name == "python" else name
        if not there[name]:
            return f"Spark's workers lack {title}, of which this machine has {version}"
        n_parts = {"python": 2, "igraph": 3}.get(name, 1)
        if there[name].split(".")[:n_parts] != version.split(".")[:n_parts]:
            wanted = ".".join(version.split(".")[:n_parts])
            return (
                f"Spark's workers have {title} {there[name]} and this machine has {version}: "
                f"both need {title} {wanted}"
            )
    return ""


def _report(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The versions of a worker, as JSON, once per batch."""
    for _ in batches:
        versions = json.dumps(versions_of(LIBRARIES), sort_keys=True)
        yield pa.RecordBatch.from_pydict({"versions": pa.array([versions], pa.string())})
