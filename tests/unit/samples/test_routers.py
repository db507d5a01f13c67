"""Routers that end TLS: customers show the router's client, pools belong to it, operators hide among them."""

from __future__ import annotations

import pytest

from graphlink.samples import Dials, World, draw_world
from graphlink.samples.scenarios import scenarios
from tests.unit.samples.frames import frame, rows_of, shares_of

ROUTER_CLIENT = r"^(?:relay|gate|switch|bridge|hub)-"


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(3, 3000, scenarios["gateway"])


def test_requests_through_a_router_show_its_client_whoever_calls(world: World) -> None:
    rows = rows_of(world, "requests", "router_ended", "pooled", "masked_ended")
    by_router = rows[rows["client"].str.contains(ROUTER_CLIENT)]
    assert by_router["account_id"].nunique() > 700
    assert by_router.groupby("client")["tls"].nunique().eq(1).all()
    assert by_router.groupby("client")["user_agent"].nunique().eq(1).all()
    # A router has exits of its own.
    assert by_router.groupby("ip")["client"].nunique().eq(1).all()
    others = frame(world.requests)
    others = others[~others["client"].isin(by_router["client"].unique())]
    assert not others["ip"].isin(by_router["ip"].unique()).any()
    assert by_router["ip"].str.rpartition(".")[0].groupby(by_router["client"]).nunique().eq(1).all()


def test_some_routers_run_a_common_stack_and_others_their_own(world: World) -> None:
    rows = frame(world.requests)
    is_router = rows["client"].str.contains(ROUTER_CLIENT)
    tls = set(rows.loc[is_router, "tls"])
    common = set(rows.loc[~is_router, "tls"])
    assert tls - common
    assert tls & common


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_routers_have_customers_from_a_handful_to_hundreds(seed: int) -> None:
    rows = rows_of(draw_world(seed, 3000, scenarios["gateway"]), "requests", "router_ended")
    routed = rows[rows["client"].str.contains(ROUTER_CLIENT)]
    sizes = routed.groupby("client")["account_id"].nunique()
    assert len(sizes) >= 5
    assert sizes.min() <= 20
    assert (sizes >= 4).all()  # of five, one may have been closed before it called
    assert sizes.max() > 5 * sizes.median()
    assert 50 <= sizes.max() <= 2000


def test_customers_keep_their_cards_and_some_log_in_from_home(world: World) -> None:
    own = rows_of(world, "payments", "router_ended")
    assert own.groupby("card")["account_id"].nunique().eq(1).all()
    rows = rows_of(world, "requests", "router_ended")
    at_router = rows["client"].str.contains(ROUTER_CLIENT)
    direct = rows.loc[~at_router, "account_id"].nunique() / rows["account_id"].nunique()
    assert 0.15 < direct < 0.5
    assert rows.loc[at_router, "api_key"].notna().all()
    truth = frame(world.truth)
    assert truth.loc[truth["style"] == "router_ended", "operator_id"].is_unique


def test_a_pool_is_one_operator_at_one_router_with_few_cards(world: World) -> None:
    rows = rows_of(world, "requests", "pooled")
    routed = rows[rows["client"].str.contains(ROUTER_CLIENT)]
    assert routed.groupby("operator_id")["client"].nunique().eq(1).all()
    payments = rows_of(world, "payments", "pooled")
    cards = payments.groupby("operator_id")["card"].nunique()
    assert (cards < 2 + payments.groupby("operator_id")["account_id"].nunique() / 5).all()


def test_masked_operators_are_among_honest_customers_and_chain_cards(world: World) -> None:
    rows = rows_of(world, "requests", "router_ended", "masked_ended")
    by_router = rows[rows["client"].str.contains(ROUTER_CLIENT)]
    styles = by_router.groupby("client")["style"].agg(set)
    n_mixed = sum(actual == {"router_ended", "masked_ended"} for actual in styles)
    assert n_mixed >= 3
    masked = rows[rows["style"] == "masked_ended"]
    # Slips, and accounts that go direct; a small operator may have neither.
    assert masked.groupby("operator_id")["client"].nunique().gt(1).mean() > 0.7
    holders = rows_of(world, "payments", "masked_ended").groupby("card")["account_id"].nunique()
    assert holders.mean() > 2


@pytest.mark.parametrize(("name", "low", "high"), [("gateway", 0.2, 0.8), ("gateway_listed", 1, 1)])
def test_the_lists_hold_the_listed_share_of_routers(name: str, low: float, high: float) -> None:
    world = draw_world(3, 3000, scenarios[name])
    labels = frame(world.observations())
    labels = labels[labels["kind"] == "router"]
    rows = rows_of(world, "requests", "router_ended")
    rows = rows[rows["client"].str.contains(ROUTER_CLIENT)]
    listed = rows[rows["account_id"].isin(labels["account_id"])]
    share = listed["client"].nunique() / rows["client"].nunique()
    assert low <= share <= high
    unlisted = draw_world(3, 1000, scenarios["gateway_unlisted"])
    assert len(unlisted.references) == 0


def test_shares_are_as_dialled(world: World) -> None:
    shares = shares_of(world)
    assert shares["router_ended"] == pytest.approx(0.9 * 0.30, abs=0.002)
    assert shares["pooled"] == pytest.approx(0.9 * 0.03, abs=0.002)
    assert shares["masked_ended"] == pytest.approx(0.1 * 0.7, abs=0.002)


def test_without_operators_routers_have_honest_customers_only() -> None:
    dials = scenarios["gateway"]
    pure = draw_world(2, 500, Dials(farm_share=0, honest=dials.honest))
    assert "tls" not in pure.requests.column_names
    assert set(frame(pure.truth)["style"]) <= {
        "home", "household", "carrier", "vpn", "campus", "company", "router_ended", "pooled",
    }  # fmt: skip
