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

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    paths = ", ".join(map(_path, keys))
    values = f"json_extract_string(line, [{paths}])" if keys else "NULL"
    cells = "".join(f", key_values[{i}] AS key{i - 1}" for i in range(1, len(keys) + 1))
    return (
        f"(SELECT *{cells} FROM (SELECT *, {values} AS key_values FROM ("
        f"SELECT CASE WHEN is_object THEN line END AS line, {faults} AS json_fault, graphlink_part "
        f"FROM (SELECT *, {is_object} AS is_object FROM {source}))))"
    )


def key_sql(i: int, key: str) -> Key:
    """The SQL of the key that is the one of number i of those given to `objects_sql`."""
    path = _path(key)
    is_there = f"json_exists(line, {path})"
    is_nested = f"coalesce(json_type(line, {path}) IN ('OBJECT', 'ARRAY'), false)"
    is_text = f"coalesce(json_type(line, {path}) = 'VARCHAR', false)"
    # A name with signs that JSON may write in several ways can't be looked for as text.
    if not re.search(r'["\\/\x00-\x1f\x7f]', key):
        name = quoted_text(json.dumps(key, ensure_ascii=False))
        is_there = f"CASE WHEN contains(line, {name}) OR contains(line, '\\u') THEN {is_there} ELSE false END"
    return Key(f"key{i}", f"coalesce({is_there}, false)", is_nested, is_text)


def _path(key: str) -> str:
    return quoted_text('$."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"')
