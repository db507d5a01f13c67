"""Row numbers among blank lines, cells of odd types, and texts that lost what told them apart."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.errors import InputError
from graphlink.core.settings import AccountSource, Settings, Source
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.sources.quotes import blank_lines
from tests.collected import check_input

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-06-01T00:00:00Z"


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(memory="1GB", threads=2) as made:
        yield made


def _checked(engine: DuckEngine, *sources: Source, **frames: object) -> dict[str, object]:
    return check_input(engine, Settings(sources=sources, now=NOW), frames)


def _aside(engine: DuckEngine) -> list[tuple[object, ...]]:
    return engine.rows("SELECT source, row_number, n_lines, reason FROM rejected_rows ORDER BY ALL")


def _accounts(engine: DuckEngine) -> list[object]:
    return [row[0] for row in engine.rows("SELECT account_id FROM accounts ORDER BY ALL")]


@pytest.mark.slow
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("n_before", [0, 1, 3])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_blank_lines_are_no_rows(
    engine: DuckEngine, tmp_path: Path, line_end: str, n_before: int, mark: str
) -> None:
    """Without a column of times the header would be an account where it is taken for a row."""
    lines = [
        *[""] * n_before,
        *(
            "account_id,kind,value",
            "a,thing,v",
            "",
            "",
            "null,thing,v",
            "",
            "ragged,thing",
            "nan,thing,v",
            "",
        ),
        *("", "ragged,thing", 'b,thing,"two', "", 'lines"', "", "ragged,thing", "None,thing,v"),
    ]
    text = (mark + line_end.join(lines)).encode()
    (tmp_path / "a.csv").write_bytes(text)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(text))
    _checked(engine, Source(path=str(tmp_path)))
    assert _accounts(engine) == ["a", "b"]
    rows = [(2, "placeholder"), (3, "ragged_row"), (4, "placeholder"), (5, "ragged_row"), (7, "ragged_row")]
    rows.append((8, "placeholder"))
    expected = [(name, row, 1, reason) for name in ("a.csv", "b.csv.gz") for row, reason in rows]
    assert _aside(engine) == expected


def test_line_ends_that_would_hide_the_rows_are_refused(engine: DuckEngine, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\r\n\r\naccount_id,kind,value\na,thing,v\n")
    with pytest.raises(InputError, match=r"a\.csv, row 1: blank lines before the header"):
        _checked(engine, Source(path=str(tmp_path / "a.csv")))


def test_rows_of_a_folder_with_several_forms_are_known_by_their_numbers(
    engine: DuckEngine, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("account_id,kind,value\na,thing,v\nragged\nnull,thing,v\n")
    row = json.dumps({"account_id": "b", "kind": "thing", "value": "v"})
    bad = row.encode().replace(b'"b"', b'"\x80"')
    (tmp_path / "b.jsonl").write_bytes(
        b"\n".join([b"", row.encode(), b"", bad, b"{", b"", bad, row.encode()])
    )
    _checked(engine, Source(path=str(tmp_path)))
    assert _aside(engine) == [
        ("a.csv", 2, 1, "ragged_row"),
        ("a.csv", 3, 1, "placeholder"),
        ("b.jsonl", 2, 1, "invalid_utf8"),
        ("b.jsonl", 3, 1, "bad_json"),
        ("b.jsonl", 4, 1, "invalid_utf8"),
    ]


def test_blank_lines_across_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = b'\n\r\na,"\n\n"\n\n\r\nb\n\n"\r\n\r\n"\n\n'
    (tmp_path / "a.csv").write_bytes(text)
    whole = blank_lines(tmp_path / "a.csv", has_quotes=True)
    assert whole == [0, 1, 10, 11, 15, 23]
    monkeypatch.setattr("graphlink.ingest.sources.quotes._PIECE", 1)
    assert blank_lines(tmp_path / "a.csv", has_quotes=True) == whole
    assert len(blank_lines(tmp_path / "a.csv", has_quotes=False)) == len(whole) + 2


def test_arrays_behind_one_another_are_rows(engine: DuckEngine, tmp_path: Path) -> None:
    pages = [[{"account_id": f"{page}{i}", "kind": "thing", "value": "v"} for i in "ab"] for page in "xy"]
    (tmp_path / "a.json").write_text("\n".join(map(json.dumps, pages)))
    facts = _checked(engine, Source(path=str(tmp_path / "a.json")))
    assert (facts["rows_read"], _accounts(engine)) == (4, ["xa", "xb", "ya", "yb"])


def test_text_of_sqlite_that_is_not_utf8_is_rejected(engine: DuckEngine, tmp_path: Path) -> None:
    """Replaced by the sign for what can't be read, the two would be one account."""
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("CREATE TABLE log (account_id, kind, value)")
        for one in (b"Jos\xe9", b"Jos\xe8", b"Jos\xc3\xa9"):
            connection.execute("INSERT INTO log VALUES (CAST(? AS TEXT), 'thing', 'v')", (one,))
    _checked(engine, Source(database=str(tmp_path / "a.db"), table="log"))
    assert _accounts(engine) == ["Jos\u00e9"]
    assert [row[3] for row in _aside(engine)] == ["invalid_utf8", "invalid_utf8"]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_time_beyond_the_years_costs_its_row(engine: DuckEngine, tmp_path: Path, zone: str) -> None:
    times = pa.array([0, 2**63 - 2, 1_772_359_200_000_000], pa.timestamp("us"))
    table = pa.table(
        {"account_id": ["a", "b", "c"], "kind": ["thing"] * 3, "value": ["v"] * 3, "seen_at": times}
    )
    pq.write_table(table, tmp_path / "a.parquet")
    _checked(engine, Source(path=str(tmp_path / "a.parquet"), time_zone=zone))
    assert _accounts(engine) == ["c"]
    assert [row[1] for row in _aside(engine)] == [1, 2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("1.77236E+09", "lost_digits"),
        ("1,77e9", "lost_digits"),
        ("1.7723592E9", None),
        ("1772359200", None),
        ("1772359200.25", None),
    ],
)
def test_an_epoch_that_lost_its_minutes_is_no_time(
    engine: DuckEngine, tmp_path: Path, told: str, reason: str | None
) -> None:
    (tmp_path / "a.csv").write_text(f'account_id;kind;value;seen_at\na;thing;v;"{told}"\n')
    _checked(engine, Source(path=str(tmp_path / "a.csv"), time_format="epoch_s"))
    listed = [row[3] for row in _aside(engine)]
    assert listed == ([reason] if reason and "," not in told else ["unparsable_time"] if reason else [])


def test_a_double_holds_an_epoch_however_it_is_shown(engine: DuckEngine) -> None:
    times = pa.array([1_772_359_200e9], pa.float64())
    table = pa.table({"account_id": ["a"], "kind": ["thing"], "value": ["v"], "seen_at": times})
    _checked(engine, Source(name="frame", time_format="epoch_ns"), frame=table)
    assert _aside(engine) == []


def test_a_float_holds_no_epoch(engine: DuckEngine) -> None:
    """The nearest two numbers of 32 bits are two minutes apart."""
    times = pa.array([1_772_359_200.0], pa.float32())
    table = pa.table({"account_id": ["a"], "kind": ["thing"], "value": ["v"], "seen_at": times})
    with pytest.raises(InputError, match="column 'seen_at': type FLOAT has no digits"):
        _checked(engine, Source(name="frame", time_format="epoch_s"), frame=table)
    wide = pa.array([Decimal(10) ** 30], pa.decimal128(38, 2))
    _checked(
        engine,
        Source(name="frame", time_format="epoch_s"),
        frame=table.set_column(3, "seen_at", wide),
    )
    assert [row[3] for row in _aside(engine)] == ["unparsable_time"]


@pytest.mark.slow
def test_types_that_the_engine_lacks_are_taken_or_named(engine: DuckEngine) -> None:
    table = pa.table({"account_id": ["a", "b"], "kind": ["thing"] * 2, "value": ["v"] * 2})
    taken = {
        "float16": pa.array(np.array([2, 3], np.float16)),
        "decimal256": pa.array([Decimal("2.00"), Decimal(3)], pa.decimal256(50, 2)),
        "decimal of hundreds": pa.array([Decimal(200), Decimal(300)], pa.decimal128(5, -2)),
    }
    for name, counts in taken.items():
        _checked(engine, Source(name="frame"), frame=table.append_column("n", counts))
        n = [row[0] for row in engine.rows("SELECT n FROM observations ORDER BY n")]
        assert n == ([200, 300] if "hundreds" in name else [2, 3])
    wide = pa.array([Decimal(10) ** 45, None], pa.decimal256(50, 2))
    with pytest.raises(InputError, match="frame, column 'n': numbers of type decimal256"):
        _checked(engine, Source(name="frame"), frame=table.append_column("n", wide))


def test_cells_of_json_columns_are_what_is_in_them(engine: DuckEngine, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE log AS SELECT i::JSON AS account_id, 'thing' AS kind, 'v' AS value FROM "
            "(VALUES ('\"anna\"'), ('{\"id\": 1}'), ('[1]'), ('12.0'), ('null')) t (i)"
        )
    _checked(engine, Source(database=str(tmp_path / "a.duckdb"), table="log"))
    assert _accounts(engine) == ["12", "anna"]
    assert [row[3] for row in _aside(engine)] == ["nested_value", "nested_value", "null_account"]


def test_a_column_in_another_spelling_is_named(engine: DuckEngine, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("account_id,kind,value,N\na,thing,v,5\n")
    (tmp_path / "b.csv").write_text("account_id,Closed_At,closed_at2\na,2026-03-01,\n")
    accounts = AccountSource(path=str(tmp_path / "b.csv"), account="account_id")
    settings = Settings(sources=(Source(path=str(tmp_path / "a.csv")),), accounts=accounts, now=NOW)
    text = " ".join(str(check_input(engine, settings)["warnings"]).split())
    assert "no column 'n', but 'N', which is not read" in text
    assert "no column 'closed_at', but 'Closed_At', which is not read" in text


@pytest.mark.slow
@pytest.mark.parametrize("unseen", ["\ufe0f", "\u3164", "\u2800", "\u034f", "\U000e0101", "\u00ad"])
def test_accounts_that_look_alike_are_named(engine: DuckEngine, unseen: str) -> None:
    table = pa.table({"account_id": ["anna", f"an{unseen}na"], "kind": ["thing"] * 2, "value": ["v", "w"]})
    warnings = str(_checked(engine, Source(name="frame"), frame=table)["warnings"])
    assert "1 accounts have two spellings" in warnings
