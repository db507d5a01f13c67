"""A watch on the disk of the engine's temporary files, so that no input can fill it."""

from __future__ import annotations

import shutil
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MOST_KEPT = 512 << 20  # bytes that are left to other programs; less where the disk is small or nearly full
_SHARE_KEPT = 0.02
_EVERY = 0.1  # seconds; DuckDB writes some 200 MB in that time at most


class RoomWatch:
    """Interrupts an engine before its temporary files fill the disk that they are on.

    DuckDB limits what it spills (`max_temp_directory_size`), but not what is copied or written beside it.

    Args:
        folder: A folder on the disk.
        interrupt: What ends the statement that the engine is at.
    """

    def __init__(self, folder: Path, interrupt: Callable[[], None]) -> None:
        usage = shutil.disk_usage(folder)
        self.n_kept = min(_MOST_KEPT, int(usage.total * _SHARE_KEPT), usage.free // 2)
        self.n_to_use = usage.free - self.n_kept
        self.is_reached = False
        self._folder, self._interrupt = folder, interrupt
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, name="graphlink-room", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the watch."""
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(_EVERY):
            with suppress(OSError):  # the folder may be gone, and the run with it
                if shutil.disk_usage(self._folder).free < self.n_kept:
                    self.is_reached = True
                    self._interrupt()
