"""Columns whose values are in the names of folders."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.errors import InputError
from graphlink.core.settings import Settings, Source, settings_from
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.suggest_settings import suggest_settings
from graphlink.storage.partitions import above_partitions, partition_of
from tests.collected import collect_observations

if TYPE_CHECKING:
    from collections.abc import Iterator

import tomllib

DAYS = ("2026-03-01", "2026-03-02")


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(memory="1GB", threads=1) as made:
        yield made


def written(folder: Path, form: str) -> Path:
    """Files of two days and two regions; region is empty for the second."""
    for i, (day, region) in enumerate(zip(DAYS, ("eu", "__HIVE_DEFAULT_PARTITION__"), strict=True)):
        place = folder / "log" / f"dt={day}" / f"region={region}" / f"part-0.{form}"
        place.parent.mkdir(parents=True)
        row = {"who": f"u{i}", "ip": f"20.1.2.{i}"}
        if form == "parquet":
            pq.write_table(pa.Table.from_pylist([row]), place)
        else:
            place.write_text(json.dumps(row) if form == "jsonl" else f"who,ip\n{row['who']},{row['ip']}\n")
    return folder / "log"


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_the_names_of_folders_are_columns(engine: DuckEngine, tmp_path: Path, form: str) -> None:
    kinds = {"ip": "ip", "place": "region"}
    source = Source(path=str(written(tmp_path, form)), account="who", time="dt", kinds=kinds)
    collect_observations(engine, Settings(now="2026-06-01T00:00:00Z", sources=(source,)))
    seen = engine.rows(
        "SELECT account_id, kind, value, strftime(seen_at, '%Y-%m-%d') FROM observations ORDER BY ALL"
    )
    assert seen == [
        ("u0", "ip", "20.1.2.0", DAYS[0]),
        ("u0", "place", "eu", DAYS[0]),
        ("u1", "ip", "20.1.2.1", DAYS[1]),
    ]


def test_a_column_in_the_file_comes_first(engine: DuckEngine, tmp_path: Path) -> None:
    place = tmp_path / "who=x" / "a.csv"
    place.parent.mkdir()
    place.write_text("who,ip\nu1,20.1.2.3\n")
    source = Source(path=str(tmp_path), account="who", time="", kinds={"ip": "ip"})
    collect_observations(engine, Settings(sources=(source,)))
    assert engine.rows("SELECT account_id FROM observations") == [("u1",)]


def test_a_folder_that_only_some_files_have_is_no_column(engine: DuckEngine, tmp_path: Path) -> None:
    for place in (tmp_path / "dt=2026-03-01" / "a.csv", tmp_path / "b.csv"):
        place.parent.mkdir(exist_ok=True)
        place.write_text("who,ip\nu1,20.1.2.3\n")
    source = Source(path=str(tmp_path), account="who", time="dt", kinds={"ip": "ip"})
    with pytest.raises(InputError, match="no column 'dt'"):
        collect_observations(engine, Settings(sources=(source,)))


def test_partitions_are_suggested_as_one_source(tmp_path: Path) -> None:
    root = written(tmp_path, "csv")
    values: dict[str, Any] = tomllib.loads(suggest_settings([root]))
    (source,) = settings_from(values).sources
    assert source.path == str(root / "**" / "part-0*.csv")
    assert (source.account, source.time) == ("who", "dt")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.csv", {}),
        ("log/dt=2026-03-01/h=1/x.csv", {"dt": "2026-03-01", "h": "1"}),
        ("at=10%3A00/x.csv", {"at": "10:00"}),
        ("=x/y=/a=b.csv", {"y": ""}),
    ],
)
def test_partitions_are_read_from_folders_only(path: str, expected: dict[str, str]) -> None:
    assert partition_of(PurePosixPath(path)) == expected


def test_the_folder_above_partitions() -> None:
    assert above_partitions(Path("/a/b/dt=1/h=2")) == Path("/a/b")
    assert above_partitions(Path("/a/b")) == Path("/a/b")
