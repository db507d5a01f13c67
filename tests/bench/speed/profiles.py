"""Profiles one run: CPU seconds, rows and memory of every step and of every statement of the engine.

`python -m tests.bench.speed.profiles LOG OUT [--settings FILE] [--memory 8GB] [--threads 2] [--to FILE]`.
CPU seconds are user plus system time of all threads of this process, which a busy machine moves least. What
a step takes outside of its statements is its Python; `--python STEP` prints the functions of that step.
"""

from __future__ import annotations

import argparse
import cProfile
import functools
import json
import os
import pstats
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink import run
from graphlink.core.settings import EngineSettings
from graphlink.engine.duck import DuckEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.progress import Progress

_NAMED = ("make", "append", "load", "load_batches", "make_by", "read_files", "define", "rename")
_ASKED = ("rows", "arrow", "columns", "has")
_LAST = "write"


class Statement(NamedTuple):
    """A call of the engine: the step that made it, what it was, and what it took.

    Attributes:
        step: The step.
        call: The method of the engine.
        name: The table it made or the file it wrote; of a query its first words.
        cpu: CPU seconds of all threads.
        seconds: Seconds by the clock.
        rows: Rows of the table it made, or that it gave; -1 where that is not known.
    """

    step: str
    call: str
    name: str
    cpu: float
    seconds: float
    rows: int


class StepCost(NamedTuple):
    """What a step took: CPU and wall seconds, peak of memory, and bytes written to the disk."""

    step: str
    cpu: float
    seconds: float
    peak_mib: float
    written_mib: float


class Recorder:
    """Records what steps and statements of a run take, by wrapping the methods of the embedded engine."""

    def __init__(self, python_of: str = "") -> None:
        self.statements: list[Statement] = []
        self.steps: list[StepCost] = []
        self.functions = cProfile.Profile()
        self._python_of = python_of
        self._step = _LAST
        self._is_inside = False
        self._started = self._now()

    def install(self) -> None:
        """Wrap the methods of the engine, for the rest of the process."""
        for call in (*_NAMED, *_ASKED, "drop", "write_parquet"):
            setattr(DuckEngine, call, self._timed(call, getattr(DuckEngine, call)))

    def progress(self, now: Progress) -> None:
        """Take note of the start or the end of a step."""
        if now.seconds is None:
            self._step = now.step.name
            self._start()
            return
        self._stop()
        self._step = _LAST
        if now.position == now.total:
            self._start()

    def finish(self) -> None:
        """Close the last step, the writing of the result."""
        self._stop()

    def _start(self) -> None:
        _reset_peak()
        self._started = self._now()
        if self._step == self._python_of:
            self.functions.enable()

    def _stop(self) -> None:
        self.functions.disable()
        taken = [now - then for now, then in zip(self._now(), self._started, strict=True)]
        self.steps.append(StepCost(self._step, taken[0], taken[1], _status("VmHWM") / 1024, taken[2]))

    def _now(self) -> tuple[float, float, float]:
        return time.process_time(), time.perf_counter(), _written_mib()

    def _timed(self, call: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def wrapped(engine: DuckEngine, *args: Any, **kwargs: Any) -> Any:
            if self._is_inside:  # one method of the engine calls another
                return method(engine, *args, **kwargs)
            self._is_inside = True
            cpu, seconds = time.process_time(), time.perf_counter()
            try:
                made = method(engine, *args, **kwargs)
                cpu, seconds = time.process_time() - cpu, time.perf_counter() - seconds
                rows = _rows(engine, call, args, made)
            finally:
                self._is_inside = False
            name = _name(call, args)
            self.statements.append(Statement(self._step, call, name, cpu, seconds, rows))
            return made

        return wrapped


def _rows(engine: DuckEngine, call: str, args: tuple[Any, ...], made: Any) -> int:
    if call in ("make", "append", "load", "load_batches", "make_by", "read_files"):
        return int(engine.connection.execute(f"SELECT count(*) FROM {args[0]}").fetchall()[0][0])
    if call in ("rows", "arrow"):
        return len(made)
    return -1


def _name(call: str, args: tuple[Any, ...]) -> str:
    if not args:
        return call
    if call in _ASKED:
        return re.sub(r"\s+", " ", str(args[0]))[:70]
    return Path(args[1]).name if call == "write_parquet" else str(args[0])


def _status(name: str) -> int:
    with Path("/proc/self/status").open(encoding="ascii") as lines:
        return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:")))


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # VmHWM starts again at what is held


def _written_mib() -> float:
    with Path("/proc/self/io").open(encoding="ascii") as lines:
        return int(next(line.split()[1] for line in lines if line.startswith("write_bytes:"))) / 2**20


def report(recorder: Recorder, top: int) -> str:
    """Word a profile: steps, then the statements that took most."""
    whole = sum(step.cpu for step in recorder.steps)
    lines = [
        f"{'step':<16}{'CPU s':>8}{'share':>7}{'SQL':>8}{'Python':>8}{'s':>8}{'peak MiB':>10}{'MiB out':>9}"
    ]
    for step in recorder.steps:
        sql = sum(one.cpu for one in recorder.statements if one.step == step.step)
        lines.append(
            f"{step.step:<16}{step.cpu:>8.2f}{step.cpu / whole:>7.1%}{sql:>8.2f}{step.cpu - sql:>8.2f}"
            f"{step.seconds:>8.2f}{step.peak_mib:>10,.0f}{step.written_mib:>9,.0f}"
        )
    lines += [
        f"{'whole':<16}{whole:>8.2f}",
        "",
        f"{'CPU s':>7}{'s':>7}{'rows':>12}  step, call, table or query",
    ]
    for one in sorted(recorder.statements, key=lambda one: -one.cpu)[:top]:
        lines.append(f"{one.cpu:>7.2f}{one.seconds:>7.2f}{one.rows:>12,}  {one.step} {one.call} {one.name}")
    return "\n".join(lines)


def main() -> None:
    """Run once under the recorder, print what it took, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speed.profiles")
    parser.add_argument("source", help="observations, or a settings file that names them")
    parser.add_argument("out", type=Path, help="folder of the result")
    parser.add_argument("--settings", help="settings of a run of observations")
    parser.add_argument("--memory", default="8GB")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--top", type=int, default=40, help="statements to print")
    parser.add_argument("--python", default="", metavar="STEP", help="step whose functions to print")
    parser.add_argument("--to", type=Path, help="JSON file of all statements and steps")
    options = parser.parse_args()
    recorder = Recorder(options.python)
    recorder.install()
    limits = EngineSettings(memory=options.memory, threads=options.threads)
    run(options.source, settings=options.settings, out=options.out, overwrite=True, limits=limits,
        progress=recorder.progress)  # fmt: skip
    recorder.finish()
    print(report(recorder, options.top))
    if options.python:
        pstats.Stats(recorder.functions).sort_stats("tottime").print_stats(40)
    if options.to:
        rows = {
            "steps": [step._asdict() for step in recorder.steps],
            "statements": [statement._asdict() for statement in recorder.statements],
        }
        options.to.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
