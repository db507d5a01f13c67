"""Files of Arrow (Feather) and ORC: their record batches, and copies of them as Parquet."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from graphlink.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMS = {".feather": "arrow", ".arrow": "arrow", ".ipc": "arrow", ".orc": "orc"}
"""Endings of files to their forms."""


@contextmanager
def batches_of(path: Path) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """The schema of a file and its record batches.

    Raises:
        InputError: It is no whole file of its form.
    """
    form = FORMS[path.suffix.lower()]
    try:
        if form == "orc":
            from pyarrow import orc  # part of pyarrow on every system but old ones of Windows

            with path.open("rb") as raw:
                file = orc.ORCFile(raw)
                yield file.schema, (file.read_stripe(i) for i in range(file.nstripes))
        else:
            with pa.memory_map(str(path)) as source:
                reader = _open_arrow(source)
                yield reader.schema, _arrow_batches(reader)
    except (OSError, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or f"it is no whole {form.capitalize()} file"
        raise InputError(f"{path}: {reason}; check that it was copied whole") from None


def _open_arrow(source: pa.NativeFile) -> pa.ipc.RecordBatchFileReader | pa.ipc.RecordBatchStreamReader:
    """A reader of the file format, or of the stream format where the file is one."""
    try:
        return pa.ipc.open_file(source)
    except pa.ArrowInvalid:
        source.seek(0)
        return pa.ipc.open_stream(source)


def _arrow_batches(
    reader: pa.ipc.RecordBatchFileReader | pa.ipc.RecordBatchStreamReader,
) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, pa.ipc.RecordBatchFileReader):
        yield from (reader.get_batch(i) for i in range(reader.num_record_batches))
    else:
        yield from reader


def write_parquet_copy(path: Path, target: Path) -> None:
    """Write the rows of a file as Parquet.

    Raises:
        InputError: It is no whole file of its form, or has a type that Parquet does not have.
    """
    with (
        batches_of(path) as (schema, batches),
        pq.ParquetWriter(target, schema, compression="zstd") as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
