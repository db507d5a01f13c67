"""Services that only some dials bring into a world: routers that end TLS, rented cloud egress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import apportioned
from graphlink.samples.dials import FARM_STYLES, HONEST_STYLES

if TYPE_CHECKING:
    from graphlink.samples.dials import Dials
    from graphlink.samples.places import Places
    from graphlink.samples.tokens import Array

LEAST_CUSTOMERS, MOST_CUSTOMERS = 5, 2000  # of a router that ends TLS
_BEHIND_ROUTERS = ("router_ended", "pooled", "masked_ended")
_BEHIND_EGRESS = ("sso_firm", "egress_customer")


@dataclass(frozen=True, slots=True)
class Routers:
    """Third-party routers that end TLS: the provider sees the router's own client.

    Attributes:
        sizes: Customers of each router, heavy-tailed.
        pools: Pool of the exits of each, a few addresses of its own /24.
    """

    sizes: Array
    pools: Array


@dataclass(frozen=True, slots=True)
class Egress:
    """A rented cloud egress: the exits of a service that many firms and people leave through.

    Attributes:
        exits: Its addresses.
        weight: Share of the customers of all such services.
    """

    exits: Array
    weight: float


@dataclass(frozen=True, slots=True)
class Services:
    """Services of a world that the default dials do not have."""

    routers: Routers
    egresses: tuple[Egress, ...]


def name_of_router(number: int) -> str:
    """The name that a router that ends TLS shows in its client strings."""
    return ("relay", "gate", "switch", "bridge", "hub")[number % 5] + f"-{number // 5}"


def expected_accounts(dials: Dials, n_accounts: int, styles: tuple[str, ...]) -> float:
    """How many accounts of these styles the dials ask for."""
    total = 0.0
    for shares, names, part in (
        (dials.honest, HONEST_STYLES, 1 - dials.farm_share),
        (dials.farms, FARM_STYLES, dials.farm_share),
    ):
        weights = {name: getattr(shares, name) for name in names}
        wanted = sum(weight for name, weight in weights.items() if name in styles)
        total += n_accounts * part * wanted / sum(weights.values())
    return total


def draw_services(rng: np.random.Generator, dials: Dials, places: Places, n_accounts: int) -> Services:
    """Draw the services that the dials ask for; without them nothing is drawn."""
    n_routed = expected_accounts(dials, n_accounts, _BEHIND_ROUTERS)
    n_rented = expected_accounts(dials, n_accounts, _BEHIND_EGRESS)
    return Services(_draw_routers(rng, places, n_routed), _draw_egresses(rng, places, n_rented))


def _draw_routers(rng: np.random.Generator, places: Places, n_customers: float) -> Routers:
    if not n_customers:
        return Routers(np.zeros(0, np.int64), np.zeros(0, np.int64))
    # Few routers have thousands of customers and most a handful: a Pareto tail with exponent near 1.
    drawn = LEAST_CUSTOMERS * (1 + rng.pareto(rng.uniform(0.8, 1.1), 2 + int(n_customers) // LEAST_CUSTOMERS))
    drawn = np.minimum(drawn, min(MOST_CUSTOMERS, max(LEAST_CUSTOMERS, n_customers / 2)))
    sizes = drawn[: max(2, int(np.searchsorted(np.cumsum(drawn), n_customers)) + 1)].astype(np.int64)
    n_exits = np.minimum(1 + rng.poisson(np.log2(sizes) / 2), 12)
    return Routers(
        sizes, np.array([places.addresses.add(places.own_range("router", int(n))) for n in n_exits])
    )


def _draw_egresses(rng: np.random.Generator, places: Places, n_customers: float) -> tuple[Egress, ...]:
    if not n_customers:
        return ()
    n = int(rng.integers(2, 5))
    weights = 1 / np.arange(1, n + 1) ** rng.uniform(0.3, 1.2)
    each = np.exp(rng.uniform(np.log(20), np.log(80)))  # customers of one exit
    n_exits = np.clip(apportioned(int(n_customers / each) + 4 * n, weights), 4, 200)
    return tuple(
        Egress(places.own_range("hosting", int(k)), float(weight))
        for k, weight in zip(n_exits, weights / weights.sum(), strict=True)
    )
