"""All settings of a run as one frozen value, with a fingerprint."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from graphlink.core.kind_names import kind_name
from graphlink.core.parameters import Parameters, changed
from graphlink.core.ranges import check_fields, path_field, provenance_field, ranged
from graphlink.core.settings.changes import with_changes
from graphlink.core.settings.checks import check_setting
from graphlink.core.settings.facts import FactSettings, check_fact_types
from graphlink.core.settings.identifiers import KindSettings, Override, Placeholders, Pseudonymize
from graphlink.core.settings.machine import EngineSettings
from graphlink.core.settings.model import ModelSettings
from graphlink.core.settings.tables import AccountSource, Labels, Lookup, Reference, Source

_YEARS = (1970, 2200)  # of `now`
_ORGANISATION_NAMES = ("organisation", "organization", "billing_parent")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that determines a result, apart from the input.

    Attributes:
        sources: Sources of observations.
        accounts: The optional table of accounts.
        lookups: Tables that give the account of each id of another kind, by name.
        references: Reference lists.
        labels: Labels of pairs; optional.
        pseudonymize: Kinds that are hashed on ingest.
        kinds: Per kind, settings that differ from its defaults.
        facts: Per fact, its type, threshold and releases.
        placeholders: Changes to the built-in list of placeholders.
        overrides: Knowledge of single identifiers.
        organisation_names: Kinds and attributes of accounts that name the organisation to which an account
            openly belongs, such as its billing parent.
        model: Budgets and thresholds, from co-presence to links and clusters.
        parameters: Every other number of the method, by its table in docs/model.md, such as
            `[parameters.households]` with `largest = 6`.
        model_file: Model that weighs the data, a model.json or a result; if empty, one is fitted. A number
            of the method that the settings state has to be the model's.
        engine: The engine and its limits; not part of the fingerprint.
        seed: Random seed.
        now: Times more than a day after this moment (ISO 8601) are rejected as future; if empty, the current
            time.
        folder: Where relative paths start: the folder of the settings file. It is no setting and no part of
            the fingerprint; if empty, paths start where Python runs.
    """

    sources: tuple[Source, ...] = ()
    accounts: AccountSource | None = None
    lookups: tuple[Lookup, ...] = ()
    references: tuple[Reference, ...] = ()
    labels: Labels = field(default_factory=Labels)
    pseudonymize: Pseudonymize = field(default_factory=Pseudonymize)
    kinds: dict[str, KindSettings] = field(default_factory=dict)
    facts: dict[str, FactSettings] = field(default_factory=dict)
    placeholders: Placeholders = field(default_factory=Placeholders)
    overrides: tuple[Override, ...] = ()
    organisation_names: tuple[str, ...] = _ORGANISATION_NAMES
    model: ModelSettings = field(default_factory=ModelSettings)
    parameters: Parameters = field(default_factory=Parameters)
    model_file: str = path_field()
    engine: EngineSettings = field(default_factory=EngineSettings)
    seed: int = ranged(1, 0, 2**31 - 1, "")
    now: str = ""
    folder: str = provenance_field()

    def __post_init__(self) -> None:
        check_fields(self)
        names = [
            kind_name(name) or name for name in self.kinds
        ]  # invalid names are refused when they are used
        check_setting("kinds", list(self.kinds), "each kind once", is_right=len(set(names)) == len(names))
        if names != list(self.kinds):
            object.__setattr__(self, "kinds", dict(zip(names, self.kinds.values(), strict=True)))
        check_fact_types(self.facts, {name for source in self.sources for name in source.facts})
        listed = [lookup.name for lookup in self.lookups]
        check_setting("lookups", listed, "each name once", is_right=len(set(listed)) == len(listed))
        check_setting(
            "now",
            self.now,
            f"a time in ISO 8601 from {_YEARS[0]} to {_YEARS[1]}, such as 2026-01-31T00:00:00Z",
            is_right=not self.now or _is_now(self.now),
        )

    def with_(self, **changes: Any) -> Settings:
        """Make the settings with some changed; everything is checked as in a settings file.

        Two underscores lead into a table: `settings.with_(seed=2, model__cluster_probability=0.95,
        kinds__ip__window_days=2)`. A value given for a table or list replaces all of it.

        Args:
            **changes: Names of settings, to their values.

        Returns:
            The changed settings; these stay as they are.

        Raises:
            SettingsError: Names the setting that is unknown, of the wrong type or out of range.
        """
        return with_changes(self, changes)

    def stated(self) -> dict[str, Any]:
        """Make the tables of all settings that determine a result.

        Of parameters those that were changed; of facts none where there are none.
        """
        values = dataclasses.asdict(self)
        del values["engine"], values["parameters"], values["model_file"], values["folder"]
        if not values["labels"]["as_in_result"]:
            del values["labels"]["as_in_result"]
        for part in (values, *values["sources"]):
            if not part["facts"]:
                del part["facts"]
        for part in (*values["sources"], *([values["accounts"]] if values["accounts"] else [])):
            for name in ("joins", "format", "version", "catalog"):
                if not part[name]:
                    del part[name]
        return values | ({"parameters": stated} if (stated := changed(self.parameters)) else {})

    def fingerprint(self) -> str:
        """Digest of all settings that determine a result; those of the engine do not."""
        values = self.stated()
        if values["organisation_names"] == _ORGANISATION_NAMES:  # the same as a file without it
            del values["organisation_names"]
        if not values["labels"]["teach"]:
            del values["labels"]["teach"]
        for source in (*values["sources"], *([values["accounts"]] if values["accounts"] else [])):
            for name in (
                "records",
                "encoding",
                "lookup",
                "until",
                "moments",
            ):  # the same as a file without it
                if not source.get(name):
                    source.pop(name, None)
        if not values["lookups"]:
            del values["lookups"]
        for kind in values["kinds"].values():
            if not kind["clean"]:  # the same as a file without it
                del kind["clean"]
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def _is_now(text: str) -> bool:
    try:
        return _YEARS[0] <= datetime.datetime.fromisoformat(text).year <= _YEARS[1]
    except ValueError:
        return False
