"""A lake table is what its log lists: rows deleted or overwritten are none of its rows, and accuse nobody."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import graphlink
from graphlink.core.errors import InputError, SettingsError, TableFormatError
from graphlink.core.settings import Settings, Source
from graphlink.ingest.sources.lake_tables import lake_rows
from graphlink.ingest.sources.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COLUMNS = ("account_id", "kind", "value", "seen_at")


def table(n: int, kind: str = "ip", first: int = 0) -> pa.Table:
    numbers = range(first, first + n)
    seen = pa.array([1772323200_000_000 + i for i in numbers], pa.timestamp("us", "UTC"))
    return pa.table(
        {
            "account_id": [f"a{i:03}" for i in numbers],
            "kind": [kind] * n,
            "value": [f"93.184.1.{i // 2}" for i in numbers],
            "seen_at": seen,
        }
    )


def read(place: Place) -> tuple[list[str], list[dict[str, object]]]:
    rows, inputs = lake_rows(place)
    batches = list(rows.batches)
    assert batches[0].num_rows == 0
    assert rows.names[:4] == list(COLUMNS)
    return sorted(cell for batch in batches for cell in batch.column(0).to_pylist()), inputs


def names(n: int, first: int = 0) -> list[str]:
    return [f"a{i:03}" for i in range(first, first + n)]


# --- Delta Lake --------------------------------------------------------------------------------------------


@pytest.fixture
def delta(tmp_path: Path) -> Path:
    """Version 0 has 40 rows, 1 lacks the first ten, 2 is overwritten by 20 others, 3 has another column."""
    deltalake = pytest.importorskip("deltalake", reason="graphlink[delta] is not installed")
    folder = tmp_path / "a log"
    deltalake.write_deltalake(folder, table(40))
    deltalake.DeltaTable(folder).delete("account_id < 'a010'")
    deltalake.write_deltalake(folder, table(20, first=100), mode="overwrite")
    more = table(1, first=200).append_column("port", pa.array([80]))
    deltalake.write_deltalake(folder, more, mode="append", schema_mode="merge")
    return folder


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("", [*names(20, 100), "a200"]),
        ("3", [*names(20, 100), "a200"]),
        ("2", names(20, 100)),
        ("1", names(30, 10)),
        ("0", names(40)),
        ("2999-01-01T00:00:00Z", [*names(20, 100), "a200"]),
    ],
)
def test_delta_is_read_in_its_version(delta: Path, version: str, expected: list[str]) -> None:
    actual, inputs = read(Place("log", path=str(delta), format="delta", version=version))
    assert actual == expected
    assert inputs[0]["name"] == f"a log@{version if version.isdecimal() else 3}"


def test_the_digest_of_a_version_is_that_of_its_files(delta: Path) -> None:
    def digest(version: str) -> object:
        return read(Place("log", path=str(delta), format="delta", version=version))[1][0]["sha256"]

    assert digest("0") == digest("0")
    assert len({digest(version) for version in "0123"}) == 4


@pytest.mark.parametrize("version", ["17", "yesterday", "-1"])
def test_a_version_of_delta_that_is_not_there_is_an_error(delta: Path, version: str) -> None:
    with pytest.raises(InputError, match=f"a log, version '{version}': Delta Lake could not be read"):
        read(Place("log", path=str(delta), format="delta", version=version))


def test_a_folder_that_is_no_delta_table_is_an_error(tmp_path: Path) -> None:
    pytest.importorskip("deltalake", reason="graphlink[delta] is not installed")
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match="Delta Lake could not be read"):
            read(Place("log", path=str(path), format="delta"))
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "named",
    [
        "file://{0}/elsewhere.parquet",
        "{0}/elsewhere.parquet",
        "../elsewhere.parquet",
        "%2E%2E/elsewhere.parquet",
    ],
)
def test_a_log_of_delta_that_names_a_file_elsewhere_is_refused(
    delta: Path, tmp_path: Path, named: str
) -> None:
    file = next(delta.glob("*.parquet"))
    elsewhere = tmp_path / "elsewhere.parquet"
    shutil.copy(file, elsewhere)
    _rename(delta, named.format(tmp_path))
    with pytest.raises(InputError, match=r"elsewhere\.parquet, which is not in its folder"):
        read(Place("log", path=str(delta), format="delta"))


def _rename(delta: Path, named: str) -> None:
    """Let the last version of a log name its files otherwise."""
    log = delta / "_delta_log" / f"{3:020}.json"
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        if "add" in line:
            line["add"]["path"] = named
    log.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    for stale in (delta / "_delta_log").glob("*.crc"):
        stale.unlink()


@pytest.mark.parametrize(
    "named",
    [
        "..\\elsewhere.parquet",
        ".\t./elsewhere.parquet",
        "FILE:///{0}/elsewhere.parquet",
        "l.parquet?x",
        "l #x",
    ],
)
def test_a_log_of_delta_that_names_a_file_as_an_address_is_refused(
    delta: Path, tmp_path: Path, named: str
) -> None:
    _rename(delta, named.format(tmp_path))
    with pytest.raises(InputError, match="names with such signs are not read"):
        read(Place("log", path=str(delta), format="delta"))


# --- Iceberg -----------------------------------------------------------------------------------------------


@pytest.fixture
def iceberg(tmp_path: Path) -> tuple[Path, Any]:
    """Rows as of the table of Delta, in snapshots; the second has a tag."""
    pytest.importorskip("pyiceberg", reason="graphlink[iceberg] is not installed")
    pytest.importorskip("sqlalchemy", reason="the catalog of this test needs SQLAlchemy")
    from pyiceberg.catalog.memory import InMemoryCatalog

    catalog = InMemoryCatalog("made", warehouse=f"file://{tmp_path}")
    catalog.create_namespace("n")
    made = catalog.create_table("n.log", schema=table(1).schema)
    made.append(table(40))
    made.delete("account_id < 'a010'")
    made.manage_snapshots().create_tag(made.current_snapshot().snapshot_id, "reviewed").commit()
    made.overwrite(table(20, first=100))
    return tmp_path / "n" / "log", made


def test_iceberg_is_read_in_its_version(iceberg: tuple[Path, Any]) -> None:
    folder, made = iceberg
    first = str(made.snapshots()[0].snapshot_id)
    newest = str(made.current_snapshot().snapshot_id)
    for version, expected in {
        "": names(20, 100),
        newest: names(20, 100),
        "reviewed": names(30, 10),
        "main": names(20, 100),
        first: names(40),
        "2999-01-01T00:00:00Z": names(20, 100),
    }.items():
        actual, inputs = read(Place("log", path=str(folder), format="iceberg", version=version))
        assert actual == expected, version
        assert str(inputs[0]["name"]).startswith("log@")
    metadata = made.metadata_location.removeprefix("file://")
    assert read(Place("log", path=metadata, format="iceberg"))[0] == names(20, 100)


@pytest.mark.parametrize("version", ["17", "yesterday", "1970-01-01T00:00:00Z"])
def test_a_version_of_iceberg_that_is_not_there_is_an_error(iceberg: tuple[Path, Any], version: str) -> None:
    with pytest.raises(InputError, match=version):
        read(Place("log", path=str(iceberg[0]), format="iceberg", version=version))


def test_two_writers_of_one_version_are_not_guessed_between(iceberg: tuple[Path, Any]) -> None:
    folder, made = iceberg
    newest = folder / "metadata" / made.metadata_location.rpartition("/")[2]
    number = newest.name.partition("-")[0]
    shutil.copy(newest, newest.with_name(f"{number}-00000000-0000-0000-0000-000000000000.metadata.json"))
    with pytest.raises(InputError, match=r"only the catalog knows .* name that metadata file"):
        read(Place("log", path=str(folder), format="iceberg"))
    (folder / "metadata" / "version-hint.text").write_text("1", encoding="ascii")
    assert read(Place("log", path=str(folder), format="iceberg"))[0] == names(40)


def test_metadata_of_iceberg_load_no_code_and_name_no_file_elsewhere(
    iceberg: tuple[Path, Any], tmp_path: Path
) -> None:
    folder, made = iceberg
    newest = folder / "metadata" / made.metadata_location.rpartition("/")[2]
    text = json.loads(newest.read_text(encoding="utf-8"))
    text["properties"]["py-io-impl"] = "tests.nowhere.Reader"
    newest.write_text(json.dumps(text), encoding="utf-8")
    assert read(Place("log", path=str(folder), format="iceberg"))[0] == names(20, 100)
    copied = tmp_path / "copied"
    shutil.copytree(folder, copied)  # its metadata name the files of the first folder
    with pytest.raises(InputError, match="which is not in its folder"):
        read(Place("log", path=str(copied), format="iceberg"))


@pytest.mark.parametrize("manifests", ["s3://elsewhere/m.avro", "/elsewhere/m.avro", "{0}/metadata/m.avro?x"])
def test_iceberg_opens_no_manifests_elsewhere(iceberg: tuple[Path, Any], manifests: str) -> None:
    folder, made = iceberg
    newest = folder / "metadata" / made.metadata_location.rpartition("/")[2]
    text = json.loads(newest.read_text(encoding="utf-8"))
    for snapshot in text["snapshots"]:
        snapshot["manifest-list"] = manifests.format(folder)
    newest.write_text(json.dumps(text), encoding="utf-8")
    with pytest.raises(InputError, match=r"which is not in its folder|names with such signs are not read"):
        read(Place("log", path=str(folder), format="iceberg"))


def test_a_folder_that_is_no_iceberg_table_is_an_error(tmp_path: Path) -> None:
    pytest.importorskip("pyiceberg", reason="graphlink[iceberg] is not installed")
    with pytest.raises(InputError, match="no Iceberg table"):
        read(Place("log", path=str(tmp_path), format="iceberg"))


# --- both --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_run_reads_the_rows_of_the_version_and_no_others(delta: Path, tmp_path: Path) -> None:
    settings = tmp_path / "graphlink.toml"

    def accounts(version: str) -> list[str]:
        settings.write_text(
            f'[[sources]]\npath = "a log"\nformat = "delta"\nversion = "{version}"\n', encoding="utf-8"
        )
        result = graphlink.run(settings)
        assert str(tmp_path) not in str(result.manifest)
        assert "a log@" in str(result.manifest)
        return sorted(result.accounts.account_id)

    assert accounts("") == [*names(20, 100), "a200"]
    assert accounts("1") == names(30, 10)


def test_a_table_without_its_format_is_refused_with_the_setting(delta: Path) -> None:
    with pytest.raises(TableFormatError, match='Set format = "delta" next to a path'):
        graphlink.run(str(delta))


@pytest.mark.parametrize(
    ("format_", "module", "extra"),
    [("delta", "deltalake", "delta"), ("iceberg", "pyiceberg.catalog.noop", "iceberg")],
)
def test_a_missing_library_is_named_with_its_extra(
    format_: str, module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SettingsError, match=rf"pip install 'graphlink\[{extra}\]'"):
        read(Place("log", path=str(tmp_path), format=format_))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Source(path="t", format="hudi"), "format"),
        (lambda: Source(path="t", version="1"), "version: expected a format beside it"),
        (lambda: Source(path="s3://bucket/t", format="iceberg"), "read through its catalog"),
        (lambda: Source(catalog="lake", table="n.log"), 'catalog: expected format = "iceberg" and a table'),
        (
            lambda: Source(catalog="lake", format="iceberg"),
            'catalog: expected format = "iceberg" and a table',
        ),
        (
            lambda: Source(catalog="https://me:hush@host/api", format="iceberg", table="n.t"),
            "expected the name of a catalog",
        ),
        (lambda: Source(database="x.duckdb", format="delta"), "a folder of this machine"),
        (lambda: Source(path="t", format="delta", query="FROM files"), "without a query"),
    ],
)
def test_a_format_that_means_nothing_is_refused(make: Callable[[], Source], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        make()


def test_settings_without_a_format_keep_their_fingerprint() -> None:
    assert (
        not {"format", "version", "catalog"}
        & Settings(sources=(Source(path="log.csv"),)).stated()["sources"][0].keys()
    )
