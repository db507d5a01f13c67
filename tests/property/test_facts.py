"""Facts change no link: with and without them, and whatever is in them, all that judges is the same."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.settings import FactSettings, Settings, Source, read_settings
from graphlink.pipeline import run
from graphlink.samples import draw_world

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.result.result import Result

JUDGING = (
    *("accounts", "observations", "identifiers", "evidence", "links", "membership", "clusters"),
    *("hypotheses", "signals", "reasons"),
)
FACTS = {"model": "model", "tokens": "tokens", "score": "score", "plan": "plan"}
HOSTILE = ("<script>alert(1)</script>", "=HYPERLINK(1)", "{}", "4111111111111111", "\u202egnp", "' OR 1=1 --")


def tables(result: Result) -> dict[str, pa.Table]:
    return {name: result.table(name) for name in JUDGING}


def with_facts(settings: Settings, request_log: Path, seed: int) -> Settings:
    """The settings of a world with facts of its requests, drawn without regard to who calls."""
    draw = random.Random(seed)
    log = pq.read_table(request_log)
    words = ["m1", "m2", "", *HOSTILE]
    for name in FACTS:
        numbers = ["1", "0.5", "-3", "1e99", "", "nan"]
        cells = draw.choices(words if name in ("model", "plan") else numbers, k=log.num_rows)
        log = log.append_column(name, pa.array(cells, pa.string()))
    pq.write_table(log, request_log)
    sources = tuple(
        Source(**{**{f: getattr(one, f) for f in Source.__slots__}, "facts": FACTS})
        if request_log.name in one.path
        else one
        for one in settings.sources
    )
    plan = {"plan": FactSettings(type="category")}
    return Settings(sources=sources, accounts=settings.accounts, references=settings.references, facts=plan)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 8])
def test_facts_change_no_link(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings(draw_world(seed, 300).write(tmp_path))
    plain = Settings(sources=settings.sources, accounts=settings.accounts, references=settings.references)
    without = tables(run(plain))
    beside = run(with_facts(settings, tmp_path / "requests.parquet", seed))
    assert without["links"].num_rows
    for name, table in tables(beside).items():
        assert table.equals(without[name]), name
    assert set(beside.manifest["steps"][0]["facts"]["facts"]) == set(FACTS)
