"""Measures of a cluster beside those of comparable accounts: shares, totals, medians, hours covered.

A measure is of the accounts it is known for. Its usual value is what comparable accounts show, member by
member; its range is what groups of as many of them show. A share also has the ratio to the usual one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphlink.assessment.facts.comparable import Pool, generator
from graphlink.assessment.facts.intervals import (
    binomial_interval,
    ratio_interval,
    resampled_median,
    resampled_ratio,
    share_variance,
    tails,
)
from graphlink.core.wording.figures import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from graphlink.assessment.facts.accounts import Called
    from graphlink.assessment.facts.intervals import Interval

    Floats = NDArray[np.float64]
    Numbers = NDArray[np.int64]
    _Usual = tuple[float | None, float | None, float | None]

_MOST_RESAMPLED = 4_000_000  # accounts in all repetitions; a larger cluster has fewer of them
_LEAST_REPEATED = 100
_UNKNOWN: Interval = (None, None)
_NO_USUAL: _Usual = (None, None, None)


class Name(NamedTuple):
    """What is measured: the measure, the fact and its category, and a sentence about it."""

    measure: str
    fact: str
    category: str
    detail: str


class Compared(NamedTuple):
    """A measure of a cluster beside what is usual; None where a number is not known."""

    value: float
    low: float | None
    high: float | None
    usual: float | None
    usual_low: float | None
    usual_high: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    n_accounts: int
    n_usual: int


class Comparable(NamedTuple):
    """What a cluster is compared with, and the random numbers of the comparison.

    Attributes:
        groups: Groups of accounts comparable to its members, (groups, members), by place among the peers.
        windows: Per member, where the accounts comparable to it begin and end among the peers.
        n_accounts: How many accounts are comparable to any of its members.
        random: Random numbers.
    """

    groups: Numbers
    windows: tuple[Numbers, Numbers]
    n_accounts: int
    random: np.random.Generator


class _OfPeers(NamedTuple):
    """Values of the accounts outside clusters, in the order of activity, and their sums up to each."""

    values: Floats
    sums: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure of accounts.

    Attributes:
        name: What it is.
        called: The accounts.
        known: Whether it is known of each.
        least: Members of which it has to be known.
        peers: The accounts outside clusters of which it is known, by place, in the order of activity.
        pool: Their activity.
    """

    name: Name
    called: Called
    known: NDArray[np.bool_]
    least: int = 1
    peers: Numbers = field(init=False)
    pool: Pool = field(init=False)

    def __post_init__(self) -> None:
        peers = np.flatnonzero(self.known[: self.called.n_pool])
        object.__setattr__(self, "peers", peers)
        object.__setattr__(self, "pool", Pool(self.called.calls[peers], self.called.rules))

    def compare(self, cluster: tuple[str, int, int], seed: int) -> Compared | None:
        """Compare a cluster (its name, where its members begin and end); None where nothing is known."""
        name, begin, end = cluster
        members = begin + np.flatnonzero(self.known[begin:end])
        if len(members) < self.least:
            return None
        random = generator(seed, "\n".join((name, *self.name[:-1])))
        return self._compared(members, self._comparable(self.called.calls[members], random))

    def _comparable(self, activity: Floats, random: np.random.Generator) -> Comparable:
        groups, (low, high) = self.pool.groups(activity, random), self.pool.windows(activity)
        n_usual = int(high.max() - low.min()) if groups.shape[1] else 0
        return Comparable(groups, (low, high), n_usual, random)

    def _draws(self, n: int, random: np.random.Generator) -> Numbers | None:
        """Draw the accounts of a cluster again and again; None where they are too few for an interval."""
        rules = self.called.rules
        if n < rules.least_resampled:
            return None
        repeated = min(rules.resamples, max(_LEAST_REPEATED, _MOST_RESAMPLED // n))
        return random.integers(0, n, (repeated, n))

    def _compared(self, members: Numbers, comparable: Comparable) -> Compared | None:
        raise NotImplementedError


def _range(of_groups: Floats) -> Interval:
    known = of_groups[np.isfinite(of_groups)]
    if not len(known):
        return _UNKNOWN
    return tails(known)


def _middle(of_groups: Floats) -> _Usual:
    """What groups of comparable accounts show in the middle, and their range."""
    return float(np.median(of_groups)), *_range(of_groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio(Measure):
    """A ratio of sums over accounts, such as a share of calls.

    Attributes:
        above: What is summed above the line.
        below: What is summed below it.
        has_ratio: Whether it is set in relation to the usual one: the risk ratio, or lift.
        is_of_accounts: Whether it is a share of accounts, with an exact interval.
    """

    above: Floats
    below: Floats
    has_ratio: bool = False
    is_of_accounts: bool = False
    of_peers: tuple[_OfPeers, _OfPeers] = field(init=False)

    def __post_init__(self) -> None:
        Measure.__post_init__(self)  # with slots, super() would look for another class
        object.__setattr__(
            self, "of_peers", tuple(_of_peers(values[self.peers]) for values in (self.above, self.below))
        )

    def _compared(self, members: Numbers, comparable: Comparable) -> Compared | None:
        above, below = self.above[members], self.below[members]
        if not below.sum():
            return None
        value = float(above.sum() / below.sum())
        if self.is_of_accounts:
            interval = binomial_interval(int(above.sum()), len(members))
        else:
            interval = resampled_ratio(above, below, self._draws(len(members), comparable.random))
        usual, bounds = self._usual(comparable) if comparable.n_accounts else (None, _UNKNOWN)
        ratio, ratios = None, _UNKNOWN
        if self.has_ratio and usual:
            ratio = value / usual
            ratios = ratio_interval(
                value, interval, usual, self._relative_variance(usual, comparable.windows)
            )
        return Compared(value, *interval, usual, *bounds, ratio, *ratios, len(members), comparable.n_accounts)

    def _usual(self, comparable: Comparable) -> tuple[float | None, Interval]:
        above, below = (_mean_sums(one, comparable.windows) for one in self.of_peers)
        sums, weights = (one.values[comparable.groups].sum(axis=1) for one in self.of_peers)
        with np.errstate(divide="ignore", invalid="ignore"):  # a group without calls has no share
            of_groups = sums / weights
        return (above / below if below else None), _range(of_groups)

    def _relative_variance(self, usual: float, windows: tuple[Numbers, Numbers]) -> float:
        above, below = (one.values[windows[0].min() : windows[1].max()] for one in self.of_peers)
        return share_variance(above, below) / usual**2


def _of_peers(values: Floats) -> _OfPeers:
    return _OfPeers(values, np.concatenate(([0.0], np.cumsum(values))))


def _mean_sums(of_peers: _OfPeers, windows: tuple[Numbers, Numbers]) -> float:
    """Add up, over members, the mean of their comparable accounts."""
    low, high = windows
    return float(((of_peers.sums[high] - of_peers.sums[low]) / (high - low)).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Total(Measure):
    """A sum over accounts in some unit, such as tokens per day.

    Attributes:
        amounts: Of each account.
        unit: What the sum is divided by.
        has_usual: Whether comparable accounts say anything: they are chosen by calls, so calls do not.
    """

    amounts: Floats
    unit: float
    has_usual: bool = True
    of_peers: _OfPeers = field(init=False)

    def __post_init__(self) -> None:
        Measure.__post_init__(self)
        object.__setattr__(self, "of_peers", _of_peers(self.amounts[self.peers]))

    def _comparable(self, activity: Floats, random: np.random.Generator) -> Comparable:
        if self.has_usual:
            return Measure._comparable(self, activity, random)
        none = np.empty(0, np.int64)
        return Comparable(none[:, None], (none, none), 0, random)

    def _compared(self, members: Numbers, comparable: Comparable) -> Compared | None:
        if not self.unit:
            return None
        value = float(self.amounts[members].sum()) / self.unit
        usual, bounds = None, _UNKNOWN
        n_usual = comparable.n_accounts
        if n_usual:
            groups, windows = comparable.groups, comparable.windows
            scale = len(members) / groups.shape[1] / self.unit
            of_all = len(members) / len(windows[0]) / self.unit
            usual = _mean_sums(self.of_peers, windows) * of_all
            bounds = _range(self.of_peers.values[groups].sum(axis=1) * scale)
        return Compared(value, None, None, usual, *bounds, None, None, None, len(members), n_usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Median(Measure):
    """A median over accounts.

    Attributes:
        values: Of each account.
        is_spread: Whether it is the median distance from the median, instead of the median.
    """

    values: Floats
    is_spread: bool = False

    def _compared(self, members: Numbers, comparable: Comparable) -> Compared | None:
        values = self.values[members]
        value = float(self._of(values[None, :])[0])
        interval = resampled_median(values, self._draws(len(members), comparable.random), self._of)
        usual = _NO_USUAL
        if comparable.n_accounts:
            usual = _middle(self._of(self.values[self.peers[comparable.groups]]))
        return Compared(value, *interval, *usual, None, None, None, len(members), comparable.n_accounts)

    def _of(self, rows: Floats) -> Floats:
        middle = np.median(rows, axis=1)
        return np.median(np.abs(rows - middle[:, None]), axis=1) if self.is_spread else middle


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours(Measure):
    """How many hours of the week the accounts together call in.

    Attributes:
        hours: Whether each calls in each hour, packed to bits: a row per 64 hours, a column per account.
    """

    hours: NDArray[np.uint64]

    def _compared(self, members: Numbers, comparable: Comparable) -> Compared | None:
        value = float(_union_sizes(self.hours[:, None, members])[0])
        usual = _NO_USUAL
        if comparable.n_accounts:
            usual = _middle(_union_sizes(self.hours[:, self.peers[comparable.groups]]))
        return Compared(value, None, None, *usual, None, None, None, len(members), comparable.n_accounts)


def _packed(hours: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Pack hours to bits, a row per 64 hours; there are none beyond the last."""
    padded = np.pad(hours, ((0, 0), (0, -hours.shape[1] % 64)))
    return np.ascontiguousarray(np.packbits(padded, axis=1).view(np.uint64).T)


def _union_sizes(packed: NDArray[np.uint64]) -> Floats:
    """Count the bits that are set in any member of each group: by 64 hours, group and member."""
    united = np.ascontiguousarray(np.bitwise_or.reduce(packed, axis=2).T)
    return np.asarray(np.unpackbits(united.view(np.uint8), axis=1).sum(axis=1), np.float64)


def measures_of_times(called: Called) -> Sequence[Measure]:
    """List the measures that need nothing but times."""
    active = called.calls > 0
    ones = np.ones(len(called.calls))
    per_day, night = max(called.days, 1.0), called.rules.night_hours
    return (
        Total(
            name=Name("calls_per_day", "", "", "calls per day of all its accounts together"),
            called=called, known=active, amounts=called.calls, unit=per_day, has_usual=False,
        ),
        Total(
            name=Name("share_of_calls", "", "", "its share of the calls of all accounts"),
            called=called, known=active, amounts=called.calls, unit=called.all_calls, has_usual=False,
        ),
        Ratio(
            name=Name(
                "growth", "", "",
                "calls in the last half of the data over those in the first half, bursts of a day capped",
            ),
            called=called, known=active, above=called.last_half + ones, below=called.first_half + ones,
        ),
        Hours(
            name=Name("hours_covered", "", "", "hours of the week in which any of its accounts calls"),
            called=called, known=active, hours=_packed(called.hours),
        ),
        Ratio(
            name=Name(
                "night_share", "", "",
                f"share of calls in the {night} quietest hours in a row of each account's day "
                f"(around the clock: {percent(night / 24)})",
            ),
            called=called, known=active, above=called.night, below=called.calls,
        ),
        Median(
            name=Name(
                "gap_variation", "", "",
                "variation of the gaps between an account's calls (median; 0 regular as a clock, 1 random, "
                "more in bursts)",
            ),
            called=called, known=~np.isnan(called.gap_variation), least=2, values=called.gap_variation,
        ),
    )  # fmt: skip
