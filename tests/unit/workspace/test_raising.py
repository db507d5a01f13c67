"""Alerts that accounts came back: into the case of the decision, once, and with the new lineage beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.workspace import cases
from graphlink.workspace.audit import forget_account, verify_chain
from graphlink.workspace.decisions import record_outcome
from graphlink.workspace.return_rows import Noticed, plain_returns, read_noticed, read_rates
from graphlink.workspace.watch_rows import forget_holder
from tests.unit.workspace.small_results import Seen, SmallResult
from tests.unit.workspace.watched_runs import CARD, FIRST, MEMBERS, SERVER, Team, on
from tests.workspaces import ANA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from graphlink.workspace.case_states import Case
    from graphlink.workspace.runs import Recorded

DECIDED = [*FIRST.seen]


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    team = Team(tmp_path)
    team.decide(*MEMBERS)
    yield team
    verify_chain(team.store)
    team.store.close()


def alerts(done: Recorded) -> list[tuple[str, int, int, int]]:
    return [(alert.rule, alert.lineage, alert.n_accounts, case) for alert, case in done.alerts]


def case(team: Team, number: int = 1) -> Case:
    with team.store.read() as rows:
        return cases.read_cases(rows, (number,))[0]


def noticed(team: Team, run: int) -> list[Noticed]:
    with team.store.read() as rows:
        return read_noticed(rows, run)


def back(names: str, at: float = 31) -> list[Seen]:
    return on(SERVER, at, *names)


def with_new(seen: Sequence[Seen], **clusters: str) -> SmallResult:
    old = {"C-1": MEMBERS}
    return SmallResult(
        [*DECIDED, *seen], clusters=old | {name: tuple(word) for name, word in clusters.items()}
    )


def test_a_return_reopens_the_closed_case_and_is_raised_once(team: Team) -> None:
    team.close_case()
    assert alerts(team.run(with_new(back("p")), 32)) == [("returned", 1, 1, 1)]
    assert (case(team).status, case(team).alerts) == ("open", ("born", "returned"))
    assert alerts(team.run(with_new(back("p")), 33)) == []
    assert alerts(team.run(with_new(back("pqr")), 34)) == []  # two more are no news yet
    assert alerts(team.run(with_new(back("pqrs")), 35)) == [("returned", 1, 4, 1)]


def test_who_came_back_is_recorded_with_the_values_and_the_probability(team: Team) -> None:
    team.run(with_new([*back("p"), *on(CARD, 31, "p", kind="payment")]), 32)
    (one,) = noticed(team, 2)
    assert (one.account_id, one.lineage, one.source, one.state, one.road) == (
        "p",
        1,
        "D-1",
        "named",
        "watch_list",
    )
    assert [(by.kind, by.value) for by in one.pieces] == [("ip", SERVER), ("payment", CARD)]
    assert 0.9 < one.probability < 1
    assert one.sentences[0].startswith("p is likely a return of K-1 (D-1), probability 0.9")
    assert one.sentences[1].startswith(f"It holds ip {SERVER}, which 3 accounts of K-1 (D-1) held")
    with team.store.read() as rows:
        rates = read_rates(rows, 2)
    assert [(one.rate.days, one.rate.n_decided, one.rate.n_back) for one in rates] == [
        (7, 3, 1),
        (30, 3, 1),
        (90, 3, 1),
    ]
    plain = plain_returns([one], rates)
    assert plain["returns"][0]["by"][0]["value"] == SERVER  # type: ignore[index]  # plain values


def test_a_new_lineage_of_returns_goes_into_the_old_case(team: Team) -> None:
    team.close_case()
    done = team.run(with_new(back("pqr"), **{"C-2": "pqr"}), 32)
    assert alerts(done) == [("returned", 1, 3, 1), ("born", 2, 3, 1)]
    assert case(team).lineages == (1, 2)


def test_a_lineage_with_its_own_case_is_linked_to_the_old_one_once(team: Team) -> None:
    team.run(with_new(on("198.51.100.3", 31, *"pqr"), **{"C-2": "pqr"}), 32)
    assert (case(team).linked, case(team, 2).lineages) == ((), (2,))
    for at in (34, 35):
        seen = [*on("198.51.100.3", 31, *"pqr"), *back("pqr", 33)]
        team.run(with_new(seen, **{"C-2": "pqr"}), at)
    assert (case(team).linked, case(team, 2).linked) == ((2,), (1,))
    with team.store.read() as rows:
        linked = [row for row in rows.rows("events") if row["action"] == "case.linked"]
    assert len(linked) == 2


def test_a_cluster_of_others_with_one_return_is_not_joined(team: Team) -> None:
    crowd = on("198.51.100.3", 31, *"tuvw")
    result = with_new([*back("p"), *crowd], **{"C-2": "ptuvw"})
    result.one = {"C-2": 0.3}  # of one organisation hardly
    team.run(result, 32)
    assert case(team).lineages == (1,)
    assert case(team).linked == ()


def test_nobody_is_named_by_a_value_whose_honest_holders_prevail(team: Team) -> None:
    guests = [f"g{i}" for i in range(3)]
    seen = [*DECIDED, *on(SERVER, 5, *guests, "h"), *on(SERVER, 31, "p")]
    done = team.run(SmallResult(seen, dict.fromkeys([*guests, "h"], 1.0)), 32)
    assert alerts(done) == []
    assert noticed(team, 2) == []


def test_an_account_that_was_there_before_is_listed_and_raises_nothing(team: Team) -> None:
    done = team.run(SmallResult([*DECIDED, *back("p")], {"p": 3}, clusters={"C-1": MEMBERS}), 32)
    assert alerts(done) == []
    (one,) = noticed(team, 2)
    assert (one.state, one.is_older) == ("possible", True)
    assert "may be bought or missed" in one.sentences[1]


def test_the_return_rate_keeps_returns_that_are_decided_on_in_their_turn(team: Team) -> None:
    team.run(with_new(back("pqr")), 32)
    with team.store.write(ANA) as rows:
        cases.change_status(rows, 1, cases.OPEN, "they are back")
    assert team.decide("p", "q") == 2
    team.run(with_new(back("pqr")), 34)
    assert [one.account_id for one in noticed(team, 3)] == ["r"]
    with team.store.read() as rows:
        rates = {(one.decision, one.rate.days): one.rate.n_back for one in read_rates(rows, 3)}
    assert rates[1, 7] == 3


def test_what_was_overturned_is_no_return_of_itself(team: Team) -> None:
    with team.store.write(ANA) as rows:
        record_outcome(rows, 1, "m3", "overturned", "a student")
    team.run(with_new(on(SERVER, 31, "m3")), 32)
    assert noticed(team, 2) == []


def test_a_forgotten_account_is_not_noticed_again(team: Team) -> None:
    result = with_new(back("p"))
    team.run(result, 32)
    with team.store.write(ANA) as rows:
        number = rows.known_accounts(["p"])["p"]
        forget_account(rows, "p")
        forget_holder(rows, number)
    assert noticed(team, 2) == []
    with team.store.read() as rows:
        assert [row["pieces"] for row in rows.rows("hits")] == ["[]"]
    team.run(result, 33)
    assert noticed(team, 3) == []
    with team.store.read() as rows:
        assert "p" not in rows.known_accounts(["p"])


def test_an_alert_names_the_surest_and_forgets_them(team: Team) -> None:
    name = "p\x1b[2J of five"
    team.run(with_new(on(SERVER, 31, name)), 32)

    def text() -> str:
        with team.store.read() as rows:
            (seq,) = [row["seq"] for row in rows.rows("events", action="case.alert")][1:]
            return str(rows.payloads([seq])[seq]["text"])

    assert text().startswith(f"returned: K-1, 1 account back so far; now {name} (p 0.")
    with team.store.write(ANA) as rows:
        forget_account(rows, name)
    assert "five" not in text()
    team.run(with_new(on(SERVER, 31, name)), 33)  # the input still has it
    with team.store.read() as reading:
        assert all("five" not in row["content"] for row in reading.rows("payloads"))
