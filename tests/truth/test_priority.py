"""Planted operators come first in the order of clusters, honest companies apart or after them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

import graphlink
from graphlink import EngineSettings
from graphlink.explanations.priority import prioritise
from graphlink.samples import draw_world
from graphlink.samples.dials import FARM_STYLES
from graphlink.samples.scenarios import scenarios

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("scenario", "seed"), [("firms", 41), ("gateway", 42)])
def test_operators_come_before_honest_companies(tmp_path: Path, scenario: str, seed: int) -> None:
    settings = draw_world(seed, 600, dials=scenarios[scenario]).write(tmp_path / "world")
    result = graphlink.run(settings, out=tmp_path / "result", limits=EngineSettings(threads=1))
    truth = pq.read_table(tmp_path / "world" / "truth.parquet", columns=["account_id", "style"]).to_pylist()
    style_of = {row["account_id"]: row["style"] for row in truth}
    styles: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in result.table("membership").to_pylist():
        if row["cluster_id"]:
            styles[row["cluster_id"]][style_of[row["account_id"]]] += 1
    is_operator = {name: counts.most_common(1)[0][0] in FARM_STYLES for name, counts in styles.items()}
    order = list(prioritise(result))
    n_operators = sum(is_operator.values())
    assert n_operators >= 5, "too few to order"
    assert len(order) > n_operators, "nobody honest to order them before"
    first = [is_operator[name] for name in order[:n_operators]]
    assert first[0]
    assert sum(first) >= 0.75 * n_operators
