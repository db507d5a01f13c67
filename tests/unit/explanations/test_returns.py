"""How many accounts are opened soon after a closing by chance, and when more are than that."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.core.wording import soon_after_figure, soon_after_sentence
from graphlink.explanations.returns import covered_shares, judge_returns, returns_among

DAY = 86_400


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(-5, 30)), max_size=12),
    st.integers(0, 10),
    st.integers(1, 20),
)
def test_the_covered_share_is_that_of_a_count_day_by_day(
    closings: list[tuple[int, int]], first: int, n_days: int
) -> None:
    last = first + n_days
    cluster, day = (np.array([row[i] for row in closings], np.int64) for i in range(2))
    shares = covered_shares(cluster, day * DAY, 3, (first * DAY, last * DAY))
    for number in range(3):
        mine = [d for c, d in closings if c == number]
        # Times are whole days here, so a day is covered as a whole or not at all.
        covered = sum(any(d <= at < d + 3 for d in mine) for at in range(first, last))
        assert shares[number] == pytest.approx(covered / n_days)


def test_in_a_cluster_closed_every_day_openings_after_closings_mean_nothing() -> None:
    closed = np.arange(60) * DAY
    share = covered_shares(np.zeros(60, np.int64), closed, 1, (0, 60 * DAY))[0]
    outcome = judge_returns((10, 40), 40, (0.25, share))
    assert (outcome.by_chance, outcome.is_above_chance) == (40.0, False)
    actual = soon_after_sentence(3 * DAY, 40, outcome.by_chance, is_above_chance=outcome.is_above_chance)
    assert "40.0 are expected by chance: that is no sign of a return." in actual
    assert "come back" not in actual


def test_many_openings_after_a_single_closing_are_above_chance() -> None:
    share = covered_shares(np.zeros(1, np.int64), np.array([30 * DAY]), 1, (0, 60 * DAY))[0]
    assert share == pytest.approx(0.05)
    assert judge_returns((0, 4), 6, (share / 12, share)).is_above_chance
    assert not judge_returns((0, 1), 6, (share / 12, share)).is_above_chance
    assert not judge_returns((0, 0), 6, (share / 12, share)).is_above_chance


def test_openings_within_hours_show_where_those_within_days_do_not() -> None:
    """An operator that is closed every few days: three days cover most of the time, six hours little."""
    actual = judge_returns((13, 18), 31, (0.075, 0.58))
    assert (actual.is_above_chance, actual.lag_s, actual.n_within) == (True, 6 * 3_600, 13)
    assert actual.by_chance == pytest.approx(31 * 0.58)
    figure = soon_after_figure(actual.lag_s, actual.n_within, actual.within_by_chance)
    assert figure.startswith("13 in 6 hours ("), "the figure is that of the lag on which the mark rests"
    outcome = soon_after_sentence(actual.lag_s, 13, actual.within_by_chance, is_above_chance=True)
    assert "13 accounts were opened within 6 hours after" in outcome
    assert "2.3 are expected by chance: the holders of closed accounts may have come back." in outcome


def test_a_cluster_is_above_chance_in_one_of_twenty_at_most_when_it_is_chance() -> None:
    rng = np.random.default_rng(1)
    hours = rng.binomial(12, 0.1, 20_000)
    days = hours + rng.binomial(12 - hours, 0.2 / 0.9)
    drawn = zip(hours.tolist(), days.tolist(), strict=True)
    above = np.mean([judge_returns(one, 12, (0.1, 0.3)).is_above_chance for one in drawn])
    assert 0.005 < above <= 0.05


def test_without_a_time_span_nothing_is_claimed() -> None:
    at = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    for span in ((None, None), (at, at)):
        actual = returns_among([at], [dt.timedelta(hours=1)], [at], span)
        assert (actual.by_chance, actual.is_above_chance) == (None, False)
    assert soon_after_figure(3 * DAY, 1, None) == "1 in 3 days (chance not known)"
    assert "not known" in soon_after_sentence(DAY, 1, None, is_above_chance=False)
    assert soon_after_sentence(DAY, 0, 0.0, is_above_chance=False) == ""
    assert soon_after_figure(3 * DAY, 0, 0.3) == "0"
