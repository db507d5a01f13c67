"""Resources on which accounts replace those that are closed: what chance gives, and what a chain says.

Accounts are born on a resource at some rate by chance, at everybody's hours and on everybody's days, and more
on the days of a class or a launch there. Where closed accounts are replaced, births follow closings. Each
closing is replaced by one account at most, so that a crowd that comes after one is no chain; and births that
replace closed accounts do not make others likelier by chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphlink.model.timing.parameters import DAY, HOUR
from graphlink.model.timing.tables import distinct_rows

if TYPE_CHECKING:
    from graphlink.core.parameters import Succession
    from graphlink.model.timing.parameters import Floats, Ints

_ROUNDS = 20  # of reckoning which births replace, by what rate they leave, until it no longer moves
_MOST_CHAIN = 60.0  # bits beyond which a chain is certain, as far as a float can tell


class Births(NamedTuple):
    """Births on resources, in order of resource and time.

    Attributes:
        resource: Number of the identifier.
        s: When.
        span: Seconds in which the resource was in use.
        n_ended: Accounts that ended there, with and without another that was born soon.
        is_wide: 1 for a network of many addresses, which neighbours share: on it nobody replaces as a habit.
    """

    resource: Ints
    s: Ints
    span: Ints
    n_ended: Ints
    is_wide: Ints


class HandOvers(NamedTuple):
    """Accounts that ended, each with one born soon on a resource of it.

    Attributes:
        birth: Row of the birth.
        end_s: When the account ended.
        delay: Seconds from then to the birth; 0 if it was before.
        prior: Share of one operator's closed accounts that are replaced.
    """

    birth: Ints
    end_s: Ints
    delay: Ints
    prior: Floats


class Replaced(NamedTuple):
    """What is replaced on resources, by their births and closings.

    Attributes:
        bits: Of each hand-over.
        rate: Of each hand-over, births by chance per second at its birth.
        chain: Of each birth, log2 of how much likelier all births and closings of its resource are where
            closed accounts are replaced.
        left: Of each birth the probability that it replaces none, where they are.
    """

    bits: Floats
    rate: Floats
    chain: Floats
    left: Floats


class _Known(NamedTuple):
    """What all rounds and shares have in common.

    Attributes:
        births: The births.
        resource: Their resources, counted from 0.
        made: The hand-overs.
        closing: Of each hand-over the closing, an account's end on a resource, counted from 0.
        crowd: Per birth, how many times as many are born everywhere as on average.
        low: Per birth, the row of the first that is near on its resource.
        high: Per birth, the row behind the last.
    """

    births: Births
    resource: Ints
    made: HandOvers
    closing: Ints
    crowd: Floats
    low: Ints
    high: Ints


class _State(NamedTuple):
    """What holds on resources where a share of the closed accounts is replaced.

    Attributes:
        rate: Per birth, births by chance per second.
        left: Per birth the probability that it replaces none.
        gain: Per birth, log2 of how much likelier it is with replacement.
        chain: Per resource, bits for replacement, of all its births and closings.
    """

    rate: Floats
    left: Floats
    gain: Floats
    chain: Floats


def replacing(births: Births, made: HandOvers, everybody: Ints, succession: Succession) -> Replaced:
    """Weigh the births and closings of each resource, and each hand-over.

    With the birth's delay it counts how sure it is, by the resource's other births, that somebody replaces
    closed accounts there. Where an operator has both accounts this is so with `prior`, where strangers have
    them with `replaced_places`. It counts the less, the more are born there that replace none: who is born at
    an exit that an operator has among many is mostly somebody else.
    """
    _, resource = np.unique(births.resource, return_inverse=True)
    known = _known(births, resource, made, everybody, succession)
    shares = succession.replaced_shares
    states = [_with_replacement(known, one, succession) for one in shares]
    chains = np.array([one.chain for one in states]).reshape(len(states), -1)
    weights = np.exp2(chains - chains.max(axis=0, initial=-np.inf))
    weights /= weights.sum(axis=0)
    chain = np.log2(np.mean(np.exp2(np.minimum(chains, _MOST_CHAIN)), axis=0))
    of = resource[made.birth]

    def mean(values: list[Floats]) -> Floats:
        return np.asarray(sum(weight[of] * one for weight, one in zip(weights, values, strict=True)))

    gain, rate = (
        mean([one.gain[made.birth] for one in states]),
        mean([one.rate[made.birth] for one in states]),
    )
    theirs = mean([_share_of_others(resource, one.left)[made.birth] for one in states])
    share = mean([np.full(len(of), one) for one in shares])
    chance = np.minimum(np.exp2(chain[of] - gain), 2.0**_MOST_CHAIN)
    chance = np.where(births.is_wide[made.birth] > 0, np.minimum(chance, 1.0), chance)
    prior, replaces = made.prior, share * _density(made.delay, succession) / rate
    alone = np.log2(prior * (replaces + 1 - share) + 1 - prior)
    # Who replaces nobody may still be of those who replace, and so may who ended: each by their share there.
    of_operator = prior * (replaces + (1 - share) * theirs**2) * chance + 1 - prior
    of_strangers = succession.replaced_places * chance + 1 - succession.replaced_places
    bits = np.minimum(alone, succession.most_bits) - alone + np.log2(of_operator / of_strangers)
    left = sum(weight[resource] * one.left for weight, one in zip(weights, states, strict=True))
    return Replaced(bits, rate, chain[resource], np.asarray(left))


def _known(
    births: Births, resource: Ints, made: HandOvers, everybody: Ints, succession: Succession
) -> _Known:
    _, _, closing = distinct_rows(resource[made.birth], made.end_s)
    reach = succession.longest_delay_h * HOUR
    key = resource * (int(births.s.max(initial=0)) + 2 * reach + 1) + births.s
    low, high = np.searchsorted(key, key - reach), np.searchsorted(key, key + reach, "right")
    crowd = _crowding(births, everybody, succession.quietest_days)
    return _Known(births, resource, made, closing, crowd, low, high)


def _share_of_others(resource: Ints, left: Floats) -> Floats:
    """Per birth the share of the others on its resource that replace; one that does is granted."""
    n = np.bincount(resource, minlength=1)[resource]
    replacing = np.bincount(resource, 1 - left, minlength=1)[resource] - (1 - left)
    return np.asarray((replacing + 1) / n)


def _density(delay: Ints, succession: Succession) -> Floats:
    """Density of the delay of a replacement, per second."""
    means = [mean * HOUR for mean in succession.mean_delays_h]
    return np.asarray(np.mean([np.exp(-delay / mean) / mean for mean in means], axis=0))


def _crowding(births: Births, everybody: Ints, least_days: int) -> Floats:
    """How many times as many are born everywhere at that hour of the day, and on that day, as on average.

    A day is held against those around it, as many as the resource was in use: a provider that grows has more
    births on any day of late than over years, and so has the resource. It is 1 at least: that few are born
    at night makes a birth at night no evidence.
    """
    s = births.s
    if not len(s):
        return np.ones(0)
    hour = np.bincount(everybody // HOUR % 24, minlength=24).astype(np.float64)
    hour = (np.roll(hour, 1) + 2 * hour + np.roll(hour, -1)) / 4
    first = int(everybody.min()) // DAY
    day = np.bincount(everybody // DAY - first)
    total = np.concatenate([[0], np.cumsum(day)])
    at, reach = s // DAY - first, np.maximum(births.span // DAY, least_days)
    begin, end = np.maximum(at - reach, 0), np.minimum(at + reach + 1, len(day))
    of_hour = (hour + 1) / (hour.mean() + 1)
    of_day = (day[at] + 1) / ((total[end] - total[begin]) / (end - begin) + 1)
    return np.asarray(np.maximum(of_hour[s // HOUR % 24], 1.0) * np.maximum(of_day, 1.0))


def _with_replacement(known: _Known, share: float, succession: Succession) -> _State:
    """What holds if a share of the closed accounts is replaced; by rounds, as in EM."""
    births, resource, made, closing, crowd, _, _ = known
    density = share * _density(made.delay, succession)
    n, n_closings = len(births.s), int(closing.max(initial=-1)) + 1
    by_chance = _rate(known, np.ones(n), succession) * crowd
    left, rate, split = np.ones(n), by_chance, np.ones(n_closings)
    for _ in range(_ROUNDS):
        hazard = density * split[closing]
        replaced = np.bincount(made.birth, hazard, minlength=n).astype(np.float64)
        of_each = hazard / (rate + replaced)[made.birth]
        # A closing is replaced once: births that compete for it divide it.
        split = split / np.maximum(np.bincount(closing, of_each, minlength=n_closings), 1.0)
        left = rate / (rate + replaced)
        rate = _rate(known, left, succession) * crowd
    gain = np.log2((rate + replaced) / by_chance)
    n_resources = int(resource.max(initial=-1)) + 1
    first = np.unique(closing, return_index=True)[1]
    of_closing = resource[made.birth[first]]
    # Closings that nobody replaced speak against it, and births fewer by chance for it (Poisson's).
    n_followed = np.bincount(of_closing, minlength=n_resources)
    n_ended = births.n_ended[np.searchsorted(resource, np.arange(n_resources))]
    missed = share * (n_ended - n_followed) + np.bincount(of_closing, share * split, minlength=n_resources)
    fewer = np.bincount(resource, 1 - left, minlength=n_resources)
    chain = np.bincount(resource, gain, minlength=n_resources) - (missed - fewer) / np.log(2)
    return _State(rate, left, gain, chain)


def _rate(known: _Known, left: Floats, succession: Succession) -> Floats:
    """Births by chance per second, around each birth: on the resource, or more if more are born those days.

    Args:
        known: The births.
        left: Of each the probability that it replaces none.
        succession: What is near, and the rate at least.
    """
    reach, resource = succession.longest_delay_h * HOUR, known.resource
    total = np.concatenate([[0.0], np.cumsum(left)])
    n_there = np.bincount(resource, left, minlength=1)[resource] - left
    overall = (n_there + 1.0) / np.maximum(known.births.span, DAY)
    nearby = (total[known.high] - total[known.low] - left) / (2.0 * reach)
    return np.asarray(np.maximum(np.maximum(overall, nearby), 1.0 / (succession.quietest_days * DAY)))
