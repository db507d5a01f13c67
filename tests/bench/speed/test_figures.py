"""The page of speed: each figure states its day and the part of the bench that takes it again."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

from tests.bench.speed.__main__ import _keep, _part_of, _table
from tests.bench.speed.comparisons import PARTS, Figure

DOCS = Path(__file__).parent.parent.parent.parent / "docs"
ROWS = json.loads((DOCS / "speed" / "figures.json").read_text(encoding="utf-8"))["figures"]


def test_the_page_has_the_figures_with_day_and_part() -> None:
    assert _table(ROWS) in (DOCS / "speed.md").read_text(encoding="utf-8")
    for row in ROWS:
        assert datetime.date.fromisoformat(row["day"]).year >= 2026
        assert _part_of(row) in PARTS, row["what"]


def test_a_figure_that_is_measured_again_gets_its_day(tmp_path: Path) -> None:
    old, other = (Figure("startup", what, "< 1 s", "2 s", "", "1") for what in ("help", "clusters"))
    for figure in (old, other, old._replace(measured="1 s")):
        _keep(tmp_path / "speed", figure)
    rows = json.loads((tmp_path / "speed" / "figures.json").read_text(encoding="utf-8"))["figures"]
    assert [(row["what"], row["measured"]) for row in rows] == [("clusters", "2 s"), ("help", "1 s")]
    assert {row["day"] for row in rows} == {datetime.datetime.now(tz=datetime.UTC).date().isoformat()}
