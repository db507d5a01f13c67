"""What a cluster is called: no face calls one operator what is as likely harmless, or not probable."""

from __future__ import annotations

import pytest

from graphlink.assessment.hypotheses import HYPOTHESES
from graphlink.core.wording.clusters import cluster_words
from graphlink.core.wording.findings import LIKELY_OPERATOR, UNDECIDED, finding, finding_of
from graphlink.core.wording.vocabulary import HARMLESS, HYPOTHESIS_WORDS


@pytest.mark.parametrize("hypothesis", HYPOTHESES)
def test_a_sure_finding_is_its_hypothesis(hypothesis: str) -> None:
    found, known = finding(hypothesis, 0.95, None), HYPOTHESIS_WORDS[hypothesis]
    assert (found.value, found.name, found.about, found.claim) == (
        hypothesis, known.name, known.about, known.claim,
    )  # fmt: skip
    assert not found.is_undecided


@pytest.mark.parametrize("reading", HARMLESS)
@pytest.mark.parametrize("probability", [0.494, 0.99, None])
def test_what_a_harmless_reading_explains_too_could_be_harmless(
    probability: float | None, reading: str
) -> None:
    found = finding("same_operator", probability, reading)
    assert found.is_undecided
    assert found.name == "could be harmless"
    assert "may" in found.claim
    assert "probably" not in found.claim


@pytest.mark.parametrize(
    ("probability", "value"),
    [(0.5, UNDECIDED), (LIKELY_OPERATOR - 0.001, UNDECIDED), (LIKELY_OPERATOR, "same_operator"),
     (None, "same_operator")],
)  # fmt: skip
def test_one_operator_is_named_from_the_threshold_of_the_claim_on(
    probability: float | None, value: str
) -> None:
    found = finding("same_operator", probability, None)
    assert found.value == value
    assert (found.name == "one operator") is (value == "same_operator")


@pytest.mark.parametrize("hypothesis", [name for name in HYPOTHESES if name != "same_operator"])
def test_another_hypothesis_is_not_hidden_behind_a_harmless_reading(hypothesis: str) -> None:
    assert finding(hypothesis, 0.2, "place").value == hypothesis


def test_a_hypothesis_without_words_is_shown_with_blanks() -> None:
    found = finding("a_fifth", 0.9, None)
    assert (found.name, found.about) == ("a fifth", "a fifth")
    assert found.claim == "These accounts belong together."


def test_a_badge_and_its_colour_are_those_of_the_row() -> None:
    row = {
        "hypothesis": "same_operator", "p_same_operator": 0.494, "also_explained_by": "place",
        "n_accounts": 3,
    }  # fmt: skip
    words = cluster_words(row)
    assert (words["finding"], words["finding_name"]) == (UNDECIDED, finding_of(row).name)
