"""Folders whose files are not the table are refused by name, however they are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.errors import InputError, TableFormatError
from graphlink.core.settings import AccountSource, Labels, Reference, Settings, Source
from graphlink.ingest.suggest_settings import suggest, suggest_settings
from graphlink.pipeline import check, run
from graphlink.storage.files import find_files
from graphlink.storage.lake import lake_table_among

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.progress import Progress

TABLE = pa.table({"account_id": ["a", "b"], "kind": ["client"] * 2, "value": ["x"] * 2})

# What is in the folder of a table beside its data: format, marker, a file of data.
LAKES = [
    ("Delta Lake", "_delta_log/00000000000000000000.json", "part-0.parquet"),
    ("Delta Lake", "_delta_log/00000000000000000010.checkpoint.parquet", "day=1/part-0.parquet"),
    ("Apache Iceberg", "metadata/v3.metadata.json", "data/day=1/0.parquet"),
    ("Apache Iceberg", "metadata/00001-5c1f.gz.metadata.json", "data/0.parquet"),
    ("Apache Iceberg", "metadata/version-hint.text", "data/0.parquet"),
    ("Apache Hudi", ".hoodie/hoodie.properties", "2026/03/01/0.parquet"),
    ("Spark Structured Streaming", "_spark_metadata/0", "part-0.parquet"),
    ("Apache Paimon", "schema/schema-0", "bucket-0/data-0.parquet"),
    ("Lance", "_versions/1.manifest", "data/0.parquet"),
    ("Hive ACID", "delta_0000001_0000001_0000/000000_0", "delta_0000001_0000001_0000/0.parquet"),
    ("Hive ACID", "delete_delta_0000002_0000002/bucket_0", "base_0000003/0.parquet"),
    ("DuckLake", "x", "main/log/ducklake-01912345-6789-7abc-8def-0123456789ab.parquet"),
]


def lake(folder: Path, marker: str, data: str) -> Path:
    for name in (marker, data):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / marker).write_text("{}", encoding="utf-8")
    pq.write_table(TABLE, folder / data)
    return folder


@pytest.mark.parametrize(("form", "marker", "data"), LAKES)
def test_a_table_is_refused_by_its_folder_its_files_globs_and_what_holds_it(
    tmp_path: Path, form: str, marker: str, data: str
) -> None:
    root = lake(tmp_path / "lake" / "t", marker, data)
    for path in (root, (root / data).parent, root / data, root / "**" / "*.parquet", tmp_path, root.parent):
        with pytest.raises(TableFormatError) as caught:
            find_files(str(path))
        text = str(caught.value)
        assert f"{form} table" in text
        assert str(root) in text
        assert "Arrow table" in text
        assert "export a snapshot" in text


def test_links_lead_to_the_table_too(tmp_path: Path) -> None:
    root = lake(tmp_path / "t", "_delta_log/0.json", "part-0.parquet")
    (tmp_path / "one.parquet").symlink_to(root / "part-0.parquet")
    (tmp_path / "all").symlink_to(root, target_is_directory=True)
    for name in ("one.parquet", "all", "all/part-0.parquet", "all/*.parquet"):
        with pytest.raises(TableFormatError, match="Delta Lake"):
            find_files(str(tmp_path / name))


def test_a_relative_path_inside_the_table_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = lake(tmp_path / "t", "metadata/v1.metadata.json", "data/0.parquet")
    monkeypatch.chdir(root / "data")
    for path in (".", "0.parquet", "*.parquet"):
        with pytest.raises(TableFormatError, match="Apache Iceberg"):
            find_files(path)


@pytest.mark.parametrize(
    "names",
    [
        ["_SUCCESS", "part-0.parquet"],
        ["metadata/notes.json", "schema/log.json", "data/0.parquet"],
        ["delta_20260301/0.parquet", "base_20260301/0.parquet"],
        ["_versions/readme.txt", "0.parquet"],
        ["delta/0.parquet", "hoodie/0.parquet", "ducklake-notes.parquet"],
    ],
)
def test_other_folders_are_read(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(TABLE, tmp_path / name)
    assert find_files(str(tmp_path)).paths
    assert lake_table_among(str(tmp_path / name) for name in names) is None


@pytest.mark.slow
def test_run_check_and_init_refuse_it_wherever_it_is_named(tmp_path: Path) -> None:
    root = lake(tmp_path / "lake", "_delta_log/0.json", "part-0.parquet")
    good, listed = tmp_path / "good.parquet", root / "list.csv"
    pq.write_table(TABLE, good)
    listed.write_text("network,label,type\n203.0.113.0/28,Mill,vpn\n", encoding="utf-8")
    source = Source(path=str(good))
    wrong = [
        Settings(sources=(source, Source(path=str(root)))),
        Settings(sources=(source,), accounts=AccountSource(path=str(root))),
    ]
    late = [
        Settings(sources=(source,), references=(Reference(path=str(listed)),)),
        Settings(sources=(source,), labels=Labels(path=str(root / "part-0.parquet"))),
    ]
    for settings in wrong:
        with pytest.raises(TableFormatError, match="Delta Lake"):
            check(settings)
    for settings in wrong + late:
        steps: list[Progress] = []
        with pytest.raises(TableFormatError, match="Delta Lake"):
            run(settings, progress=steps.append)
        assert steps == [], "it is refused before anything is read"
    with pytest.raises(InputError, match="Delta Lake"):
        suggest_settings([root])
    made = suggest([good, root])
    assert [line for line in made.lines if str(root) in line and "Delta Lake" in line]
    assert f'path = "{root}' not in made.text


@pytest.mark.slow
@pytest.mark.parametrize(("form", "marker", "data"), LAKES)
def test_a_table_at_an_address_is_refused_without_spark(
    tmp_path: Path, form: str, marker: str, data: str
) -> None:
    root = lake(tmp_path / "lake" / "t", marker, data)
    for path in (root, (root / data).parent, root / data, (root / data).parent / "*.parquet", tmp_path):
        with pytest.raises(TableFormatError, match=f"file://.*{form}"):
            check(f"file://{path}")
