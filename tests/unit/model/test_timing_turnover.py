"""Closed accounts that are replaced: a chain on one resource, and what looks like one by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.core.settings import Settings
from graphlink.model.timing.turnover import Births, HandOvers, replacing
from tests.unit.model.timed_starts import BEGIN, DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.model.timing.parameters import Floats, Ints

SPAN = 90 * DAY
SUCCESSION = Settings().parameters.succession


def weighed(
    born: Ints,
    ended: Ints,
    everybody: Ints | None = None,
    prior: float = 0.3,
    others: Ints | None = None,
    *,
    is_wide: bool = False,
) -> Floats:
    """Bits of the hand-overs on one resource, by birth and closing; `others` are births on another one."""
    born, ended = np.sort(born) + BEGIN, np.sort(ended) + BEGIN
    delay = born[:, None] - ended
    birth, closing = np.nonzero((delay >= -HOUR) & (delay <= 72 * HOUR))
    made = HandOvers(birth, ended[closing], np.maximum(delay[birth, closing], 0), np.full(len(birth), prior))
    elsewhere = np.zeros(0, np.int64) if others is None else np.sort(others) + BEGIN
    resource = np.repeat([1, 2], [len(born), len(elsewhere)])
    s = np.concatenate([born, elsewhere])
    n_ended, wide = np.where(resource == 1, len(ended), 1), np.full(len(s), int(is_wide))
    births = Births(resource, s, np.full(len(s), SPAN), n_ended, wide)
    everyone = np.arange(BEGIN, BEGIN + SPAN, HOUR) if everybody is None else everybody + BEGIN
    return replacing(births, made, everyone, SUCCESSION)[0]


def line(rng: np.random.Generator, n: int, hours: float = 2.0) -> tuple[Ints, Ints]:
    """Births and closings of accounts of which each replaces the one before."""
    ended = np.sort(rng.integers(2 * DAY, SPAN - 4 * DAY, n))
    return ended + (rng.exponential(hours, n) * HOUR).astype(np.int64), ended


def drawn(make: Callable[[np.random.Generator], Floats], n: int = 40) -> Floats:
    return np.concatenate([make(np.random.default_rng(seed)) for seed in range(n)])


def test_one_hand_over_says_no_more_than_it_may() -> None:
    (bits,) = weighed(np.array([40 * DAY + HOUR]), np.array([40 * DAY]))
    assert 4.0 < bits <= SUCCESSION.most_bits


def test_a_chain_of_hand_overs_says_more_of_each() -> None:
    """The same delay, alone on its resource and as one of a dozen."""
    rng = np.random.default_rng(41)
    born, ended = line(rng, 12)
    born[0], ended[0] = DAY + HOUR, DAY
    alone = weighed(born[:1], ended[:1])[0]
    assert alone + 3.0 < weighed(born, ended)[0] <= SUCCESSION.most_bits - np.log2(SUCCESSION.replaced_places)


def test_each_further_hand_over_says_a_little_more_up_to_a_bound() -> None:
    at = np.arange(1, 15) * 6 * DAY
    steps = np.diff([weighed(at[:n] + 2 * HOUR, at[:n])[0] for n in range(1, 15)])
    assert (steps > 0).all()
    assert (np.diff(steps) < 0.05).all()
    assert steps[-3:].max() < 0.1


def test_neighbours_in_a_network_are_no_chain() -> None:
    """What is said of one address is not said of all addresses of a town."""
    at = np.arange(1, 15) * 6 * DAY
    bits = weighed(at + HOUR, at, is_wide=True)
    assert 0 < bits.max() <= SUCCESSION.most_bits < weighed(at + HOUR, at).min()


def test_a_minute_more_moves_no_hand_over_by_much() -> None:
    rng = np.random.default_rng(44)
    born, ended = line(rng, 8)
    bits = [weighed(np.append(born[:7], born[7] + 60 * i), ended) for i in range(60)]
    assert np.abs(np.diff(bits, axis=0)).max() < 0.05


def test_births_at_other_times_than_closings_are_no_chain() -> None:
    """The null: as many births and closings on the resource, at times of their own."""

    def shuffled(rng: np.random.Generator) -> Floats:
        born, ended = line(rng, 15)
        return weighed(rng.integers(0, SPAN, len(born)), ended)

    bits = drawn(shuffled)
    assert len(bits) > 300
    assert np.mean(np.exp2(bits)) < 1.1  # a likelihood ratio is 1 on the average of its null
    assert bits.max() < 5.0
    assert np.median(drawn(lambda rng: weighed(*line(rng, 15)))) > 3.0


@pytest.mark.parametrize("n", [100, 300], ids=["a campus", "a carrier"])
def test_newcomers_to_a_busy_place_follow_nobody(n: int) -> None:
    """At everybody's hours, and closings at these hours as well."""

    def busy(rng: np.random.Generator) -> Floats:
        at = rng.integers(90, size=n) * DAY + rng.integers(8 * HOUR, 20 * HOUR, n)
        ended = rng.integers(90, size=12) * DAY + rng.integers(8 * HOUR, 20 * HOUR, 12)
        return weighed(at, ended, everybody=at)

    bits = drawn(busy, 20)
    assert bits.max() < 3.0
    assert np.mean(bits >= 0.5) < 0.1


def test_a_class_that_opens_accounts_after_a_closing_is_no_chain() -> None:
    """Three classes sign up within the hour, and the first of each class was closed meanwhile."""
    rng = np.random.default_rng(42)
    begin = np.array([10, 40, 70]) * DAY + 10 * HOUR
    bits = weighed((begin[:, None] + rng.integers(0, HOUR, (3, 25))).ravel(), begin + 600)
    assert bits.max() < 3.0


def test_a_closing_that_nobody_follows_speaks_against_a_chain() -> None:
    rng = np.random.default_rng(43)
    born, ended = line(rng, 6)
    followed = weighed(born, ended)
    unfollowed = weighed(
        born, np.concatenate([ended, ended + 37 * HOUR, ended - 50 * HOUR, ended - 90 * HOUR])
    )
    assert unfollowed.max() < followed.max()


def test_a_launch_makes_many_births_and_no_succession() -> None:
    """On the day of a launch five times as many are born everywhere as on others."""
    quiet = weighed(np.array([40 * DAY + 2 * HOUR]), np.array([40 * DAY]))[0]
    everybody = np.concatenate([np.arange(0, SPAN, HOUR), np.arange(40 * DAY, 41 * DAY, HOUR // 4)])
    assert weighed(np.array([40 * DAY + 2 * HOUR]), np.array([40 * DAY]), everybody)[0] < quiet - 1.0


def test_what_is_closed_for_another_reason_is_seldom_replaced() -> None:
    at = np.array([40 * DAY])
    assert weighed(at + HOUR, at, prior=SUCCESSION.silent_prior)[0] < weighed(at + HOUR, at)[0] - 2.0


@given(st.lists(st.integers(0, 89), min_size=1, max_size=12), st.lists(st.integers(0, 89), max_size=12))
def test_births_elsewhere_change_nothing_and_bits_are_bounded(days: list[int], elsewhere: list[int]) -> None:
    at = np.array(sorted(set(days))) * DAY
    bits = weighed(at + 3 * HOUR, at)
    assert np.isfinite(bits).all()
    assert bits.max() <= SUCCESSION.most_bits - np.log2(SUCCESSION.replaced_places)
    assert weighed(at + 3 * HOUR, at, others=np.array(elsewhere, np.int64) * DAY) == pytest.approx(bits)


def test_a_provider_that_has_grown_makes_no_chain_a_crowd() -> None:
    born, ended = line(np.random.default_rng(11), 4)
    days = np.arange(-1_400 * DAY, SPAN, DAY)
    steady = np.repeat(days[-90:], 12) + np.tile(np.arange(12) * 2 * HOUR, 90)
    grown = np.concatenate([days[:-90], steady])  # one a day for years, and twelve a day of late
    assert weighed(born, ended, grown) == pytest.approx(weighed(born, ended, steady), abs=1.0)
