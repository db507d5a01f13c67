"""What each hypothesis predicts of a cluster, as laws that must hold whatever the numbers are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from graphlink.assessment.hypotheses.likelihoods import Piece, weighed
from graphlink.assessment.hypotheses.openness import make_openness
from graphlink.core.parameters import Parameters
from graphlink.core.schema import ACCOUNTS, MEMBERSHIP
from graphlink.core.tables.clusters import EVIDENCE_COMMUNITIES
from graphlink.core.tables.ingest import ACCOUNT_KINDS, ACCOUNT_NUMBERS, SHARED_IDENTIFIERS, WINDOW_INCIDENCE
from graphlink.core.tables.model import EVIDENCE_KINDS
from graphlink.engine.duck import DuckEngine
from tests.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUSEHOLD, ANY_SIZE = (
    0.9,
    1 / 31,
)  # share of networks that are households; the rest has 2 to 32 accounts alike


def cluster_of(n: int, **known: Any) -> dict[str, Any]:
    """A cluster of which nothing is known but its size and what is given."""
    able = dict.fromkeys(("place", "payment", "identity", "client"), 0)
    cluster = {"cluster_id": "C-1", "n_accounts": n, "presence": None, "ties": (), "has_times": False, **able}
    return cluster | {"marks": (), "n_known": 0, "n_closed": 0} | known


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


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    """Six members of C-1: four under firm.example, one at post.example and one without mail."""
    with DuckEngine(threads=1) as opened:
        names = [f"a{i}" for i in range(1, 10)]
        load(opened, ACCOUNT_NUMBERS, "account_no account_id", list(enumerate(names, 1)))
        load(opened, MEMBERSHIP, "account_id cluster_id role", [
            (name, "C-1" if i <= 6 else None, "core" if i <= 6 else "none") for i, name in enumerate(names, 1)
        ])  # fmt: skip
        opened.make("accounts", "SELECT account_id, NULL::BOOLEAN AS is_abuse FROM account_numbers")
        load(
            opened, EVIDENCE_KINDS, "kind_no kind", [(0, "email"), (1, "email_domain"), (2, "billing_parent")]
        )
        load(opened, ACCOUNT_KINDS, "account_no kind_no", [(i, 0) for i in range(1, 6)])
        load(opened, SHARED_IDENTIFIERS, "identifier_no kind_no kind value degree", [
            (1, 1, "email_domain", "firm.example", 5), (2, 1, "email_domain", "post.example", 900),
        ])  # fmt: skip
        load(opened, EVIDENCE_COMMUNITIES, "account_no community_no", [(i, 1) for i in range(1, 7)])
        # In two windows, and one holder outside the cluster.
        held = [(1, account) for account in (1, 2, 3, 4, 7)] + [(2, 5), (2, 8)]
        load(opened, WINDOW_INCIDENCE, "identifier_no window_no account_no", [
            (identifier, window, account) for identifier, account in held for window in (1, 2)
        ])  # fmt: skip
        yield opened


NAMES = ("organisation", "billing_parent")


def marks(engine: DuckEngine) -> dict[str, tuple[object, ...]]:
    make_openness(engine, NAMES)
    rows = engine.rows("SELECT mark, n_able, n_members, shown FROM cluster_marks")
    return {str(row[0]): row[1:] for row in rows}


def test_the_own_domain_is_the_one_whose_holders_are_members(engine: DuckEngine) -> None:
    assert marks(engine) == {"own_domain": (5, 4, pytest.approx(3 * 4 / 5))}


def test_a_domain_of_an_organisation_of_several_clusters_is_its_own(engine: DuckEngine) -> None:
    """Account 7 holds the domain of C-1 too, in a community that is wholly under it."""
    load(engine, EVIDENCE_COMMUNITIES, "account_no community_no", [
        (i, 7 if i == 7 else 1) for i in range(1, 8)
    ])  # fmt: skip
    load(engine, ACCOUNT_KINDS, "account_no kind_no", [(i, 0) for i in (1, 2, 3, 4, 5, 7)])
    assert marks(engine) == {"own_domain": (5, 4, pytest.approx(3 * (4 * 4 / 5 + 1) / 5))}


def test_an_attribute_of_the_accounts_names_an_organisation(engine: DuckEngine) -> None:
    engine.make(
        "accounts",
        "SELECT account_id, NULL::BOOLEAN AS is_abuse, "
        "CASE WHEN account_no <= 5 THEN ' Firm ' WHEN account_no = 6 THEN '' END AS organisation "
        "FROM account_numbers",
    )
    assert marks(engine)["one_billing_parent"] == (5, 5, 4.0)


def test_an_open_kind_names_an_organisation(engine: DuckEngine) -> None:
    load(engine, SHARED_IDENTIFIERS, "identifier_no kind_no kind value degree", [
        (3, 2, "billing_parent", "Firm", 3)
    ])  # fmt: skip
    load(engine, WINDOW_INCIDENCE, "identifier_no account_no", [(3, 1), (3, 2), (3, 9)])
    load(engine, ACCOUNT_KINDS, "account_no kind_no", [(account, 2) for account in (1, 2, 3, 9)])
    assert marks(engine)["one_billing_parent"] == (3, 2, pytest.approx(1 * 2 / 3))


def test_closings_for_abuse_are_counted_where_they_are_known(engine: DuckEngine) -> None:
    load(engine, ACCOUNTS, "account_id is_abuse", [
        ("a1", True), ("a2", False), ("a3", None), ("a4", False), ("a5", True), ("a6", None), ("a7", True)
    ])  # fmt: skip
    make_openness(engine, NAMES)
    assert engine.rows("SELECT n_known, n_closed FROM cluster_closures") == [(4, 2)]
