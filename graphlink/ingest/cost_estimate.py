"""What a run would take before it starts: rows, pairs, memory and time, from a sample of its input.

Nothing here decides a result. Rows come from the metadata of Parquet files and from the sizes of others;
pairs from a sample of rows, drawn at places spread over the files, and from how the pairs of the sample grow
with its size; memory and time from rates that were measured once.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from graphlink.core.errors import InputError
from graphlink.core.settings import Source
from graphlink.core.sql import quoted_text
from graphlink.ingest.sources.frames import arrow_of, is_pandas
from graphlink.ingest.sources.place import Place, Wanted
from graphlink.ingest.sources.rows import rows_table
from graphlink.ingest.sources.stage import stage
from graphlink.kinds import UncleanValue, kind_of
from graphlink.storage.files import COMPRESSED, find_files, form_of, peek_file, read_sample

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from graphlink.core.settings import EngineSettings, ModelSettings, Settings
    from graphlink.engine import Engine
    from graphlink.kinds import Kind

# Fitted to planted worlds of 1, 10 and 100 million observations with 1.4, 7.8 and 22 million pairs and what
# each shares, which took 8, 51 and 429 s of two cores; memory to the first two, the third had a limit.
_BASE_MIB, _BASE_SECONDS = 250, 2.0
_MIB_PER_OBSERVATION, _SECONDS_PER_OBSERVATION = 170e-6, 3.7e-6
_MIB_PER_PAIR, _SECONDS_PER_PAIR = 170e-6, 2e-6
BASIS = (
    f"{_BASE_SECONDS:.0f} s and {_BASE_MIB} MiB; "
    f"a million observations {_SECONDS_PER_OBSERVATION * 1e6:.1f} s and "
    f"{_MIB_PER_OBSERVATION * 1e6:.0f} MiB more, "
    f"a million pairs {_SECONDS_PER_PAIR * 1e6:.0f} s and {_MIB_PER_PAIR * 1e6:.0f} MiB; "
    "as measured once on two cores"
)

_SAMPLED_ROWS = 25_000  # of a source, about
_SCANNED_ROWS = 250_000  # of Parquet files, to draw them from; what is in between has to be read past
_SAMPLED_BYTES = 1 << 20  # of a source of text
_PLACES = 16  # at which rows are drawn from a source
_MOST_LOOKED_AT = 16  # files of a source that are opened
_JSON_ROWS = 1000
_NAMED_KINDS = 12
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run would take, as far as a look at its input tells.

    Attributes:
        rows: Rows of the sources, about.
        sampled: Rows that were looked at.
        observations: Cells with an identifier, about.
        kinds: Kinds found, among them the wider ones that follow from others.
        pairs: Pairs of accounts, per identifier and window, that the run would compare, about.
        pairs_left_out: Pairs beyond what the settings allow to be compared, about.
        seconds: Time, about.
        memory_mib: Memory, about.
        limit_mib: What the engine may use; beyond it spills to disk.
        machine_mib: Memory of the machine; None where it does not tell.
        not_looked_at: Sources that nothing is known of before they are read: databases.
    """

    rows: int
    sampled: int
    observations: int
    kinds: tuple[str, ...]
    pairs: int
    pairs_left_out: int
    seconds: float
    memory_mib: int
    limit_mib: int | None
    machine_mib: int | None
    not_looked_at: tuple[str, ...] = ()

    def warnings(self) -> tuple[str, ...]:
        """What to know before it starts, each with what to do about it."""
        told = []
        if self.machine_mib is not None and self.memory_mib > self.machine_mib:
            told.append(
                f"about {_size(self.memory_mib)} are more than the {_size(self.machine_mib)} of this "
                "machine: it would spill to disk, take much longer, and may fail; split the input, such as "
                "into shorter spans of time, take a machine with more memory, or a cluster: --engine spark"
            )
        elif self.limit_mib is not None and self.memory_mib - _BASE_MIB > self.limit_mib:
            told.append(
                f"about {_size(self.memory_mib - _BASE_MIB)} are more than the engine's limit of "
                f"{_size(self.limit_mib)}: what is beyond it spills to disk, which takes longer; --memory "
                "sets the limit"
            )
        if self.not_looked_at:
            told.append(f"not counted, for databases are not looked at: {', '.join(self.not_looked_at)}")
        return tuple(told)

    def lines(self) -> tuple[str, ...]:
        """The forecast for people, in lines; none where nothing can be foretold.

        Where no identifier was found the run itself says what is wrong, and what databases hold is not known.
        """
        if not self.observations:
            if self.not_looked_at:
                return ("rows, pairs, time and memory are not known: databases are not looked at beforehand",)
            return ()
        named = ", ".join(self.kinds[:_NAMED_KINDS]) or "no kind"
        named += f" and {len(self.kinds) - _NAMED_KINDS} kinds more" if len(self.kinds) > _NAMED_KINDS else ""
        left_out = f"; {_about(self.pairs_left_out)} too common to compare" if self.pairs_left_out else ""
        doubt = "" if self.sampled >= self.rows else "; give or take a factor of 3"
        machine = "" if self.machine_mib is None else f" of {_size(self.machine_mib)}"
        least = "at least " if self.not_looked_at else ""
        return (
            f"expected of a sample of {self.sampled:,} rows:",
            f"  rows    {_about(self.rows)}: {_about(self.observations)} observations of {named}",
            f"  pairs   {_about(self.pairs)} to compare{left_out}{doubt}",
            f"  takes   {least}{_time(self.seconds)} and {_size(self.memory_mib)}{machine} memory",
            f"          ({BASIS})",
        )

    def as_dict(self) -> dict[str, object]:
        """The forecast as plain values."""
        return {**asdict(self), "warnings": self.warnings(), "basis": BASIS}


def forecast_run(engine: Engine, settings: Settings, frames: Mapping[str, object] | None = None) -> Forecast:
    """Look at the input and say what a run over it would take.

    Args:
        engine: Where the sample is worked on; what is made there is dropped.
        settings: As the run would get them.
        frames: Frames by name, as the run would get them.

    Raises:
        InputError: The input can't be read.
        SettingsError: A setting is wrong.
    """
    frames = dict(frames or {})
    if settings.accounts is None or not (settings.accounts.path or settings.accounts.database):
        frames.pop(settings.accounts.name if settings.accounts else "accounts", None)
    sources = [(source, frames.pop(source.name, None)) for source in settings.sources]
    sources += [(Source(name=name), frame) for name, frame in frames.items()]
    places = [(source, frame) for source, frame in sources if not source.database]
    looks: list[_Look] = []
    try:
        looks += [_look(engine, source, frame, f"forecast_{i}") for i, (source, frame) in enumerate(places)]
        kinds = _load_cells(engine, settings, looks)
        expected = _expected(engine, settings.model, looks)
    finally:
        staged = [f"forecast_{i}" for i in range(len(places))]
        engine.drop(
            "forecast_cells", "forecast_held", "forecast_raw", "forecast_names", "forecast_kinds", *staged
        )
    unknown = tuple(source.name or source.table or "a query" for source, _ in sources if source.database)
    return _made(settings.engine, looks, tuple(kinds), expected, unknown)


class _Look(NamedTuple):
    """A source that was looked at: its sample in a staged table, rows expected in all, rows in the sample."""

    source: Source
    table: str
    n_rows: int
    n_sampled: int

    @property
    def factor(self) -> float:
        return self.n_rows / max(self.n_sampled, 1)


class _Expected(NamedTuple):
    """Observations and pairs expected of the whole input, and pairs that would be left out."""

    observations: float
    pairs: float
    left_out: float


def _made(
    limits: EngineSettings,
    looks: Sequence[_Look],
    kinds: tuple[str, ...],
    expected: _Expected,
    unknown: tuple[str, ...],
) -> Forecast:
    observations, pairs, left_out = expected
    machine = _machine_mib()
    return Forecast(
        rows=sum(look.n_rows for look in looks),
        sampled=sum(look.n_sampled for look in looks),
        observations=round(observations),
        kinds=kinds,
        pairs=round(pairs),
        pairs_left_out=round(left_out),
        seconds=round(_BASE_SECONDS + observations * _SECONDS_PER_OBSERVATION + pairs * _SECONDS_PER_PAIR, 1),
        memory_mib=round(_BASE_MIB + observations * _MIB_PER_OBSERVATION + pairs * _MIB_PER_PAIR),
        limit_mib=_limit_mib(limits.memory, machine),
        machine_mib=machine,
        not_looked_at=unknown,
    )


# --- pairs -------------------------------------------------------------------------------------------------


def _load_cells(engine: Engine, settings: Settings, looks: Sequence[_Look]) -> list[str]:
    """Make `forecast_cells` (source, kind_no, value, account, seen_at, pick, is_seen) and `forecast_kinds`.

    `pick` is 0 to 3, equally often, so that a part of the sample can be taken; `is_seen` tells what stands in
    the input from what follows from it.

    Returns:
        The names of the kinds in it, the wider ones too.
    """
    empty = "'' AS value, '' AS account, NULL::TIMESTAMPTZ AS seen_at, 0 AS pick WHERE false"
    parts = [f"SELECT 0 AS source, '' AS raw, {empty}"]
    for i, look in enumerate(looks):
        row, rows = "account, seen_at, (hash(row) % 4)::INTEGER", f"FROM {look.table} WHERE fault IS NULL"
        if look.source.kinds:
            for j, name in enumerate(look.source.kinds):
                parts.append(f"SELECT {i}, {quoted_text(name)}, v{j}, {row} {rows} AND v{j} <> ''")
        else:
            parts.append(f"SELECT {i}, kind, value, {row} {rows}")
    engine.make("forecast_raw", " UNION ALL ".join(parts))
    raw = [
        str(told[0]) for told in engine.rows("SELECT DISTINCT raw FROM forecast_raw ORDER BY 1 LIMIT 1000")
    ]
    kinds = _known_kinds(raw, settings)
    wider = {name: kind_of(name, settings) for kind in kinds.values() for name, _ in kind.wider_sql}
    every = sorted({kind.name: kind for kind in [*kinds.values(), *wider.values()]}.items())
    number_of = {name: i for i, (name, _) in enumerate(every)}
    told_numbers = [(text, number_of[kind.name]) for text, kind in kinds.items()]
    engine.load("forecast_names", rows_table(("raw", "kind_no"), (pa.string(), pa.int32()), told_numbers))
    cell = "source, kind_no, value, account, seen_at, pick, true AS is_seen"
    engine.make("forecast_cells", f"SELECT {cell} FROM forecast_raw JOIN forecast_names USING (raw)")
    for kind in {kind.name: kind for kind in kinds.values()}.values():
        for name, sql in kind.wider_sql:
            engine.append(
                "forecast_cells",
                f"SELECT source, {number_of[name]}, {sql}, account, seen_at, pick, false FROM forecast_cells "
                f"WHERE kind_no = {number_of[kind.name]} AND ({kind.is_clean_sql}) AND ({sql}) IS NOT NULL",
            )
    _load_limits(engine, [kind for _, kind in every], settings.model)
    return [name for name, _ in every]


def _known_kinds(raw: Sequence[str], settings: Settings) -> dict[str, Kind]:
    """The kind of each name in the input; names that none can have are left out, as in the run."""
    kinds = {}
    for text in raw:
        with suppress(UncleanValue):  # the run sets such rows aside
            kind = kind_of(text, settings)
            setting = settings.kinds.get(kind.name)
            if setting is None or not setting.ignore:
                kinds[text] = kind
    return kinds


def _load_limits(engine: Engine, kinds: Sequence[Kind], model: ModelSettings) -> None:
    """Make `forecast_kinds` (kind_no, window_s, cap): the most accounts together that are all compared."""
    rows = [
        (
            i,
            int((kind.window_days or 0) * _DAY) or None,
            max(1, min(model.largest_cell, int(kind.private / model.candidate_probability) + 1)),
        )
        for i, kind in enumerate(kinds)
    ]
    names, types = ("kind_no", "window_s", "cap"), (pa.int32(), pa.int64(), pa.int64())
    engine.load("forecast_kinds", rows_table(names, types, rows))


def _expected(engine: Engine, model: ModelSettings, looks: Sequence[_Look]) -> _Expected:
    """Let what the sample holds grow to the whole input.

    The pairs of a sample grow faster than its rows: by how much shows in the pairs of one half of it. They
    can't grow beyond what the caps allow each holder, nor beyond the budget.
    """
    engine.make(
        "forecast_held",
        """
        SELECT source, kind_no, cap, value, window_no, count(*) AS degree,
               count(*) FILTER (pick < 2) AS half_degree
        FROM (
            SELECT source, kind_no, cap, value, account, min(pick) AS pick,
                   coalesce(floor(epoch(seen_at) / window_s), 0)::BIGINT AS window_no
            FROM forecast_cells JOIN forecast_kinds USING (kind_no) GROUP BY ALL
        )
        GROUP BY ALL
        """,
    )
    pairs = "sum({0} * ({0} - 1) / 2) FILTER ({0} {1} cap)"
    columns = [pairs.format(*told) for told in (("degree", "<="), ("half_degree", "<="), ("degree", ">"))]
    found = engine.rows(
        f"SELECT source, kind_no, any_value(cap), sum(degree), {', '.join(columns)} FROM forecast_held "
        "GROUP BY source, kind_no"
    )
    kept: dict[int, float] = {}
    left_out = 0.0
    for source, kind_no, *told in found:
        factor = looks[int(str(source))].factor
        cap, held, whole, half, beyond = (float(str(value or 0)) for value in told)
        growth = min(2.0, max(1.0, math.log2(whole / half))) if whole and half else 1.0
        wanted = whole * factor**growth
        most = held * factor * (cap - 1) / 2
        no = int(str(kind_no))
        kept[no] = kept.get(no, 0) + min(wanted, most)
        left_out += max(wanted - most, 0) + beyond * factor
    budget = model.pair_budget / max(len(kept), 1)
    left_out += sum(max(pairs - budget, 0) for pairs in kept.values())
    observed = engine.rows("SELECT source, count(*) FROM forecast_cells WHERE is_seen GROUP BY source")
    observations = sum(float(str(n)) * looks[int(str(source))].factor for source, n in observed)
    return _Expected(observations, sum(min(pairs, budget) for pairs in kept.values()), left_out)


# --- samples -----------------------------------------------------------------------------------------------


def _look(engine: Engine, source: Source, frame: object, table: str) -> _Look:
    """Draw a sample of a source and stage it as the run would stage all of it."""
    wanted = [
        Wanted("account", source.account, "account", is_needed=False),
        Wanted("seen_at", source.time, "any_time", is_needed=False),
    ]
    if source.kinds:
        wanted += [
            Wanted(f"v{j}", column, "value", is_needed=False)
            for j, column in enumerate(source.kinds.values())
        ]
    else:
        wanted += [
            Wanted("kind", source.kind, "text", is_needed=False),
            Wanted("value", source.value, "value", is_needed=False),
        ]
    columns = {want.column for want in wanted if want.column}
    n_rows, sample = (
        _sample_of_frame(frame, source.name) if frame is not None else _sample_of_files(source.path, columns)
    )
    sample = sample.select([name for name in sample.column_names if name in columns])
    if not sample.num_columns:
        sample = sample.append_column(source.account, pa.nulls(sample.num_rows, pa.string()))
    place = Place(
        source.name or Path(source.path).name,
        frame=sample,
        time_format=source.time_format,
        time_zone=source.time_zone,
    )
    stage(engine, place, wanted, table)
    return _Look(source, table, max(n_rows, sample.num_rows), sample.num_rows)


def _sample_of_frame(frame: Any, name: str) -> tuple[int, pa.Table]:
    """Every so manieth row of a frame."""
    if is_pandas(frame):
        part = frame.iloc[:: 1 + len(frame) // _SAMPLED_ROWS]
        return len(frame), arrow_of(part, name)
    whole = arrow_of(frame, name)
    step = 1 + whole.num_rows // _SAMPLED_ROWS
    return whole.num_rows, whole.take(pa.array(range(0, whole.num_rows, step), pa.int64()))


def _sample_of_files(path: str, columns: Collection[str]) -> tuple[int, pa.Table]:
    """Rows of all files of a path, about, and a sample of the columns wanted, from a few of them."""
    files = find_files(path).paths
    step = max(1, math.ceil(len(files) / _MOST_LOOKED_AT))
    looked_at = files[::step]
    n_bytes = [file.stat().st_size for file in files]
    drawn = [_sample_of_file(file, columns, len(looked_at)) for file in looked_at]
    n_rows = sum(n for n, _ in drawn) * sum(n_bytes) / max(sum(n_bytes[::step]), 1)
    try:
        whole = pa.concat_tables([sample for _, sample in drawn], promote_options="permissive")
    except pa.ArrowException:  # the run reads files of other types apart
        whole = max((sample for _, sample in drawn), key=len)
    return round(n_rows), whole


def _sample_of_file(path: Path, columns: Collection[str], n_files: int) -> tuple[int, pa.Table]:
    if form_of(path) == "parquet":
        return _sample_of_parquet(path, columns, n_files)
    told = peek_file(path)
    if told.form == "json":
        return _sample_of_json(path, columns)
    pieces, share = _pieces(path, n_files)
    if told.form == "csv":
        width, places = (
            len(told.columns),
            {name: told.columns.index(name) for name in columns if name in told.columns},
        )
        rows = [row for piece in pieces for row in _csv_rows(piece, told.delimiter) if len(row) == width]
        texts: dict[str, list[str | None]] = {name: [row[at] for row in rows] for name, at in places.items()}
        n_header = 1
    else:
        records = [record for piece in pieces for record in _json_records(piece)]
        rows, n_header = records, 0  # type: ignore[assignment]  # only their number is asked for
        texts = {name: [_text(record.get(name)) for record in records] for name in columns}
    sample = pa.table({name: pa.array(cells, pa.string()) for name, cells in texts.items()})
    return round(max(len(rows) - n_header, 0) / max(share, 1e-12)), sample.slice(n_header)


def _sample_of_parquet(path: Path, columns: Collection[str], n_files: int) -> tuple[int, pa.Table]:
    try:
        with pq.ParquetFile(path) as file:
            told = file.metadata
            present = [name for name in file.schema_arrow.names if name in columns]
            step = max(1, math.ceil(told.num_row_groups * n_files / _PLACES))
            groups = range(0, told.num_row_groups, step)
            batches = [
                batch for group in groups for batch in _spread(file, group, present, len(groups) * n_files)
            ]
            schema = pa.schema([file.schema_arrow.field(name) for name in present])
            return told.num_rows, pa.Table.from_batches(batches, schema)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: it is no whole Parquet file; check that it was copied whole") from error


def _spread(file: pq.ParquetFile, group: int, columns: list[str], n_groups: int) -> Iterator[pa.RecordBatch]:
    """Rows of a row group at a few places, as far as it is read."""
    n_rows = min(file.metadata.row_group(group).num_rows, _SCANNED_ROWS // n_groups)
    n_places = max(1, _PLACES // n_groups)
    at_once = max(1, _SAMPLED_ROWS // n_groups // n_places)
    every = max(1, math.ceil(n_rows / at_once / n_places))
    batches = file.iter_batches(at_once, [group], columns=columns)
    for i, batch in zip(range(math.ceil(n_rows / at_once)), batches, strict=False):
        if i % every == 0:
            yield batch


def _sample_of_json(path: Path, columns: Collection[str]) -> tuple[int, pa.Table]:
    """The first objects of an array: where another begins is not told from its middle."""
    _, records = read_sample(path, _JSON_ROWS)
    texts = {name: pa.array([record.get(name) for record in records], pa.string()) for name in columns}
    n_bytes = sum(len(json.dumps(record)) for record in records)
    is_all = len(records) < _JSON_ROWS
    n_rows = len(records) if is_all else path.stat().st_size * len(records) // max(n_bytes, 1)
    return n_rows, pa.table(texts)


def _pieces(path: Path, n_files: int) -> tuple[list[str], float]:
    """Pieces of a text of whole lines, and what share of the file they are; the first has the header."""
    size, most = path.stat().st_size, _SAMPLED_BYTES // n_files
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
        n_places = _PLACES if n_files == 1 else 2
        length, pieces, n_read = most // n_places, [], 0
        for i in range(n_places):
            file.seek((size - length) * i // (n_places - 1))
            piece = _whole_lines(file.read(length), is_first=i == 0, is_last=i == n_places - 1)
            n_read += len(piece.encode())
            pieces.append(piece)
        return pieces, n_read / size


class _Sipped(io.FileIO):
    """A file that is read a little at a time: where it stands tells what a stream has used of it."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(4096 if size is None or size < 0 else min(size, 4096)) or b""


def _whole_lines(content: bytes, *, is_first: bool, is_last: bool) -> str:
    begin = 0 if is_first else content.find(b"\n") + 1
    end = len(content) if is_last else content.rfind(b"\n") + 1
    return content[begin:end].decode("utf-8-sig" if is_first else "utf-8", errors="replace")


def _csv_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    with suppress(csv.Error):  # a cell beyond csv's limit: what came before tells enough
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _json_records(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        with suppress(ValueError):  # a line cut at the end of a piece, or one that the run sets aside
            record = json.loads(line)
            if isinstance(record, dict):
                yield record


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


# --- the machine -------------------------------------------------------------------------------------------

_UNITS = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30, "ti": 1 << 40}


def _machine_mib() -> int | None:
    """Memory of the machine, or what its container may use of it; None where neither is told."""
    told = []
    with suppress(ValueError, OSError, AttributeError):  # not every system tells
        told.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(ValueError, OSError):  # "max", or no such file: no limit
        told.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return min(told) >> 20 if told else None


def _limit_mib(told: str, machine: int | None) -> int | None:
    """What the engine may use; it takes 80 % of the machine where nothing is said."""
    match = re.fullmatch(r"([0-9.]+)\s*(?:([KMGT]i?)B|%)", told or "80%", re.IGNORECASE)
    if match is None or (match[2] is None and machine is None):
        return None
    if match[2] is None:
        return round(float(match[1]) / 100 * (machine or 0))
    return round(float(match[1]) * _UNITS[match[2].lower()]) >> 20


def _size(mib: int) -> str:
    return f"{mib / 1024:,.1f} GiB" if mib >= 1024 else f"{mib:,} MiB"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:,.1f} h"


def _about(n: int) -> str:
    """A number to two digits: it is no more exact than that."""
    if n >= 1_000_000:
        return f"{float(f'{n:.2g}') / 1e6:,.10g} million"
    return f"{int(float(f'{n:.2g}')):,}"
