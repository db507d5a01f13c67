"""Broken and hostile input: each is one clear error that names file, column and remedy, or rows rejected."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import sqlite3
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.errors import EngineError, InputError
from graphlink.core.settings import Settings, Source
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.sources.faults import MOST_TIMES
from tests.collected import check_input, collect_observations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-01-01T00:00:00Z"
HEADER = b"account_id,kind,value,seen_at\n"
GOOD = b"007,client,x,2025-01-01T00:00:00Z\n"
CARD = "4111 1111 1111 1111"


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(memory="1GB", threads=2) as made:
        yield made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def collect(engine: DuckEngine, *paths: Path, **told: Any) -> dict[str, Any]:
    sources = tuple(Source(path=str(path), **told) for path in paths)
    return collect_observations(engine, Settings(now=NOW, sources=sources))


def collect_bytes(engine: DuckEngine, path: Path, content: bytes, **told: Any) -> dict[str, Any]:
    path.write_bytes(content)
    return collect(engine, path, **told)


def observed(engine: DuckEngine) -> list[tuple[object, ...]]:
    return engine.rows("SELECT account_id, kind, value, n FROM observations ORDER BY ALL")


def rejected(engine: DuckEngine) -> list[tuple[object, ...]]:
    return engine.rows("SELECT row_number, column_name, reason FROM rejected_rows ORDER BY ALL")


def refused(engine: DuckEngine, path: Path, content: bytes, *said: str, **told: Any) -> str:
    with pytest.raises(InputError) as caught:
        collect_bytes(engine, path, content, **told)
    for part in (path.name, *said):
        assert part in str(caught.value)
    return str(caught.value)


# --- columns -----------------------------------------------------------------------------------------------


def test_a_missing_column_is_named_with_those_there_are(engine: DuckEngine, data: Path) -> None:
    actual = refused(
        engine, data / "a.csv", b"Account_ID,kind,value\n1,client,x\n", "'account_id'", "kind, value"
    )
    assert "is 'Account_ID' meant?" in actual
    assert "graphlink init" in actual


def test_a_missing_column_of_a_parquet_file_is_named(engine: DuckEngine, data: Path) -> None:
    pq.write_table(pa.table({"account_id": ["a"], "kind": ["client"]}), data / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet: no column 'value'; the columns are account_id, kind"):
        collect(engine, data / "a.parquet")


def test_of_a_thousand_columns_forty_are_named(engine: DuckEngine, data: Path) -> None:
    header = b",".join(b"c%d" % i for i in range(1000)) + b"\n"
    assert "and 960 more" in refused(engine, data / "a.csv", header + b"," * 999 + b"\n")


def test_a_repeated_column_is_refused_where_it_is_requested_for(engine: DuckEngine, data: Path) -> None:
    content = b"account_id,kind,value,value\n1,client,x,y\n"
    refused(engine, data / "a.csv", content, "'value'", "two columns", "rename")
    # One that nobody asks for does no harm.
    collect_bytes(engine, data / "b.csv", b"account_id,kind,value,more,more\n1,client,x,y,z\n")
    assert observed(engine) == [("1", "client", "x", 1)]


def test_a_repeated_column_of_a_frame_is_refused(engine: DuckEngine) -> None:
    frame = pa.table([["a"], ["client"], ["x"], ["y"]], names=["account_id", "kind", "value", "value"])
    with pytest.raises(InputError, match="frame, column 'value': two columns"):
        collect_observations(engine, Settings(), {"frame": frame})


def test_a_repeated_column_of_a_parquet_file_is_refused(engine: DuckEngine, data: Path) -> None:
    table = pa.table([["a"], ["client"], ["x"], ["y"]], names=["account_id", "kind", "value", "value"])
    pq.write_table(table, data / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet, column 'value': two columns"):
        collect(engine, data / "a.parquet")


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("value", [["a"]], "holds no single text"),
        ("value", [{"a": 1}], "holds no single text"),
        ("seen_at", [1_700_000_000], "set time_format to epoch_s"),
        ("seen_at", [True], "is no time"),
        ("n", [True], "is no number of times"),
    ],
)
def test_a_column_of_a_wrong_type_is_named(
    engine: DuckEngine, data: Path, column: str, values: list[object], said: str
) -> None:
    table = {"account_id": ["a"], "kind": ["client"], "value": ["x"]} | {column: values}
    pq.write_table(pa.table(table), data / "a.parquet")
    with pytest.raises(InputError, match=rf"a\.parquet, column '{column}'.*{said}"):
        collect(engine, data / "a.parquet")


def wide(data: Path, **columns: pa.Array) -> Source:
    pq.write_table(pa.table(columns), data / "a.parquet")
    kinds = {"ip": "ip", "phone": "phone"}
    return Source(path=str(data / "a.parquet"), count="n" if "n" in columns else "", kinds=kinds)


def test_not_a_number_is_an_empty_cell(engine: DuckEngine, data: Path) -> None:
    """Spark and Polars write NaN where a frame has a gap; statistics of Parquet don't know of it."""
    phones = pa.array([4155550100.0, float("nan"), 4155550100.0, None, float("inf")])
    n = pa.array([2.0, float("nan"), 3.0, None, 1.0])
    seen_at = pa.array([1.7e9, float("nan"), 1.7e9, None, 1.7e9])
    source = wide(
        data,
        account_id=pa.array(["a", "b", "c", "d", "e"]),
        ip=pa.array(["93.184.1.9"] * 5),
        phone=phones,
        seen_at=seen_at,
        n=n,
    )
    source = dataclasses.replace(source, time_format="epoch_s")
    collect_observations(engine, Settings(now=NOW, sources=(source,)))
    assert [row for row in observed(engine) if row[1] == "ip"] == [
        (account, "ip", "93.184.1.9", n) for account, n in (("a", 2), ("b", 1), ("c", 3), ("d", 1), ("e", 1))
    ]
    assert [row[:2] for row in observed(engine) if row[1] == "phone"] == [("a", "phone"), ("c", "phone")]
    assert rejected(engine) == [(5, "phone", "placeholder")]


def test_no_account_is_called_nan_or_inf(engine: DuckEngine, data: Path) -> None:
    numbers = [7.0, float("nan"), float("inf"), float("-inf"), None]
    source = wide(data, account_id=pa.array(numbers), ip=pa.array(["93.184.1.9"] * 5), phone=pa.nulls(5))
    collect_observations(engine, Settings(now=NOW, sources=(source,)))
    assert observed(engine) == [("7", "ip", "93.184.1.9", 1)]
    assert rejected(engine) == [(i, "account_id", "null_account") for i in range(2, 6)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary(4)])
def test_bytes_are_text_where_they_are_utf8(engine: DuckEngine, data: Path, kind: pa.DataType) -> None:
    accounts = pa.array([b"anna", "zoé".encode(), b"\xff\xfe12", None], kind)
    values = pa.array([b"v1  ", b"v2  ", b"v1  ", b"v1  "], kind)
    table = pa.table({"account_id": accounts, "kind": ["client"] * 4, "value": values})
    pq.write_table(table, data / "a.parquet")
    for frames in (None, {"frame": table}):
        sources = () if frames else (Source(path=str(data / "a.parquet")),)
        collect_observations(engine, Settings(now=NOW, sources=sources), frames)
        assert {row[0] for row in observed(engine)} == {"anna", "zoé"}
        assert {str(row[2]).strip() for row in observed(engine)} == {"v1", "v2"}
        assert rejected(engine) == [(3, "account_id", "invalid_utf8"), (4, "account_id", "null_account")]


def test_counts_never_overflow(engine: DuckEngine, data: Path) -> None:
    """What is no count is rejected, so that nine billion rows of the largest fit into 64 bits."""
    counts = [10**9, 10**9 + 1, 10**12, 1]
    table = {"account_id": ["a", "b", "c", "d"], "kind": ["client"] * 4, "value": ["x"] * 4, "n": counts}
    pq.write_table(pa.table(table), data / "a.parquet")
    collect(engine, data / "a.parquet")
    assert observed(engine) == [("a", "client", "x", 10**9), ("d", "client", "x", 1)]
    assert rejected(engine) == [(2, "n", "bad_count"), (3, "n", "bad_count")]
    assert MOST_TIMES * 9 * 10**9 < 2**63


def test_a_frame_with_mixed_types_in_a_column_is_named(engine: DuckEngine) -> None:
    frame = pd.DataFrame({"account_id": [1, "a", 2.5], "kind": "client", "value": "x"})
    with pytest.raises(InputError, match=r"frame: .*account_id.*astype"):
        collect_observations(engine, Settings(), {"frame": frame})


def test_something_else_than_a_frame_is_refused(engine: DuckEngine) -> None:
    with pytest.raises(InputError, match=r"or a pandas DataFrame, .* found list"):
        collect_observations(engine, Settings(), {"frame": [1, 2]})


# --- text --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + HEADER + GOOD,
        (HEADER + GOOD).replace(b"\n", b"\r\n"),
        HEADER.replace(b"\n", b"\r\n") + GOOD + GOOD.replace(b"007", b"008").replace(b"\n", b"\r\n"),
        HEADER + GOOD.rstrip(),
        HEADER + b"\n" + GOOD,
        (HEADER + GOOD).replace(b",", b";"),
        (HEADER + GOOD).replace(b",", b"\t"),
        (HEADER + GOOD).replace(b",", b"|"),
        b'"account_id","kind","value","seen_at"\n"007","client","x","2025-01-01"\n',
    ],
    ids=[
        "BOM",
        "CRLF",
        "mixed line ends",
        "no last line end",
        "blank line",
        "semicolon",
        "tab",
        "bar",
        "quoted",
    ],
)
def test_the_ways_of_writing_csv(engine: DuckEngine, data: Path, content: bytes) -> None:
    facts = collect_bytes(engine, data / "a.csv", content)
    assert observed(engine)[0] == ("007", "client", "x", 1)
    assert facts["rejected_rows"] == {}


def test_numbers_stay_as_they_are_written(engine: DuckEngine, data: Path) -> None:
    rows = b"007,client,00012,\n7,client,1e5,\n7.0,client,0x1F,\ntrue,client,2025-01-01,\nNULL,client,nan,\n"
    rows += b"8,client,2025-01-01,\n"
    facts = collect_bytes(engine, data / "a.csv", HEADER + rows)
    assert {row[0] for row in observed(engine)} == {"007", "7", "8"}
    assert {row[2] for row in observed(engine)} == {"00012", "1e5", "0x1F", "2025-01-01"}
    assert facts["rejected_rows"] == {"placeholder": 2}


def test_quotes_and_line_ends_inside_quotes(engine: DuckEngine, data: Path) -> None:
    rows = b'1,note,"say ""hi"", then\nleave",\n2,note,don"t,\n'
    collect_bytes(engine, data / "a.csv", HEADER + rows)
    assert [row[2] for row in observed(engine)] == ['say "hi", then\nleave', 'don"t']


def test_rows_of_another_length_are_rejected_with_their_number(engine: DuckEngine, data: Path) -> None:
    rows = b"2,client\n" + GOOD + b"4,client,x,,more\n5,client,x,never\n" + GOOD
    facts = collect_bytes(engine, data / "a.csv", HEADER + GOOD + rows)
    # The row numbers count the rows that could not be read, too.
    assert rejected(engine) == [
        (2, None, "ragged_row"),
        (4, None, "ragged_row"),
        (5, "seen_at", "unparsable_time"),
    ]
    assert (facts["rows_read"], facts["rows_rejected"]) == (6, 3)
    assert observed(engine) == [("007", "client", "x", 3)]


def test_an_open_quote_is_rejected(engine: DuckEngine, data: Path) -> None:
    facts = collect_bytes(engine, data / "a.csv", HEADER + GOOD + b'2,client,"x"y,\n' + GOOD)
    assert facts["rejected_rows"] == {"broken_quote": 1}
    assert observed(engine) == [("007", "client", "x", 2)]


STRAY = b'bad,client,"oops,2025-01-01T00:00:00Z\n'
CLOSING = b'bad,client,oops",2025-01-01T00:00:00Z\n'


def sound(first: int, n: int) -> bytes:
    return b"".join(b"g%d,client,v%d,2025-01-01T00:00:00Z\n" % (i, i) for i in range(first, first + n))


@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "n_kept", "row"),
    [
        (sound(0, 9) + STRAY + sound(9, 20_000), 20_009, 10),
        (sound(0, 9) + STRAY + sound(9, 30) + CLOSING + sound(39, 30), 70, 10),
        (sound(0, 9) + STRAY + sound(9, 30) + STRAY.replace(b"bad", b"bid"), 39, 10),
        (STRAY, 0, 1),
        (sound(0, 9) + b'"bad","client","oops,\n' + sound(9, 9).replace(b"client", b'"client"'), 18, 10),
    ],
    ids=["never closed", "closed by another", "two", "alone", "among quoted cells"],
)
def test_a_stray_quote_costs_its_line_and_no_other(
    engine: DuckEngine, data: Path, packed: bool, content: bytes, n_kept: int, row: int
) -> None:
    for start in (HEADER, b"\xef\xbb\xbf" + HEADER):
        path = data / ("a.csv.gz" if packed else "a.csv")
        path.write_bytes(gzip.compress(start + content) if packed else start + content)
        facts: dict[str, Any] = check_input(engine, Settings(now=NOW, sources=(Source(path=str(path)),)))
        n_lines = content.count(b"\n")
        assert facts["n_observations"] == n_kept
        assert facts["rejected_rows"] == {"broken_quote": n_lines - n_kept}
        assert facts["lines_rejected"] == n_lines - n_kept
        assert engine.rows("SELECT min(row_number), max(n_lines) FROM rejected_rows") == [(row, 1)]
        # Nothing of the copy stays, and the manifest tells of the file itself.
        assert not list(engine.folder.glob("graphlink-run-*"))
        assert facts["sources"][0]["inputs"][0]["bytes"] == path.stat().st_size


def test_a_quote_that_swallows_some_rows_costs_them_all_and_states_so(engine: DuckEngine, data: Path) -> None:
    content = STRAY + sound(0, 2) + b'two\nthree",2025-01-01\n'
    facts = collect_bytes(engine, data / "a.csv", HEADER + GOOD + content + GOOD)
    assert engine.rows("SELECT row_number, n_lines, reason FROM rejected_rows") == [(2, 5, "broken_quote")]
    assert (facts["rows_read"], facts["rows_rejected"], facts["lines_rejected"]) == (3, 1, 5)
    assert "1 rejected records span 5 lines" in facts["warnings"][0]


@pytest.mark.slow
@pytest.mark.parametrize(
    "cell",
    [
        b'"say hi, then\nleave"',
        b'"a\nb\nc"',
        b'"one, two\nthree, four, and five\n\nsix"',
        b'"' + b"prose without an end\n" * 5000 + b'"',
        b'"a ""quoted"" word\r\nand another"',
    ],
)
def test_a_cell_of_several_lines_is_read(engine: DuckEngine, data: Path, cell: bytes) -> None:
    content = HEADER + GOOD + b"2,note," + cell + b",\n" + GOOD
    facts: dict[str, Any] = check_input(
        engine, Settings(now=NOW, sources=(Source(path=write(data / "a.csv", content)),))
    )
    assert facts["rows_read"] == 3
    assert "broken_quote" not in facts["rejected_rows"]
    assert facts["warnings"] == []


def test_a_rejected_record_states_how_many_lines_it_spans(engine: DuckEngine, data: Path) -> None:
    facts = collect_bytes(engine, data / "a.csv", HEADER + GOOD + b'2,client,"a\nb\nc"\n' + GOOD)
    assert engine.rows("SELECT row_number, n_lines, reason FROM rejected_rows") == [(2, 3, "ragged_row")]
    assert (facts["rows_rejected"], facts["lines_rejected"]) == (1, 3)
    assert "1 rejected records span 3 lines; the longest, of 3 lines, is row 2" in facts["warnings"][0]


def write(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


def test_invalid_utf8_is_rejected(engine: DuckEngine, data: Path) -> None:
    collect_bytes(engine, data / "a.csv", HEADER + GOOD + b"2,client,\xff\xfe,\n")
    assert rejected(engine) == [(2, None, "invalid_utf8")]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl"])
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "iso8859_2"])
def test_another_encoding_is_refused_with_its_share(
    engine: DuckEngine, data: Path, name: str, encoding: str
) -> None:
    accounts = ["anna", "josé", "bob", "zoë"]
    if name == "a.jsonl":
        lines = [
            json.dumps({"account_id": a, "kind": "client", "value": "x"}, ensure_ascii=False)
            for a in accounts
        ]
        share = "2 of 4 lines (50.0%)"
    else:
        lines = [HEADER.decode().strip(), *(f"{a},client,x," for a in accounts)]
        share = "2 of 5 lines (40.0%)"
    content = "\n".join(lines).encode(encoding)
    content = gzip.compress(content) if name.endswith("gz") else content
    refused(engine, data / name, content, "not UTF-8", share, 'encoding = "windows-1252"')


def test_a_damaged_line_of_utf8_is_rejected(engine: DuckEngine, data: Path) -> None:
    rows = "é,client,x,\n".encode() + b"jos\xe9,client,x,\n" + GOOD
    collect_bytes(engine, data / "a.csv", HEADER + rows)
    assert rejected(engine) == [(2, None, "invalid_utf8")]


def test_marked_utf16_is_read(engine: DuckEngine, data: Path) -> None:
    collect_bytes(engine, data / "a.csv", (HEADER + GOOD).decode().encode("utf-16"))
    assert rejected(engine) == []
    assert len(observed(engine)) == 1


def test_embedded_nul_is_rejected(engine: DuckEngine, data: Path) -> None:
    collect_bytes(engine, data / "a.csv", HEADER + GOOD + b"2,client,a\x00b,\n3\x00,client,x,\n")
    assert rejected(engine) == [(2, "value", "nul_byte"), (3, "account_id", "control_character")]


def test_a_megabyte_cell_is_rejected_and_not_reported(engine: DuckEngine, data: Path) -> None:
    huge = b"z" * 1_000_000
    rows = b"2,client," + huge + b",\n" + huge + b",client,x,\n4,client,x," + huge + b"\n"
    facts = collect_bytes(engine, data / "a.csv", HEADER + GOOD + rows)
    assert facts["rejected_rows"] == {"account_too_long": 1, "too_long": 1, "unparsable_time": 1}
    assert engine.rows("SELECT max(length(detail)) < 300 FROM rejected_rows") == [(True,)]
    assert facts["n_observations"] == 1


def test_what_is_reported_of_a_value_is_escaped(engine: DuckEngine, data: Path) -> None:
    rows = "2,client,x,\x1b[31m<script>alert(1)</script>\u202e\n".encode()
    collect_bytes(engine, data / "a.csv", HEADER + GOOD + rows)
    detail = str(engine.rows("SELECT detail FROM rejected_rows")[0][0])
    assert detail.isprintable()
    assert "\\x1b" in detail


@pytest.mark.slow
@pytest.mark.parametrize("column", ["account_id", "kind", "value", "seen_at", "n"])
def test_a_card_number_is_in_no_text(engine: DuckEngine, data: Path, column: str) -> None:
    cells = {"account_id": "2", "kind": "payment", "value": "x", "seen_at": "2025-01-01", "n": "1"} | {
        column: CARD
    }
    if column == "account_id":
        cells["seen_at"] = "never"  # an account is rejected for something else
    content = f"{','.join(cells)}\n1,payment,tok_1,2025-01-01,1\n{','.join(cells.values())}\n"
    facts = collect_bytes(engine, data / "a.csv", content.encode())
    assert facts["rows_rejected"] == 1
    tables = ("observations", "accounts", "rejected_rows", "observed_values")
    rows = str(facts) + "".join(str(engine.arrow(f"SELECT * FROM {name}").to_pylist()) for name in tables)
    assert CARD not in rows
    assert CARD.replace(" ", "") not in rows


def test_sql_in_names_and_values_is_text(engine: DuckEngine, data: Path) -> None:
    name = "'; DROP TABLE rejected_rows; --"
    path = data / f"{name}.csv"
    account, column = 'acc"; DROP TABLE x; --', "ip'; DROP TABLE y; --"
    frame = pd.DataFrame({account: ["a', 'b"], column: ["x'); DROP TABLE z; --"], "when": ["'never'"]})
    frame.to_csv(path, index=False)
    with pytest.raises(InputError, match="1 unparsable_time"):
        collect(engine, path, account=account, time="when", kinds={"client": column})
    assert engine.rows("SELECT source, column_name, reason FROM rejected_rows") == [
        (f"{name}.csv", "when", "unparsable_time")
    ]


@pytest.mark.slow
def test_a_million_kinds_are_refused_with_the_likely_cause(engine: DuckEngine) -> None:
    n = 1_000_000
    numbers = pa.array([f"k{i}" for i in range(n)])
    same = pa.array(["a"] * n)
    with pytest.raises(InputError, match=r"1,000,000 kinds, at most 1,000 .*swapped"):
        collect_observations(
            engine, Settings(), {"frame": pa.table({"account_id": same, "kind": numbers, "value": same})}
        )


def test_names_that_no_kind_can_have_are_rejected(engine: DuckEngine, data: Path) -> None:
    collect_bytes(engine, data / "a.csv", HEADER + GOOD + b"2,'; --,x,\n3,ki nd,x,\n4,,x,\n5,client,,\n")
    assert rejected(engine) == [
        (2, "kind", "bad_kind"),
        (3, "kind", "bad_kind"),
        (4, "kind", "null_value"),
        (5, "value", "null_value"),
    ]


# --- files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl"])
def test_an_empty_file_is_named(engine: DuckEngine, data: Path, name: str) -> None:
    refused(engine, data / name, b"", "the file is empty")


def test_a_header_without_rows_leaves_no_observation(engine: DuckEngine, data: Path) -> None:
    with pytest.raises(InputError, match="no observation is left of 0 rows: the sources are empty"):
        collect_bytes(engine, data / "a.csv", HEADER)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz"])
def test_a_truncated_gzip_is_named(engine: DuckEngine, data: Path, name: str) -> None:
    rows = b"".join(b"%d,client,x%d,\n" % (i, i * 7919) for i in range(200_000))
    lines = b"".join(
        b'{"account_id":"%d","kind":"client","value":"x%d"}\n' % (i, i * 7919) for i in range(200_000)
    )
    whole = gzip.compress(HEADER + rows if "csv" in name else lines)
    refused(engine, data / name, whole[: len(whole) // 2], "copied whole")
    refused(engine, data / name, whole[:20], "copied whole")


def test_what_is_no_gzip_is_named(engine: DuckEngine, data: Path) -> None:
    refused(engine, data / "a.csv.gz", HEADER + GOOD, "gzip")


def test_a_truncated_or_broken_parquet_file_is_named(engine: DuckEngine, data: Path) -> None:
    table = {name: [f"{name}{i}" for i in range(50_000)] for name in ("account_id", "value")}
    pq.write_table(pa.table(table | {"kind": ["client"] * 50_000}), data / "whole.parquet")
    whole = (data / "whole.parquet").read_bytes()
    refused(engine, data / "a.parquet", whole[: len(whole) // 2], "copied whole")
    refused(engine, data / "b.parquet", b"PAR1" + b"\0" * 100, "copied whole")
    refused(engine, data / "c.parquet", whole[:2000] + b"\xff" * 20_000 + whole[22_000:], "copied whole")


def test_a_missing_file_is_named(engine: DuckEngine, data: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv: no such file"):
        collect(engine, data / "none.csv")


def test_a_file_of_unknown_form_is_reported_the_known(engine: DuckEngine, data: Path) -> None:
    refused(engine, data / "a.xlsx", b"PK", "a workbook is not read", ".parquet")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights of files are those of POSIX")
def test_an_unreadable_file_is_named(engine: DuckEngine, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = data / "a.csv"
    path.write_bytes(HEADER + GOOD)
    path.chmod(0)
    if os.geteuid() == 0:  # the superuser may read everything, so the refusal has to be played
        real = type(path).open

        def refuse(self: Path, *args: Any, **told: Any) -> Any:
            if self == path:
                raise PermissionError(13, "Permission denied", str(path))
            return real(self, *args, **told)

        monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(InputError, match=r"a\.csv: Permission denied; .*can read"):
        collect(engine, path)


def test_stray_files_of_a_folder_are_named_and_skipped(engine: DuckEngine, data: Path) -> None:
    (data / "a.csv").write_bytes(HEADER + GOOD)
    (data / "deep").mkdir()
    (data / "deep" / "b.csv").write_bytes(b"kind,value,account_id,seen_at\nclient,x,008,\n")
    (data / "notes.txt").write_text("hello")
    (data / "none.parquet").write_bytes(b"")
    (data / "_SUCCESS").write_bytes(b"")
    (data / ".git").mkdir()
    (data / ".git" / "c.csv").write_bytes(b"junk")
    facts = collect(engine, data)
    # Columns in another order, in another file of the source, are found by name.
    assert observed(engine) == [("007", "client", "x", 1), ("008", "client", "x", 1)]
    source = facts["sources"][0]
    assert source["n_skipped"] == 2
    assert {row["name"] for row in source["skipped"]} == {"notes.txt", "none.parquet"}
    assert [row["name"] for row in source["inputs"]] == ["a.csv", "deep/b.csv"]


def test_a_folder_without_a_table_is_refused(engine: DuckEngine, data: Path) -> None:
    (data / "notes.txt").write_text("hello")
    with pytest.raises(InputError, match=r"notes\.txt: no table by its name"):
        collect(engine, data)
    (data / "notes.txt").unlink()
    with pytest.raises(InputError, match="the folder is empty"):
        collect(engine, data)


def test_row_numbers_are_those_of_their_file(engine: DuckEngine, data: Path) -> None:
    (data / "a.csv").write_bytes(HEADER + GOOD + b"short\n" + b"2,client,x,never\n")
    (data / "b.csv").write_bytes(HEADER + b"3,client,x,never\n" + GOOD + b"short\n")
    collect(engine, data / "*.csv")
    assert engine.rows("SELECT source, row_number, reason FROM rejected_rows ORDER BY ALL") == [
        ("a.csv", 2, "ragged_row"),
        ("a.csv", 3, "unparsable_time"),
        ("b.csv", 1, "unparsable_time"),
        ("b.csv", 3, "ragged_row"),
    ]


def test_signs_of_globs_in_names_of_files_are_text(engine: DuckEngine, data: Path) -> None:
    (data / "a[1]*?.csv").write_bytes(HEADER + GOOD)
    (data / "a1.csv").write_bytes(HEADER + GOOD)
    collect(engine, data / "a[1]*?.csv")
    assert observed(engine) == [("007", "client", "x", 1)]


# --- JSON --------------------------------------------------------------------------------------------------

OBJECT = b'{"account_id":"007","kind":"client","value":"x","more":{"deep":[1]}}'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", b"\xef\xbb\xbf" + OBJECT + b"\r\n\r\n" + OBJECT),
        ("a.ndjson", OBJECT + b"\n" + OBJECT + b"\n"),
        ("a.json", OBJECT + b"\n" + OBJECT + b"\n"),
        ("a.json", b"[\n " + OBJECT + b",\n " + OBJECT + b"]"),
        ("a.json", OBJECT.replace(b",", b",\n") * 2),
    ],
)
def test_the_ways_of_writing_json(engine: DuckEngine, data: Path, name: str, content: bytes) -> None:
    collect_bytes(engine, data / name, content)
    assert observed(engine) == [("007", "client", "x", 2)]


def test_broken_lines_of_json_are_rejected(engine: DuckEngine, data: Path) -> None:
    lines = [OBJECT, b"{broken", b"[1]", b'"text"', b'{"account_id":null}', OBJECT[:-1] + b"\xff}"]
    collect_bytes(engine, data / "a.jsonl", b"\n".join(lines) + b"\n")
    assert rejected(engine) == [
        (2, None, "bad_json"),
        (3, None, "not_an_object"),
        (4, None, "not_an_object"),
        (5, "account_id", "null_account"),
        (6, None, "invalid_utf8"),
    ]


def test_a_truncated_json_array_is_named(engine: DuckEngine, data: Path) -> None:
    refused(engine, data / "a.json", b"[" + OBJECT + b',\n {"account_id":', "copied whole")


def test_keys_of_json_that_need_quoting(engine: DuckEngine, data: Path) -> None:
    line = rb'{"a.b":"007","it\"s $[0]":"x"}'
    collect_bytes(engine, data / "a.jsonl", line, account="a.b", time="", kinds={"client": 'it"s $[0]'})
    assert observed(engine) == [("007", "client", "x", 1)]


def lines_of(records: list[dict[str, object]], form: str) -> bytes:
    """Records in each of the forms of JSON that are read."""
    if form == "array":
        return json.dumps(records, indent=1).encode()
    return (
        (" " if form == "objects" else "\n")
        .join(json.dumps(record, indent=1 if form == "objects" else None) for record in records)
        .encode()
    )


JSON_FORMS = [("lines", "a.jsonl"), ("lines", "a.json"), ("array", "a.json"), ("objects", "a.json")]


@pytest.mark.slow
@pytest.mark.parametrize(("form", "name"), JSON_FORMS)
def test_keys_of_json_are_seen_wherever_they_first_stand(
    engine: DuckEngine, data: Path, form: str, name: str
) -> None:
    rows: list[dict[str, object]] = [
        {"account_id": f"a{i}", "kind": "client", "value": "x"} for i in range(1200)
    ]
    for row in rows[1100:]:
        row |= {"n": 1000, "seen_at": "2025-03-01T10:00:00Z"}
    facts = []
    for order in (rows, rows[::-1]):
        facts.append(collect_bytes(engine, data / name, lines_of(order, form)))
        assert engine.rows("SELECT sum(n)::BIGINT, count(seen_at) FROM observations") == [(101_100, 100)]
    assert facts[0]["kinds"] == facts[1]["kinds"]
    assert [one["warnings"] for one in facts] == [[], []]


@pytest.mark.slow
@pytest.mark.parametrize(("form", "name"), JSON_FORMS)
def test_a_key_that_no_record_has_is_missing(engine: DuckEngine, data: Path, form: str, name: str) -> None:
    rows: list[dict[str, object]] = [{"account_id": f"a{i}", "kind": "client"} for i in range(1200)]
    refused(engine, data / name, lines_of(rows, form), "no column 'value'; the columns are account_id, kind")
    rows[1150]["value"] = "x"
    facts = collect_bytes(engine, data / name, lines_of(rows, form))
    assert (facts["n_observations"], facts["rejected_rows"]) == (1, {"null_value": 1199})
    assert "no column 'seen_at'" in facts["warnings"][0]


def test_late_keys_may_be_written_in_other_ways(engine: DuckEngine, data: Path) -> None:
    head = b'{"who":"a","dev":"x"}\n' * 1001
    late = [rb'{"who":"b","dev":"x","n\u0075m":7}', rb'{"who":"c","dev":"x","q\"/":8,"num":null}']
    collect_bytes(
        engine, data / "a.jsonl", head + b"\n".join(late), account="who", time="", count="num",
        kinds={"client": "dev", "own": 'q"/'},
    )  # fmt: skip
    assert observed(engine) == [
        ("a", "client", "x", 1001),
        ("b", "client", "x", 7),
        ("c", "client", "x", 1),
        ("c", "own", "8", 1),
    ]


def test_a_key_that_only_some_files_have_is_named(engine: DuckEngine, data: Path) -> None:
    row = {"account_id": "a", "kind": "client", "value": "x", "seen_at": "2025-03-01"}
    (data / "a.jsonl").write_text(json.dumps(row), encoding="utf-8")
    (data / "b.jsonl").write_text(json.dumps(row | {"n": 5}), encoding="utf-8")
    facts = collect(engine, data)
    assert observed(engine) == [("a", "client", "x", 6)]
    assert facts["warnings"] == [
        "data: 1 of 2 files, such as a.jsonl, have no key 'n'; their rows were read without it"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("value", ['{"id": "u1"}', "[]", '["x"]'])
def test_a_nested_value_is_no_identifier(engine: DuckEngine, data: Path, value: str) -> None:
    lines = [OBJECT.decode(), f'{{"account_id":"b","kind":"client","value":{value}}}']
    lines += [f'{{"account_id":{value},"kind":"client","value":"x"}}']
    collect_bytes(engine, data / "a.jsonl", "\n".join(lines).encode())
    assert observed(engine) == [("007", "client", "x", 1)]
    assert rejected(engine) == [(2, "value", "nested_value"), (3, "account_id", "nested_value")]


def test_a_dotted_path_into_nested_columns_is_hinted_at(engine: DuckEngine, data: Path) -> None:
    line = b'{"user":{"id":"u1"},"client":{"net":{"ip":"93.184.1.9"}},"ts":"2025-03-01"}'
    inside = "'client.net.ip' is inside the column 'client': name it"
    refused(engine, data / "a.jsonl", line, inside, account="ts", kinds={"ip": "ip"})
    pq.write_table(pa.table({"user": [{"id": "u1"}]}), data / "a.parquet")
    with pytest.raises(InputError, match=r"'user\.id' is inside the column 'user': name it 'user\.id'"):
        collect(engine, data / "a.parquet", account="id", kinds={"ip": "ip"})


# --- databases ---------------------------------------------------------------------------------------------


def test_a_database_without_the_table_is_reported_what_it_states(engine: DuckEngine, data: Path) -> None:
    path = data / "a.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE logs (account_id)")
    connection.close()
    with pytest.raises(InputError, match="no such table: nothing"):
        collect_observations(engine, Settings(sources=(Source(database=str(path), table="nothing"),)))


def test_what_is_no_database_is_named(engine: DuckEngine, data: Path) -> None:
    path = data / "a.duckdb"
    path.write_bytes(b"hello" * 1000)
    with pytest.raises(InputError, match=r"logs: .*DuckDB or SQLite"):
        collect_observations(engine, Settings(sources=(Source(database=str(path), table="logs"),)))
    with pytest.raises(InputError, match=r"b\.duckdb: No such file"):
        collect_observations(
            engine, Settings(sources=(Source(database=str(data / "b.duckdb"), table="logs"),))
        )


# --- the machine -------------------------------------------------------------------------------------------


def test_a_full_disk_is_an_error_of_the_engine(data: Path) -> None:
    rows, wide = 200_000, "x" * 300  # five times what 60 MB hold, so that it has to spill wherever it runs
    table = {name: [f"{name}-{i * 7919}-{wide}" for i in range(rows)] for name in ("account_id", "value")}
    pq.write_table(pa.table(table | {"kind": ["client"] * rows}), data / "a.parquet")
    with DuckEngine(memory="60MB", threads=1) as engine:
        engine.rows("SELECT 1")
        engine.connection.execute("SET max_temp_directory_size = '1MB'")
        with pytest.raises(EngineError, match=r"disk|memory"):
            collect(engine, data / "a.parquet")
