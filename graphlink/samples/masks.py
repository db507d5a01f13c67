"""Operators behind routers that end TLS, among the routers' honest customers."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import joined, joined_moments, ordinary_moments
from graphlink.samples.routers import enter
from graphlink.samples.staff import Farm, chain_cards, jobs, kept, own_servers, set_mix, spread, staff

if TYPE_CHECKING:
    from graphlink.samples.accounts import Accounts, Moments
    from graphlink.samples.tokens import Array


def chosen_routers(farm: Farm, n: int) -> Array:
    """Distinct routers that end TLS, likelier with more customers."""
    sizes = farm.setting.services.routers.sizes
    return np.asarray(farm.rng.choice(len(sizes), min(n, len(sizes)), replace=False, p=sizes / sizes.sum()))


def masked_ended(farm: Farm) -> tuple[Accounts, Moments]:
    """Most accounts behind one to three such routers, rare slips to own servers, and chained cards."""
    rng, dials, n = farm.rng, farm.dials, farm.size
    a, slot = staff(farm, "masked_ended", dials.ban_rate)
    routers = chosen_routers(farm, int(rng.choice([1, 2, 3], p=[0.5, 0.3, 0.2])))
    enter(farm.setting, a, rng.choice(routers, n))
    spread(farm, a, slot, own_servers(farm, rng.uniform(15, 60)), 2)
    is_masked = rng.random(n) < rng.uniform(0.6, 1)
    # How often a request slips differs by operator: the dial is the mean.
    slips = (1 - dials.router_share) * rng.uniform(0, 2)
    set_mix(a, np.flatnonzero(is_masked), router=1 - min(slips, 1))
    set_mix(a, np.flatnonzero(~is_masked), exits=0.5 * dials.mixing)
    paying = rng.uniform(0.4, 0.95)
    chain_cards(farm, a, rng.permutation(n), paying, dials.card_reuse)
    if rng.random() < 0.5:
        return a, ordinary_moments(rng, a, farm.setting.calendar, farm.first)
    # The other half runs jobs, beside calls that keep no beat.
    own, beat = ordinary_moments(rng, a, farm.setting.calendar, farm.first), jobs(farm, a)
    keep_own, keep_beat = rng.random(len(own.at)) < 0.5, rng.random(len(beat.at)) < 0.5
    keep_own[np.unique(own.account, return_index=True)[1]] = True  # every account is seen
    return a, joined_moments([kept(own, keep_own), kept(beat, keep_beat)])


def rivals(farm: Farm) -> tuple[Accounts, Moments]:
    """Two operators at one router and one seller, whose list of cards they buy from either end."""
    rng, setting = farm.rng, farm.setting
    router = chosen_routers(farm, 1)
    n_first = int(np.clip(round(farm.size * rng.uniform(0.35, 0.65)), 1, max(farm.size - 1, 1)))
    other = dataclasses.replace(
        farm,
        operator=int(setting.numbers.take_operators(1)[0]),
        size=farm.size - n_first,
        first=farm.first + n_first,
        shift=int(rng.integers(-11, 12)),
        clients=setting.clients(int(rng.integers(1, 4))),
    )
    cards = rng.permutation(setting.numbers.take_cards(max(4, round(farm.size / 3))))
    n_each = int(np.ceil(len(cards) * rng.uniform(0.52, 0.58)))  # a few of them reach both
    parts = [
        _rival(dataclasses.replace(farm, size=n_first), router, cards[:n_each]),
        _rival(other, router, cards[-n_each:]),
    ]
    return joined([a for a, _ in parts]), joined_moments([seen for _, seen in parts])


def _rival(farm: Farm, router: Array, cards: Array) -> tuple[Accounts, Moments]:
    rng, n = farm.rng, farm.size
    a, slot = staff(farm, "rivals", farm.dials.ban_rate)
    enter(farm.setting, a, np.repeat(router, n))
    spread(farm, a, slot, own_servers(farm, rng.uniform(15, 60)), 2)
    set_mix(a, np.arange(n), router=farm.dials.router_share)
    a.card = np.where(rng.random(n) < 0.8, cards[rng.integers(0, len(cards), n)], -1)
    return a, jobs(farm, a)
