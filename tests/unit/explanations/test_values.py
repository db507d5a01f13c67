"""What all explanations can do: frames of their parts, and a short repr."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from graphlink import explanations
from graphlink.core.errors import QuestionError
from graphlink.explanations import Explanation

if TYPE_CHECKING:
    from graphlink import Result

ALL = [
    one
    for one in (getattr(explanations, name) for name in explanations.__all__)
    if isinstance(one, type) and issubclass(one, Explanation) and one is not Explanation
]


@pytest.fixture(scope="module")
def made(sample_result: Result) -> dict[str, Any]:
    cluster, other = (str(one) for one in sample_result.clusters["cluster_id"][:2])
    names = set(sample_result.members(cluster)["account_id"])
    links = sample_result.links[["account_id_l", "account_id_r"]].itertuples(index=False)
    first, second = next(pair for pair in links if names.issuperset(pair))
    values = (
        explanations.explain_cluster(sample_result, cluster),
        explanations.explain_member(sample_result, first),
        explanations.explain_pair(sample_result, first, second),
        explanations.find_breaks(sample_result, cluster),
        explanations.find_paths(sample_result, first, second),
        explanations.estimate_collateral(sample_result, [first]),
        explanations.try_without(sample_result, cluster, kinds=["payment"]),
        explanations.compare_clusters(sample_result, cluster, other),
    )
    return {type(one).__name__: one for one in values}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_the_main_part_is_a_frame_of_its_rows(made: dict[str, Any], kind: type[Explanation]) -> None:
    value = made[kind.__name__]
    frame = value.to_frame()
    assert len(frame) == len(getattr(value, kind.main))
    assert len(frame.columns)
    assert frame.equals(value.to_frame(kind.main))


def test_the_bits_of_a_pair_are_in_its_frame(made: dict[str, Any]) -> None:
    pair = made["PairExplanation"]
    assert pair.prior_bits + pair.to_frame()["contribution_bits"].sum() == pytest.approx(pair.bits)


def test_a_part_that_is_no_rows_is_named(made: dict[str, Any]) -> None:
    with pytest.raises(QuestionError, match="part: expected evidence, against, found 'bits'"):
        made["PairExplanation"].to_frame("bits")


def test_a_repr_is_short_and_says_what_it_is(made: dict[str, Any]) -> None:
    for name, value in made.items():
        assert repr(value).startswith(f"<{name}: {value.sentences[0]}")
        assert len(repr(value)) < 400
