"""The commands of known organisations: what is known, and who may be linked, by which path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import graphlink
from tests.unit.cli.test_workspaces import done, invoked, place, rows

if TYPE_CHECKING:
    from pathlib import Path

assert place  # a fixture


@pytest.fixture
def members(place: Path) -> list[str]:
    """The accounts of a cluster of the last run, which share more than one card."""
    done("update", place, "--quiet", code=3)
    membership = graphlink.read_result(place / "results" / "R-1").membership
    largest = membership.cluster_id.value_counts().index[0]
    return sorted(membership[membership.cluster_id == largest].account_id)


def test_from_one_known_account_its_cluster_is_ranked_with_paths(place: Path, members: list[str]) -> None:
    done("org", "add", place, "Acme", "account", members[0], "--source", "a court", "--confidence", 90)
    found = json.loads(invoked("org", "links", place, "Acme", "--format", "json").stdout)
    ranked = [row["account_id"] for row in found["accounts"]]
    assert members[0] not in ranked
    assert set(ranked[:3]) <= set(members)
    first = found["accounts"][0]
    assert 0.5 < first["probability"] <= 0.9
    assert members[0] in first["path"] or first["account_id"] in first["path"]
    assert found["clusters"][0]["known"] == 1
    assert str(found["clusters"][0]["lineage"]).startswith("K-")
    printed = done("org", "links", place, "Acme", "--account", ranked[0])
    assert "path:" in printed
    assert "against it:" in printed
    assert "no path from what is known leads to it" in done(
        "org", "links", place, "Acme", "--account", "nobody", code=1
    )
    assert invoked("org", "links", place, "--format", "csv").stdout.count("\n") == len(ranked) + 1
    assert "accounts more; --most" in done("org", "links", place, "Acme", "--most", 1)


def test_an_openly_declared_customer_is_listed_apart(place: Path, members: list[str]) -> None:
    done("org", "add", place, "Open Corp", "account", members[0], "--source", "contract", "--declared")
    done("org", "add", place, "Acme")
    found = json.loads(invoked("org", "links", place, "--format", "json").stdout)
    assert found["accounts"] == found["clusters"] == []
    assert found["accounts declared"]
    assert found["clusters declared"]
    assert [row["organisation"] for row in rows("org", "list", place)] == ["Acme", "Open Corp"]
    done("org", "add", place, "Open Corp", "--not-declared")
    assert {row["declared"] for row in rows("org", "list", place)} == {False}


def test_a_file_of_facts_is_added_whole_or_not_at_all(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "facts.csv"
    file.write_text(
        "kind,value,confidence,note\nemail_domain,Acme.Example,80,imprint\nnetwork,203.0.113.0/24,,\n"
        "hint,a-1\x1b[2J,50,profile\n",
        encoding="utf-8",
    )
    assert "3 facts added to Acme" in done(
        "org", "add", place, "Acme", "--file", file, "--source", "registry"
    )
    facts = rows("org", "show", place, "Acme")
    assert [(row["what"], row["confidence"], row["source"]) for row in facts] == [
        ("email_domain", 0.8, "registry"),
        ("network", 1.0, "registry"),
        ("hint", 0.5, "registry"),
    ]
    assert "\x1b" not in done("org", "show", place, "Acme")
    file.write_text("kind,value,source\nip,203.0.113.7,x\nip,nowhere,x\n", encoding="utf-8")
    assert "ip: not_an_address" in done("org", "add", place, "Acme", "--file", file, code=1)
    file.write_text("kind,value,confidence\nip,203.0.113.7,many\n", encoding="utf-8")
    assert "row 1: confidence: expected 0 to 100" in done("org", "add", place, "Acme", "--file", file, code=1)
    assert len(rows("org", "show", place, "Acme")) == 3
    done("org", "end", place, 2, "--why", "given back")
    assert [row["in_force"] for row in rows("org", "show", place, "Acme")] == [True, False, True]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("ip", "203.0.113.7"), "who says so? Name a source (--source NAME)"),
        (("network", "nowhere", "--source", "x"), "expected an address prefix such as 203.0.113.0/24"),
        (("ip", "", "--source", "x"), "what is known needs a kind and a value"),
        (("ip", "203.0.113.7", "--source", "x", "--until", "soon"), "is no date such as 2027-01-31"),
    ],
)
def test_what_is_wrong_is_named(place: Path, arguments: tuple[str, ...], fault: str) -> None:
    assert fault in " ".join(done("org", "add", place, "Acme", *arguments, code=1).split())
    assert rows("org", "list", place) == []


def test_a_kind_that_is_hashed_is_not_kept_in_the_clear(place: Path, tmp_path: Path) -> None:
    (place / "key").write_text("00" * 32, encoding="utf-8")
    (place / "key").chmod(0o600)
    with (place / "graphlink.toml").open("a", encoding="utf-8") as file:
        file.write('\n[pseudonymize]\nkinds = ["payment"]\nkey_file = "key"\n')
    printed = done("org", "add", place, "Acme", "payment", "4111", "--source", "x", code=1)
    assert "the settings hash values of the kind payment" in " ".join(printed.split())
