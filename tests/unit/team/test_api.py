"""A case from its alert to its export over HTTP: what people do, in the log, and two people at once."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import pytest

from graphlink.team.events import words_of
from graphlink.team.routes import ROUTES
from graphlink.workspace import decisions
from graphlink.workspace.store import Actor, Store
from tests.served import done

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.testclient import TestClient

    from graphlink.monitoring import Workspace
    from graphlink.workspace.store import Reading, Writing
    from tests.served import Caller

ANSWERS = {(one.method, one.path): one.answer for one in ROUTES}


def version(caller: Caller, path: str) -> int:
    return int(caller.send("GET", path).headers["ETag"].strip('"'))


@pytest.fixture
def approved(people: dict[str, Caller]) -> dict[str, Caller]:
    """D-1, proposed by the lead and approved by the second one."""
    case = people["lead"].get("/cases/1")["case"]
    done(people["lead"].post("/cases/1/decisions", {"action": "close", "why": "A farm."}, case["version"]))
    now = version(people["second"], "/decisions/1")
    now = done(people["second"].post("/decisions/1/review", {"action": "close", "why": "So do I."}, now))[
        "version"
    ]
    done(people["second"].post("/decisions/1/approve", {"why": "It holds."}, now))
    return people


def test_every_list_answers_as_declared(approved: dict[str, Caller]) -> None:
    for (method, path), answer in ANSWERS.items():
        if method == "GET" and "{" not in path:
            caller = approved["admin" if path == "/tokens" else "lead"]
            response = caller.send("GET", path)
            assert response.status_code == 200, (path, response.text)
            msgspec.json.decode(response.content, type=answer)
    for path, example in (("/cases/{case}", "/cases/1"), ("/decisions/{decision}", "/decisions/1")):
        msgspec.json.decode(approved["lead"].send("GET", example).content, type=ANSWERS["GET", path])


def test_a_case_goes_from_the_queue_to_its_export(people: dict[str, Caller], workspace: Workspace) -> None:
    ana, second = people["investigator"], people["second"]
    case = ana.get("/queue")["rows"][0]
    path = f"/cases/{case['number']}"
    seen = done(ana.post(f"{path}/claim", {}, case["version"]))["version"]
    seen = done(ana.post(f"{path}/status", {"status": "open", "why": "Mine."}, seen))["version"]
    seen = done(ana.post(f"{path}/comment", {"text": "One server."}, seen))["version"]
    made = done(ana.post(f"{path}/decisions", {"action": "close", "why": "A farm."}, seen))
    own = {"action": "close", "why": "One server, one card."}
    now = done(second.post(f"/decisions/{made['number']}/review", own, made["version"]))
    decision = second.get(f"/decisions/{made['number']}")
    assert decision["may_decide"]
    assert decision["collateral"]
    assert not ana.get(f"/decisions/{made['number']}")["may_decide"]
    now = done(second.post(f"/decisions/{made['number']}/approve", {"why": "It holds."}, now["version"]))
    answer = second.post(f"/decisions/{made['number']}/export", {"form": "json"}, now["version"])
    content = json.loads(answer.json()["content"])
    assert (content["decision"], content["approved_by"]) == ("D-1", "second")
    assert [one["account_id"] for one in content["accounts"]] == [
        one["account_id"] for one in decision["accounts"]
    ]
    described = ana.get(path)
    assert described["case"]["status"] == "exported"
    assert described["case"]["assignee"] == "investigator"
    assert "commented: One server." in [one["text"] for one in described["activity"]]
    # By whom, and in which role, is the server's to state.
    acts = {one.event.action: (one.event.by, one.event.role) for one in workspace.log()}
    assert acts["case.comment"] == ("investigator", "investigator (token 2)")
    assert acts["decision.reviewed"] == ("second", "lead (token 6)")
    assert acts["decision.approved"] == ("second", "lead (token 6)")
    assert workspace.verify().n_events == len(workspace.log())


def test_two_people_on_one_case_and_the_second_learns_what_happened(people: dict[str, Caller]) -> None:
    lead, ana = people["lead"], people["investigator"]
    seen = lead.get("/cases/1")["case"]["version"]
    done(ana.post("/cases/1/comment", {"text": "Mine first."}, seen))
    late = lead.post("/cases/1/status", {"status": "watching", "why": "Not now."}, seen)
    assert late.status_code == 412
    refused = late.json()
    assert refused["error"]["code"] == "changed"
    assert [(one["by"], one["text"]) for one in refused["changes"]] == [
        ("investigator", "commented: Mine first.")
    ]
    assert late.headers["ETag"] == f'"{refused["version"]}"'
    assert lead.get("/cases/1")["case"]["status"] == "new"
    done(lead.post("/cases/1/status", {"status": "watching", "why": "Not now."}, refused["version"]))


@pytest.mark.parametrize(
    ("role", "claims", "takes_over", "assigns"),
    [
        ("viewer", 403, 403, 403),
        ("investigator", 200, 409, 403),
        ("lead", 200, 409, 200),
        ("admin", 403, 403, 403),
        ("auditor", 403, 403, 403),
    ],
)
def test_a_case_is_claimed_while_it_is_nobodys_and_reassigned_by_a_lead(
    people: dict[str, Caller], workspace: Workspace, role: str, claims: int, takes_over: int, assigns: int
) -> None:
    caller, second = people[role], people["second"]

    def seen() -> int:
        return workspace.cases.get(1).last_seq

    assert caller.post("/cases/1/claim", {}, seen()).status_code == claims
    if claims == 200:
        assert workspace.cases.get(1).assignee == role
        done(caller.post("/cases/1/release", {}, seen()))
        assert workspace.cases.get(1).assignee == ""
    done(second.post("/cases/1/claim", {}, seen()))
    late = caller.post("/cases/1/claim", {}, seen())
    assert late.status_code == takes_over, late.text
    if takes_over == 409:
        assert "assigned to second" in late.json()["error"]["message"]
        assert caller.post("/cases/1/release", {}, seen()).status_code == 409
    assert workspace.cases.get(1).assignee == "second"
    assert caller.post("/cases/1/assign", {"to": role}, seen()).status_code == assigns
    assert workspace.cases.get(1).assignee == (role if assigns == 200 else "second")


def test_cases_are_merged_as_both_were_read(people: dict[str, Caller], workspace: Workspace) -> None:
    lead, ana = people["lead"], people["investigator"]
    done(lead.post("/cases", {"title": "By hand"}, 0))
    other = workspace.cases.all()[-1].number
    seen, into = version(ana, "/cases/1"), version(ana, f"/cases/{other}")
    lineages = workspace.cases.get(1).lineages
    body = {"into": other, "into_version": into, "why": "One operator."}
    # Somebody comments on the other case, and then on this one, which is read again: the one version of this
    # case is later than what happened to the other, which was not read.
    done(lead.post(f"/cases/{other}/comment", {"text": "Wait."}, into))
    seen = done(ana.post("/cases/1/comment", {"text": "Mine."}, seen))["version"]
    late = ana.post("/cases/1/merge", body, seen)
    assert late.status_code == 412
    assert [(one["subject"], one["text"]) for one in late.json()["changes"]] == [
        (f"case {other}", "commented: Wait.")
    ]
    assert ana.post("/cases/1/merge", body | {"into": 99}, seen).status_code == 404
    body["into_version"] = version(ana, f"/cases/{other}")
    assert ana.post("/cases/1/merge", body | {"why": " "}, seen).status_code == 409
    assert ana.post("/cases/1/merge", body, seen - 1).status_code == 412
    answer = done(ana.post("/cases/1/merge", body, seen))
    merged, joined = ana.get("/cases/1")["case"], ana.get(f"/cases/{other}")["case"]
    assert (merged["status"], merged["merged_into"], merged["version"]) == (
        "closed",
        other,
        answer["version"],
    )
    assert [one["name"] for one in joined["lineages"]] == [f"K-{one}" for one in lineages]
    assert ana.get("/cases/1")["next_statuses"] == []
    opened = ana.post("/cases/1/status", {"status": "open", "why": "Another one."}, merged["version"])
    assert opened.status_code == 409
    assert f"case 1 was merged and goes on as case {other}" in opened.json()["error"]["message"]
    assert "merged case 1 into it: One operator." in [
        one["text"] for one in ana.get(f"/cases/{other}")["activity"]
    ]


def test_a_case_is_split_as_it_was_read(people: dict[str, Caller], workspace: Workspace) -> None:
    ana = people["investigator"]
    names = [one.name for one in workspace.lineages()][:2]
    number = done(ana.post("/cases", {"title": "Both", "lineages": names}, version_of_both(ana, names)))[
        "number"
    ]
    seen = version(ana, f"/cases/{number}")
    body = {"lineages": names[1:], "title": "The rest"}
    assert ana.post(f"/cases/{number}/split", body, seen - 1).status_code == 412
    refused = ana.post(f"/cases/{number}/split", body | {"lineages": names}, seen)
    assert (refused.status_code, "not all" in refused.json()["error"]["message"]) == (409, True)
    assert ana.post(f"/cases/{number}/split", body | {"lineages": ["K-x"]}, seen).status_code == 400
    made = done(ana.post(f"/cases/{number}/split", body, seen))
    assert made["version"] == version(ana, f"/cases/{made['number']}")
    rest = ana.get(f"/cases/{made['number']}")["case"]
    assert (rest["title"], [one["name"] for one in rest["lineages"]]) == ("The rest", names[1:])


def version_of_both(caller: Caller, names: list[str]) -> int:
    """The version of a case that is to be opened about lineages."""
    late = caller.post("/cases", {"title": "x", "lineages": names}, 10**9)
    return int(late.json()["version"])


def test_a_proposal_is_kept_from_the_second_person_until_theirs_stands(people: dict[str, Caller]) -> None:
    lead, second, ana = people["lead"], people["second"], people["investigator"]
    body = {"action": "suspend", "why": "Cards of one printer."}
    now = done(lead.post("/cases/1/decisions", body, version(lead, "/cases/1")))["version"]
    given_away = ("suspend", "Cards of one printer.")
    places = ("/decisions/1", "/decisions", "/cases/1", "/activity", "/conflicts")
    for place in places:
        text = second.send("GET", place).text
        assert not [word for word in given_away if word in text], place
    late = second.post("/cases/1/comment", {"text": "x"}, 0)
    assert late.status_code == 412
    assert not [word for word in given_away if word in late.text]
    shown = second.get("/decisions/1")
    assert (shown["may_review"], shown["may_decide"], shown["decision"]["is_blind"]) == (True, False, True)
    assert shown["accounts"]
    assert shown["collateral"], "what it is judged by is there"
    assert "Cards of one printer." in ana.send("GET", "/cases/1").text, "who decides nothing reviews nothing"
    for act in ("approve", "reject"):
        refused = second.post(f"/decisions/1/{act}", {"why": "So be it."}, now)
        assert refused.status_code == 409
        assert "your own verdict first" in refused.json()["error"]["message"]
    assert lead.post("/decisions/1/review", {"action": "close", "why": "x"}, now).status_code == 409, "own"
    own = {"action": "nothing", "why": "A family."}
    assert second.post("/decisions/1/review", own | {"why": " "}, now).status_code == 409
    now = done(second.post("/decisions/1/review", own, now))["version"]
    for place in places[:4]:
        assert "Cards of one printer." in second.send("GET", place).text, place
    shown = second.get("/decisions/1")
    assert (shown["may_review"], shown["may_decide"]) == (False, True)
    (row,) = lead.get("/decisions/1")["reviews"]
    assert (row["by"], row["verdict"], row["why"], row["is_other"]) == (
        "second",
        "nothing",
        "A family.",
        True,
    )
    (conflict,) = second.get("/conflicts")["rows"]
    assert (conflict["about"], conflict["kind"], conflict["case"]) == ("D-1", "reviewed differently", 1)
    assert conflict["detail"] == (
        "lead proposes to suspend; second, who had not seen that, would do nothing."
    )
    assert second.post("/decisions/1/review", own, now).status_code == 409, "once"
    done(second.post("/decisions/1/reject", {"why": "A family."}, now))


def test_a_label_is_kept_from_the_second_person_until_theirs_stands(people: dict[str, Caller]) -> None:
    lead, ana, auditor = people["lead"], people["investigator"], people["auditor"]
    body = {"verdict": "unsure", "why": "Same beat.", "account": "a", "other": "b", "second": True}
    now = done(ana.post("/labels", body, 0))["version"]
    done(ana.post("/labels", body | {"other": "c", "second": False}, 0))
    for place in ("/labels?account=a&other=b", "/activity"):
        text = lead.send("GET", place).text
        rows = [row for row in lead.get(place)["rows"] if row.get("subject", "label 1") == "label 1"]
        assert "Same beat." not in json.dumps(rows), text
    (blind,) = lead.get("/labels?account=a&other=b")["rows"]
    assert (blind["verdict"], blind["expires_at"], blind["is_in_force"], blind["is_blind"]) == (
        "",
        "",
        True,
        True,
    )
    assert blind["by"] == "investigator"
    (plain,) = lead.get("/labels?account=a&other=c")["rows"]
    assert (plain["verdict"], plain["is_blind"]) == ("unsure", False), "nobody asked for a second person"
    for caller in (ana, auditor):
        assert caller.get("/labels?account=a&other=b")["rows"][0]["verdict"] == "unsure"
    assert lead.post("/labels/1/undo", {"why": "No."}, now).status_code == 409
    own = {"verdict": "yes", "why": "One card."}
    assert ana.post("/labels/1/review", own, now).status_code == 409, "one's own"
    assert lead.post("/labels/1/review", own, now - 1).status_code == 412
    assert lead.get("/conflicts")["rows"] == []
    now = done(lead.post("/labels/1/review", own, now))["version"]
    assert lead.post("/labels/1/review", own, now).status_code == 409, "once"
    for caller in (lead, ana):
        (row,) = caller.get("/labels?account=a&other=b")["rows"]
        assert (row["verdict"], row["review"]["verdict"], row["review"]["is_other"]) == (
            "unsure",
            "yes",
            True,
        )
        (conflict,) = [
            one for one in caller.get("/conflicts")["rows"] if one["kind"] == "reviewed differently"
        ]
        assert conflict["about"] == "label 1"
        assert conflict["detail"] == (
            "investigator states unsure; lead, who had not seen that, yes: One card."
        )
    done(lead.post("/labels/1/undo", {"why": "Made again."}, now))
    assert "reviewed differently" not in {one["kind"] for one in lead.get("/conflicts")["rows"]}


def test_a_lineage_is_described_from_run_to_run(people: dict[str, Caller], workspace: Workspace) -> None:
    history = workspace.lineage("K-1")
    shown = people["viewer"].get("/lineages/K-1")
    assert (shown["name"], shown["goes_on_as"], shown["is_present"]) == ("K-1", "K-1", True)
    assert [(one["run"], one["n_accounts"], one["n_joined"]) for one in shown["stages"]] == [
        (f"R-{one.run_no}", one.n_accounts, one.n_joined) for one in history.stages
    ]
    assert shown["events"] == list(history.events)
    assert shown["cases"] == list(history.cases)
    assert people["lead"].get("/lineages/K-1")["cluster_id"] == history.stages[-1].cluster_id
    assert shown["cluster_id"] != history.stages[-1].cluster_id, "a viewer sees the redacted name"


def _then(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let somebody act right after the next transaction that writes, before anything is read again."""
    actual, waiting = Store.write, [act]

    @contextmanager
    def write(self: Store, actor: Actor) -> Iterator[Writing]:
        with actual(self, actor) as rows:
            yield rows
        if waiting:
            waiting.pop()()

    monkeypatch.setattr(Store, "write", write)


@pytest.mark.parametrize("what", ["comment", "export", "label", "fact", "token"])
def test_the_version_of_a_change_is_its_own_and_not_of_who_came_next(
    approved: dict[str, Caller], workspace: Workspace, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    lead, ben = approved["lead"], workspace.as_user("ben")
    label = {"verdict": "yes", "why": "One card.", "account": "a", "other": "b"}
    fact = {"what": "email_domain", "value": "acme.example", "source": "registry"}
    token = next(one for one in approved["admin"].get("/tokens")["rows"] if one["person"] == "viewer")
    caller, path, body, now, subject = {
        "comment": (lead, "/cases/1/comment", {"text": "Mine."}, version(lead, "/cases/1"), "case 1"),
        "export": (lead, "/decisions/1/export", {}, version(lead, "/decisions/1"), "decision 1"),
        "label": (lead, "/labels", label, 0, "label 1"),
        "fact": (lead, "/organisations/Acme/facts", fact, 0, "organisation 1"),
        "token": (
            approved["admin"],
            f"/tokens/{token['number']}/revoke",
            {},
            token["version"],
            f"token {token['number']}",
        ),
    }[what]

    def act() -> None:
        with ben.folder.store.write(Actor("ben")) as rows:
            rows.append("noted", subject, {})

    _then(monkeypatch, act)
    answer = done(caller.post(path, body, now))
    mine, next_one = [one.event for one in workspace.log() if one.event.subject == subject][-2:]
    assert (mine.by, next_one.by) == ("lead" if caller is lead else "admin", "ben")
    assert answer["version"] == mine.seq
    if what == "comment":
        late = lead.post(path, {"text": "And this."}, answer["version"])
        assert late.status_code == 412, "ben's event was not read"
        assert [one["by"] for one in late.json()["changes"]] == ["ben"]


def test_the_version_of_a_row_is_no_later_than_what_it_shows(
    approved: dict[str, Caller], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = approved["lead"]
    actual = decisions.read_decisions

    def read(rows: Reading, **equal: object) -> list[decisions.Decision]:
        made = actual(rows, **equal)
        with workspace.folder.store.write(Actor("ben")) as writing:
            writing.append("noted", "decision 1", {})
        return made

    before = version(lead, "/decisions/1")
    monkeypatch.setattr(decisions, "read_decisions", read)
    assert [one["version"] for one in lead.get("/decisions")["rows"]] == [before]


@pytest.mark.parametrize("given", [None, '"', "17", 'W/"17"', '"1", "2"', "*", '"-1"'])
def test_a_change_states_what_was_read(
    people: dict[str, Caller], workspace: Workspace, given: str | None
) -> None:
    before = len(workspace.log())
    headers = {} if given is None else {"If-Match": given}
    answer = people["lead"].send("POST", "/cases/1/comment", {"text": "x"}, **headers)
    assert answer.status_code == (428 if given is None else 400)
    assert len(workspace.log()) == before


def test_a_label_is_compared_with_those_of_the_same_accounts(people: dict[str, Caller]) -> None:
    lead, ana = people["lead"], people["investigator"]
    body = {"verdict": "no", "why": "Two people.", "account": "a", "other": "b"}
    assert version(lead, "/labels?account=a&other=b") == 0
    made = done(ana.post("/labels", body, 0))
    turned = body | {"account": "b", "other": "a"}
    late = lead.post("/labels", turned, 0)
    assert late.status_code == 412
    assert [one["by"] for one in late.json()["changes"]] == ["investigator"]
    assert version(lead, "/labels?account=b&other=a") == late.json()["version"]
    other = body | {"other": "c"}
    assert lead.post("/labels", other, 0).status_code == 200, "another pair is another thing"
    done(lead.post(f"/labels/{made['number']}/undo", {"why": "One after all."}, made["version"]))
    row = next(one for one in lead.get("/labels")["rows"] if one["number"] == made["number"])
    assert (row["withdrawn_by"], row["is_in_force"]) == ("lead", False)


def test_an_organisation_is_compared_with_its_facts(people: dict[str, Caller]) -> None:
    lead, ana = people["lead"], people["investigator"]
    fact = {"what": "email_domain", "value": "acme.example", "source": "registry"}
    made = done(ana.post("/organisations/Acme/facts", fact, 0))
    assert lead.post("/organisations/Acme/facts", fact | {"value": "acme2.example"}, 0).status_code == 412
    known = lead.get("/organisations/Acme")
    assert [one["value"] for one in known["facts"]] == ["acme.example"]
    done(lead.post(f"/facts/{made['number']}/end", {"why": "Sold."}, known["version"]))
    assert lead.get("/organisations/Acme")["facts"][0]["until_at"]


def test_a_case_is_opened_once_for_a_lineage(people: dict[str, Caller]) -> None:
    lead = people["lead"]
    lineage = lead.get("/cases/1")["case"]["lineages"][0]["name"]
    body = {"title": "Again", "lineages": [lineage]}
    late = lead.post("/cases", body, 0)
    assert late.status_code == 412, "the lineage has a case, whose events come back"
    assert "case.opened" in {one["action"] for one in late.json()["changes"]}
    assert done(lead.post("/cases", {"title": "By hand"}, 0))["number"] > 1
    assert lead.get(f"/cases?lineage={lineage}")["rows"][0]["number"] == 1


def test_nobody_approves_his_own_proposal(people: dict[str, Caller], workspace: Workspace) -> None:
    lead = people["lead"]
    seen = lead.get("/cases/1")["case"]["version"]
    made = done(lead.post("/cases/1/decisions", {"action": "close", "why": "A farm."}, seen))
    answer = lead.post("/decisions/1/approve", {"why": "It holds."}, made["version"])
    assert answer.status_code == 409
    assert "a second person" in answer.json()["error"]["message"]
    assert workspace.decisions.get(1).state == "proposed"
    done(lead.post("/decisions/1/withdraw", {"why": "Too early."}, made["version"]))


def test_an_appeal_is_read_and_decided(approved: dict[str, Caller], workspace: Workspace) -> None:
    lead = approved["lead"]
    account = lead.get("/decisions/1")["accounts"][0]["account_id"]
    now = version(lead, "/decisions/1")
    profile = done(lead.post("/decisions/1/profile", {"account_id": account}, now))
    assert profile["facts"]
    assert workspace.log()[-1].event.action == "profile.read"
    body = {"account_id": account, "outcome": "overturned", "why": "A student."}
    done(lead.post("/decisions/1/outcome", body, profile["version"]))
    assert workspace.decisions.outcomes()[0].account_id == account


def test_a_token_is_revoked_by_an_admin(people: dict[str, Caller]) -> None:
    admin, viewer = people["admin"], people["viewer"]
    rows = {one["person"]: one for one in admin.get("/tokens")["rows"]}
    assert "token_sha256" not in rows["viewer"]
    assert viewer.send("GET", "/me").status_code == 200
    done(admin.post(f"/tokens/{rows['viewer']['number']}/revoke", {}, rows["viewer"]["version"]))
    assert viewer.send("GET", "/me").status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/cases/0", 404),
        ("/cases/99", 404),
        ("/cases/-1", 404),
        ("/cases/1e9", 404),
        ("/cases/99999999999999999999", 404),
        ("/decisions/7", 404),
        ("/organisations/nobody", 404),
        ("/lineages/K-99", 404),
        ("/lineages/x", 400),
        ("/cases?lineage=K-x", 400),
        ("/cases?lineage=K-2147483648", 400),
        ("/labels?lineage=K-99999999999999999999", 400),
        ("/cases?state=odd", 400),
        ("/cases?format=csv", 400),
        ("/nothing", 404),
    ],
)
def test_what_is_not_there_is_said_plainly(people: dict[str, Caller], path: str, status: int) -> None:
    answer = people["lead"].send("GET", path)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]


def test_no_message_names_the_folder(people: dict[str, Caller], workspace: Workspace) -> None:
    (workspace.path / "snapshots").mkdir(exist_ok=True)
    seen = people["lead"].get("/cases/1")["case"]["version"]
    done(people["lead"].post("/cases/1/decisions", {"action": "close", "why": "A farm."}, seen))
    for place in (workspace.path / "snapshots").rglob("*.json"):
        place.write_bytes(b"{}")
    answer = people["lead"].send("GET", "/decisions/1")
    assert answer.status_code == 409
    assert "is not what was written" in answer.json()["error"]["message"]
    assert str(workspace.path) not in answer.text


def test_the_explorer_of_the_newest_result_is_there(client: TestClient, people: dict[str, Caller]) -> None:
    headers = {"Authorization": f"Bearer {people['lead'].token}"}
    rows = client.get("/api/v1/queue", headers=headers).json()["rows"]
    clusters = {one["cluster_id"]: one for one in rows}
    (lineage,) = people["lead"].get("/cases/1")["case"]["lineages"]
    cluster = clusters[lineage["cluster_id"]]
    assert lineage["n_accounts"] == cluster["n_accounts"]
    assert lineage["p_same_operator"] == cluster["p_same_operator"]


def test_cases_are_listed_when_the_last_result_is_gone(
    workspace: Workspace, people: dict[str, Caller]
) -> None:
    for place in (workspace.path / "results").iterdir():
        shutil.rmtree(place)
    (row, *_) = people["lead"].get("/cases")["rows"]
    assert row["lineages"][0]["n_accounts"] is None


def test_an_alert_names_its_rule_once() -> None:
    payload = {"rule": "born", "text": "born: K-1, 6 accounts"}
    assert words_of("case.alert", payload, is_plain=True) == "alert born: K-1, 6 accounts"
    assert words_of("case.alert", payload, is_plain=False) == "alert born"
