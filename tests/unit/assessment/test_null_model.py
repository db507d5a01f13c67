"""What coincidence would give and how much of a list is false: from tables made by hand."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.assessment.null_model import coincidence, estimate_null, false_discovery_rates, ties
from graphlink.core.schema import CLUSTER_SCORES, CONCLUDED_LINKS
from graphlink.core.settings import Settings
from graphlink.core.tables.clusters import (
    CLUSTER_HYPOTHESES,
    CLUSTER_NAMES,
    EXPLAINED_COMMUNITIES,
)
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, BLOCKS, SHARED_IDENTIFIERS, WINDOW_INCIDENCE
from graphlink.core.tables.model import (
    BLOCK_LIMITS,
    EVIDENCE_DEPENDENCE_CAPS,
    EVIDENCE_KINDS,
    EXCLUSIVITY,
    EXCLUSIVITY_BITS,
    NUMBERED_BEHAVIOURS,
    PAIR_EVIDENCE,
    PAIR_KINDS,
    SCORED_PAIRS,
)
from graphlink.engine.duck import DuckEngine
from tests.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("ip", "payment", "name", "client", "lockstep")
FACETS = ("network", "payment", "name", "client", "behaviour")
PRIOR = Settings().model.prior_bits
Dealt = dict[int, list[list[int]]]  # kind to the holders of each of its values


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


class Made:
    """The tables that the steps before leave, with values dealt to accounts."""

    def __init__(self, n_accounts: int = 0, dealt: Dealt | None = None, bits: float = 7.0) -> None:
        self.n_accounts = n_accounts
        self.dealt = dealt or {}
        self.bits = bits
        self.caps = dict.fromkeys(range(len(KINDS)), 100)
        self.scored_pairs: list[tuple[int, int, float]] = []
        self.links: list[tuple[str, str, float, float, bool]] = []
        self.members: list[tuple[int, int]] = []  # account, community
        self.p_same_operator, self.p_openly = 0.99, 1e-9
        self.explained: tuple[int, ...] = ()  # communities that something harmless explains

    def load(self, engine: DuckEngine) -> None:
        accounts = sorted({*range(1, self.n_accounts + 1), *(account for account, _ in self.members)})
        load(engine, ACCOUNT_NUMBERS, "account_no account_id", [(a, f"a{a:04}") for a in accounts])
        load(engine, EVIDENCE_KINDS, "kind_no kind facet most_bits", [
            (k, KINDS[k], f, 1e6) for k, f in enumerate(FACETS)
        ])  # fmt: skip
        load(engine, BLOCK_LIMITS, "kind_no cap", list(self.caps.items()))
        values = [(k, held) for k in sorted(self.dealt) for held in self.dealt[k]]
        numbered = [(i, k, sorted(set(held))) for i, (k, held) in enumerate(values, 1)]
        load(engine, SHARED_IDENTIFIERS, "identifier_no kind_no degree", [
            (i, k, len(held)) for i, k, held in numbered
        ])  # fmt: skip
        load(engine, BLOCKS, "identifier_no degree", [(i, len(h)) for i, _, h in numbered if len(h) > 1])
        load(engine, EXCLUSIVITY, "identifier_no p_exclusive", [(i, 0.01) for i, _, _ in numbered])
        load(
            engine, WINDOW_INCIDENCE, "identifier_no account_no", [(i, a) for i, _, h in numbered for a in h]
        )
        tied = [(x, y, i, k) for i, k, held in numbered for x, y in combinations(held, 2)]
        shared = [(*tie, self.bits) for tie in tied if len(numbered[tie[2] - 1][2]) <= self.caps[tie[3]]]
        load(engine, EXCLUSIVITY_BITS, "l r identifier_no kind_no bits", shared)
        pairs = sorted({(tie[0], tie[1], tie[3]) for tie in shared})
        load(engine, PAIR_KINDS, "l r kind_no degree", [(*pair, 2) for pair in pairs])
        load(engine, NUMBERED_BEHAVIOURS, "l r kind_no bits", [])
        load(engine, EVIDENCE_DEPENDENCE_CAPS, "given_no kind_no bits share rarity", [])
        load(engine, SCORED_PAIRS, "l r bits", self.scored_pairs)
        self._load_clusters(engine)

    def _load_clusters(self, engine: DuckEngine) -> None:
        load(engine, EXPLAINED_COMMUNITIES, "community_no also_explained_by", [
            (c, "one_identifier") for c in self.explained
        ])  # fmt: skip
        load(engine, PAIR_EVIDENCE)
        sizes = Counter(community for _, community in self.members)
        load(engine, CLUSTER_NAMES, "community_no cluster_id", [(c, f"C-{c}") for c in sizes])
        load(engine, CLUSTER_SCORES, "cluster_id n_accounts mean_bits score facets", [
            (f"C-{c}", n, 5.0, 0.99, "payment") for c, n in sizes.items()
        ])  # fmt: skip
        p, o = self.p_same_operator, self.p_openly
        q = (1.0 - p - o) / 2
        names = (
            "cluster_id p_same_operator p_shared_intermediary p_shared_network p_openly_one_organisation "
            "hypothesis rival"
        )
        likeliest = "openly_one_organisation" if o > p else "same_operator"
        load(engine, CLUSTER_HYPOTHESES, names, [
            (f"C-{c}", p, q, q, o, likeliest, "shared_network") for c in sizes
        ])  # fmt: skip
        names = "account_id_l account_id_r bits probability is_explained n_evidence"
        load(engine, CONCLUDED_LINKS, names, [(*link, 1) for link in self.links])

    def expected(self, engine: DuckEngine, *bits: float) -> list[float]:
        """What coincidence is said to lift to so many bits, prior included."""
        self.links = [(f"x{i}", f"y{i}", b, 0.5, False) for i, b in enumerate(bits)]
        self.load(engine)
        estimate_null(engine, Settings())
        rows = engine.rows("SELECT account_id_l, expected_by_chance FROM links ORDER BY account_id_l")
        return [float(str(value)) for _, value in rows]


def stubs(rng: np.random.Generator, n_accounts: int) -> list[int]:
    """Accounts as often as they are seen: some twenty times as often as others."""
    return [a for a in range(1, n_accounts + 1) for _ in range(int(rng.choice([1, 1, 2, 6])))]


def deal(rng: np.random.Generator, seen: dict[int, list[int]]) -> Dealt:
    """Deal the sightings of each kind to its values anew, three to a value."""
    return {k: rng.permutation(of)[: len(of) // 3 * 3].reshape(-1, 3).tolist() for k, of in seen.items()}


def n_lifted(dealt: Dealt, bits: float, least: float) -> int:
    """Pairs that two kinds lift to so many bits and one alone does not."""
    kinds_of: Counter[tuple[int, int]] = Counter()
    for values in dealt.values():
        pairs = {pair for held in values for pair in combinations(sorted(set(held)), 2)}
        kinds_of.update(pairs)
    return sum(PRIOR + bits < least <= PRIOR + bits * n for n in kinds_of.values() if n >= 2)


def test_the_expected_number_is_what_dealing_again_gives(engine: DuckEngine) -> None:
    rng = np.random.default_rng(7)
    seen = {k: stubs(rng, 150) for k in (0, 1, 2)}
    seen[2] = seen[1]  # the same accounts are active with names as with cards
    actual = np.array(Made(150, deal(rng, seen)).expected(engine, -1.0, 1.0))
    drawn = [deal(rng, seen) for _ in range(200)]
    outcome = np.array([np.mean([n_lifted(dealt, 7.0, b) for dealt in drawn]) for b in (-1.0, 1.0)])
    assert outcome.min() > 10
    assert actual == pytest.approx(outcome, rel=0.12)


@pytest.mark.slow
def test_a_part_of_the_pairs_and_accounts_stands_for_all(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(8)
    made = Made(1_500, deal(rng, {k: stubs(rng, 1_500) for k in (0, 1)}))
    whole = made.expected(engine, 1.0)
    monkeypatch.setattr(ties, "_PAIRS_DRAWN", 4_000)
    monkeypatch.setattr(coincidence, "_ACCOUNTS_DRAWN", 500)
    part = made.expected(engine, 1.0)
    assert part != whole
    assert part == pytest.approx(whole, rel=0.25)


def test_one_facet_alone_is_no_coincidence(engine: DuckEngine) -> None:
    rng = np.random.default_rng(9)
    assert Made(100, deal(rng, {1: stubs(rng, 100)})).expected(engine, -11.0, 0.0) == [0.0, 0.0]


def test_what_one_facet_lifts_is_no_coincidence(engine: DuckEngine) -> None:
    rng = np.random.default_rng(9)
    made = Made(100, deal(rng, {k: stubs(rng, 100) for k in (0, 1)}), bits=20.0)
    # Twenty bits and a prior of minus twelve are eight.
    below, above = made.expected(engine, 8.0, 9.0)
    assert below == above > 0
    assert made.expected(engine, 29.0) == [0.0]


def test_ties_of_one_operator_are_none_of_strangers(engine: DuckEngine) -> None:
    rng = np.random.default_rng(10)
    dealt = deal(rng, {k: stubs(rng, 100) for k in (0, 1)})
    made = Made(100, dealt)
    (among_all,) = made.expected(engine, 1.0)
    made.scored_pairs = [(x, y, 30.0) for x, y in combinations(range(1, 101), 2)]
    (among_strangers,) = made.expected(engine, 1.0)
    assert among_all > 1
    assert among_strangers < 1e-6


def test_all_pairs_of_a_common_value_count(engine: DuckEngine) -> None:
    rng = np.random.default_rng(11)
    cards = deal(rng, {1: stubs(rng, 200)})
    made = Made(200, {0: [list(range(1, 41))], **cards}, bits=12.0)
    (paired,) = made.expected(engine, 3.0)
    made.caps[0] = 10  # then its pairs aren't among what is shared
    (capped,) = made.expected(engine, 3.0)
    # It says less of two of its holders now: log2 of 1/99, which is 5.4 bits more than the prior.
    assert paired > 1
    assert capped == pytest.approx(paired * 0.99, rel=0.05)


@pytest.mark.parametrize(("p_same_operator", "rate"), [(0.99, 0.01), (0.6, 0.4), (0.02, 0.98)])
def test_a_cluster_is_as_doubtful_as_its_hypotheses_state(
    engine: DuckEngine, p_same_operator: float, rate: float
) -> None:
    made = Made()
    made.members = [(account, 1) for account in range(1, 7)]
    made.p_same_operator = p_same_operator
    made.load(engine)
    estimate_null(engine, Settings())
    assert engine.rows("SELECT also_explained_by, fdr FROM clusters") == [(None, pytest.approx(rate))]


def test_a_cluster_with_a_harmless_reading_is_false_for_the_rate(engine: DuckEngine) -> None:
    made = Made()
    made.members = [(1, 1), (2, 1), (3, 3), (4, 3)]
    made.explained = (1,)
    made.load(engine)
    estimate_null(engine, Settings())
    assert engine.rows("SELECT cluster_id, also_explained_by, fdr FROM clusters ORDER BY cluster_id") == [
        ("C-1", "one_identifier", pytest.approx((0.01 + 1) / 2)),
        ("C-3", None, pytest.approx(0.01)),
    ]


def test_an_openly_one_organisation_cluster_is_no_false_discovery(engine: DuckEngine) -> None:
    """It is one organisation, also where all its accounts share one card."""
    made = Made()
    made.members = [(account, 1) for account in range(1, 7)]
    made.explained = (1,)
    made.p_same_operator, made.p_openly = 0.02, 0.97
    made.load(engine)
    estimate_null(engine, Settings())
    assert engine.rows("SELECT also_explained_by, fdr FROM clusters") == [(None, pytest.approx(0.01))]


def test_links_that_something_harmless_explains_end_the_list(engine: DuckEngine) -> None:
    made = Made(6)
    made.links = [
        *(("a0001", "a0002", 9.0, 0.499, True), ("a0003", "a0004", 5.0, 0.97, False)),
        ("a0005", "a0006", 1.0, 0.7, False),
    ]
    made.load(engine)
    estimate_null(engine, Settings())
    rates = {str(account): rate for account, rate in engine.rows("SELECT account_id_l, fdr FROM links")}
    assert rates == {
        "a0003": pytest.approx(0.03),
        "a0005": pytest.approx((0.03 + 0.3) / 2),
        "a0001": pytest.approx((0.03 + 0.3 + 1) / 3),
    }


def test_larger_and_stronger_clusters_are_rarer_by_chance(engine: DuckEngine) -> None:
    rng = np.random.default_rng(12)
    made = Made(400, deal(rng, {k: stubs(rng, 400) for k in (0, 1)}))
    made.members = [(account, 1 if account <= 2 else 3 if account <= 5 else 6) for account in range(1, 16)]
    made.load(engine)
    estimate_null(engine, Settings())
    # No coincidence reaches five bits here: seven and seven, less twelve, are two.
    assert engine.rows("SELECT DISTINCT expected_by_chance FROM clusters") == [(0.0,)]
    made.load(engine)
    engine.make("cluster_scores", "SELECT * REPLACE (1.0::DOUBLE AS mean_bits) FROM cluster_scores")
    estimate_null(engine, Settings())
    weaker = {
        int(str(size)): float(str(n))
        for size, n in engine.rows("SELECT n_accounts, expected_by_chance FROM clusters")
    }
    assert weaker[2] > weaker[3] > weaker[10] > 0


def test_an_empty_run_has_no_chance(engine: DuckEngine) -> None:
    Made().load(engine)
    facts = estimate_null(engine, Settings())
    assert facts["links_by_chance"] == 0
    assert facts["clusters_at_5_percent"] == 0


def test_rates_by_hand() -> None:
    rates = false_discovery_rates(np.array([0.2, 0.0, 1.0, 0.2]))
    assert rates.tolist() == pytest.approx([0.4 / 3, 0.0, 0.35, 0.4 / 3])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_rates_rise_with_the_doubt_and_never_exceed_it(doubts: list[float]) -> None:
    doubt = np.array(doubts)
    rates = false_discovery_rates(doubt)
    assert (np.diff(rates[np.argsort(doubt, kind="stable")]) >= 0).all()
    assert (rates <= doubt + 1e-6).all()
    assert rates.max() == pytest.approx(doubt.mean(), abs=1e-6)
