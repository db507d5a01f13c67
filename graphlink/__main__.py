"""The entry point, also of `python -m graphlink`: interrupts end it cleanly from the start.

Only the standard library is imported before the handlers are set, because the rest takes a third of a second.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


def main() -> None:
    """Run the command line; a signal ends it with exit code 130 at any time."""
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        from graphlink.cli import main as run_commands

        run_commands()
    except KeyboardInterrupt:
        sys.stderr.write("graphlink: interrupted; nothing was left behind\n")
        sys.exit(130)


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
