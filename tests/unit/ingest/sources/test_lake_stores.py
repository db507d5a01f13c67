"""Tables of an Iceberg catalog in SQLite and of Delta at an address: versions, refusals, no secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import graphlink
from graphlink.core.errors import InputError, SettingsError
from graphlink.ingest.sources.lake_tables import lake_rows
from graphlink.ingest.sources.place import Place
from tests.iceberg_rest import TOKEN, rest_catalog
from tests.unit.ingest.sources.test_lake_tables import names, read, table

if TYPE_CHECKING:
    from collections.abc import Iterator


def configure(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """Let the environment have these properties of the catalog `lake`."""
    catalogs = pytest.importorskip("pyiceberg.catalog", reason="graphlink[iceberg] is not installed")
    from pyiceberg.utils.config import Config

    for name, value in values.items():
        monkeypatch.setenv(f"PYICEBERG_CATALOG__LAKE__{name.upper()}", value)
    monkeypatch.setattr(catalogs, "_ENV_CONFIG", Config())  # which is read once, at the import


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The table logs.calls of a catalog in SQLite: it lost ten rows and then was overwritten."""
    monkeypatch.setenv("PYICEBERG_HOME", str(tmp_path))  # no configuration of this machine
    configure(monkeypatch, uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{tmp_path}/lake")
    from pyiceberg.catalog import load_catalog

    catalog: Any = load_catalog("lake")
    catalog.create_namespace("logs")
    made = catalog.create_table("logs.calls", schema=table(1).schema)
    made.append(table(40))
    made.delete("account_id < 'a010'")
    made.manage_snapshots().create_tag(made.current_snapshot().snapshot_id, "reviewed").commit()
    made.overwrite(table(20, first=100))
    yield made
    catalog.close()


def of(version: str = "", name: str = "logs.calls", catalog: str = "lake") -> Place:
    return Place("log", format="iceberg", catalog=catalog, table=name, version=version)


def test_a_table_of_a_catalog_is_read_in_its_version(log: Any) -> None:
    first = str(log.snapshots()[0].snapshot_id)
    for version, expected in {"": names(20, 100), "reviewed": names(30, 10), first: names(40)}.items():
        actual, inputs = read(of(version))
        assert actual == expected, version
        assert str(inputs[0]["name"]).startswith("logs.calls@")
    assert len({str(read(of(version))[1][0]["sha256"]) for version in ("", "reviewed", first)}) == 3


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(("name", "version"), [("logs.none", ""), ("calls", ""), ("logs.calls", "17")])
def test_what_a_catalog_lacks_is_named(name: str, version: str) -> None:
    with pytest.raises(InputError, match=r"none|calls|17"):
        lake_rows(of(version, name))


@pytest.mark.usefixtures("log")
def test_a_catalog_that_is_not_configured_is_named_with_its_variables() -> None:
    with pytest.raises(SettingsError, match=r"no Iceberg catalog 'other' .*PYICEBERG_CATALOG__OTHER__URI"):
        lake_rows(of(catalog="other"))


def test_a_rest_catalog_that_does_not_answer_is_named_without_its_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure(monkeypatch, uri="http://127.0.0.1:9/api", token="hush-hush")
    with pytest.raises(InputError, match=r"lake, logs\.calls: .*keys that the environment has") as caught:
        lake_rows(of())
    assert "hush" not in str(caught.value)


def test_a_table_of_a_rest_catalog_is_read_in_its_version(log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with rest_catalog({("logs", "calls"): log}) as (uri, asked):
        configure(monkeypatch, uri=uri, token=TOKEN)
        assert read(of())[0] == names(20, 100)
        assert read(of("reviewed"))[0] == names(30, 10)
        assert "/v1/namespaces/logs/tables/calls" in asked
        with pytest.raises(InputError, match=r"logs\.none"):
            lake_rows(of(name="logs.none"))


def test_a_rest_catalog_that_knows_no_such_token_is_named_without_it(
    log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rest_catalog({("logs", "calls"): log}) as (uri, _):
        configure(monkeypatch, uri=uri, token="hush-hush")
        with pytest.raises(InputError, match=r"lake, logs\.calls: .*keys that the environment has") as caught:
            lake_rows(of())
    assert "hush" not in str(caught.value)


def test_a_catalog_loads_no_class_and_opens_no_file_elsewhere(log: Any, tmp_path: Path) -> None:
    metadata = Path(log.metadata_location.removeprefix("file://"))
    text = json.loads(metadata.read_text(encoding="utf-8"))
    text["properties"]["py-io-impl"] = "tests.nowhere.Reader"
    metadata.write_text(json.dumps(text), encoding="utf-8")
    assert read(of())[0] == names(20, 100)
    text["location"] = f"file://{tmp_path}/other"
    metadata.write_text(json.dumps(text), encoding="utf-8")
    with pytest.raises(InputError, match="which is not below it"):
        lake_rows(of())


@pytest.fixture
def delta(tmp_path: Path) -> Path:
    deltalake = pytest.importorskip("deltalake", reason="graphlink[delta] is not installed")
    folder = tmp_path / "log"
    deltalake.write_deltalake(folder, table(40))
    deltalake.DeltaTable(folder).delete("account_id < 'a010'")
    return folder


def test_delta_at_an_address_is_read_in_its_version(delta: Path) -> None:
    for version, expected in {"": names(30, 10), "0": names(40)}.items():
        actual, inputs = read(Place("log", path=f"file://{delta}", format="delta", version=version))
        assert actual == expected
        assert inputs[0]["name"] == f"log@{version or 1}"
        assert inputs == read(Place("log", path=str(delta), format="delta", version=version))[1]


def test_delta_at_an_address_names_no_file_elsewhere(delta: Path) -> None:
    log = delta / "_delta_log" / f"{1:020}.json"
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        if "add" in line:
            line["add"]["path"] = "../elsewhere.parquet"
    log.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    for stale in log.parent.glob("*.crc"):
        stale.unlink()
    with pytest.raises(InputError, match="which is not below it"):
        lake_rows(Place("log", path=f"file://{delta}", format="delta"))


def test_a_store_without_keys_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("deltalake", reason="graphlink[delta] is not installed")
    for name, value in {"AWS_ACCESS_KEY_ID": "key-of-hush", "AWS_SECRET_ACCESS_KEY": "hush-hush"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with pytest.raises(
        InputError, match=r"s3://bucket/log: Delta Lake could not be read: .*keys that the env"
    ) as caught:
        lake_rows(Place("log", path="s3://bucket/log", format="delta"))
    assert "hush" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.usefixtures("log")
def test_a_run_reads_a_table_of_a_catalog(tmp_path: Path) -> None:
    settings = tmp_path / "graphlink.toml"
    settings.write_text(
        '[[sources]]\nformat = "iceberg"\ncatalog = "lake"\ntable = "logs.calls"\nversion = "reviewed"\n',
        encoding="utf-8",
    )
    result = graphlink.run(settings)
    assert sorted(result.accounts.account_id) == names(30, 10)
    assert "logs.calls@" in str(result.manifest)
