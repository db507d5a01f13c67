"""Settings changed by keyword: `model__cluster_probability=0.95`."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from graphlink.core.errors import SettingsError
from graphlink.core.ranges import check_names, hints_of

if TYPE_CHECKING:
    Changes = Mapping[tuple[str, ...], object]

T = TypeVar("T")


def with_changes(value: T, changes: Mapping[str, object]) -> T:
    """Make a settings value with some settings changed.

    Args:
        value: A settings dataclass.
        changes: Names to values; two underscores in a name lead into a table.

    Raises:
        SettingsError: Names the setting that is unknown, of the wrong type or out of range.
    """
    paths = {tuple(name.split("__")): item for name, item in changes.items()}
    made: T = _changed(value, paths, "settings")
    return made


def _changed(value: Any, changes: Changes, where: str) -> Any:
    """All changes of a table at once: its settings may depend on each other."""
    kind = type(value)
    inner = _by_first(changes)
    check_names(kind, inner, where)
    hints = hints_of(kind)
    made = {
        name: _made(hints[name], getattr(value, name), further, f"{where}: {name}")
        for name, further in inner.items()
    }
    try:
        return dataclasses.replace(value, **made)
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from None


def _made(hint: Any, current: Any, changes: Changes, where: str) -> Any:
    if () in changes:
        if len(changes) > 1:
            raise SettingsError(f"{where}: changed as a whole and in part; choose one")
        return changes[()]  # checked by the table that it becomes a part of
    kind = _table_of(hint)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _changed(current if isinstance(current, kind) else kind(), changes, where)
    if typing.get_origin(kind) in (dict, Mapping):
        (_, item_hint), items = typing.get_args(kind), dict(current)
        for name, further in _by_first(changes).items():
            items[name] = _made(item_hint, items.get(name), further, f"{where}.{name}")
        return items
    first = next(iter(changes))[0]
    raise SettingsError(f"{where}: expected one value, found the setting {first!r} of a table; give it whole")


def _by_first(changes: Changes) -> dict[str, dict[tuple[str, ...], object]]:
    grouped: dict[str, dict[tuple[str, ...], object]] = {}
    for path, value in changes.items():
        grouped.setdefault(path[0], {})[path[1:]] = value
    return grouped


def _table_of(hint: Any) -> Any:
    """The table that a setting is or may be; the hint itself where it is none."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return next((one for one in typing.get_args(hint) if dataclasses.is_dataclass(one)), hint)
    return hint
