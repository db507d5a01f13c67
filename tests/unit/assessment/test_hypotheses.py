"""What each hypothesis predicts of a cluster, as laws that must hold whatever the numbers are."""

from __future__ import annotations

import math

import pytest

from graphlink.assessment.hypotheses.likelihoods import weighed
from graphlink.core.parameters import Parameters

HOUSEHOLD, ANY_SIZE = (
    0.9,
    1 / 31,
)  # share of networks that are households; the rest has 2 to 32 accounts alike


def size_of(n: int) -> tuple[float, float, float]:
    """How likely a size is for a pair of one operator, of customers of a router, of people on one network."""
    able = dict.fromkeys(("place", "payment", "identity", "client"), 0)
    cluster = {"cluster_id": "C-1", "n_accounts": n, "presence": None, "ties": (), "has_times": False, **able}
    (piece,) = weighed(cluster, Parameters())
    assert piece.evidence == "size"
    return (2**piece.bits_same_operator, 2**piece.bits_shared_intermediary, 2**piece.bits_shared_network)


def household(n: int) -> float:
    """The share that households of this size have in all pairs of people of one household."""
    return (size_of(n)[2] - (1 - HOUSEHOLD) * ANY_SIZE) / HOUSEHOLD


def test_sizes_of_households_are_a_law() -> None:
    assert math.fsum(household(n) for n in range(2, 80)) == pytest.approx(1.0, abs=1e-9)


def test_each_further_person_of_a_household_is_two_fifths_as_likely_as_the_one_before() -> None:
    for n in range(2, 10):
        pairs = (n + 1) / (n - 1)  # n + 1 people have so many times the pairs of n
        assert household(n + 1) / household(n) == pytest.approx(0.4 * pairs, rel=1e-6)


def test_pairs_of_operators_and_routers_are_as_common_at_each_size() -> None:
    for n in range(2, 33):
        assert size_of(n)[:2] == pytest.approx((ANY_SIZE, ANY_SIZE))


def test_two_on_one_network_are_likelier_a_household_and_ten_an_operator() -> None:
    assert size_of(2)[2] > 5 * size_of(2)[0]
    assert size_of(10)[2] < size_of(10)[0] / 3
