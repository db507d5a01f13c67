"""What a what-if hands to the step that finds communities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.clustering.communities import find_communities
from graphlink.engine.duck import DuckEngine
from graphlink.explanations.what_if.surroundings import read_surroundings

if TYPE_CHECKING:
    import pyarrow as pa
    import pytest

    from graphlink.result.result import Result


def test_a_what_if_loads_what_the_step_takes(sample_result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: set[str] = set()
    load = DuckEngine.load

    def noted(engine: DuckEngine, name: str, table: pa.Table) -> None:
        loaded.add(name)
        load(engine, name, table)

    monkeypatch.setattr(DuckEngine, "load", noted)
    cluster = sample_result.table("clusters")["cluster_id"][0].as_py()
    assert read_surroundings(sample_result, cluster).again
    assert {spec.name for spec in find_communities.takes} <= loaded
