"""Two clusters side by side, against the tables of the sample."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from graphlink import explanations
from graphlink.explorer import api
from graphlink.explorer.comparison import compare
from graphlink.explorer.query import Query, RequestError

if TYPE_CHECKING:
    from graphlink.explorer.index import Index
    from graphlink.result.result import Result


@pytest.fixture(scope="module")
def cluster_of(sample_result: Result) -> dict[str, str]:
    """Account to its cluster."""
    rows = sample_result.table("membership").to_pylist()
    return {row["account_id"]: row["cluster_id"] for row in rows if row["cluster_id"] is not None}


@pytest.fixture(scope="module")
def linked(sample_result: Result, cluster_of: dict[str, str]) -> dict[str, dict[str, int]]:
    """Cluster to the clusters that links lead to, and how many do."""
    found: dict[str, dict[str, int]] = {}
    for row in sample_result.table("links").to_pylist():
        one, other = cluster_of.get(row["account_id_l"]), cluster_of.get(row["account_id_r"])
        if one and other and one != other:
            for left, right in ((one, other), (other, one)):
                found.setdefault(left, {}).setdefault(right, 0)
                found[left][right] += 1
    return found


def ask(index: Index, left: str, right: str = "") -> dict[str, Any]:
    return compare(index, Query({"left": left, "right": right}))


def test_without_a_second_the_one_that_most_links_lead_to(index: Index, linked: dict[str, Any]) -> None:
    assert linked
    for left, others in linked.items():
        answer = ask(index, left)
        near = {one["cluster_id"]: one["n_links"] for one in answer["near"]}
        assert {name: n for name, n in near.items() if n} == dict(
            sorted(others.items(), key=lambda one: -one[1])[: len(near)]
        )
        assert others[answer["right"]["cluster"]["cluster_id"]] == max(others.values())


def test_it_answers_what_the_explanation_of_the_result_does(
    index: Index, sample_result: Result, linked: dict[str, Any]
) -> None:
    left, others = next(iter(linked.items()))
    right = next(iter(others))
    expected = explanations.compare_clusters(sample_result, left, right)
    answer = ask(index, left, right)
    assert answer["probability"] == expected.probability
    assert answer["sentences"] == list(expected.sentences)
    assert answer["bridges"] == expected.as_dict()["bridges"]


def test_what_both_use_is_what_accounts_of_both_were_seen_with(
    index: Index, sample_result: Result, cluster_of: dict[str, str], linked: dict[str, Any]
) -> None:
    holders: dict[tuple[str, str], set[str]] = {}
    for row in sample_result.table("observations").to_pylist():
        holders.setdefault((row["kind"], row["value"]), set()).add(row["account_id"])
    left, others = max(linked.items(), key=lambda one: (len(one[1]), one[0]))
    for right in others:
        answer = ask(index, left, right)
        shown = {(row["kind"], row["value"]): row for row in answer["shared"]}
        of_each = [{a for a, c in cluster_of.items() if c == name} for name in (left, right)]
        expected = {
            key: (len(who & of_each[0]), len(who & of_each[1]), len(who - of_each[0] - of_each[1]))
            for key, who in holders.items()
            if who & of_each[0] and who & of_each[1]
        }
        assert expected.keys() <= shown.keys()
        assert answer["n_shared"] == len(shown)
        for key, counts in expected.items():
            assert tuple(shown[key][name] for name in ("n_left", "n_right", "n_others")) == counts
        shares = [row["share"] for row in answer["shared"]]
        assert sum(shares) == pytest.approx(1.0, abs=1e-3)
        assert shares == sorted(shares, reverse=True)
        for side in ("only_left", "only_right"):
            assert not {(row["kind"], row["value"]) for row in answer[side]["rows"]} & shown.keys()


def test_evidence_between_two_is_that_of_the_table(
    index: Index, sample_result: Result, cluster_of: dict[str, str], linked: dict[str, Any]
) -> None:
    left, others = next(iter(linked.items()))
    right = next(iter(others))
    n_links: dict[tuple[str, str], int] = {}
    for row in sample_result.table("evidence").to_pylist():
        ends = {cluster_of.get(row["account_id_l"]), cluster_of.get(row["account_id_r"])}
        if ends == {left, right}:
            key = row["kind"], row["value"] or ""
            n_links[key] = n_links.get(key, 0) + 1
    shown = {(row["kind"], row["value"]): row["n_links"] for row in ask(index, left, right)["shared"]}
    assert n_links
    assert {key: n for key, n in shown.items() if n} == n_links


def test_a_cluster_is_not_compared_with_itself_or_with_none(index: Index) -> None:
    name = index.clusters.names[0]
    with pytest.raises(RequestError, match="two different"):
        ask(index, name, name)
    with pytest.raises(RequestError, match="no cluster"):
        ask(index, name, "C-none")


def test_a_cluster_near_nothing_stands_alone(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphlink.explorer.comparison._near", lambda *_: [])
    answer = ask(index, index.clusters.names[0])
    assert (answer["right"], answer["probability"], answer["shared"]) == (None, None, [])


def test_answers_are_what_is_declared(index: Index) -> None:
    msgspec = pytest.importorskip("msgspec", reason="graphlink[docs] is not installed")
    from graphlink.explorer.answers.comparison import Comparison

    for name in index.clusters.names.texts(range(len(index.clusters.rows))):
        text = json.dumps(ask(index, name), default=api._plain)  # as a response is written
        msgspec.json.decode(text, type=Comparison)
