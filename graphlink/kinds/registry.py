"""The kind of a name: built in or open, with what the settings say of it."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

from graphlink.core.errors import SettingsError
from graphlink.core.kind_names import EXPECTED, kind_name
from graphlink.kinds.built_in import KINDS
from graphlink.kinds.cleaning import LONGEST_VALUE, TOKEN_SQL, clean_token, named, refuse
from graphlink.kinds.facets import PAYMENT
from graphlink.kinds.kind import Kind, UncleanValue
from graphlink.kinds.placeholders import MENDS, PLACEHOLDER, among_sql, instrument_sql, lowered
from graphlink.kinds.spelling import spelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.core.settings import Settings

# Of an open kind only its rarity is known: more than what a network says of neighbours, less than what most
# kinds say that somebody thought about.
_OPEN_PRIVATE = 0.2


def clean_kind(name: str) -> str:
    """Make the name of a kind: lower case, aliases resolved.

    Raises:
        UncleanValue: The name has other characters than a-z, 0-9, _, . and -, or not 1 to 64 of them.
    """
    told = kind_name(name)
    if not told:
        raise UncleanValue("bad_kind", EXPECTED)
    return told


def kind_of(name: str, settings: Settings) -> Kind:
    """Make the kind of a name: built in, or open; with what the settings say of it.

    A window of 0 days in the settings means no window.

    Raises:
        UncleanValue: The name is not one a kind can have.
        SettingsError: The settings give a kind a facet, window or probability it can't have.
    """
    name = clean_kind(name)
    kind = KINDS.get(name) or Kind(
        name, name, "Kind of your own", None, _OPEN_PRIVATE, clean_token, TOKEN_SQL
    )
    for told, setting in settings.kinds.items():
        where = f"settings: kinds.{told}"
        if _settings_name(told, where) != name:
            continue
        if setting.facet is not None:
            kind = dataclasses.replace(kind, facet=_settings_name(setting.facet, f"{where}.facet"))
        if setting.window_days is not None:
            kind = dataclasses.replace(kind, window_days=setting.window_days or None)
        if setting.private is not None:
            kind = dataclasses.replace(kind, private=setting.private)
    if name not in KINDS and kind.facet == PAYMENT.name:
        is_clean_sql = f"{TOKEN_SQL} AND {instrument_sql('value')}"
        kind = dataclasses.replace(kind, clean=partial(named, is_payment=True), is_clean_sql=is_clean_sql)
    return _with_own_placeholders(kind, settings)


def _with_own_placeholders(kind: Kind, settings: Settings) -> Kind:
    """The kind with the values that the settings keep, or reject, of it."""
    keep, reject = (
        lowered(text for told, texts in listed.items() if clean_kind(told) == kind.name for text in texts)
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
    told = spelled(value).lower() if len(value) <= LONGEST_VALUE else ""
    refuse(PLACEHOLDER if told in reject else None)
    try:
        cleaned = clean(value)
    except UncleanValue as error:
        if told in keep and error.reason in MENDS:
            return spelled(value)
        raise
    refuse(PLACEHOLDER if cleaned.lower() in reject else None)
    return cleaned


def _settings_name(told: str, where: str) -> str:
    try:
        return clean_kind(told)
    except UncleanValue as error:
        raise SettingsError(f"{where}: {told!r} is no name; {error.mend}") from error


def is_declared(name: str, settings: Settings) -> bool:
    """Whether the prior of a kind was stated: built in, or given in the settings. Others learn freely."""
    return name in KINDS or (name in settings.kinds and settings.kinds[name].private is not None)
