"""Honest people whom an address, a prefix or a mail domain puts side by side with strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import apportioned, sizes_up_to
from graphlink.samples.hours import EVENING, FLAT, HOUR, OFFICE
from graphlink.samples.people import leave_home, someone
from graphlink.samples.places import CARRIER, OWN, VPN

if TYPE_CHECKING:
    from graphlink.samples.accounts import Accounts
    from graphlink.samples.people import Setting


def hosting_tenants(setting: Setting, n: int) -> Accounts:
    """Tenants of hosters with one to four addresses of their own, next to those of other tenants."""
    rng, hosters = setting.rng, setting.services.hosters
    a = someone(setting, n, "hosting_tenant")
    sizes = np.array([hoster.size for hoster in hosters])
    hoster = np.repeat(np.arange(len(hosters)), apportioned(n, sizes))
    n_rented = np.minimum(rng.geometric(0.65, n), 4)
    a.own = np.array(
        [
            setting.places.addresses.add(hosters[place].rent(int(k)))
            for place, k in zip(hoster, n_rented, strict=True)
        ]
    )
    a.api[:] = 0.95
    a.profile = rng.choice([EVENING, OFFICE, FLAT], n, p=[0.2, 0.3, 0.5])
    leave_home(a, OWN, rng.beta(4, 1, n))
    return a


def phones(setting: Setting, n: int) -> Accounts:
    """People on mobile carriers whose phones also have IPv6, with another /64 at each attachment."""
    rng = setting.rng
    a = someone(setting, n, "nat_v6")
    a.mix[:] = 0
    leave_home(a, CARRIER, rng.choice([0.9, 1.0], n))
    a.mix[:, 0] = 1 - a.mix[:, CARRIER]
    a.attachment = (np.exp(rng.uniform(np.log(3), np.log(96), n)) * HOUR).astype(np.int64)
    return a


def dual_stacks(setting: Setting, n: int) -> Accounts:
    """Homes of one to four people whose lines all have IPv6 as well."""
    rng, places = setting.rng, setting.places
    sizes = sizes_up_to(n, rng.choice([1, 2, 3, 4], n, p=[0.35, 0.35, 0.18, 0.12]), least=1)
    group = np.repeat(np.arange(len(sizes)), sizes)
    lines = places.open_lines(len(sizes))
    places.line_v6[lines] = True
    a = someone(setting, n, "dual_stack", lines[group])
    shares = rng.random(len(sizes)) < setting.dials.household_card_share
    family = setting.numbers.take_cards(len(sizes))[group]
    has_family_card = (shares & (sizes > 1))[group] & (a.card >= 0)
    a.card[has_family_card] = family[has_family_card]
    return a


def small_mails(setting: Setting, n: int) -> Accounts:
    """People at home with mail at regional providers, most with that of their own access provider."""
    rng, places = setting.rng, setting.places
    sizes = sizes_up_to(n, np.clip(3 * (1 + rng.pareto(0.9, n // 3 + 1)), 3, 200).astype(np.int64), least=3)
    a = someone(setting, n, "small_mail")
    network = places.region_network[places.line_region[a.line]]
    is_local = rng.random(n) < 0.7
    order = np.argsort(np.where(is_local, network, rng.permutation(network)) + rng.random(n), kind="stable")
    a.domain[order] = np.repeat(setting.numbers.take_domains(len(sizes)), sizes)
    a.is_public_mail[:] = True
    return a


def prefix_customers(setting: Setting, n: int) -> Accounts:
    """Customers of providers whose sessions change between IPv6 /64s that all customers share."""
    rng = setting.rng
    a = someone(setting, n, "prefix_customer")
    a.vpn = setting.choose(setting.services.rotations, n)
    leave_home(a, VPN, rng.uniform(0.5, 1, n))
    return a
