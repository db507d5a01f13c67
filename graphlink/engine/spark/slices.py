"""Arrow tables in slices of limited size, as one message to Spark may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow.parquet as pq

BYTES_AT_ONCE = 32 << 20
"""Bytes of a slice. A server of Spark Connect takes 128 MiB a message, and some fewer of a local table."""
_ROWS_OF_BATCH = 1 << 16  # read from a file at once, and put together up to that size


def slices_of(table: pa.Table, most: int = BYTES_AT_ONCE) -> Iterator[pa.Table]:
    """Cut a table into slices of so many bytes at most; one row is never cut.

    Args:
        table: A table; one without rows is one slice.
        most: Bytes of a slice.
    """
    if table.nbytes <= most or len(table) <= 1:
        yield table
        return
    half = len(table) // 2
    yield from slices_of(table.slice(0, half), most)
    yield from slices_of(table.slice(half), most)


def slices_of_file(file: pq.ParquetFile, most: int = BYTES_AT_ONCE) -> Iterator[pa.Table]:
    """Read a Parquet file in slices of so many bytes at most, few held at a time.

    Args:
        file: The file; one without rows is one slice.
        most: Bytes of a slice.
    """
    held: list[pa.RecordBatch] = []
    n_bytes = 0
    is_empty = True
    for batch in file.iter_batches(batch_size=_ROWS_OF_BATCH):
        if held and n_bytes + batch.nbytes > most:
            yield from slices_of(pa.Table.from_batches(held), most)
            held, n_bytes = [], 0
        held.append(batch)
        n_bytes += batch.nbytes
        is_empty = False
    if held or is_empty:
        yield from slices_of(pa.Table.from_batches(held, file.schema_arrow), most)
