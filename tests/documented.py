"""The functions of the reference of Python, and what their docstrings state."""

from __future__ import annotations

import functools
import importlib
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from graphlink.core.errors import GraphlinkError

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "python.md"
SECTIONS = ("Args", "Returns", "Yields", "Raises")
_DIRECTIVE = re.compile(r"\.\. auto(function|class):: (\S+)((?:\n   :.*)*)")


@functools.cache
def documented() -> dict[str, Callable[..., Any]]:
    """The functions and methods that the page shows, by name."""
    functions = {}
    for what, name, options in _DIRECTIVE.findall(PAGE.read_text(encoding="utf-8")):
        module, _, attribute = name.rpartition(".")
        actual = getattr(importlib.import_module(module), attribute)
        if what == "function":
            functions[name] = inspect.unwrap(actual)
        elif ":members:" in options:
            for method, value in inspect.getmembers(actual, inspect.isroutine):
                if method[0] != "_" and inspect.getdoc(value):
                    functions[f"{name}.{method}"] = inspect.unwrap(value)
    return functions


def sections_of(function: Callable[..., Any]) -> dict[str, str]:
    """The sections of a docstring in Google's form, in its order."""
    parts = re.split(rf"^({'|'.join(SECTIONS)}):\n", inspect.getdoc(function) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def entries_of(section: str) -> set[str]:
    """The names that a section has entries for."""
    return set(re.findall(r"^    \*{0,2}(\w+):", section, re.MULTILINE))


def undocumented_error(error: GraphlinkError, traceback: TracebackType | None) -> str | None:
    """The function of the page that an error left although its docstring does not name it, and the error."""
    names = {function.__code__: name for name, function in documented().items()}
    while traceback is not None:
        name = names.get(traceback.tb_frame.f_code)
        if name is not None:
            stated = entries_of(sections_of(documented()[name]).get("Raises", ""))
            is_stated = any(one.__name__ in stated for one in type(error).__mro__)
            return None if is_stated else f"{name}: {type(error).__name__}"
        traceback = traceback.tb_next
    return None
