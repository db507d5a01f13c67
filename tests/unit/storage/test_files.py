"""Which files a path names, and what their heads tell."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.errors import InputError
from graphlink.storage.files import (
    address_of,
    digest_file,
    find_files,
    form_of,
    parquet_columns,
    peek_file,
    read_sample,
)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.csv", "csv"),
        ("A.CSV.GZ", "csv"),
        ("a.b.tsv.zst", "csv"),
        ("a.jsonl", "lines"),
        ("a.ndjson.gz", "lines"),
        ("a.json", "json"),
        ("a.pq", "parquet"),
        ("a.parquet.gz", ""),
        ("a.gz", ""),
        ("csv", ""),
        ("a.csv.bak", ""),
    ],
)
def test_the_form_is_reported_by_the_name(tmp_path: Path, name: str, form: str) -> None:
    assert form_of(tmp_path / name) == form


@pytest.mark.parametrize(
    ("head", "delimiter", "columns"),
    [
        ("a,b\n1,2\n", ",", ("a", "b")),
        ("a;b\n1,5;2\n", ";", ("a", "b")),
        ("a|b|c\n1|2|3\n", "|", ("a", "b", "c")),
        ('"x;y;z",b\n1,2\n', ",", ("x;y;z", "b")),
        ("a,b;c,d\n1,2;2,3\n", ",", ("a", "b;c", "d")),
        ("only\n1\n", ",", ("only",)),
        ("\ufeff a , b \n1,2\n", ",", ("a", "b")),
        ('a,"b\nc"\n1,2\n', ",", ("a", "b\nc")),
        ("\n\na,b\n1,2\n", ",", ("a", "b")),
    ],
)
def test_the_delimiter_is_what_cuts_rows_like_the_header(
    tmp_path: Path, head: str, delimiter: str, columns: tuple[str, ...]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(head, encoding="utf-8")
    actual = peek_file(path)
    assert (actual.delimiter, actual.columns) == (delimiter, columns)


@pytest.mark.parametrize("compression", [None, "gzip", "zstd"])
def test_compressed_files_are_read(tmp_path: Path, compression: str | None) -> None:
    path = tmp_path / ("a.csv" + {None: "", "gzip": ".gz", "zstd": ".zst"}[compression])
    with pa.output_stream(path, compression=compression) as file:
        file.write(b"a,b\n1,\n3,4\n")
    assert read_sample(path, 10) == (("a", "b"), [{"a": "1"}, {"a": "3", "b": "4"}])


def test_columns_of_json_are_gathered_over_objects(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\nbroken\n{"b": {"c": 2}, "a": null}\n')
    assert read_sample(path, 10) == (("a", "b"), [{"a": "1"}, {"b": '{"c": 2}'}])


def test_a_sample_of_parquet_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [7, None], "b": ["x", ""]}), path)
    assert read_sample(path, 1) == (("a", "b"), [{"a": "7", "b": "x"}])
    assert parquet_columns(path) == ("a", "b")
    path.write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"a\.parquet: it is no whole Parquet file"):
        read_sample(path, 1)


def test_files_are_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / name).write_text("a\n")
    text = find_files(str(tmp_path))
    assert [path.name for path in text.paths] == ["a.csv", "b.csv"]
    assert text.skipped == ((str(tmp_path / "c.txt"), "no table by its name"),)
    assert [path.name for path in find_files(str(tmp_path / "[ab].csv")).paths] == ["a.csv", "b.csv"]
    with pytest.raises(InputError, match="no such file"):
        find_files(str(tmp_path / "*.parquet"))


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("s3://bucket/a b/*.parquet", "s3://bucket/a b/*.parquet"),
        (Path("s3://bucket/x"), "s3://bucket/x"),
        ("hdfs:///x/log", "hdfs:///x/log"),
        ("file:///x/log", "file:///x/log"),
        (Path("file:///x/log"), "file:///x/log"),
        ("abfss://c@store.example/x", "abfss://c@store.example/x"),
        ("/data/s3://x", ""),
        ("C:/data", ""),
        ("data/x.csv", ""),
    ],
)
def test_a_store_elsewhere_is_reported_from_a_path(path: str | Path, address: str) -> None:
    assert address_of(path) == address
    if address:
        with pytest.raises(InputError, match=re.escape(f"{address}: files are looked at on this machine")):
            find_files(str(path))


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"hello", mtime=0))
    assert digest_file(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(InputError, match="No such file"):
        digest_file(tmp_path / "none")
