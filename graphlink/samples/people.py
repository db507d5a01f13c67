"""The honest people of default worlds: homes, households, carriers, VPNs, campuses, companies, customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import Accounts, Numbers, apportioned, blank_accounts, sizes_up_to
from graphlink.samples.dials import HONEST_STYLES, STYLES, Dials
from graphlink.samples.hours import CRON, DAY, EVENING, FLAT, OFFICE, STUDENT, Calendar
from graphlink.samples.places import CARRIER, HOME, ROUTER, SHIFTS, SITE, VPN, Places
from graphlink.samples.services import Services, draw_services

if TYPE_CHECKING:
    from graphlink.samples.tokens import Array

N_POPULAR_CLIENTS = 8


@dataclass
class Setting:
    """What everyone in a world shares: chance, dials, places, the calendar and public services.

    Attributes:
        carriers: Pools of mobile carriers.
        vpns: Pools of VPN services.
        routers: Pools of third-party routers, the most popular first.
        hotels: Pools of hotels and the like.
        clouds: Pools of the shared exits of hosters' platforms.
        n_clients: Distinct client strings, the first ones popular.
        services: Services that only some dials bring.
    """

    rng: np.random.Generator
    dials: Dials
    places: Places
    calendar: Calendar
    numbers: Numbers
    n_accounts: int
    carriers: Array
    vpns: Array
    routers: Array
    hotels: Array
    clouds: Array
    n_clients: int
    services: Services

    def choose(self, pools: Array, n: int, skew: float = 1.0) -> Array:
        """Choose a pool for each of n accounts; the first are the most popular."""
        weights = 1 / np.arange(1, len(pools) + 1) ** skew
        return self.rng.choice(pools, n, p=weights / weights.sum())

    def clients(self, n: int) -> Array:
        """Client strings: a few popular ones, and a long tail."""
        u = self.rng.random(n)
        popular = (self.rng.random(n) ** 2 * N_POPULAR_CLIENTS).astype(np.int64)
        tail = self.rng.integers(N_POPULAR_CLIENTS, self.n_clients, n)
        return np.where(u < 0.88, popular, tail)


def draw_setting(rng: np.random.Generator, n_accounts: int, dials: Dials) -> Setting:
    """Draw the public services of a world: carriers, VPNs, routers, hotels."""
    places = Places(rng, dials, n_accounts)
    calendar = Calendar(
        dials.days, int(rng.integers(3, dials.days - 2)) * DAY, dials.launch_jump, dials.rhythm
    )
    pools = places.addresses
    weights = np.array([getattr(dials.honest, name) for name in HONEST_STYLES])
    share = dict(zip(HONEST_STYLES, weights / weights.sum(), strict=True))

    n_mobile = n_accounts * (share["carrier"] + 0.3)
    n_addresses = apportioned_addresses(rng, n_mobile, (100, 1500), int(rng.integers(2, 7)))
    carriers = [pools.add(places.own_range("carrier_nat", int(n))) for n in n_addresses]
    n_exits = apportioned_addresses(rng, n_accounts * share["vpn"], (10, 60), int(rng.integers(2, 6)))
    vpns = [pools.add(places.shared_range("vpn", int(n)), 2.0) for n in n_exits]
    n_routers = 2 + min(n_accounts // 8000, 6)
    routers = [pools.add(places.shared_range("router", int(rng.integers(2, 9)))) for _ in range(n_routers)]
    n_cloudy = n_accounts * share["home"] * dials.cloud_share
    n_shared = apportioned_addresses(rng, n_cloudy, (4, 30), int(rng.integers(2, 5)))
    clouds = [pools.add(places.servers(int(n), adjacent=False)) for n in n_shared]
    n_hotels = 4 + n_accounts // 400
    hotels = pools.add_rows(places.business_addresses(n_hotels)[:, None])
    return Setting(
        rng, dials, places, calendar, Numbers(), n_accounts, np.array(carriers), np.array(vpns),
        np.array(routers), hotels, np.array(clouds), 30 + n_accounts // 300,
        draw_services(rng, dials, places, n_accounts),
    )  # fmt: skip


def apportioned_addresses(
    rng: np.random.Generator, n_users: float, users_each: tuple[int, int], n_services: int
) -> Array:
    """How many addresses each service has, when each address serves a drawn number of users."""
    low, high = np.log(users_each)
    n = int(np.ceil(n_users / np.exp(rng.uniform(low, high))))
    shares = 1 / np.arange(1, n_services + 1) ** rng.uniform(0.3, 1.2)
    return np.minimum(np.maximum(apportioned(n, shares), 1), 1000)


def someone(setting: Setting, n: int, style: str, lines: Array | None = None) -> Accounts:
    """Accounts with what all people have: a life, a line, a phone, clients, perhaps a trip and a card."""
    rng, dials, end = setting.rng, setting.dials, setting.calendar.end
    a = blank_accounts(n, STYLES.index(style))
    a.operator = setting.numbers.take_operators(n)
    a.created = (end - (rng.random(n) ** 1.5) * (end + 700 * DAY)).astype(np.int64) - 3600
    _close(rng, a, end, dials)
    a.line = setting.places.open_lines(n) if lines is None else lines
    a.country = setting.places.country_of(a.line)
    a.shift = SHIFTS[a.country] + rng.integers(-2, 3, n)
    a.profile = np.where(rng.random(n) < 0.08, FLAT, EVENING)
    alive = (a.ends(setting.calendar) - a.begins()) / end
    a.rate = dials.moments / np.mean(alive) * rng.gamma(0.8, 1 / 0.8, n)
    a.volume = rng.lognormal(1.5, 1.0, n) + 1
    a.api = rng.choice([0.0, 0.3, 0.9], n, p=[0.35, 0.3, 0.35])
    a.client_api, a.client_web = setting.clients(n), setting.clients(n)
    is_cron = rng.random(n) < dials.cron_share
    a.profile[is_cron], a.api[is_cron] = CRON, 1.0
    a.carrier = setting.choose(setting.carriers, n, 0.5)
    phone = np.where(rng.random(n) < 0.4, rng.uniform(0, 0.4, n), 0)
    a.mix[:, HOME], a.mix[:, CARRIER] = 1 - phone, phone
    _send_away(setting, a)
    pays = rng.random(n) < dials.paying_share
    a.card[pays] = setting.numbers.take_cards(int(pays.sum()))
    renews = pays & (rng.random(n) < 0.06)
    a.card_later[renews] = setting.numbers.take_cards(int(renews.sum()))
    a.topped_up = rng.choice([1.0, 2.5], n, p=[0.8, 0.2])
    return a


def _close(rng: np.random.Generator, a: Accounts, end: int, dials: Dials) -> None:
    n, months = len(a), end / (30 * DAY)
    a.is_banned = rng.random(n) < 1 - np.exp(-dials.honest_ban_rate * months)
    leaves = a.is_banned | (rng.random(n) < 0.03)
    begin = a.begins()
    a.closed[leaves] = (begin + rng.random(n) * (end - begin)).astype(np.int64)[leaves] + 1


def _send_away(setting: Setting, a: Accounts) -> None:
    rng = setting.rng
    travels = np.flatnonzero(rng.random(len(a)) < setting.dials.traveller_share)
    a.away[travels] = setting.choose(setting.hotels, len(travels), 0.3)
    a.away_from[travels] = rng.integers(0, setting.calendar.end, len(travels))
    a.away_to[travels] = a.away_from[travels] + rng.integers(2, 15, len(travels)) * DAY


def leave_home(a: Accounts, network: int, share: Array) -> None:
    """Move a share of every account's moments from its home and phone to another network."""
    a.mix *= (1 - share)[:, None]
    a.mix[:, network] = share


def homes(setting: Setting, n: int) -> Accounts:
    """One person on one line; some use a VPN, or call from a hoster's platform, too."""
    a = someone(setting, n, "home")
    uses = setting.rng.random(n) < 0.04  # some at home use a VPN now and then
    a.vpn = setting.choose(setting.vpns, n)
    leave_home(a, VPN, np.where(uses, 0.2, 0.0))
    deploys = setting.rng.random(n) < setting.dials.cloud_share
    a.site = setting.choose(setting.clouds, n)
    a.mix[deploys] *= 0.4
    a.mix[deploys, SITE] = 0.6
    a.api[deploys] = 0.9
    return a


def households(setting: Setting, n: int) -> Accounts:
    """Two to four people on one line, some with a family card."""
    rng = setting.rng
    sizes = sizes_up_to(n, rng.choice([2, 3, 4], n, p=[0.6, 0.25, 0.15]), least=2)
    group = np.repeat(np.arange(len(sizes)), sizes)
    a = someone(setting, n, "household", setting.places.open_lines(len(sizes))[group])
    shares = rng.random(len(sizes)) < setting.dials.household_card_share
    family = setting.numbers.take_cards(len(sizes))[group]
    has_family_card = shares[group] & (a.card >= 0)
    a.card[has_family_card] = family[has_family_card]
    return a


def carrier_customers(setting: Setting, n: int) -> Accounts:
    """People on a mobile carrier only."""
    a = someone(setting, n, "carrier")
    a.mix[:] = 0
    a.mix[:, CARRIER] = 1
    return a


def vpn_customers(setting: Setting, n: int) -> Accounts:
    """Customers of a VPN, mostly behind it."""
    a = someone(setting, n, "vpn")
    a.vpn = setting.choose(setting.vpns, n)
    leave_home(a, VPN, setting.rng.uniform(0.5, 1, n))
    return a


def campuses(setting: Setting, n: int) -> Accounts:
    """People of universities, each behind a few addresses."""
    rng, places = setting.rng, setting.places
    each = np.exp(rng.uniform(np.log(150), np.log(4000)))
    sizes = np.maximum(apportioned(n, rng.pareto(1.5, max(1, round(n / each))) + 0.3), 0)
    pools = [places.addresses.add(places.own_range("campus", 1 + min(int(s) // 400, 7))) for s in sizes]
    a = someone(setting, n, "campus")
    a.site = np.repeat(np.array(pools), sizes)
    a.profile = np.where(rng.random(n) < 0.7, STUDENT, OFFICE)
    leave_home(a, SITE, rng.uniform(0.3, 0.9, n))
    a.card[rng.random(n) < 0.4] = -1  # many have free education plans
    return a


def companies(setting: Setting, n: int) -> Accounts:
    """Staff of companies, each with its own exit, domain and cards."""
    rng, places = setting.rng, setting.places
    drawn = np.clip(rng.lognormal(np.log(14), 1.0, n // 5 + 1), 5, 200).astype(np.int64)
    sizes = sizes_up_to(n, np.minimum(drawn, max(5, n // 3)), least=5)
    group = np.repeat(np.arange(len(sizes)), sizes)
    a = someone(setting, n, "company")
    a.operator = setting.numbers.take_operators(len(sizes))[group]
    pools = []
    for exits in (rng.integers(1, 4, len(sizes)) - 1).clip(1):
        addresses = places.business_addresses(int(exits))
        places.exit_of_company(addresses)
        pools.append(places.addresses.add(addresses))
    a.site = np.array(pools)[group]
    leave_home(a, SITE, rng.uniform(0.55, 0.97, n))
    country = a.country[np.searchsorted(group, np.arange(len(sizes)))]
    a.country = country[group]
    a.shift = (SHIFTS[country] + rng.integers(-1, 2, len(sizes)))[group] + rng.integers(0, 2, n)
    a.profile[:] = OFFICE
    n_cards = 1 + np.minimum(rng.poisson(sizes / 30), 3)
    first = setting.numbers.take_cards(int(n_cards.sum()))[np.cumsum(n_cards) - n_cards]
    cards = first[group] + (rng.random(n) * n_cards[group]).astype(np.int64)
    a.card = np.where(rng.random(n) < 0.8, cards, -1)  # the rest are seats that are not billed
    a.card_later[:] = -1
    a.domain = setting.numbers.take_domains(len(sizes))[group]
    managed = setting.clients(len(sizes))[group]
    a.client_web = np.where(rng.random(n) < 0.7, managed, a.client_web)
    return a


def reseller_customers(setting: Setting, n: int) -> Accounts:
    """Customers of resellers who pay for them."""
    rng, places = setting.rng, setting.places
    each = np.exp(rng.uniform(np.log(60), np.log(500)))
    sizes = apportioned(n, rng.pareto(1.5, max(1, round(n / each))) + 0.3)
    group = np.repeat(np.arange(len(sizes)), sizes)
    a = someone(setting, n, "reseller_customer")
    n_cards = rng.integers(1, 3, len(sizes))
    first = setting.numbers.take_cards(int(n_cards.sum()))[np.cumsum(n_cards) - n_cards]
    a.card = first[group] + (rng.random(n) * n_cards[group]).astype(np.int64)
    a.card_later[:] = -1
    offices = places.addresses.add_rows(places.business_addresses(len(sizes))[:, None])
    a.site = offices[group]
    leave_home(a, SITE, np.where(rng.random(n) < 0.3, 0.08, 0.0))  # set up by the reseller's own staff
    return a


def router_customers(setting: Setting, n: int) -> Accounts:
    """Customers of routers that pass TLS through."""
    a = someone(setting, n, "router_customer")
    a.router = setting.choose(setting.routers, n, 1.2)
    a.profile = np.where(a.profile == CRON, CRON, setting.rng.choice([EVENING, OFFICE, FLAT], n))
    a.api[:] = 1.0
    leave_home(a, ROUTER, setting.rng.choice([0.93, 1.0], n))
    return a
