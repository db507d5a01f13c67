"""Nested files -> the nested columns, the fields that look useful, and the command that flattens them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from graphlink.ingest.suggest_settings.account import choose_account
from graphlink.ingest.suggest_settings.identifiers import choose_kinds
from graphlink.ingest.suggest_settings.names import plain_name
from graphlink.ingest.suggest_settings.preview import Table, table_of
from graphlink.ingest.suggest_settings.time import choose_time
from graphlink.ingest.suggest_settings.toml_text import listed, toml_text
from graphlink.storage.files import peek_file
from graphlink.storage.nested import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 6  # levels that are looked into
_MOST_COLUMNS = 500  # of a flattened table
_MOST_ROWS = 1000
_EACH = 'if type == "array" then .[] else . end'  # a file of JSON may be one array
_SAFE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # a key of jq without quotes
_QUOTABLE = re.compile(r"[\w @:/+-][\w @:/.+-]*")  # one that quotes hold, in a shell too


class Nested(NamedTuple):
    """The nested columns of a file.

    Attributes:
        columns: The columns that hold objects or lists.
        advice: How to flatten it, line by line.
    """

    columns: list[str]
    advice: list[str]


def look_inside(table: Table) -> Nested | None:
    """The nested columns of a table; None where nothing is nested."""
    columns = [name for name, column in table.columns.items() if column.is_nested]
    if not columns:
        return None
    records, prefix = _unwrapped([_parsed(row) for row in table.rows])
    flat = _flat_table(table, records)
    account = choose_account(flat, [])
    time = choose_time(flat, account.column)
    kinds = choose_kinds(flat, {account.column, time.column})
    useful = {"the account": account.column, "the time": time.column} | {
        kind: choice.column for kind, choice in kinds.items()
    }
    likely = [f"{toml_text(path)} looks like {what}" for what, path in useful.items() if path]
    paths = [path for path in useful.values() if path]
    advice = (
        ["; ".join(likely) + "; flatten the file first, for example:"]
        if likely
        else ["flatten the file first:"]
    )
    command = _command(table, prefix, paths)
    advice.append(command or "one row per record, each of its fields a column of its own")
    return Nested(columns, advice)


def _parsed(row: dict[str, str]) -> dict[str, object]:
    return {key: _value(text) for key, text in row.items()}


def _value(text: str) -> object:
    if text[:1] not in "{[":
        return text
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value


def _unwrapped(records: list[dict[str, object]]) -> tuple[list[dict[str, object]], str]:
    """The records of a file whose records are lists in a list, and jq's path to them."""
    path = ""
    for _ in range(_DEEPEST):
        lists = [key for record in records[:1] for key, value in record.items() if _is_records(value)]
        # A record that has a value next to its list is a record already.
        has_own = any(not isinstance(value, list | dict) for one in records[:1] for value in one.values())
        if len(lists) != 1 or has_own:
            break
        key = lists[0]
        if not _QUOTABLE.fullmatch(key):
            break
        records = [inner for record in records for inner in _records(record.get(key))][:_MOST_ROWS]
        path += f".{_jq_key(key)}[]"
    return records, path


def _is_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(inner, dict) for inner in value)


def _records(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, list):
        yield from (inner for inner in value if isinstance(inner, dict))


def _flat_table(table: Table, records: list[dict[str, object]]) -> Table:
    rows = [_texts(record) for record in records[:_MOST_ROWS]]
    names = list(dict.fromkeys(name for row in rows for name in row))[:_MOST_COLUMNS]
    return table_of(table.path, table.file, names, rows)


def _texts(record: dict[str, object]) -> dict[str, str]:
    """The values inside a record as texts, by their dotted paths; a list is no single value."""
    return {
        path: value if isinstance(value, str) else json.dumps(value)
        for path, value in leaves(record, _DEEPEST + 1)
        if not (isinstance(value, list) or value is None or value == "")
    }


def _command(table: Table, prefix: str, paths: list[str]) -> str:
    """A command of jq that writes the useful fields as JSON lines; none where a name could break out."""
    form = "".join(table.file.suffixes).lower()
    keys = [key for path in paths for key in path.split(".")]
    if "json" not in form or form.endswith((".gz", ".zst")) or not paths:
        return ""
    if not all(_QUOTABLE.fullmatch(key) for key in keys) or not _QUOTABLE.fullmatch(table.file.name):
        return ""
    in_text = set() if prefix else _columns_in_text(table)
    start = f"{prefix} | " if prefix else f"{_EACH} | " if form == ".json" else ""
    fields = ", ".join(f"{_jq_name(path)}: {_jq_path(path, in_text)}" for path in paths)
    flat = f"{table.file.name.partition('.')[0]}-flat.jsonl"
    return f'jq -c \'{start}{{{fields}}}\' "{table.file.name}" > "{flat}"'


def _jq_name(path: str) -> str:
    name = plain_name(path)
    return name if _SAFE.fullmatch(name) else f'"{name}"'


def _jq_path(path: str, in_text: set[str]) -> str:
    first, *rest = (f".{_jq_key(key)}" for key in path.split("."))
    is_in_text = path.partition(".")[0] in in_text and rest
    return f"({first} | fromjson | {''.join(rest)})" if is_in_text else "".join([first, *rest])


def _columns_in_text(table: Table) -> set[str]:
    """The columns whose objects are in texts, as in a dump of a queue."""
    objects = {path.partition(".")[0] for path in peek_file(table.file).nested}
    return {name for name, column in table.columns.items() if column.is_nested} - objects


def _jq_key(key: str) -> str:
    return key if _SAFE.fullmatch(key) else f'"{key}"'


def describe_nested(nested: Nested) -> str:
    """The nested columns, in one line."""
    return f"{listed(nested.columns)} hold{'s' if len(nested.columns) == 1 else ''} nested values"
