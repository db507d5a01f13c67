"""Lists over HTTP: their parts hold each row once, for readers of names and of replaced ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.served import done

if TYPE_CHECKING:
    from graphlink.monitoring import Workspace
    from tests.served import Caller


def walked(caller: Caller, path: str, limit: int) -> list[Any]:
    """All rows of a list, a part after the other."""
    found: list[Any] = []
    after = ""
    while True:
        part = caller.get(f"{path}{'&' if '?' in path else '?'}limit={limit}{after}")
        assert part["limit"] == limit
        found += part["rows"]
        if part["next"] is None:
            assert part["total"] in (None, len(found))
            return found
        after = f"&after={part['next']}"


@pytest.fixture
def busy(workspace: Workspace) -> Workspace:
    """The workspace with cases, labels of which some are in conflict, and a reviewed proposal."""
    for number in range(5):
        workspace.cases.open(f"By hand {number}")
        workspace.cases.comment(1, f"comment {number}")
    members = sorted(workspace.last.membership["account_id"])
    for number in range(6):
        until = "2020-01-01" if number % 2 else ""
        workspace.labels.add(
            "no", why="Two offices.", account=members[0], other=f"gone-{number}", until=until
        )
    for number in range(3):
        made = workspace.labels.add(
            "no", why="Two towns.", account=members[1], other=f"lost-{number}", second=True
        )
        workspace.as_user("ben").labels.review(made, "unsure", "I can't say.")
    workspace.decisions.propose(1, "close", "A farm.")
    workspace.as_user("ben").decisions.review(1, "nothing", "A family.")
    workspace.as_user("cem").decisions.review(1, "suspend", "A farm, perhaps.")
    return workspace


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 500])
def test_every_list_is_walked_to_its_end(busy: Workspace, people: dict[str, Caller], limit: int) -> None:
    lead = people["lead"]
    decided = {"action": "close", "why": "So do I."}
    done(lead.post("/decisions/1/review", decided, lead.get("/decisions/1")["decision"]["version"]))
    cases = [one["number"] for one in walked(lead, "/cases?state=all", limit)]
    assert sorted(cases) == [one.number for one in busy.cases.all()]
    to_do = [one["number"] for one in walked(lead, "/queue", limit)]
    assert to_do == [one.number for one in busy.as_user("lead").cases.queue()]
    labels = [one["number"] for one in walked(lead, "/labels", limit)]
    assert labels == [one.number for one in busy.labels.all()][::-1]
    assert [one["number"] for one in walked(lead, "/decisions", limit)] == [1]
    events = [one["seq"] for one in walked(lead, "/cases/1/activity", limit)]
    assert events == [one.event.seq for one in busy.cases.activity(1)][::-1]
    conflicts = [(one["about"], one["kind"], one["detail"]) for one in walked(lead, "/conflicts", limit)]
    expected = [(f"label {one.label.number}", one.kind, one.detail) for one in busy.labels.conflicts()]
    expected += [("D-1", "reviewed differently", one.detail) for one in busy.decisions.conflicts()]
    assert conflicts == expected
    assert {kind for _, kind, _ in conflicts} == {"expired", "account gone", "reviewed differently"}


def test_what_is_to_be_reviewed_is_in_no_part_of_the_conflicts(
    busy: Workspace, people: dict[str, Caller]
) -> None:
    assert busy.decisions.conflicts()
    found = walked(people["lead"], "/conflicts", 2)
    assert found
    assert all(one["about"].startswith("label ") for one in found)


def test_labels_are_found_by_what_they_are_about(busy: Workspace, people: dict[str, Caller]) -> None:
    lead = people["lead"]
    one, other = sorted(busy.last.membership["account_id"])[:2]
    busy.labels.add("no", why="Two towns.", account=one, lineage="K-1")
    assert len(walked(lead, f"/labels?account={one}", 2)) == 7
    assert len(walked(lead, f"/labels?account={one}&lineage=K-1", 2)) == 1
    pair = [walked(lead, f"/labels?account={a}&other={b}", 1) for a, b in ((one, "gone-3"), ("gone-3", one))]
    assert pair[0] == pair[1]
    assert [row["other"] for row in pair[0]] == ["gone-3"]
    for nobody in (f"account={other}&other=gone-3", "account=nobody", "account=nobody&other=never"):
        assert lead.get(f"/labels?{nobody}")["rows"] == []


def test_who_sees_replaced_names_finds_labels_by_these(busy: Workspace, people: dict[str, Caller]) -> None:
    viewer = people["viewer"]
    shown = walked(viewer, "/labels", 500)
    wanted = next(one["account"] for one in shown if one["account"])
    assert wanted not in set(busy.last.membership["account_id"])
    expected = [one["number"] for one in shown if wanted in (one["account"], one["other"])]
    assert len(expected) > 2
    for limit in (1, 2, 500):
        assert [one["number"] for one in walked(viewer, f"/labels?account={wanted}", limit)] == expected
    real = min(busy.last.membership["account_id"])
    assert viewer.get(f"/labels?account={real}")["rows"] == []


def test_a_page_of_a_case_has_its_newest_events_and_what_is_news(
    workspace: Workspace, people: dict[str, Caller]
) -> None:
    for number in range(120):
        workspace.cases.comment(1, f"comment {number}")
    ana = people["investigator"]
    before = ana.get("/cases/1")
    assert (before["last_own"], before["n_news"]) == (0, 0)
    assert [one["text"] for one in before["activity"]] == [
        f"commented: comment {one}" for one in range(20, 120)
    ]
    earlier = ana.get(f"/cases/1/activity?after={before['earlier']}&limit=500")
    assert earlier["rows"][0]["text"] == "commented: comment 19"
    assert earlier["total"] == len(earlier["rows"]) + 100
    own = done(ana.post("/cases/1/comment", {"text": "Mine."}, before["case"]["version"]))["version"]
    workspace.cases.comment(1, "One.")
    workspace.cases.comment(1, "Two.")
    after = ana.get("/cases/1")
    assert (after["last_own"], after["n_news"]) == (own, 2)


@pytest.mark.parametrize("after", ["x", "-1", "1e3", "\u0661", "9" * 19, "label 1", "1;2"])
@pytest.mark.parametrize("path", ["/queue", "/cases", "/labels", "/decisions", "/cases/1/activity"])
def test_a_cursor_of_ones_own_making_is_refused_or_leads_nowhere(
    people: dict[str, Caller], path: str, after: str
) -> None:
    answer = people["lead"].send("GET", f"{path}?after={after}")
    assert answer.status_code == 400
    assert "expected what the part before states as next" in answer.json()["error"]["message"]
    assert people["lead"].send("GET", f"{path}?after={'9' * 18}").status_code == 200


@pytest.mark.parametrize("after", ["7", "label", "label -1", "case 1", "label 1 2", "decision 99999999999"])
def test_a_cursor_of_conflicts_names_what_it_follows_on(people: dict[str, Caller], after: str) -> None:
    assert people["lead"].send("GET", f"/conflicts?after={after}").status_code == 400
