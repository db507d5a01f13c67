"""How the values of a workspace's results are spelled: by its settings, and with its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.errors import NotFoundError, ResultError
from graphlink.core.settings import Settings, settings_from
from graphlink.kinds import pseudonym, read_key
from graphlink.task import task_of
from graphlink.workspace.holdings import Spelling

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.monitoring.context import Context


def spelling_of(context: Context) -> Spelling:
    """How the values of the next run are spelled; by the last run where the workspace has no settings.

    Raises:
        SettingsError: The settings are wrong, or the key can't be read.
    """
    settings = _settings(context)
    hashed = settings.pseudonymize
    return Spelling(settings, read_key(hashed.key_file) if hashed.kinds else None)


def account_spelling(spelling: Spelling) -> Callable[[str], str]:
    """What names an account as results do: itself, or its pseudonym where accounts are hashed."""
    key = spelling.key
    if key is None or "account" not in spelling.settings.pseudonymize.kinds:
        return str
    return lambda name: pseudonym(key, "account", name)


def _settings(context: Context) -> Settings:
    place = context.folder.settings
    if place.is_file():
        return task_of(place, None, None).settings
    try:
        stated = context.last().manifest.get("settings", {})
    except (NotFoundError, ResultError):
        return Settings()
    return settings_from(stated, "run.json")
