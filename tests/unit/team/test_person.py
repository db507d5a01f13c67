"""Who a request comes from, by each way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.datastructures import Headers

from graphlink.explorer.guard import Access
from graphlink.team.person import LocalUser, Person, ProxyHeaders, Tokens
from graphlink.workspace.team_settings import TeamSettings

if TYPE_CHECKING:
    from graphlink.monitoring import Workspace

SETTINGS = TeamSettings({"ana": ("admin",)}, {"leads": ("lead",), "audit": ("auditor",)})
PROXY = ProxyHeaders("X-Forwarded-User", "X-Forwarded-Groups", SETTINGS)


def headers(*pairs: tuple[str, str]) -> Headers:
    return Headers(raw=[(name.lower().encode(), value.encode("latin-1")) for name, value in pairs])


def test_a_proxy_states_a_user_and_groups() -> None:
    person = PROXY.person_of(headers(("X-Forwarded-User", "ana"), ("X-Forwarded-Groups", "audit, leads,x")))
    assert person == Person("ana", ("lead", "admin", "auditor"), "proxy")
    assert person.acting == "lead, admin, auditor"
    assert "cases.assign" in person.rights
    assert PROXY.person_of(headers(("X-Forwarded-User", "ben"))) == Person("ben", (), "proxy")
    assert Person("ben", (), "proxy").rights == frozenset()


@pytest.mark.parametrize("value", ["", "  ", "ana\x00", "a\nb", "x" * 321])
def test_a_name_that_is_none_is_nobody(value: str) -> None:
    assert PROXY.person_of(headers(("X-Forwarded-User", value))) is None


def test_two_names_are_nobody() -> None:
    """A proxy that adds its header to one that a browser sent would let the browser choose."""
    assert PROXY.person_of(headers(("X-Forwarded-User", "ana"), ("X-Forwarded-User", "ben"))) is None


def test_two_lists_of_groups_are_nobodys() -> None:
    groups = [("X-Forwarded-Groups", "leads"), ("X-Forwarded-Groups", "audit")]
    assert PROXY.person_of(headers(("X-Forwarded-User", "ana"), *groups)) is None


def test_without_a_groups_header_groups_are_not_read() -> None:
    proxy = ProxyHeaders("X-Forwarded-User", "", SETTINGS)
    given = headers(("X-Forwarded-User", "ben"), ("X-Forwarded-Groups", "leads"))
    assert proxy.person_of(given) == Person("ben", (), "proxy")


def test_the_local_user_has_every_right() -> None:
    access = Access(1)
    local = LocalUser(access, "ana")
    person = local.person_of(headers(("Authorization", f"Bearer {access.token}")))
    assert person is not None
    assert (person.name, person.acting) == ("ana", "local")
    assert {"cases.work", "tokens.manage", "audit.verify"} <= person.rights
    assert local.person_of(headers()) is None


def test_a_token_decides_alone(workspace: Workspace) -> None:
    token = workspace.tokens.add("nightly", person="ben", role="viewer", days=1)
    known = Tokens(workspace.folder, PROXY)
    user = ("X-Forwarded-User", "ana")
    assert known.person_of(headers(("Authorization", f"Bearer {token}"), user)) == Person(
        "ben", ("viewer",), "token", 1
    )
    wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert known.person_of(headers(("Authorization", f"Bearer {wrong}"), user)) is None, "no way around it"
    assert known.person_of(headers(("Authorization", "Bearer of-the-proxy"), user)) is not None
