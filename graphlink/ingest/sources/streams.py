"""Rows of other libraries, as Arrow streams -> batches with types and names that the engine takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.ingest.sources.frames import arrow_of, in_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that come in batches.

    Attributes:
        names: Their columns; a name may occur twice.
        batches: The rows in batches, of which the first has no rows; the columns are c0, c1 and so on.
    """

    names: list[str]
    batches: Iterator[pa.RecordBatch]


def rows_of(
    stream: pa.RecordBatchReader, name: str, naming: Callable[[], AbstractContextManager[None]]
) -> Rows:
    """The rows of a stream.

    Args:
        stream: The stream.
        name: The source's name in messages.
        naming: Makes a context in which an error of the stream becomes one that names the source.

    Raises:
        InputError: A column has no type that the engine knows.
    """
    return Rows(stream.schema.names, _batches(stream, name, naming))


def _batches(
    stream: pa.RecordBatchReader, name: str, naming: Callable[[], AbstractContextManager[None]]
) -> Iterator[pa.RecordBatch]:
    with naming():
        first = _known_types(pa.Table.from_batches([], stream.schema), name).schema
        yield pa.record_batch([pa.array([], column.type) for column in first], schema=first)
        for batch in stream:
            yield from _known_types(pa.Table.from_batches([batch]), name).to_batches()


def _known_types(table: pa.Table, name: str) -> pa.Table:
    known = in_microseconds(arrow_of(table, name))
    return known.rename_columns([f"c{i}" for i in range(table.num_columns)])
