"""The kind of a name: built in or open, with what the settings say of it."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

from graphlink.core.cleanings import BY_NAME, cleaned
from graphlink.core.errors import SettingsError
from graphlink.core.kind_names import EXPECTED, kind_name
from graphlink.core.parameters import Parameters
from graphlink.core.plugins import find_plugin, plugin_names
from graphlink.kinds.built_in import KINDS, with_parameters
from graphlink.kinds.cleaning import LONGEST_VALUE, TOKEN_SQL, clean_token, named, refuse
from graphlink.kinds.facets import PAYMENT
from graphlink.kinds.kind import Kind, UncleanValue
from graphlink.kinds.placeholders import PLACEHOLDER, REMEDIES, among_sql, instrument_sql, lowered
from graphlink.kinds.plugin_kinds import GROUP, kind_of_plugin
from graphlink.kinds.spelling import spelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.core.settings import Settings


_DEFAULTS = Parameters()


def clean_kind(name: str) -> str:
    """Make the name of a kind: lower case, aliases resolved.

    Raises:
        UncleanValue: The name has other characters than a-z, 0-9, _, . and -, or not 1 to 64 of them.
    """
    cleaned = kind_name(name)
    if not cleaned:
        raise UncleanValue("bad_kind", EXPECTED)
    return cleaned


def kind_of(name: str, settings: Settings) -> Kind:
    """Make the kind of a name: built in, or open; with what the settings say of it.

    A window of 0 days in the settings means no window.

    Raises:
        UncleanValue: The name is not one a kind can have.
        SettingsError: The settings give a kind a facet, window or probability it can't have.
    """
    name = clean_kind(name)
    known, parameters = known_kind(name, takes_part=True), settings.parameters
    prior = parameters.kind_priors.open
    kind = known or Kind(name, name, "Kind of your own", None, prior, clean_token, TOKEN_SQL)
    if kind is KINDS.get(name) and parameters != _DEFAULTS:
        kind = with_parameters(kind, parameters)
    cleanings: tuple[str, ...] = ()
    for written, setting in settings.kinds.items():
        where = f"settings: kinds.{written}"
        if _settings_name(written, where) != name:
            continue
        if setting.facet is not None:
            kind = dataclasses.replace(kind, facet=_settings_name(setting.facet, f"{where}.facet"))
        if setting.window_days is not None:
            kind = dataclasses.replace(kind, window_days=setting.window_days or None)
        if setting.p_exclusive is not None:
            kind = dataclasses.replace(kind, p_exclusive=setting.p_exclusive)
        cleanings = setting.clean or ()
        if cleanings and known:
            raise SettingsError(f"{where}.clean: the values of {name} are cleaned in a way of their own")
    if known is None and kind.facet == PAYMENT.name:
        is_clean_sql = f"{TOKEN_SQL} AND {instrument_sql('value')}"
        kind = dataclasses.replace(kind, clean=partial(named, is_payment=True), is_clean_sql=is_clean_sql)
    if cleanings:
        kind = _with_cleanings(kind, cleanings)
    return _with_own_placeholders(kind, settings)


def known_kind(name: str, *, takes_part: bool = False) -> Kind | None:
    """The kind that is built in, or that a plugin adds; None of an open kind.

    Args:
        name: Its name, clean.
        takes_part: Whether it is used rather than looked at.

    Raises:
        PluginError: It is of a plugin that can't be used.
    """
    plugin = find_plugin(GROUP, name, KINDS)
    return KINDS.get(name) if plugin is None else kind_of_plugin(plugin, takes_part=takes_part)


def known_kinds() -> tuple[Kind, ...]:
    """The kinds that are built in and those that plugins add.

    Raises:
        PluginError: One is of a plugin that can't be used.
    """
    return tuple(kind for name in (*KINDS, *plugin_names(GROUP)) if (kind := known_kind(name)))


def is_known(name: str) -> bool:
    """Whether a kind is built in, or added by a plugin; nothing of that is imported."""
    return name in KINDS or name in plugin_names(GROUP)


def _with_cleanings(kind: Kind, names: tuple[str, ...]) -> Kind:
    """An open kind whose values are cleaned as the settings declare."""
    unchanged = " AND ".join(f"NOT regexp_matches(value, '{BY_NAME[name].changes}')" for name in names)
    return dataclasses.replace(
        kind,
        clean=partial(_clean_as_declared, kind.clean, names),
        is_clean_sql=f"({kind.is_clean_sql}) AND {unchanged}",
    )


def _clean_as_declared(clean: Callable[[str], str], names: tuple[str, ...], value: str) -> str:
    value, before = clean(value), None
    while value != before:  # what a cleaning leaves is trimmed and composed, and may then be cleaned further
        before, value = value, spelled(cleaned(value, names))
    if not value:
        raise UncleanValue("nothing_left", f"the value holds nothing that is kept; see clean = {list(names)}")
    return clean(value)


def _with_own_placeholders(kind: Kind, settings: Settings) -> Kind:
    """The kind with the values that the settings keep, or reject, of it."""
    keep, reject = (
        lowered(
            text
            for listed_name, texts in listed.items()
            if clean_kind(listed_name) == kind.name
            for text in texts
        )
        for listed in (settings.placeholders.keep, settings.placeholders.reject)
    )
    if not keep and not reject:
        return kind
    clean = partial(_clean_with, kind.clean, keep, reject)
    # What is rejected is never clean; what is kept is not clean to SQL, and kept by the slower way.
    is_clean_sql = kind.is_clean_sql
    if reject and is_clean_sql:
        is_clean_sql = f"({is_clean_sql}) AND NOT {among_sql('value', reject)}"
    return dataclasses.replace(kind, clean=clean, is_clean_sql=is_clean_sql)


def _clean_with(clean: Callable[[str], str], keep: frozenset[str], reject: frozenset[str], value: str) -> str:
    text = spelled(value).lower() if len(value) <= LONGEST_VALUE else ""
    refuse(PLACEHOLDER if text in reject else None)
    try:
        cleaned = clean(value)
    except UncleanValue as error:
        if text in keep and error.reason in REMEDIES:
            return spelled(value)
        raise
    refuse(PLACEHOLDER if cleaned.lower() in reject else None)
    return cleaned


def _settings_name(text: str, where: str) -> str:
    try:
        return clean_kind(text)
    except UncleanValue as error:
        raise SettingsError(f"{where}: {text!r} is no name; {error.remedy}") from error


def is_declared(name: str, settings: Settings) -> bool:
    """Whether the prior of a kind was stated: built in, or given in the settings. Others learn freely."""
    return is_known(name) or (name in settings.kinds and settings.kinds[name].p_exclusive is not None)
