"""The bits of each identifier for each pair: against a twin in plain numbers, and the rules one by one."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from graphlink.core.parameters import Parameters
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, KINDS, SHARED_IDENTIFIERS
from graphlink.core.tables.model import OVERRIDDEN
from graphlink.engine.duck import DuckEngine
from graphlink.model.exclusivity.baselines import mean_baselines_sql
from graphlink.model.exclusivity.pair_bits import (
    bits_sql,
    estimated_sql,
    overruled_bits_sql,
    overruled_sql,
    settable_sql,
    undetermined_sql,
)
from tests.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator

PRIOR, PARAMETERS = -12.0, Parameters()
NUMBERS = PARAMETERS.exclusivity
MOST_BITS = 14.0
Part = tuple[int, int]  # the part that a holder is in, and how many of it are there
STATE = {
    "one_operator": 3.0, "among_others": 0.8, "one_operator_without": 1.5, "among_others_without": 0.4,
    "among_share": 0.7, "parts_of_one": 0.1, "tied_of_one": 0.35, "belongs_alone": 0.9,
    "untied_alone": 0.6, "belongs_among": 0.5, "untied_among": 0.2,
}  # fmt: skip

EACH = {"belongs_alone": 1.0}  # as where nothing is known


@dataclass
class World:
    """Identifiers 1, 2, ... with their holders, the parts these are in, and their domains."""

    holders: dict[int, list[int]]
    parts: dict[tuple[int, int], Part] = field(default_factory=dict)  # by identifier and holder
    shows: dict[tuple[int, int], float] = field(default_factory=dict)  # of the untied
    listed: dict[int, float] = field(default_factory=dict)
    domains: dict[int, int] = field(default_factory=dict)
    states: dict[int, dict[str, float]] = field(default_factory=dict)
    baselines: dict[int, float] = field(default_factory=dict)
    networks: set[int] = field(default_factory=set)
    n_accounts: int = 1_000

    def state(self, identifier: int) -> dict[str, float]:
        return STATE | self.states.get(identifier, {})

    def baseline(self, identifier: int) -> float:
        return self.baselines.get(identifier, -4.0)

    def load(self, engine: DuckEngine) -> None:
        numbers = range(1, self.n_accounts + 1)
        load(engine, ACCOUNT_NUMBERS, "account_no account_id", [(a, f"a{a:04}") for a in numbers])
        load(engine, KINDS, "kind_no kind facet most_bits", [(0, "ip", "network", MOST_BITS)])
        load(engine, SHARED_IDENTIFIERS, "identifier_no kind value degree first_s last_s", [
            (i, "ip", f"v{i}", len(held), 0, 0) for i, held in self.holders.items()
        ])  # fmt: skip
        load(engine, OVERRIDDEN)
        table(engine, "baselines", [
            {"l": a, "r": b, "identifier_no": i, "kind_no": 0, "baseline": self.baseline(i)}
            for i, held in self.holders.items() for a, b in combinations(held, 2)
        ])  # fmt: skip
        table(engine, "states", [
            {"identifier_no": i, "is_network": i in self.networks, "n_holders": float(len(held)),
             "n_tied": 2.0, "listed_bits": self.listed.get(i, 0.0), **self.state(i)}
            for i, held in self.holders.items()
        ])  # fmt: skip
        table(engine, "holder_ties", [
            {"identifier_no": i, "account_no": a, "component": part, "n_there": n, "is_tied": n > 1}
            for (i, a), (part, n) in {(0, 0): (0, 0), **self.parts}.items()
        ])  # fmt: skip
        table(engine, "untied_holders", [
            {"identifier_no": i, "account_no": a, "shows": shows}
            for (i, a), shows in {(0, 0): 0.0, **self.shows}.items()
        ])  # fmt: skip
        domains = {0: 0, **self.domains}
        table(engine, "own_domains", [{"account_no": a, "domain_no": d} for a, d in domains.items()])


def table(engine: DuckEngine, name: str, rows: list[dict[str, object]]) -> None:
    engine.load(name, pa.Table.from_pylist(rows))


def twin(world: World, identifier: int, a: int, b: int) -> float:
    """Bits of an identifier for a pair: three states, weighed in plain numbers."""
    state, degree = world.state(identifier), len(world.holders[identifier])
    p = 1 / (1 + 2 ** -world.baseline(identifier))
    x, y = (world.parts.get((identifier, one)) for one in (a, b))
    is_part = x is not None and y is not None and x[0] == y[0] and x[1] == 2
    suffix = "_without" if is_part else ""
    one = p * state[f"one_operator{suffix}"]
    is_of_two = {a, b} <= world.domains.keys() and world.domains[a] != world.domains[b]
    if is_of_two:
        one *= NUMBERS.several_domains
    unlisted = 1 / (1 + 2 ** (world.listed.get(identifier, 0.0) - world.baseline(identifier)))
    among = (1.0 if identifier in world.networks else unlisted) * state["among_share"]
    among *= state[f"among_others{suffix}"]
    usual = PARAMETERS.frequency.largest_usual
    ceiling = PRIOR + math.log2(max(1, world.n_accounts / degree)) + 2 * math.log2(max(1, usual / degree))
    is_tied = [part is not None and part[1] > 1 for part in (x, y)]
    if is_part:
        belong = 0.0
    elif x is not None and y is not None and x[0] == y[0]:
        belong = NUMBERS.in_part
    elif all(is_tied):
        odds = state["parts_of_one"] / (1 - state["parts_of_one"])
        odds *= NUMBERS.several_domains if is_of_two else 1.0
        belong = odds / (1 + odds)
    else:
        belong = state["tied_of_one"] * belonging(world, identifier, (a, b), "among")
    belong = min(belong, 1 / (1 + 2**-ceiling))
    both = belonging(world, identifier, (a, b), "alone")
    odds = (one * both + among * belong) / (one * (1 - both) + among * (1 - belong) + 1 - p)
    return min(MOST_BITS, max(0.0, math.log2(odds) - PRIOR))


def belonging(world: World, identifier: int, pair: tuple[int, int], state: str) -> float:
    """How likely both belong to the operator: who is tied does."""
    of = world.state(identifier)
    both = 1.0
    for one in pair:
        if world.parts.get((identifier, one), (0, 0))[1] < 2:
            shows = world.shows.get((identifier, one), 0.0)
            both *= of[f"belongs_{state}"] * (1 - shows) + of[f"untied_{state}"] * shows
    return both


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def weighed(engine: DuckEngine, world: World) -> dict[tuple[int, int, int], float]:
    world.load(engine)
    rows = engine.rows(f"SELECT identifier_no, l, r, bits FROM ({bits_sql(PRIOR, PARAMETERS)})")
    return {(int(str(i)), int(str(a)), int(str(b))): float(str(bits)) for i, a, b, bits in rows}


def drawn_world(seed: int) -> World:
    rng = np.random.default_rng(seed)
    holders = {i: sorted(rng.choice(30, int(rng.integers(2, 9)), replace=False) + 1) for i in range(1, 9)}
    world = World({i: [int(a) for a in held] for i, held in holders.items()}, n_accounts=2_000)
    for i, held in world.holders.items():
        component = {a: int(rng.integers(0, 4)) for a in held if rng.random() < 0.7}
        for a, one in component.items():
            world.parts[i, a] = (one, sum(other == one for other in component.values()))
        world.states[i] = {
            name: float(value * rng.uniform(0.3, 1.4 if value > 1 else 1.0)) for name, value in STATE.items()
        }
        world.shows |= {(i, a): float(rng.random()) for a in held if rng.random() < 0.5}
        world.listed[i] = float(rng.choice([-4.0, 0.0, 2.0]))
        world.baselines[i] = float(rng.uniform(-9, 4))
    world.domains = {a: int(rng.integers(1, 4)) for a in range(1, 31) if rng.random() < 0.5}
    world.networks = {1, 2}
    return world


@pytest.mark.parametrize("seed", range(5))
def test_bits_are_what_plain_numbers_give(engine: DuckEngine, seed: int) -> None:
    world = drawn_world(seed)
    actual = weighed(engine, world)
    assert actual == {key: pytest.approx(twin(world, *key), abs=2e-6) for key in actual}
    assert len(actual) == sum(math.comb(len(held), 2) for held in world.holders.values())
    assert len(set(actual.values())) > 10


def test_the_tie_of_a_couple_does_not_corroborate_itself(engine: DuckEngine) -> None:
    """Of three on an address two share a card: that says no more of these two than of three strangers."""
    couple = {"one_operator": 9.0, "among_others": 2.0}
    alone = {name: STATE[f"{name}_without"] for name in couple}
    world = World(
        {1: [1, 2, 3], 2: [4, 5, 6]},
        parts={(1, 1): (7, 2), (1, 2): (7, 2)},
        states={1: couple | EACH, 2: alone | {"among_others": 0.0} | EACH},
    )
    actual = weighed(engine, world)
    assert actual[1, 1, 2] <= actual[2, 4, 5]


def test_two_organisations_with_domains_of_their_own_stay_apart(engine: DuckEngine) -> None:
    world = World({1: [1, 2, 3, 4]}, domains={1: 1, 2: 1, 3: 2})
    actual = weighed(engine, world)
    assert actual[1, 1, 3] == actual[1, 2, 3] < actual[1, 1, 2] - 1
    assert actual[1, 1, 4] == actual[1, 1, 2]  # without a domain nothing is known


def test_who_is_tied_to_the_same_part_is_likelier_one_operators(engine: DuckEngine) -> None:
    parts = {(1, a): (5, 3) for a in (1, 2, 3)} | {(1, a): (6, 3) for a in (4, 5, 6)}
    world = World({1: [1, 2, 3, 4, 5, 6, 7, 8]}, parts=parts, n_accounts=100_000)
    world.states = {1: {"one_operator": 0.1, "among_others": 5.0, "belongs_among": 0.2}}
    actual = weighed(engine, world)
    assert actual[1, 1, 2] > actual[1, 1, 4] > actual[1, 1, 7] > actual[1, 7, 8]


def test_among_others_a_value_says_no_more_than_its_frequency_allows(engine: DuckEngine) -> None:
    """Sixty-four of a thousand: four bits, however many are tied."""
    held = list(range(1, 65))
    world = World({1: held}, parts={(1, a): (5, 64) for a in held}, baselines={1: -12.0})
    world.states = {1: {"one_operator": 0.0, "among_others": 1e9}}
    assert weighed(engine, world)[1, 1, 2] == pytest.approx(math.log2(1_000 / 64), abs=0.01)


def test_who_could_not_be_tied_says_more_than_who_could_and_is_not(engine: DuckEngine) -> None:
    parts = {(1, a): (5, 3) for a in (1, 2, 3)}
    world = World({1: [1, 2, 3, 4, 5]}, parts=parts, shows={(1, 4): 0.0, (1, 5): 1.0})
    actual = weighed(engine, world)
    assert actual[1, 1, 2] >= actual[1, 1, 4] > actual[1, 1, 5]
    assert actual[1, 1, 4] > actual[1, 4, 5]


def test_a_listed_router_may_still_have_an_operator_among_its_customers(engine: DuckEngine) -> None:
    """What a list says lowers that one operator has it alone, and not that one is among others there."""
    parts = {(i, a): (5, 3) for i in (1, 2) for a in (1, 2, 3)}
    world = World(
        {1: [1, 2, 3, 4], 2: [1, 2, 3, 4]}, parts=parts, listed={1: -4.0}, baselines={1: -8.0, 2: -8.0}
    )
    world.states = {i: {"one_operator": 0.0, "among_others": 9.0} for i in (1, 2)}
    actual = weighed(engine, world)
    assert actual[1, 1, 4] > actual[2, 1, 4] + 1.0


@pytest.mark.parametrize("p_exclusive", [0.9, 0.001])
def test_what_the_settings_give_an_identifier_stands_for_each_pair(
    engine: DuckEngine, p_exclusive: float
) -> None:
    world = World({1: [1, 2, 3], 2: [4, 5]})
    plain = weighed(engine, world)
    load(engine, OVERRIDDEN, "identifier_no p_exclusive", [(1, p_exclusive)])
    bound(engine, {(2, 3): 0.0})
    rows = engine.rows(
        f"SELECT identifier_no, l, r, bits FROM ({overruled_bits_sql(PRIOR, PARAMETERS)}) ORDER BY ALL"
    )
    expected = max(0.0, math.log2(p_exclusive / (1 - p_exclusive)) - PRIOR)
    assert [row[3] for row in rows] == [pytest.approx(expected, abs=1e-6)] * 3 + [plain[2, 4, 5]]


def bound(engine: DuckEngine, most_bits: dict[tuple[int, int], float]) -> None:
    """Bound what values of two or three holders say of some pairs by their activity."""
    table(engine, "activity", [
        {"l": one, "r": other, "kind_no": 0, "degree_bin": degree_bin, "most_bits": bits}
        for (one, other), bits in most_bits.items() for degree_bin in (0, 1)
    ])  # fmt: skip


def test_a_value_says_no_more_than_the_activity_of_the_two_allows(engine: DuckEngine) -> None:
    world = World({1: [1, 2, 3], 2: [4, 5]})
    plain = weighed(engine, world)
    load(engine, OVERRIDDEN, "identifier_no p_exclusive", [])
    bound(engine, {(1, 2): 2.5, (4, 5): 60.0})
    rows = engine.rows(f"SELECT identifier_no, l, r, bits FROM ({overruled_bits_sql(PRIOR, PARAMETERS)})")
    assert {(int(str(i)), int(str(x)), int(str(y))): bits for i, x, y, bits in rows} == {
        **plain, (1, 1, 2): 2.5,
    }  # fmt: skip
    assert plain[1, 1, 2] > 2.5


def counted(
    engine: DuckEngine, standalone: dict[int, float], determined: dict[tuple[int, int], float]
) -> dict[int, float]:
    """Bits of one pair's identifiers given which (first) are set by which (second), up to how many bits."""
    table(engine, "standalone", [
        {"l": 1, "r": 2, "identifier_no": i, "kind_no": 0, "bits": bits} for i, bits in standalone.items()
    ])  # fmt: skip
    rows: list[dict[str, object]]
    rows = [{"identifier_no": i, "by_no": by, "most_bits": most} for (i, by), most in determined.items()]
    table(engine, "determined", [*rows, {"identifier_no": 0, "by_no": 0, "most_bits": 0.0}])
    engine.make("settable", settable_sql())
    made = engine.rows(f"SELECT identifier_no, bits FROM ({undetermined_sql()})")
    return {int(str(i)): float(str(bits)) for i, bits in made}


def test_what_a_router_sets_counts_once_and_only_a_little(engine: DuckEngine) -> None:
    """Fingerprint and agent of a router are one fact: the second adds nothing to its address."""
    actual = counted(engine, {1: 9.0, 2: 6.0, 3: 5.0}, {(2, 1): 0.8, (3, 1): 0.8})
    assert actual == {1: 9.0, 2: 0.8, 3: 0.0}


def test_what_an_address_sets_counts_where_the_pair_does_not_share_the_address(engine: DuckEngine) -> None:
    assert counted(engine, {2: 6.0}, {(2, 1): 0.8}) == {2: 6.0}


def test_what_no_address_sets_counts_in_full(engine: DuckEngine) -> None:
    assert counted(engine, {1: 9.0, 2: 6.0}, {}) == {1: 9.0, 2: 6.0}


@pytest.mark.parametrize("of_address", [0.0, 0.5, 4.0, 9.0])
def test_sharing_an_address_too_never_says_less(engine: DuckEngine, of_address: float) -> None:
    """A rare client says six bits; seen at a common address as well it says as much with it."""
    actual = counted(engine, {1: of_address, 2: 6.0, 3: 2.0}, {(2, 1): 0.8, (3, 1): 0.8})
    assert actual[1] + actual[2] >= max(6.0, of_address)
    assert actual[2] == pytest.approx(max(0.8, 6.0 - of_address))


def test_pairs_of_a_common_client_cost_nothing_where_they_share_no_address(engine: DuckEngine) -> None:
    """Half of all accounts share a client, which a thousand addresses set: only their own pairs are made."""
    of_client: list[dict[str, object]]
    of_client = [{"l": i, "r": i + 1, "identifier_no": 2, "kind_no": 0, "bits": 6.0} for i in range(1, 100)]
    of_address: dict[str, object] = {"l": 1, "r": 2, "identifier_no": 1, "kind_no": 1, "bits": 9.0}
    table(engine, "standalone", [*of_client, of_address])
    table(
        engine,
        "determined",
        [{"identifier_no": 2, "by_no": by, "most_bits": 0.8} for by in (1, *range(3, 99))],
    )
    assert engine.rows(settable_sql()) == [(1, 2, 2, 0.8, 9.0)]


def test_the_estimate_is_the_share_of_one_operator_pairs(engine: DuckEngine) -> None:
    world = World({1: [1, 2, 3], 2: [4, 5]}, baselines={1: -1.0, 2: 2.0})
    world.load(engine)
    engine.make("mean_baselines", mean_baselines_sql())
    engine.make("estimated", estimated_sql(PARAMETERS.mixture.most_share))
    load(engine, OVERRIDDEN, "identifier_no p_exclusive", [(2, 0.25)])
    rows = engine.rows(
        f"SELECT identifier_no, baseline, p_exclusive FROM ({overruled_sql()}) ORDER BY identifier_no"
    )
    p = 1 / 3
    one, among = p * STATE["one_operator"], p * STATE["among_share"] * STATE["among_others"]
    belong = STATE["belongs_among"] ** 2 * STATE["tied_of_one"]
    expected = (one + among * belong) / (one + among + 1 - p)
    assert rows[0] == (1, pytest.approx(p), pytest.approx(expected))
    assert rows[1] == (2, 0.25, 0.25)
