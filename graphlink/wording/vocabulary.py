"""The words of every enumeration of a result, each worded once for every face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class _HarmlessReading:
    """A harmless reading: its name, and what is so about the members of a cluster that it explains."""

    name: str
    members: str


HARMLESS: Mapping[str, _HarmlessReading] = {
    "one_identifier": _HarmlessReading(
        "one identifier",
        "at least half of its members are tied by nothing stronger than one shared identifier, places and "
        "clients, as in a household, or as customers of one reseller or router are",
    ),
    "place": _HarmlessReading(
        "a place",
        "at least half of its members are tied by places and clients only, as people who live, work or "
        "travel at one place are",
    ),
}


def harmless_name(also_explained_by: str | None) -> str:
    """The harmless reading in two words; empty where there is none."""
    if not also_explained_by:
        return ""
    known = HARMLESS.get(also_explained_by)
    return known.name if known else also_explained_by.replace("_", " ")


def harmless_names() -> dict[str, str]:
    """The harmless readings by what the column `also_explained_by` calls them; `none` is null there."""
    return {name: known.name for name, known in HARMLESS.items()} | {"none": "nothing else"}


def harmless_sentence(also_explained_by: str | None) -> str:
    """What explains a cluster as well; empty where nothing harmless is known to."""
    if not also_explained_by:
        return ""
    known = HARMLESS.get(also_explained_by)
    return f"A harmless reading explains it too ({harmless_name(also_explained_by)})" + (
        f": {known.members}." if known else "."
    )


HARMLESS_WORD = "harmless reading"
"""What stands in place of a false discovery rate that is a constant because a harmless reading exists."""
