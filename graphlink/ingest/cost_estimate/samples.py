"""A sample of each source, drawn at places spread over its files."""

from __future__ import annotations

import csv
import io
import json
import math
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from graphlink.ingest.cost_estimate.pieces import SAMPLED_ROWS, pieces_of_text, sample_of_parquet
from graphlink.ingest.sources.frames import arrow_of, is_pandas
from graphlink.ingest.sources.place import ColumnSpec, Place
from graphlink.ingest.sources.stage import stage
from graphlink.storage.access_logs import parse_line
from graphlink.storage.files import BINARY, find_files, form_of, peek_file, read_sample
from graphlink.storage.nested import value_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from graphlink.core.settings import Source
    from graphlink.engine import Reader

_MOST_LOOKED_AT = 16  # files of a source that are opened
_JSON_ROWS = 1000


class Sample(NamedTuple):
    """A source that was looked at: its sample in a staged table, rows expected in all, rows in the sample."""

    source: Source
    table: str
    n_rows: int
    n_sampled: int

    @property
    def factor(self) -> float:
        """Rows of the source per row of the sample."""
        return self.n_rows / max(self.n_sampled, 1)


def draw_sample(engine: Reader, source: Source, frame: object, table: str) -> Sample:
    """Draw a sample of a source and stage it as the run would stage all of it."""
    specs = [
        ColumnSpec("account", source.account, "account", is_needed=False),
        ColumnSpec("seen_at", source.time, "any_time", is_needed=False),
    ]
    if source.kinds:
        specs += [
            ColumnSpec(f"v{j}", column, "value", is_needed=False, pick=source.picks.get(kind, ""))
            for j, (kind, column) in enumerate(source.columns.items())
        ]
    else:
        specs += [
            ColumnSpec("kind", source.kind, "text", is_needed=False),
            ColumnSpec("value", source.value, "value", is_needed=False),
        ]
    columns = {spec.column for spec in specs if spec.column}
    n_rows, sample = (
        _sample_of_frame(frame, source.name) if frame is not None else _sample_of_files(source, columns)
    )
    outer = columns | {name.partition(".")[0] for name in columns}
    sample = sample.select([name for name in sample.column_names if name in outer])
    if not sample.num_columns:
        sample = sample.append_column(source.account, pa.nulls(sample.num_rows, pa.string()))
    place = Place(
        source.name or Path(source.path).name,
        frame=sample,
        time_format=source.time_format,
        time_zone=source.time_zone,
    )
    stage(engine, place, specs, table)
    return Sample(source, table, max(n_rows, sample.num_rows), sample.num_rows)


def _sample_of_frame(frame: Any, name: str) -> tuple[int, pa.Table]:
    """Rows of a frame at regular intervals."""
    if is_pandas(frame):
        rows = frame.iloc[:: 1 + len(frame) // SAMPLED_ROWS]
        return len(frame), arrow_of(rows, name)
    whole = arrow_of(frame, name)
    step = 1 + whole.num_rows // SAMPLED_ROWS
    return whole.num_rows, whole.take(pa.array(range(0, whole.num_rows, step), pa.int64()))


def _sample_of_files(source: Source, columns: Collection[str]) -> tuple[int, pa.Table]:
    """Rows of all files of a path, about, and a sample of the columns to read, from a few of them."""
    files = find_files(source.path).paths
    step = max(1, math.ceil(len(files) / _MOST_LOOKED_AT))
    looked_at = files[::step]
    n_bytes = [file.stat().st_size for file in files]
    drawn = [_sample_of_file(file, columns, len(looked_at), source.records) for file in looked_at]
    n_rows = sum(n for n, _ in drawn) * sum(n_bytes) / max(sum(n_bytes[::step]), 1)
    try:
        whole = pa.concat_tables([sample for _, sample in drawn], promote_options="permissive")
    except pa.ArrowException:  # the run reads files of other types apart
        whole = max((sample for _, sample in drawn), key=len)
    return round(n_rows), whole


def _sample_of_file(path: Path, columns: Collection[str], n_files: int, within: str) -> tuple[int, pa.Table]:
    if form_of(path) == "parquet":
        outer = {name.partition(".")[0] for name in columns}
        return sample_of_parquet(path, {*columns, *outer}, n_files)
    if form_of(path) in BINARY:
        _, first = read_sample(path, _JSON_ROWS)
        names = sorted(columns)
        return len(first), pa.table(
            {name: pa.array([row.get(name) for row in first], pa.string()) for name in names}
        )
    peeked = peek_file(path, within)
    if peeked.form == "json":
        return _sample_of_json(path, columns, within)
    pieces, share = pieces_of_text(path, n_files)
    if peeked.form == "csv":
        width, places = (
            len(peeked.columns),
            {name: peeked.columns.index(name) for name in columns if name in peeked.columns},
        )
        rows = [row for piece in pieces for row in _csv_rows(piece, peeked.delimiter) if len(row) == width]
        texts: dict[str, list[str | None]] = {name: [row[at] for row in rows] for name, at in places.items()}
        n_rows, n_header = len(rows), 1
    else:
        parsed = _log_records if peeked.form == "access" else _json_records
        records = [record for piece in pieces for record in parsed(piece)]
        texts = {name: [_text(value_at(record, name)) for record in records] for name in columns}
        n_rows, n_header = len(records), 0
    sample = pa.table({name: pa.array(cells, pa.string()) for name, cells in texts.items()})
    return round(max(n_rows - n_header, 0) / max(share, 1e-12)), sample.slice(n_header)


def _sample_of_json(path: Path, columns: Collection[str], within: str) -> tuple[int, pa.Table]:
    """The first objects of an array: from its middle the start of an object can't be recognized."""
    _, records = read_sample(path, _JSON_ROWS, within)
    texts = {
        name: pa.array([_text(value_at(record, name)) for record in records], pa.string()) for name in columns
    }
    n_bytes = sum(len(json.dumps(record)) for record in records)
    is_all = len(records) < _JSON_ROWS
    n_rows = len(records) if is_all else path.stat().st_size * len(records) // max(n_bytes, 1)
    return n_rows, pa.table(texts)


def _csv_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    with suppress(csv.Error):  # a cell beyond csv's limit: the rows before it are enough
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _log_records(text: str) -> Iterator[dict[str, str]]:
    yield from filter(None, map(parse_line, text.splitlines()))


def _json_records(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        with suppress(ValueError):  # a line cut at the end of a piece, or one that the run rejects
            record = json.loads(line)
            if isinstance(record, dict):
                yield record


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
