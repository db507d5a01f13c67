"""Values inside objects inside records: their dotted paths, and what to do about a column that is one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_DEEPEST = 4  # levels of nesting that hints look into


_MOST_PATHS = 500  # paths that hints know of


def leaves(record: Mapping[str, object], deepest: int) -> Iterator[tuple[str, object]]:
    """The values inside a record by their dotted paths; an object at the deepest level is a value itself."""
    for key, value in record.items():
        if isinstance(value, dict) and deepest > 1:
            yield from ((f"{key}.{path}", leaf) for path, leaf in leaves(value, deepest - 1))
        else:
            yield key, value


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
    flat = re.sub(r"\W+", "_", path)
    steps = "".join(f'["{key}"]' for key in path.split("."))
    return (
        f"; {path!r} is inside the column {path.partition('.')[0]!r}, and nested columns are not read yet: "
        f"flatten them first, such as by jq -c '. + {{\"{flat}\": .{steps}}}' FILE > flat.jsonl, and name "
        f"the column {flat!r}"
    )
