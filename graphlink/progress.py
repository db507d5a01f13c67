"""The progress of a run, the lines that show it, and the time and memory of its steps."""

from __future__ import annotations

import contextlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from graphlink.engine.stage import Step


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a run; reported when a step starts and again when it is done.

    Attributes:
        step: The step.
        position: Its position among the steps, from 1.
        total: How many steps there are.
        share_done: Share of a typical run's time that is done after it.
        seconds: Its duration; None when it starts.
        rows: Rows of the tables it made; None when it starts.
    """

    step: Step[...]
    position: int
    total: int
    share_done: float
    seconds: float | None = None
    rows: int | None = None


class ProgressLines:
    """Prints a run's progress: a line per step with rows, rate and time left.

    The time left follows from the share of a typical run that is done.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._is_terminal = file.isatty()
        self._started = time.perf_counter()

    def __call__(self, now: Progress) -> None:
        """Print that a step started (on a terminal only) or is done."""
        head = f"{now.position:>2}/{now.total} {now.step.name:<13}"
        if now.seconds is None or now.rows is None:
            if self._is_terminal:
                self._file.write(f"{head} {now.step.about} …")
                self._file.flush()
            return
        line = f"{head} {now.rows:>13,} rows {now.seconds:>8.1f} s"
        if now.seconds >= 1:
            line += f" {now.rows / now.seconds:>12,.0f} rows/s"
        left = (time.perf_counter() - self._started) * (1 / now.share_done - 1)
        if left >= 1:
            line += f"   about {left:,.0f} s left"
        self._file.write(("\r\x1b[K" if self._is_terminal else "") + line + "\n")
        self._file.flush()


def timing_of(name: str, started: float) -> dict[str, object]:
    """Seconds since a start, and the peak memory of this process in MiB (null where unknown)."""
    seconds = round(time.perf_counter() - started, 3)
    return {"step": name, "seconds": seconds, "peak_memory_mib": _peak_memory()}


def _peak_memory() -> int | None:
    # On Linux all other sources start with the peak of the parent process.
    with (
        contextlib.suppress(OSError, StopIteration),  # not Linux
        Path("/proc/self/status").open(encoding="ascii") as lines,
    ):
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM:"))) >> 10
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1 << 20 if sys.platform == "darwin" else 1 << 10)  # bytes there, KiB elsewhere
