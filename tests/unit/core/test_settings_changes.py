"""Settings changed by keyword: checked as in a file, and located with the folder of the file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from graphlink.core.errors import SettingsError
from graphlink.core.settings import KindSettings, Settings, Source, read_settings, settings_from

SETTINGS = settings_from({"kinds": {"ip": {"window_days": 2, "ignore": True}}, "model": {"prior_bits": -14}})


def test_a_change_leads_into_tables_and_leaves_the_rest() -> None:
    changed = SETTINGS.with_(seed=3, model__cluster_probability=0.95, kinds__ip__window_days=7)
    assert changed.model == dataclasses.replace(SETTINGS.model, cluster_probability=0.95)
    assert changed.model.prior_bits == -14
    assert changed.kinds == {"ip": KindSettings(window_days=7.0, ignore=True)}
    assert (changed.seed, SETTINGS.seed) == (3, 1)


def test_a_table_that_is_not_there_is_made() -> None:
    changed = Settings().with_(accounts__status="state", kinds__badge__facet="identity")
    assert changed.accounts is not None
    assert changed.accounts.status == "state"
    assert changed.kinds["badge"].facet == "identity"


def test_a_value_given_for_a_table_replaces_all_of_it() -> None:
    changed = SETTINGS.with_(model={"min_probability": 0.2}, kinds={})
    assert (changed.model.prior_bits, changed.model.min_probability) == (Settings().model.prior_bits, 0.2)
    assert changed.kinds == {}


def test_settings_that_depend_on_each_other_are_changed_at_once() -> None:
    assert Settings().with_(engine__remote="sc://host:15002", engine__name="spark").engine.remote


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sede": 1}, "settings: unknown setting 'sede'; known are accounts"),
        ({"model__x": 1}, "settings: model: unknown setting 'x'; known are candidate_probability"),
        (
            {"model__cluster_probability": 2},
            "settings: model: cluster_probability: expected a number from 1e-09",
        ),
        ({"seed": "x"}, "settings: seed: expected a whole number, found 'x'"),
        ({"kinds__ip__window": 1}, r"settings: kinds\.ip: unknown setting 'window'"),
        ({"seed__x": 1}, "settings: seed: expected one value, found the setting 'x' of a table"),
        ({"sources__0__path": "x"}, "settings: sources: expected one value"),
        ({"model": {}, "model__prior_bits": -2}, "settings: model: changed as a whole and in part"),
        ({"model__private": 0.1}, "settings: model: private is now called p_exclusive"),
        ({"folder": "/data"}, "settings: unknown setting 'folder'"),
    ],
)
def test_a_wrong_change_is_named(changes: dict[str, object], expected: str) -> None:
    with pytest.raises(SettingsError, match=f"^{expected}"):
        SETTINGS.with_(**changes)


def test_paths_may_be_paths() -> None:
    changed = Settings(sources=(Source(path=Path("a.csv")),)).with_(model_file=Path("b/model.json"))  # type: ignore[arg-type]  # text by its type
    assert (changed.sources[0].path, changed.model_file) == ("a.csv", "b/model.json")
    assert settings_from({"sources": [{"path": Path("a.csv")}]}).sources == changed.sources


def test_settings_keep_the_folder_of_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "graphlink.toml").write_text("seed = 2\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    read = read_settings("graphlink.toml")
    assert read.folder == str(tmp_path)
    assert read.with_(seed=3).folder == dataclasses.replace(read, seed=4).folder == str(tmp_path)


def test_the_folder_is_no_setting() -> None:
    there = Settings(folder="/data")
    assert there == Settings()
    assert there.fingerprint() == Settings().fingerprint()
    assert "folder" not in there.stated()
    with pytest.raises(SettingsError, match="unknown setting 'folder'"):
        settings_from({"folder": "/data"})
