"""Docstrings of the reference of Python state arguments, what is returned, and errors, in Google's form."""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

import graphlink
from graphlink.core.errors import QuestionError, ResultError
from tests.documented import SECTIONS, documented, entries_of, sections_of, undocumented_error

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def faults(function: Callable[..., Any]) -> list[str]:
    """What the docstring of a function lacks."""
    sections, signature = sections_of(function), inspect.signature(function)
    taken = {name for name in signature.parameters if name not in ("self", "cls")}
    stated = entries_of(sections.get("Args", ""))
    found = [f"no argument {name}" for name in sorted(taken - stated)]
    found += [f"argument {name} is none" for name in sorted(stated - taken)]
    if (
        taken
        and signature.return_annotation not in ("None", None)
        and not {"Returns", "Yields"} & {*sections}
    ):
        found.append("not what it returns")
    errors = entries_of(sections.get("Raises", ""))  # a class above it is enough
    found += [f"not {one.__name__}" for one in raised_by(function) if not errors & names_of(one)]
    if list(sections) != [name for name in SECTIONS if name in sections]:
        found.append("sections in another order")
    return found


def raised_by(function: Callable[..., Any]) -> list[type[BaseException]]:
    """The errors that the code of a function raises by their class."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None]
    called = [one.func if isinstance(one, ast.Call) else one for one in raised]
    names = {one.id for one in called if isinstance(one, ast.Name)}
    known = {**vars(builtins), **function.__globals__}
    return [known[name] for name in sorted(names) if isinstance(known.get(name), type)]


def names_of(error: type[BaseException]) -> set[str]:
    """Its name and those of the classes above it."""
    return {one.__name__ for one in error.__mro__}


def test_the_reference_has_the_public_functions() -> None:
    shown = {name.rpartition(".")[2] for name in documented()}
    public = {name for name in graphlink.__all__ if name[0].islower()}
    assert public - shown == set()
    assert len(documented()) > 70


@pytest.mark.parametrize("name", documented())
def test_a_docstring_states_arguments_returns_and_errors(name: str) -> None:
    assert faults(documented()[name]) == []


def test_what_a_docstring_lacks_is_seen() -> None:
    def wrong(one: int, other: int) -> int:
        """Make something.

        Raises:
            ValueError: Never.

        Args:
            one: The first.
            two: There is none.
        """
        if one > other:
            raise QuestionError("no")
        return one

    assert faults(wrong) == [
        "no argument other",
        "argument two is none",
        "not what it returns",
        "not QuestionError",
        "sections in another order",
    ]


def test_an_error_that_is_not_documented_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ResultError) as caught:
        graphlink.read_result(tmp_path / "none")
    assert undocumented_error(caught.value, caught.tb) is None
    monkeypatch.setattr("tests.documented.sections_of", lambda _: {"Raises": "    SettingsError: Never."})
    assert undocumented_error(caught.value, caught.tb) == "graphlink.read_result: ResultError"
