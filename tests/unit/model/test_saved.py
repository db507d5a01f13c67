"""Runs that keep their model, and runs under a saved one."""

from __future__ import annotations

import dataclasses
import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import graphlink
from graphlink.core.errors import ResultError, SettingsError
from graphlink.core.settings import ModelSettings, Settings, read_settings
from graphlink.model.match_weights import learn_match_weights
from graphlink.model.parameters import Model, read_model
from graphlink.model.saved import load_model, provenance_of, saved_for
from graphlink.pipeline import check, steps
from graphlink.task import located

if TYPE_CHECKING:
    from graphlink.result.result import Result

SAMPLE = Path(__file__).parents[3] / "data" / "sample" / "graphlink.toml"


def people(prefix: str = "p", kind: str = "badge") -> pd.DataFrame:
    """Pairs of accounts that share a badge and a card, and strangers with an own one."""
    rows = [
        (f"{prefix}{i:03}-{j}", name, f"{name}{i}" if i % 3 else f"{name}{i}-{j}")
        for i in range(40)
        for j in range(2)
        for name in (kind, "payment")
    ]
    return pd.DataFrame(rows, columns=["account_id", "kind", "value"])


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return graphlink.run(people(), out=tmp_path_factory.mktemp("fitted") / "result")


def tables(result: Result) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in result.path.iterdir() if file.name != "run.json"}


@pytest.mark.slow
def test_a_run_with_its_own_model_gives_the_same_bytes(sample_result: Result, tmp_path: Path) -> None:
    again = graphlink.run(SAMPLE, out=tmp_path / "again", model=sample_result.path)
    assert tables(again) == tables(sample_result)
    assert again.manifest["model"] == sample_result.manifest["model"] | {"is_given": True}
    assert again.manifest["settings"] == sample_result.manifest["settings"]


def test_a_result_keeps_its_model_and_run_json_its_digest(fitted: Result) -> None:
    content = (fitted.path / "model.json").read_bytes()
    model = load_model(fitted.path)
    assert model.content() == content
    assert fitted.manifest["model"] == {
        "bytes": len(content), "is_given": False, "sha256": model.digest(),
    }  # fmt: skip
    assert model == load_model(fitted.path / "model.json")
    assert model.kinds == ("badge", "payment")
    assert (model.provenance.n_observations, model.provenance.n_accounts) == (160, 80)
    assert model.provenance.settings == fitted.manifest["fingerprint"]


@pytest.mark.parametrize("kind", [str, Path])
def test_a_model_is_saved_as_a_whole_file_and_read_back(
    fitted: Result, tmp_path: Path, kind: type[str] | type[Path]
) -> None:
    model, file = load_model(fitted.path), tmp_path / "model.json"
    model.save(kind(file))
    assert load_model(file) == model
    assert file.read_bytes() == model.content()
    with pytest.raises(ResultError, match="overwrite=True replaces it"):
        model.save(kind(file))
    model.save(kind(file), overwrite=True)


def test_nothing_in_a_model_names_an_account_or_a_value(fitted: Result) -> None:
    text = (fitted.path / "model.json").read_text(encoding="utf-8")
    assert "badge1" not in text
    assert "p001" not in text


def test_a_model_that_was_changed_is_noticed(tmp_path: Path) -> None:
    result = graphlink.run(people(), out=tmp_path / "result")
    assert all(result.verify().values())
    (tmp_path / "result" / "model.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ResultError, match=r"model\.json is not the file that the run wrote"):
        result.verify()


@pytest.mark.slow
def test_a_result_with_a_model_is_replaced_whole(tmp_path: Path) -> None:
    graphlink.run(people(), out=tmp_path / "result")
    again = graphlink.run(people("q"), out=tmp_path / "result", overwrite=True)
    assert {path.name for path in tmp_path.iterdir()} == {"result"}
    assert load_model(again.path).digest() == again.manifest["model"]["sha256"]


@pytest.mark.slow
def test_other_data_are_weighed_by_the_saved_model(fitted: Result) -> None:
    model = load_model(fitted.path)
    rows = model.learned["match_weights"].tables["match_weights"]
    heavier = dict(rows) | {"log_odds": tuple(float(odds) + 3.0 for odds in rows["log_odds"])}
    learned = dataclasses.replace(
        model.learned["match_weights"],
        tables={**model.learned["match_weights"].tables, "match_weights": heavier},
    )
    changed = dataclasses.replace(model, learned={**model.learned, "match_weights": learned})
    before = graphlink.run(people("q"), model=model)
    after = graphlink.run(people("q"), model=changed)
    assert after.links["bits"].mean() > before.links["bits"].mean() + 1
    assert load_model(after.path) == changed


def test_kinds_that_the_model_does_not_know_are_reported(fitted: Result) -> None:
    result = graphlink.run(people(kind="desk"), model=fitted.path)
    facts = next(step["facts"] for step in result.manifest["steps"] if step["step"] == "match_weights")
    assert facts["kinds_by_prior"] == ["desk"]
    assert "it does not know desk" in facts["warnings"][0]
    assert [row["kind"] for row in facts["kinds"]] == ["payment"]


def test_settings_may_name_the_model(fitted: Result, tmp_path: Path) -> None:
    people().to_csv(tmp_path / "seen.csv", index=False)
    (tmp_path / "model.json").write_bytes((fitted.path / "model.json").read_bytes())
    text = 'model_file = "model.json"\n[[sources]]\npath = "seen.csv"\n'
    (tmp_path / "graphlink.toml").write_text(text, encoding="utf-8")
    result = graphlink.run(tmp_path / "graphlink.toml")
    assert result.manifest["model"]["sha256"] == fitted.manifest["model"]["sha256"]
    assert "model_file" not in result.manifest["settings"]
    check(tmp_path / "graphlink.toml")
    (tmp_path / "model.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SettingsError, match="format is missing"):
        check(tmp_path / "graphlink.toml")
    assert located(read_settings(tmp_path / "graphlink.toml"), tmp_path).model_file == str(
        tmp_path / "model.json"
    )


def test_a_number_that_is_not_the_models_stops_the_run(fitted: Result) -> None:
    settings = Settings(model=ModelSettings(prior_bits=-9.0))
    with pytest.raises(SettingsError, match=r"model\.prior_bits is -9\.0, but the model has -12\.0"):
        graphlink.run(people(), settings=settings, model=fitted.path)


def test_a_model_that_lacks_what_a_step_learns_is_refused(fitted: Result) -> None:
    with pytest.raises(SettingsError, match="model: match_weights: match_weights is missing; fit it again"):
        saved_for(Model(), learn_match_weights)
    assert saved_for(None, learn_match_weights) == {}
    assert saved_for(load_model(fitted.path), learn_match_weights)["saved"].kinds == ("badge", "payment")


def test_a_step_makes_what_it_learns() -> None:
    learning = [step for step in steps() if step.learns]
    assert learn_match_weights in learning
    for step in learning:
        assert set(step.learns) <= set(step.makes)
        assert "saved" in inspect.signature(step.function).parameters


def test_files_of_one_name_are_told_apart() -> None:
    inputs = [{"name": "log.csv", "sha256": digit * 64} for digit in "ba"] + [{"name": "at an address"}]
    facts = {"observations": {"sources": [{"inputs": inputs}], "kinds": {}}}
    made = provenance_of("0.2.0", Settings(), facts, {"observations": 3})
    assert made.inputs == {"log.csv": "a" * 64, "log.csv (2)": "b" * 64}
    assert (made.n_observations, made.first_seen, made.settings) == (3, "", Settings().fingerprint())


@pytest.mark.parametrize("place", ["no.json", "."])
def test_a_model_that_is_not_there_is_refused_with_a_remedy(tmp_path: Path, place: str) -> None:
    with pytest.raises(SettingsError, match=r"no such file; `graphlink fit` makes one"):
        load_model(tmp_path / place)


@pytest.mark.slow
def test_the_settings_of_a_result_have_its_models_numbers(fitted: Result, tmp_path: Path) -> None:
    values = json.loads((fitted.path / "model.json").read_bytes())
    values["settings"]["model"]["cluster_probability"] = 0.8
    values["settings"]["parameters"]["households"]["largest"] = 6
    model = read_model(json.dumps(values).encode(), "m")
    result = graphlink.run(people(), model=model, out=tmp_path / "r")
    assert result.manifest["settings"]["model"]["cluster_probability"] == 0.8
    assert result.manifest["settings"]["parameters"] == {"households": {"largest": 6}}
