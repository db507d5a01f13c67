"""The cleanings that settings may declare for a kind of their own, such as `clean = ["upper", "digits"]`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Cleaning:
    """A cleaning.

    Attributes:
        name: Its name in the settings.
        about: What it does, for people.
        apply: The value cleaned; of a cleaned value that value itself.
        changes: Regular expression that printable ASCII holds exactly where the cleaning changes it; the same
            in Python and in the SQL of every engine.
    """

    name: str
    about: str
    apply: Callable[[str], str]
    changes: str


def _alphanumeric(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _digits(text: str) -> str:
    return "".join(char for char in text if "0" <= char <= "9")


CLEANINGS = (
    Cleaning("strip", "Drops blanks at both ends, as is done for every kind.", str.strip, "^ | $"),
    Cleaning("no_spaces", "Drops every blank.", lambda text: "".join(text.split()), " "),
    Cleaning("upper", "Writes capital letters.", str.upper, "[a-z]"),
    Cleaning("lower", "Writes small letters.", str.lower, "[A-Z]"),
    Cleaning("digits", "Keeps the digits 0 to 9 only.", _digits, "[^0-9]"),
    Cleaning("alphanumeric", "Keeps letters and digits only.", _alphanumeric, "[^0-9A-Za-z]"),
    Cleaning(
        "no_leading_zeros",
        "Drops zeros before the first other character.",
        lambda text: re.sub("^0+(?=.)", "", text, flags=re.DOTALL),
        "^0.",
    ),
)
"""All of them, in the order in which they are listed."""
BY_NAME = {cleaning.name: cleaning for cleaning in CLEANINGS}


def refusal_of(names: Sequence[str]) -> str:
    """Why a list of cleanings can't be declared; empty where it can."""
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        return f"{unknown[0]!r} is none; known are {', '.join(BY_NAME)}"
    if len(set(names)) < len(names):
        return "each cleaning stands once"
    return "upper and lower undo each other; name one of them" if {"upper", "lower"} <= set(names) else ""


def cleaned(text: str, names: Sequence[str]) -> str:
    """A text after cleanings in their order, again and again until they change nothing."""
    again = text
    for name in names:
        again = BY_NAME[name].apply(again)
    return text if again == text else cleaned(again, names)
