"""Rows whose columns hold objects -> rows with a column per value inside, named by its dotted path."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from graphlink.storage.nested import is_plain_key, leaves, records_inside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DEEPEST = 6  # levels that are looked into
_MOST_COLUMNS = 500
_MOST_ROWS = 1000
_ENVELOPE = re.compile(r'\s*\{\s*"([^"\\\[\].]{1,64})"\s*:\s*\[\s*\{')


class Inside(NamedTuple):
    """The rows of a file with what is inside their columns.

    Attributes:
        records: The path to the list of records in each document; empty where documents are the records.
        columns: The columns; of objects a column per value, named by its dotted path.
        rows: The rows, as text by column.
    """

    records: str
    columns: tuple[str, ...]
    rows: list[dict[str, str]]


def look_inside(columns: Sequence[str], rows: Sequence[dict[str, str]]) -> Inside:
    """Open the objects that columns hold, and the list of records that a document holds."""
    opened = {name for name in columns if _holds_objects([row[name] for row in rows if name in row])}
    documents = [{key: _value(text) for key, text in row.items()} for row in rows]
    records = path_to_records(documents)
    if records:
        inside = records_inside(documents, records)
        return Inside(records, *_flat([one for one in inside if isinstance(one, dict)][:_MOST_ROWS]))
    if not opened:
        return Inside("", tuple(columns), list(rows))
    found = [{key: _value(text) if key in opened else text for key, text in row.items()} for row in rows]
    names, flat = _flat(found)
    place = {name: i for i, name in enumerate(columns)}
    first = {name: place.get(name, place.get(name.partition(".")[0], len(place))) for name in names}
    empty = [name for name in columns if name not in names and name not in opened]
    return Inside("", (*sorted(names, key=lambda name: first[name]), *empty), flat)


def path_to_records(documents: Sequence[Mapping[str, object]]) -> str:
    """The path to the one list of records inside documents; empty where the documents are the records.

    A document with values of its own beside a list is a record, unless it is the only one: then it is an
    answer of an API, with a count or the address of its next page.
    """
    path: list[str] = []
    level: object = documents[0] if documents else None
    is_sole = len(documents) == 1
    for _ in range(_DEEPEST):
        if not isinstance(level, dict):
            break
        key = _list_of_records(level)
        is_record = any(not isinstance(value, list | dict) for value in level.values())
        if key and (not is_record or (is_sole and len(level[key]) > 1)):
            path.append(f"{key}[]")
            level, is_sole = level[key][0], False
            continue
        if is_sole and not key:
            inner = {
                name: within
                for name, value in level.items()
                if isinstance(value, dict) and is_plain_key(name) and (within := _list_of_records(value))
            }
            if len(inner) == 1:
                name, within = next(iter(inner.items()))
                path += [name, f"{within}[]"]
        break
    return ".".join(path).removesuffix("[]")


def path_in_head(head: str) -> str:
    """The path to the records of a document that the head of its file does not hold whole; empty without."""
    match = _ENVELOPE.match(head)
    return match[1] if match else ""


def _list_of_records(value: Mapping[str, object]) -> str:
    """The one key that holds a list of objects; empty where none or several do."""
    lists = [
        key
        for key, inner in value.items()
        if isinstance(inner, list) and inner and all(isinstance(one, dict) for one in inner)
    ]
    return lists[0] if len(lists) == 1 and is_plain_key(lists[0]) else ""


def _holds_objects(cells: list[str]) -> bool:
    return bool(cells) and 2 * sum(isinstance(_value(cell), dict) for cell in cells) >= len(cells)


def _value(text: str) -> object:
    if text[:1] not in "{[":
        return text
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value


def _flat(records: Sequence[Mapping[str, object]]) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    """The values of records as texts, those inside objects by their dotted paths."""
    rows = [
        {
            path: leaf if isinstance(leaf, str) else json.dumps(leaf)
            for path, leaf in leaves(record, _DEEPEST)
            if leaf is not None and leaf != ""
        }
        for record in records
    ]
    names = dict.fromkeys(name for row in rows for name in row)
    return tuple(names)[:_MOST_COLUMNS], rows
