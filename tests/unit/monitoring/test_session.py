"""An open workspace: decisions with the evidence of a real result, and people who are forgotten."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shutil
import threading
from typing import TYPE_CHECKING, Any

import pytest

from graphlink.core.errors import GraphlinkError, InputError, QuestionError, WorkspaceError
from graphlink.monitoring import Workspace, deciding, open_workspace
from graphlink.workspace import snapshots
from graphlink.workspace.folder import init_workspace
from tests.unit.core.test_arguments import BAD
from tests.workspaces import find_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from graphlink import Result


@pytest.fixture
def workspace(tmp_path: Path, sample_result: Result, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace with one accepted run: the result of the sample."""
    find_again(sample_result, monkeypatch)
    init_workspace(tmp_path / "ws", by="ana")
    workspace = open_workspace(tmp_path / "ws", by="ana")
    workspace.update(tmp_path / "seen.csv")
    yield workspace
    workspace.close()


@pytest.fixture
def approved(workspace: Workspace) -> Workspace:
    """The same with D-1: the core of the lineage of case 1, proposed by ana and approved by ben."""
    assert workspace.decisions.propose(1, "close", "a farm") == 1
    ben = workspace.as_user("ben").decisions
    with pytest.raises(WorkspaceError, match="D-1 waits for your own verdict first"):
        ben.decide(1, "approved", "agreed")
    ben.review(1, "close", "a farm")
    ben.decide(1, "approved", "agreed")
    return workspace


def accounts(workspace: Workspace) -> list[str]:
    return [one.account_id for one in workspace.decisions.get(1).proposal.accounts]


def test_a_proposal_holds_the_core_and_the_evidence_of_the_day(approved: Workspace) -> None:
    decision, evidence = approved.decisions.get(1), approved.decisions.evidence(1)
    cluster = approved.cluster(f"K-{decision.proposal.lineage}")
    membership = approved.last.membership
    core = membership[(membership.cluster_id == cluster) & (membership.role == "core")]
    assert accounts(approved) == sorted(core.account_id)
    assert (evidence["cluster_id"], evidence["run"]) == (cluster, "R-1")
    assert len(evidence["tables"]["membership"]) == (membership.cluster_id == cluster).sum()
    assert evidence["n_links"] == len(evidence["tables"]["links"]) > 0
    assert evidence["tables"]["reasons"]
    assert any("hits" in sentence for sentence in evidence["collateral"])
    assert approved.decisions.changes_since(1) == []


def test_a_snapshot_that_was_changed_is_refused(approved: Workspace) -> None:
    (place,) = (approved.path / "snapshots").rglob("*.json")
    place.write_bytes(place.read_bytes().replace(b"core", b"fringe"))
    with pytest.raises(WorkspaceError, match="is not what was written; restore it from a backup"):
        approved.decisions.evidence(1)


def test_a_proposal_that_is_refused_leaves_no_snapshot(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="needs a reason"):
        workspace.decisions.propose(1, "close", " ")
    assert list((workspace.path / "snapshots").rglob("*.json")) == []
    workspace.decisions.propose(1, "close", "a farm")
    with pytest.raises(WorkspaceError, match="case 1 is proposed"):
        workspace.decisions.propose(1, "close", "again")
    assert len(list((workspace.path / "snapshots").rglob("*.json"))) == 1


def test_a_proposal_that_is_refused_removes_no_evidence_of_another(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two propose the same at once: whatever the order, the one that stands keeps its file."""
    ready, refused = threading.Barrier(2), []
    collect = snapshots.evidence_of

    def collect_together(*given: Any) -> dict[str, Any]:
        made = collect(*given)
        ready.wait(60)
        return made

    def propose() -> None:
        try:
            workspace.decisions.propose(1, "close", "a farm")
        except WorkspaceError as error:
            refused.append(str(error))

    monkeypatch.setattr(deciding, "evidence_of", collect_together)
    threads = [threading.Thread(target=propose) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(refused) == 1
    assert workspace.decisions.evidence(1)["lineage"]


@pytest.mark.parametrize("form", ["csv", "json", "stix"])
def test_an_export_names_its_decision_and_a_second_one_is_marked(approved: Workspace, form: str) -> None:
    first, second = (approved.decisions.export(1, form).decode() for _ in range(2))
    names = accounts(approved)
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(second)))
        assert [row["account_id"] for row in rows] == names
        assert {(row["decision"], row["export"], row["approved_by"]) for row in rows} == {("D-1", "2", "ben")}
        assert all(float(row["strongest_bits"]) > 0 for row in rows)
    elif form == "json":
        content = json.loads(second)
        assert (content["decision"], content["is_repeated"]) == ("D-1", True)
        assert not json.loads(first)["is_repeated"]
        assert [one["account_id"] for one in content["accounts"]] == names
        assert content["snapshot_sha256"] == approved.decisions.get(1).proposal.snapshot_sha256
    else:
        objects = json.loads(second)["objects"]
        users = [one["user_id"] for one in objects if one["type"] == "user-account"]
        (note,) = (one["content"] for one in objects if one["type"] == "note")
        assert sorted(users) == names
        assert "Export 2 of this decision" in note
        assert "Export" not in first
        assert "approved by ben" in note
    actions = [one.event.action for one in approved.log()]
    assert actions.count("decision.exported") == 2


def test_what_is_not_approved_is_not_exported(workspace: Workspace) -> None:
    workspace.decisions.propose(1, "close", "a farm")
    with pytest.raises(WorkspaceError, match="only what is approved is exported"):
        workspace.decisions.export(1)
    with pytest.raises(WorkspaceError, match="format 'pdf': expected csv, json, stix"):
        workspace.decisions.export(1, "pdf")


def test_an_appeal_is_answered_from_the_evidence_of_the_day_and_logged(approved: Workspace) -> None:
    account = accounts(approved)[0]
    profile = approved.decisions.profile(1, account)
    assert any("It is linked with" in fact for fact in profile.facts)
    assert profile.against
    assert approved.log()[-1].event.action == "profile.read"
    approved.decisions.record_outcome(1, account, "overturned", "a student")
    assert [(one.account_id, one.outcome) for one in approved.decisions.outcomes()] == [
        (account, "overturned")
    ]


def test_a_label_keeps_the_evidence_of_its_moment(workspace: Workspace) -> None:
    link = workspace.last.links.iloc[0]
    pair = (link.account_id_r, link.account_id_l)
    workspace.labels.add("yes", account=pair[0], other=pair[1], why="one card")
    (label,) = workspace.labels.all()
    assert (label.evidence.run_no, label.evidence.bits) == (1, link.bits)
    with pytest.raises(WorkspaceError, match=r"until: 'soon' is no date such as 2027-01-31"):
        workspace.labels.add("yes", account="a", other="b", why="x", until="soon")


def test_labels_are_imported_whole_or_not_at_all(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    head = "account_id_l,account_id_r,verdict\na,b,yes\nb,c,YES\nd,e,no\n"
    file.write_text(f"{head}a,c,no\n", encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"labels.csv: row 4: labels 1, 2 tie a = b = c"):
        workspace.labels.add_file(file, "from the old list")
    assert workspace.labels.all() == []
    file.write_text(head, encoding="utf-8")
    assert workspace.labels.add_file(file, "from the old list") == 3
    assert [(one.verdict, one.why) for one in workspace.labels.all()] == [
        ("yes", "from the old list"),
        ("yes", "from the old list"),
        ("no", "from the old list"),
    ]
    file.write_text("account_id_l,verdict\na,yes\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column account_id_r"):
        workspace.labels.add_file(file, "x")


def calls(workspace: Workspace, bad: Any) -> list[Callable[[], object]]:
    """Methods of a workspace with a wrong value in a place that takes one."""
    labels, cases, decisions = workspace.labels, workspace.cases, workspace.decisions
    return [
        lambda: workspace.update(bad, force=bad),
        lambda: workspace.lineage(bad),
        lambda: workspace.cluster(bad),
        lambda: workspace.adopt_model(bad, "why"),
        lambda: workspace.verify(bad),
        lambda: labels.add(bad, why="why", account="a", other="b"),
        lambda: labels.add("yes", why=bad, account=bad, other="b"),
        lambda: labels.add("yes", why="why", account="a", lineage=bad),
        lambda: labels.add("yes", why="why", identifier=bad),
        lambda: labels.add("no", why="why", account="x", other="y", until=bad),
        lambda: labels.add_file(bad, "why"),
        lambda: labels.undo(bad, "why"),
        lambda: cases.get(bad),
        lambda: cases.open(bad, bad, bad),
        lambda: cases.comment(1, bad, bad),
        lambda: cases.assign(bad, bad),
        lambda: cases.set_status(bad, bad, bad),
        lambda: cases.merge(1, bad, "why"),
        lambda: cases.split(1, bad, "title"),
        lambda: decisions.propose(1, bad, "why", fringe=bad),
        lambda: decisions.decide(bad, "approved", "why"),
        lambda: decisions.export(1, bad),
        lambda: decisions.profile(bad, bad),
        lambda: workspace.watch.screen_file(bad),
        lambda: workspace.watch.add_indicators(bad, bad),
    ]


@pytest.mark.slow
def test_a_wrong_argument_is_an_error_that_names_it(workspace: Workspace) -> None:
    for bad in BAD:
        for call in calls(workspace, bad):
            with contextlib.suppress(
                GraphlinkError
            ):  # the errors that it may raise; any other fails the test
                call()
    workspace.verify()


def test_a_text_that_is_no_unicode_is_refused(workspace: Workspace) -> None:
    with pytest.raises(QuestionError, match="text: expected Unicode text"):
        workspace.cases.comment(1, "half a letter \ud83d")
    workspace.cases.comment(1, "a letter of zero\x00and an escape \x1b[2J")
    workspace.verify()


def test_a_person_is_forgotten_everywhere_but_in_results_which_are_listed(approved: Workspace) -> None:
    account, other = accounts(approved)[:2]
    approved.cases.comment(1, f"{account} is the one who pays")
    approved.labels.add("yes", account=account, other=other, why=f"{account} pays for {other}")
    before = approved.verify()
    assert approved.forget(account) == [approved.path / "results" / "R-1"]
    after = approved.verify(before.last_hash)
    assert after.n_forgotten >= 2
    assert accounts(approved).count("(forgotten)") == 1
    assert account not in json.dumps(approved.decisions.evidence(1))
    approved.close()
    rest = [path for path in approved.path.rglob("*") if path.is_file() and "results" not in path.parts]
    assert [path for path in rest if account.encode() in path.read_bytes()] == []
    shutil.rmtree(approved.path / "results" / "R-1")
    assert approved.forget(other) == []


def test_what_is_stated_of_returns_is_forgotten_with_the_account(approved: Workspace) -> None:
    account, other = accounts(approved)[:2]
    summary = approved.path / "update.json"
    content = json.loads(summary.read_text(encoding="utf-8"))
    returns = [{"account_id": account}, {"account_id": other, "sentences": [f"with {account}"]}]
    summary.write_text(json.dumps(content | {"returns": returns}), encoding="utf-8")
    held = {one.number for one in approved.watch.all() if one.n_members == 1}
    approved.forget(account)
    kept = json.loads(summary.read_text(encoding="utf-8"))
    assert kept["returns"] == [{"account_id": other, "sentences": ["with (forgotten)"]}]
    assert kept["run"] == content["run"]
    erased = {one.number for one in approved.watch.all() if not one.value}
    assert erased
    assert erased <= held


def test_nobody_changes_anything_without_a_name(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match=r"Name a person \(--by NAME\)"):
        workspace.as_user("").cases.comment(1, "hello")
