"""Mapped facts on each engine: the same sums, the same rejected cells, the same table."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.settings import EngineSettings, FactSettings, Settings, Source
from graphlink.pipeline import run
from tests.engines.reading import alike, rows_of_table

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)
_START = 1_767_225_600  # 2026-01-01T00:00:00Z
_WORDS = ("m1", " m1", "m2", "", "{}", "=x", "\u00e9", "4111111111111111", "x" * 200)


def write_log(path: Path) -> None:
    """Calls of 60 accounts, four of them with one card, address and client; facts of every kind."""
    draw = random.Random(5)
    names = [f"a{i:02}" for i in range(60)]
    rows = [
        {
            "account_id": name,
            "at": _START + draw.randrange(20 * 86_400),
            "ip": f"8.8.{max(i, 3)}.1",
            "device": f"d{max(i, 3)}",
            "card": "fp_81b2c" if i < 4 else None,
            "model": draw.choice(_WORDS),
            "tokens": draw.choice((1.5, 200.0, -1.0, None, 3e15)),
            "risk": draw.choice(("0.1", "0.9", "2", "", "x")),
        }
        for i, name in enumerate(names)
        for _ in range(40)
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)


def test_facts_are_the_same_on_both_engines(sail: str, tmp_path: Path) -> None:
    write_log(tmp_path / "log.parquet")
    source = Source(
        path=str(tmp_path / "log.parquet"), time="at", time_format="epoch_s",
            kinds={"ip": "ip", "payment": "card", "client": "device"},
        facts={"model": "model", "tokens": "tokens", "score": "risk"},
    )  # fmt: skip
    declared = {"model": FactSettings(releases={"m2": "2026-01-10"})}
    settings = Settings(sources=(source,), facts=declared, now="2026-02-01")
    limits = EngineSettings(name="spark", remote=sail, folder=str(tmp_path / "temporary"))
    here, there = run(settings, out=tmp_path / "duck"), run(settings, out=tmp_path / "spark", limits=limits)
    for name in ("facts", "rejected_rows", "links"):
        left, right = rows_of_table(here, name), rows_of_table(there, name)
        assert left
        assert len(left) == len(right), name
        assert [pair for pair in zip(left, right, strict=True) if not alike(*pair)] == [], name
    reported = [result.manifest["steps"][0]["facts"]["facts"] for result in (here, there)]
    assert reported[0] == reported[1]
