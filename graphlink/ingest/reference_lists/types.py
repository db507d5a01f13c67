"""The types that reference lists give to addresses, and the labels that a line may have."""

from __future__ import annotations

import re

from graphlink.kinds import KINDS, UncleanValue, shown
from graphlink.kinds.listed_types import LISTED_TYPES, ROUTER

TYPES = tuple(one.name for one in LISTED_TYPES)
KNOWN_TYPES = f"known are {', '.join(TYPES)}"
_LONGEST_LABEL = 200


class Rejected(Exception):  # noqa: N818 - a line that is left out, not a fault of the program
    """A line of a list that can't be used.

    Attributes:
        reason: Why, without anything of the line's own text.
        detail: The text at fault, escaped and shortened.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail

    def message(self, *, hides: bool = False) -> str:
        """The reason with the text at fault, unless addresses are to be hidden."""
        return self.reason if hides or not self.detail else f"{self.reason}: {self.detail}"


def clean_type(text: str) -> str:
    """The type in its spelling here: Carrier NAT is carrier_nat.

    Raises:
        Rejected: It is none of TYPES.
    """
    kind = re.sub(r"[\s-]+", "_", text.strip().lower())
    if kind not in TYPES:
        raise Rejected(f"unknown type; {KNOWN_TYPES}", f"found '{shown(text)}'")
    return kind


def clean_label(text: str, kind: str) -> str:
    """The label as it is in the tables; a router's label is the value of its `router` identifier.

    Of other types a label is only a name, and the type replaces one that is missing.

    Raises:
        Rejected: It is no label, or a router's is missing.
    """
    try:
        label = KINDS["router" if kind == ROUTER.name else "client"].clean(text)
    except UncleanValue as error:
        if error.reason in ("empty", "placeholder") and kind != ROUTER.name:
            return kind
        raise Rejected(f"label: {error.reason}; {error.remedy}") from error
    if len(label) > _LONGEST_LABEL:
        raise Rejected(f"label of {len(label)} characters; at most {_LONGEST_LABEL} are of use")
    return label
