"""A result at an address: written by Spark, read back like any other, and never half there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from pyarrow import fs

from graphlink import pipeline
from graphlink.cli import commands
from graphlink.core.errors import EngineError, ResultError, SettingsError
from graphlink.core.schema import TABLES
from graphlink.core.settings import EngineSettings, read_settings
from graphlink.model.saved import load_model
from graphlink.pipeline import run
from graphlink.result.result import read_result
from graphlink.samples import draw_world
from graphlink.storage import remote
from graphlink.storage.remote import StoredPath, stored_path
from graphlink.storage.result_folder.layout import manifest_of
from graphlink.storage.result_folder.reading import read_batches, read_table
from graphlink.storage.result_folder.writing import write_stored_tables
from graphlink.task import located
from graphlink.workspace.lineage_names import lineages_shown
from tests.engines.reading import alike, elsewhere, rows_of_table

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.result.result import Result

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)
NAMES = [spec.name for spec in TABLES]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("a world")
    return located(read_settings(draw_world(3, 200).write(folder)), folder)


@pytest.fixture(scope="module")
def limits(sail: str, tmp_path_factory: pytest.TempPathFactory) -> EngineSettings:
    return EngineSettings(name="spark", remote=sail, folder=str(tmp_path_factory.mktemp("temporary")))


@pytest.fixture(scope="module")
def both(
    world: Settings, limits: EngineSettings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Result, Result]:
    folder = tmp_path_factory.mktemp("both of them")
    on_duck = run(world, out=folder / "duck")
    # What was read is at addresses too.
    return on_duck, run(elsewhere(world), out=f"file://{folder}/there/spark", limits=limits)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_that_of_paths(both: tuple[Result, Result], name: str) -> None:
    left, right = (rows_of_table(result, name) for result in both)
    assert len(left) == len(right)
    assert not [(x, y) for x, y in zip(left, right, strict=True) if not alike(x, y)][:3]
    schemas = [read_table(result.path, name).schema for result in both]
    listed = [[(field.name, field.type) for field in schema] for schema in schemas]
    assert listed[0] == listed[1]
    assert both[1].manifest["tables"][name]["rows"] == len(right)


@pytest.mark.parametrize("name", [spec.name for spec in TABLES if spec.key])
def test_a_table_is_sorted_by_its_key(both: tuple[Result, Result], name: str) -> None:
    key = next(spec.key for spec in TABLES if spec.name == name)
    rows = read_table(both[1].path, name, list(key)).to_pylist()
    keys = [tuple((value is None, value) for value in row.values()) for row in rows]
    assert keys == sorted(keys)


def test_the_model_is_kept_there_and_read_by_the_address(both: tuple[Result, Result]) -> None:
    address = f"file://{both[1].path}"
    model = load_model(address)
    assert model == load_model(both[1].path)
    assert model.digest() == both[1].manifest["model"]["sha256"]
    assert model.kinds == load_model(both[0].path).kinds
    both[1].verify()
    with pytest.raises(SettingsError, match="no such file"):
        load_model(f"{address}/elsewhere.json")


def test_the_manifest_names_the_folder_and_no_place(both: tuple[Result, Result]) -> None:
    left, right = (result.manifest for result in both)
    (folder,) = [path.name for path in both[1].path.iterdir() if path.is_dir()]
    assert right["folder"] == folder
    assert {step["step"]: step["rows"] for step in left["steps"]} == {
        step["step"]: step["rows"] for step in right["steps"]
    }
    inputs = right["steps"][0]["facts"]["sources"][0]["inputs"]
    assert set(inputs[0]) == {"name", "bytes", "changed"}
    assert "a world" not in json.dumps(right["steps"])


def copied(both: tuple[Result, Result], folder: Path) -> str:
    """The address of a copy of a result."""
    shutil.copytree(both[1].path, folder / "copy")
    return f"file://{folder}/copy"


def test_a_result_is_read_by_its_address_and_from_a_copy(
    both: tuple[Result, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = copied(both, tmp_path)
    wanted = both[1].table("links")
    for place in (address, Path(address), tmp_path / "copy"):
        assert read_result(place).table("links").equals(wanted)
    done = CliRunner().invoke(commands, ["clusters", address, "--format", "json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)
    # A store that is none of this machine.
    store = fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem())
    there = StoredPath("s3a://box/copy", store, "copy")
    monkeypatch.setattr("graphlink.storage.remote.results.stored_path", lambda _: there)
    result = read_result("s3a://box/copy")
    assert str(result.path) == "s3a://box/copy"
    assert result.path.resolve().name == "copy"
    assert result.table("links").equals(wanted)
    accounts = wanted["account_id_l"].to_pylist()[:2]
    where = {"account_id_l": accounts}
    assert result.table("links", None, where).equals(both[1].table("links", None, where))
    pieces = list(read_batches(result.path, "links", ["account_id_l", "bits"], ["account_id_l"]))
    assert sum(len(piece) for piece in pieces) == len(wanted)
    with pytest.raises(ResultError, match=r"links\.parquet has no column 'x'"):
        result.table("links", ["x"])


def test_the_folder_of_a_run_here_is_read_where_it_was_copied(
    sample_result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = fs.SubTreeFileSystem(str(sample_result.path.parent), fs.LocalFileSystem())
    there = StoredPath("s3a://box/copy", store, sample_result.path.name)
    monkeypatch.setattr("graphlink.storage.remote.results.stored_path", lambda _: there)
    copy = read_result("s3a://box/copy")
    copy.verify()
    assert copy.table("links").equals(sample_result.table("links"))
    assert lineages_shown(copy, copy) == {}, "at an address a result is of no workspace"


def test_a_broken_copy_is_reported_to_be(both: tuple[Result, Result], tmp_path: Path) -> None:
    address = copied(both, tmp_path)
    (folder,) = (tmp_path / "copy").glob("run-*")
    part = min((folder / "links.parquet").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-9])
    with pytest.raises(ResultError, match=r"links\.parquet is not the file that the run wrote"):
        read_result(address)
    shutil.rmtree(folder / "links.parquet")
    with pytest.raises(ResultError, match=r"incomplete: links\.parquet is missing"):
        read_result(address)
    (tmp_path / "copy" / "run.json").unlink()
    with pytest.raises(ResultError, match="not a graphlink result"):
        read_result(address)
    with pytest.raises(ResultError, match="no folder"):
        read_result(f"file://{tmp_path}/none")


# The steps of a run do not matter to what becomes of its place.
@pytest.fixture
def quick(both: tuple[Result, Result], monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = {name: both[1].manifest[name] for name in ("graphlink", "tables", "steps", "this_run")}

    def done(engine: Any, task: Any, progress: Any, write: Any) -> dict[str, object]:
        for name in NAMES:
            engine.load(name, both[1].table(name))
        return {**manifest, **write((), b"{}")}

    monkeypatch.setattr(pipeline, "_done", done)


@pytest.mark.usefixtures("quick")
def test_an_earlier_result_is_replaced_only_when_reported_to(
    both: tuple[Result, Result], limits: EngineSettings, tmp_path: Path
) -> None:
    address = copied(both, tmp_path)
    before = sorted(path.name for path in (tmp_path / "copy").iterdir())
    with pytest.raises(ResultError, match="copy holds a result already; overwrite=True replaces it"):
        run("log.csv", out=address, limits=limits)
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == before
    result = run("log.csv", out=address, limits=limits, overwrite=True)
    after = sorted(path.name for path in (tmp_path / "copy").iterdir())
    assert after == [result.manifest["folder"], "run.json"]
    assert after != before
    assert result.table("links").equals(both[1].table("links"))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("fault", ["a step", "a table", "the manifest"])
def test_what_fails_leaves_the_earlier_result_and_nothing_else(
    both: tuple[Result, Result],
    limits: EngineSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    address = copied(both, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in sorted((tmp_path / "copy").rglob("*"))}

    def fail(*_: object, **__: object) -> None:
        raise EngineError("no room")

    names = {"a step": "_done", "a table": "write_stored_tables", "the manifest": "write_manifest"}
    monkeypatch.setattr(pipeline, names[fault], fail)
    for where in (address, f"file://{tmp_path}/new/one"):
        with pytest.raises(EngineError, match="no room"):
            run("log.csv", out=where, limits=limits, overwrite=True)
    assert {path: path.stat().st_mtime_ns for path in sorted((tmp_path / "copy").rglob("*"))} == before
    assert read_result(address).table("links").num_rows
    assert not list(tmp_path.rglob("new/*"))


@pytest.mark.usefixtures("quick")
def test_of_two_runs_the_later_states_that_it_is_too_late(
    both: tuple[Result, Result], limits: EngineSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = write_stored_tables

    def late(engine: Any, folder: StoredPath, _: object) -> dict[str, dict[str, object]]:
        actual = written(engine, folder)
        shutil.copytree(both[1].path, tmp_path / "there", dirs_exist_ok=True)
        return actual

    monkeypatch.setattr(pipeline, "write_stored_tables", late)
    with pytest.raises(ResultError, match="another run has just written a result there"):
        run("log.csv", out=f"file://{tmp_path}/there", limits=limits)
    assert read_result(tmp_path / "there").manifest == both[1].manifest
    assert len(list((tmp_path / "there").iterdir())) == 2


def test_where_no_result_can_be_is_reported_at_once(limits: EngineSettings, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "run.json").write_text('{"graphlink": "0", "format": 1}', encoding="utf-8")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for address, actual in (
        (f"file://{tmp_path}/other", "is not a graphlink result and stays as it is"),
        (f"file://{tmp_path}/plain", "a result that was written by its path"),
        (f"file://{tmp_path}/file", "file"),
        ("nostore://x/y", "no store that pyarrow opens; it knows file, s3"),
        ("hdfs://host.invalid/x", "check the address, and that this machine has keys"),
    ):
        with pytest.raises(ResultError, match=actual) as raised:
            run("log.csv", out=address, limits=limits, overwrite=True)
        assert "\n" not in str(raised.value)
        assert str(raised.value).startswith(address)
    with pytest.raises(ResultError, match=r"file:///x: a result is a folder of this machine.*--engine spark"):
        run("log.csv", out="file:///x")
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "file",
        "notes.txt",
        "other",
        "plain",
        "run.json",
    ]


def test_a_store_that_spark_and_this_machine_see_differently_is_refused(
    limits: EngineSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    here = StoredPath(f"file://{tmp_path}/there/r", fs.LocalFileSystem(), f"{tmp_path}/here/r")
    monkeypatch.setattr(pipeline, "stored_path", lambda _: here)
    with pytest.raises(
        ResultError, match=r"this machine can.t see what Spark writes there; name a store that both reach"
    ):
        run("log.csv", out=here.address, limits=limits)
    unknown = StoredPath("abfss://box@nowhere.invalid/r", fs.LocalFileSystem(), f"{tmp_path}/here/r")
    monkeypatch.setattr(pipeline, "stored_path", lambda _: unknown)
    with pytest.raises(ResultError, match=r"Spark: .*; start Spark with hadoop-azure") as raised:
        run("log.csv", out=unknown.address, limits=limits)
    assert "\n" not in str(raised.value)
    assert not list((tmp_path / "here").iterdir())


@pytest.mark.parametrize("told", [None, ".", "..", "../photos", "run-1", 3])
def test_a_forged_run_json_at_an_address_loses_no_folder(tmp_path: Path, told: object) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_bytes(b"mine")
    (tmp_path / "r").mkdir()
    forged = {"graphlink": "0", "format": 0, **({} if told is None else {"folder": told})}
    (tmp_path / "r" / "run.json").write_text(json.dumps(forged), encoding="utf-8")
    place = stored_path(f"file://{tmp_path}/r")
    with (
        pytest.raises(ResultError, match="choose another address"),
        remote.stored_run(place, overwrite=True, manifest_at=manifest_of),
    ):
        pass
    assert (tmp_path / "photos" / "one.jpg").exists()


@pytest.mark.parametrize("name", ["notes.txt", "links.parquet/notes.txt", "pictures/one.jpg"])
def test_a_run_at_an_address_with_foreign_files_stays(tmp_path: Path, name: str) -> None:
    run_folder = tmp_path / "r" / f"run-{'0' * 32}"
    (run_folder / "links.parquet").mkdir(parents=True)
    (run_folder / "links.parquet" / "part-0.parquet").write_bytes(b"")
    (tmp_path / "r" / "beside.txt").write_text("mine", encoding="utf-8")
    actual = json.dumps({"graphlink": "0", "format": 0, "folder": run_folder.name})
    (tmp_path / "r" / "run.json").write_text(actual, encoding="utf-8")
    place = stored_path(f"file://{tmp_path}/r")
    foreign = run_folder / name
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_text("mine", encoding="utf-8")
    with (
        pytest.raises(ResultError, match=f"did not write: {run_folder.name}/"),
        remote.stored_run(place, overwrite=True, manifest_at=manifest_of),
    ):
        pass
    assert foreign.exists()
    foreign.unlink()
    if foreign.parent.name == "pictures":
        foreign.parent.rmdir()
    with remote.stored_run(place, overwrite=True, manifest_at=manifest_of) as folder:
        pass
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == sorted(
        ["beside.txt", "run.json", folder.name]
    )


def test_a_place_with_hidden_files_is_not_removed_with_a_failed_run(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / ".notes").write_text("mine", encoding="utf-8")
    place = stored_path(f"file://{tmp_path}/r")
    with (
        pytest.raises(ZeroDivisionError),
        remote.stored_run(place, overwrite=False, manifest_at=lambda _: None),
    ):
        raise ZeroDivisionError
    assert (tmp_path / "r" / ".notes").exists()


def test_what_was_left_by_a_killed_run_is_no_result(tmp_path: Path) -> None:
    (tmp_path / "r" / "run-1").mkdir(parents=True)
    place = stored_path(f"file://{tmp_path}/r")
    with remote.stored_run(place, overwrite=False, manifest_at=lambda _: None) as folder:
        assert folder.is_dir()
    assert len(place.children()) == 2
