"""Runs as a workspace records them: lineages, alerts and cases over a planted history of clusters."""

from __future__ import annotations

import datetime
import random
from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import WorkspaceError
from graphlink.workspace import cases, decisions
from graphlink.workspace.audit import forget_account, verify_chain
from graphlink.workspace.found import FoundCluster, FoundRun
from graphlink.workspace.history import cluster_of, read_histories, read_history
from graphlink.workspace.lineage import Lifetimes
from graphlink.workspace.lineage_names import lineage_number, resolve
from graphlink.workspace.policy import Policy
from graphlink.workspace.runs import (
    Ran,
    Recorded,
    read_lineages,
    record_run,
    start_run,
)
from graphlink.workspace.store import Store, open_store
from tests.workspaces import ANA, BEN, fresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(fresh(tmp_path))
    with store.write(ANA) as rows:
        seq = rows.append("model.adopted", "model 1", {})
        rows.insert("models", {"model_no": rows.number("model"), "sha256": "", "seq": seq})
    yield store
    store.close()


def found(*clusters: str, p: float = 0.95, lifetimes: Lifetimes | None = None) -> FoundRun:
    """Clusters, each a word: its letters are the accounts."""
    return FoundRun(
        {f"C-{word}": FoundCluster(frozenset(word), tuple(word), p, 0.01) for word in clusters},
        lifetimes or Lifetimes({}, {}),
        DAY,
        DAY,
        "0" * 64,
    )


def record(
    store: Store, run: FoundRun, *, drift: dict[str, float] | None = None, is_forced: bool = False
) -> Recorded:
    with store.write(ANA) as rows:
        number = start_run(rows)
    with store.write(ANA) as rows:
        ran = Ran(number, f"results/R-{number}", 1, "", run, drift)
        return record_run(rows, ran, Policy(), is_forced=is_forced)


def alerts(done: Recorded) -> list[tuple[str, int, int]]:
    return [(alert.rule, alert.lineage, case) for alert, case in done.alerts]


def test_a_lineage_keeps_its_name_while_its_cluster_changes(store: Store) -> None:
    assert alerts(record(store, found("abcd", "wxyz"))) == [("born", 1, 1), ("born", 2, 2)]
    assert alerts(record(store, found("abcde", "wxyz"))) == []
    assert alerts(record(store, found("abcdefg", "wxy"))) == [("grown", 1, 1)]
    with store.read() as rows:
        first, second = read_histories(rows)
        assert [(one.change, one.n_accounts, one.n_joined) for one in first.stages] == [
            ("born", 4, 4),
            ("grown", 5, 1),
            ("grown", 7, 2),
        ]
        assert [one.change for one in second.stages] == ["born", "same", "shrunk"]
        assert cluster_of(rows, 1) == "C-abcdefg"
        assert {one.number: "".join(sorted(one.members)) for one in read_lineages(rows)} == {
            1: "abcdefg",
            2: "wxy",
        }
    verify_chain(store)


def test_two_accounts_are_pending_until_a_second_run(store: Store) -> None:
    assert alerts(record(store, found("ab"))) == []
    assert alerts(record(store, found("ab"))) == [("born", 1, 1)]


def test_alerts_of_one_lineage_go_into_one_case_in_place(store: Store) -> None:
    for word in ("abcd", "abcdefg", "abcdefghijk", "abcdefghijk"):
        record(store, found(word))
    with store.read() as rows:
        assert [(row["rule"], row["n_raised"], row["n_accounts"]) for row in rows.rows("alerts")] == [
            ("born", 1, 4),
            ("grown", 2, 11),
        ]
        (case,) = cases.read_cases(rows)
    assert (case.title, case.alerts, case.lineages) == ("K-1", ("born", "grown", "grown"), (1,))


def test_what_was_dismissed_stays_so_until_it_changes(store: Store) -> None:
    record(store, found("abcd"))
    with store.write(ANA) as rows:
        cases.set_status(rows, 1, "closed", "one home", "honest")
    assert alerts(record(store, found("abcde"))) == []
    with store.read() as rows:
        assert rows.rows("alerts")[0]["state"] == "dismissed"
        assert cases.read_cases(rows, (1,))[0].status == "closed"
    assert alerts(record(store, found("abcdefg"))) == [("grown", 1, 1)]
    with store.read() as rows:
        assert cases.read_cases(rows, (1,))[0].status == "open"


def test_merged_lineages_join_their_cases_and_both_names_lead_on(store: Store) -> None:
    record(store, found("abcd", "vwxyz"))
    done = record(store, found("abcdvwxyz"))
    assert alerts(done) == [("merged", 2, 2)]
    with store.read() as rows:
        assert resolve(rows, 1) == 2
        assert read_history(rows, 1).goes_on_as == 2
        assert read_history(rows, 1).events == ("R-1: born", "R-2: merged into K-2")
        first, second = cases.read_cases(rows)
    assert (first.status, first.merged_into, second.lineages) == ("closed", 2, (1, 2))


def test_a_lineage_that_is_split_off_is_added_to_the_case(store: Store) -> None:
    record(store, found("abcdefg"))
    record(store, found("abcd", "efg"))
    with store.read() as rows:
        assert cases.read_cases(rows, (1,))[0].lineages == (1, 2)
        assert read_history(rows, 2).events == ("R-2: split from K-1",)


def test_a_return_is_told_from_growth(store: Store) -> None:
    record(store, found("abcd"))
    later = {name: DAY + datetime.timedelta(days=9) for name in "ef"}
    closed = {name: DAY + datetime.timedelta(days=5) for name in "abcd"}
    lifetimes = Lifetimes(dict.fromkeys("abcd", DAY) | later, closed)
    assert alerts(record(store, found("abcdef", lifetimes=lifetimes))) == [("regrown", 1, 1)]


def test_a_refused_run_changes_nothing_and_the_next_is_compared_with_the_last_accepted(store: Store) -> None:
    words = ("abc", "def", "ghi", "jkl", "mno")
    record(store, found(*words))
    refused = record(store, found("abc"))
    assert (refused.state, refused.assignment, refused.alerts) == ("refused", None, ())
    assert "4 of 5 lineages are gone" in refused.faults[0]
    with store.read() as rows:
        assert all(len(one.stages) == 1 and one.is_present for one in read_histories(rows))
    after = record(store, found(*words))
    assert after.assignment is not None
    assert {one.change for one in after.assignment.placements} == {"same"}
    forced = record(store, found("abc"), is_forced=True)
    assert (forced.state, len(forced.faults)) == ("accepted", 1)
    with store.read() as rows:
        assert [one.is_present for one in read_histories(rows)] == [True, False, False, False, False]


def test_a_decided_lineage_is_not_lost_in_another(store: Store) -> None:
    record(store, found("abcd", "vwxyz"))
    listed = tuple(decisions.Listed(name, "core", 0.9) for name in "abcd")
    proposal = decisions.Proposal(1, 1, 1, "close", listed, "why", "0" * 64)
    with store.write(ANA) as rows:
        decisions.propose(rows, proposal)
    with store.write(BEN) as rows:
        decisions.decide(rows, 1, "approved", "yes")
    refused = record(store, found("abcdvwxyz"))
    assert refused.faults == ("K-1, which was decided, is merged into K-2; do they belong together?",)
    assert record(store, found("abcd", "vwxyz", "efg")).state == "accepted"
    assert record(store, found("abcdefg", "vwxyz")).state == "accepted"  # what joins it is news


def test_a_model_that_has_aged_is_refused(store: Store) -> None:
    assert record(store, found("abcd"), drift={"ip": 0.5}).state == "accepted"
    assert record(store, found("abcd"), drift={"ip": -1.5}).state == "refused"


def test_accounts_that_were_forgotten_are_in_no_lineage_though_the_input_has_them(store: Store) -> None:
    record(store, found("abcd"))
    with store.write(ANA) as rows:
        forget_account(rows, "a")
    done = record(store, found("abcd", "axy"))
    assert done.n_forgotten == 2
    with store.read() as rows:
        assert {one.number: "".join(sorted(one.members)) for one in read_lineages(rows)} == {1: "bcd"}
        assert rows.known_accounts(["a"]) == {}


@pytest.mark.slow
def test_a_hundred_updates_lose_nothing(store: Store) -> None:
    draws = random.Random(5)
    groups = {group: [f"{group}{i:02}" for i in range(4)] for group in "abcdefgh"}
    for _ in range(100):
        group = draws.choice(sorted(groups))
        groups[group].append(f"{group}{len(groups[group]):02}")
        clusters = {
            f"C-{name}": FoundCluster(frozenset(members), tuple(members), 0.95, 0.01)
            for name, members in groups.items()
            if draws.random() < 0.9  # now and then a run does not find one
        }
        record(store, FoundRun(clusters, Lifetimes({}, {}), DAY, DAY, ""))
    with store.read() as rows:
        accepted = rows.rows("runs", state="accepted")
        assert len(rows.rows("runs")) == 100
        assert len(accepted) > 90
        assert len(rows.rows("placements")) == sum(len(one.stages) for one in read_histories(rows))
        assert len(read_histories(rows)) == 8, "each group keeps its one number"
        assert sorted(
            "".join(sorted({name[0] for name in one.members})) for one in read_lineages(rows)
        ) == list("abcdefgh")
        assert {row["rule"] for row in rows.rows("alerts")} == {"born", "grown"}
        assert len(cases.read_cases(rows)) == 8
    verify_chain(store)


@pytest.mark.parametrize("name", ["K-", "417x", "C-12", "", "K-٣", "K-2147483648", "9" * 5000])
def test_what_is_no_name_of_a_lineage_is_refused(name: str) -> None:
    """A digit may be Arabic, and a number larger than the database holds."""
    with pytest.raises(WorkspaceError, match="is no lineage; expected a name such as K-417"):
        lineage_number(name)
    assert lineage_number("K-417") == lineage_number("417") == 417
