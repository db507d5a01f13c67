"""Input, models and results in S3: what is there is read as the same files of this machine are.

The server is moto's, on this machine. It is no dependency of the extra `test`, since it brings 200 MB:
`pip install 'moto[server]'` runs these tests.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from pyarrow import fs

from graphlink.cli import commands
from graphlink.core.errors import InputError
from graphlink.core.settings import EngineSettings, Settings, Source, read_settings
from graphlink.ingest.sources.place import Place
from graphlink.model.saved import load_model
from graphlink.pipeline import check, run
from graphlink.result.result import read_result
from graphlink.samples import draw_world
from graphlink.storage.remote import stored_path
from graphlink.storage.result_folder.reading import read_table
from graphlink.task import located
from tests.engines.reading import alike, rows_of_table
from tests.unit.ingest.sources.test_lake_stores import configure
from tests.unit.ingest.sources.test_lake_tables import names, read, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink.result.result import Result

moto = pytest.importorskip("moto.server", reason="no S3 server; pip install 'moto[server]'")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"),
]
SECRET = "hush-hush"


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The URL of a server with a bucket `box`, which the environment names as a user's would."""
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
            environment.delenv(name, raising=False)
        environment.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        environment.setenv("AWS_ALLOW_HTTP", "true")
        environment.setenv("AWS_ACCESS_KEY_ID", "key-of-hush")
        environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        environment.setenv("AWS_REGION", "eu-west-1")
        made = fs.S3FileSystem(endpoint_override=f"http://{host}:{port}", allow_bucket_creation=True)
        made.create_dir("box")
        yield f"http://{host}:{port}"
    server.stop()


def put(folder: Path, name: str) -> str:
    """Copy a folder of this machine into the bucket; returns its URL."""
    bucket, _ = fs.FileSystem.from_uri("s3://box")
    fs.copy_files(str(folder), f"box/{name}", destination_filesystem=bucket)
    return f"s3://box/{name}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_world(3, 200).write(tmp_path_factory.mktemp("a world"))


@pytest.fixture(scope="module")
def there(store: str, world: Path) -> Settings:
    """The settings of the world with URLs in the bucket for all paths, of the two schemes."""
    url, settings = put(world.parent, "a world"), read_settings(world)
    assert settings.accounts
    return replace(
        settings,
        sources=tuple(replace(one, path=f"{url}/{one.path}") for one in settings.sources),
        accounts=replace(settings.accounts, path=f"s3a://box/a world/{settings.accounts.path}"),
        references=tuple(replace(one, path=f"{url}/{one.path}") for one in settings.references),
    )


@pytest.fixture(scope="module")
def here(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    settings = located(read_settings(world), world.parent)
    return run(settings, out=tmp_path_factory.mktemp("here") / "result")


def test_a_run_on_s3_is_that_of_paths(there: Settings, here: Result, tmp_path: Path) -> None:
    actual = run(there, out=tmp_path / "result")
    assert actual.manifest["tables"]["links"]["rows"]
    for name, facts in here.manifest["tables"].items():
        assert actual.manifest["tables"][name]["sha256"] == facts["sha256"], name
    assert SECRET not in json.dumps(actual.manifest)


@pytest.mark.usefixtures("store")
def test_text_in_s3_is_read_by_folder_and_glob(tmp_path: Path) -> None:
    rows = table(40).to_pylist()
    text = "\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows[:20])])
    lines = "\n".join(json.dumps(row, default=str) for row in rows[20:])
    (tmp_path / "day=1").mkdir()
    (tmp_path / "day=1" / "one.csv.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "two.jsonl").write_text(lines, encoding="utf-8")
    url = put(tmp_path, "text")
    for path, expected in (
        (url, 40),
        (f"{url}/", 40),
        (f"{url}/day=*/*.csv.gz", 20),
        (f"{url}/two.jsonl", 20),
    ):
        assert check(path)["n_accounts"] == expected, path


@pytest.mark.usefixtures("store")
def test_delta_in_s3_is_read_in_its_version() -> None:
    deltalake = pytest.importorskip("deltalake", reason="graphlink[delta] is not installed")
    deltalake.write_deltalake("s3://box/delta", table(40))
    deltalake.DeltaTable("s3://box/delta").delete("account_id < 'a010'")
    for version, expected in {"": names(30, 10), "0": names(40)}.items():
        actual, inputs = read(Place("log", path="s3://box/delta", format="delta", version=version))
        assert actual == expected
        assert inputs[0]["name"] == f"delta@{version or 1}"


def test_iceberg_in_s3_is_read_through_its_catalog(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYICEBERG_HOME", str(tmp_path))  # no configuration of this machine
    at = {"s3__endpoint": store, "s3__region": "eu-west-1"}  # PyIceberg takes no AWS_ENDPOINT_URL
    configure(monkeypatch, uri=f"sqlite:///{tmp_path}/catalog.db", warehouse="s3://box/lake", **at)
    from pyiceberg.catalog import load_catalog

    catalog: Any = load_catalog("lake")
    catalog.create_namespace("logs")
    made = catalog.create_table("logs.calls", schema=table(1).schema)
    made.append(table(40))
    made.delete("account_id < 'a010'")
    actual, inputs = read(Place("log", format="iceberg", catalog="lake", table="logs.calls"))
    assert actual == names(30, 10)
    assert str(inputs[0]["name"]).startswith("logs.calls@")
    catalog.close()


@pytest.mark.usefixtures("store")
def test_a_result_that_was_copied_to_s3_is_read_there(here: Result, tmp_path: Path) -> None:
    url = put(here.path, "copied")
    result = read_result(url)
    result.verify()
    assert result.table("links").equals(here.table("links"))
    assert load_model(url) == load_model(here.path)
    for arguments in (["clusters"], ["verify"], ["report", "--out", str(tmp_path / "report"), "--quiet"]):
        done = CliRunner().invoke(commands, [arguments[0], url, *arguments[1:]])
        assert done.exit_code == 0, done.output
    assert (tmp_path / "report" / "index.html").is_file()


def test_spark_reads_s3_and_writes_a_result_there(
    there: Settings, here: Result, sail: str, tmp_path: Path
) -> None:
    limits = EngineSettings(name="spark", remote=sail, folder=str(tmp_path / "temporary"))
    first = run(there, out="s3://box/results/spark", limits=limits)
    second = run(there, out="s3://box/results/spark", limits=limits, overwrite=True)
    assert first.manifest["folder"] != second.manifest["folder"]
    result = read_result("s3://box/results/spark")
    result.verify()
    for name in ("observations", "links", "membership", "clusters"):
        left, right = rows_of_table(here, name), rows_of_table(result, name)
        assert len(left) == len(right), name
        assert all(alike(x, y) for x, y in zip(left, right, strict=True)), name
    assert read_table(result.path, "links", ["bits"]).num_rows == len(here.table("links"))
    assert stored_path("s3://box/results/spark").names() == [second.manifest["folder"], "run.json"]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("s3://nobox/log.csv", ""),
        ("s3://box/none.csv", ""),
        ("s3://nobox/log", "delta"),
        ("s3://box/no", "delta"),
    ],
)
def test_what_is_not_in_s3_is_named_without_the_keys(path: str, form: str) -> None:
    if form:
        pytest.importorskip("deltalake", reason="graphlink[delta] is not installed")
    with pytest.raises(InputError) as caught:
        check(Settings(sources=(Source(path=path, format=form),)))
    assert str(caught.value).startswith(f"{path}: ")
    assert "hush" not in str(caught.value)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("path", ["s3://box/log.csv", "s3://box/log/"])
def test_keys_that_s3_refuses_are_not_shown(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # From the first request on keys are looked at, and no user has these.
    monkeypatch.setattr("moto.settings.INITIAL_NO_AUTH_ACTION_COUNT", 0.0)
    with pytest.raises(InputError, match=f"^{path}: .*keys to the store") as caught:
        check(path)
    assert "hush" not in str(caught.value)
