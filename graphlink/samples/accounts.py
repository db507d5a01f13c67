"""The accounts of a world as columns, honest or not, before they get their opaque names."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.hours import HOUR, NEVER, Calendar
from graphlink.samples.places import N_NETWORKS

if TYPE_CHECKING:
    from graphlink.samples.tokens import Array


@dataclass
class Numbers:
    """Hands out numbers of operators, cards and mail domains, each once."""

    operators: int = 0
    cards: int = 0
    domains: int = 0

    def take_operators(self, n: int) -> Array:
        """The next operators."""
        self.operators += n
        return np.arange(self.operators - n, self.operators)

    def take_cards(self, n: int) -> Array:
        """The next cards."""
        self.cards += n
        return np.arange(self.cards - n, self.cards)

    def take_domains(self, n: int) -> Array:
        """The next mail domains of organisations; 0 stands for freemail."""
        self.domains += n
        return np.arange(self.domains - n, self.domains) + 1


@dataclass
class Accounts:
    """Columns over accounts; -1 is none, times are seconds from the beginning of the days observed.

    Attributes:
        style: Place in `STYLES`.
        operator: Who operates it.
        created: When it was opened.
        closed: When it was closed; `NEVER` while open.
        is_banned: Whether the provider closed it.
        since: When a farm took it over; `NEVER` unless bought.
        country: Place in `COUNTRIES`.
        profile: Hour-of-week profile.
        shift: Hours by which its week is behind UTC's.
        rate: Expected rows in the request log if alive all days.
        volume: Median requests in one row.
        api: Share of its rows that are API calls; the rest are log-ins.
        line: Home line.
        carrier: Pool of its mobile carrier.
        vpn: Pool of its VPN.
        site: Pool of its campus, company or reseller's office.
        router: Pool of its router.
        router_client: Client that its router shows, as the router ends TLS; -1 if the account's own is seen.
        own: Pool of its farm's, or its, own servers.
        workers: Sessions at a time that its farm runs through `own`, each for the accounts of a day's draw;
            0 if the account has sessions of its own.
        attachment: Seconds after which its phone has another IPv6 /64; 0 if it has IPv4 only.
        exits: Pool of residential exit lines.
        mix: Share of its moments that come from each network; rows add up to one.
        away: Pool of the place it travels to.
        away_from: First second away.
        away_to: First second back.
        card: Card it pays with.
        card_later: Card it pays with from the middle of its days on, or since it was taken over.
        pays_from: When it begins to pay; 0 is at once.
        domain: Mail domain; 0 is freemail.
        is_public_mail: Whether the domain is a public provider's.
        client_api: Client of its API calls.
        client_web: Client of its log-ins.
        topped_up: Expected payments in 30 days.
        moves_at_once: Whether it calls a new model within a day of its release.
    """

    style: Array
    operator: Array
    created: Array
    closed: Array
    is_banned: Array
    since: Array
    country: Array
    profile: Array
    shift: Array
    rate: Array
    volume: Array
    api: Array
    line: Array
    carrier: Array
    vpn: Array
    site: Array
    router: Array
    router_client: Array
    own: Array
    workers: Array
    attachment: Array
    exits: Array
    mix: Array
    away: Array
    away_from: Array
    away_to: Array
    card: Array
    card_later: Array
    pays_from: Array
    domain: Array
    is_public_mail: Array
    client_api: Array
    client_web: Array
    topped_up: Array
    moves_at_once: Array

    def __len__(self) -> int:
        return len(self.style)

    def begins(self) -> Array:
        """First second of each account within the days observed."""
        return np.asarray(np.maximum(self.created, 0))

    def ends(self, calendar: Calendar) -> Array:
        """First second at which it is closed or the days observed are over."""
        return np.asarray(np.maximum(np.minimum(self.closed, calendar.end), self.begins() + 1))


_DEFAULTS: dict[str, tuple[float, type]] = {
    "closed": (int(NEVER), np.int64),
    "since": (int(NEVER), np.int64),
    "is_banned": (0, np.bool_),
    "rate": (0, np.float64),
    "volume": (6, np.float64),
    "api": (0.5, np.float64),
    "topped_up": (1, np.float64),
    "created": (0, np.int64),
    "pays_from": (0, np.int64),
    "away_from": (int(NEVER), np.int64),
    "away_to": (int(NEVER), np.int64),
    "shift": (0, np.int64),
    "country": (0, np.int64),
    "profile": (0, np.int64),
    "domain": (0, np.int64),
    "workers": (0, np.int64),
    "attachment": (0, np.int64),
    "is_public_mail": (0, np.bool_),
    "moves_at_once": (0, np.bool_),
    "client_api": (0, np.int64),
    "client_web": (0, np.int64),
}


def blank_accounts(n: int, style: int) -> Accounts:
    """Accounts of one style with nothing set yet."""
    columns: dict[str, Array] = {}
    for column in dataclasses.fields(Accounts):
        value, kind = _DEFAULTS.get(column.name, (-1, np.int64))
        columns[column.name] = np.full(n, value, kind)
    columns["mix"] = np.zeros((n, N_NETWORKS))
    columns["style"] = np.full(n, style)
    return Accounts(**columns)


def joined(groups: list[Accounts]) -> Accounts:
    """Accounts one after the other."""
    names = [column.name for column in dataclasses.fields(Accounts)]
    return Accounts(**{name: np.concatenate([getattr(group, name) for group in groups]) for name in names})


@dataclass
class Moments:
    """Rows of the request log: account, second, number of requests."""

    account: Array
    at: Array
    n: Array


def joined_moments(groups: list[Moments]) -> Moments:
    """Moments one after the other."""
    return Moments(*(np.concatenate([getattr(p, name) for p in groups]) for name in ("account", "at", "n")))


def ordinary_moments(rng: np.random.Generator, accounts: Accounts, calendar: Calendar, first: int) -> Moments:
    """Draw moments of accounts that keep their own rhythm; an account's first comes soon after it is opened.

    Args:
        rng: Source of chance.
        accounts: The accounts, of which the first has the number `first`.
        calendar: The days observed.
        first: Number of the first account.
    """
    begin, end = accounts.begins(), accounts.ends(calendar)
    counts = np.maximum(rng.poisson(accounts.rate * (end - begin) / calendar.end), 1)
    rows = np.repeat(np.arange(len(accounts)), counts)
    at = calendar.draw(rng, accounts.profile[rows], accounts.shift[rows], begin[rows], end[rows])
    soon = begin + np.minimum(rng.exponential(HOUR, len(begin)), end - begin - 1).astype(np.int64)
    at[np.cumsum(counts) - counts] = np.where(begin > 0, soon, at[np.cumsum(counts) - counts])
    n = np.maximum(rng.lognormal(np.log(accounts.volume[rows]), 1.0), 1).astype(np.int64)
    return Moments(rows + first, at, n)


def apportioned(n: int, weights: Array) -> Array:
    """Whole numbers that add up to n, as near to the weights as can be (largest remainders)."""
    shares = n * np.asarray(weights, float) / np.sum(weights)
    whole = np.floor(shares).astype(np.int64)
    order = np.argsort(whole - shares, kind="stable")
    whole[order[: n - int(whole.sum())]] += 1
    return np.asarray(whole)


def sizes_up_to(n: int, drawn: Array, least: int) -> Array:
    """The first drawn sizes that add up to n; a remainder below the least joins the one before."""
    total = np.cumsum(drawn)
    sizes = drawn[: int(np.searchsorted(total, n)) + 1].copy()
    sizes[-1] -= int(sizes.sum()) - n
    if len(sizes) > 1 and sizes[-1] < least:
        sizes[-2] += sizes[-1]
        sizes = sizes[:-1]
    return np.asarray(sizes)
