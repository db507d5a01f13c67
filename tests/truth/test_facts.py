"""Facts on planted worlds: a crew that moves to a new model within a day stands out, strangers do not."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from graphlink.assessment.facts import collect_facts
from graphlink.core.schema import MEMBERSHIP
from graphlink.core.settings import read_settings
from graphlink.core.wording.facts import is_unusual
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.observations import add_routers, collect_observations
from graphlink.ingest.reference_lists import label_identifiers
from graphlink.samples import draw_world
from graphlink.samples.scenarios import scenarios
from tests.tables import load

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    import pytest

N_GROUPS, SIZE = 20, 6  # of strangers


def planted_groups(truth: pa.Table, seed: int) -> dict[str, str]:
    """Account to its group: planted operators by style, and strangers in groups."""
    operators: dict[tuple[str, str], list[str]] = {}
    for row in truth.to_pylist():
        operators.setdefault((row["style"], row["operator_id"]), []).append(row["account_id"])
    alone = sorted(accounts[0] for accounts in operators.values() if len(accounts) == 1)
    random.Random(seed).shuffle(alone)
    groups = {
        account: f"{style}:{operator}"
        for (style, operator), accounts in operators.items()
        for account in accounts
        if len(accounts) > 1
    }
    strangers = alone[: N_GROUPS * SIZE]
    return groups | {account: f"strangers:{i % N_GROUPS}" for i, account in enumerate(strangers)}


def facts_of_world(seed: int, folder: Path) -> list[dict[str, Any]]:
    """Facts of the planted groups of a world, as if they were its clusters."""
    world = draw_world(seed, 3_000, scenarios["operators"])
    settings = read_settings(world.write(folder))
    with DuckEngine(threads=2) as engine:
        collect_observations(engine, settings)
        label_identifiers(engine, settings)
        add_routers(engine, settings)
        groups = planted_groups(world.truth, seed)
        names = world.truth["account_id"].to_pylist()
        load(engine, MEMBERSHIP, "account_id cluster_id", [(name, groups.get(name)) for name in names])
        collect_facts(engine, settings)
        rows: list[dict[str, Any]] = engine.arrow("SELECT * FROM facts").to_pylist()
        return rows


def test_crews_that_move_at_once_are_pointed_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts: dict[tuple[str, str], list[int]] = {}
    for seed in (5, 6, 7):
        folder = tmp_path / str(seed)
        folder.mkdir()
        monkeypatch.chdir(folder)
        for row in facts_of_world(seed, folder):
            if row["usual_low"] is not None:
                found = counts.setdefault((row["measure"], row["cluster_id"].partition(":")[0]), [0, 0])
                found[0] += is_unusual(row)
                found[1] += 1
    n_found, n_crews = counts["moved_accounts", "mover"]
    assert n_crews >= 6
    assert n_found / n_crews >= 0.4
    for measure in ("moved_accounts", "moved_share", "night_share", "gap_variation", "category_share"):
        n_wrong, n_groups = counts[measure, "strangers"]
        assert n_groups >= 15
        assert n_wrong / n_groups <= 0.05, measure
    others = [counts["moved_accounts", style] for style in ("servers", "rotating", "many_cards", "company")]
    assert sum(n for n, _ in others) / sum(n for _, n in others) <= 0.05
