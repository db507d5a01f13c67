"""The comparisons, each of which gives figures: medians of repeats, ratios taken inside one repeat."""

from __future__ import annotations

import itertools
import json
import math
import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

OBSERVATIONS_PER_ACCOUNT = 33  # of a drawn world, about
_BEYOND_THE_BASICS = ("behaviours",)
_WORKED = "all but the start"
_PROJECTED = "pairs"  # from the edges of accounts and values to those of accounts
_OPERATOR, _EXITS = 25_000, 1_000  # accounts and exits of a wide and thin operator
_AROUND = 250_000  # accounts of a world of which a ring of such an operator is a tenth
_LITTLE = "1500MB"  # for the engine; what is outside of it comes on top


class Measured(NamedTuple):
    """What a process took: seconds by the clock and of all cores, the peak of its memory, count and parts."""

    seconds: float
    cores: float
    mib: float
    n: int
    parts: dict[str, float]


class Figure(NamedTuple):
    """A row of the table: what, the aim, what was measured, how, and the load before and after."""

    part: str
    what: str
    aim: str
    measured: str
    detail: str
    load: str


class Query(NamedTuple):
    """How to measure: repeats, memory limit of the engine, and a folder for worlds and results."""

    repeats: int
    memory: str
    folder: Path


def measure(work: str, *arguments: object) -> Measured:
    """Run a work in a process of its own.

    Raises:
        SystemExit: It failed.
    """
    command = [sys.executable, "-m", "tests.bench.speed.works", work, *map(str, arguments)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{work} failed")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


class _World(NamedTuple):
    log: Path
    settings: Path
    n_rows: int


def _world(asked: Query, millions: float) -> _World:
    """A planted world of about so many million observations; drawn once per folder."""
    log = asked.folder / f"log-{millions:g}.parquet"
    settings, actual = log.with_suffix(".toml"), log.with_suffix(".rows")
    if not actual.exists():
        n_rows = measure("draw", int(millions * 1e6 / OBSERVATIONS_PER_ACCOUNT), log, settings).n
        actual.write_text(str(n_rows), encoding="ascii")
    return _World(log, settings, int(actual.read_text(encoding="ascii")))


def compare_grouping(asked: Query, millions: Sequence[float]) -> Iterator[Figure]:
    """The whole run against G, and the growth from each size to the next."""
    points: list[tuple[int, float]] = []
    for size in millions:
        world, load = _world(asked, size), _load()
        pairs = [
            (
                measure("group", world.log),
                measure("whole", world.log, world.settings, asked.folder / "r", asked.memory),
            )
            for _ in range(asked.repeats)
        ]
        without = statistics.median(
            (run.seconds - sum(run.parts[name] for name in _BEYOND_THE_BASICS)) / g.seconds
            for g, run in pairs
        )
        ratio = statistics.median(run.seconds / g.seconds for g, run in pairs)
        seconds = statistics.median(run.seconds for _, run in pairs)
        mib = statistics.median(run.mib for _, run in pairs)
        g = statistics.median(g.seconds for g, _ in pairs)
        slowest = sorted(pairs[-1][1].parts.items(), key=lambda part: -part[1])[:5]
        points.append((world.n_rows, seconds))
        load = f"{load} to {_load()}"
        about = (
            f"{world.n_rows:,} observations: G {g:.2f} s, run {seconds:.1f} s, {mib:,.0f} MiB; "
            + ", ".join(f"{name} {actual:.1f} s" for name, actual in slowest)
        )
        name = f"{size:g} M observations"
        yield Figure("G", f"run / G, {name}", "<= 8", f"{ratio:.1f}", about, load)
        yield Figure("G", f"run without rhythm / G, {name}", "<= 3", f"{without:.1f}", about, load)
        yield Figure(
            "growth", f"run, {name}", "100 M in 8 GB", f"{seconds:.1f} s, {mib:,.0f} MiB",
            json.dumps({"rows": world.n_rows, "seconds": round(seconds, 2), "mib": round(mib)}), load,
        )  # fmt: skip
    for (n, seconds), (n_next, seconds_next) in itertools.pairwise(points):
        actual = _exponent(n, seconds, n_next, seconds_next)
        yield Figure("growth", f"exponent from {n:,} to {n_next:,}", "<= 1.1", f"{actual:.2f}", "", _load())


def compare_spilling(asked: Query, millions: Sequence[float]) -> Iterator[Figure]:
    """The whole run with so little memory for the engine that it spills."""
    world, load = _world(asked, millions[-1]), _load()
    listed = [
        measure("whole", world.log, world.settings, asked.folder / "r", _LITTLE) for _ in range(asked.repeats)
    ]
    seconds = statistics.median(run.seconds for run in listed)
    mib = statistics.median(run.mib for run in listed)
    slowest = sorted(listed[-1].parts.items(), key=lambda part: -part[1])[:5]
    detail = f"{world.n_rows:,} observations; " + ", ".join(f"{name} {took:.1f} s" for name, took in slowest)
    what = f"run with {_LITTLE} for the engine, {millions[-1]:g} M observations"
    measured = f"{seconds:.1f} s, {mib:,.0f} MiB"
    yield Figure("spilling", what, "3 GB", measured, detail, f"{load} to {_load()}")


def compare_operator(asked: Query, _: Sequence[float]) -> Iterator[Figure]:
    """The whole run on one wide and thin operator among as many honest accounts, and on a ring among more."""
    yield _operator_figure(
        asked,
        f"run, an operator of {_OPERATOR:,} accounts on {_EXITS:,} exits",
        "draw_operator",
        (_OPERATOR, _EXITS),
    )
    yield _operator_figure(
        asked,
        f"run, a ring of {_OPERATOR:,} accounts among {_AROUND:,}",
        "draw_ring",
        (_AROUND, _OPERATOR / _AROUND),
    )


def _operator_figure(asked: Query, what: str, drawing: str, world: tuple[float, float]) -> Figure:
    log, load = asked.folder / f"{drawing}.parquet", _load()
    settings = log.with_suffix(".toml")
    n_rows = measure(drawing, *world, log, settings).n
    runs = [measure("whole", log, settings, asked.folder / "r", asked.memory) for _ in range(asked.repeats)]
    seconds, cores, mib = (
        statistics.median(column) for column in zip(*((r.seconds, r.cores, r.mib) for r in runs), strict=True)
    )
    slowest = sorted(runs[-1].parts.items(), key=lambda part: -part[1])[:5]
    detail = f"{n_rows:,} observations, {runs[-1].n:,} links; {cores:.1f} s of the cores; " + ", ".join(
        f"{name} {took:.1f} s" for name, took in slowest
    )
    return Figure(
        "operator", what, "<= 60 s", f"{seconds:.1f} s, {mib:,.0f} MiB", detail, f"{load} to {_load()}"
    )


def compare_peers(asked: Query, millions: Sequence[float]) -> Iterator[Figure]:
    """What others take for the same edges, and for links of the same values."""
    for size in millions:
        world = _world(asked, size)
        whole = (world.settings, asked.folder / "r", asked.memory)
        for part, theirs, ours, rest, aim in (
            ("networkx", "project_with_networkx", "project", (), ">= 50"),
            ("igraph", "project_with_igraph", "project", (), ">= 3"),
            ("splink", "link_with_splink", "whole", whole, ">= 5"),
        ):
            load = _load()
            listed = [
                (measure(ours, world.log, *rest), measure(theirs, world.log)) for _ in range(asked.repeats)
            ]
            yield from _ratio(part, f"{theirs} / {ours}, {size:g} M observations", aim, listed, load)


def compare_communities(asked: Query, millions: Sequence[float]) -> Iterator[Figure]:
    """Communities of a million nodes and five million edges against igraph alone."""
    path, load = asked.folder / "graph.npz", _load()
    n_edges = measure("draw_graph", int(millions[0] * 1e6), int(millions[0] * 5e6), path).n
    listed = [
        (measure("find_communities_with_igraph", path), measure("find_communities", path))
        for _ in range(asked.repeats)
    ]
    what = f"communities / igraph alone, {millions[0]:g} M nodes, {n_edges:,} edges"
    yield from _ratio("communities", what, "<= 1.2", listed, load)


def compare_spark(asked: Query, millions: Sequence[float]) -> Iterator[Figure]:
    """Edges, pairs, components and communities on Spark with one thread and with two.

    The largest component is solved by one worker, whatever the threads, so the time before is told as well.
    """
    world, load = _world(asked, millions[-1]), _load()
    listed = [
        (measure("project_on_spark", world.log, 2), measure("project_on_spark", world.log, 1))
        for _ in range(asked.repeats)
    ]
    assert all(two.n == one.n for two, one in listed)
    for part, name in ((_WORKED, ""), ("components", " without communities")):
        ratio = statistics.median(one.parts[part] / two.parts[part] for two, one in listed)
        slow, fast = (statistics.median(pair[i].parts[part] for pair in listed) for i in (1, 0))
        detail = f"{slow:.0f} s / {fast:.0f} s after the start, {listed[0][0].n:,} communities on both"
        what = f"Spark local[1] / local[2]{name}, {world.n_rows:,} observations"
        yield Figure("spark", what, ">= 1.6", f"{ratio:.2f}", detail, f"{load} to {_load()}")


def compare_starts(asked: Query, millions: Sequence[float]) -> Iterator[Figure]:
    """How soon the command line answers; of many starts the median, in wall time and in time of the cores."""
    result = asked.folder / "demo"
    command = [sys.executable, "-m", "graphlink"]
    if not result.exists():
        log = _world(asked, 0.05)
        measure("whole", log.log, log.settings, result, asked.memory)
    for name, arguments, aim in (
        ("graphlink --help", ["--help"], "< 0.15 s"),
        ("graphlink clusters RESULT", ["clusters", str(result), "--top", "20"], "< 0.5 s"),
    ):
        load = _load()
        listed = [_start([*command, *arguments]) for _ in range(7 * asked.repeats)]
        wall, cores = (statistics.median(column) for column in zip(*listed, strict=True))
        least = min(seconds for seconds, _ in listed)
        detail = f"least {least:.3f} s; {cores:.3f} s of the cores"
        yield Figure("startup", name, aim, f"{wall:.3f} s", detail, load)


def compare_explaining(asked: Query, millions: Sequence[float]) -> Iterator[Figure]:
    """A run that also makes every member's and every link's reasons in advance, against one that does not."""
    for size in millions:
        world, load = _world(asked, size), _load()
        rest = (world.log, world.settings, asked.folder / "r", asked.memory)
        listed = [
            (measure("whole", *rest), measure("whole_with_reasons", *rest)) for _ in range(asked.repeats)
        ]
        what = f"run --explain-all / run, {size:g} M observations"
        yield from _ratio("explain", what, "<= 1.3", listed, load)


def compare_updates(asked: Query, millions: Sequence[float]) -> Iterator[Figure]:
    """One more day by `--update` against a run over all files under the same model, with the same tables.

    Raises:
        SystemExit: A table of the two differs.
    """
    for size in millions:
        world, load = _world(asked, size), _load()
        before, day = (asked.folder / f"{name}-{size:g}.parquet" for name in ("before", "day"))
        n_rows = measure("split_day", world.log, before, day).n
        earlier, whole, updated = (
            asked.folder / f"{name}-{size:g}" for name in ("earlier", "all", "updated")
        )
        measure("whole", before, world.settings, earlier, asked.memory)
        rest = (world.settings, earlier)
        listed = [
            (
                measure("whole_under", before, day, *rest, whole, asked.memory),
                measure("update", day, *rest, updated, asked.memory),
            )
            for _ in range(asked.repeats)
        ]
        if _digests(whole) != _digests(updated):
            raise SystemExit(f"{updated} differs from {whole}")
        what = f"run --update / run, one more day of {size:g} M observations"
        reading = [statistics.median(pair[i].parts["observations"] for pair in listed) for i in (1, 0)]
        for figure in _ratio("update", what, "3 s at 10 M", listed, load):
            detail = f"{figure.detail}; {n_rows:,} new rows; reading {reading[0]:.1f} s / {reading[1]:.1f} s"
            yield figure._replace(detail=detail)


def _digests(result: Path) -> dict[str, str]:
    tables = json.loads((result / "run.json").read_text(encoding="utf-8"))["tables"]
    return {name: facts["sha256"] for name, facts in tables.items()}


def _start(command: Sequence[str]) -> tuple[float, float]:
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    return time.perf_counter() - started, used.ru_utime + used.ru_stime


def _ratio(
    part: str, what: str, aim: str, told: Sequence[tuple[Measured, Measured]], load: str
) -> Iterator[Figure]:
    """Second over first, in time; memory beside it."""
    ratio = statistics.median(second.seconds / first.seconds for first, second in told)
    first, second = (statistics.median(pair[i].seconds for pair in told) for i in (0, 1))
    mib, mib_second = (statistics.median(pair[i].mib for pair in told) for i in (0, 1))
    cores = statistics.median(second.cores / first.cores for first, second in told)
    detail = (
        f"{second:.1f} s and {mib_second:,.0f} MiB / {first:.1f} s and {mib:,.0f} MiB; "
        f"{cores:.2f} in time of the cores"
    )
    if all(_PROJECTED in side.parts for pair in told for side in pair):
        alone = [[side.parts[_PROJECTED] for side in pair] for pair in told]
        first, second = (statistics.median(pair[i] for pair in alone) for i in (0, 1))
        projected = statistics.median(pair[1] / pair[0] for pair in alone)
        detail += f"; pairs alone, without communities {projected:.1f} ({second:.2f} s / {first:.2f} s)"
    yield Figure(part, what, aim, f"{ratio:.2f}", detail, f"{load} to {_load()}")


def _exponent(n: int, seconds: float, n_next: int, seconds_next: float) -> float:
    return math.log(seconds_next / seconds) / math.log(n_next / n)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


PARTS = {
    "grouping": compare_grouping,
    "spilling": compare_spilling,
    "operator": compare_operator,
    "peers": compare_peers,
    "communities": compare_communities,
    "spark": compare_spark,
    "startup": compare_starts,
    "explain": compare_explaining,
    "update": compare_updates,
}
