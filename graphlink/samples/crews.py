"""Operators with crews: three zones on one beat, a ring of thin accounts, a move to a new model at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import ordinary_moments
from graphlink.samples.hours import FLAT, HOUR, OFFICE
from graphlink.samples.masks import chosen_routers
from graphlink.samples.places import EXIT, OWN
from graphlink.samples.routers import enter
from graphlink.samples.staff import Farm, chain_cards, run_jobs, set_mix, spread, staff, static_exits

if TYPE_CHECKING:
    from graphlink.samples.accounts import Accounts, Moments

_PER_EXIT = 25  # accounts of a thin ring on one exit
_CALLS_A_DAY = 26  # of each of its accounts
_SHIFT_HOURS = 9  # that a crew works


def crews(farm: Farm) -> tuple[Accounts, Moments]:
    """Three crews, eight hours apart, that work off one list of jobs, each in its own hours."""
    rng, n = farm.rng, farm.size
    a, _ = staff(farm, "crews", farm.dials.ban_rate)
    crew = rng.permutation(n) % 3
    routers = rng.permutation(chosen_routers(farm, 3))
    enter(farm.setting, a, routers[crew % len(routers)])
    set_mix(a, np.arange(n), router=1.0)
    a.profile[:] = OFFICE
    a.shift = (farm.shift + 8 * crew + 11) % 24 - 11
    a.api[:], a.domain[:] = 1.0, 0
    # Most pay with a card of their own, and a few cards go from hand to hand.
    chain_cards(farm, a, rng.permutation(n), rng.uniform(0.1, 0.3), farm.dials.card_reuse)
    alone = (a.card < 0) & (rng.random(n) < 0.6)
    a.card[alone] = farm.setting.numbers.take_cards(int(alone.sum()))
    return a, _beat(farm, a)


def _beat(farm: Farm, a: Accounts) -> Moments:
    """Moments at the jobs of all hours that fall into each account's working hours."""
    rng, calendar = farm.rng, farm.setting.calendar
    n_jobs = max(3, round(calendar.days * rng.uniform(3, 8)))
    zeros = np.zeros(n_jobs, np.int64)
    times = calendar.draw(rng, zeros + FLAT, zeros, zeros, zeros + calendar.end)
    local = (times[None, :] // HOUR - a.shift[:, None]) % 24
    works = (local >= 8) & (local < 8 + _SHIFT_HOURS)
    n_each = n_jobs * _SHIFT_HOURS / 24
    share = min(farm.dials.farm_moments / n_each, 0.9)
    return run_jobs(farm, a, times, works * share, calls=_CALLS_A_DAY * calendar.days / (n_each * share))


def thin_ring(farm: Farm) -> tuple[Accounts, Moments]:
    """Thin accounts, most on one exit with some on the next, so that the exits make a ring."""
    rng, n, calendar = farm.rng, farm.size, farm.setting.calendar
    places = farm.setting.places
    a, slot = staff(farm, "thin_ring", farm.dials.ban_rate)
    exits = places.business_addresses(max(2, round(n / _PER_EXIT)))
    place = rng.permutation(int(slot.max()) + 1)[slot] % len(exits)
    following = exits[(place + 1) % len(exits)]
    a.own = places.addresses.add_rows(np.stack([exits[place]] * 4 + [following], axis=1))
    mixed = farm.dials.mixing / 5 * rng.uniform(0, 2)  # the rest of the calls comes through homes
    a.mix[:, EXIT], a.mix[:, OWN] = mixed, 1 - mixed
    a.rate = farm.dials.farm_moments / 2 * rng.gamma(8, 1 / 8, n)
    a.domain[:] = 0
    chain_cards(farm, a, rng.permutation(n), rng.uniform(0.1, 0.3), farm.dials.card_reuse)
    seen = ordinary_moments(rng, a, calendar, farm.first)
    calls = _CALLS_A_DAY * calendar.days / a.rate[seen.account - farm.first]
    seen.n = np.maximum(rng.poisson(calls), 1)
    return a, seen


def mover(farm: Farm) -> tuple[Accounts, Moments]:
    """A crew on leased and residential exits, all of whose accounts call a new model within a day."""
    rng, n = farm.rng, farm.size
    a, slot = staff(farm, "mover", farm.dials.ban_rate)
    spread(farm, a, slot, static_exits(farm), 2)
    exits = farm.dials.mixing * rng.uniform(0.6, 1)
    set_mix(a, np.arange(n), exits=exits)
    a.moves_at_once[:] = True
    chain_cards(farm, a, rng.permutation(n), rng.uniform(0.2, 0.6), farm.dials.card_reuse)
    return a, ordinary_moments(rng, a, farm.setting.calendar, farm.first)
