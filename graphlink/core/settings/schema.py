"""The JSON Schema of `graphlink.toml`, by which editors complete, describe and check settings."""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Mapping
from typing import Any

from graphlink.core.ranges import choices_of, hints_of, range_of, setting_fields
from graphlink.core.settings.whole import Settings

_DRAFT = "http://json-schema.org/draft-07/schema#"  # the one that TOML editors know
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}
_ATTRIBUTE = re.compile(r"^    (\w+): (.*(?:\n {8,}.*)*)", re.MULTILINE)


def settings_schema() -> dict[str, Any]:
    """Make the JSON Schema (draft 7) of a settings file: names, types, ranges, defaults and meanings.

    Rules between several settings are not in it; `read_settings` checks those too.

    Returns:
        The schema, as `json.dumps` takes it.
    """
    tables: dict[str, Any] = {}
    whole = _table(Settings, tables)
    return {
        "$schema": _DRAFT,
        "title": "graphlink.toml",
        **whole,
        "definitions": dict(sorted(tables.items())),
    }


def descriptions_of(kind: type) -> dict[str, str]:
    """The description of each attribute in the docstring of a settings class."""
    _, _, attributes = (inspect.getdoc(kind) or "").partition("Attributes:\n")
    return {name: " ".join(about.split()) for name, about in _ATTRIBUTE.findall(attributes)}


def _table(kind: Any, tables: dict[str, Any]) -> dict[str, Any]:
    hints, described = hints_of(kind), descriptions_of(kind)
    properties = {}
    for part in setting_fields(kind):
        value = _value(hints[part.name], part, tables)
        about = described.get(part.name)
        properties[part.name] = value | ({"description": about} if about else {}) | _default(part)
    about = (inspect.getdoc(kind) or "").partition("\n")[0]
    return {
        "type": "object",
        "description": about,
        "properties": properties,
        "additionalProperties": False,
    }


def _value(hint: Any, part: dataclasses.Field[Any], tables: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):  # with None, which TOML can't write
        forms = [_value(one, part, tables) for one in arguments if one is not types.NoneType]
        return forms[0] if len(forms) == 1 else {"anyOf": forms}
    if origin is tuple:
        return {"type": "array", "items": _value(arguments[0], part, tables)}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": _value(arguments[1], part, tables)}
    if dataclasses.is_dataclass(hint):
        name = hint.__name__ if isinstance(hint, type) else str(hint)
        if name not in tables:
            tables[name] = {}  # a table that holds itself ends here
            tables[name] = _table(hint, tables)
        # In draft 7 what stands beside a reference is ignored.
        return {"allOf": [{"$ref": f"#/definitions/{name}"}]}
    limits = range_of(part)
    bounds = {"minimum": limits.lowest, "maximum": limits.highest} if limits else {}
    choices = {"enum": ["", *choices_of(part)]} if choices_of(part) else {}
    return {"type": _PLAIN[hint], **bounds, **choices}


def _default(part: dataclasses.Field[Any]) -> dict[str, Any]:
    default = list(part.default) if isinstance(part.default, tuple) else part.default
    is_stated = default is not None and default is not dataclasses.MISSING
    return {"default": default} if is_stated else {}
