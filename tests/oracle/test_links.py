"""Evidence and links against a slow twin in plain Python, from tables made by hand and by chance."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest

from graphlink.core.schema import CONCLUDED_LINKS, EVIDENCE, IDENTIFIERS
from graphlink.core.settings import ModelSettings, Settings
from graphlink.core.tables.clusters import (
    CLUSTER_PATHS,
    EVIDENCE_COMMUNITIES,
    EVIDENCE_SUPPORT,
    EXPLAINED_BY_EVIDENCE,
    EXPLAINED_PAIRS,
)
from graphlink.core.tables.ingest import (
    ACCOUNT_KINDS,
    ACCOUNT_NUMBERS,
    BLOCKS,
    SHARED_IDENTIFIERS,
    WINDOW_INCIDENCE,
)
from graphlink.core.tables.ingest import KINDS as KIND_TABLE
from graphlink.core.tables.model import BEHAVIOURS as BEHAVIOUR_TABLE
from graphlink.core.tables.model import (
    BLOCK_LIMITS,
    CONDITIONAL_DISAGREEMENT,
    COPRESENCE_PAIRS,
    DEPENDENCE_CAPS,
    EXCLUSIVITY,
    EXCLUSIVITY_BITS,
    MANY_KINDS,
    OVERRIDDEN,
    PAIR_KINDS,
)
from graphlink.core.tables.model import DISAGREEMENT_WEIGHTS as CONTRARY_TABLE
from graphlink.engine.duck import DuckEngine
from graphlink.model.evidence import weigh_evidence
from graphlink.model.links import add_link_posteriors, weigh_links
from tests.tables import load, make

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = (("ip", "network"), ("payment", "payment"), ("name", "name"), ("town", "town"), ("tongue", "tongue"))
BEHAVIOURS = ("lockstep", "succession")
DISAGREEMENT_WEIGHTS = {
    2: (2, -2.5),
    3: (3, -0.75),
    4: (3, -1.5),
}  # kind to group and bits: town and tongue speak once
GIVEN = {(0, 2): -4.0, (1, 2): -0.5, (1, 3): -3.0, (2, 4): -2.0}  # kind shared and kind differing to bits
SAME_FACET = 0.25  # what a second behaviour counts
SETTINGS = Settings(model=ModelSettings(prior_bits=-8.0, min_probability=0.2))
LEAST = math.log2(0.2 / 0.8)
SUPPORT = 0.8  # of each account to its community
EXPLAINED = 6  # a community that something harmless explains

Pair = tuple[int, int]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


class Made:
    """Tables as the steps before leave them: who holds what, and random bits for what pairs share."""

    def __init__(self, seed: int, n_accounts: int = 14) -> None:
        rng = np.random.default_rng(seed)
        self.n_accounts = n_accounts
        self.values = [(i, kind_no) for i, kind_no in enumerate(sorted(rng.integers(0, len(KINDS), 24)), 1)]
        held: dict[int, set[int]] = {account: set() for account in range(1, n_accounts + 1)}
        for account in held:
            for kind_no in range(len(KINDS)):
                of_kind = [i for i, k in self.values if k == kind_no]
                n = 1 if kind_no in DISAGREEMENT_WEIGHTS else int(rng.integers(0, 4))
                if of_kind and rng.random() < 0.8:
                    held[account] |= {int(i) for i in rng.choice(of_kind, n)}
        self.held = held
        # Some have one value that nobody shares: a kind without a number of its own.
        self.has_kind = {
            (account, kind_no)
            for account in held
            for kind_no in range(len(KINDS))
            if rng.random() < 0.3 or any(k == kind_no for i, k in self.values if i in held[account])
        }
        kind_of = dict(self.values)
        self.bits = {
            (x, y, i): (kind_of[i], max(0.0, rng.normal(4, 3)))
            for x, y in combinations(held, 2)
            for i in sorted(held[x] & held[y])
        }
        self.degree = {(x, y, k): int(rng.integers(2, 40)) for (x, y, _), (k, _) in self.bits.items()}
        pairs = list(combinations(held, 2))
        self.behaviours = {
            (*pairs[j], name): max(0.5, rng.normal(6, 2))
            for j in rng.choice(len(pairs), 30)
            for name in BEHAVIOURS
            if rng.random() < 0.7
        }
        self.ceilings = {
            (x, y): (max(0.0, rng.normal(2, 3)), float(rng.choice([1.0, 0.25])), 2.0)
            for x in range(len(KINDS))
            for y in range(len(KINDS))
        }

    def load(self, engine: DuckEngine) -> None:
        n = len(KINDS)
        columns = "kind_no kind facet is_declared p_exclusive most_bits degree_exponent window_s"
        load(engine, KIND_TABLE, columns, [
            (k, kind, facet, True, 0.1, 1e6, 1.0, None) for k, (kind, facet) in enumerate(KINDS)
        ])  # fmt: skip
        numbers = range(1, self.n_accounts + 1)
        load(engine, ACCOUNT_NUMBERS, "account_no account_id", [(a, f"a{a:02}") for a in numbers])
        load(engine, ACCOUNT_KINDS, "account_no kind_no is_single", [(*key, True) for key in self.has_kind])
        described = "identifier_no kind_no kind value degree first_s last_s label label_type"
        load(engine, SHARED_IDENTIFIERS, described, [
            (i, k, KINDS[k][0], f"v{i}", 2 + i, 1, 2, None, None) for i, k in self.values
        ])  # fmt: skip
        load(engine, WINDOW_INCIDENCE, "identifier_no window_no account_no first_s last_s n", [
            (i, 0, a, 1, 2, 1) for a, held in self.held.items() for i in sorted(held)
        ])  # fmt: skip
        load(engine, EXCLUSIVITY_BITS, "l r identifier_no kind_no bits", [
            (*key, kind_no, bits) for key, (kind_no, bits) in self.bits.items()
        ])  # fmt: skip
        load(engine, COPRESENCE_PAIRS, "l r identifier_no kind_no n_windows degree lag_s first_s last_s "
             "is_blocking_value", [
            (*key, kind_no, 3, 5, 60, 100, 200, True) for key, (kind_no, _) in self.bits.items()
        ])  # fmt: skip
        load(engine, PAIR_KINDS, "l r kind_no degree", [(*key, d) for key, d in self.degree.items()])
        make(engine, MANY_KINDS, "SELECT l, r FROM pair_kinds GROUP BY l, r HAVING count(*) > 1")
        load(engine, BEHAVIOUR_TABLE, "l r behaviour bits n_events first_s last_s", [
            (*key, bits, 7, 300, 400) for key, bits in self.behaviours.items()
        ])  # fmt: skip
        load(engine, DEPENDENCE_CAPS, "given_no kind_no bits share rarity", [
            (x, y, *actual) for (x, y), actual in self.ceilings.items()
        ])  # fmt: skip
        load(
            engine,
            CONTRARY_TABLE,
            "kind_no group_no bits",
            [(k, *actual) for k, actual in DISAGREEMENT_WEIGHTS.items()],
        )
        load(
            engine,
            CONDITIONAL_DISAGREEMENT,
            "given_no kind_no bits",
            [(*key, bits) for key, bits in GIVEN.items()],
        )
        load(engine, BLOCKS, "identifier_no window_no degree", [(i, 0, 2) for i, _ in self.values])
        load(
            engine,
            BLOCK_LIMITS,
            "kind_no cap n_blocks_capped n_pairs_capped",
            [(k, 128, 0, 0) for k in range(n)],
        )
        load(engine, OVERRIDDEN, "identifier_no p_exclusive label", [])
        load(engine, EXCLUSIVITY, "identifier_no p_exclusive", [(i, 0.5) for i, _ in self.values])


def alone(made: Made) -> dict[Pair, dict[str, tuple[float, int]]]:
    """Per pair and kind or behaviour: bits of the strongest value, and the degree."""
    actual: dict[Pair, dict[str, tuple[float, int]]] = defaultdict(dict)
    for (x, y, _), (k, bits) in made.bits.items():
        before = actual[x, y].get(KINDS[k][0], (-1.0, 0))
        actual[x, y][KINDS[k][0]] = max(before, (bits, made.degree[x, y, k]))
    for (x, y, name), bits in made.behaviours.items():
        actual[x, y][name] = (bits, 2)
    return actual


def weighed(made: Made) -> dict[Pair, dict[tuple[str, bool], tuple[float, float]]]:
    """Per promising pair and kind (and whether it speaks against): bits alone, and what counts."""
    order = [kind for kind, _ in KINDS] + sorted({name for _, _, name in made.behaviours})
    logs: dict[str, list[float]] = defaultdict(list)
    for (_, _, k), degree in made.degree.items():
        logs[KINDS[k][0]].append(math.log2(degree - 1))
    values = {}
    for pair, actual in alone(made).items():
        ranked = sorted(actual, key=lambda kind: (-actual[kind][0], order.index(kind)))
        counted: dict[str, float] = {}
        for leader in ranked:
            led = led_by(made, leader, {kind: actual[kind] for kind in ranked}, logs)
            if not counted or sum(led.values()) > sum(counted.values()) + 1e-9:
                counted = led
        if sum(counted.values()) >= LEAST - SETTINGS.model.prior_bits:
            values[pair] = {(kind, False): (actual[kind][0], counted[kind]) for kind in ranked}
            values[pair] |= {(kind, True): (bits, bits) for kind, bits in against(made, pair).items()}
    return values


def led_by(
    made: Made, leader: str, actual: dict[str, tuple[float, int]], logs: dict[str, list[float]]
) -> dict[str, float]:
    """One kind in full, and each other up to the least that it adds to those before it, over all orders."""
    counted = {leader: actual[leader][0]}
    others = [kind for kind in actual if kind != leader]
    for kind in others:
        rest = [other for other in others if other != kind]
        most, n = {given: adds(made, given, kind, actual[kind], logs) for given in actual}, len(rest)
        counted[kind] = sum(
            # So often these few, and no others, come before the kind in an order drawn at random.
            math.factorial(size) * math.factorial(n - size) / math.factorial(n + 1)
            * min(actual[kind][0], most[leader], *(most[given] for given in before))
            for size in range(n + 1)
            for before in combinations(rest, size)
        )  # fmt: skip
    return counted


def adds(made: Made, given: str, kind: str, stated: tuple[float, int], logs: dict[str, list[float]]) -> float:
    """Bits that a kind adds to another: so many and a share of its own at most; rarer values add more."""
    names, (bits, degree) = [name for name, _ in KINDS], stated
    if given in BEHAVIOURS and kind in BEHAVIOURS:
        return bits * SAME_FACET
    if given not in names or kind not in names:
        return bits
    most, part, rarity = made.ceilings[names.index(given), names.index(kind)]
    usual = round(sum(logs[kind]) / len(logs[kind]), 4)
    rarer = min(rarity, usual - math.log2(degree - 1))
    return min(bits * part, max(0.0, most + rarer) if most > 0 else 0.0)


def against(made: Made, pair: Pair) -> dict[str, float]:
    """Of each group of kinds the one that speaks most against a pair whose single values differ.

    Of what differing says alone, and given each kind that the two share, the most.
    """
    shared = {k for (x, y, _), (k, _) in made.bits.items() if (x, y) == pair}
    kind_of = dict(made.values)
    worst: dict[int, tuple[float, int]] = {}
    for k, (group, bits) in DISAGREEMENT_WEIGHTS.items():
        if not all((account, k) in made.has_kind for account in pair):
            continue
        x, y = ({i for i in made.held[account] if kind_of[i] == k} for account in pair)
        if not x & y:
            most = min([bits, *(GIVEN.get((known, k), 0.0) for known in shared)])
            worst[group] = min(worst.get(group, (0.0, 99)), (most, k))
    return {KINDS[k][0]: bits for bits, k in worst.values()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_evidence_and_links_are_what_loops_over_pairs_find(engine: DuckEngine, seed: int) -> None:
    made = Made(seed)
    made.load(engine)
    weigh_evidence(engine, SETTINGS)
    expected = weighed(made)
    assert len(expected) > 10
    rows = {
        ((int(str(x)), int(str(y))), (str(kind), float(str(bits)) < 0)): (bits, counted)
        for x, y, kind, bits, counted in engine.rows(
            "SELECT l, r, kind, bits, contribution_bits FROM kind_bits JOIN evidence_kinds USING (kind_no)"
        )
    }
    assert rows == {
        (pair, key): pytest.approx(actual, abs=1e-6)
        for pair, kinds in expected.items()
        for key, actual in kinds.items()
    }
    assert any(is_against for _, (_, is_against) in rows)

    weigh_links(engine, SETTINGS)
    # Of one pair in three, by what else ties both to their cluster.
    third = "SELECT l, r, 0.5 AS probability FROM scored_pairs WHERE (l + r) % 3 = 0"
    make(engine, CLUSTER_PATHS, third)
    make(engine, EXPLAINED_PAIRS, "SELECT l, r FROM scored_pairs WHERE (l + r) % 5 = 0")
    load(engine, EVIDENCE_COMMUNITIES, "account_no community_no", [
        (account, community) for account in range(1, made.n_accounts + 1)
        if (community := community_of(account))
    ])  # fmt: skip
    support = [(account, SUPPORT) for account in range(1, made.n_accounts + 1) if community_of(account)]
    load(engine, EVIDENCE_SUPPORT, "account_no probability", support)
    load(engine, EXPLAINED_BY_EVIDENCE, "community_no also_explained_by", [(EXPLAINED, "place")])
    add_link_posteriors(engine, SETTINGS)
    total = {
        pair: SETTINGS.model.prior_bits + sum(counted for _, counted in kinds.values())
        for pair, kinds in expected.items()
    }
    links = {
        (int(str(x)[1:]), int(str(y)[1:])): (bits, p_direct, probability)
        for x, y, bits, p_direct, probability in engine.rows(
            "SELECT account_id_l, account_id_r, bits, p_direct, probability FROM concluded_links"
        )
    }
    assert links == {
        pair: pytest.approx((bits, 1 / (1 + 2**-bits), concluded(pair, bits)), abs=1e-5)
        for pair, bits in total.items()
        if bits >= LEAST
    }
    assert len(links) < len(total)
    check_parts(engine, made, expected)


def community_of(account: int) -> int:
    """Of the first nine accounts the community; 0 for those in none."""
    return 1 if account < EXPLAINED else EXPLAINED if account < 10 else 0


def concluded(pair: Pair, bits: float) -> float:
    """The probability of a link, by its bits and what is known of its accounts."""
    one = 1 - (0.5 if sum(pair) % 3 == 0 else 1) / (1 + 2**bits)
    mine, other = (community_of(account) for account in pair)
    if mine and other and mine != other:  # one of the two is the one that is explained
        one *= 1 - SUPPORT * SUPPORT / (1 + SUPPORT)
    return one / (1 + one) if sum(pair) % 5 == 0 else one


def check_parts(
    engine: DuckEngine, made: Made, expected: dict[Pair, dict[tuple[str, bool], tuple[float, float]]]
) -> None:
    """What a kind counts is told by its identifiers, each further one getting half of the one before."""
    for spec in (EVIDENCE, CONCLUDED_LINKS, IDENTIFIERS):
        spec.check_columns(engine)
        spec.check_rows(engine)
    sums = engine.rows(
        "SELECT max(abs(l.bits - e.bits)), min(l.n_evidence = e.n), "
        "min(l.n_facets = greatest(1, e.n_facets)) FROM concluded_links l "
        "LEFT JOIN (SELECT account_id_l, account_id_r, count(*) AS n, "
        f"sum(contribution_bits) + {SETTINGS.model.prior_bits} AS bits, "
        "count(DISTINCT facet) FILTER (contribution_bits > 0) AS n_facets "
        "FROM evidence GROUP BY ALL) e USING (account_id_l, account_id_r)"
    )
    assert sums[0][0] == pytest.approx(0.0, abs=1e-6)
    assert sums[0][1:] == (True, True)
    parts = {
        (int(str(x)[1:]), int(str(y)[1:]), str(value)): counted
        for x, y, value, counted in engine.rows(
            "SELECT account_id_l, account_id_r, value, contribution_bits FROM evidence WHERE value <> ''"
        )
    }
    for pair in {key[:2] for key in parts}:
        for k, (kind, _) in enumerate(KINDS):
            listed = [
                (-bits, i) for (*ends, i), (of, bits) in made.bits.items() if of == k and tuple(ends) == pair
            ]
            for place, (_, i) in enumerate(sorted(listed), 1):
                share = 0.5 ** min(place, len(listed) - 1)
                assert parts[(*pair, f"v{i}")] == pytest.approx(
                    expected[pair][kind, False][1] * share, abs=1e-5
                )
