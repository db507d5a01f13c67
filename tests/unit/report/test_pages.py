"""How much a report makes of a cluster, and the badge that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from graphlink.core.wording.findings import finding_of
from graphlink.report import write_report
from graphlink.report.model import LOOK, OPEN, STRONG, WEAK
from graphlink.report.pages import lead_of

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.result.result import Result


def row(**values: Any) -> dict[str, Any]:
    return {
        "hypothesis": "same_operator", "p_same_operator": 0.97, "score": 0.99, "also_explained_by": None,
        "facets": "network,payment", **values,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "lead"),
    [
        ({}, STRONG),
        ({"facets": "network"}, LOOK),
        ({"also_explained_by": "place", "p_same_operator": 0.49}, LOOK),
        ({"p_same_operator": 0.6}, WEAK),
        ({"hypothesis": "shared_network", "p_same_operator": 0.2, "also_explained_by": "place"}, WEAK),
        ({"hypothesis": "openly_one_organisation", "p_same_operator": 0.01}, OPEN),
    ],
)
def test_what_could_be_harmless_is_looked_at_before_an_action(values: dict[str, Any], lead: str) -> None:
    assert lead_of(row(**values), 0.9) == lead


def test_pages_mark_as_undecided_what_could_be_harmless(sample_result: Result, tmp_path: Path) -> None:
    report = write_report(sample_result, tmp_path / "r")
    index = (report.folder / "index.html").read_text(encoding="utf-8")
    found = [finding_of(entry.row) for entry in report.entries]
    undecided = [one for one in found if one.is_undecided]
    assert 0 < len(undecided) < len(found), "the sample has both"
    for entry, one in zip(report.entries, found, strict=True):
        badge = f'<span class="lead undecided">{one.name}</span>'
        page = (report.folder / entry.file).read_text(encoding="utf-8")
        assert (badge in page) is one.is_undecided
    assert index.count('class="lead undecided"') == len(undecided)
