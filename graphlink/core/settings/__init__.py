"""Settings: one frozen value per run, read from `graphlink.toml`, with a fingerprint.

Every setting has a meaning in the data, a unit and a default that works unconfigured.
"""

from __future__ import annotations

from graphlink.core.settings.facts import FactSettings
from graphlink.core.settings.identifiers import KindSettings, Override, Placeholders, Pseudonymize
from graphlink.core.settings.machine import EngineSettings
from graphlink.core.settings.model import ModelSettings
from graphlink.core.settings.reading import read_settings, settings_from
from graphlink.core.settings.schema import settings_schema
from graphlink.core.settings.tables import (
    DEFAULT_ABUSE,
    PICKS,
    AccountSource,
    KindColumn,
    Labels,
    Lookup,
    Reference,
    Source,
)
from graphlink.core.settings.whole import Settings

__all__ = [
    "DEFAULT_ABUSE",
    "PICKS",
    "AccountSource",
    "EngineSettings",
    "FactSettings",
    "KindColumn",
    "KindSettings",
    "Labels",
    "Lookup",
    "ModelSettings",
    "Override",
    "Placeholders",
    "Pseudonymize",
    "Reference",
    "Settings",
    "Source",
    "read_settings",
    "settings_from",
    "settings_schema",
]
