"""What clusters of planted worlds may be: strangers get another hypothesis more often than farms."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import graphlink
from graphlink import EngineSettings
from graphlink.samples import FARM_STYLES, Dials, HonestShares, draw_world

if TYPE_CHECKING:
    from pathlib import Path

MIXED = Dials(
    farm_share=0.25,
    honest=HonestShares(home=0.3, household=0.4, reseller_customer=0.2, company=0.1, carrier=0.0, vpn=0.0,
                        campus=0.0, router_customer=0.0),
    household_card_share=0.5,
)  # fmt: skip


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_households_and_customers_of_resellers_are_reported_from_farms(tmp_path: Path) -> None:
    world = draw_world(31, 2_500, MIXED)
    result = graphlink.run(world.write(tmp_path / "w"), out=tmp_path / "r", limits=EngineSettings(threads=1))
    truth = {row["account_id"]: row["style"] for row in world.truth.to_pylist()}
    members: dict[str, Counter[str]] = defaultdict(Counter)
    for row in result.table("membership").to_pylist():
        if row["cluster_id"] is not None:
            members[row["cluster_id"]][truth[row["account_id"]]] += 1
    actual: dict[str, list[dict[str, float]]] = defaultdict(list)
    for row in result.table("clusters").to_pylist():
        style = members[row["cluster_id"]].most_common(1)[0][0]
        actual["farm" if style in FARM_STYLES else style].append(row)
    assert min(len(actual[name]) for name in ("farm", "household", "reseller_customer")) >= 3

    def said(style: str, hypothesis: str) -> float:
        return mean([row[f"p_{hypothesis}"] for row in actual[style]])

    assert said("household", "shared_network") > 2 * said("farm", "shared_network")
    assert said("reseller_customer", "shared_intermediary") > 5 * said("farm", "shared_intermediary")
    assert said("reseller_customer", "shared_intermediary") > 0.4
    assert said("farm", "same_operator") > 0.75
    assert said("company", "same_operator") > 0.7
