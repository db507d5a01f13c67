"""The watch list as rows: written at a decision, sized again by each run, ended with a reason, forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.workspace import decisions, watch
from graphlink.workspace.audit import forget_account, verify_chain
from graphlink.workspace.decided import read_known
from graphlink.workspace.decisions import record_outcome
from graphlink.workspace.holdings import Identifier
from graphlink.workspace.indicators import Indicator, watch_indicators
from graphlink.workspace.labels import NO, Evidence, Statement, Subject, make_label
from graphlink.workspace.policy import Policy
from graphlink.workspace.return_rows import read_noticed
from graphlink.workspace.returns import NAMED
from graphlink.workspace.store import create_database
from graphlink.workspace.watch_rows import (
    FORGOTTEN_HOLDER,
    NOT_HELD,
    Entry,
    add_indicators,
    forget_holder,
    read_entries,
    write_watch_list,
)
from graphlink.workspace.watching import size_run
from tests.unit.workspace.small_results import SmallResult, day
from tests.unit.workspace.watched_runs import CARD, CROWD, FIRST, MEMBERS, SERVER, Team, on
from tests.workspaces import ANA, BEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Team]:
    place = request.getfixturevalue("empty_postgres") if getattr(request, "param", "") else ""
    if place:
        create_database(place)
    team = Team(tmp_path, place)
    yield team
    verify_chain(team.store)
    team.store.close()


def entries(team: Team) -> dict[str, Entry]:
    with team.store.read() as rows:
        return {one.value: one for one in read_entries(rows)}


def reported(value: str = "card-9", confidence: float = 0.8, until: float = 90) -> Indicator:
    return Indicator(Identifier("payment", value), "Partner", confidence, day(20), day(until), "seen there")


def add(team: Team, *indicators: Indicator) -> int:
    with team.store.write(ANA) as rows:
        sized = watch_indicators(team.result, indicators)
        return add_indicators(rows, indicators, (sized, 1), "feed.csv")


@pytest.mark.parametrize("team", ["", "postgres"], indirect=True)
def test_a_decision_writes_what_was_exclusive_with_who_held_it_when(team: Team) -> None:
    assert entries(team) == {}
    team.decide(*MEMBERS)
    actual = entries(team)
    assert set(actual) == {SERVER, CARD}
    server = actual[SERVER]
    assert (server.decision, server.lineage, server.source) == (1, 1, "D-1")
    assert (server.n_members, server.n_others, server.half_life_days) == (3, 0, 14.0)
    assert server.from_at == "2026-03-29T00:00:00Z"  # day 27
    assert server.weight == pytest.approx(2.88 / (2.88 + 0.25), abs=0.02)
    with team.store.read() as rows:
        held = rows.rows("watch_holders", watch_no=actual[CARD].number)
    assert len(held) == 2


def test_who_is_to_be_verified_is_not_watched(team: Team) -> None:
    team.decide(*MEMBERS, action="verify")
    assert entries(team) == {}


def test_a_run_sizes_the_list_again_and_an_address_fades(team: Team) -> None:
    team.decide(*MEMBERS)
    before = entries(team)[SERVER].weight
    team.run(SmallResult([*FIRST.seen, ("x0", "client", "app/1", 41)], clusters=FIRST.clusters), 41)
    after = entries(team)
    assert 0.5 < after[SERVER].weight < before - 0.02
    assert after[CARD].weight == pytest.approx(2 / 2.3, abs=1e-3)


def test_what_the_data_leave_out_is_remembered(team: Team) -> None:
    team.decide(*MEMBERS)
    done = team.run(SmallResult([*CROWD, *on(SERVER, 31, "n1")]), 31)
    assert entries(team)[SERVER].n_members == 3
    assert [(one.rule, one.n_accounts) for one, _ in done.alerts] == [("returned", 1)]


def test_a_watch_ends_once_honest_holders_prevail_and_begins_again(team: Team) -> None:
    team.decide(*MEMBERS)
    guests = [f"g{i}" for i in range(4)]
    team.run(
        SmallResult([*FIRST.seen, *on(CARD, 31, *guests, kind="payment")], dict.fromkeys(guests, 1.0)), 31
    )
    ended = entries(team)[CARD]
    assert (ended.not_watched, ended.until_at) == (watch.CROWDED, "2026-04-02T00:00:00Z")
    assert not ended.is_watched("2026-04-02T00:00:00Z")
    team.run(FIRST, 32)
    again = entries(team)[CARD]
    assert (again.not_watched, again.until_at) == ("", "")


def test_what_only_a_cleared_account_held_is_no_longer_watched(team: Team) -> None:
    team.decide(*MEMBERS)
    with team.store.write(ANA) as rows:
        for name in ("m1", "m2"):
            record_outcome(rows, 1, name, "overturned", "students")
    team.run(FIRST, 30)
    actual = entries(team)
    assert actual[CARD].not_watched == NOT_HELD
    # The server has one member and two who are known to be honest.
    assert actual[SERVER].not_watched == watch.CROWDED


def test_a_decision_of_an_honest_case_is_not_watched(team: Team) -> None:
    team.decide(*MEMBERS)
    team.close_case("honest")
    done = team.run(SmallResult([*CROWD, *on(SERVER, 31, "n1")]), 31)
    assert done.alerts == ()


def test_indicators_are_added_once_sized_by_runs_and_replaced_by_newer_reports(team: Team) -> None:
    assert add(team, reported(), reported(CARD)) == 2
    actual = entries(team)
    assert (actual["card-9"].source, actual["card-9"].decision) == ("Partner", None)
    assert actual["card-9"].weight == pytest.approx(1 / 1.3, abs=1e-3)
    assert actual["card-9"].until_at == "2026-05-31T00:00:00Z"
    assert add(team, reported()) == 0
    team.run(SmallResult([*FIRST.seen, *on("card-9", 5, *map(str, range(9)), kind="payment")]), 29)
    assert entries(team)["card-9"].not_watched == watch.CROWDED
    assert add(team, reported(confidence=0.1)) == 1
    with team.store.read() as rows:
        rows_of_card = rows.rows("watched", value="card-9")
    assert [(row["confidence"], row["until_at"]) for row in rows_of_card] == [
        (0.8, "2026-03-31T00:00:00Z"),
        (0.1, "2026-05-31T00:00:00Z"),
    ]


def test_an_indicator_that_ended_is_matched_no_more(team: Team) -> None:
    add(team, reported(until=35))
    holder = SmallResult([*FIRST.seen, *on("card-9", 30, "n1", kind="payment")])
    team.run(holder, 31)
    team.run(holder, 36)
    with team.store.read() as rows:
        assert [(row["run_no"], row["source"]) for row in rows.rows("hits")] == [(2, "Partner")]


def test_forgetting_an_account_erases_what_only_it_held(team: Team) -> None:
    team.decide("m3", "m1")
    alone = {name for name, one in entries(team).items() if one.n_members == 1}
    assert alone == {CARD}
    team.run(SmallResult([*FIRST.seen, *on(CARD, 29, "n1", kind="payment")]), 30)
    with team.store.write(ANA) as rows:
        number = rows.known_accounts(["m1"])["m1"]
        forget_account(rows, "m1")
        forget_holder(rows, number)
    with team.store.read() as rows:
        kept = {row["value"]: row["not_watched"] for row in rows.rows("watched")}
    assert kept == {SERVER: None, None: FORGOTTEN_HOLDER}
    team.run(FIRST, 31)  # the input still has the account: it stays forgotten
    assert CARD not in entries(team)


@pytest.mark.parametrize("by", ["appeals", "case"])
def test_nothing_is_watched_of_a_decision_of_which_nobody_is_left(team: Team, by: str) -> None:
    team.decide(*MEMBERS)
    if by == "case":
        team.close_case("honest")
    else:
        with team.store.write(ANA) as rows:
            for name in MEMBERS:
                record_outcome(rows, 1, name, "overturned", "students")
    team.run(FIRST, 30)
    assert {one.not_watched for one in entries(team).values()} == {NOT_HELD}


def test_who_is_forgotten_while_a_decision_is_written_is_not_met_again(team: Team) -> None:
    listed = tuple(decisions.Listed(name, "core", 0.99) for name in MEMBERS)
    with team.store.write(ANA) as rows:
        number = decisions.propose(rows, decisions.Proposal(1, 1, 1, "close", listed, "a farm", "0" * 64))
    with team.store.read() as rows:
        watching = size_run(team.result, read_known(rows, number))
    with team.store.write(ANA) as rows:
        known = rows.known_accounts(["m1", "m2"])
        for name, account_no in known.items():
            forget_account(rows, name)
            forget_holder(rows, account_no)
    with team.store.write(BEN) as rows:
        decisions.decide(rows, number, "approved", "agreed")
        write_watch_list(rows, watching, 1)
    with team.store.read() as rows:
        assert rows.known_accounts(["m1", "m2"]) == {}
    assert set(entries(team)) == {SERVER}  # nobody else held the card


def test_a_label_on_what_a_decided_lineage_was_merged_into_clears(team: Team) -> None:
    others = [f"b{i}" for i in range(6)]
    both = SmallResult([*FIRST.seen, *on("192.0.2.9", 20, *others)], clusters={"C-1": MEMBERS, "C-2": others})
    team.run(both, 28)
    team.decide(*MEMBERS)
    back = SmallResult(
        [*both.seen, *on(CARD, 31, "n1", kind="payment")], clusters={"C-9": [*MEMBERS, *others, "n1"]}
    )
    recorded = team.run(back, 32)
    (placed,) = recorded.assignment.placements if recorded.assignment else ()
    assert placed.lineage == 2
    statement = Statement(Subject("n1", "", 2, "", ""), NO, "her own card", Evidence(), "")
    with team.store.write(ANA) as rows:
        make_label(rows, statement, Policy())
    team.run(back, 33)
    with team.store.read() as rows:
        assert [(one.account_id, one.state) for one in read_noticed(rows, 3)] == [("n1", NAMED)]
        assert read_noticed(rows, 4) == []
