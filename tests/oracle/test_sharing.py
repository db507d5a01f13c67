"""Identifiers and sharing against a slow twin in plain Python, on small crowded worlds."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as checked
from hypothesis import strategies as st

from graphlink.core.schema import ACCOUNTS, OBSERVATIONS
from graphlink.core.settings import KindSettings, ModelSettings, Settings
from graphlink.engine.duck import DuckEngine
from graphlink.kinds import kind_of
from graphlink.model.blocking import find_copresence
from graphlink.model.identifiers import describe_identifiers
from tests.numbered import number_observations
from tests.tables import load as load_table
from tests.tables import make

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN = 1_772_409_600  # midnight UTC
HOUR = 3_600
NEIGHBOURS, LARGEST_SCORED = 12, 2_048  # as the step states them

Seen = tuple[str, str, str, int | None, int]
Identifier = tuple[str, str]
Cell = tuple[Identifier, int]
Span = tuple[int | None, int | None]
Meeting = tuple[int, int, int | None, int | None, int | None, bool]

VALUES = {
    "ip": [
        "203.0.113.1",
        "203.0.113.2",
        "198.51.100.7",
        "2001:db8:1:2::3",
        "2001:db8:1:2::4",
        "2001:db8:1:9::1",
    ],
    "client": ["c1", "c2"],
    "payment": ["card1", "card2", "card3"],
    "email": ["a@x.example", "b@x.example", "c@y.example"],
    "badge": ["b1", "b2"],
    "secret": ["s1"],
}


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


@st.composite
def worlds(draw: st.DrawFn) -> list[Seen]:
    """Sightings of few accounts at few values, at moments and over stays; many of the stays overlap."""
    accounts = st.integers(0, draw(st.integers(1, 9))).map("a{}".format)
    kinds = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=4, unique=True))
    values = st.sampled_from([(kind, value) for kind in kinds for value in VALUES[kind]])
    hours = draw(st.sampled_from([1, 30, 24 * 9, 24 * 70]))
    moments = st.integers(0, hours * HOUR)
    counts = st.integers(1, 3)
    single = st.lists(st.tuples(accounts, values, st.none() | moments, counts), min_size=1, max_size=30)
    stays = st.lists(st.tuples(accounts, values, moments, moments), max_size=15)
    seen = [(account, *at, _time(second), n) for account, at, second, n in draw(single)]
    for account, at, begin, end in draw(stays):
        seen += [(account, *at, _time(second), 1) for second in (begin, end)]
    return seen


def _time(second: int | None) -> int | None:
    return None if second is None else BEGIN + second


@st.composite
def limits(draw: st.DrawFn) -> Settings:
    model = ModelSettings(
        pair_budget=draw(st.sampled_from([20_000_000, 40, 12, 3])),
        max_block_size=draw(st.sampled_from([128, 4, 2])),
        candidate_probability=draw(st.sampled_from([0.005, 0.2])),
    )
    return Settings(model=model, kinds={"secret": KindSettings(ignore=True)})


def load(engine: DuckEngine, seen: list[Seen]) -> None:
    load_table(engine, OBSERVATIONS, rows=[
        (*row[:3], None if row[3] is None else row[3] * 1_000_000, row[4]) for row in seen
    ])  # fmt: skip
    make(engine, ACCOUNTS, "SELECT DISTINCT account_id FROM observations")
    number_observations(engine)


def draw(name: str) -> int:
    """Seven hexadecimal digits of the hash of a name, the least first."""
    digits = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:7]
    return int(digits[::-1], 16)


def earliest(times: list[int | None]) -> int | None:
    return min((time for time in times if time is not None), default=None)


def latest(times: list[int | None]) -> int | None:
    return max((time for time in times if time is not None), default=None)


class Twin:
    """The same by loops over rows and pairs."""

    def __init__(self, seen: list[Seen], settings: Settings) -> None:
        self.settings = settings
        self.accounts = sorted({row[0] for row in seen})
        self.number = {name: i + 1 for i, name in enumerate(self.accounts)}
        times: dict[tuple[Identifier, int, int], list[int | None]] = defaultdict(list)
        n: dict[tuple[Identifier, int, int], int] = defaultdict(int)
        for account, name, value, time, count in seen:
            if name == "secret":
                continue
            kind = kind_of(name, settings)
            for identifier in ((name, value), *kind.generalizations(value)):
                days = kind_of(identifier[0], settings).window_days
                window = 0 if days is None or time is None else int(time // (days * 86_400))
                place = (identifier, window, self.number[account])
                times[place].append(time)
                n[place] += count
        holders: dict[Identifier, set[int]] = defaultdict(set)
        for identifier, _, number in times:
            holders[identifier].add(number)
        self.degree = {identifier: len(held) for identifier, held in holders.items() if len(held) > 1}
        self.holdings = {
            place: (earliest(actual), latest(actual), n[place])
            for place, actual in times.items()
            if place[0] in self.degree
        }
        self.cells: dict[Cell, list[int]] = defaultdict(list)
        for identifier, window, number in sorted(self.holdings):
            self.cells[identifier, window].append(number)
        self.cells = {cell: held for cell, held in self.cells.items() if len(held) > 1}

    def caps(self) -> dict[str, tuple[int, int, int]]:
        """Per kind: the cap, and the cells and pairs beyond it."""
        sizes: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for (identifier, _), held in self.cells.items():
            sizes[identifier[0]][len(held)] += 1
        actual, model = {}, self.settings.model
        for name, n_cells in sizes.items():
            p_exclusive = kind_of(name, self.settings).p_exclusive
            cap, n_capped, n_pairs, spent = 1, 0, 0, 0
            holders = sum(degree * n for degree, n in n_cells.items() if degree > 1)
            for degree in sorted(n_cells):
                cost = n_cells[degree] * degree * (degree - 1) // 2
                spent += cost
                if (
                    spent <= max(model.pair_budget / len(sizes), 2 * holders)
                    and degree <= model.max_block_size
                    and p_exclusive >= (degree - 1) * model.candidate_probability
                ):
                    cap = degree
                else:
                    n_capped, n_pairs = n_capped + n_cells[degree], n_pairs + cost
            actual[name] = (cap, n_capped, n_pairs)
        return actual

    def sampled(self) -> set[tuple[int, int, Identifier]]:
        """Each holder of a capped cell with its next few in the shuffle, one cell per identifier."""
        caps = self.caps()
        chosen: dict[Identifier, tuple[tuple[int, int], list[int]]] = {}
        for (identifier, window), held in self.cells.items():
            if caps[identifier[0]][0] < len(held) <= LARGEST_SCORED:
                rank = (len(held), window % 100_000)
                if identifier not in chosen or rank > chosen[identifier][0]:
                    chosen[identifier] = (rank, held)
        values = set()
        for identifier, (_, held) in chosen.items():
            shuffled = sorted(held, key=lambda number: (self.place(number, identifier[1]), number))
            for step in range(1, NEIGHBOURS + 1):
                for x, y in zip(shuffled, shuffled[step:], strict=False):
                    values.add((min(x, y), max(x, y), identifier))
        return values

    def place(self, number: int, value: str) -> int:
        """The place of an account in the shuffle of a value: by the hashes of their names."""
        draws = [draw(self.accounts[number - 1]), draw(value)]
        return (draws[0] * 2_654_435_761 + draws[1] * 40_503) % 4_294_967_291

    def shared(
        self,
    ) -> dict[tuple[int, int, Identifier], Meeting]:
        """Per pair and identifier: windows, least degree, least lag, first, last, if it made the pair."""
        caps, sampled = self.caps(), self.sampled()
        own = {
            (x, y, identifier)
            for (identifier, _), held in self.cells.items()
            if len(held) <= caps[identifier[0]][0]
            for x, y in combinations(held, 2)
        } | sampled
        candidates = {key[:2] for key in own}
        met: dict[tuple[int, int, Identifier], list[tuple[int, Span, Span]]] = defaultdict(list)
        for (identifier, window), held in self.cells.items():
            is_capped = len(held) > caps[identifier[0]][0]
            for pair in combinations(held, 2):
                if not is_capped or pair in candidates:
                    x, y = (self.holdings[identifier, window, number][:2] for number in pair)
                    met[(*pair, identifier)].append((len(held), x, y))
        return {
            key: (
                len(meetings),
                min(degree for degree, _, _ in meetings),
                earliest([lag(x, y) for _, x, y in meetings]),
                earliest([latest([x[0], y[0]]) for _, x, y in meetings]),
                latest([earliest([x[1], y[1]]) for _, x, y in meetings]),
                key in own,
            )
            for key, meetings in met.items()
        }


def lag(x: Span, y: Span) -> int | None:
    gaps = [a - b for a, b in ((x[0], y[1]), (y[0], x[1])) if a is not None and b is not None]
    return max([0, *gaps])


CROWDED: list[Seen] = [
    (f"a{i}", kind, VALUES[kind][0], BEGIN + HOUR * i * (i % 3), 1)
    for i in range(9)
    for kind in ("ip", "payment", "client")
]
TWICE: list[Seen] = [  # few meet on one day, and the same among others on another
    (name, "ip", VALUES["ip"][0], BEGIN + day * 24 * HOUR, 1)
    for day, names in ((0, "abc"), (9, "abcdef"))
    for name in names
]
OVERLAPPING: list[Seen] = [  # one stays from 1 to 9, the other from 4 to 12, a third comes at 14
    (name, "badge", "b1", BEGIN + hour * HOUR, 1)
    for name, hours in (("a", (1, 9)), ("b", (4, 12)), ("c", (14, 14)))
    for hour in hours
]
TIGHT = Settings(
    model=ModelSettings(pair_budget=3, max_block_size=2), kinds={"secret": KindSettings(ignore=True)}
)


@pytest.mark.slow
@checked(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=worlds(), settings=limits())
@example(seen=CROWDED, settings=TIGHT)
@example(seen=TWICE, settings=Settings())
@example(seen=TWICE, settings=TIGHT)
@example(seen=OVERLAPPING, settings=Settings())
def test_sharing_is_what_loops_over_pairs_find(
    engine: DuckEngine, seen: list[Seen], settings: Settings
) -> None:
    load(engine, seen)
    twin = Twin(seen, settings)
    facts = describe_identifiers(engine, settings)
    assert facts["window_incidence"] == len(twin.holdings)
    assert facts["identifiers_shared"] == len(twin.degree)
    assert dict(degrees(engine)) == twin.degree
    assert holdings(engine) == twin.holdings
    assert cells(engine) == {cell: len(held) for cell, held in twin.cells.items()}

    facts = find_copresence(engine, settings)
    caps = twin.caps()
    assert dict(told_caps(engine)) == caps
    assert facts["blocks_capped"] == sum(cap[1] for cap in caps.values())
    assert facts["pairs_capped"] == sum(cap[2] for cap in caps.values())
    expected = twin.shared()
    assert shared(engine) == expected
    assert facts["candidate_pairs"] == len({key[:2] for key, actual in expected.items() if actual[5]})


def test_who_stay_at_one_time_are_no_time_apart(engine: DuckEngine) -> None:
    load(engine, OVERLAPPING)
    describe_identifiers(engine, Settings())
    find_copresence(engine, Settings())
    lags = {key[:2]: actual[2] for key, actual in shared(engine).items()}
    assert lags == {(1, 2): 0, (1, 3): 5 * HOUR, (2, 3): 2 * HOUR}


def spans(twin: Twin) -> Iterator[tuple[int, Span, Span]]:
    """Size of the block and the times of each two accounts that met."""
    for (identifier, window), held in twin.cells.items():
        for x, y in combinations(held, 2):
            yield len(held), *(twin.holdings[identifier, window, no][:2] for no in (x, y))  # type: ignore[misc]  # two


def overlap(x: Span, y: Span) -> bool:
    """Whether two stays of some length overlap and neither began with the other."""
    return None not in (*x, *y) and x[0] != y[0] and lag(x, y) == 0 and x[0] != x[1] and y[0] != y[1]


def test_worlds_hold_what_the_twin_is_to_prove() -> None:
    """A twin of worlds in which nothing overlaps would prove nothing of overlapping stays."""
    n_worlds: dict[str, int] = defaultdict(int)

    @checked(max_examples=200, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(seen=worlds())
    def look(seen: list[Seen]) -> None:
        met = list(spans(Twin(seen, Settings())))
        n_worlds["overlapping stays"] += any(overlap(x, y) for _, x, y in met)
        n_worlds["one stay after another"] += any((lag(x, y) or 0) > 0 and x[0] != x[1] for _, x, y in met)
        n_worlds["one without a time"] += any((None in x) != (None in y) for _, x, y in met)
        n_worlds["three at once"] += any(size > 2 for size, _, _ in met)

    look()
    assert {name: n > 20 for name, n in n_worlds.items()} == dict.fromkeys(n_worlds, True), dict(n_worlds)
    assert len(n_worlds) == 4


@checked(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=worlds())
def test_kinds_are_counted_by_account(engine: DuckEngine, seen: list[Seen]) -> None:
    load(engine, seen)
    describe_identifiers(engine, Settings())
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for account, kind, value, _, _ in seen:
        values[kind, account].add(value)
    expected = {
        kind: (
            sum(1 for name, _ in values if name == kind),
            sum(1 for (name, _), held in values.items() if name == kind and len(held) == 1),
        )
        for kind, _ in values
    }
    rows = engine.rows("SELECT kind, n_accounts, n_single FROM kind_sizes JOIN kinds USING (kind_no)")
    assert {str(kind): (n, n_single) for kind, n, n_single in rows} == expected


def test_numbers_follow_the_order_of_the_names(engine: DuckEngine) -> None:
    load(
        engine,
        [(name, "badge", "b1", None, 1) for name in ("Zoe", "anna", "Ärger", "007", "7", "\U0001f600")],
    )
    describe_identifiers(engine, Settings())
    names = [
        str(name) for (name,) in engine.rows("SELECT account_id FROM account_numbers ORDER BY account_no")
    ]
    assert names == ["007", "7", "Zoe", "anna", "Ärger", "\U0001f600"]
    assert all(x < y for x, y in pairwise(names))


def degrees(engine: DuckEngine) -> list[tuple[Identifier, int]]:
    rows = engine.rows("SELECT kind, value, degree FROM shared_identifiers")
    return [((str(kind), str(value)), int(str(n))) for kind, value, n in rows]


def holdings(engine: DuckEngine) -> dict[tuple[Identifier, int, int], tuple[object, object, object]]:
    rows = engine.rows(
        "SELECT kind, value, window_no, account_no, h.first_s, h.last_s, n "
        "FROM window_incidence h JOIN shared_identifiers USING (identifier_no)"
    )
    return {((str(r[0]), str(r[1])), int(str(r[2])), int(str(r[3]))): (r[4], r[5], r[6]) for r in rows}


def cells(engine: DuckEngine) -> dict[Cell, object]:
    rows = engine.rows(
        "SELECT kind, value, window_no, c.degree FROM blocks c JOIN shared_identifiers USING (identifier_no)"
    )
    return {((str(r[0]), str(r[1])), int(str(r[2]))): r[3] for r in rows}


def told_caps(engine: DuckEngine) -> list[tuple[str, tuple[object, ...]]]:
    rows = engine.rows(
        "SELECT kind, cap, n_blocks_capped, n_pairs_capped FROM block_limits JOIN kinds USING (kind_no)"
    )
    return [(str(row[0]), row[1:]) for row in rows]


def shared(engine: DuckEngine) -> dict[tuple[int, int, Identifier], tuple[object, ...]]:
    rows = engine.rows(
        "SELECT s.l, s.r, i.kind, i.value, s.n_windows, s.degree, s.lag_s, "
        "s.first_s, s.last_s, s.is_blocking_value "
        "FROM copresence_pairs s JOIN shared_identifiers i USING (identifier_no)"
    )
    return {(int(str(r[0])), int(str(r[1])), (str(r[2]), str(r[3]))): r[4:] for r in rows}
