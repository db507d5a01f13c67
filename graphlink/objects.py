"""JSON objects as rows: the SQL that takes a key out of one, wherever in the file it is first seen.

The head of a file shows most keys, not all: a count or the closing of an account may first stand in record
1,001. So every key that is wanted is taken from every record. One that the head did not show is parsed only
where its name stands in the text of the record, which costs next to nothing, and whether it stood anywhere is
noted in the same pass.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from graphlink.sql import quoted_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DEEPEST = 4  # levels of nesting that hints look into
_MOST_PATHS = 500  # paths that hints know of

OBJECTS = (
    "(SELECT CASE WHEN json_valid(line) AND json_type(line) = 'OBJECT' THEN line END AS line, "
    "CASE WHEN NOT json_valid(line) THEN 'bad_json' WHEN json_type(line) <> 'OBJECT' THEN 'not_an_object' "
    "END AS json_fault, graphlink_part FROM {source})"
)
"""The rows of a file as objects: what is none has no columns, and `json_fault` says why."""


class Key(NamedTuple):
    """A key of objects in SQL, over the column `line`.

    Attributes:
        cell: Its value as text; null where there is none.
        is_there: Whether the object has it.
        is_nested: Whether its value is an object or a list, which is no single text.
        is_text: Whether its value is a text, and not say a number of the same digits.
    """

    cell: str
    is_there: str
    is_nested: str
    is_text: str


def key_sql(key: str, *, is_known: bool) -> Key:
    """The SQL of a key.

    Args:
        key: The key, as JSON means it.
        is_known: Whether the head of the file showed it; most records have it then.
    """
    path = quoted_text('$."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"')
    cell, is_there = f"line ->> {path}", f"json_exists(line, {path})"
    is_nested = f"coalesce(json_type(line, {path}) IN ('OBJECT', 'ARRAY'), false)"
    is_text = f"coalesce(json_type(line, {path}) = 'VARCHAR', false)"
    # A name with signs that JSON may write in several ways can't be looked for as text.
    if not is_known and not re.search(r'["\\/\x00-\x1f\x7f]', key):
        name = quoted_text(json.dumps(key, ensure_ascii=False))
        may_be = f"(contains(line, {name}) OR contains(line, '\\u'))"
        cell = f"CASE WHEN {may_be} THEN {cell} END"
        is_there = f"CASE WHEN {may_be} THEN {is_there} ELSE false END"
    return Key(cell, f"coalesce({is_there}, false)", is_nested, is_text)


def nested_paths(records: Iterable[object]) -> tuple[str, ...]:
    """Dotted paths of the values inside objects inside records, such as user.id."""
    found: dict[str, None] = {}
    for record in records:
        if len(found) >= _MOST_PATHS:
            break
        if isinstance(record, dict):
            found.update(
                (f"{key}.{path}", None)
                for key, value in record.items()
                if isinstance(value, dict)
                for path in _paths_in(value, _DEEPEST)
            )
    return tuple(found)[:_MOST_PATHS]


def _paths_in(record: dict[str, object], depth: int) -> list[str]:
    paths = []
    for key, value in record.items():
        if isinstance(value, dict) and depth > 1:
            paths += [f"{key}.{path}" for path in _paths_in(value, depth - 1)]
        else:
            paths.append(key)
    return paths


def flatten_hint(column: str, nested: Sequence[str]) -> str:
    """What to do about a column that is inside another; nothing where it is not."""
    alike = [path for path in nested if column in (path, path.rpartition(".")[2])]
    if not alike:
        return ""
    path = alike[0]
    flat = re.sub(r"\W+", "_", path)
    steps = "".join(f'["{part}"]' for part in path.split("."))
    return (
        f"; {path!r} is inside the column {path.partition('.')[0]!r}, and nested columns are not read yet: "
        f"flatten them first, such as by jq -c '. + {{\"{flat}\": .{steps}}}' FILE > flat.jsonl, and name "
        f"the column {flat!r}"
    )
