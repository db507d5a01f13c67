"""What each hypothesis predicts of a cluster, as laws that must hold whatever the numbers are."""

from __future__ import annotations

import math
from typing import Any

import pytest

from graphlink.assessment.hypotheses.likelihoods import Piece, weighed
from graphlink.core.parameters import Parameters

HOUSEHOLD, ANY_SIZE = (
    0.9,
    1 / 31,
)  # share of networks that are households; the rest has 2 to 32 accounts alike


def cluster_of(n: int, **known: Any) -> dict[str, Any]:
    """A cluster of which nothing is known but its size and what is given."""
    able = dict.fromkeys(("place", "payment", "identity", "client"), 0)
    cluster = {"cluster_id": "C-1", "n_accounts": n, "presence": None, "ties": (), "has_times": False, **able}
    unknown = {"marks": (), "n_known": 0, "n_closed": 0, "also_explained_by": None, "n_holders": None}
    return cluster | unknown | known


def pieces_of(n: int, **known: Any) -> dict[str, Piece]:
    return {piece.evidence: piece for piece in weighed(cluster_of(n, **known), Parameters())}


def size_of(n: int) -> tuple[float, float, float]:
    """How likely a size is for a pair of one operator, of customers of a router, of people on one network."""
    piece = pieces_of(n)["size"]
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


def mark(n_able: int, n_members: int, share: float = 1.0, name: str = "own_domain") -> dict[str, Any]:
    """A value that so many of the members hold, and that so large a share of its holders are."""
    return {"mark": name, "n_able": n_able, "n_members": n_members, "shown": (n_members - 1) * share}


def openly(n: int, **known: Any) -> float:
    """Bits for openly one organisation over a covert operator."""
    pieces = pieces_of(n, **known).values()
    return math.fsum(one.bits_openly_one_organisation - one.bits_same_operator for one in pieces)


def test_without_a_mark_nothing_is_openly_one_organisation() -> None:
    assert openly(20) == pytest.approx(math.log2(0.02))
    assert openly(20, marks=(mark(20, 1, 0.0),)) < openly(20)


def test_few_cards_and_no_closings_make_no_open_organisation() -> None:
    assert openly(20, n_known=20, has_times=True) == pytest.approx(math.log2(0.02))


def test_staff_under_one_own_domain_are_openly_one_organisation() -> None:
    assert openly(20, marks=(mark(20, 20),)) > 4
    assert openly(20, marks=(mark(20, 17),)) > 0


def test_a_public_mail_provider_shows_no_organisation() -> None:
    """All members are there, and so are a hundred times as many others."""
    assert openly(20, marks=(mark(20, 20, 0.01),)) < -8


def test_the_more_members_hold_the_domain_the_more_openly_they_are_one() -> None:
    bits = [openly(20, marks=(mark(20, n),)) for n in range(10, 21)]
    assert bits == sorted(bits)


def test_closings_for_abuse_speak_against_an_open_organisation_and_one_mistake_hardly() -> None:
    at_once = (mark(30, 30),)
    none, one, many = (openly(30, marks=at_once, n_known=30, n_closed=n) for n in (0, 1, 6))
    assert min(none, one) > 2
    assert many < 0
    closed = pieces_of(30, n_known=30, n_closed=6)["closed_for_abuse"]
    assert closed.bits_same_operator == closed.bits_shared_network == closed.bits_shared_intermediary


def test_a_billing_parent_may_be_a_resellers() -> None:
    piece = pieces_of(20, marks=(mark(20, 20, name="one_billing_parent"),))["one_billing_parent"]
    assert piece.bits_openly_one_organisation > piece.bits_shared_intermediary > piece.bits_same_operator + 2


def test_one_member_with_a_domain_shows_nothing() -> None:
    assert "own_domain" not in pieces_of(20, marks=(mark(1, 1),))


def test_who_acts_in_step_is_not_openly_one_organisation() -> None:
    tie = {"piece": "behaviour", "n_ties": 10, "n_identifiers": 1, "bits": 8.0}
    under_one_domain = {"has_times": True, "marks": (mark(20, 20),)}
    assert openly(20, ties=(tie,), **under_one_domain) < openly(20, **under_one_domain) - 3


def p_same(n: int, **known: Any) -> float:
    """The probability of one operator that does not show it, without the doubt of all hypotheses."""
    pieces = weighed(cluster_of(n, **known), Parameters())
    sums = [math.fsum(column) for column in zip(*(piece[4:] for piece in pieces), strict=True)]
    return 2 ** sums[0] / math.fsum(2**bits for bits in sums)


CARD = {"piece": "payment", "n_ties": 19, "n_identifiers": 1, "bits": 12.0}
SURE = {"log_same": -0.01, "log_router": -9.0, "log_network": -9.0}


@pytest.mark.parametrize(("reading", "n_holders"), [("one_identifier", 20), ("place", None), ("times", None)])
def test_one_operator_and_what_explains_it_as_well_have_equal_odds(
    reading: str, n_holders: int | None
) -> None:
    known: dict[str, Any] = {"ties": (CARD | SURE,), "payment": 20}
    assert p_same(20, **known) > 0.9
    same = p_same(20, also_explained_by=reading, n_holders=n_holders, **known)
    assert 0.4 < same <= 0.5


def test_a_harmless_reading_never_makes_the_rest_less_likely() -> None:
    """Where a hypothesis is likelier than one operator already, nothing is made up for."""
    pieces = pieces_of(2, also_explained_by="place")
    assert pieces["harmless_reading"].bits_shared_network == 0.0
    assert p_same(2, also_explained_by="place") == pytest.approx(p_same(2))


def test_a_card_of_few_is_a_familys_and_of_many_a_resellers() -> None:
    few, many = (
        pieces_of(20, ties=(CARD | SURE,), payment=20, also_explained_by="one_identifier", n_holders=n)[
            "harmless_reading"
        ]
        for n in (2, 400)
    )
    assert few.bits_shared_network > many.bits_shared_network
    assert few.bits_shared_intermediary < many.bits_shared_intermediary


FOREIGN = {"piece": "place", "n_ties": 19, "n_identifiers": 5, "bits": 8.0}
PUBLIC = {"log_same": -9.0, "log_router": -3.0, "log_network": -0.4}
BEHIND = {"place": 20, "presence": 0.95}


def test_whose_the_places_are_counts_once_against_who_hides_behind_them() -> None:
    """Of twenty accounts on one card the places tell who hides, not who operates."""
    ties = ({**FOREIGN, **PUBLIC}, CARD | SURE)
    pieces = pieces_of(20, ties=ties, payment=20, **BEHIND)
    of_places = ("place", "places_shared", "time_at_shared_places", "concealment")
    same, network = (
        sum(getattr(pieces[name], f"bits_{of}") for name in of_places)
        for of in ("same_operator", "shared_network")
    )
    concealed = Parameters().hypotheses.concealed
    assert same == pytest.approx(network + math.log2(concealed / 2), abs=0.2)
    assert pieces["concealment"].bits_shared_network == pieces["concealment"].bits_shared_intermediary == 0.0


def test_nobody_hides_whom_only_places_tie() -> None:
    assert "concealment" not in pieces_of(20, ties=({**FOREIGN, **PUBLIC},), **BEHIND)
    few = CARD | SURE | {"n_ties": 1}
    ties_few, ties_all = ({**FOREIGN, **PUBLIC}, few), ({**FOREIGN, **PUBLIC}, CARD | SURE)
    by_few, by_all = (
        pieces_of(20, ties=ties, payment=20, **BEHIND)["concealment"].bits_same_operator
        for ties in (ties_few, ties_all)
    )
    assert by_few < by_all - 3


def test_an_operator_on_places_of_its_own_loses_little_by_not_hiding() -> None:
    own = {**FOREIGN, "log_same": -0.01, "log_router": -9.0, "log_network": -9.0}
    piece = pieces_of(20, ties=(own, CARD | SURE), payment=20, **BEHIND)["concealment"]
    assert piece.bits_same_operator >= math.log2(1 - Parameters().hypotheses.concealed)
    assert piece.bits_same_operator < 0
