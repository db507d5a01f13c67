"""The model as a value: parameters, what a fit learned from data, and what data that was.

A default run fits a model and keeps it in its result as `model.json`; `graphlink run --model` weighs other
data by it. Equal models are equal files. Kinds go by name; nothing in a model names an account or a value.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import SettingsError
from graphlink.core.parameters import Parameters, listed
from graphlink.core.ranges import made_from, shown
from graphlink.core.settings import KindSettings, ModelSettings
from graphlink.core.stages import TableSpec
from graphlink.core.tables import model as model_tables
from graphlink.model.learned import Learned, check_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.core.settings import Settings

FORMAT = 1
"""Version of the file; a reader refuses others."""
_OF_KIND = ("facet", "window_days", "p_exclusive")  # settings of a kind that its weights depend on
_SPECS = {spec.name: spec for spec in vars(model_tables).values() if isinstance(spec, TableSpec)}


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a model was learned from.

    Attributes:
        graphlink: The version that fitted it.
        inputs: Name and SHA-256 of each file that was read.
        n_observations: Rows of observations.
        n_accounts: Accounts.
        n_labels: Labelled pairs that took part.
        first_seen: Time of the first observation; empty without time.
        last_seen: Time of the last observation; empty without time.
        settings: Fingerprint of the settings.
    """

    graphlink: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    n_observations: int = 0
    n_accounts: int = 0
    n_labels: int = 0
    first_seen: str = ""
    last_seen: str = ""
    settings: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that decides how data are weighed.

    Attributes:
        parameters: Numbers that were elicited or chosen.
        thresholds: Budgets and thresholds: `[model]` of the settings.
        kind_settings: Facet, window and prior of kinds where the settings state them.
        kinds: The kinds of the data that it was learned from.
        learned: Name of a step to what it learned.
        provenance: What it was learned from.
    """

    parameters: Parameters = field(default_factory=Parameters)
    thresholds: ModelSettings = field(default_factory=ModelSettings)
    kind_settings: Mapping[str, KindSettings] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    learned: Mapping[str, Learned] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)

    def content(self) -> bytes:
        """The bytes of its file: equal models have equal ones."""
        return (_text(_as_json(self)) + "\n").encode()

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write its file, which appears whole or not at all; `load_model` reads it.

        Args:
            path: The file, such as model.json.
            overwrite: Whether to replace an earlier one.

        Raises:
            ResultError: The file is there already, or the disk refused.
        """
        from graphlink.storage.atomic import write_whole_file

        write_whole_file(Path(path), self.content(), overwrite=overwrite)

    def digest(self) -> str:
        """SHA-256 of its file, in hexadecimal."""
        return hashlib.sha256(self.content()).hexdigest()


def made_model(settings: Settings, learned: Mapping[str, Learned], provenance: Provenance) -> Model:
    """Make the model of a run: the numbers of its settings, and what its steps learned."""
    return Model(
        settings.parameters,
        settings.model,
        _of_kinds(settings),
        next((one.kinds for one in learned.values()), ()),
        dict(learned),
        provenance,
    )


def without_numbers(settings: Settings) -> Settings:
    """Make the settings without any number that a model decides, so that they agree with every model."""
    kinds = {
        name: dataclasses.replace(one, facet=None, window_days=None, p_exclusive=None)
        for name, one in settings.kinds.items()
    }
    return dataclasses.replace(
        settings, model=ModelSettings(), parameters=Parameters(), kinds=kinds, model_file=""
    )


def settings_under(settings: Settings, model: Model) -> Settings:
    """Make the settings of a run that weighs its data by a model: the numbers of the method are its.

    Args:
        settings: The settings as given.
        model: The model.

    Raises:
        SettingsError: Names a number that the settings state and that is not the model's.
    """
    _refuse_other_numbers(settings, model)
    kinds = dict(settings.kinds)
    for name in {*kinds, *model.kind_settings}:
        ours = model.kind_settings.get(name, KindSettings())
        kept = {part: getattr(ours, part) for part in _OF_KIND}
        kinds[name] = dataclasses.replace(kinds.get(name, KindSettings()), **kept)
    return dataclasses.replace(
        settings,
        model=model.thresholds,
        parameters=model.parameters,
        kinds={name: kinds[name] for name in sorted(kinds)},
    )


def read_model(content: bytes, where: str) -> Model:
    """Read a model from the bytes of its file; every name, type and range is checked.

    Args:
        content: The bytes.
        where: The file, for errors.

    Raises:
        SettingsError: Names the file and the field, and what was expected.
    """
    values = _parsed(content, where)
    _check_names(values, {"format", "kinds", "learned", "provenance", "settings"}, where)
    if values["format"] != FORMAT:
        raise SettingsError(
            f"{where}: format {shown(values['format'])}; this version reads {FORMAT}: fit it again"
        )
    settings = _table(values["settings"], f"{where}: settings")
    _check_names(settings, {"kinds", "model", "parameters"}, f"{where}: settings")
    kind_settings = _table(settings["kinds"], f"{where}: settings: kinds")
    kinds = _names(values["kinds"], f"{where}: kinds")
    steps = _table(values["learned"], f"{where}: learned")
    return Model(
        _read_parameters(settings["parameters"], f"{where}: settings: parameters"),
        _whole(ModelSettings, settings["model"], f"{where}: settings: model"),
        {
            name: made_from(KindSettings, one, f"{where}: settings: kinds: {name}")
            for name, one in sorted(kind_settings.items())
        },
        kinds,
        {step: _read_learned(one, kinds, f"{where}: learned: {step}") for step, one in sorted(steps.items())},
        _whole(Provenance, values["provenance"], f"{where}: provenance"),
    )


def _of_kinds(settings: Settings) -> dict[str, KindSettings]:
    """The settings of kinds that weights depend on, where any is stated."""
    stated = {
        name: KindSettings(**{part: getattr(one, part) for part in _OF_KIND})
        for name, one in sorted(settings.kinds.items())
    }
    return {name: one for name, one in stated.items() if one != KindSettings()}


def _refuse_other_numbers(settings: Settings, model: Model) -> None:
    numbers = (
        (f"model.{part.name}", getattr(settings.model, part.name), getattr(model.thresholds, part.name),
         part.default)
        for part in dataclasses.fields(ModelSettings)
    )  # fmt: skip
    ours = {one.name: one.value for one in listed(model.parameters)}
    parameters = (
        (f"parameters.{one.name}", one.value, ours[one.name], one.default)
        for one in listed(settings.parameters)
    )
    kinds = (
        (f"kinds.{name}.{part}", getattr(one, part),
         getattr(model.kind_settings.get(name, KindSettings()), part), None)
        for name, one in settings.kinds.items()
        for part in _OF_KIND
    )  # fmt: skip
    for name, given, of_model, default in (*numbers, *parameters, *kinds):
        if given not in (default, of_model):
            raise SettingsError(
                f"settings: {name} is {given}, but the model has {of_model}; leave it out, or fit with it"
            )


def _as_json(model: Model) -> dict[str, object]:
    kinds = {
        name: {part: value for part in _OF_KIND if (value := getattr(one, part)) is not None}
        for name, one in model.kind_settings.items()
    }
    return {
        "format": FORMAT,
        "kinds": list(model.kinds),
        "learned": {
            step: {
                "facts": dict(one.facts),
                "tables": {name: dict(table) for name, table in one.tables.items()},
            }
            for step, one in model.learned.items()
        },
        "provenance": dataclasses.asdict(model.provenance),
        "settings": {
            "kinds": {
                name: {part: v for part, v in one.items() if v is not None} for name, one in kinds.items()
            },
            "model": dataclasses.asdict(model.thresholds),
            "parameters": dataclasses.asdict(model.parameters),
        },
    }


def _text(value: object, depth: int = 0) -> str:
    """JSON with sorted names, a line per field, and each list of plain values on one line.

    Raises:
        SettingsError: A number is NaN or infinite.
    """
    if isinstance(value, dict) and value:
        pad = " " * (depth + 1)
        lines = [f"{pad}{json.dumps(name)}: {_text(value[name], depth + 1)}" for name in sorted(value)]
        return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"
    try:
        return json.dumps(value, sort_keys=True, allow_nan=False)
    except ValueError:
        raise SettingsError("the model holds a number that is not finite; please report this") from None


def _parsed(content: bytes, where: str) -> dict[str, Any]:
    try:
        values = json.loads(content.decode(), parse_constant=_refuse_constant)
    except RecursionError:
        raise SettingsError(f"{where}: it is nested too deep") from None
    except ValueError as error:
        raise SettingsError(f"{where}: it is not JSON: {error}") from None
    return _table(values, where)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _table(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{where}: expected a table, found {shown(value)}")
    return value


def _names(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise SettingsError(f"{where}: expected a list of names")
    return tuple(value)


def _check_names(values: Mapping[str, object], expected: set[str], where: str) -> None:
    """Raise unless a table has exactly these names: what is missing would be taken from elsewhere."""
    if missing := sorted(expected - set(values)):
        raise SettingsError(f"{where}: {missing[0]} is missing; fit it again with this version")
    if unknown := sorted(set(values) - expected):
        raise SettingsError(f"{where}: {shown(unknown[0])} is unknown; fit it again with this version")


def _whole(kind: type[Any], value: object, where: str) -> Any:
    """A dataclass of which every field is there."""
    values = _table(value, where)
    _check_names(values, {part.name for part in dataclasses.fields(kind)}, where)
    return made_from(kind, values, where)


def _read_parameters(value: object, where: str) -> Parameters:
    values = _table(value, where)
    groups = {part.name: type(getattr(Parameters(), part.name)) for part in dataclasses.fields(Parameters)}
    _check_names(values, set(groups), where)
    return Parameters(
        **{name: _whole(kind, values[name], f"{where}: {name}") for name, kind in groups.items()}
    )


def _read_learned(value: object, kinds: tuple[str, ...], where: str) -> Learned:
    values = _table(value, where)
    _check_names(values, {"facts", "tables"}, where)
    tables = {}
    for name, columns in sorted(_table(values["tables"], f"{where}: tables").items()):
        if name not in _SPECS:
            raise SettingsError(f"{where}: tables: {shown(name)} is unknown; fit it again with this version")
        tables[name] = check_table(_SPECS[name], columns, f"{where}: tables: {name}")
    return Learned(kinds, tables, _table(values["facts"], f"{where}: facts"))
