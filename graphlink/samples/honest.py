"""The honest accounts of a world, style by style."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples import classrooms, firms, neighbours, people, routers
from graphlink.samples.accounts import Accounts, apportioned, joined
from graphlink.samples.dials import HONEST_STYLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphlink.samples.people import Setting

_DRAWN: Mapping[str, Callable[[Setting, int], Accounts]] = {
    "home": people.homes,
    "household": people.households,
    "carrier": people.carrier_customers,
    "vpn": people.vpn_customers,
    "campus": people.campuses,
    "company": people.companies,
    "reseller_customer": people.reseller_customers,
    "router_customer": people.router_customers,
    "router_ended": routers.customers,
    "pooled": routers.pools,
    "sso_firm": firms.firms,
    "egress_customer": firms.egress_customers,
    "classroom": classrooms.classrooms,
    "hosting_tenant": neighbours.hosting_tenants,
    "nat_v6": neighbours.phones,
    "dual_stack": neighbours.dual_stacks,
    "small_mail": neighbours.small_mails,
    "prefix_customer": neighbours.prefix_customers,
}


def draw_people(setting: Setting, n: int) -> Accounts:
    """Draw n honest accounts of every style."""
    weights = np.array([getattr(setting.dials.honest, name) for name in HONEST_STYLES])
    counts = apportioned(n, weights)
    return joined(
        [
            _DRAWN[name](setting, int(count))
            for name, count in zip(HONEST_STYLES, counts, strict=True)
            if count
        ]
    )
