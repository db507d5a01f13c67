"""What clusters of planted worlds may be: strangers get another hypothesis more often than farms."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest

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
    assert said("farm", "same_operator") > 0.7
    assert said("company", "openly_one_organisation") > 0.8


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A world of companies and farms, and the style of each account."""
    folder = tmp_path_factory.mktemp("companies")
    shares = HonestShares(company=0.4, home=0.4, household=0.1, reseller_customer=0.1, carrier=0.0, vpn=0.0,
                          campus=0.0, router_customer=0.0)  # fmt: skip
    world = draw_world(64, 2_500, Dials(farm_share=0.3, honest=shares))
    return world.write(folder), {row["account_id"]: row["style"] for row in world.truth.to_pylist()}


def clusters_by_style(result: graphlink.Result, styles: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """Each cluster with the style of most of its accounts."""
    members: dict[str, Counter[str]] = defaultdict(Counter)
    for row in result.table("membership").to_pylist():
        if row["cluster_id"] is not None:
            members[row["cluster_id"]][styles[row["account_id"]]] += 1
    rows = result.table("clusters").to_pylist()
    return [(members[row["cluster_id"]].most_common(1)[0][0], row) for row in rows]


def own_domain(result: graphlink.Result) -> set[str]:
    """The clusters most of whose ties could be, and are, by one mail domain of their own."""
    rows = result.table("hypotheses", where={"evidence": ["own_domain"]}).to_pylist()
    by_domain = [row for row in rows if row["bits_openly_one_organisation"] > row["bits_same_operator"]]
    return {row["cluster_id"] for row in by_domain}


def test_companies_under_their_own_domain_are_openly_one_organisation_and_farms_are_not(
    companies: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    settings, styles = companies
    result = graphlink.run(settings, out=tmp_path / "r", limits=EngineSettings(threads=1))
    rows, own = clusters_by_style(result, styles), own_domain(result)
    farms = [row for style, row in rows if style in FARM_STYLES]
    by_name = {
        "company": [row for style, row in rows if style == "company"],
        "farm": farms,
        "farm by freemail": [row for row in farms if row["cluster_id"] not in own],
    }
    leads = {
        name: [float(row["hypothesis"] == "openly_one_organisation") for row in of]
        for name, of in by_name.items()
    }
    assert min(map(len, leads.values())) >= 10
    assert mean(leads["company"]) > 0.9
    assert mean(leads["farm"]) < 0.15
    assert not any(leads["farm by freemail"])
    one = [row["p_same_operator"] + row["p_openly_one_organisation"] for row in by_name["company"]]
    assert mean(one) > 0.9


def test_without_mail_nobody_is_openly_one_organisation(
    companies: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    settings, _ = companies
    without = settings.with_name("without_mail.toml")
    text = settings.read_text(encoding="utf-8")
    without.write_text(f"{text}\n[kinds.email]\nignore = true\n", encoding="utf-8")
    result = graphlink.run(without, out=tmp_path / "r", limits=EngineSettings(threads=1))
    assert result.clusters["p_openly_one_organisation"].max() < 0.1
