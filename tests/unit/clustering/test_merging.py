"""Merging of groups: owned identifiers join them, places do not, and differing values keep them apart."""

from __future__ import annotations

import numpy as np
import pytest

from graphlink.clustering import merging
from graphlink.clustering.merging import (
    Against,
    Disagreement,
    Links,
    Values,
    join_groups,
    weigh_two_groups,
)
from graphlink.core.parameters import Communities

# Two groups of six accounts: 0 to 5 and 6 to 11.
GROUP = np.array([0] * 6 + [6] * 6)
NO_VALUES = Values._make(np.zeros(0, dtype=np.int64) for _ in Values._fields)
START = -12.0


def links(*rows: tuple[int, int, float, int], is_owned: bool, is_own: bool) -> Links:
    """Links (lesser account, greater account, bits, identifier) by identifiers of one sort."""
    l_no, r_no, bits, identifier = (np.array(column) for column in zip(*rows, strict=True))
    flags = (np.full(len(rows), is_owned), np.full(len(rows), is_own), np.full(len(rows), not is_own))
    return Links(l_no, r_no, bits.astype(float), identifier, *flags)


def merged(ties: Links, values: Values = NO_VALUES, disagreements: tuple[Disagreement, ...] = ()) -> bool:
    group = join_groups(GROUP.copy(), ties, START, Against(values, list(disagreements)), Communities())
    return len(set(group.tolist())) == 1


CARDS = links((0, 6, 15.0, 1), (1, 7, 15.0, 2), is_owned=True, is_own=True)


def test_cards_of_both_groups_merge_them() -> None:
    assert merged(CARDS)


def test_a_large_group_takes_up_as_many_as_belong_to_it() -> None:
    """Of a hundred groups that are tied to one alone, each round joins the strongest."""
    n_groups, size = 101, 4
    group = np.repeat(np.arange(n_groups) * size, size)
    rows = [(i % size, size * i + j, 15.0 + i / 100, 2 * i + j) for i in range(1, n_groups) for j in (0, 1)]
    one = join_groups(
        group, links(*rows, is_owned=True, is_own=True), START, Against(NO_VALUES, []), Communities()
    )
    assert set(one.tolist()) == {0}


def test_places_alone_never_merge_two_groups() -> None:
    assert not merged(links(*((i, 6 + i, 30.0, i) for i in range(6)), is_owned=False, is_own=False))


def test_one_identifier_counts_once_however_many_pairs_it_ties() -> None:
    # Each alone is less than the start; only two identifiers together are more.
    assert not merged(links((0, 6, 10.0, 1), (1, 7, 10.0, 1), is_owned=True, is_own=True))
    assert merged(links((0, 6, 10.0, 1), (1, 7, 10.0, 2), is_owned=True, is_own=True))


def test_one_account_counts_once_however_many_it_is_tied_to() -> None:
    assert not merged(links((0, 6, 10.0, 1), (0, 7, 10.0, 2), is_owned=True, is_own=True))


def test_a_behaviour_states_less_the_larger_the_groups() -> None:
    # 36 pairs could show it: log2(36) - 2 = 3.2 bits less than the 14 that it says.
    assert not merged(links((0, 6, 14.0, -1), is_owned=False, is_own=True))
    assert merged(links((0, 6, 14.0, 1), is_owned=True, is_own=True))


def test_differing_values_keep_two_groups_apart() -> None:
    values = Values(np.arange(12), np.zeros(12, dtype=np.int64), np.array([100] * 6 + [200] * 6))
    assert not merged(CARDS, values, (Disagreement(kind=0, group=0, bits=-40.0),))
    same = values._replace(value=np.full(12, 100))
    assert merged(CARDS, same, (Disagreement(kind=0, group=0, bits=-40.0),))


def counting_once(group: list[int], ties: list[tuple[int, int, float, int]]) -> dict[tuple[int, int], float]:
    """Bits between groups of what belongs to somebody: each account and identifier once, in order."""
    rows = []
    for x, y, bits, identifier in ties:
        of_a, of_b = (x, y) if group[x] < group[y] else (y, x)
        rows.append((group[of_a], group[of_b], -bits, identifier, of_a, of_b))
    seen: set[tuple[object, ...]] = set()
    total: dict[tuple[int, int], float] = {}
    for a, b, less, identifier, of_a, of_b in sorted(rows):
        names = {(a, b, "identifier", identifier), (a, b, "a", of_a), (a, b, "b", of_b)}
        if a != b and not names & seen:
            total[a, b] = total.get((a, b), 0.0) - less
        seen |= names
    return total


@pytest.mark.parametrize("width", [63, 0], ids=["one_number", "two_columns"])
@pytest.mark.parametrize("seed", range(3))
def test_balances_are_what_counting_each_account_and_identifier_once_gives(
    monkeypatch: pytest.MonkeyPatch, seed: int, width: int
) -> None:
    """Accounts number 70,000, so that products of two numbers need more than 32 bits."""
    monkeypatch.setattr(merging, "_BITS", width)
    draws = np.random.default_rng(seed)
    accounts = np.sort(draws.choice(70_000, 60, replace=False))
    group = np.arange(70_000)
    group[accounts] = accounts[np.arange(60) % 6]
    ends = np.sort(draws.choice(accounts, (400, 2)), axis=1)
    ends = np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0)
    ties = [(int(x), int(y), float(draws.integers(1, 4)), int(draws.integers(-1, 12))) for x, y in ends]
    once = counting_once(group.tolist(), ties)
    best, bits = max(once.items(), key=lambda one: one[1])
    for start, joins in ((-bits + 0.5, True), (-bits - 0.5, False)):
        joined = join_groups(
            group, links(*ties, is_owned=True, is_own=True), start, Against(NO_VALUES, []), Communities()
        )
        assert (joined[best[0]] == joined[best[1]]) == joins


def joined_in_rounds(group: list[int], ties: list[tuple[int, int, float, int]], start: float) -> list[int]:
    """Join the groups that are each the other's best, weighing every link in every round."""
    while True:
        totals = {pair: start + bits for pair, bits in counting_once(group, ties).items()}
        totals = {pair: balance for pair, balance in totals.items() if balance > 0}
        best: dict[int, tuple[float, tuple[int, int]]] = {}
        for pair, balance in totals.items():
            for one in pair:
                best[one] = min(best.get(one, (0.0, pair)), (-balance, pair))
        mutual = {b: a for a, b in totals if best[a][1] == best[b][1] == (a, b)}
        if not mutual:
            return group
        group = [mutual.get(one, one) for one in group]


@pytest.mark.parametrize("keys_per_row", [16, 0], ids=["table", "sorted"])
@pytest.mark.parametrize("seed", range(8))
def test_links_that_are_left_out_of_later_rounds_would_never_count(
    monkeypatch: pytest.MonkeyPatch, seed: int, keys_per_row: int
) -> None:
    """Of few bits and identifiers, so that many links are equal but for their accounts."""
    monkeypatch.setattr(merging, "_KEYS_PER_ROW", keys_per_row)
    draws = np.random.default_rng(seed)
    group = np.arange(90) // 3 * 3
    ends = np.sort(draws.integers(90, size=(400, 2)), axis=1)
    ends = np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0)
    ties = [(int(x), int(y), float(draws.integers(2, 4)), int(draws.integers(-1, 3))) for x, y in ends]
    expected = joined_in_rounds(group.tolist(), ties, -5.5)
    assert len(set(expected)) < 15  # of 30, so in several rounds
    given = Against(NO_VALUES, [])
    joined = join_groups(group, links(*ties, is_owned=True, is_own=True), -5.5, given, Communities())
    assert joined.tolist() == expected


def test_a_link_that_does_not_count_keeps_others_out_after_groups_turn_around() -> None:
    """Of one identifier 5 and 11 have the first link at first, and 6 and 10 once 0 leads the group of 10."""
    group = [0, 1, 2, 3, 4, 5, 5, 5, 8, 9, 10, 10, 10]
    ties = [(6, 12, 5.0, 2), (7, 10, 5.0, 3), (5, 11, 3.0, 1), (6, 10, 3.0, 1), (0, 10, 30.0, 4)]
    assert counting_once(group, ties)[5, 10] == 13.0
    given = Against(NO_VALUES, [])
    owned = links(*ties, is_owned=True, is_own=True)
    joined = join_groups(np.array(group), owned, START, given, Communities())
    assert joined.tolist() == joined_in_rounds(group, ties, START)
    assert joined[10] == 0
    assert joined[5] == 5  # 10 bits are less than the start


@pytest.mark.parametrize(
    ("ties", "balance"),
    [
        (CARDS, START + 30.0),
        (links((0, 6, 10.0, 1), (1, 7, 10.0, 1), is_owned=True, is_own=True), START + 10.0),
        (links((0, 6, 10.0, 1), (0, 7, 10.0, 2), is_owned=True, is_own=True), START + 10.0),
        (links((0, 6, 14.0, -1), is_owned=False, is_own=True), START + 14.0 - (np.log2(36) - 2.0)),
        (links((0, 6, 30.0, 1), is_owned=False, is_own=False), START),
        (links((0, 1, 30.0, 1), is_owned=True, is_own=True), START),
    ],
    ids=["two cards", "one identifier", "one account", "a behaviour", "a place", "within a group"],
)
def test_two_groups_weigh_what_a_round_of_joining_weighs(ties: Links, balance: float) -> None:
    weighed = weigh_two_groups(GROUP, ties, START, Against(NO_VALUES, []), Communities())
    assert weighed.balance == pytest.approx(balance)
    assert START + weighed.bits.sum() + weighed.against == pytest.approx(balance)
    assert merged(ties) == (weighed.balance > 0)


def test_differing_values_weigh_against_two_groups() -> None:
    values = Values(np.arange(12), np.zeros(12, dtype=np.int64), np.array([100] * 6 + [200] * 6))
    against = Against(values, [Disagreement(kind=0, group=0, bits=-40.0)])
    weighed = weigh_two_groups(GROUP, CARDS, START, against, Communities())
    assert weighed.against == pytest.approx(-240.0), "once for each account of the lesser group"
