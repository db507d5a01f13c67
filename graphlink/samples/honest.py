"""The honest accounts of a world, style by style."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples import firms, people, routers
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
