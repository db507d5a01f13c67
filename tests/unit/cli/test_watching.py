"""The commands of the watch list: what they print of decided accounts, of indicators, and of new accounts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.cli.test_workspaces import done, invoked, place, rows

if TYPE_CHECKING:
    from pathlib import Path

assert place  # a fixture


@pytest.fixture
def decided(place: Path) -> Path:
    """A workspace in which the core of the first lineage is closed."""
    done("update", place, "--quiet", code=3)
    done("decision", "propose", place, 1, "close", "--why", "a farm")
    done("decision", "review", place, "D-1", "close", "--why", "a farm", "--by", "ben")
    done("decision", "approve", place, "D-1", "--why", "yes", "--by", "ben")
    return place


def test_a_decision_is_on_the_watch_list(decided: Path) -> None:
    listed = rows("watch", "list", decided)
    assert listed
    assert all(row["watched"] and str(row["for"]).endswith("(D-1)") for row in listed)
    weights = [float(str(row["weight"])) for row in listed]
    assert weights == sorted(weights, reverse=True)
    printed = done("watch", "list", decided)
    assert str(listed[0]["value"]) in printed
    overview = json.loads(invoked("workspace", "show", decided, "--format", "json").stdout)
    assert overview["values watched"] == len(listed)
    assert overview["returns"] == []


def test_new_accounts_are_answered_and_what_is_wrong_is_rejected(decided: Path, tmp_path: Path) -> None:
    (first, *_) = (row for row in rows("watch", "list", decided) if row["kind"] == "payment")
    file = tmp_path / "new.csv"
    file.write_text(
        f"account_id,kind,value\nn1,payment,{first['value']}\nn1,ip,no address\nn2\x1b[2J,ip,198.51.100.77\n",
        encoding="utf-8",
    )
    answers = rows("watch", "screen", decided, file)
    assert [(row["account_id"], row["state"]) for row in answers] == [("n1", "named"), ("n2\x1b[2J", "clear")]
    assert answers[0]["of"] == first["for"]
    assert f"payment {first['value']}" in str(answers[0]["by"])
    printed = done("watch", "screen", decided, file)
    assert "1 named, 0 possible, 0 known, 1 clear; provisional until the next update" in printed
    assert "rejected: row 2:" in printed
    assert "\x1b" not in printed
    assert "no column account_id" in done("watch", "screen", decided, decided / "workspace.toml", code=1)


def test_indicators_are_taken_with_their_source_and_end(decided: Path, tmp_path: Path) -> None:
    file = tmp_path / "feed.csv"
    file.write_text(
        "kind,value,confidence,until,note\npayment,card-of-a-partner,90,2036-01-01,resold\n"
        "ip,203.0.113.7,500,,\nip,203.0.113.8,90,2020-01-01,\n",
        encoding="utf-8",
    )
    printed = done("watch", "indicators", decided, file, "--source", "Partner\x1b[2J")
    assert "1 indicator new or changed" in printed
    assert "rejected: row 2: confidence: expected 0 to 100, found 500" in printed
    assert "rejected: row 3: it expired on 2020-01-01" in printed
    assert "0 indicators new or changed, 1 known already" in done(
        "watch", "indicators", decided, file, "--source", "Partner\x1b[2J"
    )
    (row,) = (row for row in rows("watch", "list", decided) if row["value"] == "card-of-a-partner")
    assert (row["for"], row["confidence"], row["until"]) == ("Partner\x1b[2J", 0.9, "2036-01-01T00:00:00Z")
    assert "\x1b" not in done("watch", "list", decided, "--all")
    new = tmp_path / "new.csv"
    new.write_text("account_id,payment\nn9,card-of-a-partner\n", encoding="utf-8")
    (answer,) = rows("watch", "screen", decided, new)
    assert (answer["state"], answer["list"]) == ("possible", "indicators")


def test_returns_are_listed_with_their_rates(decided: Path) -> None:
    done("update", decided, "--quiet", "--no-drift", "--force", code=None)
    found = json.loads(invoked("returns", decided, "--format", "json").stdout)
    assert found["returns"] == []
    assert [row["days"] for row in found["rates"]] == [7, 30, 90]
    assert {row["back"] for row in found["rates"]} == {0}
    assert invoked("returns", decided, "--format", "csv").stdout.startswith("account_id,of,state,probability")
    assert "K-" in done("returns", decided)


def test_without_a_run_there_is_nothing_to_screen_against(place: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("account_id,ip\nn1,203.0.113.7\n", encoding="utf-8")
    assert "has no accepted run yet" in done("watch", "screen", place, tmp_path / "new.csv", code=1)
    assert rows("watch", "list", place) == []
    assert json.loads(invoked("returns", place, "--format", "json").stdout) == {"returns": [], "rates": []}
