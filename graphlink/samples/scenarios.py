"""Mixed worlds by name, so that an evaluation can loop over them: `scenarios["gateway"]` are their dials.

Only `held_out` has styles of `HELD_OUT_STYLES`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from graphlink.samples.dials import FARM_STYLES, HONEST_STYLES, OPEN_STYLES, Dials, FarmShares, HonestShares

if TYPE_CHECKING:
    from collections.abc import Mapping


def _people(**weights: float) -> HonestShares:
    return HonestShares(**{**dict.fromkeys(HONEST_STYLES, 0.0), **weights})


def _farms(**weights: float) -> FarmShares:
    return FarmShares(**{**dict.fromkeys(FARM_STYLES, 0.0), **weights})


# Routers that end TLS, half of them on the lists, with operators among their customers.
_GATEWAY = Dials(
    gateway=True,
    listed_share=0.5,
    honest=_people(
        home=0.32, household=0.10, carrier=0.08, vpn=0.05, campus=0.05, company=0.07, router_ended=0.30,
        pooled=0.03,
    ),
    farms=_farms(masked_ended=0.7, servers=0.15, routed=0.15),
)  # fmt: skip
# Firms of all sizes behind exits that other firms, people and operators' neighbours leave through as well.
_FIRMS = Dials(
    gateway=True,
    honest=_people(
        home=0.30, household=0.10, carrier=0.08, vpn=0.04, company=0.08, sso_firm=0.32, egress_customer=0.08
    ),
)
# Neighbours who are strangers: tenants of hosters, homes on two protocols, customers of changing prefixes.
_PLACES = Dials(
    gateway=True,
    time_zones=True,
    honest=_people(
        home=0.20, household=0.06, carrier=0.10, vpn=0.05, campus=0.08, company=0.06, hosting_tenant=0.15,
        dual_stack=0.18, prefix_customer=0.12,
    ),
    farms=_farms(servers=0.3, rotating=0.3, many_cards=0.2, v6_rotation=0.2),
)  # fmt: skip

# Operators of every open style in a world with everyone that they hide among.
_OPERATORS = Dials(
    gateway=True,
    facts=True,
    farm_share=0.2,
    honest=_people(
        home=0.30, household=0.08, carrier=0.08, vpn=0.05, campus=0.06, company=0.06, reseller_customer=0.03,
        router_customer=0.04, router_ended=0.15, hosting_tenant=0.05, dual_stack=0.05, prefix_customer=0.05,
    ),
    farms=_farms(**dict.fromkeys(sorted(set(FARM_STYLES) & set(OPEN_STYLES)), 1.0)),
)  # fmt: skip
# Columns beside the address that hold little: few values, failures, zones.
_COARSE = Dials(gateway=True, time_zones=True, failed_logins=0.5)
_HELD_OUT = Dials(
    gateway=True,
    time_zones=True,
    farm_share=0.15,
    honest=_people(
        home=0.30, household=0.08, carrier=0.06, campus=0.06, company=0.06, router_ended=0.12, classroom=0.12,
        nat_v6=0.10, small_mail=0.10,
    ),
    farms=_farms(aged=0.3, rivals=0.3, thin_ring=0.3, servers=0.1),
)  # fmt: skip

scenarios: Mapping[str, Dials] = {
    "default": Dials(),
    "gateway": _GATEWAY,
    "gateway_listed": dataclasses.replace(_GATEWAY, listed_share=1.0),
    "gateway_unlisted": dataclasses.replace(_GATEWAY, listed_share=0.0),
    "firms": _FIRMS,
    "places": _PLACES,
    "operators": _OPERATORS,
    "coarse": _COARSE,
    "held_out": _HELD_OUT,
}
