"""Account farms: operators of many accounts, each in a style of hiding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import (
    Accounts,
    Moments,
    apportioned,
    blank_accounts,
    joined,
    joined_moments,
    ordinary_moments,
)
from graphlink.samples.dials import FARM_STYLES, STYLES, Dials
from graphlink.samples.hours import BATCH, DAY, FLAT, HOUR, NEVER, OFFICE
from graphlink.samples.people import Setting, someone
from graphlink.samples.places import COUNTRIES, EXIT, OWN, ROUTER

if TYPE_CHECKING:
    from graphlink.samples.tokens import Array

_RELAY_BANS = 12  # times as many as in other farms


@dataclass(frozen=True, slots=True)
class _Farm:
    """One operator: its size and what its accounts draw on."""

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
        return self.setting.rng

    @property
    def dials(self) -> Dials:
        return self.setting.dials


def operator_sizes(rng: np.random.Generator, n_accounts: int, dials: Dials) -> Array:
    """Sizes of farms, at least three accounts each and heavy-tailed, that add up to the farms' share."""
    total = round(dials.farm_share * n_accounts)
    if total < 3:
        return np.zeros(0, np.int64)
    median = max(dials.operator_size * (n_accounts / 20_000) ** 0.5, 4)
    drawn = np.clip(rng.lognormal(np.log(median), rng.uniform(1.1, 1.5), total), 3, max(3, 0.3 * total))
    n = max(int(np.searchsorted(np.cumsum(drawn), total)) + 1, min(len(FARM_STYLES), total // 3))
    spare = apportioned(total - 3 * n, drawn[:n] - 2.9) if total > 3 * n else np.zeros(n, np.int64)
    return 3 + spare if total >= 3 * n else apportioned(total, np.ones(total // 3))


def draw_farms(setting: Setting, sizes: Array, first: int) -> tuple[list[Accounts], list[Moments]]:
    """Draw the farms of these sizes; their first account has the number `first`."""
    rng = setting.rng
    styles = _styles_of(rng, sizes, setting.dials)
    # Residential proxy services: each has its own homes, and serves several farms.
    n_lines = setting.places.n_lines
    n_exits = max(20, int(n_lines * rng.uniform(0.03, 0.10)))
    services = [rng.integers(0, n_lines, n_exits) for _ in range(int(rng.integers(2, 5)))]
    draw = {"servers": _servers, "rotating": _rotating, "routed": _routed, "relay": _relay,
            "mixed": _mixed, "bought": _bought}  # fmt: skip
    accounts, moments = [], []
    for size, style in zip(sizes.tolist(), styles.tolist(), strict=True):
        n_pool = int(np.clip(size * rng.uniform(1.5, 5), 12, n_exits))
        farm = _Farm(
            int(setting.numbers.take_operators(1)[0]), size, setting,
            rng.choice(services[int(rng.integers(len(services)))], n_pool),
            int(rng.choice([OFFICE, FLAT, BATCH])), int(rng.integers(-11, 12)),
            setting.clients(int(rng.integers(1, 4))), first,
        )  # fmt: skip
        drawn_accounts, drawn_moments = draw[FARM_STYLES[style]](farm)
        accounts.append(drawn_accounts)
        moments.append(drawn_moments)
        first += size
    return accounts, moments


def _styles_of(rng: np.random.Generator, sizes: Array, dials: Dials) -> Array:
    """A style for each farm, so that styles hold about their shares of accounts and none is missing."""
    weights = np.array([getattr(dials.farms, style) for style in FARM_STYLES])
    due = weights / weights.sum() * sizes.sum()
    styles = np.zeros(len(sizes), np.int64)
    order = np.argsort(-sizes, kind="stable")
    rest = order[: max(len(sizes) - int((weights > 0).sum()), 0)]
    for farm in rest:
        chance = np.maximum(due, 0) + 1e-9 * weights
        styles[farm] = rng.choice(len(weights), p=chance / chance.sum())
        due[styles[farm]] -= sizes[farm]
    # The smallest farms are one of each style.
    every = rng.permutation(np.flatnonzero(weights > 0))
    styles[order[len(rest) :]] = every[: len(sizes) - len(rest)]
    return styles


def _staff(farm: _Farm, style: str, bans: float) -> tuple[Accounts, Array]:
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


def _lives(farm: _Farm, bans: float) -> tuple[Array, Array, Array]:
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


def _chain_cards(farm: _Farm, a: Accounts, order: Array, paying: float, reuse: float) -> None:
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


def _spread(farm: _Farm, a: Accounts, slot: Array, addresses: Array, each: int) -> None:
    """Pin each slot to a few of the farm's own addresses."""
    each = min(each, len(addresses))
    n_slots = int(slot.max()) + 1
    rows = np.stack([farm.rng.permutation(np.arange(n_slots) % len(addresses)) for _ in range(each)], axis=1)
    a.own = farm.setting.places.addresses.add_rows(addresses[rows])[slot]


def _own_servers(farm: _Farm, accounts_each: float) -> Array:
    n = max(1, min(round(farm.size / accounts_each), 400))
    return farm.setting.places.servers(n, bool(farm.rng.random() < 0.5))


def _set_mix(a: Accounts, rows: Array, *, exits: float = 0.0, router: float = 0.0) -> None:
    a.mix[rows] = 0
    a.mix[rows, EXIT] = exits
    a.mix[rows, ROUTER] = router
    a.mix[rows, OWN] = 1 - exits - router


def _servers(farm: _Farm) -> tuple[Accounts, Moments]:
    a, slot = _staff(farm, "servers", farm.dials.ban_rate)
    _spread(farm, a, slot, _own_servers(farm, farm.rng.uniform(8, 30)), farm.dials.exits_per_account)
    _set_mix(a, np.arange(farm.size), exits=farm.dials.mixing / 5)
    reuse = farm.dials.card_reuse
    _chain_cards(farm, a, slot, 0.9, 5 * reuse if reuse > 1 else 1)
    return a, ordinary_moments(farm.rng, a, farm.setting.calendar, farm.first)


def _static_exits(farm: _Farm) -> Array:
    """Addresses of business lines leased for the farm alone, each for a handful of accounts."""
    return farm.setting.places.business_addresses(max(1, farm.size * 2 // 5))


def _rotating(farm: _Farm) -> tuple[Accounts, Moments]:
    a, slot = _staff(farm, "rotating", farm.dials.ban_rate)
    _spread(farm, a, slot, _static_exits(farm), 2)
    _set_mix(a, np.arange(farm.size), exits=farm.dials.mixing)
    _chain_cards(farm, a, farm.rng.permutation(farm.size), 0.95, farm.dials.card_reuse)
    return a, ordinary_moments(farm.rng, a, farm.setting.calendar, farm.first)


def _routed(farm: _Farm) -> tuple[Accounts, Moments]:
    a, slot = _staff(farm, "routed", farm.dials.ban_rate)
    a.router[:] = farm.setting.choose(farm.setting.routers, 1, 1.0)[0]
    _spread(farm, a, slot, _own_servers(farm, farm.rng.uniform(30, 100)), 1)
    _set_mix(a, np.arange(farm.size), router=farm.dials.router_share)
    a.api[:] = 1.0
    _chain_cards(farm, a, farm.rng.permutation(farm.size), 0.35, farm.dials.card_reuse)
    return a, _jobs(farm, a)


def _jobs(farm: _Farm, a: Accounts) -> Moments:
    """Lockstep: at each job a share of the accounts call within the jitter; about 26 requests a day."""
    rng, calendar = farm.rng, farm.setting.calendar
    n_jobs = max(1, round(calendar.days * rng.uniform(0.7, 3)))
    full = np.full(n_jobs, 0, np.int64)
    jobs = calendar.draw(rng, full + farm.profile, full + farm.shift, full, full + calendar.end)
    share = min(farm.dials.farm_moments / n_jobs, 0.9)
    accounts, which = np.nonzero(rng.random((farm.size, n_jobs)) < share)
    at = jobs[which] + np.rint(rng.normal(0, farm.dials.jitter_seconds, len(which))).astype(np.int64)
    alive = (at >= a.begins()[accounts]) & (at < a.ends(calendar)[accounts])
    quiet = np.setdiff1d(np.arange(farm.size), accounts[alive])  # banned before their first job
    accounts = np.concatenate([accounts[alive], quiet])
    at = np.concatenate([at[alive], _some_moment(farm, a)[quiet]])
    n = np.maximum(rng.poisson(26 / (n_jobs * share / calendar.days), len(at)), 1)
    return Moments(accounts + farm.first, at, n)


def _some_moment(farm: _Farm, a: Accounts) -> Array:
    begin, end = a.begins(), a.ends(farm.setting.calendar)
    return np.asarray(begin + (farm.rng.random(len(a)) * (end - begin)).astype(np.int64))


def _relay(farm: _Farm) -> tuple[Accounts, Moments]:
    a, slot = _staff(farm, "relay", _RELAY_BANS * farm.dials.ban_rate)
    places, n_slots = farm.setting.places, int(slot.max()) + 1
    hosts = farm.rng.choice(_own_servers(farm, 200), n_slots)
    pinned = places.business_addresses(n_slots)  # each slot has its own way out, and successors inherit it
    a.own = places.addresses.add_rows(np.stack([pinned, pinned, hosts], axis=1))[slot]
    _set_mix(a, np.arange(farm.size), exits=0.3 * farm.dials.mixing)
    _chain_cards(farm, a, slot, 0.9, farm.dials.card_reuse)
    return a, _round_robin(farm, a, slot)


def _round_robin(farm: _Farm, a: Accounts, slot: Array) -> Moments:
    """Load balancing: calls go to the slots in turn, so volumes are equal and neighbours in time differ."""
    rng, calendar = farm.rng, farm.setting.calendar
    n_slots = int(slot.max()) + 1
    n = round(2 * farm.dials.farm_moments * farm.size)
    zeros = np.zeros(n, np.int64)
    at = np.sort(calendar.draw(rng, zeros + farm.profile, zeros + farm.shift, zeros, zeros + calendar.end))
    turn = np.arange(n) % n_slots
    # Accounts sorted by slot and birth: the one alive is the last opened in its slot.
    order = np.lexsort((a.created, slot))
    span = np.int64(calendar.end + 400 * DAY)
    births = slot[order] * span + a.created[order] + 200 * DAY
    account = order[np.maximum(np.searchsorted(births, turn * span + at + 200 * DAY, side="right") - 1, 0)]
    alive = (slot[account] == turn) & (at >= a.begins()[account]) & (at < a.ends(calendar)[account])
    quiet = np.setdiff1d(np.arange(farm.size), account[alive])
    account = np.concatenate([account[alive], quiet])
    at = np.concatenate([at[alive], _some_moment(farm, a)[quiet]])
    volume = rng.uniform(100, 1500)
    return Moments(account + farm.first, at, np.maximum(rng.poisson(volume, len(at)), 1))


def _mixed(farm: _Farm) -> tuple[Accounts, Moments]:
    a, slot = _staff(farm, "mixed", 2 * farm.dials.ban_rate)
    dials, rng = farm.dials, farm.rng
    addresses = np.concatenate([_own_servers(farm, 40), _static_exits(farm)])
    _spread(farm, a, slot, addresses, 2)
    a.router[:] = farm.setting.choose(farm.setting.routers, 1, 1.0)[0]
    way = rng.integers(0, 3, farm.size)
    _set_mix(a, np.flatnonzero(way == 0), exits=dials.mixing / 5)
    _set_mix(a, np.flatnonzero(way == 1), exits=dials.mixing)
    _set_mix(a, np.flatnonzero(way == 2), exits=0.2 * (1 - dials.router_share), router=dials.router_share)
    _chain_cards(farm, a, rng.permutation(farm.size), 0.7, dials.card_reuse)
    own = ordinary_moments(rng, a, farm.setting.calendar, farm.first)
    jobs = _jobs(farm, a)
    keep_own, keep_jobs = rng.random(len(own.at)) < 0.5, rng.random(len(jobs.at)) < 0.5
    first = np.unique(own.account, return_index=True)[1]
    keep_own[first] = True  # every account is seen
    return a, joined_moments([_kept(own, keep_own), _kept(jobs, keep_jobs)])


def _kept(moments: Moments, keep: Array) -> Moments:
    return Moments(moments.account[keep], moments.at[keep], moments.n[keep])


def _bought(farm: _Farm) -> tuple[Accounts, Moments]:
    """Honest accounts until they are taken over; then the farm's servers, exits and cards."""
    rng, calendar, n = farm.rng, farm.setting.calendar, farm.size
    a = someone(farm.setting, n, "bought")
    a.operator[:] = farm.operator
    a.created = rng.integers(-500 * DAY, 0, n)
    a.closed[:], a.is_banned[:] = NEVER, False
    a.since = rng.integers(int(0.15 * calendar.end), int(0.7 * calendar.end), n)
    months = (calendar.end - a.since) / (30 * DAY)
    a.is_banned = rng.random(n) < 1 - np.exp(-farm.dials.ban_rate * months)
    later = a.since + (calendar.end - a.since) * rng.uniform(0.3, 1, n)
    a.closed = np.where(a.is_banned, later, NEVER).astype(np.int64)
    before = joined([a])
    before.closed = a.since
    past = ordinary_moments(rng, before, calendar, farm.first)
    slot = np.arange(n)
    _spread(farm, a, slot, _own_servers(farm, rng.uniform(8, 30)), farm.dials.exits_per_account)
    a.exits = farm.setting.places.exit_lines.add_rows(
        rng.choice(farm.exit_lines, (n, farm.dials.exits_per_account))
    )
    after = joined([a])
    after.created = a.since
    after.rate = farm.dials.farm_moments * rng.gamma(4, 1 / 4, n)
    after.profile[:], after.shift[:] = farm.profile, farm.shift
    used = ordinary_moments(rng, after, calendar, farm.first)
    own_cards = a.card.copy()
    a.card_later[:] = -1
    _chain_cards(farm, a, rng.permutation(n), 0.6, farm.dials.card_reuse)
    # The farm's card follows the owner's; who had none, or now has two of the farm's, pays only from then on.
    follows = (a.card != own_cards) & (own_cards >= 0) & (a.card_later < 0)
    a.pays_from = np.where((a.card != own_cards) & ~follows, a.since, 0)
    a.card_later = np.where(follows, a.card, a.card_later)
    a.card = np.where(follows, own_cards, a.card)
    _set_mix(a, slot, exits=0.5 * farm.dials.mixing)
    return a, joined_moments([past, used])
