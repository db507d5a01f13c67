"""What a viewer sees: names of the profile, everywhere; a raw value only with a reason, which is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.explorer import api
from graphlink.result.profiles import PROFILES
from graphlink.team.routes import ROUTES

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.monitoring import Workspace
    from graphlink.result.result import Result
    from tests.served import Caller


@pytest.fixture
def secret(sample_result: Result) -> set[str]:
    """Names of accounts, and the values that one account holds, of the kinds that name somebody."""
    names = set(sample_result.table("accounts", ["account_id"])["account_id"].to_pylist())
    kinds = ("email", "payment", "phone", "api_key", "ip")
    values = sample_result.table("observations", ["kind", "value"], {"kind": kinds})
    return names | set(values["value"].to_pylist())


@pytest.fixture
def worked(people: dict[str, Caller], sample_result: Result) -> dict[str, Caller]:
    """A workspace in which people wrote names of accounts everywhere."""
    lead, second = people["lead"], people["second"]
    members = sample_result.table("membership", ["account_id", "cluster_id"]).drop_null()
    name = members["account_id"][0].as_py()
    seen = lead.get("/cases/1")["case"]["version"]
    seen = lead.post("/cases/1/comment", {"text": f"See {name}."}, seen).json()["version"]
    made = lead.post("/cases/1/decisions", {"action": "close", "why": f"{name} leads."}, seen).json()
    own = {"action": "close", "why": f"{name} does."}
    now = second.post("/decisions/1/review", own, made["version"]).json()["version"]
    second.post("/decisions/1/approve", {"why": f"{name} does."}, now)
    label = {
        "verdict": "yes",
        "why": f"{name} too",
        "account": name,
        "other": members["account_id"][1].as_py(),
    }
    assert lead.post("/labels", label, 0).status_code == 200
    assert lead.post("/cases", {"title": f"About {name}"}, 0).status_code == 200
    return people


def leaks(text: str, secret: set[str]) -> list[str]:
    return [one for one in secret if f'"{one}"' in text or f" {one}" in text or f":{one}" in text]


def test_a_viewer_reads_no_name_in_the_workspace(worked: dict[str, Caller], secret: set[str]) -> None:
    seen = 0
    for route in ROUTES:
        if route.method == "GET" and route.right == "work.read":
            path = route.path.format(case=1, decision=1, lineage="K-1")
            answer = worked["viewer"].send("GET", path)
            assert answer.status_code == 200, answer.text
            assert leaks(answer.text, secret) == [], path
            seen += len(leaks(worked["lead"].send("GET", path).text, secret))
    assert seen > 10, "those who may see them do"


def test_no_version_tells_a_viewer_which_accounts_were_labelled(people: dict[str, Caller]) -> None:
    label = {"verdict": "no", "why": "Two.", "account": "a", "other": "b"}
    assert people["lead"].post("/labels", label, 0).status_code == 200
    for other in ("b", "c"):
        assert "etag" not in people["viewer"].send("GET", f"/labels?account=a&other={other}").headers
    assert people["lead"].send("GET", "/labels?account=a&other=b").headers["etag"] != '"0"'


def test_a_viewer_reads_no_name_in_the_explorer(
    worked: dict[str, Caller], secret: set[str], workspace: Workspace
) -> None:
    headers = {"Authorization": f"Bearer {worked['viewer'].token}"}
    client = worked["viewer"].client
    rows = client.get("/api/v1/queue", headers=headers).json()["rows"]
    members = client.get(f"/api/v1/clusters/{rows[0]['cluster_id']}/members", headers=headers).json()["rows"]
    one, two = (row["account_id"] for row in members[:2])
    asked = {
        "/search": f"?q={one}", "/account": f"?id={one}", "/pair": f"?l={one}&r={two}",
        "/member": f"?account={one}", "/break": f"?cluster={rows[0]['cluster_id']}",
        "/expand": f"?node=a:{one}", "/path": f"?from=a:{one}&to=a:{two}",
        "/compare": f"?left={rows[0]['cluster_id']}", "/clusters/{cluster_id}/style": "?by=status",
    }  # fmt: skip
    for path in api.GET:
        if path == "/identifier":
            continue
        address = path.replace("{cluster_id}", rows[0]["cluster_id"]) + asked.get(path, "")
        answer = client.get(f"/api/v1{address}", headers=headers)
        assert answer.status_code == 200, (path, answer.text)
        assert leaks(answer.text, secret) == [], path
    raw = workspace.last.accounts["account_id"][0]
    assert client.get(f"/api/v1/account?id={raw}", headers=headers).status_code == 404, "no oracle for names"


def test_a_value_is_read_with_a_reason_and_the_log_has_it(
    worked: dict[str, Caller], workspace: Workspace
) -> None:
    viewer = worked["viewer"]
    shown = viewer.get("/decisions/1")["accounts"][0]["account_id"]
    raw = {one.account_id for one in workspace.decisions.get(1).proposal.accounts}
    before = len(workspace.log())
    assert viewer.send("POST", "/reveal", {"kind": "account", "name": shown, "why": " "}).status_code == 400
    assert viewer.send("POST", "/reveal", {"kind": "account", "name": "x", "why": "y"}).status_code == 404
    assert viewer.send("POST", "/reveal", {"kind": "ip", "name": shown, "why": "y"}).status_code == 404
    assert len(workspace.log()) == before
    answer = viewer.send("POST", "/reveal", {"kind": "account", "name": shown, "why": "An appeal."})
    assert answer.json()["value"] in raw
    event = workspace.log()[-1]
    assert (event.event.action, event.event.by) == ("value.revealed", "viewer")
    assert event.payload == {"kind": "account", "name": shown, "why": "An appeal."}
    assert answer.json()["value"] not in str(event)


def test_a_value_of_a_kind_is_read_too(worked: dict[str, Caller], sample_result: Result) -> None:
    viewer = worked["viewer"]
    headers = {"Authorization": f"Bearer {viewer.token}"}
    cluster = viewer.get("/cases/1")["case"]["lineages"][0]["cluster_id"]
    rows = viewer.client.get(f"/api/v1/clusters/{cluster}/evidence", headers=headers).json()["rows"]
    kind, name = next((row["kind"], row["value"]) for row in rows if row["value"])
    answer = viewer.send("POST", "/reveal", {"kind": kind, "name": name, "why": "An appeal."}).json()
    values = sample_result.table("observations", ["value"], {"kind": [kind]})["value"].to_pylist()
    assert answer["value"] in values


def test_the_names_stay_the_same_and_are_the_workspaces_own(
    worked: dict[str, Caller], workspace: Workspace, stocked_folder: Path
) -> None:
    from graphlink.monitoring import open_workspace
    from graphlink.result.redaction import Redacted
    from graphlink.team.glasses import redacted_for

    other = open_workspace(stocked_folder)
    views = [
        redacted_for(one.last, PROFILES["legal"], one.folder.store) for one in (workspace, workspace, other)
    ]
    other.close()
    names = [view.name_of_account("a") for view in views if isinstance(view, Redacted)]
    assert names[0] == names[1] == names[2], "a copy of a workspace has its key"
    assert worked["viewer"].get("/me")["profile"] == "legal"
    assert worked["lead"].get("/me")["profile"] == ""


def test_everybody_sees_plainly_where_the_settings_say_so(stocked_folder: Path, tmp_path: Path) -> None:
    import shutil

    from graphlink.monitoring import open_workspace
    from tests.served import Caller, serve_in_process

    folder = shutil.copytree(stocked_folder, tmp_path / "plain")
    with (folder / "workspace.toml").open("a", encoding="utf-8") as file:
        file.write('\n[team]\nprofile = "investigator"\n')
    opened = open_workspace(folder, by="ana")
    viewer = Caller(serve_in_process(opened, tmp_path), opened, "viewer", "viewer")
    assert viewer.get("/me")["profile"] == ""
    assert viewer.get("/cases/1")["case"]["title"] != ""
    opened.close()
