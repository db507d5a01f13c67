"""Two clusters weighed against each other: by hand on a few links, and against the tables of the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink import explanations
from graphlink.core.errors import NotFoundError, QuestionError
from graphlink.core.wording import compared as wording
from graphlink.explanations.stored import settings_of

if TYPE_CHECKING:
    from graphlink.result.result import Result


def links_between(result: Result) -> dict[tuple[str, str], list[float]]:
    """Two clusters, in order, to the bits of the links between them."""
    rows = result.table("membership").to_pylist()
    cluster = {row["account_id"]: row["cluster_id"] for row in rows if row["cluster_id"] is not None}
    between: dict[tuple[str, str], list[float]] = {}
    for row in result.table("links").to_pylist():
        ends = {cluster.get(row["account_id_l"]), cluster.get(row["account_id_r"])}
        if len(ends) == 2 and None not in ends:
            left, right = sorted(map(str, ends))
            between.setdefault((left, right), []).append(row["bits"])
    return between


def test_links_between_two_clusters_are_those_of_the_table(sample_result: Result) -> None:
    between = links_between(sample_result)
    assert between, "the sample has links between clusters"
    for (left, right), bits in between.items():
        one = explanations.compare_clusters(sample_result, left, right)
        assert (one.n_links, one.n_likely) == (len(bits), sum(b > 0 for b in bits))
        assert 0 < len(one.bridges) <= one.n_links
        accounts = [(bridge.account_id_l, bridge.account_id_r) for bridge in one.bridges]
        for side in zip(*accounts, strict=True):
            assert len(set(side)) == len(side), "an account counts once"


def test_the_probability_is_that_of_either_order(sample_result: Result) -> None:
    for left, right in links_between(sample_result):
        one = explanations.compare_clusters(sample_result, left, right)
        other = explanations.compare_clusters(sample_result, right, left)
        assert one.probability == other.probability
        assert {b.account_id_l for b in one.bridges} == {b.account_id_r for b in other.bridges}


def test_the_run_kept_apart_what_it_weighs_below_its_goal(sample_result: Result) -> None:
    goal = settings_of(sample_result).model.cluster_probability
    for pair in links_between(sample_result):
        one = explanations.compare_clusters(sample_result, *pair)
        assert one.goal == goal
        assert one.probability is not None
        assert 0.0 < one.probability < goal, "two clusters of one run are two for the comparison as well"


def test_a_doubt_of_all_links_bounds_what_they_add_up_to(sample_result: Result) -> None:
    """The chance that all links are false is a product of their own, each leading identifier once."""
    for pair, bits in links_between(sample_result).items():
        one = explanations.compare_clusters(sample_result, *pair)
        all_false = 1.0
        for b in bits:
            all_false /= 1.0 + 2.0**b
        assert all_false - 1e-9 <= one.doubt <= 1.0
        assert one.probability is not None
        assert one.probability <= 1.0 - one.doubt + 1e-9


def test_clusters_without_a_link_have_no_probability(sample_result: Result) -> None:
    names = sorted(sample_result.table("clusters")["cluster_id"].to_pylist())
    linked = links_between(sample_result)
    left, right = next((a, b) for a in names for b in names if a < b and (a, b) not in linked)
    one = explanations.compare_clusters(sample_result, left, right)
    assert one.probability is None
    assert one.sentences == (f"Nothing that the run kept links an account of {left} to one of {right}.",)


def test_a_cluster_is_not_compared_with_itself_or_with_none(sample_result: Result) -> None:
    name = sample_result.table("clusters")["cluster_id"].to_pylist()[0]
    with pytest.raises(QuestionError, match="two different"):
        explanations.compare_clusters(sample_result, name, name)
    with pytest.raises(NotFoundError, match="C-none"):
        explanations.compare_clusters(sample_result, name, "C-none")


def test_sentences_state_the_condition_and_what_decides() -> None:
    assert "If one operator runs each" in wording.one_operator_sentence("A", "B", 0.4, 0.9)
    assert "is below the 0.9" in wording.one_operator_sentence("A", "B", 0.4, 0.9)
    assert "reaches the 0.9" in wording.one_operator_sentence("A", "B", 0.9, 0.9)
    assert wording.links_between_sentence(0, 0, 4, 0) == ""
    assert "1 link between the two, of 4 possible: none" in wording.links_between_sentence(1, 0, 4, 1)
    assert wording.same_cause_sentence(0.6, is_decisive=False) == ""
    assert "0.600" in wording.same_cause_sentence(0.6, is_decisive=True)
    assert wording.against_sentence(0.0) == ""
    assert "-3.0 bits" in wording.against_sentence(-3.0)
    assert "1 label of analysts keeps" in wording.labelled_apart_sentence(1)
    assert wording.labelled_apart_sentence(0) == ""
    assert wording.kept_apart_sentence(0.95, 0.9, 0)
    assert wording.kept_apart_sentence(0.95, 0.9, 1) == wording.kept_apart_sentence(0.5, 0.9, 0) == ""
