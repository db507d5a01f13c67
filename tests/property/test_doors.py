"""The same rows give the same observations and the same rejected rows, whichever door they come in by."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.settings import Settings, Source
from graphlink.engine.duck import DuckEngine
from tests.collected import check_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COLUMNS = ("account_id", "kind", "value", "seen_at", "n")
ACCOUNTS = ("anna", " anna", "ann\u00e9", "anne\u0301", "12", "12.0", "None", "0", "", "x" * 600, "a\u009bb")
VALUES = ("v1", "V1", " v1 ", "N/A", "", 'say "hi"', "two\nlines", "a,b;c\td")
TIMES = ("2026-03-01T10:00:00Z", "2026-03-01 10:00:00.25", "", "soon", "1970-01-01", "2999-01-01")
COUNTS = ("", "1", "3", "0", "-1", "2.5", "2.0", "0x10", "many")
SETTINGS_NOW = "2026-06-01T00:00:00Z"
Rows = list[tuple[str, ...]]
Outcome = tuple[list[tuple[object, ...]], list[tuple[object, ...]], int]


@pytest.fixture(scope="module", params=[1, 2])
def engine(request: pytest.FixtureRequest) -> Iterator[DuckEngine]:
    with DuckEngine(memory="1GB", threads=request.param) as made:
        yield made


def _rows(seed: int, n: int = 200) -> Rows:
    draw = random.Random(seed)

    def one(often: str, all_: tuple[str, ...]) -> str:
        return often if draw.random() < 0.7 else draw.choice(all_)

    return [
        (
            one(f"acc{draw.randrange(40)}", ACCOUNTS),
            "thing",
            one(f"val{draw.randrange(40)}", VALUES),
            one(TIMES[0], TIMES),
            one("1", COUNTS),
        )
        for _ in range(n)
    ]


def _table(rows: Rows) -> pa.Table:
    return pa.table({name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)})


def _csv(path: Path, rows: Rows, delimiter: str = ",", line_end: str = "\n", mark: str = "") -> Source:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(mark)
        csv.writer(file, delimiter=delimiter, lineterminator=line_end).writerows([COLUMNS, *rows])
    return Source(path=str(path))


def _packed_csv(path: Path, rows: Rows) -> Source:
    _csv(path, rows, line_end="\r\n", mark="\ufeff")
    packed = path.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()[:100]) + gzip.compress(path.read_bytes()[100:]))
    return Source(path=str(packed))


def _json(path: Path, rows: Rows, *, is_array: bool, mark: str = "") -> Source:
    # A cell that is empty is left out, or null, or an empty text.
    records = [
        {name: cell or None for name, cell in zip(COLUMNS, row, strict=True) if cell or i % 2}
        for i, row in enumerate(rows)
    ]
    records[0] |= {name: "" for name in COLUMNS if name not in records[0]}
    text = json.dumps(records) if is_array else "\n".join(map(json.dumps, records))
    path.write_text(mark + text, encoding="utf-8")
    return Source(path=str(path))


def _parquet(path: Path, table: pa.Table) -> Source:
    pq.write_table(table, path, row_group_size=64)
    return Source(path=str(path))


def _cast(rows: Rows, type_: pa.DataType) -> pa.Table:
    return pa.table([column.cast(type_) for column in _table(rows).columns], names=list(COLUMNS))


def _sqlite(path: Path, rows: Rows) -> Source:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE log (account_id TEXT, kind TEXT, value TEXT, seen_at TEXT, n TEXT)")
        connection.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?)", rows)
    return Source(database=str(path), table="log")


def _duckdb(path: Path, rows: Rows) -> Source:
    with duckdb.connect(str(path)) as connection:
        connection.register("told", _table(rows))
        connection.execute("CREATE TABLE log AS SELECT * FROM told")
    return Source(database=str(path), table="log")


DOORS: dict[str, Callable[[Path, Rows], Source]] = {
    "tsv": lambda folder, rows: _csv(folder / "a.tsv", rows, "\t"),
    "csv with CRLF and a mark": lambda folder, rows: _csv(folder / "b.csv", rows, ";", "\r\n", "\ufeff"),
    "csv, packed in two members": lambda folder, rows: _packed_csv(folder / "c.csv", rows),
    "json lines": lambda folder, rows: _json(folder / "d.jsonl", rows, is_array=False),
    "json array": lambda folder, rows: _json(folder / "e.json", rows, is_array=True),
    "json array with a mark": lambda folder, rows: _json(
        folder / "f.json", rows, is_array=True, mark="\ufeff"
    ),
    "parquet": lambda folder, rows: _parquet(folder / "g.parquet", _table(rows)),
    "parquet, large": lambda folder, rows: _parquet(folder / "h.parquet", _cast(rows, pa.large_string())),
    "parquet, bytes": lambda folder, rows: _parquet(folder / "i.parquet", _cast(rows, pa.binary())),
    "sqlite": lambda folder, rows: _sqlite(folder / "j.db", rows),
    "duckdb": lambda folder, rows: _duckdb(folder / "k.duckdb", rows),
}


def _outcome(engine: DuckEngine, source: Source, frame: object = None) -> Outcome:
    frames = {source.name: frame} if frame is not None else None
    facts = check_input(engine, Settings(sources=(source,), now=SETTINGS_NOW), frames)
    kept = engine.rows("SELECT account_id, kind, value, seen_at::VARCHAR, n FROM observations ORDER BY ALL")
    aside = engine.rows("SELECT row_number, column_name, reason FROM rejected_rows ORDER BY ALL")
    return kept, aside, int(str(facts["rows_read"]))


@pytest.mark.slow
def test_texts_of_every_door_become_the_same(engine: DuckEngine, tmp_path: Path) -> None:
    rows = _rows(seed=1)
    expected = _outcome(engine, _csv(tmp_path / "plain.csv", rows))
    assert expected[1], "nothing was rejected, so that no numbers are compared"
    by_name = {name: _outcome(engine, door(tmp_path, rows)) for name, door in DOORS.items()}
    table = _table(rows)
    frames = {
        "arrow": table,
        "pandas": table.to_pandas(),
        "arrow dictionary": pa.table(
            [
                column.dictionary_encode() if name not in {"seen_at", "n"} else column
                for name, column in zip(COLUMNS, table.columns, strict=True)
            ],
            names=list(COLUMNS),
        ),
    }
    by_name |= {name: _outcome(engine, Source(name="frame"), frame) for name, frame in frames.items()}
    for name, outcome in by_name.items():
        assert outcome == expected, name


@pytest.mark.slow
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_moments_of_every_precision_are_the_same(engine: DuckEngine, tmp_path: Path, zone: str) -> None:
    """A zone of the settings is that of clocks without one; a moment stays what it is."""
    listed = [datetime(2026, 3, day, 10, tzinfo=UTC) for day in range(1, 20)] + [None]
    names = [f"acc{i}" for i in range(len(listed))]
    expected = [f"{moment:%Y-%m-%d %H:%M:%S}+00" if moment else None for moment in listed]
    sources: list[Source] = []
    frames: dict[str, pa.Table] = {}
    for unit, of_type in itertools.product(("s", "ms", "us", "ns"), ("UTC", "Europe/Berlin")):
        times = pa.array(listed, pa.timestamp("us", "UTC")).cast(pa.timestamp(unit, of_type))
        for door in ("file", "frame"):  # one check of all, each an input of its own with its own values
            name = f"{door} {unit} {of_type}".replace("/", " ")
            columns = {"account_id": names, "kind": ["thing"] * len(listed), "value": [name] * len(listed)}
            table = pa.table(columns | {"seen_at": times})
            if door == "file":
                path = _parquet(tmp_path / f"{name}.parquet", table).path
                sources.append(Source(name=name, path=path, time_zone=zone))
            else:
                sources.append(Source(name=name, time_zone=zone))
                frames[name] = table
    check_input(engine, Settings(sources=tuple(sources), now=SETTINGS_NOW), frames)
    kept = engine.rows("SELECT value, account_id, seen_at::VARCHAR FROM observations")
    by_name = {(value, account): seen_at for value, account, seen_at in kept}
    for source in sources:
        assert [by_name[source.name, name] for name in names] == expected, source.name


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["DOUBLE", "FLOAT", "DECIMAL(18,2)", "BIGINT", "HUGEINT", "VARCHAR", "JSON"])
def test_numbers_of_every_type_are_the_same_accounts(engine: DuckEngine, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"CREATE TABLE log AS SELECT i::{kind} AS account_id, 'thing' AS kind, 'v' AS value "
            "FROM (VALUES (12), (100), (0), (NULL), (65536)) t (i)"
        )
        connection.execute(f"COPY log TO '{tmp_path / 'a.parquet'}'")
    for source in (Source(database=str(path), table="log"), Source(path=str(tmp_path / "a.parquet"))):
        kept, aside, _ = _outcome(engine, source)
        if kind == "HUGEINT" and source.path:  # Parquet has no such type; DuckDB writes a DOUBLE
            kind = "DOUBLE"
        assert [row[0] for row in kept] == ["100", "12", "65536"]
        assert aside == [(3, "account_id", "placeholder"), (4, "account_id", "null_account")]


def test_pandas_gaps_are_empty_cells(engine: DuckEngine) -> None:
    frame = pd.DataFrame({"account_id": [12.0, None, 14.0], "kind": "thing", "value": ["a", "b", None]})
    kept, aside, _ = _outcome(engine, Source(name="frame"), frame)
    assert [row[0] for row in kept] == ["12"]
    assert aside == [(2, "account_id", "null_account"), (3, "value", "null_value")]
