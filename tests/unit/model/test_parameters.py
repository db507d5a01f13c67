"""The model as a value: equal models are equal files, and reading one is strict."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.core.errors import SettingsError
from graphlink.core.parameters import Parameters, listed, replaced
from graphlink.core.settings import KindSettings, ModelSettings, Settings
from graphlink.model.learned import Cell, Learned
from graphlink.model.parameters import (
    Model,
    Provenance,
    made_model,
    read_model,
    settings_under,
    without_numbers,
)

LEARNED = Learned(
    ("badge", "ip"),
    {
        "match_weights": {
            "kind": ("badge", "ip"),
            "degree_bin": (0, 0),
            "repeat_bin": (0, 1),
            "log_odds": (-2.1234, 1.0),
        }
    },
    {"kinds": [{"kind": "ip", "agreement_strangers": 1e-05}]},
)
PROVENANCE = Provenance("0.2.0", {"log.csv": "ab" * 32}, 10, 5, 2, "2026-03-01", "2026-03-31", "f00d")
SETTINGS = Settings(
    kinds={"badge": KindSettings(p_exclusive=0.3, clean=("upper",)), "ip": KindSettings(ignore=True)},
    model=ModelSettings(prior_bits=-11.0),
    parameters=replaced(Parameters(), {"lockstep.prior": 0.2}),
)
MODEL = made_model(SETTINGS, {"match_weights": LEARNED}, PROVENANCE)


def broken(*path: str, value: object) -> bytes:
    """The file of the model with one value replaced."""
    values: Any = json.loads(MODEL.content())
    inner = values
    for name in path[:-1]:
        inner = inner[name]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return json.dumps(values).encode()


def test_a_model_is_the_same_after_a_round_trip_and_so_are_its_bytes() -> None:
    read = read_model(MODEL.content(), "model.json")
    assert read == MODEL
    assert read.content() == MODEL.content()
    assert read.digest() == MODEL.digest()
    assert MODEL.content().endswith(b"}\n")


@given(prior=st.floats(1e-6, 0.9), log_odds=st.floats(-50, 50), n=st.integers(0, 10**12))
def test_numbers_are_the_same_to_the_last_bit(prior: float, log_odds: float, n: int) -> None:
    rows: dict[str, tuple[Cell, ...]]
    rows = {"kind": ("ip",), "degree_bin": (0,), "repeat_bin": (0,), "log_odds": (log_odds,)}
    learned = {"match_weights": Learned(("ip",), {"match_weights": rows})}
    parameters = replaced(Parameters(), {"lockstep.prior": prior})
    model = Model(parameters, kinds=("ip",), learned=learned, provenance=Provenance(n_observations=n))
    assert read_model(model.content(), "m") == model


def test_the_model_keeps_what_weights_depend_on_of_a_kind_and_nothing_else() -> None:
    assert MODEL.kind_settings == {"badge": KindSettings(p_exclusive=0.3)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "m.json: it is not JSON: "),
        (b"\xff", "m.json: it is not JSON: "),
        (b"[" * 100_000, "m.json: it is nested too deep"),
        (b"[]", "m.json: expected a table, found a list"),
        (broken("format", value=99), "m.json: format 99; this version reads 1: fit it again"),
        (broken("format", value=None), "m.json: format is missing; fit it again"),
        (broken("more", value=1), "m.json: 'more' is unknown; fit it again"),
        (broken("kinds", value=[1]), "m.json: kinds: expected a list of names"),
        (
            broken("settings", "parameters", "lockstep", "prior", value=2),
            "m.json: settings: parameters: lockstep: prior: expected a number from 1e-06 to 0.9 ",
        ),
        (
            broken("settings", "parameters", "lockstep", "prior", value=None),
            "m.json: settings: parameters: lockstep: prior is missing; fit it again with this version",
        ),
        (
            broken("settings", "parameters", "lockstep", "mean", value=1),
            "m.json: settings: parameters: lockstep: 'mean' is unknown",
        ),
        (
            broken("settings", "parameters", "lives", value=None),
            "m.json: settings: parameters: lives is missing",
        ),
        (broken("settings", "model", "prior_bits", value=1), "m.json: settings: model: prior_bits: expected"),
        (
            broken("settings", "kinds", "badge", "facet", value=1),
            "m.json: settings: kinds: badge: facet: expected",
        ),
        (
            broken("provenance", "n_accounts", value="many"),
            "m.json: provenance: n_accounts: expected a whole",
        ),
        (
            broken("learned", "match_weights", "tables", "odds", value={}),
            "match_weights: tables: 'odds' is unknown",
        ),
        (
            broken("learned", "match_weights", "tables", "match_weights", "log_odds", value=[1, "x"]),
            "m.json: learned: match_weights: tables: match_weights: log_odds: row 2: expected DOUBLE",
        ),
        (MODEL.content().replace(b"-2.1234", b"NaN"), "m.json: it is not JSON: NaN is no number"),
        (MODEL.content().replace(b"-2.1234", b"1e999"), "log_odds: row 1: expected DOUBLE"),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_field(content: bytes, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_model(content, "m.json")


def test_a_number_that_is_not_finite_is_never_written() -> None:
    learned = {"match_weights": Learned(("ip",), {}, {"kinds": [float("nan")]})}
    with pytest.raises(SettingsError, match="not finite"):
        Model(learned=learned).content()


def test_under_a_model_every_number_of_the_method_is_the_models() -> None:
    given = Settings(kinds={"ip": KindSettings(ignore=True)}, seed=7)
    under = settings_under(given, MODEL)
    assert under.model == MODEL.thresholds
    assert under.parameters == MODEL.parameters
    assert under.kinds == {"badge": KindSettings(p_exclusive=0.3), "ip": KindSettings(ignore=True)}
    assert under.seed == 7


def test_the_settings_that_a_model_was_fitted_with_agree_with_it() -> None:
    assert settings_under(SETTINGS, MODEL) == SETTINGS


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (
            Settings(model=ModelSettings(prior_bits=-9.0)),
            r"model\.prior_bits is -9\.0, but the model has -11\.0",
        ),
        (
            Settings(parameters=replaced(Parameters(), {"households.largest": 6})),
            r"parameters\.households\.largest is 6, but the model has 5",
        ),
        (
            Settings(kinds={"ip": KindSettings(p_exclusive=0.5)}),
            r"kinds\.ip\.p_exclusive is 0\.5, but the model has None",
        ),
    ],
)
def test_a_number_that_is_not_the_models_is_refused(settings: Settings, name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        settings_under(settings, MODEL)
    assert settings_under(without_numbers(settings), MODEL).model == MODEL.thresholds


def test_every_parameter_is_in_the_file() -> None:
    parameters = json.loads(MODEL.content())["settings"]["parameters"]
    named = {f"{group}.{name}" for group, values in parameters.items() for name in values}
    assert named == {one.name for one in listed(Parameters())}
