"""JSON objects as rows: the SQL that extracts a key from each, at any place in the file.

The head of a file shows most keys, not all: a count or the closing of an account may first occur in record
1,001. So every key to read is extracted from every record, and the same pass notes whether a key that the
head did not show occurs at all.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.sql import quoted_text
from graphlink.ingest.sources.nesting import json_inside
from graphlink.storage.nested import ATTRIBUTE_VALUES, json_path, path_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Key(NamedTuple):
    """A key of objects in SQL, over the columns of `objects_sql`.

    Attributes:
        cell: Its value as text; null where there is none.
        is_there: Whether the object has it.
        is_nested: Whether its value is an object or a list, which is no single text.
        is_text: Whether its value is a text, and not a number of the same digits.
    """

    cell: str
    is_there: str
    is_nested: str
    is_text: str


def objects_sql(source: str, keys: Sequence[str]) -> str:
    """The rows of a file as objects; a row that is no object has no columns and a reason in `json_fault`.

    Every object is parsed once for all keys.

    Args:
        source: Rows with `line`, a JSON value as text, and graphlink_part.
        keys: The keys, as JSON means them.

    Returns:
        Rows of line, graphlink_part, json_fault, and key0, key1, ... as `key_sql` names them.
    """
    blanks = "chr(9) || chr(10) || chr(13) || ' '"
    is_object = f"CASE WHEN json_valid(line) THEN starts_with(ltrim(line, {blanks}), '{{') END"
    faults = "CASE WHEN is_object IS NULL THEN 'bad_json' WHEN NOT is_object THEN 'not_an_object' END"
    paths = list(dict.fromkeys(path for key in keys for path in _paths(key)))
    values = f"json_extract_string(line, [{', '.join(paths)}])" if keys else "NULL"
    place = {path: i for i, path in enumerate(paths, 1)}
    cells = "".join(f", {_cell(key, place)} AS key{i}" for i, key in enumerate(keys))
    return (
        f"(SELECT *{cells} FROM (SELECT *, {values} AS key_values FROM ("
        f"SELECT CASE WHEN is_object THEN line END AS line, {faults} AS json_fault, graphlink_part "
        f"FROM (SELECT *, {is_object} AS is_object FROM {source}))))"
    )


def key_sql(i: int, key: str) -> Key:
    """The SQL of the key that is the one of number i of those given to `objects_sql`."""
    path, *further = _paths(key)
    is_there = " OR ".join(f"json_exists(line, {one})" for one in (path, *further[:1]))
    kind = f"json_type(line, {path})"
    if further:
        inner = _inside(key, f"json_extract_string(line, {further[1]})")
        of_attribute = f"CASE WHEN key{i} IS NOT NULL THEN 'VARCHAR' END"
        kind = f"coalesce({kind}, json_type(line, {further[0]}), json_type({inner}), {of_attribute})"
        is_there = f"{is_there} OR key{i} IS NOT NULL"
    is_nested = f"coalesce({kind} IN ('OBJECT', 'ARRAY'), false)"
    is_text = f"coalesce({kind} = 'VARCHAR', false)"
    # A name with signs that JSON may write in several ways can't be looked for as text.
    if not further and not re.search(r'["\\/\x00-\x1f\x7f]', key):
        name = quoted_text(json.dumps(key, ensure_ascii=False))
        is_there = f"CASE WHEN contains(line, {name}) OR contains(line, '\\u') THEN {is_there} ELSE false END"
    return Key(f"key{i}", f"coalesce({is_there}, false)", is_nested, is_text)


def _paths(key: str) -> list[str]:
    """The paths at which a key is looked for: itself; of a dotted one also inside, and its first part."""
    own = quoted_text(json_path((key,)))
    steps = path_steps(key)
    if len(steps) == 1:
        return [own]
    return [own, quoted_text(json_path(steps)), quoted_text(json_path(steps[:1]))]


def _cell(key: str, place: Mapping[str, int]) -> str:
    values = [f"key_values[{place[path]}]" for path in _paths(key)]
    if len(values) == 1:
        return values[0]
    inside = f"json_extract_string({_inside(key, values[2])}, '$')"
    return f"coalesce({', '.join([*values[:2], inside, *_attributes(key)])})"


def _attributes(key: str) -> list[str]:
    """SQL of the attribute that a dotted key names in a list of {"key": ..., "value": ...}."""
    cells = []
    steps = path_steps(key)
    paths = ", ".join(quoted_text(f"$.value.{name}") for name in ATTRIBUTE_VALUES)
    for n in range(1, len(steps)):
        outer = json_path(steps[:n])
        name = quoted_text(".".join(map(str, steps[n:])))
        named = f"lambda one: json_extract_string(one, '$.key') = {name}"
        one = f"list_filter(json_extract(line, {quoted_text(outer + '[*]')}), {named})[1]"
        typed = f"list_filter(json_extract_string({one}, [{paths}]), lambda text: text IS NOT NULL)[1]"
        value = f"json_extract_string({one}, '$.value')"
        plain = f"CASE WHEN json_type({one}, '$.value') <> 'OBJECT' THEN {value} END"
        is_listed = f"json_type(line, {quoted_text(outer)}) = 'ARRAY'"
        cells.append(f"CASE WHEN {is_listed} THEN coalesce({typed}, {plain}) END")
    return cells


def _inside(key: str, text: str) -> str:
    """SQL of the value inside an object that is written in a text, as in a dump of a queue."""
    return json_inside(text, path_steps(key)[1:])
