"""Sign-in with a provider that is made here: who gets in, who does not, and what a browser holds."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx2
import pytest

pytest.importorskip("authlib", reason="graphlink[team] is not installed")
pytest.importorskip("joserfc", reason="graphlink[team] is not installed")
pytest.importorskip("itsdangerous", reason="graphlink[team] is not installed")
pytest.importorskip("requests", reason="graphlink[team] is not installed")

from starlette.testclient import TestClient

from graphlink.core.errors import SettingsError
from graphlink.explorer.guard import Access
from graphlink.monitoring import open_workspace
from graphlink.team.explorers import Explorers
from graphlink.team.server import Place, make_team_app, serve_with_sign_in
from graphlink.team.sign_in import _AT_ONCE, CALLBACK, SIGN_OUT, SignInPages
from graphlink.team.sign_in import Provider as Known
from graphlink.workspace.team_settings import SignIn
from tests.provider import CLIENT_ID, SECRET, Provider, running_provider
from tests.served import BASE, PORT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink.monitoring import Workspace

TEAM = """
[team.groups]
ts = ["investigator"]

[team.people]
"lea@example.com" = ["lead"]

[team.sign_in]
issuer = "{issuer}"
client_id = "graphlink"
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # it listens on this machine, without TLS
        with running_provider() as made:
            made.client.redirect = BASE + CALLBACK
            yield made


@pytest.fixture
def workspace(stocked_folder: Path, tmp_path: Path, provider: Provider) -> Iterator[Workspace]:
    provider.faults = set()
    provider.claims = {"sub": "1", "email": "ana@example.com", "groups": ["ts", "all"]}
    folder = shutil.copytree(stocked_folder, tmp_path / "ws")
    with (folder / "workspace.toml").open("a", encoding="utf-8") as file:
        file.write(TEAM.format(issuer=provider.issuer))
    opened = open_workspace(folder, by="server")
    yield opened
    opened.close()


@pytest.fixture
def browser(workspace: Workspace, tmp_path: Path) -> TestClient:
    """A browser that holds nothing yet."""
    team = workspace.folder.team
    assert team.sign_in is not None
    access = Access(PORT)
    pages = SignInPages(Known(team.sign_in, SECRET), team, access, BASE)
    app = make_team_app(workspace, access, pages, Explorers(workspace), sign_in=pages, static=tmp_path)
    return TestClient(app, BASE, follow_redirects=False)


def at_provider(address: str) -> str:
    """Where the provider sends a browser back to."""
    answer = httpx2.get(address, follow_redirects=False)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def signed_in(browser: TestClient) -> Any:
    begun = browser.get("/sign-in")
    assert begun.status_code == 303, begun.text
    back = at_provider(begun.headers["location"])
    return browser.get(back.removeprefix(BASE), headers={"Sec-Fetch-Site": "cross-site"})


def test_the_page_leads_to_the_provider_with_state_nonce_and_pkce(
    browser: TestClient, provider: Provider
) -> None:
    assert browser.get("/").headers["location"] == "/sign-in"
    assert browser.get("/api/v2/me").status_code == 401
    answer = browser.get("/sign-in")
    address = urlsplit(answer.headers["location"])
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}" == provider.issuer
    assert asked["client_id"] == CLIENT_ID
    assert asked["redirect_uri"] == BASE + CALLBACK
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/sign-in" in cookie


def test_who_signs_in_works_under_the_name_and_the_roles_of_the_groups(
    browser: TestClient, workspace: Workspace
) -> None:
    done = signed_in(browser)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    cookie = next(one for one in done.headers.get_list("set-cookie") if "-session=" in one)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    me = browser.get("/api/v2/me").json()
    assert (me["name"], me["roles"], me["way"]) == ("ana@example.com", ["investigator"], "sign_in")
    seen = browser.get("/api/v2/cases/1").headers["etag"]
    sent = {"If-Match": seen, "Origin": BASE, "Content-Type": "application/json"}
    assert (
        browser.post("/api/v2/cases/1/comment", content=b'{"text": "Here."}', headers=sent).status_code == 200
    )
    event = workspace.log()[-1].event
    assert (event.by, event.role) == ("ana@example.com", "investigator")
    del sent["Origin"]
    assert browser.post("/api/v2/cases/1/comment", content=b"{}", headers=sent).status_code == 403


def test_signing_out_ends_the_session_even_for_who_kept_the_cookie(browser: TestClient) -> None:
    signed_in(browser)
    kept = dict(browser.cookies)
    assert browser.post(SIGN_OUT).status_code == 403, "not by another site"
    assert browser.post(SIGN_OUT, headers={"Origin": BASE}).status_code == 204
    assert browser.get("/api/v2/me").status_code == 401
    browser.cookies.update(kept)
    assert browser.get("/api/v2/me").status_code == 401


@pytest.mark.parametrize("fault", ["nonce", "issuer", "audience", "key", "expired", "algorithm"])
def test_an_answer_of_the_provider_that_does_not_hold_signs_nobody_in(
    browser: TestClient, provider: Provider, fault: str
) -> None:
    provider.faults = {fault}
    answer = signed_in(browser)
    assert answer.status_code == 403
    assert "does not hold" in answer.text
    assert browser.get("/api/v2/me").status_code == 401


@pytest.mark.parametrize(
    ("claims", "text"),
    [
        ({"email": "zoe@example.com", "groups": []}, "no role"),
        ({"email": "zoe@example.com", "groups": {"ts": 1}}, "no role"),
        ({"groups": ["ts"]}, "does not state"),
        ({"email": "a\nb", "groups": ["ts"]}, "does not state"),
        ({"email": "lea@example.com", "email_verified": False}, "has not verified"),
        ({"email": "lea@example.com", "email_verified": "false"}, "has not verified"),
        ({"email": "lea@example.com", "email_verified": "true"}, "has not verified"),
        ({"email": "lea@example.com", "email_verified": 0}, "has not verified"),
        ({"email": "lea@example.com", "email_verified": 1}, "has not verified"),
        ({"email": "lea@example.com", "email_verified": None}, "has not verified"),
        ({"email": "zoe@example.com", "groups": [["ts"], {"ts": 1}, None, 1]}, "no role"),
    ],
)
def test_who_has_no_role_or_no_name_gets_in_nowhere(
    browser: TestClient, provider: Provider, claims: dict[str, Any], text: str
) -> None:
    provider.claims = {"sub": "1", **claims}
    answer = signed_in(browser)
    assert answer.status_code == 403
    assert text in answer.text
    assert browser.get("/api/v2/me").status_code == 401


def test_a_name_has_the_roles_of_the_settings(browser: TestClient, provider: Provider) -> None:
    provider.claims = {"sub": "2", "email": "lea@example.com", "email_verified": True}
    signed_in(browser)
    assert browser.get("/api/v2/me").json()["roles"] == ["lead"]


def test_groups_that_are_no_text_are_passed_over(browser: TestClient, provider: Provider) -> None:
    provider.claims = {"sub": "3", "email": "zoe@example.com", "groups": [["x"], 1, None, "ts"]}
    signed_in(browser)
    assert browser.get("/api/v2/me").json()["roles"] == ["investigator"]


def test_those_who_wait_for_a_silent_provider_take_no_thread_of_the_others(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team, access = workspace.folder.team, Access(PORT)
    assert team.sign_in is not None
    known, go_on, waiting = Known(team.sign_in, SECRET), threading.Event(), []

    def hang(*_: str) -> str:
        waiting.append(1)
        go_on.wait(30)
        return BASE

    monkeypatch.setattr(known, "address_of", hang)
    pages = SignInPages(known, team, access, BASE)
    app = make_team_app(workspace, access, pages, Explorers(workspace), sign_in=pages, static=tmp_path)
    token = workspace.tokens.add("test", person="cem", role="viewer")

    async def crowd() -> int:
        transport = httpx2.ASGITransport(app=app)
        async with (
            httpx2.AsyncClient(transport=transport, base_url=BASE) as client,
            anyio.create_task_group() as group,
        ):
            for _ in range(60):
                group.start_soon(client.get, "/sign-in")
            try:
                with anyio.fail_after(20):
                    while len(waiting) < _AT_ONCE:
                        await anyio.sleep(0.01)
                    answer = await client.get("/api/v2/me", headers={"Authorization": f"Bearer {token}"})
            finally:
                n_waiting = len(waiting)
                go_on.set()
        assert n_waiting == _AT_ONCE
        return answer.status_code

    assert anyio.run(crowd) == 200


def test_a_sign_in_that_somebody_else_began_is_refused(browser: TestClient, workspace: Workspace) -> None:
    """Else another site could sign a browser in as somebody else."""
    back = at_provider(browser.get("/sign-in").headers["location"]).removeprefix(BASE)
    state = parse_qs(urlsplit(back).query)["state"][0]
    held = dict(browser.cookies)
    browser.cookies.clear()
    assert browser.get(back).status_code == 403
    browser.cookies.update(held)
    for wrong in (back.replace(state, "x"), f"{CALLBACK}?code=x", f"{CALLBACK}?state={state}", CALLBACK):
        browser.cookies.update(held)
        assert browser.get(wrong).status_code == 403
    browser.cookies.update(held)
    assert browser.get(back).status_code == 303
    browser.cookies.update(held)
    assert browser.get(back).status_code == 403, "a code works once"


def test_a_cookie_of_another_signature_or_purpose_is_nobodys(browser: TestClient) -> None:
    from itsdangerous import URLSafeTimedSerializer

    forged = {"id": "x", "name": "lea@example.com", "groups": ["ts"]}
    name = f"graphlink-{PORT}-session"
    browser.cookies.set(name, str(URLSafeTimedSerializer("guess", salt="session").dumps(forged)))
    assert browser.get("/api/v2/me").status_code == 401
    begun = browser.get("/sign-in").cookies[f"graphlink-{PORT}-begun"]
    browser.cookies.clear()
    browser.cookies.set(name, begun)
    assert browser.get("/api/v2/me").status_code == 401


def test_a_provider_that_is_not_there_signs_nobody_in(workspace: Workspace, tmp_path: Path) -> None:
    access, team = Access(PORT), workspace.folder.team
    pages = SignInPages(Known(SignIn("http://127.0.0.1:1", "x")), team, access, BASE)
    app = make_team_app(workspace, access, pages, Explorers(workspace), sign_in=pages, static=tmp_path)
    answer = TestClient(app, BASE, follow_redirects=False).get("/sign-in")
    assert (answer.status_code, "can&#x27;t be reached" in answer.text) == (502, True)


@pytest.mark.parametrize("issuer", ["http://id.example", "ftp://id.example", "id.example", "https://"])
def test_a_provider_without_tls_is_refused(issuer: str) -> None:
    with pytest.raises(SettingsError, match="no https address"):
        Known(SignIn(issuer, "x"))


def test_without_a_provider_in_the_settings_nobody_is_served(stocked_folder: Path) -> None:
    opened = open_workspace(stocked_folder, by="server")
    with pytest.raises(SettingsError, match="names no provider"):
        serve_with_sign_in(opened, Place(), "")
    opened.close()
