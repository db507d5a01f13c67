"""Classes: strangers who sign up within an hour from one address, with the same clients."""

from __future__ import annotations

import pandas as pd
import pytest

from graphlink.samples import Dials, HonestShares, World, draw_world
from tests.unit.samples.frames import rows_of


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(4, 2000, Dials(farm_share=0, honest=HonestShares(classroom=0.5)))


@pytest.fixture(scope="module")
def first(world: World) -> pd.DataFrame:
    """First request of each account with its room: the address that many first requests come from."""
    rows = rows_of(world, "requests", "classroom").sort_values("at")
    first = rows.groupby("account_id").first().reset_index()
    first = first[~first["ip"].isin(rows_of(world, "requests", "carrier")["ip"].unique())]  # on the phone
    sizes = first.groupby("ip")["account_id"].transform("size")
    return first[sizes >= 10].merge(rows_of(world, "accounts", "classroom")[["account_id", "created_at"]])


def test_a_room_signs_up_within_an_hour(first: pd.DataFrame) -> None:
    assert len(first) > 0.85 * 2000 / 3
    spans = first.groupby("ip")["created_at"].agg(lambda times: times.max() - times.min())
    assert (spans <= pd.Timedelta("1h")).all()
    sizes = first.groupby("ip").size()
    assert sizes.between(10, 120).all()
    assert first["operator_id"].is_unique


def test_a_room_has_one_build_and_goes_on_elsewhere(world: World, first: pd.DataFrame) -> None:
    rows = rows_of(world, "requests", "classroom").merge(
        first[["account_id", "ip"]].rename(columns={"ip": "room"}), on="account_id"
    )
    calls = rows[rows["api_key"].notna()].drop_duplicates(["account_id", "client"])
    commonest = calls.groupby("room")["client"].agg(lambda names: names.value_counts(normalize=True).iloc[0])
    assert commonest.median() > 0.7
    later = rows[rows["ip"] != rows["room"]]
    assert later["account_id"].nunique() > 0.5 * rows["account_id"].nunique()
    assert (rows["ip"] == rows["room"]).mean() > 0.25
