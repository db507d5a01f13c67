"""The numbers of the workspace: each with unit, range and source, and no other in its rules.

`python -m tests.unit.workspace.test_parameters` writes the tables of docs/returns.md.
"""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path
from typing import Any, cast

import pytest

from graphlink.core.errors import SettingsError
from graphlink.core.parameters import source_of
from graphlink.core.ranges import range_of
from graphlink.workspace.parameters import (
    HalfLives,
    HonestHolders,
    IndicatorRules,
    OrganisationRules,
    QuestionRules,
    WatchRules,
)
from tests.test_parameters import described, numbers_in, plain

GROUPS = (HalfLives, HonestHolders, IndicatorRules, OrganisationRules, QuestionRules, WatchRules)
PACKAGE = Path(__file__).parents[3] / "graphlink" / "workspace"
PAGE = Path(__file__).parents[3] / "docs" / "returns.md"
# Numbers of how something is computed, by module; all else is a parameter.
TECHNICAL: dict[str, set[float]] = {
    "holdings.py": {3.0},  # columns of a key
    "returns.py": {7.0, 30.0, 90.0},  # days of the rates that are stated
    "watch.py": {0.5},  # half
    "against.py": set(),
    "knowledge.py": set(),
    "indicators.py": {256.0, 20.0},  # bytes of a file
    "organisations.py": set(),
    "paths.py": {0.5},  # half
    "questions.py": {0.5},  # half
    "screening.py": {3.0},  # values in a sentence
}


@pytest.mark.parametrize("group", GROUPS)
def test_every_number_has_a_range_that_holds_its_default_and_a_source(group: type[Any]) -> None:
    for part in dataclasses.fields(group):
        limits, source = range_of(part), source_of(part)
        assert limits is not None
        assert limits.unit
        assert limits.lowest < limits.highest
        assert limits.holds(part.default)  # type: ignore[arg-type]  # every field has a default
        assert source.origin in ("elicited", "chosen")
        assert 5 < len(source.reason) < 120
        with pytest.raises(SettingsError, match=part.name):
            group(**{part.name: limits.highest + 1})


@pytest.mark.parametrize("group", GROUPS)
def test_every_number_is_described(group: type[Any]) -> None:
    assert list(described(group)) == [part.name for part in dataclasses.fields(group)]


@pytest.mark.parametrize("module", list(TECHNICAL))
def test_no_other_number_stands_in_the_rules(module: str) -> None:
    free = {0.0, 1.0, 2.0, 86_400.0} | TECHNICAL[module]
    assert [(line, text) for line, text, value in numbers_in(PACKAGE / module) if value not in free] == []


def tables_text() -> str:
    """The tables of the page: a section per group, a row per parameter."""
    parts = []
    for group in GROUPS:
        about = described(group)
        rows = [
            f"| `{part.name}` | {about[part.name]} | {plain(cast('float', part.default))} | {range_of(part)} "
            f"| {source_of(part).origin}: {source_of(part).reason} |"
            for part in dataclasses.fields(group)
        ]
        head = "| parameter | meaning | default | range | source |\n|---|---|---|---|---|\n"
        summary = (inspect.getdoc(group) or "").partition("\n")[0]
        parts.append(f"### {group.__name__}\n\n{summary}\n\n{head}" + "\n".join(rows))
    return "\n\n".join(parts)


def written(text: str) -> str:
    begin, end = "<!-- parameters: written by tests/unit/workspace/test_parameters.py -->\n", "<!-- end -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{tables_text()}\n\n{end}{after}"


def test_the_page_of_returns_lists_every_parameter() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert written(text) == text, "run: python -m tests.unit.workspace.test_parameters"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
