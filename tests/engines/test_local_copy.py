"""What is named at an address and read here is copied first, with the outcome of the same files by path."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import EngineError, InputError
from graphlink.core.settings import EngineSettings, Labels, Reference, Settings, Source
from graphlink.engine import StoredFile
from graphlink.engine.duck import DuckEngine
from graphlink.pipeline import check, run
from graphlink.storage import local_copy
from graphlink.storage.remote import stored_files
from graphlink.storage.result_folder.reading import read_table
from tests.engines.hostile_cells import long_table
from tests.engines.reading import elsewhere, uri, written

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)
COLUMNS = ("account_id", "kind", "value", "seen_at", "n")


def rows(first: int, n: int = 20) -> list[tuple[object, ...]]:
    return [
        (f"a{i}", kind, f"{value}{i // 2}", f"2026-01-0{1 + i % 7}T00:00:00Z", 1)
        for i in range(first, first + n)
        for kind, value in (("payment", "card"), ("ip", "203.0.113."))
    ]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A folder with files of several forms, some rows that can't be used, and files that hold no table."""
    folder = tmp_path / "a log"
    (folder / "first" / "_temporary").mkdir(parents=True)
    lines = [",".join(map(str, row)) for row in [COLUMNS, *rows(0)]]
    (folder / "first" / "one.csv").write_text("\n".join([*lines, "ragged"]), encoding="utf-8")
    (folder / "first" / "_temporary" / "half.csv").write_text("half", encoding="utf-8")
    (folder / "first" / "notes.txt").write_text("no table", encoding="utf-8")
    objects = [json.dumps(dict(zip(COLUMNS, row, strict=True))) for row in rows(20)]
    with gzip.open(folder / "two.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join([*objects, "{"]))
    return folder


def settings(folder: Path, log: Path) -> Settings:
    listed, judged = folder / "list.csv", folder / "pair_labels.csv"
    listed.write_text("network,label,type\n203.0.113.0/28,Mill,vpn\nbroken,x,y\n", encoding="utf-8")
    judged.write_text("account_id_l,account_id_r,verdict\na0,a1,yes\n", encoding="utf-8")
    return Settings(
        now="2026-02-01T00:00:00Z",
        sources=(Source(path=str(log)), Source(path=str(log / "f*" / "*.csv"), name="again")),
        references=(Reference(path=str(listed)),),
        labels=Labels(path=str(judged)),
    )


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_a_run_of_addresses_is_that_of_paths(
    tmp_path: Path, log: Path, sail: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    actual = settings(tmp_path, log)
    there = elsewhere(actual)
    there = Settings(
        now=there.now,
        sources=there.sources,
        references=there.references,
        labels=Labels(path=uri(actual.labels.path)),
    )
    temporary = tmp_path / "temporary"
    limits = EngineSettings(name=engine, remote=sail if engine == "spark" else "", folder=str(temporary))
    by_path = run(actual, out=tmp_path / "by path", limits=EngineSettings(threads=1))
    by_address = run(there, out=tmp_path / "by address", limits=limits)
    steps = [result.manifest["steps"] for result in (by_path, by_address)]
    assert steps[0][:2] == steps[1][:2], "the facts of reading and of the lists name no copy"
    assert steps[0][0]["facts"]["rows_rejected"] == 3
    assert [one["name"] for one in steps[0][0]["facts"]["sources"][0]["inputs"]] == [
        "first/one.csv",
        "two.jsonl.gz",
    ]
    for name in ("observations", "rejected_rows", "membership"):
        left, right = (read_table(result.path, name).to_pylist() for result in (by_path, by_address))
        assert len(left) == len(right)
        if name != "membership":
            assert left == right
    assert not temporary.exists(), "no copy outlives the run, nor the folder that it made"


def test_parquet_stays_where_spark_reads_it(tmp_path: Path, log: Path, sail: str) -> None:
    written(long_table(), log / "x.parquet")
    limits = EngineSettings(name="spark", remote=sail)
    with pytest.raises(
        InputError, match=r"Parquet in the same folder, such as .*x\.parquet, is read by Spark"
    ):
        run(uri(str(log)), out=tmp_path / "result", limits=limits)
    assert not (tmp_path / "result").exists()
    assert check(uri(str(log)))["n_accounts"], "without Spark all of it is read here"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.csv", "no files are there; name a file, a folder or a glob"),
        ("log/*.tsv", "no files are there; name a file, a folder or a glob"),
        ("log/notes.txt", "no table by its name; expected Parquet"),
        ("log/bad.csv", "no column 'account_id'; the columns are x; name the column"),
        ("log/broken.parquet", "too small to be a Parquet file; check that it was copied whole"),
    ],
)
def test_an_error_names_the_address_and_not_the_copy(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "log").mkdir()
    for file, text in (("notes.txt", "x"), ("bad.csv", "x\n1\n"), ("broken.parquet", "x")):
        (tmp_path / "log" / file).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        check(uri(str(tmp_path / name)))
    assert str(raised.value).startswith(f"{uri(str(tmp_path / name))}: ")
    assert message in str(raised.value)
    assert "graphlink-run-" not in str(raised.value)


def test_several_files_are_no_reference_list(tmp_path: Path, log: Path) -> None:
    text = Settings(sources=(Source(path=str(log)),), references=(Reference(path=uri(str(log))),))
    with (
        DuckEngine(threads=1) as engine,
        pytest.raises(InputError, match="4 files are there; name one file"),
        local_copy.staged_locally(engine, text),
    ):
        pass


@pytest.mark.parametrize("change", ["grew", "disappeared", "appeared"])
def test_a_file_that_changes_while_it_is_copied_is_named(
    log: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    one = log / "first" / "one.csv"

    def found_and_changed(address: str) -> list[StoredFile]:
        actual = stored_files(address)
        monkeypatch.setattr(local_copy, "stored_files", stored_files)
        return actual

    def copied(file: StoredFile, to: Path, is_wanted: bool) -> None:
        if to.name == "one.csv":
            if change == "grew":
                one.write_text(one.read_text(encoding="utf-8") * 2, encoding="utf-8")
            elif change == "disappeared":
                one.unlink()
            else:
                (log / "new.csv").write_text("x", encoding="utf-8")

    monkeypatch.setattr(local_copy, "stored_files", found_and_changed)
    monkeypatch.setattr(local_copy, "_copy", copied)
    by_name = {"grew": "went from .* bytes", "disappeared": "disappeared", "appeared": "new.csv appeared"}
    with pytest.raises(InputError, match=f"{by_name[change]} while it was read"):
        check(uri(str(log)))


def test_a_name_that_leads_out_of_the_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_copy, "stored_files", lambda address: [StoredFile(address, 1, "")])
    # It would ask a store on the network, and wait for it.
    monkeypatch.setattr(local_copy, "refuse_stored_tables", lambda *_: None)
    actual = Settings(references=(Reference(path="s3://bucket/.."),))
    with (
        DuckEngine(threads=1) as engine,
        pytest.raises(InputError, match=r"no file here can have the name '\.\.'"),
        local_copy.staged_locally(engine, actual),
    ):
        pass


def test_a_full_disk_states_what_to_do(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("graphlink.storage.local_copy.shutil.copyfileobj", full)
    with pytest.raises(EngineError, match=r"No space left on device; take another folder"):
        check(uri(str(log)))


@pytest.mark.parametrize(
    ("glob", "found"),
    [
        ("*.csv", ["a.csv"]),
        ("**/*.csv", ["a.csv", "b/c/d.csv", "b/e.csv"]),
        ("*/e.csv", ["b/e.csv"]),
        ("b/**", ["b/c/d.csv", "b/e.csv"]),
        ("[ab].csv", ["a.csv"]),
        ("?.tsv", []),
    ],
)
def test_a_glob_at_an_address_names_what_it_names_here(tmp_path: Path, glob: str, found: list[str]) -> None:
    for name in ("a.csv", "b/e.csv", "b/c/d.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    text = stored_files(f"{uri(str(tmp_path))}/{glob}")
    assert [file.path.removeprefix(f"{uri(str(tmp_path))}/") for file in text] == found
    here = [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.glob(glob)) if path.is_file()]
    assert sorted(here) == sorted(found) or glob == "b/**"  # before Python 3.13 it named folders only
