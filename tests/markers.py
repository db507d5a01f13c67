"""Markers that follow from where a test stands and what it takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

TESTS = Path(__file__).parent
FOLDERS = {"browser": "browser", "truth": "slow"}
"""Markers of whole folders."""

SPARKS = frozenset({"sail", "java"})
"""Fixtures that start a Spark."""


def markers_of(path: Path, fixtures: Collection[str]) -> set[str]:
    """The markers of a test in a file that takes these fixtures; what needs a Spark or a browser is slow.

    Args:
        path: The file of the test.
        fixtures: Names of the fixtures that it takes, its own and those of its fixtures.
    """
    folder = path.relative_to(TESTS).parts[0] if path.is_relative_to(TESTS) else ""
    values = {FOLDERS[folder]} if folder in FOLDERS else set()
    if not SPARKS.isdisjoint(fixtures):
        values.add("spark")
    return values | {"slow"} if values else values
