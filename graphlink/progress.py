"""The progress of a run, and the lines that show it."""

from __future__ import annotations

import time
from dataclasses import dataclass
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
