"""Crews, rings, rivals and aged accounts: what ties each operator, and what does not."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from graphlink.samples import FARM_STYLES, HELD_OUT_STYLES, Dials, FarmShares, HonestShares, World, draw_world
from tests.unit.samples.frames import frame, rows_of
from tests.unit.samples.test_routers import ROUTER_CLIENT


@lru_cache(maxsize=8)
def drawn(style: str) -> World:
    """A world of 2,000 with three tenths in operators of one style."""
    farms = FarmShares(**{name: float(name == style) for name in FARM_STYLES})
    people = HonestShares(router_ended=0.3)
    return draw_world(5, 2000, Dials(farms=farms, farm_share=0.3, honest=people, gateway=True, facts=True))


def peak_hour(rows: pd.DataFrame) -> float:
    """Mean hour of the day on the circle, in UTC."""
    angle = rows["at"].dt.hour.to_numpy() / 24 * 2 * np.pi
    return float(np.angle(np.exp(1j * angle).mean()) / (2 * np.pi) * 24 % 24)


def test_operators_hold_their_share_and_no_less_than_three_accounts() -> None:
    for style in ("crews", "rivals", "aged", "thin_ring", "mover", "many_cards", "v6_rotation"):
        accounts = rows_of(drawn(style), "accounts", style)
        assert len(accounts) == 600, style
        assert accounts.groupby("operator_id").size().min() >= 2, style
        assert set(rows_of(drawn(style), "requests", style)["account_id"]) == set(accounts["account_id"])


def test_crews_work_in_three_zones_behind_different_routers() -> None:
    rows = rows_of(drawn("crews"), "requests", "crews")
    largest = rows.groupby("operator_id")["account_id"].nunique().idxmax()
    rows = rows[rows["operator_id"] == largest]
    assert rows["client"].str.contains(ROUTER_CLIENT).all()
    by_crew = rows.groupby("client")
    assert by_crew.ngroups == 3
    hours = sorted(peak_hour(crew) for _, crew in by_crew)
    gaps = np.diff([*hours, hours[0] + 24])
    assert (np.abs(gaps - 8) < 2.5).all()
    # Few cards go from hand to hand; most who pay have their own.
    payments = rows_of(drawn("crews"), "payments", "crews")
    holders = payments.groupby("card")["account_id"].nunique()
    assert 0.02 < (holders > 1).mean() < 0.4


def test_accounts_of_a_crew_call_at_the_same_jobs() -> None:
    rows = rows_of(drawn("crews"), "requests", "crews")
    others = rows_of(drawn("crews"), "requests", "router_ended")
    largest = rows.groupby("operator_id")["account_id"].nunique().idxmax()

    def nearest(of: pd.DataFrame) -> float:
        at = np.sort(of["at"].astype("int64").to_numpy())
        return float(np.median(np.diff(at)) / 1e6)

    crew = rows[rows["operator_id"] == largest]
    assert nearest(crew) * 5 < nearest(
        others.sample(len(crew), random_state=1, replace=True).drop_duplicates()
    )


def test_rivals_share_a_router_and_few_cards() -> None:
    payments = rows_of(drawn("rivals"), "payments", "rivals")
    operators = payments.groupby("card")["operator_id"].nunique()
    assert operators.max() == 2
    assert 0.01 < (operators == 2).mean() < 0.3
    rows = rows_of(drawn("rivals"), "requests", "rivals")
    routed = rows[rows["client"].str.contains(ROUTER_CLIENT)]
    assert routed.groupby("operator_id")["client"].nunique().eq(1).all()
    assert (routed.groupby("client")["operator_id"].nunique() >= 2).all()


def test_aged_accounts_come_in_batches_with_a_past_of_strangers() -> None:
    accounts = rows_of(drawn("aged"), "accounts", "aged")
    taken = accounts.sort_values("taken_over_at").groupby("operator_id")["taken_over_at"]
    same_day = (taken.diff() < pd.Timedelta("12h")).mean()
    assert same_day > 0.7
    rows = rows_of(drawn("aged"), "requests", "aged")
    before = rows[rows["at"] < rows["taken_over_at"]]
    v6 = before["ip"].str.contains(":")
    assert before[v6].groupby("ip")["account_id"].nunique().max() == 1
    assert rows_of(drawn("servers"), "accounts", "servers")["taken_over_at"].isna().all()


def test_a_thin_ring_is_one_operator_with_few_calls_and_about_25_accounts_an_exit() -> None:
    world = drawn("thin_ring")
    rows = rows_of(world, "requests", "thin_ring")
    assert rows["operator_id"].nunique() == 1
    days = (world.end - rows.groupby("account_id")["at"].min()).dt.days + 1
    open_accounts = frame(world.accounts).set_index("account_id")["status"].eq("active")
    per_day = (rows.groupby("account_id")["n"].sum() / days)[open_accounts]
    assert 15 <= per_day.median() <= 40
    exits = rows.groupby("ip")["account_id"].nunique()
    ring = exits[exits >= 15]
    assert 20 <= len(ring) <= 30  # 600 accounts, and some of the neighbouring exit's
    assert 20 <= ring.median() <= 60


def test_a_mover_calls_the_new_model_within_a_day_and_people_take_weeks() -> None:
    rows = rows_of(drawn("mover"), "requests", "mover", "home", "router_ended")
    calls = rows[rows["model"].notna()]
    assert rows.loc[rows["api_key"].isna(), "model"].isna().all()
    released = calls.loc[calls["model"] == "model-4", "at"].min()
    next_day = calls[
        (calls["at"] > released + pd.Timedelta("1D")) & (calls["at"] < released + pd.Timedelta("4D"))
    ]
    share = next_day["model"].eq("model-4").groupby(next_day["style"]).mean()
    assert share["mover"] > 0.75
    assert share["home"] < 0.4
    later = calls[calls["at"] > released + pd.Timedelta("20D")]
    assert later["model"].eq("model-4").groupby(later["style"]).mean()["home"] > share["home"]


def test_about_a_third_of_the_further_styles_is_held_out() -> None:
    assert set(HELD_OUT_STYLES) == {"classroom", "nat_v6", "small_mail", "aged", "rivals", "thin_ring"}
