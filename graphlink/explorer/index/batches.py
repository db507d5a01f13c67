"""Large tables read batch by batch, each given back to the system before the next."""

from __future__ import annotations

import contextlib
import ctypes
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphlink.storage.result_folder.reading import read_batches

if TYPE_CHECKING:
    from collections.abc import Iterator

N_ROWS = 1 << 19  # read at once of a large table; more is faster and takes more memory


def read_in_batches(*arguments: Any) -> Iterator[pa.RecordBatch]:
    """The batches of a table, each given back before the next is read."""
    for batch in read_batches(*arguments):
        yield batch
        del batch
        release_memory()


def release_memory() -> None:
    """Give memory that is no longer used back to the system, as far as it takes it."""
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError, TypeError):  # only the GNU library has it
        ctypes.CDLL(None).malloc_trim(0)
