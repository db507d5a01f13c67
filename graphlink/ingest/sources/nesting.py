"""Columns that dotted paths name inside others: fields of structures, keys of maps, and JSON in text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphlink.core.sql import quoted_text
from graphlink.engine.nested_types import is_list, is_map, struct_fields
from graphlink.storage.nested import json_path, path_steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.ingest.sources.columns import Columns

_TEXTS = ("VARCHAR", "JSON", "BLOB")


def with_paths(columns: Columns, names: Iterable[str]) -> Columns:
    """The columns of a source, and those that names reach inside them.

    A column of the very name comes first; else the longest column that the path starts with is looked into.
    """
    reached: Columns = {}
    for name in names:
        if name in columns or not re.search(r"[.\[]", name):
            continue
        keys = name.split(".")
        for n in range(len(keys), 0, -1):
            outer = _PLACES.sub("", ".".join(keys[:n]))  # of targets[0].id the column targets
            inside = outer in columns and _column_inside(columns[outer], path_steps(name)[n:])
            if inside:
                reached[name] = inside
                break
    return columns | reached


_PLACES = re.compile(r"(\[\d{1,6}\])+$")


def _column_inside(column: tuple[str, str], steps: tuple[str | int, ...]) -> tuple[str, str] | None:
    kind, sql = column
    for i, step in enumerate(steps):
        if kind in _TEXTS:
            return "JSON", json_inside(sql if kind == "VARCHAR" else _as_text(kind, sql), steps[i:])
        if isinstance(step, int):
            if not is_list(kind):
                return None
            kind, sql = kind.removesuffix("[]"), f"list_extract({sql}, {step + 1})"
        elif is_map(kind):
            kind, sql = struct_fields(kind)["value"], f"map_extract_value({sql}, {quoted_text(step)})"
        else:
            fields = struct_fields(kind)
            if step not in fields:
                return None
            kind, sql = fields[step], f"struct_extract({sql}, {quoted_text(step)})"
    return kind, sql


def _as_text(kind: str, sql: str) -> str:
    return f"{sql}::VARCHAR" if kind == "JSON" else f"TRY(decode({sql}))"


def json_inside(text: str, steps: tuple[str | int, ...]) -> str:
    """SQL of the JSON value at a path in a text; null where the text is no JSON, or has no such value."""
    is_json = f"regexp_matches({text}, '^\\s*[\\[{{]') AND json_valid({text})"
    return f"json_extract(CASE WHEN {is_json} THEN {text} END, {quoted_text(json_path(steps))})"
