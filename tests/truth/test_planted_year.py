"""A planted story of a team, from end to end: docs/workspace.md has it in words.

An operator is found, two people decide, the case is closed; it comes back with new cards and is seen by the
next update; an appeal is upheld, a label follows from it, and the next run obeys.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from graphlink import EngineSettings
from graphlink.cli import commands
from graphlink.monitoring import Workspace, open_workspace
from graphlink.samples import draw_world
from graphlink.workspace.folder import init_workspace
from tests.bench.returns.__main__ import KEPT
from tests.bench.returns.planted import CLOSED_AT, Planted, plant_returns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink.monitoring import Update

SEED, N_ACCOUNTS = 9401, 1_200
WEEK, ABSENT = dt.timedelta(days=7), dt.timedelta(days=3)


class Story:
    """A team that updates from a planted world as time goes by."""

    def __init__(self, folder: Path) -> None:
        world = draw_world(SEED, N_ACCOUNTS)
        self.planted: Planted = plant_returns(world, KEPT["addresses, clients; new cards"], ABSENT)
        self.folder, self.now = folder, CLOSED_AT
        init_workspace(folder / "ws", by="ana")
        self.ana: Workspace = open_workspace(folder / "ws", by="ana", clock=lambda: self.now)
        self.ben = self.ana.as_user("ben")

    def update(self, at: dt.datetime) -> Update:
        """Update with the data of a moment."""
        self.now = at
        world = self.planted.until(at).write(self.folder / f"{at:%Y%m%d}")
        return self.ana.update(world, limits=EngineSettings(threads=1), drift=False)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    story = Story(tmp_path_factory.mktemp("year"))
    yield story
    story.ana.verify()
    story.ana.close()


@pytest.fixture(scope="module")
def decided(story: Story) -> list[str]:
    """The accounts of D-1, which closes the first case; it is of an operator of the world."""
    assert story.update(CLOSED_AT).exit_code == 3
    case = story.ana.cases.queue()[0].number
    story.ana.decisions.propose(case, "close", "sixteen accounts, one beat")
    story.ben.decisions.review(1, "close", "one beat")
    story.ben.decisions.decide(1, "approved", "the evidence holds")
    story.ana.decisions.export(1)
    story.ana.cases.set_status([case], "closed", "closed by the provider", "acted")
    accounts = [one.account_id for one in story.ana.decisions.get(1).proposal.accounts]
    of = story.planted.operator_of()
    assert {of[account] for account in accounts} <= story.planted.operators
    return accounts


@pytest.fixture(scope="module")
def back(story: Story, decided: list[str]) -> Update:
    """The update a week after the operator came back."""
    return story.update(story.planted.back_at + WEEK)


@pytest.fixture(scope="module")
def cleared(story: Story, decided: list[str], back: Update) -> tuple[str, Update]:
    """An account whose appeal was upheld, and the update after it."""
    account, lineage = decided[0], story.ana.decisions.get(1).proposal.lineage
    story.ana.decisions.record_outcome(1, account, "overturned", "a student of the same class")
    story.ana.labels.add("no", account=account, lineage=f"K-{lineage}", why="appeal upheld, D-1")
    return account, story.update(story.planted.back_at + 2 * WEEK)


def test_who_came_back_is_named_in_the_old_case(story: Story, decided: list[str], back: Update) -> None:
    decision, case = story.ana.decisions.get(1), story.ana.cases.get(1)
    lineage = f"K-{decision.proposal.lineage}"
    assert ("returned", lineage, case.number) in [
        (one["rule"], one["lineage"], one["case"])
        for one in back.summary["alerts"]  # type: ignore[attr-defined]  # plain values
    ]
    assert case.status == "open"
    assert case.alerts[-2:] == ("born", "returned")  # the new cluster went into the old case
    named = {one.account_id for one in story.ana.returns().noticed if one.is_named}
    of = story.planted.operator_of()
    operator = of[decided[0]]
    returned = {one for one in story.planted.returned(story.now) if of[one] == operator}
    assert named <= returned, "nobody else is named"
    assert 2 * len(named) >= len(returned)
    assert all(one.pieces or one.cluster_id for one in story.ana.returns().noticed)
    within = {one.rate.days: one.rate for one in story.ana.returns().rates}
    assert within[30].n_back == len(named)
    assert within[7].is_over
    assert not within[30].is_over


def test_update_json_and_the_terminal_state_who_by_what_and_how_likely(story: Story, back: Update) -> None:
    summary = json.loads((story.folder / "ws" / "update.json").read_text(encoding="utf-8"))
    first = summary["returns"][0]
    assert first["state"] == "named"
    assert first["by"][0]["kind"] in ("ip", "ip_64", "client")  # cards are new
    place = str(story.folder / "ws")
    for command in (["workspace", "show", place], ["returns", place]):
        printed = CliRunner().invoke(commands, command).output
        assert first["account_id"] in printed
        assert first["by"][0]["value"] in printed


def test_new_accounts_are_screened_before_a_run_has_them(
    story: Story, decided: list[str], back: Update
) -> None:
    """What comes back in the second week is screened by the lists of the first."""
    then = story.planted.until(story.planted.back_at + 2 * WEEK)
    known = set(back.result.accounts["account_id"])
    of, operator = story.planted.operator_of(), story.planted.operator_of()[decided[0]]
    rows = [
        (row["account_id"], row["ip"], row["at"])
        for row in then.requests.select(["account_id", "ip", "at"]).to_pylist()
        if row["account_id"] not in known
    ]
    place = story.folder / "new.csv"
    with place.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("account_id", "ip", "seen_at"), *rows])
    before = story.ana.lineages()
    answers = story.ana.watch.screen_file(place).answers
    assert {one.account_id for one in answers} == {account for account, _, _ in rows}
    of_decision = {
        one.account_id
        for one in answers
        if one.state == "named" and one.matches[0].name.startswith("K-4 (D-1)")
    }
    assert {of[account] for account in of_decision} <= {operator}
    assert story.ana.lineages() == before, "screening changes nobody's membership"


def test_the_next_run_obeys_an_appeal(story: Story, cleared: tuple[str, Update]) -> None:
    account, update = cleared
    assert update.recorded.state == "accepted"
    assert update.summary["labels"]["cannot_links_applied"] > 0  # type: ignore[index]  # plain values
    lineage = story.ana.decisions.get(1).proposal.lineage
    membership = update.result.membership.set_index("account_id")
    rest = membership.loc[story.ana.decisions.get(1).proposal.accounts[1].account_id]
    assert membership.loc[account, "cluster_id"] != rest["cluster_id"]
    with story.ana._context.reading() as rows:
        (number,) = rows.known_accounts([account]).values()
        held = {row["watch_no"]: row for row in rows.rows("watch_holders", account_no=number)}
        alone = [row for row in rows.rows_of("watched", "watch_no", sorted(held)) if row["n_members"] == 1]
    assert alone
    assert all(row["not_watched"] for row in alone), "what only it held is no longer watched"
    assert account not in {one.account_id for one in story.ana.returns().noticed}
    assert {one.rate.n_decided for one in story.ana.returns().rates} == {
        len(story.ana.decisions.get(1).proposal.accounts) - 1
    }
    assert lineage in story.ana.cases.get(1).lineages
