"""Firms behind a rented cloud egress: openly one organisation, at exits that others leave through too."""

from __future__ import annotations

import pytest

from graphlink.samples import World, draw_world
from graphlink.samples.scenarios import scenarios
from tests.unit.samples.frames import rows_of, shares_of


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(3, 3000, scenarios["firms"])


def test_each_firm_is_one_operator_with_its_domain_and_few_cards(world: World) -> None:
    staff = rows_of(world, "accounts", "sso_firm")
    sizes = staff.groupby("operator_id").size()
    assert sizes.min() >= 10
    assert sizes.max() > 5 * sizes.median() / 2
    assert sizes.sum() == pytest.approx(0.9 * 0.32 * 3000, abs=3)
    payments = rows_of(world, "payments", "sso_firm")
    payments["domain"] = payments["email"].str.rpartition("@")[2]
    assert payments.groupby("operator_id")["domain"].nunique().eq(1).all()
    assert payments.groupby("domain")["operator_id"].nunique().eq(1).all()
    assert payments.groupby("operator_id")["card"].nunique().max() <= 4
    assert payments.groupby("card")["operator_id"].nunique().eq(1).all()


def test_firms_share_their_exits_with_other_firms_and_strangers(world: World) -> None:
    rows = rows_of(world, "requests", "sso_firm", "egress_customer")
    at = rows.groupby("ip").agg(firms=("operator_id", "nunique"), styles=("style", "nunique"))
    busiest = rows.groupby(["operator_id", "ip"]).size().reset_index(name="n").sort_values("n")
    busiest = busiest[busiest["operator_id"].isin(rows.loc[rows["style"] == "sso_firm", "operator_id"])]
    exits = busiest.groupby("operator_id").last()["ip"]
    assert (at.loc[exits, "firms"] > 1).mean() > 0.7
    assert (at["styles"] > 1).sum() > 10


def test_people_behind_the_egress_are_unrelated(world: World) -> None:
    truth = rows_of(world, "accounts", "egress_customer")
    assert truth["operator_id"].is_unique
    assert rows_of(world, "payments", "egress_customer").groupby("card")["account_id"].nunique().max() == 1
    assert shares_of(world)["egress_customer"] == pytest.approx(0.9 * 0.08, abs=0.002)
