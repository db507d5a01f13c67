"""Times a whole run against one grouping of the same file: `python -m tests.bench.speed [MILLIONS...]`.

G is what DuckDB takes to group a Parquet file by account, kind and value with the least and greatest time and
a count: the least that any method has to do. Each repeat times G and the run one after the other, and the
ratio is of these two, so that what else the machine does weighs on both. Each is a process of its own, whose
peak of memory the operating system tells. Ten million observations take many minutes and are measured only
when asked for: `python -m tests.bench.speed 1 10`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

REPEATS = 3
_OBSERVATIONS_PER_ACCOUNT = 33  # of a drawn world, about

# Nothing heavy is imported here: a process begins with the peak of the one that starts it.
_TIMED = """
import json, sys, time
started = time.perf_counter()
{work}
print(json.dumps([time.perf_counter() - started, n]))
"""
_DRAW = """
import pyarrow.parquet
from pathlib import Path
from graphlink.samples import draw_world
world = draw_world(1, int(sys.argv[1]))
observations, n = world.observations(), len(world.observations())
pyarrow.parquet.write_table(observations, sys.argv[2])
Path(sys.argv[3]).write_text(f'now = "{world.end.isoformat()}"', encoding="utf-8")
"""
_GROUP = """
import duckdb
(n,) = duckdb.execute(
    "SELECT count(*) FROM (SELECT account_id, kind, value, min(seen_at), max(seen_at), count(*) "
    f"FROM read_parquet('{sys.argv[1]}') GROUP BY account_id, kind, value)"
).fetchone()
"""
_RUN = """
from graphlink import run
result = run(sys.argv[1], settings=sys.argv[2], out=sys.argv[3], overwrite=True)
n = result.manifest["tables"]["links"]["rows"]
"""


class Measured(NamedTuple):
    """What a process took: seconds from the first import on, the peak of its memory, and what it counted."""

    seconds: float
    mib: float
    n: int


def measure(work: str, *arguments: object) -> Measured:
    """Run code in a process of its own.

    Raises:
        SystemExit: It failed.
    """
    command = [sys.executable, "-c", _TIMED.format(work=work), *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    seconds, n = json.loads(told)
    return Measured(seconds, used.ru_maxrss / 1024, n)  # KiB, as Linux tells it


def compare(millions: float, folder: Path) -> None:
    """Draw a world with about so many million observations and print the medians of some repeats."""
    log, settings = folder / "log.parquet", folder / "settings.toml"
    n_rows = measure(_DRAW, int(millions * 1e6 / _OBSERVATIONS_PER_ACCOUNT), log, settings).n
    grouped, whole = [], []
    for _ in range(REPEATS):
        grouped.append(measure(_GROUP, log))
        whole.append(measure(_RUN, log, settings, folder / "result"))
    ratio = statistics.median(run.seconds / one.seconds for one, run in zip(grouped, whole, strict=True))
    for name, what, told in (("G", "groups", grouped), ("run", "links", whole)):
        seconds, mib = (statistics.median(column) for column in ([m[0] for m in told], [m[1] for m in told]))
        print(f"{name:<4} {seconds:8.2f} s {mib:8,.0f} MiB {told[0].n:12,} {what}")
    print(
        f"{n_rows:,} observations: run / G = {ratio:.1f} (median of {REPEATS}); load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    for asked in sys.argv[1:] or ["1"]:
        with tempfile.TemporaryDirectory(prefix="graphlink-bench-") as place:
            compare(float(asked), Path(place))
