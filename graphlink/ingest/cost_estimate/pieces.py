"""Pieces of large files: rows of Parquet at a few places, whole lines of text."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from graphlink.core.errors import InputError
from graphlink.storage.files import COMPRESSED
from graphlink.storage.unpacked import is_packed, opened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

SAMPLED_ROWS = 25_000  # of a source, about
_SCANNED_ROWS = 250_000  # of Parquet files, to draw them from; the rows in between are read too
_SAMPLED_BYTES = 1 << 20  # of a source of text
_SQUEEZED = 8  # times that logs are longer than their packed files, about
PLACES = 16  # at which rows are drawn from a source


def sample_of_parquet(path: Path, columns: Collection[str], n_files: int) -> tuple[int, pa.Table]:
    """How many rows a Parquet file has, and a sample of some of its columns."""
    try:
        with pq.ParquetFile(path) as file:
            metadata = file.metadata
            present = [name for name in file.schema_arrow.names if name in columns]
            step = max(1, math.ceil(metadata.num_row_groups * n_files / PLACES))
            groups = range(0, metadata.num_row_groups, step)
            batches = [
                batch for group in groups for batch in _spread(file, group, present, len(groups) * n_files)
            ]
            schema = pa.schema([file.schema_arrow.field(name) for name in present])
            return metadata.num_rows, pa.Table.from_batches(batches, schema)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: it is no whole Parquet file; check that it was copied whole") from error


def _spread(file: pq.ParquetFile, group: int, columns: list[str], n_groups: int) -> Iterator[pa.RecordBatch]:
    """Rows of a row group at a few places, as far as it is read."""
    n_rows = min(file.metadata.row_group(group).num_rows, _SCANNED_ROWS // n_groups)
    n_places = max(1, PLACES // n_groups)
    at_once = max(1, SAMPLED_ROWS // n_groups // n_places)
    every = max(1, math.ceil(n_rows / at_once / n_places))
    batches = file.iter_batches(at_once, [group], columns=columns)
    for i, batch in zip(range(math.ceil(n_rows / at_once)), batches, strict=False):
        if i % every == 0:
            yield batch


def pieces_of_text(path: Path, n_files: int) -> tuple[list[str], float]:
    """Pieces of whole lines of a text, and their share of the file; the first has the header."""
    size, most = path.stat().st_size, _SAMPLED_BYTES // n_files
    if is_packed(path):
        with opened(path) as unpacked:
            content = unpacked.read(most)
            share = 1.0 if len(content) < most else min(1.0, most / (_SQUEEZED * size))
        return [_whole_lines(content, is_first=True, is_last=share == 1)], share
    compression = COMPRESSED.get(path.suffix.lower())
    if compression is not None:
        with (
            _Sipped(path) as sipped,
            pa.input_stream(pa.PythonFile(sipped), compression=compression) as stream,
        ):
            content = stream.read(most)
            share = 1.0 if len(content) < most else sipped.tell() / size
        return [_whole_lines(content, is_first=True, is_last=share == 1)], share
    with path.open("rb") as file:
        if size <= most:
            return [file.read().decode("utf-8-sig", errors="replace")], 1.0
        n_places = PLACES if n_files == 1 else 2
        length, pieces, n_read = most // n_places, [], 0
        for i in range(n_places):
            file.seek((size - length) * i // (n_places - 1))
            piece = _whole_lines(file.read(length), is_first=i == 0, is_last=i == n_places - 1)
            n_read += len(piece.encode())
            pieces.append(piece)
        return pieces, n_read / size


class _Sipped(io.FileIO):
    """A file that is read in small blocks, so that its position shows how much a stream has used."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(4096 if size is None or size < 0 else min(size, 4096)) or b""


def _whole_lines(content: bytes, *, is_first: bool, is_last: bool) -> str:
    begin = 0 if is_first else content.find(b"\n") + 1
    end = len(content) if is_last else content.rfind(b"\n") + 1
    return content[begin:end].decode("utf-8-sig" if is_first else "utf-8", errors="replace")
