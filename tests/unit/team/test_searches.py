"""Saved searches over HTTP: one's own, the team's, and what a reader without the values sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.served import done

if TYPE_CHECKING:
    from graphlink.monitoring import Workspace
    from tests.served import Caller

GROWING = {"name": "Growing", "view": "queue", "query": {"min_new": "1"}}


def test_a_search_is_kept_shared_and_deleted(people: dict[str, Caller], workspace: Workspace) -> None:
    ana, lead = people["investigator"], people["lead"]
    made = done(ana.post("/searches", GROWING, 0))
    (row,) = ana.get("/searches")["rows"]
    assert (row["name"], row["query"], row["is_own"], row["version"]) == (
        "Growing",
        {"min_new": "1"},
        True,
        made["version"],
    )
    assert lead.get("/searches")["total"] == 0
    assert lead.post("/searches/1/share", {}, row["version"]).status_code == 404
    now = done(ana.post("/searches/1/share", {}, row["version"]))["version"]
    assert [(one["owner"], one["is_own"]) for one in lead.get("/searches")["rows"]] == [
        ("investigator", False)
    ]
    assert lead.post("/searches/1/delete", {}, now).status_code == 409
    late = ana.post("/searches/1/unshare", {}, row["version"])
    assert (late.status_code, late.json()["changes"][0]["text"]) == (412, "shared it with the team")
    now = done(ana.post("/searches/1/unshare", {}, now))["version"]
    done(ana.post("/searches/1/delete", {}, now))
    assert ana.get("/searches")["total"] == 0
    assert workspace.verify().n_events == len(workspace.log())


def test_a_search_is_saved_once_under_a_name(people: dict[str, Caller]) -> None:
    ana = people["investigator"]
    version = done(ana.post("/searches", GROWING, 0))["version"]
    again = ana.post("/searches", GROWING, 0)
    assert (again.status_code, again.json()["changes"][0]["text"]) == (412, "saved the search: Growing")
    assert ana.post("/searches", GROWING, version).status_code == 409
    done(people["lead"].post("/searches", GROWING, 0))


def test_a_viewer_keeps_searches_and_sees_none_that_names_accounts(people: dict[str, Caller]) -> None:
    viewer, ana = people["viewer"], people["investigator"]
    done(viewer.post("/searches", GROWING, 0))
    assert viewer.post("/searches/1/share", {}, 1).status_code == 403
    made = done(ana.post("/searches", {"name": "acct-17", "view": "queue", "query": {"q": "acct-17"}}, 0))
    done(ana.post(f"/searches/{made['number']}/share", {}, made["version"]))
    assert [one["name"] for one in viewer.get("/searches")["rows"]] == ["Growing"]
    assert [one["name"] for one in people["lead"].get("/searches")["rows"]] == ["acct-17"]
