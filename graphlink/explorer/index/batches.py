"""Large tables read batch by batch, each given back to the system before the next."""

from __future__ import annotations

import contextlib
import ctypes
from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.result.redaction import Redacted
from graphlink.storage.result_folder.reading import read_batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphlink.result.result import Result

N_ROWS = 1 << 19  # read at once of a large table; more is faster and takes more memory


def read_in_batches(
    result: Result, name: str, columns: Sequence[str], coded: Sequence[str]
) -> tuple[int, Iterator[pa.RecordBatch]]:
    """The rows of a table, as their number and batches, each given back before the next is read.

    A redacted result is read at once: its rows are in the order of replaced values, and fewer where times
    were cut.

    Args:
        result: The result.
        name: The table.
        columns: The columns that are wanted.
        coded: Those of them to read as codes.
    """
    if isinstance(result, Redacted):
        table = result.table(name, columns)
        return table.num_rows, iter(table.to_batches(N_ROWS))
    size = int(result.manifest["tables"][name]["rows"])
    return size, _released(read_batches(result.path, name, columns, coded, N_ROWS))


def _released(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield batch
        del batch
        release_memory()


def release_memory() -> None:
    """Give memory that is no longer used back to the system, as far as it takes it."""
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError, TypeError):  # only the GNU library has it
        ctypes.CDLL(None).malloc_trim(0)
