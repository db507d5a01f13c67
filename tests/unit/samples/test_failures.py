"""Failed log-ins: of owners, and of strangers who try many accounts from a few servers."""

from __future__ import annotations

import pandas as pd
import pytest

from graphlink.samples import Dials, World, draw_world
from tests.unit.samples.frames import frame


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(7, 1000, Dials(failed_logins=1.0, gateway=True))


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(list(table.columns)).reset_index(drop=True)


def test_they_add_rows_and_change_no_other(world: World) -> None:
    plain = frame(draw_world(7, 1000, Dials(gateway=True)).requests)
    rows = frame(world.requests)
    kept = rows[rows["ok"]].drop(columns="ok").reset_index(drop=True)
    pd.testing.assert_frame_equal(_ordered(kept), _ordered(plain))
    assert rows["at"].is_monotonic_increasing
    assert 0.5 * 1000 < (~rows["ok"]).sum() < 1.1 * 1000
    assert frame(world.requests).equals(
        frame(draw_world(7, 1000, Dials(failed_logins=1.0, gateway=True)).requests)
    )


def test_strangers_try_many_accounts_from_few_servers(world: World) -> None:
    rows = frame(world.requests)
    failed = rows[~rows["ok"]]
    assert failed["api_key"].isna().all()
    foreign = failed[~failed["ip"].isin(rows.loc[rows["ok"], "ip"])]
    assert foreign.groupby("ip")["account_id"].nunique().max() > 5
    assert foreign["ip"].nunique() <= 80
    own = failed.merge(rows[rows["ok"]][["account_id", "ip"]].drop_duplicates(), on=["account_id", "ip"])
    assert 0.25 < len(own) / len(failed) < 0.6


def test_they_fall_into_the_life_of_their_account(world: World) -> None:
    rows = frame(world.requests).merge(frame(world.accounts), on="account_id")
    failed = rows[~rows["ok"]]
    assert (failed["at"] >= failed["created_at"]).all()
    assert (
        failed["at"] < failed["closed_at"].fillna(world.end + pd.Timedelta("1D")) + pd.Timedelta("1min")
    ).all()
