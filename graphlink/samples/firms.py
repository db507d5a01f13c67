"""Firms behind single sign-on and a rented cloud egress, and the people who rent it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import sizes_up_to
from graphlink.samples.hours import OFFICE
from graphlink.samples.people import leave_home, someone
from graphlink.samples.places import SHIFTS, SITE

if TYPE_CHECKING:
    from graphlink.samples.accounts import Accounts
    from graphlink.samples.people import Setting
    from graphlink.samples.tokens import Array

LEAST_STAFF, MOST_STAFF = 10, 5000


def firms(setting: Setting, n: int) -> Accounts:
    """Staff of firms, each one operator in the open: own domain, few cards, one region of an egress."""
    rng = setting.rng
    drawn = np.clip(rng.lognormal(np.log(40), 1.4, n // LEAST_STAFF + 1), LEAST_STAFF, MOST_STAFF)
    sizes = sizes_up_to(n, np.minimum(drawn, max(LEAST_STAFF, n // 2)).astype(np.int64), least=LEAST_STAFF)
    group = np.repeat(np.arange(len(sizes)), sizes)
    a = someone(setting, n, "sso_firm")
    a.operator = setting.numbers.take_operators(len(sizes))[group]
    a.site = _regions(setting, np.ceil(np.log2(sizes)).astype(np.int64))[group]
    leave_home(a, SITE, np.clip(rng.uniform(0.5, 0.98, len(sizes))[group] + rng.normal(0, 0.1, n), 0, 1))
    country = a.country[np.searchsorted(group, np.arange(len(sizes)))]
    a.country = np.where(rng.random(n) < 0.85, country[group], a.country)  # some work abroad
    a.shift = SHIFTS[a.country] + rng.integers(-1, 2, n)
    a.profile[:] = OFFICE
    n_cards = 1 + np.minimum(rng.poisson(sizes / 400), 3)
    first = setting.numbers.take_cards(int(n_cards.sum()))[np.cumsum(n_cards) - n_cards]
    is_billed = rng.random(n) < rng.uniform(0.3, 1, len(sizes))[group]
    a.card = np.where(is_billed, first[group] + (rng.random(n) * n_cards[group]).astype(np.int64), -1)
    a.card_later[:] = -1
    a.domain = setting.numbers.take_domains(len(sizes))[group]
    managed = setting.clients(len(sizes))[group]
    a.client_web = np.where(rng.random(n) < rng.uniform(0.4, 0.9, len(sizes))[group], managed, a.client_web)
    return a


def egress_customers(setting: Setting, n: int) -> Accounts:
    """People and one-person firms who rent the same egress for themselves."""
    a = someone(setting, n, "egress_customer")
    a.site = _regions(setting, setting.rng.integers(1, 4, n))
    leave_home(a, SITE, setting.rng.uniform(0.3, 1, n))
    return a


def _regions(setting: Setting, n_exits: Array) -> Array:
    """A pool for each customer: so many neighbouring exits of one egress, where others leave as well."""
    rng, egresses = setting.rng, setting.services.egresses
    which = rng.choice(len(egresses), len(n_exits), p=[egress.weight for egress in egresses])
    chosen = []
    for service, n in zip(which.tolist(), n_exits.tolist(), strict=True):
        exits = np.sort(egresses[service].exits)
        start = int(rng.integers(0, len(exits)))
        chosen.append(setting.places.addresses.add(np.roll(exits, -start)[: min(n, len(exits))]))
    return np.array(chosen)
