"""The page of a review: its drawing as data, what is drawn of a graph with too many lines, and its policy."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import html5lib
import pyarrow as pa
import pytest

import graphlink
from graphlink.core.wording.brief import CLOSINGS_NOT_KNOWN, NOBODY_BACK
from graphlink.core.wording.glossary import glossary_text
from graphlink.export.page import review_page
from graphlink.export.page.grounds import QUESTIONS, through_words, tied_by
from graphlink.export.page.network import ReviewNetwork
from graphlink.export.subgraph import cluster_subgraph, neighbourhood_subgraph
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from graphlink.export.subgraph import Subgraph
    from graphlink.result.result import Result


@pytest.fixture(scope="module")
def subgraph(sample_result: Result) -> Subgraph:
    return cluster_subgraph(sample_result, sample_result.clusters["cluster_id"][0])


def drawing_of(subgraph: Subgraph) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(ReviewNetwork(subgraph).payload())
    return data


def test_the_columns_of_the_drawing_are_the_subgraph(subgraph: Subgraph) -> None:
    actual = drawing_of(subgraph)
    nodes, edges, words = actual["nodes"], actual["edges"], actual["words"]
    n = len(subgraph.accounts)
    assert nodes["label"] == [
        *(row["account_id"] for row in subgraph.accounts),
        *(row["value"] for row in subgraph.identifiers),
    ]
    assert [words[i] for i in nodes["kind"][n:]] == [
        row["kind"].replace("_", " ") for row in subgraph.identifiers
    ]
    assert nodes["bits"][n:] == [round(row["bits"], 1) for row in subgraph.identifiers]
    opened = [None if minutes is None else actual["start"] + 60 * minutes for minutes in nodes["opened"][:n]]
    created = [row["created_at"] for row in subgraph.accounts]
    assert opened == [None if time is None else int(time.timestamp()) // 60 * 60 for time in created]
    rows = rows_of(subgraph.edges)
    assert [(nodes["label"][a], nodes["label"][i]) for a, i in zip(edges["from"], edges["to"], strict=True)][
        : len(rows)
    ] == [(row["account_id"], row["value"]) for row in rows]
    days = [
        (actual["start"] + 86400 * first, last)
        for first, last in zip(edges["first"], edges["days"], strict=True)
    ]
    seen = [(row["first_seen"], row["last_seen"]) for row in rows]
    assert days[: len(rows)] == [
        (int(first.timestamp()) // 86400 * 86400, (last.date() - first.date()).days) for first, last in seen
    ]
    assert len(edges["kind"]) == len(edges["from"]) - len(rows)  # of accounts that act alike


def test_every_column_is_as_long_as_the_others(subgraph: Subgraph) -> None:
    actual = drawing_of(subgraph)
    n = len(subgraph.accounts) + len(subgraph.identifiers)
    assert {len(column) for column in actual["nodes"].values()} == {n}
    assert len({len(column) for name, column in actual["edges"].items() if name != "kind"}) == 1


def test_of_too_many_lines_the_strongest_are_drawn_and_one_of_each_node(
    subgraph: Subgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ReviewNetwork(subgraph)
    assert whole.left_out == ""
    least = len(whole.nodes) + 2
    monkeypatch.setattr("graphlink.export.page.network._MOST_EDGES", least)
    part = ReviewNetwork(subgraph)
    assert len(part.edges) == least < len(whole.edges)
    assert {end for edge in part.edges for end in (edge["from"], edge["to"])} == {
        end for edge in whole.edges for end in (edge["from"], edge["to"])
    }
    assert part.left_out.startswith(f"Of {len(whole.edges):,} lines of the graph the {least:,} with the most")
    lost = 1 - sum(edge["bits"] for edge in part.edges) / sum(edge["bits"] for edge in whole.edges)
    assert f"carry {lost:.1%} of the evidence" in part.left_out
    assert 0 < lost < 1 - least / len(whole.edges)  # less than their number


def test_the_page_states_which_lines_it_leaves_out(
    sample_result: Result, subgraph: Subgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphlink.export.page.network._MOST_EDGES", 1)
    text = review_page(sample_result, subgraph).decode()
    assert "with the most bits are drawn" in text
    assert "lines, the strongest." in text


def test_no_times_and_no_evidence_are_drawn_as_well(subgraph: Subgraph) -> None:
    timeless = subgraph.edges
    for name in ("first_seen", "last_seen"):
        nothing = pa.nulls(timeless.num_rows, pa.timestamp("us", "UTC"))
        timeless = timeless.set_column(timeless.column_names.index(name), name, nothing)
    actual = drawing_of(dataclasses.replace(subgraph, edges=timeless, ties=subgraph.ties.slice(0, 0)))
    assert set(actual["edges"]["first"]) == {None}
    assert set(actual["edges"]["days"]) == {None}
    assert actual["edges"]["kind"] == []


def test_the_page_is_valid_and_its_policy_names_each_script_by_its_hash(
    sample_result: Result, subgraph: Subgraph
) -> None:
    text = review_page(sample_result, subgraph).decode()
    html5lib.HTMLParser(strict=True).parse(text)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src &#39;none&#39;; script-src &#39;sha256-")
    assert "unsafe" not in policy[1]
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    is_built = (Path(graphlink.__file__).parent / "static" / "page-parts.js").is_file()
    assert len(scripts) == 2 + is_built
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"sha256-{digest}" in policy[1].replace("&#43;", "+")
    assert "http://" not in re.sub(r"http%3A//|http://www\.w3\.org", "", text.replace(scripts[0], ""))


def test_twice_gives_the_same_bytes(sample_result: Result, subgraph: Subgraph) -> None:
    assert review_page(sample_result, subgraph) == review_page(sample_result, subgraph)


def test_every_term_of_the_page_leads_to_its_entry_of_the_glossary(
    sample_result: Result, subgraph: Subgraph
) -> None:
    page = html5lib.parse(review_page(sample_result, subgraph), namespaceHTMLElements=False)
    terms = [one for one in page.iter("a") if one.attrib.get("class") == "term"]
    ids = {one.attrib["id"] for one in page.iter() if "id" in one.attrib}
    assert {one.attrib["href"].removeprefix("#") for one in terms} <= ids
    assert {"core accounts", "fringe accounts", "bit", "weakest cut"} <= {one.text for one in terms}
    assert all(glossary_text("core") == one.attrib["title"] for one in terms if one.text == "core accounts")


def test_of_a_cluster_that_is_openly_one_organisation_the_page_says_so(
    sample_result: Result, subgraph: Subgraph
) -> None:
    assert subgraph.cluster is not None
    row = subgraph.cluster | {"also_explained_by": None}
    for hypothesis, expected in (
        ("same_operator", "No harmless reading is known."),
        ("openly_one_organisation", "It is likeliest openly one organisation&#39;s;"),
    ):
        shown = dataclasses.replace(subgraph, cluster=row | {"hypothesis": hypothesis})
        page = review_page(sample_result, shown).decode()
        (what_else,) = re.findall(r"What else explains it</a></dt><dd>(.*?)</dd>", page, re.DOTALL)
        assert expected in what_else


def test_the_page_answers_the_twelve_questions_that_the_documentation_lists(
    sample_result: Result,
) -> None:
    """Of every cluster of the sample, each question leads to a part of the page that has text."""
    assert len(QUESTIONS) == 12
    text = (Path(__file__).parents[3] / "docs" / "how-to" / "export.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\| (.+\?) \| `#([a-z-]+)`, ", text, re.MULTILINE)) == QUESTIONS
    for name in sample_result.clusters["cluster_id"]:
        page = html5lib.parse(
            review_page(sample_result, cluster_subgraph(sample_result, name)), namespaceHTMLElements=False
        )
        ids = [one.attrib["id"] for one in page.iter() if "id" in one.attrib]
        assert len(ids) == len(set(ids))
        parts = {one.attrib["id"]: one for one in page.iter() if "id" in one.attrib}
        links = [(one.text, one.attrib["href"]) for one in page.findall(".//details[@class='questions']//a")]
        assert links == [(question, f"#{part}") for question, part in QUESTIONS]
        headings = {one.attrib["id"] for one in page.iter("h2")}
        for _, part in QUESTIONS:
            answer = "".join(parts[part].itertext()).strip()
            assert part in headings or len(answer) > 30, (name, part, answer)


def test_the_page_of_accounts_that_are_no_cluster_promises_no_answers(sample_result: Result) -> None:
    account = sample_result.clusters["cluster_id"][0]
    members = sample_result.members(account)["account_id"]
    page = review_page(sample_result, neighbourhood_subgraph(sample_result, members[0])).decode()
    assert "questions" not in page.split("</style>")[1].split("<script")[0]


def test_each_account_is_tied_by_something_that_others_of_the_page_use(subgraph: Subgraph) -> None:
    texts = tied_by(subgraph)
    users: dict[tuple[str, str], set[str]] = {}
    for row in rows_of(subgraph.edges):
        users.setdefault((row["kind"], row["value"]), set()).add(row["account_id"])
    for row in subgraph.accounts:
        text = texts[row["account_id"]]
        assert text
        named = re.findall(r"(?:^|; )(\S+(?: \S+)*?) with ([0-9,]+) others?", text)
        for name, n_others in named:
            (held,) = [
                accounts
                for (kind, value), accounts in users.items()
                if f"{kind.replace('_', ' ')} {value}" == name
            ]
            assert row["account_id"] in held
            assert len(held) == int(n_others.replace(",", "")) + 1


def test_the_infrastructure_of_the_page_names_routers_before_own_addresses(subgraph: Subgraph) -> None:
    (address, *_) = [row for row in subgraph.identifiers if row["kind"] == "ip"]
    router = address | {"kind": "router", "value": "router-x", "facet": "network"}
    own = address | {
        "value": "192.0.2.9",
        "label_type": None,
        "p_exclusive": 0.9,
        "n_members": 3,
        "degree": 3,
    }
    others = own | {"value": "192.0.2.10", "degree": 300}
    shown = dataclasses.replace(subgraph, identifiers=[own, others, router])
    assert through_words(shown) == (
        "Among the shared evidence: 1 router, 1 own address, 1 shared address. "
        "The strongest: router-x (router), 192.0.2.9 (own address)."
    )
    nothing = dataclasses.replace(subgraph, identifiers=[])
    assert through_words(nothing) == "No address or router of its accounts is known."


def test_the_page_states_who_came_back_and_where_nobody_did(sample_result: Result) -> None:
    signals = sample_result.table("signals", where={"signal": ["successors_3d"]}).to_pylist()
    n_after = {row["cluster_id"]: round(row["value"]) for row in signals}
    seen = set()
    for name in sample_result.clusters["cluster_id"]:
        page = review_page(sample_result, cluster_subgraph(sample_result, name)).decode()
        (said,) = re.findall(r'<div id="back">.*?<dd><bdi>(.*?)</bdi>', page, re.DOTALL)
        expected = n_after.get(name)
        if expected is None:
            assert said == CLOSINGS_NOT_KNOWN
        elif expected == 0:
            assert said == NOBODY_BACK
        else:
            assert re.match(rf"{expected} accounts? (was|were) opened within 3 days after", said)
        seen.add(expected is None or expected == 0)
    assert seen == {True, False}, "the sample has both"
