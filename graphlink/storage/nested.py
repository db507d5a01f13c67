"""Values inside objects inside records: their dotted paths, in JSON and for people.

The path `user.id` is the key id inside the column user; `targets[0].id` is that of the first object of a
list.
`records` of the settings is a path to the list of records inside a document, such as Records or
resourceLogs[].scopeLogs[].logRecords: `[]` stands for every object of a list on the way.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_DEEPEST = 4  # levels of nesting that hints look into


_MOST_PATHS = 500  # paths that hints know of


def leaves(
    record: Mapping[str, object], deepest: int, *, is_inside: bool = False
) -> Iterator[tuple[str, object]]:
    """The values inside a record by their dotted paths; an object at the deepest level is a value itself.

    What no dotted path names is left out: keys with points inside other keys. A list of attributes, as of
    OpenTelemetry, is taken for an object of them.
    """
    for key, value in record.items():
        if (is_inside or isinstance(value, dict)) and not is_plain_key(key):
            continue
        attributes = attributes_of(value) if is_plain_key(key) else None
        if attributes:
            yield from ((f"{key}.{name}", leaf) for name, leaf in attributes.items())
        elif isinstance(value, dict) and deepest > 1:
            inner = leaves(value, deepest - 1, is_inside=True)
            yield from ((f"{key}.{path}", leaf) for path, leaf in inner)
        else:
            yield key, value


def attributes_of(value: object) -> dict[str, object] | None:
    """The attributes in a list of {"key": ..., "value": ...}, whose values may name their type; else None."""
    if not isinstance(value, list) or not value:
        return None
    attributes: dict[str, object] = {}
    for one in value:
        if not isinstance(one, dict) or not isinstance(one.get("key"), str) or "value" not in one:
            return None
        inner = one["value"]
        if isinstance(inner, dict):
            inner = next((inner[name] for name in ATTRIBUTE_VALUES if name in inner), None)
        attributes.setdefault(one["key"], inner)
    return attributes


ATTRIBUTE_VALUES = ("stringValue", "intValue", "doubleValue", "boolValue")
"""Keys of the value of an attribute in the JSON of OpenTelemetry, by its type."""


def is_plain_key(key: str) -> bool:
    """Whether a key may be part of a dotted path."""
    return bool(key) and not re.search(r"[.\[\]]", key)


def path_steps(path: str) -> tuple[str | int, ...]:
    """The keys and the places in lists that a dotted path names, from the outside in."""
    steps: list[str | int] = []
    for part in path.split("."):
        match = _INDEXED.fullmatch(part)
        steps.append(match[1] if match else part)
        steps += [int(index) for index in re.findall(r"\d+", match[2])] if match else []
    return tuple(steps)


_INDEXED = re.compile(r"(.+?)((?:\[\d{1,6}\])+)")


def json_path(steps: Sequence[str | int]) -> str:
    """The path of JSON, as DuckDB writes it, of keys and places in lists."""
    return "$" + "".join(_json_step(step) for step in steps)


def _json_step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    escaped = step.replace("\\", "\\\\").replace('"', '\\"')
    return f'."{escaped}"'


def value_at(record: Mapping[str, object], path: str) -> object:
    """The value of a key, or of a dotted path, in a record; None where there is none."""
    if path in record:
        return record[path]
    value: object = record
    steps = path_steps(path)
    for i, step in enumerate(steps):
        if isinstance(value, str) and value[:1] in ("{", "["):  # an object in a text, as in a dump of a queue
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return None
        if attributes := attributes_of(value):
            return attributes.get(".".join(map(str, steps[i:])))
        is_place = isinstance(value, list) and isinstance(step, int) and step < len(value)
        if not is_place and not (isinstance(value, dict) and step in value):
            return None
        value = value[step]  # type: ignore[index]  # a list and a place in it, or an object and its key
    return value


def records_path(records: str) -> str:
    """The path of JSON, without its `$`, of every record inside a document."""
    parts = records.split(".")
    every = [part.endswith("[]") or i == len(parts) - 1 for i, part in enumerate(parts)]
    return "".join(
        _json_step(part.removesuffix("[]")) + ("[*]" if is_list else "")
        for part, is_list in zip(parts, every, strict=True)
    )


def records_inside(document: object, records: str) -> list[object]:
    """The records inside a document; none where the path leads nowhere."""
    level = document if isinstance(document, list) else [document]
    for part in records.split("."):
        key = part.removesuffix("[]")
        inner = [one[key] for one in level if isinstance(one, dict) and key in one]
        level = [item for one in inner for item in (one if isinstance(one, list) else [one])]
    return level


def start_of_records(head: str, records: str) -> int:
    """Where in the beginning of a document its first list of records starts; -1 where it does not."""
    at = 0
    for part in records.split("."):
        match = re.compile(re.escape(json.dumps(part.removesuffix("[]"))) + r"\s*:\s*").search(head, at)
        if match is None:
            return -1
        at = match.end()
    return at if head[at : at + 1] == "[" else -1


def nested_paths(records: Iterable[object]) -> tuple[str, ...]:
    """Dotted paths of the values inside objects inside records, such as user.id."""
    paths: dict[str, None] = {}
    for record in records:
        if len(paths) >= _MOST_PATHS:
            break
        if isinstance(record, dict):
            inner = {key: value for key, value in record.items() if isinstance(value, dict)}
            paths.update((path, None) for path, _ in leaves(inner, _DEEPEST + 1))
    return tuple(paths)[:_MOST_PATHS]


def flatten_hint(column: str, nested: Sequence[str]) -> str:
    """What to do about a column that is inside another; nothing where it is not."""
    alike = [path for path in nested if column in (path, path.rpartition(".")[2])]
    if not alike:
        return ""
    path = alike[0]
    return f"; {path!r} is inside the column {path.partition('.')[0]!r}: name it {path!r}"
