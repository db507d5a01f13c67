"""The commands of a workspace: what they print, their errors, and names that nobody should trust."""

from __future__ import annotations

import csv
import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from graphlink.cli import commands
from graphlink.monitoring import updates
from tests.workspaces import find_again

if TYPE_CHECKING:
    from pathlib import Path

    import graphlink

HOSTILE = "a case \x1b[2Jof\u202e =cmd()"


def invoked(*arguments: object) -> Result:
    return CliRunner(env={"GRAPHLINK_USER": "ana"}).invoke(
        commands, [str(argument) for argument in arguments]
    )


def done(*arguments: object, code: int | None = 0) -> str:
    result = invoked(*arguments)
    assert code is None or result.exit_code == code, result.output
    return result.output


def rows(*arguments: object) -> list[dict[str, object]]:
    result = invoked(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    found: list[dict[str, object]] = json.loads(result.stdout)
    return found


@pytest.fixture
def place(tmp_path: Path, sample_result: graphlink.Result, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose updates find what the sample has."""
    find_again(sample_result, monkeypatch)
    done("workspace", "init", tmp_path / "ws")
    (tmp_path / "ws" / "graphlink.toml").write_text('[[sources]]\npath = "seen.csv"\n', encoding="utf-8")
    return tmp_path / "ws"


def test_an_update_exits_with_3_for_news_and_0_without(place: Path) -> None:
    output = done("update", place, "--quiet", code=3)
    assert "accepted" in output
    assert "born" in output
    summary = json.loads(invoked("update", place, "--quiet", "--no-drift", "--format", "json").stdout)
    # A pair is a lineage when it is seen again; nothing else is news.
    assert summary["run"] == "R-2"
    assert {alert["accounts"] for alert in summary["alerts"]} <= {2}
    done("update", place, "--quiet", "--no-drift")
    assert rows("lineage", place, "K-1")[0]["change"] == "born"
    assert {row["runs"] for row in rows("lineage", place)} <= {2, 3}
    assert "K-1" in done("lineage", place)
    assert json.loads(invoked("workspace", "show", place, "--format", "json").stdout)["last run"] == "R-3"


def test_clusters_of_a_result_of_a_workspace_have_their_lineages(place: Path, tmp_path: Path) -> None:
    done("update", place, "--quiet", code=3)
    result = place / "results" / "R-1"
    listed = {row["cluster_id"]: row["lineage"] for row in rows("clusters", result)}
    (first,) = (row for row in rows("lineage", place) if row["lineage"] == "K-1")
    assert listed[first["cluster_id"]] == "K-1"
    assert "" in listed.values()  # a pair gets its lineage with the second run
    assert str(first["cluster_id"]) in done("show", result, "K-1", "--part", "cluster")
    assert f"{first['cluster_id']} is K-1 of the workspace" in done("show", result, first["cluster_id"])
    shutil.copytree(result, tmp_path / "elsewhere" / "R-1")
    assert "lineage" not in rows("clusters", tmp_path / "elsewhere" / "R-1")[0]


@pytest.mark.parametrize(
    ("profile", "is_seen"), [("investigator", True), ("legal", True), ("partner", False)]
)
def test_report_and_page_of_a_result_of_a_workspace_name_lineages(
    place: Path, tmp_path: Path, profile: str, *, is_seen: bool
) -> None:
    done("update", place, "--quiet", code=3)
    result = place / "results" / "R-1"
    key = tmp_path / "key"
    key.write_bytes(bytes(range(32)))
    key.chmod(0o600)
    seen = ("--profile", profile, "--key-file", key)
    done("report", result, "--out", tmp_path / "report", *seen)
    with (tmp_path / "report" / "clusters.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["cluster_id"]: row["lineage"] for row in csv.DictReader(file)}
    named = {cluster: name for cluster, name in listed.items() if name}
    assert bool(named) == is_seen
    assert list(named.values()).count("K-1") == is_seen
    texts = [(tmp_path / "report" / name).read_text(encoding="utf-8") for name in ("index.html", "report.md")]
    for cluster, lineage in listed.items():
        page = (tmp_path / "report" / "clusters" / f"{cluster}.html").read_text(encoding="utf-8")
        assert (f"<h1>{lineage} {cluster}" in page) == (cluster in named)
    (first,) = (row for row in rows("lineage", place) if row["lineage"] == "K-1")
    out = tmp_path / "page.html"
    done("export", result, "--cluster", first["cluster_id"], "--out", out, "--quiet", *seen)
    texts.append(out.read_text(encoding="utf-8").partition("</header>")[0])
    assert [bool(re.search(r"\bK\\?-1\b", text)) for text in texts] == [is_seen] * 3


def test_a_refused_update_exits_with_4_and_states_why(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done("update", place, "--quiet", code=3)
    invoked("update", place, "--quiet", "--no-drift")  # pairs are lineages when they are seen again
    monkeypatch.setattr(updates, "_drift", lambda *_: {"ip": 2.0})
    assert "refused: the model has drifted" in done("update", place, "--quiet", code=4)
    assert "accepted all the same: the model has drifted" in done("update", place, "--quiet", "--force")


def test_cases_are_worked_on_by_their_numbers(place: Path) -> None:
    done("update", place, "--quiet", code=3)
    n = len(rows("case", "list", place))
    assert "case 1" not in done("case", "open", place, "K-1", "--title", HOSTILE, "--priority", "high")
    assert rows("case", "list", place)[0]["title"] == HOSTILE  # JSON has it exactly, in ASCII
    shown = done("case", "list", place)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    done("case", "assign", place, 1, 2, "--to", "ana")
    done("case", "priority", place, 2, "--to", "low")
    done("case", "comment", place, 1, "one server")
    seen = rows("case", "list", place)[0]
    assert (seen["assignee"], seen["case"], seen["comments"]) == ("ana", 1, 1)
    assert "was changed since" in done("case", "comment", place, 1, "late", "--if-match", 1, code=1)
    done("case", "merge", place, n + 1, 1, "--why", "the same")
    done("case", "status", place, 1, "--to", "closed", "--resolution", "honest", "--why", "a class")
    assert "after that comes open" in done(
        "case", "status", place, 1, "--to", "watching", "--why", "x", code=1
    )
    done("case", "split", place, 1, "K-999", "--title", "x", code=1)
    activity = invoked("case", "show", place, 1, "--format", "csv").stdout
    assert activity.splitlines()[0] == "seq,at,by,action,what"
    assert "one server" in activity


def test_labels_are_added_listed_and_undone(place: Path, tmp_path: Path) -> None:
    done("label", "add", place, "yes", "a", "b", "--why", "one card")
    done(
        "label",
        "add",
        place,
        "no",
        "--identifier",
        "ip",
        "203.0.113.7",
        "--why",
        "a campus",
        "--until",
        "2031-01-01",
    )
    (tmp_path / "l.csv").write_text("account_id_l,account_id_r,verdict\nc,d,unsure\n", encoding="utf-8")
    done("label", "import", place, tmp_path / "l.csv", "--why", "the old list")
    assert "label 4 states no" in done("label", "undo", place, 1, "--why", "two firms")
    listed = [(row["verdict"], row["subject"], str(row["state"])) for row in rows("label", "list", place)]
    assert listed[3][2].startswith("until 20")
    assert listed[:3] == [
        ("yes", "a and b", "withdrawn by ana"),
        ("no", "ip 203.0.113.7", "until 2031-01-01"),
        ("unsure", "c and d", "noted"),
    ]
    assert rows("label", "conflicts", place) == []
    assert "a label is about two accounts" in done("label", "add", place, "no", "a", "--why", "x", code=1)


def test_a_second_person_reviews_without_having_seen_the_first_verdict(place: Path) -> None:
    done("update", place, "--quiet", code=3)
    done("label", "add", place, "yes", "a", "b", "--why", "one card", "--second")
    done("decision", "propose", place, 1, "close", "--why", "a farm")
    (label,) = rows("label", "list", place, "--by", "ben")
    assert (label["verdict"], label["why"], label["expires_at"], label["state"]) == (
        "",
        "",
        "",
        "waits for you",
    )
    (decision,) = rows("decision", "list", place, "--by", "ben")
    assert (decision["action"], decision["why"]) == ("", "")
    shown = done("decision", "show", place, "D-1", "--by", "ben")
    assert "a farm" not in shown
    assert "graphlink decision review" in shown
    for plain in (("label", "list", place), ("label", "list", place, "--by", "ana")):
        assert rows(*plain)[0]["verdict"] == "yes"
    assert "a farm" in done("decision", "show", place, "D-1", "--by", "ana")
    output = done("label", "review", place, 1, "no", "--why", "two towns", "--by", "ben")
    assert "label 1: ana states yes: one card" in output
    output = done("decision", "review", place, "D-1", "nothing", "--why", "a family", "--by", "ben")
    assert "D-1: ana proposes to close: a farm" in output
    assert "a farm" in done("decision", "show", place, "D-1", "--by", "ben")
    (conflict,) = [
        row for row in rows("label", "conflicts", place) if row["conflict"] == "reviewed differently"
    ]
    assert conflict["label"] == 1
    (conflict,) = rows("decision", "conflicts", place)
    assert (conflict["decision"], conflict["by"]) == ("D-1", "ben")
    assert rows("decision", "conflicts", place, "--by", "cem") == [], "cem is to review it first"


def test_a_decision_takes_two_people(place: Path, tmp_path: Path) -> None:
    done("update", place, "--quiet", code=3)
    output = done("decision", "propose", place, 1, "close", "--why", "a farm")
    assert "D-1: close" in output
    assert "It hits" in output
    assert "a second person decides it" in done("decision", "approve", place, "D-1", "--why", "x", code=1)
    assert "is proposed" in done("decision", "export", place, "D-1", "--out", tmp_path / "d.csv", code=1)
    nothing = done("evaluate", place / "results" / "R-1", "--workspace", place, code=1)
    assert "no decision is approved yet" in nothing
    for deciding in ("approve", "reject"):
        refused = done("decision", deciding, place, "D-1", "--why", "x", "--by", "ben", code=1)
        assert "D-1 waits for your own verdict first; state it (graphlink decision review DIR D-1" in refused
    done("decision", "review", place, "D-1", "nothing", "--why", "too little", "--by", "ben")
    done("decision", "reject", place, "D-1", "--why", "too little", "--by", "ben")
    done("decision", "propose", place, 1, "verify", "--why", "ask them")
    done("decision", "withdraw", place, "D-2", "--why", "later")
    done("decision", "propose", place, 1, "close", "--why", "a farm")
    done("decision", "review", place, "3", "close", "--why", "a farm", "--by", "ben")
    assert "waits for your own" in done(
        "decision", "approve", place, "3", "--why", "x", "--by", "cem", code=1
    )
    done("decision", "approve", place, "3", "--why", "yes", "--by", "ben")
    done("decision", "export", place, "D-3", "--as", "json", "--out", tmp_path / "d.json")
    assert json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))["decision"] == "D-3"
    assert "is there already" in done(
        "decision", "export", place, "D-3", "--out", tmp_path / "d.json", code=1
    )
    assert [row["state"] for row in rows("decision", "list", place)] == ["rejected", "withdrawn", "approved"]
    account = (
        invoked("decision", "show", place, "D-3", "--format", "csv").stdout.splitlines()[1].split(",")[0]
    )
    profile = json.loads(invoked("decision", "profile", place, "D-3", account, "--format", "json").stdout)
    assert profile["account_id"] == account
    assert "against it:" in done("decision", "profile", place, "D-3", account)
    done("decision", "outcome", place, "D-3", account, "upheld", "--why", "a farm")
    result = place / "results" / "R-1"
    measured = json.loads(done("evaluate", result, "--workspace", place, "--format", "json"))
    assert measured["clusters"]["pairs"]["recall"] == 1.0
    done("decision", "show", place, "D-x", code=2)


def test_the_log_is_shown_verified_and_forgets(place: Path) -> None:
    done("update", place, "--quiet", code=3)
    log = rows("audit", "show", place)
    assert (log[0]["action"], log[0]["by"]) == ("workspace.made", "ana")
    assert len(rows("audit", "show", place, "--last", 2)) == 2
    done("audit", "verify", place, "--last-hash", log[-1]["hash"])
    assert "it was made again since" in done("audit", "verify", place, "--last-hash", "f" * 64, code=1)
    output = done("forget", place, "nobody-we-met")
    assert "still hold it" not in output


def test_what_is_no_workspace_is_refused_with_the_remedy(tmp_path: Path) -> None:
    assert f"`graphlink workspace init {tmp_path}` makes one" in done("case", "list", tmp_path, code=1)
    done("workspace", "init", tmp_path / "ws")
    assert "is a workspace already" in done("workspace", "init", tmp_path / "ws", code=1)
    done("workspace", "upgrade", tmp_path / "ws")
    assert "no settings: `graphlink init FILES" in done("update", tmp_path / "ws", "--quiet", code=1)
    model = tmp_path / "none.json"
    assert "none.json" in done("workspace", "adopt-model", tmp_path / "ws", model, "--why", "x", code=1)
