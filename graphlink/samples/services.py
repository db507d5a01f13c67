"""Services that only some dials bring into a world: routers that end TLS, cloud egress, hosters, /64s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import apportioned, sizes_up_to
from graphlink.samples.dials import FARM_STYLES, HONEST_STYLES
from graphlink.samples.tokens import V6

if TYPE_CHECKING:
    from graphlink.samples.dials import Dials
    from graphlink.samples.places import Places
    from graphlink.samples.tokens import Array

LEAST_CUSTOMERS, MOST_CUSTOMERS = 5, 2000  # of a router that ends TLS
_BEHIND_ROUTERS = ("router_ended", "pooled", "masked_ended", "rivals", "crews")
_AT_HOSTERS = ("hosting_tenant", "many_cards")
_THROUGH_PREFIXES = ("prefix_customer", "v6_rotation")
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


@dataclass
class Hoster:
    """A hoster whose tenants have neighbouring addresses: IPv4 of one range, or IPv6 /64s of one /44.

    Attributes:
        size: Honest tenants that it has.
        free: Addresses, or /64s, that nobody has yet.
    """

    size: int
    free: Array

    def rent(self, n: int) -> Array:
        """Addresses for one tenant: n of IPv4, or n within one /64."""
        if self.free[0] >= V6:
            taken, self.free = self.free[:1] + 1 + np.arange(n), self.free[1:]
        else:
            taken, self.free = self.free[:n], self.free[n:]
        return taken


@dataclass(frozen=True, slots=True)
class Services:
    """Services of a world that the default dials do not have.

    Attributes:
        routers: Routers that end TLS.
        egresses: Rented cloud egress.
        hosters: Hosters with neighbouring tenants.
        rotations: Pools of IPv6 /64s, each of a provider whose customers' sessions change between them.
    """

    routers: Routers
    egresses: tuple[Egress, ...]
    hosters: tuple[Hoster, ...]
    rotations: Array


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
    n_routed = expected_accounts(dials, n_accounts, ("router_ended",))
    if not n_routed:  # operators alone: routers as large as they are
        n_routed = expected_accounts(dials, n_accounts, _BEHIND_ROUTERS)
    n_rented = expected_accounts(dials, n_accounts, _BEHIND_EGRESS)
    return Services(
        _draw_routers(rng, places, n_routed),
        _draw_egresses(rng, places, n_rented),
        _draw_hosters(rng, places, expected_accounts(dials, n_accounts, _AT_HOSTERS)),
        _draw_rotations(rng, places, expected_accounts(dials, n_accounts, _THROUGH_PREFIXES)),
    )


def _draw_routers(rng: np.random.Generator, places: Places, n_customers: float) -> Routers:
    if not n_customers:
        return Routers(np.zeros(0, np.int64), np.zeros(0, np.int64))
    # Few routers have thousands of customers and most a handful: a Pareto tail with exponent near 1.
    drawn = LEAST_CUSTOMERS * (1 + rng.pareto(rng.uniform(0.8, 1.1), 2 + int(n_customers) // LEAST_CUSTOMERS))
    drawn = np.minimum(drawn, min(MOST_CUSTOMERS, max(LEAST_CUSTOMERS, n_customers / 2.5)))
    sizes = sizes_up_to(round(n_customers), drawn.astype(np.int64), least=LEAST_CUSTOMERS)
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


def _draw_hosters(rng: np.random.Generator, places: Places, n_tenants: float) -> tuple[Hoster, ...]:
    if not n_tenants:
        return ()
    hosters, n = [], 0.0
    while n < n_tenants:
        is_v6 = rng.random() < 0.5
        size = int(np.clip(rng.lognormal(np.log(40), 1.0), 10, 1000 if is_v6 else 100))
        free = places.v6_prefixes("hosting", 2 * size + 40, 44) if is_v6 else places.own_range("hosting", 250)
        hosters.append(Hoster(size, free))
        n += size
    return tuple(hosters)


def _draw_rotations(rng: np.random.Generator, places: Places, n_customers: float) -> Array:
    if not n_customers:
        return np.zeros(0, np.int64)
    # A session lasts hours, so that a /64 comes back to another customer after days.
    n = int(rng.integers(2, 4))
    n_prefixes = np.clip(n_customers / n * rng.uniform(0.5, 3, n), 50, 20_000).astype(np.int64)
    return np.array([places.addresses.add(places.v6_prefixes("vpn", int(k), 48)) for k in n_prefixes])
