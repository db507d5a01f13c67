"""Operators on servers and prefixes: many cards that do not chain, rotation through a provider's /64s."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import ordinary_moments
from graphlink.samples.places import EXIT, OWN
from graphlink.samples.staff import Farm, chain_cards, own_servers, spread, staff

if TYPE_CHECKING:
    from graphlink.samples.accounts import Accounts, Moments
    from graphlink.samples.tokens import Array

MOST_CARDS = 30


def many_cards(farm: Farm) -> tuple[Accounts, Moments]:
    """Own servers, and cards that divide the accounts: no account has two."""
    rng, n = farm.rng, farm.size
    a, slot = staff(farm, "many_cards", farm.dials.ban_rate)
    spread(farm, a, slot, _rented(farm, max(1, round(n / rng.uniform(8, 30)))), farm.dials.exits_per_account)
    exits = farm.dials.mixing / 5 * rng.uniform(0, 2)
    a.mix[:, EXIT], a.mix[:, OWN] = exits, 1 - exits
    k = int(np.clip(np.exp(rng.uniform(0, np.log(MOST_CARDS + 1))), 1, min(MOST_CARDS, max(1, n // 2))))
    cards = farm.setting.numbers.take_cards(k)
    a.card = np.where(rng.random(n) < 0.9, cards[rng.integers(0, k, n)], -1)
    return a, ordinary_moments(rng, a, farm.setting.calendar, farm.first)


def _rented(farm: Farm, n: int) -> Array:
    """Servers next to honest tenants of one hoster, or servers at hosters as other farms have."""
    roomy = [hoster for hoster in farm.setting.services.hosters if len(hoster.free) > n]
    if farm.rng.random() < 0.5 or not roomy:
        return own_servers(farm, farm.size / n)
    hoster = roomy[int(farm.rng.integers(len(roomy)))]
    return np.concatenate([hoster.rent(1) for _ in range(n)])


def v6_rotation(farm: Farm) -> tuple[Accounts, Moments]:
    """Sessions through a provider's /64s; each session serves the accounts that a day's draw gives it."""
    rng, n = farm.rng, farm.size
    a, _ = staff(farm, "v6_rotation", farm.dials.ban_rate)
    rotations = farm.setting.services.rotations
    a.own[:] = rotations[int(rng.integers(len(rotations)))]
    a.workers[:] = max(1, round(n / rng.uniform(2, 6)))
    exits = farm.dials.mixing / 5 * rng.uniform(0, 2)
    a.mix[:, EXIT], a.mix[:, OWN] = exits, 1 - exits
    chain_cards(farm, a, rng.permutation(n), rng.uniform(0.4, 0.95), farm.dials.card_reuse)
    return a, ordinary_moments(rng, a, farm.setting.calendar, farm.first)
