"""Routers that end TLS: their honest customers, and the accounts that a router pools."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import apportioned
from graphlink.samples.hours import CRON, DAY, EVENING, FLAT, OFFICE
from graphlink.samples.people import leave_home, someone
from graphlink.samples.places import OWN, ROUTER

if TYPE_CHECKING:
    from graphlink.samples.accounts import Accounts
    from graphlink.samples.people import Setting
    from graphlink.samples.tokens import Array


def enter(setting: Setting, a: Accounts, router: Array) -> None:
    """Connect accounts to routers, whose client is then seen instead of theirs."""
    a.router = setting.services.routers.pools[router]
    a.router_client = router


def customers(setting: Setting, n: int) -> Accounts:
    """Unrelated customers with accounts of their own; some log in, or call, from home as well."""
    rng = setting.rng
    a = someone(setting, n, "router_ended")
    sizes = setting.services.routers.sizes
    enter(setting, a, np.repeat(np.arange(len(sizes)), apportioned(n, sizes)))
    a.profile = np.where(a.profile == CRON, CRON, rng.choice([EVENING, OFFICE, FLAT], n))
    goes_direct = rng.random(n) < 0.4
    a.api = np.where(rng.random(n) < 0.25, 0.5, 0.0)  # of what does not pass the router
    leave_home(a, ROUTER, np.where(goes_direct, 1 - rng.beta(1, 6, n), 1.0))
    return a


def pools(setting: Setting, n: int) -> Accounts:
    """Accounts that routers opened and pay for themselves, to spread their customers' calls over."""
    rng, dials = setting.rng, setting.dials
    n_routers = min(max(1, round(len(setting.services.routers.sizes) / 4)), max(1, n // 5))
    weight = np.sqrt(setting.services.routers.sizes)
    chosen = rng.choice(len(weight), n_routers, replace=False, p=weight / weight.sum())
    each = apportioned(n, weight[chosen] * rng.gamma(2, 1, n_routers) + 1e-9)
    group = np.repeat(np.arange(n_routers), each)
    a = someone(setting, n, "pooled")
    a.operator = setting.numbers.take_operators(n_routers)[group]
    enter(setting, a, chosen[group])
    batches = rng.integers(-200 * DAY, setting.calendar.end // 2, (n_routers, 4))
    a.created = batches[group, rng.integers(0, 4, n)] + rng.integers(0, 2 * DAY, n)
    a.closed = np.where(a.is_banned, np.maximum(a.closed, a.begins() + DAY), a.closed)
    a.profile[:] = EVENING  # the sum of the router's customers
    a.shift[:] = rng.integers(-11, 12, n_routers)[group]
    a.rate = dials.farm_moments * rng.gamma(8, 1 / 8, n)  # calls are balanced over the pool
    a.volume = np.exp(rng.uniform(2, 5, n_routers))[group]
    a.api[:] = 1.0
    n_cards = 1 + rng.poisson(each / 25)
    first = setting.numbers.take_cards(int(n_cards.sum()))[np.cumsum(n_cards) - n_cards]
    a.card = first[group] + (rng.random(n) * n_cards[group]).astype(np.int64)
    a.card_later[:] = -1
    a.domain = np.where(rng.random(n_routers) < 0.5, setting.numbers.take_domains(n_routers), 0)[group]
    offices = setting.places.business_addresses(n_routers)
    a.own = setting.places.addresses.add_rows(offices[:, None])[group]
    a.mix[:] = 0
    a.mix[:, ROUTER], a.mix[:, OWN] = 0.98, 0.02
    return a
