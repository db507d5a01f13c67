"""The run around the steps: what goes in, what the manifest tells, and what is left when something fails.

The steps here are stand-ins that make the tables by hand; the real ones have their own tests.
"""

from __future__ import annotations

import dataclasses
import functools
import gc
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest

from graphlink import pipeline
from graphlink.core.errors import EngineError, InputError, ResultError, SettingsError, TableError
from graphlink.core.schema import CLUSTERS, EXPLAINED_TABLES, OBSERVATIONS, TABLES
from graphlink.core.settings import (
    AccountSource,
    EngineSettings,
    KindSettings,
    Pseudonymize,
    Reference,
    Settings,
    Source,
    read_settings,
    settings_from,
)
from graphlink.engine.stage import Step
from graphlink.pipeline import run
from graphlink.task import located, without_passwords

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.engine import Engine
    from graphlink.progress import Progress

VARIES = ("this_run",)


class Steps:
    """Stand-ins for the steps; they note what they were given."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.frames: object = None

    def collect(
        self, engine: Engine, settings: Settings, frames: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        self.settings, self.frames = settings, frames
        for spec in TABLES:
            columns = ", ".join(f"NULL::{column.type} AS {column.name}" for column in spec.columns)
            engine.make(spec.name, f"SELECT {columns} WHERE false")
        engine.make(
            "observations",
            "SELECT 'a' || i AS account_id, 'ip' AS kind, '192.0.2.1' AS value, "
            "NULL::TIMESTAMPTZ AS seen_at, 1::BIGINT AS n FROM range(3) AS r(i)",
        )
        return {"n_observations": 3}

    def score(self, engine: Engine, settings: Settings) -> dict[str, object]:
        return {"n_clusters": 0}

    def fail(self, engine: Engine, settings: Settings) -> dict[str, object]:
        raise EngineError("the memory limit was reached")

    def explain(self, engine: Engine, settings: Settings) -> dict[str, object]:
        for spec in EXPLAINED_TABLES:
            columns = ", ".join(f"NULL::{column.type} AS {column.name}" for column in spec.columns)
            engine.make(spec.name, f"SELECT {columns} WHERE false")
        return {}

    def spoil(self, engine: Engine, settings: Settings) -> dict[str, object]:
        engine.drop("links")
        return {}

    def _take(self, name: str, *args: Any, **kwargs: Any) -> dict[str, object]:
        taken: dict[str, object] = getattr(self, name)(*args, **kwargs)
        return taken

    def named(self, *names: str) -> tuple[Step[...], ...]:
        """The stand-ins of these names as steps."""
        makes = {"collect": TABLES, "explain": EXPLAINED_TABLES}
        counted = {"collect": (OBSERVATIONS,), "score": (CLUSTERS,)}
        return tuple(
            Step(
                functools.partial(self._take, name),
                name,
                f"do {name}",
                makes=makes.get(name, ()),
                counted=counted.get(name, ()),
                share=3,
            )
            for name in names
        )


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    made = Steps()
    use_steps(monkeypatch, *made.named("collect", "score", "explain"))
    return made


def use_steps(monkeypatch: pytest.MonkeyPatch, *named: Step[...]) -> None:
    """Let a run take these steps; the last of three only when it explains all."""
    monkeypatch.setattr(pipeline, "steps", lambda *, explains_all: named if explains_all else named[:2])


def told(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return manifest


def test_the_result_has_every_table_and_the_steps_facts(steps: Steps, tmp_path: Path) -> None:
    result = run("log.csv", out=tmp_path / "r")
    assert sorted(path.stem for path in (tmp_path / "r").glob("*.parquet")) == sorted(t.name for t in TABLES)
    assert [record["step"] for record in result.manifest["steps"]] == ["collect", "score"]
    assert result.manifest["steps"][0]["rows"] == {"observations": 3}
    assert result.manifest["steps"][0]["facts"] == {"n_observations": 3}
    assert result.manifest["tables"]["observations"]["rows"] == 3
    assert result.manifest["versions"]["duckdb"]


def test_a_second_run_differs_only_in_what_varies(steps: Steps, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(
            tmp_path / "log.csv",
            out=tmp_path / name,
            limits=EngineSettings(threads=1 if name == "one" else 2),
        )
    one, two = told(tmp_path / "one"), told(tmp_path / "two")
    assert {k: v for k, v in one.items() if k not in VARIES} == {
        k: v for k, v in two.items() if k not in VARIES
    }
    assert one["this_run"]["engine"]["threads"] == 1
    for spec in TABLES:
        files = [(tmp_path / name / f"{spec.name}.parquet").read_bytes() for name in ("one", "two")]
        assert files[0] == files[1]


def test_explaining_all_is_a_last_step_with_tables_of_its_own(steps: Steps, tmp_path: Path) -> None:
    names = tuple(spec.name for spec in EXPLAINED_TABLES)
    seen: list[Progress] = []
    without = run("log.csv", out=tmp_path / "without").manifest
    result = run("log.csv", out=tmp_path / "with", explain_all=True, progress=seen.append)
    assert [record["step"] for record in result.manifest["steps"]] == ["collect", "score", "explain"]
    assert (seen[-1].position, seen[-1].total, seen[-1].share_done) == (3, 3, 1)
    assert result.manifest["fingerprint"] == without["fingerprint"]
    assert result.manifest["settings"] == without["settings"]
    tables = dict(result.manifest["tables"])
    for name in names:
        file = tmp_path / "with" / f"{name}.parquet"
        assert (tables.pop(name)["bytes"], result.table(name).num_rows) == (file.stat().st_size, 0)
        assert not (tmp_path / "without" / file.name).exists()
    assert tables == without["tables"]


def test_timing_and_memory_are_reported_per_step(steps: Steps, tmp_path: Path) -> None:
    describe_steps = run("log.csv", out=tmp_path / "r").manifest["this_run"]["steps"]
    assert [record["step"] for record in describe_steps] == ["collect", "score", "write"]
    assert all(record["seconds"] >= 0 and record["peak_memory_mib"] > 10 for record in describe_steps)


def test_progress_shows_the_start_and_the_end_of_each_step(steps: Steps, tmp_path: Path) -> None:
    seen: list[Progress] = []
    run("log.csv", out=tmp_path / "r", progress=seen.append)
    assert [(now.step.name, now.position, now.share_done, now.rows) for now in seen] == [
        ("collect", 1, 0.5, None),
        ("collect", 1, 0.5, 3),
        ("score", 2, 1, None),
        ("score", 2, 1, 0),
    ]


def test_without_a_folder_the_result_lives_as_long_as_it_is_used(steps: Steps) -> None:
    result = run("log.csv")
    folder = result.path
    assert len(result.table("observations")) == 3
    del result
    gc.collect()
    assert not folder.exists()


def test_a_failed_step_leaves_the_earlier_result_and_nothing_else(
    steps: Steps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("log.csv", out=tmp_path / "r")
    before = (tmp_path / "r" / "run.json").read_bytes()
    use_steps(monkeypatch, *steps.named("collect", "fail"))
    with pytest.raises(EngineError, match="memory limit"):
        run("log.csv", out=tmp_path / "r", overwrite=True)
    assert (tmp_path / "r" / "run.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_a_failed_run_without_a_folder_leaves_nothing(
    steps: Steps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    use_steps(monkeypatch, *steps.named("collect", "spoil"))
    with pytest.raises(TableError, match="links was not made"):
        run("log.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_while_the_tables_are_written_is_reported(
    steps: Steps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("graphlink.engine.duck.DuckEngine.write_parquet", refuse)
    with pytest.raises(ResultError, match="no room left on its disk"):
        run("log.csv", out=tmp_path / "r")
    assert list(tmp_path.iterdir()) == []


def test_a_second_run_into_the_folder_is_kept_out(steps: Steps, tmp_path: Path) -> None:
    def try_too(now: Progress) -> None:
        if now.position == 1 and now.rows is None:
            with pytest.raises(ResultError, match="another run is writing"):
                run("log.csv", out=tmp_path / "r")

    assert run("log.csv", out=tmp_path / "r", progress=try_too).path == tmp_path / "r"


def test_an_existing_result_is_refused_before_any_work(steps: Steps, tmp_path: Path) -> None:
    run("log.csv", out=tmp_path / "r")
    steps.frames = "untouched"
    with pytest.raises(ResultError, match="overwrite=True"):
        run("log.csv", out=tmp_path / "r")
    assert steps.frames == "untouched"


@pytest.mark.parametrize("out", ["s3://bucket/result", Path("s3://bucket/result")])
def test_a_result_elsewhere_is_refused_before_any_work(
    steps: Steps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str | Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ResultError, match="s3://bucket/result: a result is a folder of this machine"):
        run(tmp_path / "none.csv", out=out)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("source", ["logs/*.csv", Path("logs/*.csv"), ["logs/*.csv"]])
def test_paths_become_sources_and_the_manifest_has_their_names_only(
    steps: Steps, tmp_path: Path, source: object
) -> None:
    result = run(source, out=tmp_path / "r")
    assert steps.settings.sources == (Source(path="logs/*.csv", name="*.csv"),)
    assert result.manifest["settings"]["sources"][0]["path"] == "*.csv"


def test_several_paths_are_several_sources(steps: Steps, tmp_path: Path) -> None:
    run(["a/one.csv", "b/two.csv"], out=tmp_path / "r")
    assert [source.name for source in steps.settings.sources] == ["one.csv", "two.csv"]


def test_a_settings_file_is_a_source_with_paths_next_to_it(steps: Steps, tmp_path: Path) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "r.csv").write_text("network,label,type\n", encoding="utf-8")
    (folder / "graphlink.toml").write_text(
        "seed = 7\n[engine]\nthreads = 2\n"
        '[[sources]]\npath = "log.csv"\n[[references]]\npath = "../lists/r.csv"\n',
        encoding="utf-8",
    )
    result = run(folder / "graphlink.toml", out=tmp_path / "r", limits=EngineSettings(memory="1GB"))
    assert steps.settings.sources[0].path == str(folder / "log.csv")
    assert steps.settings.references[0].path == str(folder / "../lists/r.csv")
    assert steps.settings.engine == EngineSettings(memory="1GB", threads=2)
    manifest = result.manifest["settings"]
    assert (manifest["sources"][0]["path"], manifest["seed"]) == ("log.csv", 7)
    assert str(tmp_path) not in json.dumps(result.manifest)


def test_the_manifests_settings_can_be_read_back(steps: Steps, tmp_path: Path) -> None:
    settings = Settings(
        sources=(Source(path="log.csv", kinds={"ip": "client_ip"}),),
        accounts=AccountSource(path="a.csv", attributes=("country",)),
        kinds={"ip": KindSettings(window_days=2.0)},
        seed=3,
    )
    result = run(settings, out=tmp_path / "r")
    assert settings_from(result.manifest["settings"]) == settings
    assert result.manifest["fingerprint"] == settings.fingerprint()


def test_settings_next_to_a_source_apply_to_it(steps: Steps, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("seed = 9\n", encoding="utf-8")
    for settings in (tmp_path / "s.toml", str(tmp_path / "s.toml"), Settings(seed=9)):
        run("log.csv", settings=settings, out=tmp_path / "r", overwrite=True)
        assert steps.settings.seed == 9
        assert steps.settings.sources[0].path == "log.csv"


@pytest.mark.parametrize("source", [Settings(), "graphlink.toml"])
def test_settings_next_to_settings_are_refused(source: object) -> None:
    with pytest.raises(SettingsError, match="the source is itself settings"):
        run(source, settings=Settings())


def test_frames_are_handed_over_by_name(steps: Steps, tmp_path: Path) -> None:
    frame, table = pd.DataFrame({"account_id": ["a"]}), pa.table({"account_id": ["a"]})
    run(frame, out=tmp_path / "r")
    assert steps.frames == {"observations": frame}
    run({"logins": table, "accounts": frame}, out=tmp_path / "r", overwrite=True)
    assert isinstance(steps.frames, dict)
    assert list(steps.frames) == ["logins", "accounts"]


@pytest.mark.parametrize("source", [7, None, {"logins": "log.csv"}, [], ["log.csv", 7]])
def test_what_is_no_source_is_named(source: object) -> None:
    with pytest.raises(InputError, match=r"expected a path, Settings, or a pandas DataFrame, .* found"):
        run(source)


def test_no_key_and_no_password_reach_the_manifest(steps: Steps, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("very-secret-key-of-somebody", encoding="utf-8")
    (tmp_path / "key").chmod(0o600)
    address = "postgresql://ann:hunter2@db.example:5432/logs?password=hunter3&sslmode=require"
    settings = Settings(
        sources=(Source(database=address, table="log"),),
        accounts=AccountSource(database=address, table="accounts"),
        pseudonymize=Pseudonymize(("ip",), str(tmp_path / "key")),
    )
    result = run(settings, out=tmp_path / "r")
    text = (tmp_path / "r" / "run.json").read_text(encoding="utf-8")
    assert not [secret for secret in ("secret", "hunter", "ann") if secret in text]
    assert result.manifest["settings"]["sources"][0]["database"] == "postgresql://db.example:5432/logs"
    assert steps.settings.sources[0].database == address


def test_no_key_of_a_store_is_reported() -> None:
    paths = ("s3a://AKIA:hunter2@bucket/log", "abfss://box@store.example/log")
    settings = Settings(sources=tuple(Source(path=path) for path in paths))
    actual = without_passwords(settings).sources
    assert [source.path for source in actual] == ["s3a://bucket/log", paths[1]]


def test_a_password_does_not_change_the_fingerprint(steps: Steps, tmp_path: Path) -> None:
    prints = set()
    for password in ("one", "two"):
        settings = Settings(sources=(Source(database=f"postgresql://ann:{password}@db/logs"),))
        prints.add(run(settings, out=tmp_path / "r", overwrite=True).manifest["fingerprint"])
    assert len(prints) == 1


def test_every_path_of_the_settings_is_located() -> None:
    settings = Settings(
        sources=(Source(path="a.csv"), Source(database="d.duckdb"), Source(database="postgresql://db/x")),
        accounts=AccountSource(path="/abs/accounts.csv"),
        references=(Reference("r.csv"),),
        pseudonymize=Pseudonymize(("ip",), "key"),
        engine=EngineSettings(folder="temporary", warehouse="tables"),
    )
    moved = located(settings, Path("/data"))
    assert [source.path or source.database for source in moved.sources] == [
        "/data/a.csv",
        "/data/d.duckdb",
        "postgresql://db/x",
    ]
    assert moved.accounts == AccountSource(path="/abs/accounts.csv")
    assert moved.references == (Reference("/data/r.csv"),)
    assert moved.pseudonymize.key_file == "/data/key"
    assert moved.engine == EngineSettings(folder="/data/temporary", warehouse="/data/tables")
    stored = Settings(engine=EngineSettings(name="spark", warehouse="s3a://bucket/tables"))
    assert located(stored, Path("/data")).engine == stored.engine
    assert dataclasses.replace(moved, pseudonymize=Pseudonymize()).seed == settings.seed


def test_a_settings_file_that_is_missing_states_what_writes_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="graphlink init FILES"):
        run(tmp_path / "graphlink.toml")
    with pytest.raises(SettingsError, match="graphlink init FILES"):
        read_settings(tmp_path / "graphlink.toml")


def test_facts_hold_names_and_not_the_folders_of_the_machine(
    steps: Steps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "logs" / "one.csv"
    monkeypatch.setattr(steps, "score", lambda *_: {"read": [f"{path}: row 7", f"/other{path}"], "n": 1})
    facts = run(path, out=tmp_path / "r").manifest["steps"][1]["facts"]
    assert facts == {"read": ["one.csv: row 7", f"/other{path}"], "n": 1}
