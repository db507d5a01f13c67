"""Decisions: two people, a snapshot, and nothing leaves the workspace without both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from graphlink.core.errors import WorkspaceError
from graphlink.workspace import cases, decisions
from graphlink.workspace.appeals import appeal_profile
from graphlink.workspace.decided import read_truth
from graphlink.workspace.decisions import Decision, Listed, Proposal, chosen_accounts
from graphlink.workspace.store import Actor, Store, open_store
from tests.workspaces import ANA, BEN, fresh, stock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROPOSAL = Proposal(
    1, 1, 1, "close", (Listed("a", "core", 0.99), Listed("b", "core", 0.9)), "a farm", "0" * 64
)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    if getattr(request, "param", "sqlite") == "postgresql":
        return str(request.getfixturevalue("workspace_postgres"))
    return fresh(tmp_path)


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    store = open_store(place)
    stock(store, 1, 2)
    with store.write(ANA) as rows:
        cases.open_case(rows, "K-1", (1,))
        assert decisions.propose(rows, PROPOSAL) == 1
    yield store
    store.close()


def read(store: Store) -> Decision:
    with store.read() as rows:
        return decisions.read_decision(rows, 1)


def decide(store: Store, actor: Actor, state: str = "approved") -> None:
    with store.write(actor) as rows:
        decisions.decide(rows, 1, state, "because")


def status(store: Store) -> str:
    with store.read() as rows:
        return cases.read_cases(rows, (1,))[0].status


def test_a_proposal_is_kept_as_it_was(store: Store) -> None:
    decision = read(store)
    assert (decision.name, decision.state, decision.proposed_by) == ("D-1", "proposed", "ana")
    assert decision.proposal == PROPOSAL
    assert status(store) == "proposed"


def test_a_second_person_approves(store: Store) -> None:
    for same in (ANA, Actor(" Ana ")):
        with pytest.raises(WorkspaceError, match="was proposed by ana; a second person decides it"):
            decide(store, same)
    decide(store, BEN)
    assert (read(store).state, read(store).decided_by, read(store).decided_why) == (
        "approved",
        "ben",
        "because",
    )
    assert status(store) == "approved"
    with pytest.raises(WorkspaceError, match="D-1 is approved already"):
        decide(store, BEN, "rejected")


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_the_database_itself_refuses_one_who_approves_himself(store: Store, place: Path | str) -> None:
    address = (
        sa.make_url(place).set(drivername="postgresql+psycopg")
        if isinstance(place, str)
        else f"sqlite:///{place}"
    )
    engine = sa.create_engine(address)
    statement = "UPDATE decisions SET state = 'approved', decided_by = 'ana'"
    with pytest.raises(sa.exc.IntegrityError, match="second_person"), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_rejected_or_withdrawn_one_opens_the_case_again(store: Store) -> None:
    with pytest.raises(WorkspaceError, match="was proposed by ana, who may withdraw it"):
        decide(store, BEN, "withdrawn")
    decide(store, ANA, "withdrawn")
    assert status(store) == "open"
    with store.write(ANA) as rows:
        assert decisions.propose(rows, PROPOSAL._replace(action="verify")) == 2
    with store.write(BEN) as rows:
        decisions.decide(rows, 2, "rejected", "too little")
    assert status(store) == "open"


def test_only_what_is_approved_leaves(store: Store) -> None:
    with (
        pytest.raises(WorkspaceError, match="D-1 is proposed; only what is approved is exported"),
        store.write(BEN) as rows,
    ):
        decisions.record_export(rows, 1, "csv", "0" * 64)
    decide(store, BEN)
    for n in (1, 2):
        with store.write(BEN) as rows:
            assert decisions.record_export(rows, 1, "csv", "0" * 64) == n
    assert (read(store).n_exports, status(store)) == (2, "exported")


def test_one_decision_of_a_case_at_a_time(store: Store) -> None:
    with pytest.raises(WorkspaceError, match="case 1 is proposed; end that first"), store.write(BEN) as rows:
        decisions.propose(rows, PROPOSAL)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"action": "annoy"}, "expected close, suspend, restrict, verify"),
        ({"accounts": ()}, "a decision is about accounts"),
        ({"why": " "}, "needs a reason"),
        ({"lineage": 2}, "case 1 is not about K-2"),
        ({"case": 9}, "no case 9"),
    ],
)
def test_a_proposal_that_lacks_something_is_refused(
    store: Store, changes: dict[str, object], fault: str
) -> None:
    decide(store, ANA, "withdrawn")
    with pytest.raises(WorkspaceError, match=fault), store.write(ANA) as rows:
        decisions.propose(rows, PROPOSAL._replace(**changes))  # type: ignore[arg-type]  # what is wrong


def test_the_outcome_of_an_appeal_is_of_an_account_that_was_decided(store: Store) -> None:
    decide(store, BEN)
    for account, outcome, fault in (
        ("z", "upheld", "not about account 'z'"),
        ("a", "won", "expected upheld"),
    ):
        with pytest.raises(WorkspaceError, match=fault), store.write(BEN) as rows:
            decisions.record_outcome(rows, 1, account, outcome, "why")
    with store.write(BEN) as rows:
        decisions.record_outcome(rows, 1, "a", "overturned", "a student")
    with store.read() as rows:
        (outcome_read,) = decisions.read_outcomes(rows)
    assert outcome_read._replace(at="") == decisions.Outcome(1, "a", "overturned", "", "ben", "a student")


def test_decisions_state_one_operator_and_an_appeal_that_was_right_another(store: Store) -> None:
    with store.read() as rows:
        assert len(read_truth(rows)) == 0, "nothing is decided"
    decide(store, BEN)
    with store.read() as rows:
        assert read_truth(rows).to_pydict() == {"account_id": ["a", "b"], "operator_id": ["K-1", "K-1"]}
    with store.write(BEN) as rows:
        decisions.record_outcome(rows, 1, "a", "overturned", "a student")
    with store.read() as rows:
        cleared = {"account_id": ["a", "b"], "operator_id": ["cleared: a", "K-1"]}
        assert read_truth(rows).to_pydict() == cleared


def test_what_changed_since_is_stated(store: Store) -> None:
    assert decisions.changes_since(read(store), {"a": 0.95, "b": 0.9, "c": 0.9}) == []
    assert decisions.changes_since(read(store), {"a": 0.8}) == [
        "No longer in K-1: b.",
        "Less probable by more than 0.1: a.",
    ]


def test_the_core_is_proposed_and_the_fringe_by_name() -> None:
    membership = [
        {"account_id": name, "role": role, "probability": 0.9}
        for name, role in (("b", "core"), ("a", "core"), ("f", "fringe"), ("g", "fringe"))
    ]
    assert [one.account_id for one in chosen_accounts(membership)] == ["a", "b"]
    assert [one.account_id for one in chosen_accounts(membership, ["g"], ["a"])] == ["b", "g"]
    with pytest.raises(WorkspaceError, match="account 'x' is not in the cluster"):
        chosen_accounts(membership, ["x"])


def test_a_profile_states_what_is_for_and_against_one_account(store: Store) -> None:
    cluster = {
        "n_accounts": 2,
        "p_same_operator": 0.93,
        "rival": "shared_network",
        "rival_bits": 3.2,
        "also_explained_by": "place",
        "weakest_cut_links": 1,
    }
    link = {"account_id_l": "a", "account_id_r": "b", "bits": 9.1, "n_facets": 2}
    reason = {"kind": "payment", "value": "card-1", "detail": "ties 2 of its accounts"}
    evidence = {"tables": {"clusters": [cluster], "links": [link], "reasons": [reason]}}
    profile = appeal_profile(read(store), evidence, "b")
    assert profile.facts == (
        "It is core in a cluster of 2 accounts, to which it belongs with probability 0.900.",
        "One organisation operates the cluster with probability 0.930.",
        "It is linked with a by +9.1 bits of evidence from 2 facets.",
        "Of the cluster: payment card-1: ties 2 of its accounts",
    )
    assert profile.against == (
        "The second reading, shared network, is less probable by +3.2 bits.",
        "A harmless reading explains it too: place.",
        "It has one link inside the cluster.",
        "One link holds the cluster together.",
    )
    with pytest.raises(WorkspaceError, match="D-1 is not about account 'z'"):
        appeal_profile(read(store), evidence, "z")
