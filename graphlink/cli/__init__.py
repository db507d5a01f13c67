"""The command line: arguments in, tables out. Standard output is data, standard error is everything else.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done and there is what an option or a workspace waits
for (rejected rows, clusters that grew, alerts), 4 an update was refused, 130 interrupted. Heavy libraries
load inside the command that needs them.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any, cast

from graphlink.cli import (
    casework,
    deciding,
    documentation,
    explaining,
    exploring,
    exporting,
    folding,
    judging,
    labelling,
    measuring,
    modelling,
    notifying,
    organising,
    reading,
    reporting,
    running,
    serving,
    steps,
    verifying,
    watching,
    workspaces,
)
from graphlink.cli.options import commands

__all__ = [
    "casework",
    "commands",
    "deciding",
    "documentation",
    "explaining",
    "exploring",
    "exporting",
    "folding",
    "judging",
    "labelling",
    "main",
    "measuring",
    "modelling",
    "notifying",
    "organising",
    "reading",
    "reporting",
    "running",
    "serving",
    "steps",
    "verifying",
    "watching",
    "workspaces",
]


def main() -> None:
    """Run the command line; `graphlink.__main__` calls it once signals are taken care of."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # not every stand-in for a stream can
            cast("Any", stream).reconfigure(errors="backslashreplace")
    commands(prog_name="graphlink")
