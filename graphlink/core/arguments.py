"""Arguments of public functions, checked at the door: a wrong one is named, not met somewhere within.

Annotations say what a parameter takes; those listed here are looked at. A wrong call (a missing or unknown
parameter) stays a TypeError.
"""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from graphlink.core.errors import QuestionError

P = ParamSpec("P")
T = TypeVar("T")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_unicode(text: str) -> bool:
    """Whether a text is one; the bytes of a path that are none are kept as they are."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2 and all(map(_is_text, value))


def _all_of(value: object, is_one: Callable[[object], bool]) -> bool:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Collection):
        # Columns of frames are no collections, but hold texts all the same.
        listed = getattr(value, "tolist", None)
        return callable(listed) and all(map(is_one, listed()))
    return all(map(is_one, value))


def _is_texts(value: object) -> bool:
    return _all_of(value, _is_text)


def _is_filter(value: object) -> bool:
    return isinstance(value, Mapping) and _is_texts(list(value)) and all(map(_is_texts, value.values()))


def _is_result(value: object) -> bool:
    return hasattr(value, "check_whole")


_RESULT = (_is_result, "a result; read_result(path) opens one")
# Annotation -> the check, and its words.
_KNOWN: dict[str, tuple[Callable[[object], bool], str]] = {
    "bool": (lambda value: isinstance(value, bool), "True or False"),
    "str": (_is_text, "text"),
    "bytes": (lambda value: isinstance(value, bytes), "bytes"),
    "int": (lambda value: isinstance(value, int), "a whole number"),
    "float": (_is_number, "a number"),
    "Path": (lambda value: isinstance(value, Path), "a path"),
    "tuple[str, str]": (_is_pair, "a pair (kind, value)"),
    "Collection[str]": (_is_texts, "a list of texts"),
    "Sequence[str]": (_is_texts, "a list of texts"),
    "Collection[int]": (
        lambda value: _all_of(value, lambda one: isinstance(one, int)),
        "a list of whole numbers",
    ),
    "Collection[tuple[str, str]]": (
        lambda value: _all_of(value, _is_pair),
        "a list of pairs (kind, value); parse_identifier makes one of 'kind:value'",
    ),
    "Mapping[str, Collection[str]]": (_is_filter, "columns to lists of texts"),
    "pa.Table": (lambda value: hasattr(value, "column_names"), "a table of pandas or pyarrow"),
    "Result": _RESULT,
    "StoredResult": _RESULT,
    "dt.datetime": (lambda value: isinstance(value, dt.datetime), "a datetime"),
    "Readable": _RESULT,
    "Profile": (lambda value: hasattr(value, "sentences"), "a profile; read_profile(name) makes one"),
    "None": (lambda value: value is None, "None"),
}


def checked(function: Callable[P, T]) -> Callable[P, T]:
    """Let a public function refuse arguments of a wrong type by name.

    Raises:
        QuestionError: An argument is not what its annotation says.
    """
    signature = inspect.signature(function)
    rules = {name: _rules_of(str(one.annotation)) for name, one in signature.parameters.items()}

    is_list = {
        name: any(part.startswith(("Collection", "Sequence")) for part in str(one.annotation).split(" | "))
        for name, one in signature.parameters.items()
    }

    is_table = {
        name for name, one in signature.parameters.items() if "pa.Table" in str(one.annotation).split(" | ")
    }

    @functools.wraps(function)
    def checking(*arguments: P.args, **named: P.kwargs) -> T:
        bound = signature.bind(*arguments, **named)
        for name, given in bound.arguments.items():
            allowed, value = rules[name], given
            if name in is_table and _is_frame(value):
                value = bound.arguments[name] = _table_of(value, name)
            if allowed and not any(is_right(value) for is_right, _ in allowed):
                expected = " or ".join(words for _, words in allowed)
                raise QuestionError(
                    f"{name}: expected {expected}, found {type(value).__name__}{_shown(value)}"
                )
            if isinstance(value, str) and not _is_unicode(value):
                raise QuestionError(f"{name}: expected Unicode text, found half of a surrogate pair in it")
            if is_list[name] and hasattr(value, "tolist"):
                # Columns of frames and arrays have neither a truth value nor `in` as lists have them.
                bound.arguments[name] = value.tolist()
        return function(*bound.args, **bound.kwargs)

    return checking


def _is_frame(value: object) -> bool:
    """Whether a value is a table of another library, such as a pandas frame."""
    return hasattr(value, "__arrow_c_stream__") and not hasattr(value, "column_names")


def _table_of(frame: object, name: str) -> Any:
    import pyarrow as pa

    try:
        return pa.table(frame)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise QuestionError(f"{name}: the frame is no table of plain columns: {error}") from None


def _rules_of(annotation: str) -> tuple[tuple[Callable[[object], bool], str], ...]:
    """What to look at; nothing where an annotation is not known in all its parts."""
    parts = annotation.split(" | ")
    return tuple(_KNOWN[part] for part in parts) if all(part in _KNOWN for part in parts) else ()


def _shown(value: Any) -> str:
    """A few elements' types: values may be anybody's data."""
    if isinstance(value, list | tuple | set | frozenset) and value:
        return f" of {', '.join(sorted({type(one).__name__ for one in value})[:3])}"
    return ""
