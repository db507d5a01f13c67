"""What a run is given: settings with located paths, frames, and what of them its manifest may show."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from graphlink.core.credentials import database_kind, redacted_address, redacted_text, shown_database
from graphlink.core.errors import SettingsError
from graphlink.core.settings import (
    AccountSource,
    EngineSettings,
    Labels,
    Lookup,
    Override,
    Reference,
    Settings,
    Source,
    read_settings,
    settings_from,
)
from graphlink.ingest.sources.frames import taken_frame
from graphlink.ingest.sources.schemes import with_schemes
from graphlink.kinds.pseudonyms import hidden_settings
from graphlink.model.parameters import Model, settings_under
from graphlink.model.saved import load_model
from graphlink.storage.files import address_of

if TYPE_CHECKING:
    from graphlink.ingest.observations.read_before import Earlier

Located = TypeVar("Located", Source, AccountSource, Lookup, Reference, Labels)


@dataclass(frozen=True, slots=True)
class Task:
    """The input of a run: settings as given (for the manifest) and with located paths, frames, folders.

    Of a run that updates a result, `earlier` is what that keeps of files read before (None in a run over all
    files), and `update` what `run.json` states of it.
    """

    given: Settings
    settings: Settings
    frames: dict[str, Any]
    folders: tuple[str, ...]
    explains_all: bool = False
    model: Model | None = None
    earlier: Earlier | None = None
    update: dict[str, object] = dataclasses.field(default_factory=dict)

    @property
    def input_of_reading(self) -> dict[str, Any]:
        """What the step that reads takes in addition to the settings: frames, and what was read before."""
        given = {"frames": self.frames or None, "earlier": self.earlier}
        return {name: value for name, value in given.items() if value is not None}

    def facts_without_folders(self, facts: object) -> object:
        """Facts without the folders of the input, which differ between machines."""
        if isinstance(facts, Mapping):
            return {name: self.facts_without_folders(value) for name, value in facts.items()}
        if isinstance(facts, list | tuple):
            return [self.facts_without_folders(value) for value in facts]
        if isinstance(facts, str):
            for folder in self.folders:
                facts = re.sub(rf"(?<![\w/.-]){re.escape(folder + os.sep)}", "", facts)
        return facts


def task_of(source: object, settings: Settings | str | Path | None, limits: EngineSettings | None) -> Task:
    """Resolve what a run was given: its settings, where its inputs are, and its frames.

    Raises:
        InputError: A frame can't be read.
        SettingsError: A setting is wrong, or settings are given twice.
    """
    paths = paths_of(source)
    if is_settings(source):
        if settings is not None:
            raise SettingsError(
                "the source is itself settings; give no others with it: change them with "
                "read_settings(path).with_(...)"
            )
        given, folder = _read(source)
        resolved, frames = located(given, folder), {}
    else:
        given, folder = _read(settings)
        resolved = located(given, folder)
        if paths:
            # Only file names are recorded, so that the same file elsewhere gives the same manifest.
            names = [Path(redacted_address(path)).name for path in paths]
            given = dataclasses.replace(given, sources=tuple(Source(path=name, name=name) for name in names))
            resolved = dataclasses.replace(
                resolved,
                sources=tuple(Source(path=path, name=name) for path, name in zip(paths, names, strict=True)),
            )
        frames = {} if paths else _frames(source)
    if limits is not None:
        resolved = dataclasses.replace(resolved, engine=_limited(resolved.engine, limits))
    resolved = with_schemes(resolved)
    return Task(without_passwords(given), resolved, frames, folders_of(resolved))


def with_columns(
    task: Task, source: object, *, account: str | None, time: str | None, kinds: Mapping[str, object] | None
) -> Task:
    """Make the task of a run whose frame or file has its columns under these names.

    Args:
        task: The task.
        source: What the run was given.
        account: The column of accounts; None for `account_id`.
        time: The column of times; None for `seen_at` where there is one.
        kinds: Kind to its column, of a table with a column for each; None for one with `kind` and `value`.

    Raises:
        SettingsError: The settings name the columns already, or a name is no text.
    """
    named = {"account": account, "time": time, "kinds": dict(kinds) if isinstance(kinds, Mapping) else kinds}
    stated = {name: value for name, value in named.items() if value is not None}
    if not stated:
        return task
    if is_settings(source) or (task.frames and task.settings.sources):
        raise SettingsError(
            f"{', '.join(stated)}: the settings name the columns of their sources; set it there"
        )
    columns = settings_from({"sources": [{"name": "observations"} | stated]}, "run").sources[0]
    changes = {name: getattr(columns, name) for name in stated}
    of_accounts = (task.settings.accounts and task.settings.accounts.name) or "accounts"
    frames = tuple(Source(name=name, **changes) for name in task.frames if name != of_accounts)
    given, settings = (
        dataclasses.replace(
            one, sources=frames + tuple(dataclasses.replace(of, **changes) for of in one.sources)
        )
        for one in (task.given, task.settings)
    )
    return dataclasses.replace(task, given=given, settings=settings)


def under_model(task: Task, model: object) -> Task:
    """Make the task of a run that weighs its data by a saved model; without one, by what it fits.

    Args:
        task: The task.
        model: The model, or the path or URL of a model.json or a result; None for that of the settings.

    Raises:
        SettingsError: There is no such model, it is none, or the settings state another number.
    """
    place = task.settings.model_file if model is None else model
    if place == "":
        return task
    if not isinstance(place, Model | str | Path):
        raise SettingsError(f"model: expected a Model or a path, found {type(place).__name__}")
    model = place if isinstance(place, Model) else load_model(place)
    given, settings = (settings_under(one, model) for one in (task.given, task.settings))
    return dataclasses.replace(task, given=given, settings=settings, model=model)


def with_labels(task: Task, labels: Path, overrides: Sequence[Override]) -> Task:
    """Make the task of a run that obeys the labels of a workspace.

    Args:
        task: The task.
        labels: The file of labels on pairs, with accounts named as in results.
        overrides: What labels state of identifiers; they come after those of the settings.
    """
    given, settings = (
        dataclasses.replace(
            one,
            labels=Labels(path=path, as_in_result=True),
            overrides=(*one.overrides, *overrides),
        )
        for one, path in ((task.given, labels.name), (task.settings, str(labels)))
    )
    return dataclasses.replace(task, given=hidden_settings(given), settings=settings)


def teaching(task: Task) -> Task:
    """Make the task of a fit: labels, where there are any, take part in it, and no saved model does."""
    given, settings = (
        dataclasses.replace(
            one, model_file="", labels=dataclasses.replace(one.labels, teach=bool(one.labels.path))
        )
        for one in (task.given, task.settings)
    )
    return dataclasses.replace(task, given=given, settings=settings)


def located(settings: Settings, folder: Path) -> Settings:
    """Settings with relative paths resolved against a folder: the one of the settings file."""
    accounts = settings.accounts and _located(settings.accounts, folder)
    model_file = settings.model_file
    if model_file and not address_of(model_file):
        model_file = str(folder / model_file)
    key_file = settings.pseudonymize.key_file
    if key_file:
        key_file = str(folder / key_file)
    engine = settings.engine
    # The warehouse may be a URL that only Spark can reach.
    places = {name: getattr(engine, name) for name in ("folder", "warehouse")}
    places = {
        name: place if address_of(place) else str(folder / place) for name, place in places.items() if place
    }
    return dataclasses.replace(
        settings,
        folder="",
        engine=dataclasses.replace(engine, **places),
        sources=tuple(_located(source, folder) for source in settings.sources),
        accounts=accounts,
        lookups=tuple(_located(lookup, folder) for lookup in settings.lookups),
        references=tuple(_located(reference, folder) for reference in settings.references),
        labels=_located(settings.labels, folder),
        model_file=model_file,
        pseudonymize=dataclasses.replace(settings.pseudonymize, key_file=key_file),
    )


def as_toml(settings: Settings) -> dict[str, object]:
    """The settings that determine a result, as tables of TOML."""
    values = settings.stated()
    return {name: _without_nulls(value) for name, value in values.items() if value is not None}


def without_passwords(settings: Settings) -> Settings:
    """The settings for a manifest: URLs without secrets, and no value of a hashed kind."""
    shown = hidden_settings(settings)
    return dataclasses.replace(
        shown,
        sources=tuple(_without_keys(source) for source in shown.sources),
        accounts=shown.accounts and _without_keys(shown.accounts),
        lookups=tuple(_without_keys(lookup) for lookup in shown.lookups),
        references=tuple(_without_keys(reference) for reference in shown.references),
        labels=_without_keys(shown.labels),
    )


def _without_keys(source: Located) -> Located:
    changed: dict[str, Any] = {"path": redacted_address(source.path)}
    if isinstance(source, Source | AccountSource):
        changed["name"] = redacted_address(source.name)
        changed["database"] = shown_database(source.database) if source.database else ""
        changed["query"] = redacted_text(source.query)
        changed["joins"] = {name: redacted_address(path) for name, path in source.joins.items()}
    return dataclasses.replace(source, **changed)


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return value


def folders_of(settings: Settings) -> tuple[str, ...]:
    """The folders of the input, the deepest first."""
    parts = [*settings.sources, *settings.lookups, *settings.references, settings.accounts, settings.labels]
    paths = [getattr(part, name, "") for part in parts for name in ("path", "database")]
    paths += [path for part in parts for path in getattr(part, "joins", {}).values()]
    paths = [path for path in paths if path and not address_of(path) and not database_kind(path)]
    folders = {str(Path(path).parent) for path in paths}
    return tuple(sorted(folders - {"."}, key=len, reverse=True))


def _limited(given: EngineSettings, limits: EngineSettings) -> EngineSettings:
    names = [field.name for field in dataclasses.fields(EngineSettings)]
    return EngineSettings(**{name: getattr(limits, name) or getattr(given, name) for name in names})


def is_settings(source: object) -> bool:
    """Whether a source is settings, or the file of such."""
    paths = paths_of(source)
    return isinstance(source, Settings) or (len(paths) == 1 and Path(paths[0]).suffix == ".toml")


def paths_of(source: object) -> list[str]:
    """The source as paths and URLs; empty when it is something else."""
    parts = [source] if isinstance(source, str | Path) else source
    if isinstance(parts, Sequence) and parts and all(isinstance(part, str | Path) for part in parts):
        return [address_of(part) or str(Path(part)) for part in parts]
    return []


def _read(settings: object) -> tuple[Settings, Path]:
    """Settings, and the folder that their relative paths start from."""
    if settings is None:
        return Settings(), Path()
    if isinstance(settings, Settings):
        return settings, Path(settings.folder)
    path = paths_of(settings)
    if len(path) != 1:
        raise SettingsError(f"settings: expected Settings or a path, found {type(settings).__name__}")
    return read_settings(Path(path[0])), Path(path[0]).parent


def _frames(source: object) -> dict[str, object]:
    frames = {str(name): frame for name, frame in source.items()} if isinstance(source, Mapping) else None
    frames = {"observations": source} if frames is None else frames
    return {name: taken_frame(frame, name) for name, frame in frames.items()}


def _located(source: Located, folder: Path) -> Located:
    changed: dict[str, Any] = {}
    for name in ("path", "database"):
        path = getattr(source, name, "")
        if path and not address_of(path) and not (name == "database" and database_kind(path)):
            changed[name] = str(folder / path)
    if isinstance(source, Source | AccountSource):
        changed["joins"] = {name: str(folder / path) for name, path in source.joins.items()}
    return dataclasses.replace(source, **changed)
