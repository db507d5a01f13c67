"""The table [team] of workspace.toml: roles by people and groups, the profile, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphlink.core.errors import WorkspaceError
from graphlink.result.profiles import LEGAL, PARTNER
from graphlink.workspace.roles import LOCAL, RIGHTS, ROLES, rights_of
from graphlink.workspace.team_settings import SignIn, team_from

WHERE = Path("ws/workspace.toml")


def test_roles_come_from_people_and_groups() -> None:
    team = team_from({"people": {"ana": "lead"}, "groups": {"ts": ["investigator", "viewer"]}}, WHERE)
    assert team.roles_of("ana", ["ts", "other"]) == ("viewer", "investigator", "lead")
    assert team.roles_of("ben", []) == ()
    assert team.profile is LEGAL


def test_a_profile_is_named_or_lies_beside(tmp_path: Path) -> None:
    assert team_from({"profile": "partner"}, WHERE).profile is PARTNER
    (tmp_path / "ours.toml").write_text('accounts = "pseudonym"\n', encoding="utf-8")
    assert team_from({"profile": "ours.toml"}, tmp_path / "workspace.toml").profile.name == "ours"


def test_a_provider_is_read() -> None:
    given = {"issuer": "https://id.example", "client_id": "graphlink", "hours": 8}
    assert team_from({"sign_in": given}, WHERE).sign_in == SignIn("https://id.example", "graphlink", hours=8)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ("x", "expected a table"),
        ({"persons": {}}, "unknown setting team.persons"),
        ({"people": ["ana"]}, "team.people: expected a table"),
        ({"people": {"ana": "root"}}, "team.people.ana: expected viewer"),
        ({"people": {"ana": "local"}}, "team.people.ana: expected viewer"),
        ({"groups": {"ts": 1}}, "team.groups.ts: expected a role"),
        ({"profile": "nobody"}, "no profile 'nobody'"),
        ({"profile": 3}, "team.profile"),
        ({"sign_in": {"issuer": "https://id.example"}}, "client_id is missing"),
        ({"sign_in": {"issuer": "", "client_id": "x"}}, "issuer: expected a text"),
        ({"sign_in": {"issuer": "https://x", "client_id": "x", "hours": 0}}, "hours: expected 1"),
        ({"sign_in": {"secret": "x"}}, "expected a table of issuer"),
    ],
)
def test_a_wrong_setting_is_named(values: object, fault: str) -> None:
    with pytest.raises(WorkspaceError, match=fault) as caught:
        team_from(values, WHERE)
    assert str(WHERE) in str(caught.value)


def test_the_local_user_has_every_right_and_others_what_the_table_states() -> None:
    assert rights_of([LOCAL]) == frozenset(RIGHTS)
    assert rights_of([]) == frozenset()
    for role in ROLES:
        assert rights_of([role]) == {right for right, having in RIGHTS.items() if role in having}
    assert "work.read" not in rights_of(["admin"]), "who manages the access sees no case by that alone"
    assert not any(
        right.startswith(("cases", "labels", "decisions")) for right in rights_of(["auditor", "viewer"])
    )
