"""Columns of the gateway: coarse, heavy-tailed, determined by the client, mapped as open kinds."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

import pytest

from graphlink.core.settings import read_settings
from graphlink.samples import Dials, World, draw_world
from graphlink.samples.gateway import FEWEST_TLS, MOST_TLS
from tests.unit.samples.frames import frame, rows_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(3, 3000, Dials(gateway=True, time_zones=True))


def test_fingerprints_are_few_and_heavy_tailed(world: World) -> None:
    for seed in (1, 2, 3):
        n = frame(draw_world(seed, 2000, Dials(gateway=True)).requests)["tls"].nunique()
        assert FEWEST_TLS / 2 < n <= MOST_TLS
    holders = frame(world.requests).groupby("tls")["account_id"].nunique().sort_values()
    assert holders.iloc[-1] > 20 * holders.median()
    assert holders.iloc[0] <= 5
    assert 15 <= frame(world.requests)["user_agent"].nunique() <= 80


def test_a_client_has_one_fingerprint_a_platform(world: World) -> None:
    rows = frame(world.requests)
    assert rows.groupby("client")["tls"].nunique().max() <= 3
    assert rows.groupby("client")["user_agent"].nunique().max() <= 3
    assert rows.groupby(["account_id", "client"])["tls"].nunique().max() == 1


def test_zones_follow_the_owner_and_servers_run_in_utc(world: World) -> None:
    rows = frame(world.requests)
    assert set(rows["time_zone"]) <= zoneinfo.available_timezones()
    calls, logins = rows[rows["api_key"].notna()], rows[rows["api_key"].isna()]
    assert 0.3 < (calls["time_zone"] == "UTC").mean() < 0.8
    assert not (logins["time_zone"] == "UTC").any()
    assert logins.groupby("account_id")["time_zone"].nunique().max() == 1
    servers = rows_of(world, "requests", "servers", "routed")
    assert servers[servers["api_key"].notna()].groupby("operator_id")["time_zone"].nunique().max() == 1


def test_the_columns_are_mapped_as_kinds(world: World, tmp_path: Path) -> None:
    counts = frame(world.observations())["kind"].value_counts()
    kinds = ("tls_fingerprint", "user_agent", "time_zone")
    assert {counts[kind] for kind in kinds} == {len(world.requests)}
    settings = read_settings(draw_world(3, 100, Dials(gateway=True)).write(tmp_path))
    assert {"tls_fingerprint", "user_agent"} <= set(settings.sources[0].kinds)
    assert "time_zone" not in settings.sources[0].kinds


def test_the_model_called_is_a_fact_and_no_kind(tmp_path: Path) -> None:
    world = draw_world(3, 100, Dials(facts=True))
    settings = read_settings(world.write(tmp_path / "facts"))
    assert settings.sources[0].facts == {"model": "model"}
    assert not {"model", "ok"} & set(frame(world.observations())["kind"])
    assert not read_settings(draw_world(3, 100).write(tmp_path / "plain")).sources[0].facts
