"""The drawn accounts and moments as Arrow tables with opaque names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.samples.dials import STYLES
from graphlink.samples.facts import fact_columns
from graphlink.samples.failures import with_failed_logins
from graphlink.samples.gateway import gateway_columns
from graphlink.samples.hours import BEGINNING, DAY, HOUR, NEVER
from graphlink.samples.people import N_POPULAR_CLIENTS, Setting
from graphlink.samples.places import CARRIER, COUNTRIES, EXIT, HOME, OWN, ROUTER, SITE, VPN, PoolPicker
from graphlink.samples.services import name_of_router
from graphlink.samples.tokens import Array, addresses_as_text, fraction, hashed, tokens, within_prefix

if TYPE_CHECKING:
    from graphlink.samples.accounts import Accounts, Moments

_TIME = pa.timestamp("us", tz="UTC")
_AT_ONCE = 1_000_000  # rows located at a time, so that memory stays flat
# Seconds for which an account stays on one address of a pool.
_STAYS = {CARRIER: 6 * HOUR, VPN: 12 * HOUR, SITE: DAY, ROUTER: HOUR, OWN: 8 * HOUR, EXIT: HOUR // 2}


def _times(seconds: Array, missing: Array | None = None) -> pa.Array:
    micros = int(BEGINNING.timestamp()) * 1_000_000 + np.where(seconds >= NEVER, 0, seconds) * 1_000_000
    return pa.array(micros.astype(np.int64), mask=missing).cast(_TIME)


def accounts_table(a: Accounts, names: pa.Array, setting: Setting) -> pa.Table:
    """One row per account, in the order of the columns given."""
    is_open = a.closed >= setting.calendar.end
    status = np.where(is_open, 0, np.where(a.is_banned, 1, 2))
    plans = np.where(
        a.card < 0, 0, np.where((a.domain > 0) & ~a.is_public_mail, 3, np.where(a.topped_up > 1.5, 2, 1))
    )
    return pa.table(
        {
            "account_id": names,
            "created_at": _times(a.created),
            "closed_at": _times(a.closed, is_open),
            "status": pa.array(["active", "banned", "closed"]).take(pa.array(status)),
            "country": pa.array(COUNTRIES).take(pa.array(a.country)),
            "plan": pa.array(["free", "plus", "usage", "team"]).take(pa.array(plans)),
        }
    )


def truth_table(a: Accounts, names: pa.Array, secret: int) -> pa.Table:
    """Who operates each account, and in which style."""
    return pa.table(
        {
            "account_id": names,
            "operator_id": tokens("op-", a.operator, secret + 1),
            "style": pa.array(STYLES).take(pa.array(a.style)),
            "taken_over_at": _times(a.since, a.since >= NEVER),
        }
    )


def requests_table(a: Accounts, seen: Moments, names: pa.Array, setting: Setting, secret: int) -> pa.Table:
    """The request log, in order of time: where each moment came from, with which client and key."""
    order = np.lexsort((hashed(seen.account, secret), seen.at))
    account, at, n = seen.account[order], seen.at[order], seen.n[order]
    u = setting.rng.random((3, len(at)))
    addresses, lines = setting.places.addresses.picker(), setting.places.exit_lines.picker()
    codes, is_ended = np.empty(len(at), np.int64), np.zeros(len(at), np.bool_)
    for i in range(0, len(at), _AT_ONCE):
        batch = slice(i, i + _AT_ONCE)
        codes[batch], network = _located(
            a, account[batch], at[batch], u[0, batch], (setting, addresses, lines)
        )
        is_ended[batch] = (network == ROUTER) & (a.router_client[account[batch]] >= 0)
    calls = (u[1] < a.api[account]) | is_ended
    client = np.where(calls, a.client_api[account], a.client_web[account] + setting.n_clients)
    client = np.where(is_ended, a.router_client[account] + 2 * setting.n_clients, client)
    clients = _clients(setting, int(a.router_client.max(initial=-1)) + 1)
    key = account * 2 + (u[2] < 0.1)
    distinct, place = np.unique(key[calls], return_inverse=True)
    place_of = np.zeros(len(at), np.int64)
    place_of[calls] = place
    keys = tokens("key-", distinct, secret + 2).take(pa.array(place_of, mask=~calls))
    table = pa.table(
        {
            "account_id": names.take(pa.array(account)),
            "at": _times(at),
            "ip": addresses_as_text(codes),
            "client": clients.take(pa.array(client)),
            "api_key": keys,
            "n": pa.array(n.astype(np.int64)),
            **gateway_columns(a, account, client, setting.dials, clients, secret),
            **fact_columns(a, account, at, calls, setting, secret),
        }
    )
    return with_failed_logins(table, a, names, setting, secret) if setting.dials.failed_logins else table


def _located(
    a: Accounts, account: Array, at: Array, u: Array, where: tuple[Setting, PoolPicker, PoolPicker]
) -> tuple[Array, Array]:
    """Address and network of each moment: a network by the account's mix, then an address of that network."""
    setting, addresses, lines = where
    network = (np.cumsum(a.mix[account], axis=1) < u[:, None] * (1 - 1e-9)).sum(axis=1)
    honest = at < np.where(a.since[account] < NEVER, a.since[account], -1)
    network = np.where(honest, np.where(u < 0.8, HOME, CARRIER), network)
    away = (at >= a.away_from[account]) & (at < a.away_to[account]) & np.isin(network, (HOME, SITE))
    codes = np.zeros(len(at), np.int64)
    pools = {CARRIER: a.carrier, VPN: a.vpn, SITE: a.site, ROUTER: a.router, OWN: a.own}
    for number, pool in pools.items():
        rows = np.flatnonzero((network == number) & ~away)
        key = _sessions(a, account[rows], at[rows]) if number == OWN else account[rows]
        place = hashed(key, at[rows] // _STAYS[number], number)
        codes[rows] = within_prefix(addresses.pick(pool[account[rows]], fraction(place)), place)
    rows = np.flatnonzero((network == CARRIER) & ~away & (a.attachment[account] > 0))
    codes[rows] = setting.places.attached_addresses(
        (a.carrier[account[rows]], account[rows], a.attachment[account[rows]]), at[rows], codes[rows]
    )
    rows = np.flatnonzero(away)
    codes[rows] = addresses.pick(a.away[account[rows]], np.zeros(len(rows)))
    rows = np.flatnonzero((network == HOME) & ~away)
    codes[rows] = setting.places.home_addresses(a.line[account[rows]], at[rows], account[rows])
    rows = np.flatnonzero(network == EXIT)
    place = fraction(hashed(account[rows], at[rows] // _STAYS[EXIT], EXIT))
    exits = lines.pick(a.exits[account[rows]], place)
    codes[rows] = setting.places.home_addresses(exits, at[rows], exits + setting.n_accounts)
    return codes, network


def _sessions(a: Accounts, account: Array, at: Array) -> Array:
    """What the choice of an own address goes by: the account, or the day's session of its farm."""
    workers = a.workers[account]
    drawn = (hashed(account, at // DAY, 4) % np.maximum(workers, 1).astype(np.uint64)).astype(np.int64)
    return np.where(workers > 0, -1 - a.operator[account] * 10_000 - drawn, account)


def _clients(setting: Setting, n_routers: int) -> pa.Array:
    """Client strings of API calls, then of log-ins, then of routers that end TLS.

    A few versions are popular, and the others a long tail.
    """
    n = setting.n_clients
    h = hashed(np.arange(2 * n), int(setting.rng.integers(1 << 40)))
    names = []
    for i in range(2 * n):
        family = (
            ("python-sdk", "node-sdk", "go-sdk", "rest")[i % 4] if i < n else ("web", "ios", "android")[i % 3]
        )
        major = 2 if i % n < N_POPULAR_CLIENTS else int(h[i] % np.uint64(3))
        names.append(f"{family}/{major}.{i % n}.{int(h[i] >> np.uint64(60))}")
    names += [f"{name_of_router(i)}/{i % 3}.{i}.{i * 7 % 16}" for i in range(n_routers)]
    return pa.array(names)


def payments_table(a: Accounts, names: pa.Array, setting: Setting, secret: int) -> pa.Table:
    """Payments in order of time: one at sign-up, more about monthly; a later card takes over."""
    begin, end = np.maximum(a.begins(), a.pays_from), a.ends(setting.calendar)
    is_followed = (a.since < NEVER) & (a.pays_from == 0)
    change = np.clip(
        np.where(is_followed, a.since, (begin + end) // 2), begin + 1, np.maximum(end - 1, begin + 1)
    )
    is_new = begin > 0
    change = np.where(a.card_later >= 0, change, end)
    first = _paid(a, setting, np.flatnonzero(a.card >= 0), (begin, change, is_new))
    later = _paid(a, setting, np.flatnonzero(a.card_later >= 0), (change, end, np.ones_like(is_new)))
    account, at = (np.concatenate(pair) for pair in zip(first, later, strict=True))
    card = np.concatenate([a.card[first[0]], a.card_later[later[0]]])
    order = np.lexsort((hashed(account, secret), at))
    cards = tokens("card-", np.arange(setting.numbers.cards), secret + 3)
    return pa.table(
        {
            "account_id": names.take(pa.array(account[order])),
            "at": _times(at[order]),
            "card": cards.take(pa.array(card[order])),
            "email": _emails(a, setting, secret).take(pa.array(account[order])),
        }
    )


def _paid(
    a: Accounts, setting: Setting, payers: Array, spell: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    """Accounts and moments of payments by one card within a spell, at least one each."""
    rng = setting.rng
    begin, end, is_new = (column[payers] for column in spell)
    span = np.maximum(end - begin, 1)
    counts = 1 + rng.poisson(np.maximum(a.topped_up[payers] * span / (30 * DAY) - 0.5, 0))
    rows = np.repeat(np.arange(len(payers)), counts)
    after = (rng.random(len(rows)) * span[rows]).astype(np.int64)
    at_once = np.minimum(rng.exponential(3 * HOUR, len(payers)), span - 1).astype(np.int64)
    starts = np.cumsum(counts) - counts
    after[starts] = np.where(is_new, at_once, after[starts])
    return payers[rows], begin[rows] + after


def _emails(a: Accounts, setting: Setting, secret: int) -> pa.Array:
    """One address per account: two names and a number at freemail, or at the organisation's own domain."""
    n = len(a)
    h = hashed(np.arange(n), secret + 4)
    starts = ["ba", "ce", "do", "fi", "gu", "ha", "jo", "ka", "le", "mi", "no", "pe", "ra", "so", "tu", "va"]
    ends = [
        "bel",
        "dan",
        "fer",
        "gil",
        "ho",
        "kin",
        "lor",
        "mar",
        "nel",
        "per",
        "rin",
        "sen",
        "tas",
        "vic",
        "wen",
        "zo",
    ]
    syllables = pa.array([x + y for x in starts for y in ends])
    # Numbers are dealt one to one, so that no two accounts have the same address by chance.
    dealt = setting.rng.permutation(n)
    first = syllables.take(pa.array(dealt % 256))
    second = syllables.take(pa.array(dealt // 256 % 256))
    number = pc.cast(pa.array(dealt // 65536 * 100 + (h % np.uint64(100)).astype(np.int64)), pa.string())
    free = pa.array([f"{w}.example" for w in ("post", "mailbox", "letter", "inbox", "courier")])
    domains = tokens("", np.arange(setting.numbers.domains + 1), secret + 5)
    own = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(domains, 0, 8), pa.scalar("example"), pa.scalar(".")
    )
    at_free = free.take(pa.array((fraction(h) ** 2 * 5).astype(np.int64)))
    domain = pc.if_else(pa.array(a.domain > 0), own.take(pa.array(np.maximum(a.domain, 0))), at_free)
    local = pc.binary_join_element_wise(first, second, pa.scalar("."))
    return pc.binary_join_element_wise(
        pc.binary_join_element_wise(local, number, pa.scalar("")), domain, pa.scalar("@")
    )
