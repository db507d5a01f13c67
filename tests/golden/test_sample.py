"""The committed sample from end to end: a change of any cluster or reason is seen and meant.

`pytest tests/golden --golden` rewrites the golden file; look at its difference before it is committed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import graphlink
from graphlink import EngineSettings

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "graphlink.toml"
GOLDEN = Path(__file__).parent / "sample.json"


def plain(value: Any) -> Any:
    """A value as JSON tells it: times as text, numbers to six digits, negative nought as nought."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        return round(value, 6) + 0.0
    return value if value is None or isinstance(value, int | str) else value.isoformat()


def told(tmp_path: Path) -> dict[str, Any]:
    result = graphlink.run(SAMPLE, out=tmp_path / "r", limits=EngineSettings(threads=1))
    order = {
        "clusters": ["cluster_id"],
        "reasons": ["cluster_id", "rank"],
        "membership": ["cluster_id", "account_id"],
    }
    tables = {
        name: plain(result.table(name).sort_by([(column, "ascending") for column in columns]).to_pylist())
        for name, columns in order.items()
    }
    tables["membership"] = [row for row in tables["membership"] if row["cluster_id"] is not None]
    return tables


def test_the_sample_gives_the_golden_clusters_and_reasons(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    actual = told(tmp_path)
    if pytestconfig.getoption("--golden"):
        GOLDEN.write_text(json.dumps(actual, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.skip("the golden file was rewritten")
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert {row["cluster_id"] for row in actual["clusters"]} == {
        row["cluster_id"] for row in golden["clusters"]
    }
    for name, rows in golden.items():
        assert actual[name] == [
            {column: pytest.approx(v, abs=2e-6) if isinstance(v, float) else v for column, v in row.items()}
            for row in rows
        ], f"{name}: if this is meant, rewrite it with `pytest tests/golden --golden`"
    assert len(actual["clusters"]) > 3
