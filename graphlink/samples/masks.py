"""Operators behind routers that end TLS, among the routers' honest customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import joined_moments, ordinary_moments
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
