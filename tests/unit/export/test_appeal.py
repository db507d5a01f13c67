"""The facts about one account: true of the tables, without a score and without another account's name."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import TYPE_CHECKING, Any

import pytest

from graphlink.core.errors import QuestionError
from graphlink.core.wording import appeal as wording
from graphlink.export.page.appeal import appeal_page
from graphlink.export.subgraph import cluster_subgraph, neighbourhood_subgraph

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.result.result import Result


@pytest.fixture(scope="module")
def core(sample_result: Result) -> list[str]:
    """Core accounts, a few of each cluster."""
    rows = sample_result.table("membership").to_pylist()
    of: dict[str, list[str]] = {}
    for row in rows:
        if row["role"] == "core":
            of.setdefault(row["cluster_id"], []).append(row["account_id"])
    return [account for accounts in of.values() for account in accounts[:3]]


def page_of(result: Result, account: str) -> str:
    return appeal_page(result, neighbourhood_subgraph(result, account)).decode()


def facts_of(page: str) -> list[str]:
    listed = re.search(r"<ol>(.*?)</ol>", page, re.DOTALL)
    assert listed is not None
    items = re.findall(r"<li>(.*?)</li>", listed[1], re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", item)) for item in items]


def test_no_page_has_a_score_or_the_name_of_another_account(sample_result: Result, core: list[str]) -> None:
    names = set(sample_result.table("accounts")["account_id"].to_pylist())
    clusters = set(sample_result.table("clusters")["cluster_id"].to_pylist())
    for account in core:
        text = re.sub(r"<style>.*?</style>", "", page_of(sample_result, account), flags=re.DOTALL)
        shown = set(re.findall(r"[\w-]+", text))
        assert shown & names == {account}
        assert not shown & clusters
        assert not re.search(r"probabilit|\bbits?\b|\bscore|\bp\(|\d %|(?<![\d.])0\.\d+(?![\d.])", text)


def test_facts_count_who_shares_and_state_days_on_which_the_account_was_there(
    sample_result: Result, core: list[str]
) -> None:
    rows = {row["account_id"]: row for row in sample_result.table("accounts").to_pylist()}
    cluster = {r["account_id"]: r["cluster_id"] for r in sample_result.table("membership").to_pylist()}
    evidence = sample_result.table("evidence").to_pylist()
    n_checked = 0
    for account in core:
        shared: dict[str, set[str]] = {}
        for row in evidence:
            ends = {row["account_id_l"], row["account_id_r"]}
            others = {name for name in ends - {account} if cluster[name] == cluster[account]}
            if account in ends and others and row["contribution_bits"] > 0 and row["value"]:
                shared.setdefault(row["value"], set()).update(others)
        facts = facts_of(page_of(sample_result, account))
        begin = min(rows[account]["created_at"], rows[account]["first_seen"]).date()
        for value, others in shared.items():
            (fact,) = (one for one in facts if one.endswith(f" {value}"))
            assert re.search(rf"\b{len(others)} other account", fact)
            days = [
                dt.date.fromisoformat(day) for day in re.findall(r"\d{4}-\d\d-\d\d", fact.removesuffix(value))
            ]
            assert days == sorted(days)
            assert all(day >= begin for day in days), "no day before there was the account"
            n_checked += len(days)
    assert n_checked > 20


def test_days_of_an_identifier_are_those_of_the_account_itself(
    sample_result: Result, core: list[str]
) -> None:
    seen: dict[tuple[str, str], list[dt.date]] = {}
    for row in sample_result.table("observations").to_pylist():
        if row["seen_at"] is not None and row["account_id"] in core:
            seen.setdefault((row["account_id"], row["value"]), []).append(row["seen_at"].date())
    n_checked = 0
    for account in core:
        for fact in facts_of(page_of(sample_result, account)):
            value = fact.rpartition(" ")[2]
            days = re.findall(r"\d{4}-\d\d-\d\d", fact.removesuffix(value))
            if (account, value) in seen and days:
                mine = seen[account, value]
                assert (days[0], days[-1]) == (str(min(mine)), str(max(mine)))
                n_checked += 1
    assert n_checked > 10


def test_an_account_opened_soon_after_a_closing_for_abuse_is_one(
    sample_result: Result, core: list[str]
) -> None:
    rows = {row["account_id"]: row for row in sample_result.table("accounts").to_pylist()}
    cluster = {r["account_id"]: r["cluster_id"] for r in sample_result.table("membership").to_pylist()}
    linked: dict[str, set[str]] = {name: set() for name in core}
    for row in sample_result.table("links").to_pylist():
        for one, other in (("account_id_l", "account_id_r"), ("account_id_r", "account_id_l")):
            if row[one] in linked and cluster[row[other]] == cluster[row[one]]:
                linked[row[one]].add(row[other])
    found = []
    for account in core:
        opened = rows[account]["created_at"]
        is_soon = any(
            rows[other]["is_abuse"]
            and rows[other]["closed_at"] is not None
            and dt.timedelta(0) <= opened - rows[other]["closed_at"] <= dt.timedelta(days=3)
            for other in linked[account]
        )
        said = any("was opened on" in fact for fact in facts_of(page_of(sample_result, account)))
        assert said == is_soon
        found.append(is_soon)
    assert True in found
    assert False in found


def test_it_is_of_one_account_in_a_cluster(sample_result: Result) -> None:
    rows = sample_result.table("membership").to_pylist()
    cluster = next(row["cluster_id"] for row in rows if row["cluster_id"])
    with pytest.raises(QuestionError, match="one account"):
        appeal_page(sample_result, cluster_subgraph(sample_result, cluster))
    alone = next(row["account_id"] for row in rows if not row["cluster_id"])
    with pytest.raises(QuestionError, match="in no cluster"):
        appeal_page(sample_result, neighbourhood_subgraph(sample_result, alone))


def test_the_library_writes_it_by_the_end_of_the_path(
    sample_result: Any, core: list[str], tmp_path: Path
) -> None:
    out = sample_result.export(core[0], tmp_path / "facts.appeal.html", of="account")
    assert "Facts about account" in out.read_text(encoding="utf-8")


def test_kinds_and_behaviours_are_in_words_of_a_holder() -> None:
    assert wording.shared_fact("payment", 1, "2026-03-01", "2026-03-01") == (
        "This account used this payment instrument on 2026-03-01, and so did 1 other account:"
    )
    assert wording.shared_fact("badge_no", 2, "", "").startswith(
        "This account used this badge no, and so did 2"
    )
    assert wording.behaviour_fact("succession", 2, "2026-03-01", "2026-03-04") == (
        "This account became active as sessions of 2 other accounts ended between 2026-03-01 and 2026-03-04."
    )
    assert "behaviour odd thing with 1 other account." in wording.behaviour_fact("odd_thing", 1, "", "")
    assert "on the same day" in wording.opened_fact("2026-03-01", "2026-03-01")
