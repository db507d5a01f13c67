"""The command line: arguments in, tables out. Standard output is data, standard error is everything else.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but more rows were rejected than `--max-rejected`,
130 interrupted. Heavy libraries load inside the command that needs them.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any, cast

from graphlink.cli import (
    documentation,
    explaining,
    exploring,
    exporting,
    modelling,
    reading,
    reporting,
    running,
    steps,
    verifying,
)
from graphlink.cli.options import ProgressLines, commands

__all__ = [
    "ProgressLines",
    "commands",
    "documentation",
    "explaining",
    "exploring",
    "exporting",
    "main",
    "modelling",
    "reading",
    "reporting",
    "running",
    "steps",
    "verifying",
]


def main() -> None:
    """Run the command line; `graphlink.__main__` calls it once signals are taken care of."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # not every stand-in for a stream can
            cast("Any", stream).reconfigure(errors="backslashreplace")
    commands(prog_name="graphlink")
