"""Planted returns: operators that come back on old servers are named within a week, newcomers are not.

`python -m tests.bench.returns` measures more worlds; docs/returns.md has the table.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pytest

from graphlink.samples import draw_world
from graphlink.workspace.returns import find_returns, return_rates
from graphlink.workspace.screening import NAMED, Sighting, make_screen
from graphlink.workspace.watch import size_watch_list
from tests.bench.returns.__main__ import KEPT, WEEK, outcome_of, run_of, whole_decisions
from tests.bench.returns.planted import CLOSED_AT, Planted, plant_returns

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink import Result
    from graphlink.samples import World

NEW_CARDS, ALL_KEPT = "addresses, clients; new cards", "addresses, clients, cards"


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(9401, 1_200)


@pytest.fixture(scope="module")
def back_on_old_servers(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Planted, Result]:
    planted = plant_returns(world, KEPT[NEW_CARDS], dt.timedelta(days=3))
    return planted, run_of(planted.until(planted.back_at + WEEK), tmp_path_factory.mktemp("new_cards"))


def test_a_planted_return_closes_everybody_and_keeps_what_it_is_to_keep(world: World) -> None:
    planted = plant_returns(world, KEPT[NEW_CARDS], dt.timedelta(days=3))
    assert planted.operators
    requests = planted.world.requests
    old, new = set(planted.predecessors.values()), set(planted.predecessors)
    theirs = requests.filter(pc.is_in(requests["account_id"], value_set=_texts(old)))
    back = requests.filter(pc.is_in(requests["account_id"], value_set=_texts(new)))
    assert pc.max(theirs["at"]).as_py() < CLOSED_AT
    assert pc.min(back["at"]).as_py() >= planted.back_at
    original = set(world.requests["ip"].to_pylist())
    assert set(back["ip"].to_pylist()) <= original
    assert not set(back["api_key"].to_pylist()) - {None} & set(world.requests["api_key"].to_pylist())
    cards = planted.world.payments
    paid = cards.filter(pc.is_in(cards["account_id"], value_set=_texts(new)))
    assert paid.num_rows
    assert not set(paid["card"].to_pylist()) & set(world.payments["card"].to_pylist())
    moved = plant_returns(world, KEPT["nothing"], dt.timedelta(days=3)).world.requests
    gone = moved.filter(pc.is_in(moved["account_id"], value_set=_texts(new)))
    assert not set(gone["ip"].to_pylist()) & original


def test_who_is_not_closed_is_left_as_it_was(world: World) -> None:
    planted = plant_returns(world, KEPT["nothing"], dt.timedelta(days=3))
    of = planted.operator_of()
    stayed = _texts(
        {name for name in world.truth["account_id"].to_pylist() if of[name] not in planted.operators}
    )
    for name in ("requests", "payments"):
        before, after = (
            table.filter(pc.is_in(table["account_id"], value_set=stayed)).sort_by(
                [(column, "ascending") for column in table.column_names]
            )
            for table in (getattr(world, name), getattr(planted.world, name))
        )
        assert before.equals(after)


def test_returns_on_old_servers_with_new_cards_are_named_and_newcomers_are_not(
    back_on_old_servers: tuple[Planted, Result],
) -> None:
    planted, result = back_on_old_servers
    actual = outcome_of(planted, result, whole_decisions(planted), planted.back_at + WEEK)
    assert actual.n_returned >= 40
    assert actual.n_named >= 0.5 * actual.n_returned
    assert actual.n_noticed >= 0.6 * actual.n_operators
    assert actual.n_wrong <= 0.01 * actual.n_honest


def test_rates_and_the_screen_agree_with_the_returns(back_on_old_servers: tuple[Planted, Result]) -> None:
    planted, result = back_on_old_servers
    decided = whole_decisions(planted)
    returns = find_returns(result, size_watch_list(result, decided), decided)
    named = {one.account_id for one in returns if one.is_named}
    rates = return_rates(result, decided, returns)
    assert sum(rate.n_back for rate in rates if rate.days == 30) == len(named)
    assert all(rate.is_over == (rate.days == 7) for rate in rates)
    # The screen knows what was seen before the return, and nothing since.
    seen = planted.world.requests
    new = seen.filter(pc.is_in(seen["account_id"], value_set=_texts(set(planted.predecessors))))
    sightings = [Sighting(row["account_id"], "ip", row["ip"], row["at"]) for row in new.to_pylist()]
    screened = make_screen(result, decided).screen(sightings)
    likely = {one.account_id for one in screened.answers if one.state == NAMED}
    by_hits = {one.account_id for one in returns if one.is_named and one.road == "watch_list"}
    assert len(likely & by_hits) >= 0.8 * len(by_hits)


def test_returns_with_all_kept_are_named(world: World, tmp_path: Path) -> None:
    planted = plant_returns(world, KEPT[ALL_KEPT], dt.timedelta(days=3))
    result = run_of(planted.until(planted.back_at + WEEK), tmp_path)
    actual = outcome_of(planted, result, whole_decisions(planted), planted.back_at + WEEK)
    assert actual.n_named >= 0.8 * actual.n_returned
    assert actual.n_wrong <= 0.01 * actual.n_honest


def _texts(names: set[str]) -> object:
    import pyarrow as pa

    return pa.array(sorted(names), pa.string())
