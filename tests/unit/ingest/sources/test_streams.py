"""Streams of Arrow: types that only a database knows are refused with what to do."""

from __future__ import annotations

import contextlib

import pyarrow as pa
import pytest

from graphlink.core.errors import InputError
from graphlink.ingest.sources.streams import rows_of


def stream(column: pa.Array) -> pa.RecordBatchReader:
    return pa.table({"address": column}).to_reader()


def test_a_type_of_a_database_that_comes_as_bytes_is_refused() -> None:
    inet = pa.opaque(pa.binary(), "inet", "PostgreSQL")
    column = pa.ExtensionArray.from_storage(inet, pa.array([b"\x02\x20\x00\x04"], pa.binary()))
    with pytest.raises(InputError, match="log: column address has the database's own type inet; cast it"):
        list(rows_of(stream(column), "log", contextlib.nullcontext).batches)


def test_one_that_comes_as_text_is_read() -> None:
    numeric = pa.opaque(pa.string(), "numeric", "PostgreSQL")
    column = pa.ExtensionArray.from_storage(numeric, pa.array(["1.50"]))
    batches = list(rows_of(stream(column), "log", contextlib.nullcontext).batches)
    assert [row for batch in batches for row in batch.to_pylist()] == [{"c0": "1.50"}]
