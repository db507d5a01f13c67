"""Sightings of new accounts: a value a row or a column a kind, and errors that name the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.errors import InputError
from graphlink.workspace.screening import Sighting
from graphlink.workspace.sightings import read_sightings
from tests.unit.workspace.small_results import day

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, text: str) -> list[Sighting]:
    place = folder / "new.csv"
    place.write_text(text, encoding="utf-8")
    return read_sightings(place)


def test_a_value_a_row_and_a_column_a_kind_are_the_same(tmp_path: Path) -> None:
    expected = [
        Sighting("n1", "ip", "203.0.113.7", day(0)),
        Sighting("n1", "payment", "card-1", day(0)),
        Sighting("n2", "ip", "198.51.100.9", None),
    ]
    long = (
        "account_id,kind,value,seen_at\nn1,ip,203.0.113.7,2026-03-02T00:00:00Z\n"
        "n1,payment,card-1,2026-03-02\n n2 ,ip,198.51.100.9,\n"
    )
    wide = "account_id,seen_at,ip,payment\nn1,2026-03-02,203.0.113.7,card-1\nn2,,198.51.100.9,\n"
    assert read(tmp_path, long) == read(tmp_path, wide) == expected
    place = tmp_path / "new.parquet"
    columns = {
        "account_id": ["n1", "n2"],
        "seen_at": pa.array([day(0), None], pa.timestamp("us", "UTC")),
        "ip": ["203.0.113.7", "198.51.100.9"],
        "payment": ["card-1", None],
    }
    pq.write_table(pa.table(columns), place)
    assert read_sightings(place) == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no column account_id; expected account_id, kind, value, seen_at; or account_id, seen_at and"),
        ("account,ip\n", "no column account_id"),
        ("account_id,kind\n", "kind and value come together"),
        ("account_id,ip,ip\n", "column ip is there twice"),
        ("account_id,kind,value,place\n", "unknown column place"),
        ("account_id,ip\nn1\n", "row 1: expected 2 cells, found 1"),
        ("account_id,ip\nn1,1\n ,2\n", "row 2, column account_id: it is empty"),
        (
            "account_id,ip,seen_at\nn1,203.0.113.7,soon\n",
            "row 1, column seen_at: expected a time such as 2026-03-02T10:00:00Z, found soon",
        ),
        ('account_id,ip\nn1,"' + "x" * 200_000 + '"\n', "it is no CSV: field larger than field limit"),
    ],
)
def test_a_fault_names_its_place(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(InputError, match=r"accounts .*new.csv") as error:
        read(tmp_path, text)
    assert fault in str(error.value)


def test_what_is_no_file_of_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_bytes(b"account_id,ip\nn\xff,1\n")
    with pytest.raises(InputError, match="it is not UTF-8"):
        read_sightings(tmp_path / "new.csv")
    (tmp_path / "new.parquet").write_bytes(b"no parquet")
    with pytest.raises(InputError, match="it is no Parquet that can be read"):
        read_sightings(tmp_path / "new.parquet")
