"""Facts of a cluster in an explanation: the unusual first, in words, names of the data as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from graphlink.core.tables.facts import FACT_MEASURES
from graphlink.core.wording.facts import FactWords, fact_name, fact_words, is_unusual
from graphlink.explanations import explain_cluster
from graphlink.explanations.cluster.facts import Fact, fact_sentence

if TYPE_CHECKING:
    from graphlink.result.result import Result

ROW: dict[str, Any] = {
    "measure": "moved_share", "fact": "model", "category": "new", "value": 0.8, "low": 0.7, "high": 0.9,
    "usual": 0.1, "usual_low": 0.0, "usual_high": 0.3, "ratio": 8.0, "ratio_low": 4.0, "ratio_high": 16.0,
    "n_accounts": 6, "n_usual": 90, "detail": "",
}  # fmt: skip


def test_a_fact_says_its_interval_the_usual_and_the_ratio() -> None:
    assert fact_words(ROW) == FactWords(
        "calls moved upon its release to model new", "80% (70% to 90%)", "10% (0% to 30%)",
        "8x (4x to 16x)", True,
    )  # fmt: skip
    amount = ROW | {
        "measure": "amount_per_day",
        "fact": "tokens",
        "category": "",
        "value": 1234.5,
        "low": None,
    }
    assert fact_words(amount)[:2] == ("tokens per day", "1,234")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, True),
        ({"value": 0.25}, False),  # within the range
        ({"value": 0.35, "usual": 0.2}, False),  # outside, but not twice the usual
        ({"usual_low": None, "usual_high": None}, False),
        ({"measure": "gap_variation", "value": 0.0, "usual": 0.9, "usual_low": 0.6, "usual_high": 1.3}, True),
    ],
)
def test_unusual_is_outside_the_range_and_far_from_the_usual(row: dict[str, Any], expected: bool) -> None:
    assert is_unusual(ROW | row) is expected


@pytest.mark.parametrize("measure", FACT_MEASURES)
def test_every_measure_has_a_name(measure: str) -> None:
    assert "_" not in fact_name(measure, "", "")


def test_an_explanation_lists_the_unusual_first_and_says_them(sample_result: Result) -> None:
    rows = sample_result.table("facts").to_pylist()
    cluster = next(row["cluster_id"] for row in rows if is_unusual(row))
    explanation = explain_cluster(sample_result, cluster)
    assert len(explanation.facts) == sum(row["cluster_id"] == cluster for row in rows)
    order = [fact.is_unusual for fact in explanation.facts]
    assert order == sorted(order, reverse=True)
    said = [sentence for sentence in explanation.sentences if sentence.startswith("Unusual: ")]
    assert len(said) == sum(order)
    assert explanation.as_dict()["facts"][0]["is_unusual"] is True


def test_a_category_in_a_sentence_is_one_short_line() -> None:
    fact = Fact("", "", "", 1.0, None, None, 2, 0, "plan a\u202e\n" + "x" * 500, "1", "0", "", "", True)
    sentence = fact_sentence(fact)
    assert "\n" not in sentence
    assert "\u202e" not in sentence
    assert len(sentence) < 200
