"""What is known of an identifier by kind, size, meetings and lists."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from graphlink.core.tables.ingest import KIND_SIZES, KINDS, SHARED_IDENTIFIERS
from graphlink.core.tables.model import COPRESENCE_PAIRS, MATCH_WEIGHTS, PAIR_KINDS
from graphlink.engine.duck import DuckEngine
from graphlink.model.exclusivity.baselines import (
    baselines_sql,
    exact,
    frequency_bits,
    gathered,
    pools_sql,
    probability,
)
from graphlink.model.match_weights.priors import frequency_ceiling
from tests.held import hold
from tests.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.learned import Seen

PRIOR, LARGEST_USUAL = -12.0, 32.0
ADDRESS, BADGE = 0, 1  # a stated kind, and one of one's own


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def number(engine: DuckEngine, sql: str) -> float:
    return float(str(engine.rows(f"SELECT {sql}")[0][0]))


@pytest.mark.parametrize("odds", [-40.0, -2.5, 0.0, 7.25])
def test_odds_are_a_probability(engine: DuckEngine, odds: float) -> None:
    assert number(engine, probability(str(odds))) == pytest.approx(1 / (1 + 2**-odds), rel=1e-12)


def test_sums_of_exact_numbers_do_not_depend_on_their_order(engine: DuckEngine) -> None:
    drawn = np.random.default_rng(3).uniform(0, 1, 60).tolist()
    cut = [number(engine, exact(f"{one!r}::DOUBLE")) for one in drawn]
    assert sum(cut) == sum(reversed(cut)) == math.fsum(cut)
    assert cut == pytest.approx(drawn, abs=1e-9)


def test_of_where_holders_come_from_absence_says_little(engine: DuckEngine) -> None:
    assert number(engine, gathered("NULL", 0.3)) == pytest.approx(0.7, abs=1e-8)
    assert number(engine, gathered("-3.0", 0.3)) == pytest.approx(0.7 + 0.3 * math.exp(-3), rel=1e-9)
    assert number(engine, gathered("900.0", 0.3)) == pytest.approx(0.3 * math.exp(20) + 0.7, rel=1e-9)


def test_a_frequency_says_the_same_in_sql_and_in_learning(engine: DuckEngine) -> None:
    """The holders of each bin's least value: 2, 3, 5, 9, ..."""
    ceiling = frequency_ceiling(np.array([4_000.0]), np.array([False]), PRIOR, LARGEST_USUAL)
    for degree_bin in range(ceiling.shape[1] // 3):
        bits = number(engine, frequency_bits(str(2**degree_bin + 1), "4000", LARGEST_USUAL))
        nats = ceiling[0, 3 * degree_bin]
        assert nats == pytest.approx((PRIOR + bits) * math.log(2.0))


def baselines(
    engine: DuckEngine,
    pairs: list[tuple[int, int, int, int, int]],
    weights: dict[tuple[int, int, int], float],
    identifiers: list[tuple[int, int, str | None]],
) -> dict[tuple[int, int, int], float]:
    """Baselines of pairs (l, r, identifier, kind, repeat bin) by kind, degree bin and repeat bin."""
    load(engine, KINDS, "kind_no kind facet is_declared", [
        (ADDRESS, "ip", "network", True), (BADGE, "badge", "badge", False)
    ])  # fmt: skip
    load(engine, KIND_SIZES, "kind_no n_accounts n_single", [(BADGE, 400, 0)])
    load(engine, SHARED_IDENTIFIERS, "identifier_no kind value degree first_s last_s label_type", [
        (i, "", f"v{i}", degree, 0, 0, label) for i, degree, label in identifiers
    ])  # fmt: skip
    load(engine, MATCH_WEIGHTS, "kind_no degree_bin repeat_bin log_odds", [
        (*key, odds) for key, odds in weights.items()
    ])  # fmt: skip
    degree_of = {i: degree for i, degree, _ in identifiers}
    load(engine, COPRESENCE_PAIRS, "l r identifier_no kind_no degree", [
        (a, b, i, k, degree_of[i]) for a, b, i, k, _ in pairs
    ])  # fmt: skip
    load(engine, PAIR_KINDS, "l r kind_no degree degree_bin repeat_bin only_no", [
        (a, b, k, 2, 0, again, i if sum(one[:2] == (a, b) for one in pairs) == 1 else None)
        for a, b, i, k, again in {(one[0], one[1], one[3]): one for one in pairs}.values()
    ])  # fmt: skip
    engine.make("pools", "SELECT 9 AS identifier_no, 1.5 AS less")
    labels = {"router": -4.0, "corporate": 2.0, "hosting": 0.0}
    rows = engine.rows(f"SELECT l, r, identifier_no, baseline FROM ({baselines_sql(PRIOR, labels, 32.0)})")
    return {(int(str(a)), int(str(b)), int(str(i))): float(str(odds)) for a, b, i, odds in rows}


def test_whose_a_stated_value_is_does_not_change_from_pair_to_pair(engine: DuckEngine) -> None:
    """Met once, the odds are -1; met four times two bits are added, and not taken from the others."""
    weights = {(ADDRESS, 0, 0): -1.0, (ADDRESS, 0, 2): 1.0}
    pairs = [(1, 2, 7, ADDRESS, 0), (1, 3, 7, ADDRESS, 2), (2, 3, 7, ADDRESS, 0)]
    actual = baselines(engine, pairs, weights, [(7, 3, None)])
    assert actual == {(1, 2, 7): -1.0, (1, 3, 7): 1.0, (2, 3, 7): -1.0}


@pytest.mark.parametrize(
    ("label", "bits"), [(None, 0.0), ("router", -4.0), ("corporate", 2.0), ("hosting", 0.0)]
)
def test_the_type_on_a_list_moves_the_odds(engine: DuckEngine, label: str | None, bits: float) -> None:
    actual = baselines(engine, [(1, 2, 7, ADDRESS, 0)], {(ADDRESS, 0, 0): -1.0}, [(7, 2, label)])
    assert actual == {(1, 2, 7): -1.0 + bits}


def test_an_exit_of_a_pool_says_less(engine: DuckEngine) -> None:
    pairs = [(1, 2, 9, ADDRESS, 0), (3, 4, 7, ADDRESS, 0)]
    actual = baselines(engine, pairs, {(ADDRESS, 0, 0): -1.0}, [(7, 2, None), (9, 2, None)])
    assert actual == {(1, 2, 9): -2.5, (3, 4, 7): -1.0}


def test_a_pool_of_exits_is_one_large_address(engine: DuckEngine) -> None:
    """Each of 12 roams over 3 of 4 exits: an exit has 9 of them, and says as little as one address of 12."""
    seen: Seen = [(f"customer{i:02}", "ip", f"203.0.113.{(i + j) % 4}") for i in range(12) for j in range(3)]
    seen += [(f"home{i}-{j}", "ip", f"198.51.100.{i}") for i in range(4) for j in range(2)]
    hold(engine, seen)
    rows = engine.rows(
        f"SELECT i.value, less FROM ({pools_sql()}) o JOIN shared_identifiers i USING (identifier_no)"
    )
    less = {str(value): float(str(bits)) for value, bits in rows}
    # Of what an account does there two thirds are on other exits.
    assert less["203.0.113.0"] == pytest.approx(2 / 3 * math.log2(11 / 8))
    # Neighbours who stay on their own lines are no pool, however many the network has.
    assert all(less[f"198.51.100.{i}"] == 0.0 for i in range(4))


def test_a_kind_of_ones_own_says_no_more_than_its_frequency(engine: DuckEngine) -> None:
    """A badge of 100 of 400: two bits at most, whatever was learned; one of two is far from its most."""
    weights = {(BADGE, b, 0): 3.0 for b in range(8)}
    pairs = [(1, 2, 7, BADGE, 0), (3, 4, 8, BADGE, 0)]
    actual = baselines(engine, pairs, weights, [(7, 100, None), (8, 2, None)])
    assert actual[1, 2, 7] == pytest.approx(PRIOR + 2.0)
    assert actual[3, 4, 8] == pytest.approx(min(3.0, PRIOR + math.log2(200) + 2 * math.log2(16)))


def test_each_of_several_values_is_weighed_by_its_own_size(engine: DuckEngine) -> None:
    weights = {(ADDRESS, 0, 0): -1.0, (ADDRESS, 3, 0): -6.0}
    pairs = [(1, 2, 7, ADDRESS, 0), (1, 2, 8, ADDRESS, 0)]
    actual = baselines(engine, pairs, weights, [(7, 2, None), (8, 12, None)])
    assert actual == {(1, 2, 7): -1.0, (1, 2, 8): -6.0}
