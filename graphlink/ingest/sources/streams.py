"""Rows of other libraries, as Arrow streams -> batches with types and names that the engine takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.core.errors import InputError
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


def _is_text(of: pa.DataType) -> bool:
    """Whether a type is one of text."""
    return bool(pa.types.is_string(of) or pa.types.is_large_string(of) or pa.types.is_string_view(of))


def _known_types(table: pa.Table, name: str) -> pa.Table:
    for column in table.schema:
        # As bytes of the server's own protocol it would be text that nobody wrote.
        if isinstance(column.type, pa.OpaqueType) and not _is_text(column.type.storage_type):
            raise InputError(
                f"{name}: column {column.name} has the database's own type {column.type.type_name}; "
                "cast it to text in a query"
            )
    known = in_microseconds(arrow_of(table, name))
    return known.rename_columns([f"c{i}" for i in range(table.num_columns)])
