"""The commands fit, model show and model compare: data, files and errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from graphlink.cli import commands
from graphlink.core.parameters import Parameters, listed
from graphlink.model.saved import load_model

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
[[sources]]
path = "seen.csv"

[labels]
path = "labels.csv"
"""


def invoked(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(argument) for argument in arguments])


def done(*arguments: object) -> str:
    result = invoked(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs that share a badge and nothing else, labelled; a model fitted to them, and a result."""
    folder = tmp_path_factory.mktemp("modelling")
    rows = [f"p{i:03}-{j},badge,b{i}" for i in range(60) for j in range(2)]
    (folder / "seen.csv").write_text("\n".join(["account_id,kind,value", *rows]), encoding="utf-8")
    labels = [f"p{i:03}-0,p{i:03}-1,yes" for i in range(20)]
    text = "\n".join(["account_id_l,account_id_r,verdict", *labels])
    (folder / "labels.csv").write_text(text, encoding="utf-8")
    (folder / "graphlink.toml").write_text(SETTINGS, encoding="utf-8")
    done("fit", folder / "graphlink.toml", "-o", folder / "model.json", "--quiet")
    done("run", folder / "graphlink.toml", "--out", folder / "result", "--quiet")
    return folder


def test_labels_teach_a_fit_and_not_a_run(folder: Path) -> None:
    fitted, run = load_model(folder / "model.json"), load_model(folder / "result")
    assert (fitted.provenance.n_labels, run.provenance.n_labels) == (20, 0)
    weights = [
        dict(json.loads(done("model", "show", folder / name, "--json"))) for name in ("model.json", "result")
    ]
    learned, unlearned = (one["weights"][0]["bits"] for one in weights)
    assert learned > unlearned + 2


def test_a_file_is_replaced_only_when_asked(folder: Path) -> None:
    again = invoked("fit", folder / "graphlink.toml", "-o", folder / "model.json", "--quiet")
    assert again.exit_code == 1
    assert "--overwrite" in again.stderr
    before = (folder / "model.json").read_bytes()
    shown = invoked("fit", folder / "graphlink.toml", "-o", folder / "model.json", "--overwrite")
    assert shown.exit_code == 0
    assert load_model(folder / "model.json").digest() in shown.stderr
    assert (folder / "model.json").read_bytes() == before


def test_a_run_weighs_by_the_file(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "weighed"
    done("run", folder / "graphlink.toml", "--model", folder / "model.json", "--out", out, "--quiet")
    assert (out / "model.json").read_bytes() == (folder / "model.json").read_bytes()


def test_a_card_fits_eighty_columns_and_has_every_parameter(folder: Path) -> None:
    text = done("model", "show", folder / "model.json")
    assert max(map(len, text.splitlines())) <= 80
    for one in listed(Parameters()):
        group, _, name = one.name.partition(".")
        assert f"[parameters.{group}]" in text
        assert f"  {name} = " in text
    assert "learned from 120 observations of 120 accounts" in text
    assert "and 20 labelled pairs" in text
    assert "seen.csv" in text


def test_a_card_as_json_has_exact_values(folder: Path) -> None:
    card: dict[str, Any] = json.loads(done("model", "show", folder / "result", "--json"))
    assert card["sha256"] == load_model(folder / "result").digest()
    numbers = {one["name"]: one for one in card["numbers"]}
    assert numbers["parameters.lockstep.prior"] == {
        "name": "parameters.lockstep.prior", "value": 0.1, "default": 0.1, "unit": "(probability)",
        "lowest": 1e-6, "highest": 0.9, "source": "elicited: most operators stagger their jobs",
    }  # fmt: skip
    assert card["kinds"] == ["badge"]
    assert card["learned_from"]["n_accounts"] == 120


def test_models_are_compared_by_numbers(folder: Path) -> None:
    rows = json.loads(done("model", "compare", folder / "result", folder / "model.json", "--json"))
    named = {row["name"]: row for row in rows["differences"]}
    assert named["learned from: n_labels"] == {"name": "learned from: n_labels", "before": 0, "after": 20}
    assert named["weight of badge"]["after"] > named["weight of badge"]["before"]
    assert "the models are the same" in done("model", "compare", folder / "result", folder / "result")


def compared(folder: Path, settings: Path) -> tuple[str | Path, ...]:
    """The command that compares a result's model with the folder's under some settings."""
    return ("model", "compare", folder / "result", folder / "model.json", "--data", settings)


@pytest.mark.slow
def test_models_are_compared_by_what_moves_under_them(folder: Path) -> None:
    arguments = compared(folder, folder / "graphlink.toml")
    moves = json.loads(done(*arguments, "--most", 3, "--json", "--quiet"))
    assert moves["counts"]["links: probability moves by 0.1 or more"] == 60
    assert len(moves["links"]) == 3
    assert moves["links"][0]["probability_after"] > moves["links"][0]["probability_before"]
    assert "links that move most" in done(*arguments, "--quiet")


@pytest.mark.slow
def test_settings_with_numbers_of_their_own_do_not_keep_models_from_being_compared(
    folder: Path, tmp_path: Path
) -> None:
    text = SETTINGS.replace("seen.csv", str(folder / "seen.csv")).replace(
        "labels.csv", str(folder / "labels.csv")
    )
    (tmp_path / "graphlink.toml").write_text(f"{text}\n[model]\nprior_bits = -9.0\n", encoding="utf-8")
    result = invoked("run", tmp_path / "graphlink.toml", "--model", folder / "model.json", "--quiet")
    assert result.exit_code == 1
    assert "model.prior_bits is -9.0, but the model has -12.0" in result.stderr
    arguments = compared(folder, tmp_path / "graphlink.toml")
    assert json.loads(done(*arguments, "--json", "--quiet"))["counts"]["links: after"] == 60


@pytest.mark.parametrize("command", [("show",), ("compare", "model.json")])
def test_what_is_no_model_is_refused(folder: Path, command: tuple[str, ...]) -> None:
    name, *more = command
    result = invoked("model", name, folder / "graphlink.toml", *(folder / one for one in more))
    assert result.exit_code == 1
    assert "it is not JSON" in result.stderr
