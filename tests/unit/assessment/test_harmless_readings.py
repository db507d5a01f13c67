"""What something harmless explains as well as one operator: from ties made by hand."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from graphlink.assessment.harmless_readings import find_harmless_readings
from graphlink.core.settings import Settings
from graphlink.core.tables.clusters import COMMUNITIES, CONSTRAINED_ACCOUNTS, EVIDENCE_COMMUNITIES
from graphlink.core.tables.ingest import ACCOUNT_KINDS, SHARED_IDENTIFIERS, WINDOW_INCIDENCE
from graphlink.core.tables.model import EVIDENCE_KINDS, MARKED_ACCOUNTS, PAIR_EVIDENCE, SCORED_PAIRS
from graphlink.engine.duck import DuckEngine
from tests.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


class Made:
    """One community of the accounts 1 to n, each linked with each, and what ties them."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.by_labels: list[int] | None = None  # its accounts where labels moved some
        self.evidence: list[tuple[int, int, int | None, str, float]] = []
        self.under_domain = 0  # the first so many accounts are under a mail domain of nobody else
        self.counted_once = ""  # a facet that adds nothing to the others
        self.n_paying = n  # the first so many accounts have a card
        self.at_place: list[tuple[int, int]] = []  # identifiers of places, and accounts there
        self.kinds = {
            "network": "ip",
            "payment": "payment",
            "identity": "email",
            "name": "name",
            "client": "client",
            "behaviour": "lockstep",
            "mail_domain": "email_domain",
        }

    def load(self, engine: DuckEngine) -> None:
        accounts = range(1, self.n + 1)
        numbers = {facet: number for number, facet in enumerate(self.kinds)}
        paying = numbers["payment"]
        load(engine, EVIDENCE_KINDS, "kind_no kind facet", [
            (number, self.kinds[facet], facet) for facet, number in numbers.items()
        ])  # fmt: skip
        load(engine, EVIDENCE_COMMUNITIES, "account_no community_no", [(a, 1) for a in accounts])
        load(engine, COMMUNITIES, "account_no community_no", [
            (a, 1) for a in (accounts if self.by_labels is None else self.by_labels)
        ])  # fmt: skip
        moved = [] if self.by_labels is None else [(self.n, "cannot_link")]
        load(engine, CONSTRAINED_ACCOUNTS, "account_no constrained_by", moved)
        load(engine, SCORED_PAIRS, "l r bits", [(*pair, 9.0) for pair in combinations(accounts, 2)])
        load(engine, PAIR_EVIDENCE, "l r identifier_no facet bits contribution_bits kind_no", [
            (*piece, 0.0 if piece[3] == self.counted_once else piece[4], numbers[piece[3]])
            for piece in self.evidence
        ])  # fmt: skip
        values = sorted({piece[2] for piece in self.evidence if piece[2] is not None})
        places = sorted({place for place, _ in self.at_place} - {*values})
        load(engine, SHARED_IDENTIFIERS, "identifier_no kind_no kind value degree", [
            *((value, paying, "payment", f"v{value}", 40) for value in values),
            *((place, numbers["network"], "ip", f"v{place}", 40) for place in places),
        ])  # fmt: skip
        load(engine, ACCOUNT_KINDS, "account_no kind_no", [(a, paying) for a in range(1, self.n_paying + 1)])
        holders = {
            (value, account)
            for *pair, value, facet, _ in self.evidence
            if facet == "payment"
            for account in pair
        }
        load(engine, WINDOW_INCIDENCE, "identifier_no account_no", [*self.at_place, *sorted(holders)])
        load(engine, MARKED_ACCOUNTS, "mark account_no value degree", [
            ("own_domain", a, "firm.example", self.under_domain) for a in range(1, self.under_domain + 1)
        ])  # fmt: skip

    def reading(self, engine: DuckEngine) -> object:
        """What also explains it."""
        self.load(engine)
        find_harmless_readings(engine, Settings())
        rows = engine.rows("SELECT also_explained_by FROM explained_communities")
        return rows[0][0] if rows else None

    def explained_pairs(self, engine: DuckEngine) -> set[tuple[object, ...]]:
        """Its links that are explained as well."""
        self.load(engine)
        find_harmless_readings(engine, Settings())
        return set(engine.rows("SELECT l, r FROM explained_pairs"))


def explained(engine: DuckEngine, n: int, *ties: tuple[int, int, int | None, str]) -> object:
    """What also explains a community of n accounts with these ties: l, r, value and facet."""
    made = Made(n)
    made.evidence = [(*tie, 15.0) for tie in ties]
    return made.reading(engine)


def around(n: int, value: int | None, facet: str) -> list[tuple[int, int, int | None, str]]:
    """A value or a behaviour that ties each of the accounts 1 to n to each."""
    return [(x, y, value, facet) for x, y in combinations(range(1, n + 1), 2)]


def test_places_and_clients_alone_may_be_an_office(engine: DuckEngine) -> None:
    assert explained(engine, 6, *around(6, 1, "network"), *around(6, 2, "client")) == "place"


def test_one_card_may_be_a_payer_for_many(engine: DuckEngine) -> None:
    assert explained(engine, 8, *around(8, 1, "network"), *around(8, 2, "payment")) == "one_identifier"


def test_a_few_friends_among_a_payers_people_change_nothing(engine: DuckEngine) -> None:
    ties = [*around(8, 2, "payment"), (1, 2, 3, "payment"), (3, 4, None, "behaviour")]
    assert explained(engine, 8, *ties) == "one_identifier"


def test_most_members_tied_by_more_are_not_explained(engine: DuckEngine) -> None:
    assert explained(engine, 8, *around(8, 2, "payment"), *around(5, 3, "payment")) is None


def test_a_household_has_several_cards(engine: DuckEngine) -> None:
    cards = [*around(4, 1, "payment"), *around(3, 2, "payment")]
    assert explained(engine, 4, *cards) == "one_identifier"
    assert explained(engine, 4, *cards, *around(3, 3, "identity")) is None


def test_what_comes_with_a_card_is_no_ground_in_a_household(engine: DuckEngine) -> None:
    """Who pays with one card has its billing address; two who share the address alone share something."""
    both = [*around(2, 1, "payment"), *around(2, 2, "name")]
    assert explained(engine, 2, *both) == "one_identifier"
    assert explained(engine, 3, *both, (2, 3, 3, "identity"), (1, 3, 2, "name")) is None
    assert explained(engine, 7, *around(7, 1, "payment"), *around(7, 2, "name")) is None


def chained(n: int, each: int, *, shared: int = 1) -> list[tuple[int, int, int | None, str]]:
    """Cards of so many accounts, by which n accounts pay; the last ones of each are the first of the next."""
    starts = range(1, n - each + 2, each - shared)
    return [
        (x, y, 1_000 + start, "payment")
        for start in starts
        for x, y in combinations(range(start, start + each), 2)
    ]


@pytest.mark.parametrize(
    ("cards", "n_paying", "n_places", "reading"),
    [
        (chained(41, 3), 45, 10, None),
        ([*chained(37, 3), *chained(80, 3)[40:]], 85, 10, None),  # in two parts
        (chained(41, 3, shared=0), 45, 10, "one_identifier"),  # as families' and friends' cards
        (chained(31, 3), 45, 10, "one_identifier"),  # as an organisation's among others
        (chained(41, 3), 90, 10, "one_identifier"),  # whose neighbours have cards of their own
        (chained(41, 3), 45, 1, "one_identifier"),  # an organisation in a house of many
        (chained(41, 41), 45, 10, "one_identifier"),  # a payer's
        ([*chained(41, 41), *chained(45, 3)[-6:]], 45, 10, "one_identifier"),  # a payer's, and friends'
        # Two firms, each with a card for its staff.
        (
            [*chained(35, 35), *[(x + 40, y + 40, 2, facet) for x, y, _, facet in chained(35, 35)]],
            75,
            10,
            "one_identifier",
        ),
    ],
)
def test_nothing_harmless_explains_long_chains_of_cards_over_many_places(
    engine: DuckEngine,
    cards: list[tuple[int, int, int | None, str]],
    n_paying: int,
    n_places: int,
    reading: str | None,
) -> None:
    """Two hundred accounts, one in four or five of whom pays."""
    made = Made(200)
    made.n_paying = n_paying
    made.at_place = [(5_000 + account % n_places, account) for account in range(1, 201)]
    made.evidence = [(*tie, 15.0) for tie in (*around(200, 1, "network"), *cards)]
    assert made.reading(engine) == reading
    assert bool(made.explained_pairs(engine)) == (reading is not None)


@pytest.mark.parametrize(("n_paying", "reading"), [(45, None), (90, "times")])
def test_no_public_event_brings_long_chains_of_cards_together(
    engine: DuckEngine, n_paying: int, reading: str | None
) -> None:
    """Customers of one router who call at the same times; strangers among them would pay by themselves."""
    made = Made(200)
    made.n_paying = n_paying
    made.at_place = [(5_000, account) for account in range(1, 201)]
    made.evidence = [(*tie, 15.0) for tie in (*around(200, None, "behaviour"), *chained(41, 3))]
    assert made.reading(engine) == reading


def test_a_chain_counts_though_a_mail_domain_implies_its_cards(engine: DuckEngine) -> None:
    made = Made(200)
    made.at_place = [(5_000 + account % 10, account) for account in range(1, 201)]
    made.counted_once = "payment"
    made.evidence = [(*tie, 15.0) for tie in (*around(200, 1, "mail_domain"), *chained(199, 3))]
    assert made.reading(engine) is None


def test_cards_that_may_be_coincidences_make_no_chain(engine: DuckEngine) -> None:
    made = Made(200)
    made.n_paying = 45
    made.evidence = [(*tie, 15.0) for tie in around(200, 1, "network")]
    made.at_place = [(5_000 + account % 10, account) for account in range(1, 201)]
    made.evidence += [(*tie, 11.0) for tie in chained(41, 3)]
    assert made.reading(engine) == "one_identifier"


def test_lockstep_is_no_place(engine: DuckEngine) -> None:
    assert explained(engine, 4, *around(4, 1, "network"), *around(3, None, "behaviour")) is None


def test_times_alone_may_be_one_public_event(engine: DuckEngine) -> None:
    """Unless more than half of the members are tied by anything else, be it a place."""
    together = around(8, None, "behaviour")
    assert explained(engine, 8, *together) == "times"
    assert explained(engine, 8, *together, *around(4, 1, "network")) == "times"
    assert explained(engine, 8, *together, *around(5, 1, "network")) is None
    assert explained(engine, 8, *together, *around(5, 1, "payment")) is None


def test_who_takes_turns_waits_for_no_event(engine: DuckEngine) -> None:
    made = Made(8)
    made.evidence = [(*tie, 15.0) for tie in around(8, None, "behaviour")]
    made.kinds["behaviour"] = "load_balancing"
    assert made.reading(engine) is None


@pytest.mark.parametrize(("bits", "reading"), [(7.0, "one_identifier"), (10.0, None)])
def test_what_coincides_among_many_is_no_ground(engine: DuckEngine, bits: float, reading: str | None) -> None:
    """Each of a hundred people of a workshop shares a browser with somebody there; six bits come of it."""
    made = Made(100)
    voucher = [(account, account + 1, 1, "payment", 15.0) for account in range(1, 100)]
    made.evidence = [*voucher, *((x, x + 1, 100 + x, "name", bits) for x in range(1, 100, 2))]
    assert made.reading(engine) == reading


def test_what_counts_nothing_next_to_the_card_is_no_ground(engine: DuckEngine) -> None:
    made = Made(6)
    made.evidence = [(*tie, 15.0) for tie in (*around(6, 1, "payment"), *around(6, 2, "name"))]
    made.counted_once = "name"
    assert made.reading(engine) == "one_identifier"


def voucher(n: int) -> Made:
    """A community of which one card ties each with each."""
    made = Made(n)
    made.evidence = [(*tie, 15.0) for tie in around(n, 2, "payment")]
    return made


def test_a_payer_has_as_many_holders_as_the_identifier(engine: DuckEngine) -> None:
    voucher(8).reading(engine)
    assert engine.rows("SELECT n_holders FROM explained_communities") == [(40,)]


def test_who_shares_more_than_the_payer_is_not_explained(engine: DuckEngine) -> None:
    """Two friends have a key of their own; for the others the voucher explains all there is."""
    made = voucher(8)
    made.evidence.append((3, 4, 5, "identity", 15.0))
    explained = made.explained_pairs(engine)
    assert explained == set(combinations(range(1, 9), 2)) - {(3, 4)}


def test_of_those_who_wait_for_one_event_acting_together_is_explained(engine: DuckEngine) -> None:
    made = Made(8)
    made.evidence = [(*tie, 15.0) for tie in around(8, None, "behaviour")]
    made.evidence.append((1, 2, 5, "payment", 15.0))
    explained = made.explained_pairs(engine)
    assert explained == set(combinations(range(1, 9), 2)) - {(1, 2)}, "an event explains no card"
    made.evidence.append((7, 8, 7, "identity", 14.0))
    assert explained - made.explained_pairs(engine) == {(7, 8)}


def test_links_of_what_is_openly_one_organisation_are_not_explained(engine: DuckEngine) -> None:
    made = voucher(8)
    made.under_domain = 7
    assert made.explained_pairs(engine) == set()
    assert made.reading(engine) == "one_identifier", "of the cluster its hypotheses decide"
    made.under_domain = 3
    assert len(made.explained_pairs(engine)) == 28


def test_labels_move_the_reading_of_a_cluster_and_no_link(engine: DuckEngine) -> None:
    """Five of ten have a second ground: with all ten a payer explains the rest, without the others not."""
    made = voucher(10)
    made.evidence += [(*tie, 15.0) for tie in around(5, 9, "identity")]
    without = made.explained_pairs(engine)
    assert made.reading(engine) == "one_identifier"
    made.by_labels = list(range(1, 10))
    assert made.reading(engine) is None
    assert made.explained_pairs(engine) == without != set()


def of_one_taste(n: int = 9) -> Made:
    """Accounts each of which has a number in common with two others, and a place with all."""
    made = Made(n)
    made.evidence = [(*tie, 15.0) for tie in around(n, 1, "network")]
    made.evidence += [
        (x, y, 10 + x // 3, "identity", 15.0)
        for x, y in combinations(range(1, n + 1), 2)
        if (x - 1) // 3 == (y - 1) // 3
    ]
    return made


def test_numbers_for_rent_tie_nobody_where_each_pays_by_a_card_of_its_own(engine: DuckEngine) -> None:
    made = of_one_taste()
    assert made.reading(engine) == "taste"
    assert made.explained_pairs(engine) == {*combinations(range(1, 10), 2)}


def test_few_who_pay_show_no_taste(engine: DuckEngine) -> None:
    made = of_one_taste()
    made.n_paying = 6
    assert made.reading(engine) is None
    assert made.explained_pairs(engine) == set()


@pytest.mark.parametrize(("n", "reading"), [(9, None), (21, "taste")])
def test_a_couple_with_one_card_changes_a_taste_among_few_only(
    engine: DuckEngine, n: int, reading: str | None
) -> None:
    made = of_one_taste(n)
    made.evidence.append((1, 2, 50, "payment", 15.0))
    assert made.reading(engine) == reading


def test_who_takes_turns_is_of_no_taste(engine: DuckEngine) -> None:
    made = of_one_taste()
    made.kinds["behaviour"] = "load_balancing"
    made.evidence += [(x, x + 1, None, "behaviour", 15.0) for x in range(1, 6)]
    assert made.reading(engine) is None


def test_a_small_mail_provider_makes_no_organisation_of_those_of_one_taste(engine: DuckEngine) -> None:
    made = of_one_taste()
    made.under_domain = 9
    assert made.explained_pairs(engine) == {*combinations(range(1, 10), 2)}
