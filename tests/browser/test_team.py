"""A served workspace in a browser: two people on one case, by keyboard, and what a viewer sees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from graphlink.workspace.knowledge import Knowledge
from tests.browser.conftest import HOSTILE
from tests.workspaces import ANA

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from graphlink.monitoring import Workspace

CONFLICT = r"412|Precondition"  # what the journey brings about: the browser reports it on its console


def test_two_people_on_one_case(page_of: Callable[..., Page], workspace: Workspace) -> None:
    ana = page_of("ana", "lead", "case/1", CONFLICT)
    ben = page_of("ben", "investigator", "case/1")
    ben.get_by_role("button", name="Take it").click()
    ben.get_by_text("assigned to ben").wait_for()
    ana.get_by_label("Comment", exact=True).fill("One card on both crews.")
    ana.get_by_role("button", name="Comment").click()
    notice = ana.get_by_role("alert")
    notice.wait_for()
    assert "ben changed it since you read it" in notice.inner_text()
    assert "assigned it to ben" in notice.inner_text()
    assert ana.get_by_label("Comment", exact=True).input_value() == "One card on both crews."
    assert workspace.cases.get(1).n_comments == 0
    notice.get_by_role("button", name="Read it again").click()
    ana.get_by_text("assigned to ben").wait_for()
    ana.get_by_role("button", name="Comment").click()
    ana.locator(".activity .said", has_text="One card on both crews.").wait_for()
    ben.reload()
    ben.get_by_text("1 event since your last one.").wait_for()
    assert ben.locator(".activity .since").count() == 1


def test_cases_are_merged_and_split_as_both_were_read(
    page_of: Callable[..., Page], workspace: Workspace
) -> None:
    with workspace.folder.store.write(ANA) as rows:
        rows.append("stocked", "workspace", {})
        lineage = {"lineage_no": rows.number("lineage"), "born_run": 1, "last_run": 1}
        rows.insert("lineages", lineage | {"merged_into": None, "name": None})
    other = workspace.cases.open("By hand", ["K-2"])
    page = page_of("ben", "investigator", "case/1", CONFLICT)
    page.get_by_text("Merge or split").click()
    merge = page.get_by_role("form", name="Merge")
    merge.get_by_label("Merge it into").select_option(f"Case {other}: By hand")
    merge.get_by_label("Reason for the merge").fill("One operator.")
    workspace.cases.comment(other, "Not yet.")
    merge.get_by_role("button", name="Merge").click()
    notice = page.get_by_role("alert")
    notice.wait_for()
    assert f"on case {other}" in notice.inner_text(), "another case than that of the page is named"
    assert "commented: Not yet." in notice.inner_text()
    assert workspace.cases.get(1).status != "closed"
    notice.get_by_role("button", name="Read it again").click()
    merge.get_by_label("Merge it into").select_option(f"Case {other}: By hand")
    merge.get_by_label("Reason for the merge").fill("One operator.")
    merge.get_by_role("button", name="Merge").click()
    page.get_by_role("heading", name=f"Case {other}: By hand").wait_for()
    assert workspace.cases.get(1).merged_into == other
    page.goto(f"{page.url.partition('#')[0]}#/case/1")
    page.get_by_role("link", name=f"goes on as case {other}").wait_for()
    page.get_by_role("link", name=f"goes on as case {other}").click()
    page.get_by_text("Merge or split").click()
    split = page.get_by_role("form", name="Split")
    assert split.get_by_role("button", name="Split").is_disabled()
    split.get_by_label("K-2").check()
    split.get_by_label("Title of the new case").fill("The rest")
    split.get_by_role("button", name="Split").click()
    page.get_by_role("heading", name=f"Case {other + 1}: The rest").wait_for()
    assert workspace.cases.get(other).lineages == (1,)
    assert workspace.cases.get(other + 1).lineages == (2,)


def test_long_lists_and_long_histories_come_by_the_part(
    page_of: Callable[..., Page], workspace: Workspace
) -> None:
    for number in range(110):
        workspace.cases.open(f"By hand {number}")
        workspace.cases.comment(1, f"comment {number}")
    page = page_of("ana", "lead", "cases?list=all")
    rows = page.locator("#cases-body tbody tr")
    page.get_by_text("100 of 111").wait_for()
    assert rows.count() == 100
    page.get_by_role("button", name="Show more").click()
    page.get_by_text("By hand 0", exact=True).wait_for()
    assert rows.count() == 111
    assert page.get_by_role("button", name="Show more").count() == 0
    page.goto(f"{page.url.partition('#')[0]}#/case/1")
    page.locator(".activity .said").nth(99).wait_for()
    assert "comment 10" in page.locator(".activity .said").first.inner_text()
    page.get_by_role("button", name="Show earlier events").click()
    page.get_by_text("commented: comment 0", exact=True).wait_for()
    assert page.get_by_role("button", name="Show earlier events").count() == 0


def test_a_decision_takes_two_people(page_of: Callable[..., Page], workspace: Workspace) -> None:
    ben = page_of("ben", "investigator", "case/1")
    ben.get_by_role("button", name="Propose a decision").click()
    ben.get_by_text("It takes the core:").wait_for()
    ben.get_by_label("Reason for the proposal").fill("One card ties both crews.")
    ben.get_by_role("button", name="Propose", exact=True).click()
    ben.get_by_text("A second person approves or rejects it.").wait_for()
    assert ben.get_by_role("button", name="Approve").count() == 0
    cem = page_of("cem", "lead", "cases?list=decisions")
    cem.get_by_role("link", name="D-1 in case 1").click()
    cem.get_by_text("Collateral, as of the proposal").wait_for()
    assert "One card ties both crews." not in cem.content(), "kept until the second verdict stands"
    assert cem.get_by_role("button", name="Approve").count() == 0
    cem.get_by_label("What would you do?").select_option("suspend")
    cem.get_by_label("Reason for your verdict").fill("Not sure about the south.")
    cem.get_by_role("button", name="Give your verdict").click()
    cem.get_by_text("One card ties both crews.").first.wait_for()
    cem.get_by_text("without having seen the proposal, would suspend").wait_for()
    cem.goto(f"{cem.url.partition('#')[0]}#/cases?list=conflicts")
    cem.get_by_role("cell", name="reviewed differently").wait_for()
    cem.get_by_role("link", name="D-1").click()
    cem.get_by_label("Reason for D-1").fill("It holds.")
    cem.get_by_role("button", name="Approve").click()
    with cem.expect_download() as download:
        cem.get_by_role("button", name="Export CSV").click()
    assert download.value.suggested_filename == "D-1.csv"
    assert workspace.decisions.get(1).n_exports == 1
    assert workspace.cases.get(1).status == "exported"


def test_a_pair_and_a_member_are_labelled_by_keyboard_alone(
    page_of: Callable[..., Page], workspace: Workspace
) -> None:
    cluster = workspace.cluster("K-1")
    page = page_of("ana", "lead", f"cluster/{cluster}?select=a:north-1%0Aa:north-2")
    page.locator(".label-bar").wait_for()
    page.keyboard.press("n")
    page.locator(".label-bar input:focus").wait_for()
    page.keyboard.press("Enter")
    assert workspace.labels.all() == [], "what speaks for one operator is no reason for no"
    page.keyboard.press("Escape")
    page.keyboard.press("y")
    page.locator(".label-bar input:focus").wait_for()
    page.keyboard.press("Enter")
    page.locator(".label-bar li", has_text="by ana").wait_for()
    (label,) = workspace.labels.all()
    assert (label.verdict, {label.subject.account, label.subject.other}) == ("yes", {"north-1", "north-2"})
    assert label.why, "the reason is what the panel states"
    page.goto(page.url.partition("#")[0] + f"#/cluster/{cluster}?select=a:north-2")
    page.get_by_text("Does it belong to K-1?").wait_for()
    page.keyboard.press("n")
    page.locator(".label-bar input:focus").wait_for()
    page.keyboard.type("Seen by hand.")
    page.keyboard.press("Enter")
    page.locator(".label-bar li", has_text="Seen by hand.").wait_for()
    assert workspace.labels.all()[-1].subject.lineage == 1


def test_a_lineage_is_drawn_over_its_runs(page_of: Callable[..., Page], workspace: Workspace) -> None:
    page = page_of("ana", "lead", "case/1")
    page.get_by_role("link", name="K-1 over time").click()
    page.get_by_role("heading", name="K-1").wait_for()
    (stage,) = workspace.lineage("K-1").stages
    words = page.get_by_role("img", name=re.compile("^K-1: ")).get_attribute("aria-label")
    assert words is not None
    assert f"{stage.n_accounts} accounts in R-1" in words
    assert page.locator(".ribbon rect.held").count() == 1
    assert page.get_by_role("cell", name="R-1").count() == 1
    page.get_by_role("link", name="Case 1").click()
    page.get_by_role("heading", name=re.compile("^Case 1")).wait_for()


def test_what_is_known_of_an_organisation_is_added_and_ended(
    page_of: Callable[..., Page], workspace: Workspace
) -> None:
    ben = page_of("ben", "investigator", "organisations", CONFLICT)
    ben.get_by_label("Name of another one").fill("Acme Labs")
    ben.get_by_role("button", name="State what is known").click()
    ben.get_by_text("Nothing is known of it yet.").wait_for()

    def add(value: str) -> None:
        form = ben.get_by_role("form", name="Add what is known")
        form.get_by_label("Value").fill(value)
        form.get_by_label("Source: who states it").fill("registry")
        form.get_by_label("Probability that it is right, in percent").fill("90")
        form.get_by_role("button", name="Add").click()

    add("acme.example")
    ben.get_by_role("cell", name="acme.example").wait_for()
    (known,) = workspace.organisations.all()
    assert [(one.knowledge.value, one.knowledge.confidence, one.by) for one in known.facts] == [
        ("acme.example", 0.9, "ben")
    ]
    # Somebody else adds a fact: what ben then states is refused until he has read that.
    workspace.organisations.add("Acme Labs", Knowledge("email_domain", "acme2.example", "a partner"))
    add("acme3.example")
    ben.get_by_role("alert").wait_for()
    assert "ana changed it since you read it" in ben.get_by_role("alert").inner_text()
    ben.get_by_role("button", name="Read it again").click()
    ben.get_by_role("cell", name="acme2.example").wait_for()
    ben.get_by_role("button", name="End", exact=True).first.click()
    ben.get_by_label("Why").fill("Sold.")
    ben.get_by_role("button", name="End it").click()
    ben.get_by_role("button", name="End it").wait_for(state="detached")
    assert [bool(one.until_at) for one in workspace.organisations.get("Acme Labs").facts] == [True, False]
    vic = page_of("vic", "viewer", "cases")
    vic.locator("#cases-body a").first.wait_for()
    assert vic.get_by_role("link", name="Known organisations").count() == 0


def test_a_label_is_reviewed_by_a_second_person_who_has_not_seen_it(
    page_of: Callable[..., Page], workspace: Workspace
) -> None:
    view = f"cluster/{workspace.cluster('K-1')}?select=a:north-1%0Aa:north-2"
    ana = page_of("ana", "lead", view)
    ana.locator(".label-bar").wait_for()
    ana.keyboard.press("y")
    ana.get_by_label("Reason for yes").fill("One shift plan.")
    ana.get_by_label("Ask a second person, who does not see it before").check()
    ana.get_by_role("button", name="Label", exact=True).click()
    ana.locator(".label-bar li", has_text="One shift plan.").wait_for()
    ben = page_of("ben", "investigator", view)
    ben.get_by_text("ana has labelled it and asks for a second person").wait_for()
    assert "One shift plan." not in ben.content()
    ben.keyboard.press("n")
    ben.get_by_label("Reason for no").fill("Two offices.")
    ben.get_by_role("button", name="Review", exact=True).click()
    ben.locator(".label-bar li", has_text="One shift plan.").wait_for()
    ben.get_by_text("Reviewed differently, without having seen that").wait_for()
    assert [(one.by, one.verdict) for one in workspace.labels.reviews().values()] == [("ben", "no")]
    assert len(workspace.labels.all()) == 1, "a review is no second label"


def test_a_case_is_worked_by_keyboard_alone(page_of: Callable[..., Page], workspace: Workspace) -> None:
    page = page_of("ana", "lead", "cases")
    page.locator("#cases-body a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Take it").focus()
    page.keyboard.press("Enter")
    page.get_by_text("assigned to ana").wait_for()
    comment = page.get_by_label("Comment", exact=True)
    comment.focus()
    page.keyboard.type("By keyboard: y n m / ?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".activity .said", has_text="By keyboard").wait_for()
    page.get_by_label("Reason for the status").focus()
    page.keyboard.type("Mine.")
    page.keyboard.press("Enter")
    page.get_by_text(re.compile("^open$")).first.wait_for()
    assert workspace.cases.get(1).status == "open"


def test_a_viewer_sees_no_name_and_no_form(page_of: Callable[..., Page], workspace: Workspace) -> None:
    workspace.cases.comment(1, "See north-1.")
    page = page_of("vic", "viewer", "case/1")
    page.get_by_role("heading", name="Case 1", exact=True).wait_for()
    page.locator(".activity li").nth(1).wait_for()
    page.locator(".team-case .brief dt", has_text="How sure").wait_for()
    assert "north-1" not in page.content()
    assert page.locator(".team-form, .main").count() == 0
    page.get_by_role("link", name=re.compile("open the cluster")).click()
    page.locator(".case .side button.row-open").first.wait_for()
    assert "north-1" not in page.content()
    assert "card-bridge" not in page.content()
    assert page.locator(".label-bar button").count() == 0


def test_what_an_operator_chose_is_text_here_too(page_of: Callable[..., Page], workspace: Workspace) -> None:
    for text in HOSTILE:
        workspace.cases.comment(1, text)
    page = page_of("ana", "lead", "case/1")
    page.locator(".activity .said").nth(len(HOSTILE) - 1).wait_for()
    assert page.locator(".activity img, .activity script, .activity a").count() == 0


@pytest.mark.parametrize("width", [1440, 400])
@pytest.mark.parametrize(
    "view", ["cases", "cases?list=conflicts", "case/1", "lineage/K-1", "organisation/Acme", "cluster"]
)
def test_the_pages_are_accessible(
    page_of: Callable[..., Page], workspace: Workspace, width: int, view: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    workspace.cases.comment(1, "One card on both crews.")
    workspace.decisions.propose(1, "close", "One card.")
    workspace.labels.add("yes", account="north-1", other="south-1", why="One plan.", until="2020-01-01")
    workspace.organisations.add("Acme", Knowledge("email_domain", "acme.example", "registry"))
    address = (
        f"cluster/{workspace.cluster('K-1')}?select=a:north-1%0Aa:north-2" if view == "cluster" else view
    )
    page = page_of("ben", "lead", address, viewport={"width": width, "height": 900})
    wait = {
        "cases?list=conflicts": "#cases-body td",
        "lineage/K-1": ".ribbon",
        "organisation/Acme": ".team-form",
        "cases": "#cases-body a",
        "case/1": ".choices .compact",
        "cluster": ".label-bar",
    }[view]
    page.locator(wait).first.wait_for()
    found = axe.Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert [one["id"] for one in found.response["violations"]] == []
    if view != "cluster":
        assert page.evaluate("document.documentElement.scrollWidth") <= width
