"""What farms of every style have: accounts with their lives, cards, servers and jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import Moments, blank_accounts
from graphlink.samples.dials import STYLES
from graphlink.samples.hours import DAY, HOUR, NEVER
from graphlink.samples.places import COUNTRIES, EXIT, OWN, ROUTER

if TYPE_CHECKING:
    from graphlink.samples.accounts import Accounts
    from graphlink.samples.dials import Dials
    from graphlink.samples.people import Setting
    from graphlink.samples.tokens import Array


@dataclass(frozen=True, slots=True)
class Farm:
    """One operator: its size and what its accounts draw on.

    Attributes:
        operator: Its number.
        size: Its accounts.
        setting: The world.
        exit_lines: Home lines that its residential exits are.
        profile: Hour-of-week profile of its calls.
        shift: Hours by which its week is behind UTC's.
        clients: Clients of its calls.
        first: Number of its first account.
    """

    operator: int
    size: int
    setting: Setting
    exit_lines: Array
    profile: int
    shift: int
    clients: Array
    first: int

    @property
    def rng(self) -> np.random.Generator:
        """Source of chance."""
        return self.setting.rng

    @property
    def dials(self) -> Dials:
        """What the world is like."""
        return self.setting.dials


def staff(farm: Farm, style: str, bans: float) -> tuple[Accounts, Array]:
    """Accounts of a farm with their lives, and the slot each fills: a successor fills its predecessor's."""
    rng, n = farm.rng, farm.size
    a = blank_accounts(n, STYLES.index(style))
    a.operator[:] = farm.operator
    created, closed, slot = _lives(farm, bans)
    a.created, a.closed, a.is_banned = created, closed, closed < NEVER
    a.country = rng.integers(0, len(COUNTRIES), n)
    a.profile[:] = farm.profile
    a.shift[:] = farm.shift
    a.rate = farm.dials.farm_moments * rng.gamma(4, 1 / 4, n)
    a.volume[:] = rng.uniform(8, 40)
    a.api[:] = rng.uniform(0.8, 1)
    a.client_api = np.where(rng.random(n) < 0.8, rng.choice(farm.clients, n), farm.setting.clients(n))
    a.client_web = farm.setting.clients(n)
    n_exits = farm.dials.exits_per_account
    slot_exits = farm.rng.choice(farm.exit_lines, (int(slot.max()) + 1, n_exits))
    a.exits = farm.setting.places.exit_lines.add_rows(slot_exits)[slot]
    a.topped_up = rng.uniform(0.5, 2.5, n)
    own_domain = rng.random() < 0.25
    a.domain[:] = farm.setting.numbers.take_domains(1)[0] if own_domain else 0
    return a, slot


def _lives(farm: Farm, bans: float) -> tuple[Array, Array, Array]:
    """When each account is opened and banned, and its slot.

    A slot is filled by one account after the other: it lives until its ban (a Poisson process), and its
    successor is opened after an exponential delay. Slots open in bursts around the beginning.
    """
    rng, n, end = farm.rng, farm.size, farm.setting.calendar.end
    months = end / (30 * DAY)
    n_slots = max(1, round(n / (1 + bans * months)))
    depth = int(2 + 3 * bans * months) if bans else 1
    life = rng.exponential(30 * DAY / bans, (n_slots, depth)) if bans else np.full((n_slots, 1), float(NEVER))
    delay = rng.exponential(farm.dials.replacement_hours * HOUR, (n_slots, depth))
    bursts = rng.integers(-60 * DAY, end // 4, int(rng.integers(1, 5)))
    opened = rng.choice(bursts, n_slots) + rng.exponential(1.5 * DAY, n_slots)
    # The first life of a slot that opened before the days observed is counted from their beginning.
    death = np.maximum(opened, 0)[:, None] + np.cumsum(life + delay, axis=1) - delay
    birth = np.concatenate([opened[:, None], (death + delay)[:, :-1]], axis=1)
    slot = np.repeat(np.arange(n_slots), depth)
    birth, death = birth.ravel(), death.ravel()
    lived = np.flatnonzero(birth < end - DAY)
    lived = np.sort(lived[np.argsort(birth[lived], kind="stable")][:n])
    n_more = n - len(lived)  # chance gave fewer successors: further slots make up for it
    more = rng.integers(0, end - DAY, n_more)
    created = np.concatenate([birth[lived], more]).astype(np.int64)
    closed = np.concatenate([np.where(death < end, death, NEVER)[lived], np.full(n_more, NEVER)]).astype(
        np.int64
    )
    return created, closed, np.concatenate([slot[lived], n_slots + np.arange(n_more)])


def chain_cards(farm: Farm, a: Accounts, order: Array, paying: float, reuse: float) -> None:
    """Cards of two to six accounts or so; the last account of each is also the first of the next.

    Args:
        farm: The farm.
        a: Its accounts.
        order: Where each account stands in the chain.
        paying: Share of accounts that pay.
        reuse: Mean accounts on one card; 1 gives each its own.
    """
    payers = np.argsort(order, kind="stable")[: max(1, round(paying * farm.size))]
    n = len(payers)
    if reuse <= 1:
        a.card[payers] = farm.setting.numbers.take_cards(n)
        return
    # Links share one account, so a card of k accounts moves the chain on by k - 1.
    steps = np.clip(farm.rng.poisson(reuse - 1, n), 1, max(1, round(1.5 * reuse - 1)))
    starts = np.concatenate([[0], np.cumsum(steps)])
    starts = starts[starts < max(n - 1, 1)]
    cards = farm.setting.numbers.take_cards(len(starts))
    link = np.searchsorted(starts, np.arange(n), side="right") - 1
    a.card[payers] = cards[link]
    joint = starts[1:]
    a.card[payers[joint]] = cards[:-1]
    a.card_later[payers[joint]] = cards[1:]


def spread(farm: Farm, a: Accounts, slot: Array, addresses: Array, each: int) -> None:
    """Pin each slot to a few of the farm's own addresses."""
    each = min(each, len(addresses))
    n_slots = int(slot.max()) + 1
    rows = np.stack([farm.rng.permutation(np.arange(n_slots) % len(addresses)) for _ in range(each)], axis=1)
    a.own = farm.setting.places.addresses.add_rows(addresses[rows])[slot]


def own_servers(farm: Farm, accounts_each: float) -> Array:
    """Addresses at hosters for the farm alone, one for so many accounts."""
    n = max(1, min(round(farm.size / accounts_each), 400))
    return farm.setting.places.servers(n, bool(farm.rng.random() < 0.5))


def set_mix(a: Accounts, rows: Array, *, exits: float = 0.0, router: float = 0.0) -> None:
    """Divide the moments of these accounts; what is left comes from the farm's own addresses."""
    a.mix[rows] = 0
    a.mix[rows, EXIT] = exits
    a.mix[rows, ROUTER] = router
    a.mix[rows, OWN] = 1 - exits - router


def static_exits(farm: Farm) -> Array:
    """Addresses of business lines leased for the farm alone, each for a handful of accounts."""
    return farm.setting.places.business_addresses(max(1, farm.size * 2 // 5))


def jobs(farm: Farm, a: Accounts) -> Moments:
    """Lockstep: at each job a share of the accounts call within the jitter; about 26 requests a day."""
    rng, calendar = farm.rng, farm.setting.calendar
    n_jobs = max(1, round(calendar.days * rng.uniform(0.7, 3)))
    full = np.full(n_jobs, 0, np.int64)
    times = calendar.draw(rng, full + farm.profile, full + farm.shift, full, full + calendar.end)
    share = min(farm.dials.farm_moments / n_jobs, 0.9)
    return run_jobs(farm, a, times, share, calls=26 / (n_jobs * share / calendar.days))


def run_jobs(farm: Farm, a: Accounts, times: Array, share: Array | float, *, calls: float) -> Moments:
    """Moments of accounts that take jobs.

    Args:
        farm: The farm.
        a: Its accounts.
        times: Second of each job.
        share: Chance that an account takes a job, for all or by account and job.
        calls: Mean requests of an account in one job.
    """
    rng, calendar = farm.rng, farm.setting.calendar
    accounts, which = np.nonzero(rng.random((farm.size, len(times))) < share)
    at = times[which] + np.rint(rng.normal(0, farm.dials.jitter_seconds, len(which))).astype(np.int64)
    alive = (at >= a.begins()[accounts]) & (at < a.ends(calendar)[accounts])
    quiet = np.setdiff1d(np.arange(farm.size), accounts[alive])  # banned before their first job
    accounts = np.concatenate([accounts[alive], quiet])
    at = np.concatenate([at[alive], some_moment(farm, a)[quiet]])
    return Moments(accounts + farm.first, at, np.maximum(rng.poisson(calls, len(at)), 1))


def some_moment(farm: Farm, a: Accounts) -> Array:
    """A moment in each account's life."""
    begin, end = a.begins(), a.ends(farm.setting.calendar)
    return np.asarray(begin + (farm.rng.random(len(a)) * (end - begin)).astype(np.int64))


def kept(moments: Moments, keep: Array) -> Moments:
    """The moments that a mask keeps."""
    return Moments(moments.account[keep], moments.at[keep], moments.n[keep])
