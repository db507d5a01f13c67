"""What a run that pseudonymises may not show: raw values, wherever they are quoted."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from graphlink.core.kind_names import kind_name, kind_or_account
from graphlink.kinds import known_kind

if TYPE_CHECKING:
    from graphlink.core.settings import Override, Placeholders, Settings

HIDDEN = "(hashed)"
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]{2,}(?:/\d{1,3})?")
_LONGEST_SHAPE = 60


def is_pseudonymising(settings: Settings) -> bool:
    """Whether anything is hashed at the door."""
    return bool(settings.pseudonymize.kinds)


def hashed_kinds(settings: Settings) -> frozenset[str]:
    """The kinds whose values are hashed: those that the settings name, and what follows from them."""
    named = frozenset(settings.pseudonymize.kinds)
    kinds = [kind for name in sorted(named) if (kind := known_kind(name))]
    wider = {name for kind in kinds for name, _ in kind.generalizations_sql}
    return named | wider


def shape_of(text: str) -> str:
    """What a text looks like, without what it says: letters as A and a, digits as 9, the rest as it is."""
    shape = "".join(
        "9" if c.isdigit() else "A" if c.isupper() else "a" if c.isalpha() or not c.isascii() else c
        for c in text[: _LONGEST_SHAPE + 1]
    )
    return shape if len(text) <= _LONGEST_SHAPE else shape[:_LONGEST_SHAPE] + "…"


def hidden_settings(settings: Settings) -> Settings:
    """The settings without values of hashed kinds, and without queries, which may name somebody anywhere."""
    if not is_pseudonymising(settings):
        return settings
    hashed = hashed_kinds(settings)
    query = "(not shown, since values are pseudonymised)"
    accounts = settings.accounts
    return dataclasses.replace(
        settings,
        sources=tuple(
            dataclasses.replace(source, query=query) if source.query else source
            for source in settings.sources
        ),
        accounts=dataclasses.replace(accounts, query=query) if accounts and accounts.query else accounts,
        overrides=tuple(_hidden_override(override, hashed) for override in settings.overrides),
        placeholders=_hidden_placeholders(settings.placeholders, hashed),
    )


def _hidden_override(override: Override, hashed: frozenset[str]) -> Override:
    is_hashed = kind_name(override.kind) in hashed
    return dataclasses.replace(override, value=HIDDEN) if is_hashed else override


def _hidden_placeholders(placeholders: Placeholders, hashed: frozenset[str]) -> Placeholders:
    def hidden(listed: Mapping[str, tuple[str, ...]], what: str) -> dict[str, tuple[str, ...]]:
        # Numbered, since a value may not stand in both lists.
        return {
            kind: tuple(f"{HIDDEN} {what} {i}" for i, _ in enumerate(values, 1))
            if kind_or_account(kind) in hashed
            else values
            for kind, values in listed.items()
        }

    return dataclasses.replace(
        placeholders, keep=hidden(placeholders.keep, "keep"), reject=hidden(placeholders.reject, "reject")
    )


def without_raw_values(facts: object) -> object:
    """Facts without addresses, and with quoted texts by their shape."""
    if isinstance(facts, Mapping):
        return {name: without_raw_values(value) for name, value in facts.items()}
    if isinstance(facts, list | tuple):
        return [without_raw_values(value) for value in facts]
    if isinstance(facts, str):
        quoted = _QUOTED.sub(lambda found: f"{found[0][0]}{shape_of(found[0][1:-1])}{found[0][0]}", facts)
        return _ADDRESS.sub(_hidden_address, quoted)
    return facts


def _hidden_address(found: re.Match[str]) -> str:
    text = found[0].rstrip(".:")
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return found[0]
    return HIDDEN + found[0][len(text) :] if re.search(r"[.:]", text) else found[0]
