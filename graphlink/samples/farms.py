"""The farms of default worlds, each in a style of hiding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import Accounts, Moments, joined, joined_moments, ordinary_moments
from graphlink.samples.hours import DAY, NEVER
from graphlink.samples.people import someone
from graphlink.samples.staff import (
    Farm,
    chain_cards,
    jobs,
    kept,
    own_servers,
    set_mix,
    some_moment,
    spread,
    staff,
    static_exits,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.samples.tokens import Array

_RELAY_BANS = 12  # times as many as in other farms


def servers(farm: Farm) -> tuple[Accounts, Moments]:
    """A few servers, and cards of many accounts each."""
    a, slot = staff(farm, "servers", farm.dials.ban_rate)
    spread(farm, a, slot, own_servers(farm, farm.rng.uniform(8, 30)), farm.dials.exits_per_account)
    set_mix(a, np.arange(farm.size), exits=farm.dials.mixing / 5)
    reuse = farm.dials.card_reuse
    chain_cards(farm, a, slot, 0.9, 5 * reuse if reuse > 1 else 1)
    return a, ordinary_moments(farm.rng, a, farm.setting.calendar, farm.first)


def rotating(farm: Farm) -> tuple[Accounts, Moments]:
    """Residential exits shared with homes, leased lines, and cards that chain."""
    a, slot = staff(farm, "rotating", farm.dials.ban_rate)
    spread(farm, a, slot, static_exits(farm), 2)
    set_mix(a, np.arange(farm.size), exits=farm.dials.mixing)
    chain_cards(farm, a, farm.rng.permutation(farm.size), 0.95, farm.dials.card_reuse)
    return a, ordinary_moments(farm.rng, a, farm.setting.calendar, farm.first)


def routed(farm: Farm) -> tuple[Accounts, Moments]:
    """Thin accounts behind a router, with jobs in lockstep and few slips."""
    a, slot = staff(farm, "routed", farm.dials.ban_rate)
    a.router[:] = farm.setting.choose(farm.setting.routers, 1, 1.0)[0]
    spread(farm, a, slot, own_servers(farm, farm.rng.uniform(30, 100)), 1)
    set_mix(a, np.arange(farm.size), router=farm.dials.router_share)
    a.api[:] = 1.0
    chain_cards(farm, a, farm.rng.permutation(farm.size), 0.35, farm.dials.card_reuse)
    return a, jobs(farm, a)


def relay(farm: Farm) -> tuple[Accounts, Moments]:
    """Few accounts alive at a time, each replaced at once, that share the load in turn."""
    a, slot = staff(farm, "relay", _RELAY_BANS * farm.dials.ban_rate)
    places, n_slots = farm.setting.places, int(slot.max()) + 1
    hosts = farm.rng.choice(own_servers(farm, 200), n_slots)
    pinned = places.business_addresses(n_slots)  # each slot has its own way out, and successors inherit it
    a.own = places.addresses.add_rows(np.stack([pinned, pinned, hosts], axis=1))[slot]
    set_mix(a, np.arange(farm.size), exits=0.3 * farm.dials.mixing)
    chain_cards(farm, a, slot, 0.9, farm.dials.card_reuse)
    return a, _round_robin(farm, a, slot)


def _round_robin(farm: Farm, a: Accounts, slot: Array) -> Moments:
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
    at = np.concatenate([at[alive], some_moment(farm, a)[quiet]])
    volume = rng.uniform(100, 1500)
    return Moments(account + farm.first, at, np.maximum(rng.poisson(volume, len(at)), 1))


def mixed(farm: Farm) -> tuple[Accounts, Moments]:
    """Servers, residential exits and a router in one farm."""
    a, slot = staff(farm, "mixed", 2 * farm.dials.ban_rate)
    dials, rng = farm.dials, farm.rng
    addresses = np.concatenate([own_servers(farm, 40), static_exits(farm)])
    spread(farm, a, slot, addresses, 2)
    a.router[:] = farm.setting.choose(farm.setting.routers, 1, 1.0)[0]
    way = rng.integers(0, 3, farm.size)
    set_mix(a, np.flatnonzero(way == 0), exits=dials.mixing / 5)
    set_mix(a, np.flatnonzero(way == 1), exits=dials.mixing)
    set_mix(a, np.flatnonzero(way == 2), exits=0.2 * (1 - dials.router_share), router=dials.router_share)
    chain_cards(farm, a, rng.permutation(farm.size), 0.7, dials.card_reuse)
    own = ordinary_moments(rng, a, farm.setting.calendar, farm.first)
    beat = jobs(farm, a)
    keep_own, keep_beat = rng.random(len(own.at)) < 0.5, rng.random(len(beat.at)) < 0.5
    first = np.unique(own.account, return_index=True)[1]
    keep_own[first] = True  # every account is seen
    return a, joined_moments([kept(own, keep_own), kept(beat, keep_beat)])


def bought(farm: Farm) -> tuple[Accounts, Moments]:
    """Honest accounts until they are taken over, one by one; then the farm's servers, exits and cards."""
    end = farm.setting.calendar.end
    return _taken_over(
        farm, "bought", lambda: farm.rng.integers(int(0.15 * end), int(0.7 * end), farm.size), 0.6
    )


def aged(farm: Farm) -> tuple[Accounts, Moments]:
    """Honest accounts that sellers deliver in batches, each within half a day."""

    def delivered() -> Array:
        rng, end, n = farm.rng, farm.setting.calendar.end, farm.size
        batch = np.repeat(np.arange(n), np.minimum(rng.geometric(1 / 15, n) + 2, n))[:n]
        days = rng.integers(int(0.15 * end), int(0.75 * end), n)
        return np.asarray(days[batch] + rng.integers(0, DAY // 2, n))

    return _taken_over(farm, "aged", delivered, farm.rng.uniform(0.2, 0.7))


def _taken_over(
    farm: Farm, style: str, draw_since: Callable[[], Array], paying: float
) -> tuple[Accounts, Moments]:
    """Accounts with an honest past until a drawn moment; then a share pays by the farm's cards."""
    rng, calendar, n = farm.rng, farm.setting.calendar, farm.size
    a = someone(farm.setting, n, style)
    a.operator[:] = farm.operator
    a.created = rng.integers(-500 * DAY, 0, n)
    a.closed[:], a.is_banned[:] = NEVER, False
    a.since = draw_since()
    months = (calendar.end - a.since) / (30 * DAY)
    a.is_banned = rng.random(n) < 1 - np.exp(-farm.dials.ban_rate * months)
    later = a.since + (calendar.end - a.since) * rng.uniform(0.3, 1, n)
    a.closed = np.where(a.is_banned, later, NEVER).astype(np.int64)
    before = joined([a])
    before.closed = a.since
    past = ordinary_moments(rng, before, calendar, farm.first)
    slot = np.arange(n)
    spread(farm, a, slot, own_servers(farm, rng.uniform(8, 30)), farm.dials.exits_per_account)
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
    chain_cards(farm, a, rng.permutation(n), paying, farm.dials.card_reuse)
    # The farm's card follows the owner's; who had none, or now has two of the farm's, pays only from then on.
    follows = (a.card != own_cards) & (own_cards >= 0) & (a.card_later < 0)
    a.pays_from = np.where((a.card != own_cards) & ~follows, a.since, 0)
    a.card_later = np.where(follows, a.card, a.card_later)
    a.card = np.where(follows, own_cards, a.card)
    set_mix(a, slot, exits=0.5 * farm.dials.mixing)
    return a, joined_moments([past, used])
