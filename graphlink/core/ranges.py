"""Ranges of settings: each stands once, with its field; the check, errors and README read it there."""

from __future__ import annotations

import dataclasses
import math
import os
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from graphlink.core.credentials import redacted_address
from graphlink.core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

_LONGEST_PATH = 4096  # bytes; what Linux takes as one path, and more than other systems do
_LONGEST_SHOWN = 60  # characters of a value in an error
_NAMES: dict[Any, str] = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Range:
    """What a number may be, both ends included.

    Attributes:
        lowest: The smallest value.
        highest: The largest value.
        unit: What it counts or measures, such as days.
        note: What a special value means, such as "0 for every core".
    """

    lowest: float
    highest: float
    unit: str
    note: str = ""

    def __str__(self) -> str:
        text = f"{_plain(self.lowest)} to {_plain(self.highest)} {self.unit}".rstrip()
        return f"{text}; {self.note}" if self.note else text

    def holds(self, value: float) -> bool:
        """Whether a number is within the range; NaN and the infinities never are."""
        return self.lowest <= value <= self.highest


def ranged(default: Any, lowest: float, highest: float, unit: str, note: str = "") -> Any:
    """Make a dataclass field of a number with its range."""
    return field(default=default, metadata={"range": Range(lowest, highest, unit, note)})


def path_field() -> Any:
    """Make a dataclass field of a path or an address, empty by default."""
    return field(default="", metadata={"is_path": True})


def choice_field(*choices: str) -> Any:
    """Make a dataclass field of a text that is one of some, empty by default."""
    return field(default="", metadata={"choices": choices})


def provenance_field() -> Any:
    """Make a dataclass field of where a settings value came from: no setting, and not compared."""
    return field(default="", compare=False, repr=False, metadata={"is_setting": False})


def setting_fields(kind: Any) -> tuple[dataclasses.Field[Any], ...]:
    """The fields of a settings class that settings may name."""
    return tuple(part for part in dataclasses.fields(kind) if part.metadata.get("is_setting", True))


def range_of(part: dataclasses.Field[Any]) -> Range | None:
    """The range of a field; None where it is no number."""
    return part.metadata.get("range")


def check_fields(value: Any) -> None:
    """Check every field of a settings value by its type and range, and give each its one form.

    Lists become tuples, whole numbers become floats where the field is one, and mappings become the settings
    they describe, so that a value made in Python is the same as one read from a file.

    Args:
        value: A frozen dataclass, inside its `__post_init__`.

    Raises:
        SettingsError: Names the field, what was expected and what was found.
    """
    hints = hints_of(type(value))
    for part in dataclasses.fields(value):
        given = getattr(value, part.name)
        right = as_hinted(hints[part.name], _path_text(part, given), part.name)
        if right is not given:
            object.__setattr__(value, part.name, right)
        if right is None:
            continue
        limits = range_of(part)
        for number in right if isinstance(right, tuple) else (right,):
            if limits is not None and not limits.holds(number):
                expected = f"{_NAMES[type(number)]} from {limits}"
                raise SettingsError(f"{part.name}: expected {expected}, found {shown(number)}")
        if part.metadata.get("is_path"):
            _check_path(part.name, right)
        choices = choices_of(part)
        if right and choices and right not in choices:
            expected = " or ".join((", ".join(choices[:-1]), choices[-1]))
            raise SettingsError(f"{part.name}: expected {expected}, found {shown(right)}")


def choices_of(part: dataclasses.Field[Any]) -> tuple[str, ...]:
    """What a text may be, besides empty; nothing where it may be any."""
    choices: tuple[str, ...] = part.metadata.get("choices", ())
    return choices


RENAMED = {"judgements": "labels", "largest_cell": "max_block_size", "private": "p_exclusive"}
"""Settings of version 0.1.0 that have another name now, and that name."""


def made_from(kind: type[T], given: object, where: str) -> T:
    """Make a settings value from a mapping; every name, type and range is checked.

    Raises:
        SettingsError: Names the setting, what was found and what would do.
    """
    if not isinstance(given, dict):
        raise SettingsError(f"{where}: expected a table of settings, found {shown(given)}")
    check_names(kind, given, where)
    hints, parts = hints_of(kind), {part.name: part for part in setting_fields(kind)}
    values = {
        name: as_hinted(hints[name], _path_text(parts[name], item), f"{where}: {name}")
        for name, item in given.items()
    }
    try:
        return kind(**values)
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from None


def check_names(kind: Any, given: Iterable[object], where: str) -> None:
    """Refuse names that are no setting of a settings class.

    Raises:
        SettingsError: Names the first of them, and those that are known.
    """
    names = {part.name for part in setting_fields(kind)}
    unknown = sorted({str(name) for name in given} - names)
    if not unknown:
        return
    if unknown[0] in RENAMED:
        raise SettingsError(f"{where}: {unknown[0]} is now called {RENAMED[unknown[0]]}; rename it")
    known = ", ".join(sorted(names))
    raise SettingsError(f"{where}: unknown setting {shown(unknown[0])}; known are {known}")


def as_hinted(hint: Any, given: Any, where: str) -> Any:
    """A value in the one form that a type hint stands for.

    Raises:
        SettingsError: It has another type.
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        inner = [argument for argument in arguments if argument is not types.NoneType]
        if given is None and len(inner) < len(arguments):
            return None
        # Of a text or a table of settings, what is no text is the table.
        table = next((one for one in inner if isinstance(one, type) and dataclasses.is_dataclass(one)), None)
        is_table = table is not None and isinstance(given, dict | table)
        return as_hinted(table if is_table else inner[0], given, where)
    if origin is tuple:
        if not isinstance(given, list | tuple):
            raise SettingsError(f"{where}: expected a list, found {shown(given)}")
        items = tuple(as_hinted(arguments[0], item, f"{where}[{i + 1}]") for i, item in enumerate(given))
        return given if items == given else items
    if origin in (dict, Mapping):
        if not isinstance(given, dict):
            raise SettingsError(f"{where}: expected a table, found {shown(given)}")
        return {str(name): as_hinted(arguments[1], item, f"{where}.{name}") for name, item in given.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return given if isinstance(given, hint) else made_from(hint, given, where)
    return _plain_value(hint, given, where)


def _plain_value(hint: Any, given: Any, where: str) -> Any:
    if hint is float and type(given) is int:
        with_point = float(given) if abs(given) < 1 << 1000 else math.inf
        return with_point if math.isfinite(with_point) else _refuse_type(hint, given, where)
    if type(given) is not hint:
        return _refuse_type(hint, given, where)
    if isinstance(given, str) and "\0" in given:
        raise SettingsError(f"{where}: expected text without NUL characters, found {shown(given)}")
    return given


def _refuse_type(hint: Any, given: object, where: str) -> Any:
    raise SettingsError(f"{where}: expected {_NAMES.get(hint, hint.__name__)}, found {shown(given)}")


def shown(value: object) -> str:
    """A value as errors show it: short, and never an address, which may hold a password or a token."""
    if isinstance(value, bool | float) or value is None:
        return repr(value)
    if isinstance(value, int):
        return repr(value) if value.bit_length() <= 128 else f"a number of {value.bit_length()} bits"
    if not isinstance(value, str):
        names: dict[type, str] = {list: "a list", tuple: "a list", dict: "a table"}
        return names.get(type(value), f"a value of type {type(value).__name__}")
    if "://" in value:
        return "an address"
    value = redacted_address(value)
    return repr(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…")


def _path_text(part: dataclasses.Field[Any], given: object) -> object:
    """A path as text, where a field is one; all else as it is."""
    if part.metadata.get("is_path") and isinstance(given, os.PathLike):
        return os.fspath(given)
    return given


def _check_path(name: str, path: str) -> None:
    n_bytes = len(path.encode(errors="surrogatepass"))
    if n_bytes > _LONGEST_PATH:
        raise SettingsError(
            f"{name}: expected a path of at most {_LONGEST_PATH:,} bytes, found one of {n_bytes:,}"
        )


_HINTS: dict[object, dict[str, Any]] = {}


def hints_of(kind: object) -> dict[str, Any]:
    """The type hints of a class, which take long to find and stay the same."""
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind)
    return _HINTS[kind]


def _plain(number: float) -> str:
    """A number as people write it: whole where it is, in full where that is short."""
    return f"{number:,}" if isinstance(number, int) else f"{number:.12g}"
