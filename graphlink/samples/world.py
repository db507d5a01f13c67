"""A planted world as a provider's own tables, with the truth about who operates what."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from graphlink.errors import SettingsError
from graphlink.samples.accounts import Accounts, Moments, joined, joined_moments, ordinary_moments
from graphlink.samples.dials import STYLES, Dials
from graphlink.samples.farms import draw_farms, operator_sizes
from graphlink.samples.hours import DAY, HOUR, NEVER, Calendar
from graphlink.samples.people import N_POPULAR_CLIENTS, Setting, draw_people, draw_setting
from graphlink.samples.places import CARRIER, COUNTRIES, EXIT, HOME, OWN, ROUTER, SITE, VPN, PoolPicker
from graphlink.samples.tokens import Array, addresses_as_text, fraction, hashed, tokens

BEGINNING = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)  # a Monday
_TIME = pa.timestamp("us", tz="UTC")
_AT_ONCE = 1_000_000  # rows located at a time, so that memory stays flat
# Seconds for which an account stays on one address of a pool.
_STAYS = {CARRIER: 6 * HOUR, VPN: 12 * HOUR, SITE: DAY, ROUTER: HOUR, OWN: 8 * HOUR, EXIT: HOUR // 2}


@dataclass(frozen=True, slots=True)
class World:
    """The tables of a planted world; times in UTC.

    Attributes:
        accounts: account_id, created_at, closed_at, status, country, plan.
        requests: account_id, at, ip, client, api_key (null at a log-in), n.
        payments: account_id, at, card (a fingerprint, not a number), email.
        references: network (CIDR), label, type; covers a part of the shared infrastructure only.
        truth: account_id, operator_id, style, taken_over_at (of bought accounts: honest until then).
        end: First moment after the days observed.
    """

    accounts: pa.Table
    requests: pa.Table
    payments: pa.Table
    references: pa.Table
    truth: pa.Table
    end: datetime.datetime

    def observations(self) -> pa.Table:
        """All observations: account_id, kind, value, seen_at, n.

        Kinds are ip, client, api_key, router (for addresses in a listed router's range), payment and email.
        """
        requests, payments = self.requests, self.payments.append_column("n", _ones(len(self.payments)))
        named = requests.append_column("router", self._routers())
        return pa.concat_tables(
            [_long(named, kind, kind) for kind in ("ip", "client", "api_key", "router")]
            + [_long(payments, "payment", "card"), _long(payments, "email", "email")]
        )

    def _routers(self) -> pa.Array:
        """Label of the listed router whose range each request's address lies in; null for others."""
        ip = self.requests["ip"].combine_chunks().dictionary_encode()
        distinct = ip.dictionary
        is_v4 = pc.match_substring(distinct, ".")
        octets = pc.list_flatten(pc.split_pattern(distinct.filter(is_v4), ".")).cast(pa.int64()).to_numpy()
        number = np.full(len(distinct), -1, np.int64)
        number[is_v4.to_numpy(zero_copy_only=False)] = octets.reshape(-1, 4) @ (256 ** np.arange(3, -1, -1))
        label = np.full(len(distinct), None, object)
        for row in self.references.to_pylist():
            if row["type"] == "router":
                base, bits = row["network"].split("/")
                first = int(np.dot([int(x) for x in base.split(".")], 256 ** np.arange(3, -1, -1)))
                label[(number >= first) & (number < first + (1 << (32 - int(bits))))] = row["label"]
        return pa.array(label, pa.string()).take(ip.indices)

    def write(self, folder: str | Path, requests_format: str = "parquet") -> Path:
        """Write the tables, and a `graphlink.toml` that maps them, into a folder; gives the settings file.

        Args:
            folder: Made if it is not there; files of the same names are replaced.
            requests_format: parquet or csv, for the request log; the reference list is always CSV.

        Raises:
            SettingsError: The format is neither.
        """
        if requests_format not in ("parquet", "csv"):
            raise SettingsError(f"requests_format: expected parquet or csv, found {requests_format!r}")
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("accounts", "payments", "truth"):
            pyarrow.parquet.write_table(getattr(self, name), folder / f"{name}.parquet")
        requests = folder / f"requests.{requests_format}"
        if requests_format == "csv":
            at = pc.strftime(self.requests["at"], format="%Y-%m-%dT%H:%M:%SZ")
            table = self.requests.set_column(1, "at", at)
            pyarrow.csv.write_csv(table, requests, _plain_csv())
        else:
            pyarrow.parquet.write_table(self.requests, requests)
        pyarrow.csv.write_csv(self.references, folder / "references.csv", _plain_csv())
        settings = folder / "graphlink.toml"
        settings.write_text(
            _SETTINGS.format(requests=requests.name, now=self.end.isoformat()), encoding="utf-8"
        )
        return settings


_SETTINGS = """\
# A planted world, mapped: which columns of which table are which kind of identifier.
now = "{now}"

[[sources]]
path = "{requests}"
account = "account_id"
time = "at"
count = "n"
kinds = {{ ip = "ip", client = "client", api_key = "api_key" }}

[[sources]]
path = "payments.parquet"
account = "account_id"
time = "at"
kinds = {{ payment = "card", email = "email" }}

[accounts]
path = "accounts.parquet"
attributes = ["country", "plan"]

[[references]]
path = "references.csv"
"""


def _plain_csv() -> pyarrow.csv.WriteOptions:
    return pyarrow.csv.WriteOptions(quoting_style="needed")


def draw_world(seed: int, n_accounts: int, dials: Dials | None = None) -> World:
    """Draw a planted world: the same seed, size and dials give the same tables.

    Args:
        seed: Seed of everything; worlds of two seeds also differ in lease times, pool sizes and the like.
        n_accounts: Accounts, at least 100.
        dials: What the world is like; the default is a hard but fair one.

    Raises:
        SettingsError: Fewer than 100 accounts.
    """
    if n_accounts < 100:
        raise SettingsError(f"n_accounts: expected 100 or more, found {n_accounts}")
    dials = dials or Dials()
    rng = np.random.default_rng(seed)
    setting = draw_setting(rng, n_accounts, dials)
    sizes = operator_sizes(rng, n_accounts, dials)
    people = draw_people(setting, n_accounts - int(sizes.sum()))
    moments = [ordinary_moments(rng, people, setting.calendar, 0)]
    farms, farm_moments = draw_farms(setting, sizes, len(people))
    everyone = joined([people, *farms])
    seen = joined_moments([*moments, *farm_moments])
    secret = int(rng.integers(1 << 62))
    names = tokens("a-", np.arange(n_accounts), secret)
    order = pc.sort_indices(names)
    ends = BEGINNING + datetime.timedelta(days=dials.days)
    return World(
        accounts=_accounts_table(everyone, names, setting).take(order),
        requests=_requests_table(everyone, seen, names, setting, secret),
        payments=_payments_table(everyone, names, setting, secret),
        references=pa.Table.from_pylist(
            [dict(zip(("network", "label", "type"), row, strict=True)) for row in setting.places.listed()],
            pa.schema([("network", pa.string()), ("label", pa.string()), ("type", pa.string())]),
        ),
        truth=_truth_table(everyone, names, secret).take(order),
        end=ends,
    )


def _times(seconds: Array, missing: Array | None = None) -> pa.Array:
    micros = int(BEGINNING.timestamp()) * 1_000_000 + np.where(seconds >= NEVER, 0, seconds) * 1_000_000
    return pa.array(micros.astype(np.int64), mask=missing).cast(_TIME)


def _ones(n: int) -> pa.Array:
    return pa.array(np.ones(n, np.int64))


def _long(table: pa.Table, kind: str, column: str) -> pa.Table:
    kept = table.filter(pc.is_valid(table[column])) if table[column].null_count else table
    names = ["account_id", "kind", "value", "seen_at", "n"]
    kinds = pa.repeat(kind, len(kept))
    return pa.table([kept["account_id"], kinds, kept[column], kept["at"], kept["n"]], names=names)


def _accounts_table(a: Accounts, names: pa.Array, setting: Setting) -> pa.Table:
    is_open = a.closed >= setting.calendar.end
    status = np.where(is_open, 0, np.where(a.is_banned, 1, 2))
    plans = np.where(a.card < 0, 0, np.where(a.domain > 0, 3, np.where(a.topped_up > 1.5, 2, 1)))
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


def _truth_table(a: Accounts, names: pa.Array, secret: int) -> pa.Table:
    return pa.table(
        {
            "account_id": names,
            "operator_id": tokens("op-", a.operator, secret + 1),
            "style": pa.array(STYLES).take(pa.array(a.style)),
            "taken_over_at": _times(a.since, a.since >= NEVER),
        }
    )


def _requests_table(a: Accounts, seen: Moments, names: pa.Array, setting: Setting, secret: int) -> pa.Table:
    order = np.lexsort((hashed(seen.account, secret), seen.at))
    account, at, n = seen.account[order], seen.at[order], seen.n[order]
    u = setting.rng.random((3, len(at)))
    addresses, lines = setting.places.addresses.picker(), setting.places.exit_lines.picker()
    codes = np.empty(len(at), np.int64)
    for i in range(0, len(at), _AT_ONCE):
        part = slice(i, i + _AT_ONCE)
        codes[part] = _located(a, account[part], at[part], u[0, part], (setting, addresses, lines))
    calls = u[1] < a.api[account]
    client = np.where(calls, a.client_api[account], a.client_web[account] + setting.n_clients)
    key = account * 2 + (u[2] < 0.1)
    distinct, place = np.unique(key[calls], return_inverse=True)
    place_of = np.zeros(len(at), np.int64)
    place_of[calls] = place
    keys = tokens("key-", distinct, secret + 2).take(pa.array(place_of, mask=~calls))
    return pa.table(
        {
            "account_id": names.take(pa.array(account)),
            "at": _times(at),
            "ip": addresses_as_text(codes),
            "client": _clients(setting).take(pa.array(client)),
            "api_key": keys,
            "n": pa.array(n.astype(np.int64)),
        }
    )


def _located(
    a: Accounts, account: Array, at: Array, u: Array, where: tuple[Setting, PoolPicker, PoolPicker]
) -> Array:
    """Address of each moment: a network by the account's mix, then an address of that network."""
    setting, addresses, lines = where
    network = (np.cumsum(a.mix[account], axis=1) < u[:, None] * (1 - 1e-9)).sum(axis=1)
    honest = at < np.where(a.since[account] < NEVER, a.since[account], -1)
    network = np.where(honest, np.where(u < 0.8, HOME, CARRIER), network)
    away = (at >= a.away_from[account]) & (at < a.away_to[account]) & np.isin(network, (HOME, SITE))
    codes = np.zeros(len(at), np.int64)
    pools = {CARRIER: a.carrier, VPN: a.vpn, SITE: a.site, ROUTER: a.router, OWN: a.own}
    for number, pool in pools.items():
        rows = np.flatnonzero((network == number) & ~away)
        place = fraction(hashed(account[rows], at[rows] // _STAYS[number], number))
        codes[rows] = addresses.pick(pool[account[rows]], place)
    rows = np.flatnonzero(away)
    codes[rows] = addresses.pick(a.away[account[rows]], np.zeros(len(rows)))
    rows = np.flatnonzero((network == HOME) & ~away)
    codes[rows] = setting.places.home_addresses(a.line[account[rows]], at[rows], account[rows])
    rows = np.flatnonzero(network == EXIT)
    place = fraction(hashed(account[rows], at[rows] // _STAYS[EXIT], EXIT))
    exits = lines.pick(a.exits[account[rows]], place)
    codes[rows] = setting.places.home_addresses(exits, at[rows], exits + setting.n_accounts)
    return codes


def _clients(setting: Setting) -> pa.Array:
    """Client strings of API calls, then of log-ins: a few popular versions and a long tail."""
    n = setting.n_clients
    h = hashed(np.arange(2 * n), int(setting.rng.integers(1 << 40)))
    names = []
    for i in range(2 * n):
        family = (
            ("python-sdk", "node-sdk", "go-sdk", "rest")[i % 4] if i < n else ("web", "ios", "android")[i % 3]
        )
        major = 2 if i % n < N_POPULAR_CLIENTS else int(h[i] % np.uint64(3))
        names.append(f"{family}/{major}.{i % n}.{int(h[i] >> np.uint64(60))}")
    return pa.array(names)


def _payments_table(a: Accounts, names: pa.Array, setting: Setting, secret: int) -> pa.Table:
    """Payments: the first at sign-up, later ones about monthly; a later card takes over half-way."""
    rng, calendar = setting.rng, setting.calendar
    begin, end = a.begins(), a.ends(calendar)
    months = (end - begin) / (30 * DAY)
    counts = np.where(a.card < 0, 0, 1 + rng.poisson(np.maximum(a.topped_up * months - 0.5, 0)))
    # An account with two cards pays with both.
    counts = np.where((a.card >= 0) & (a.card_later >= 0), np.maximum(counts, 2), counts)
    account = np.repeat(np.arange(len(a)), counts)
    turn = np.arange(len(account)) - np.repeat(np.cumsum(counts) - counts, counts)
    at = _payment_times(rng, calendar, a, account, turn)
    half = (begin + end) // 2
    change = np.where(a.since < NEVER, a.since, half)[account]
    two = a.card_later[account] >= 0
    last = turn == counts[account] - 1
    at = np.where(two & last, np.maximum(at, np.minimum(change + HOUR, end[account] - 1)), at)
    at = np.where(two & (turn == 0), np.minimum(at, np.maximum(change - 1, begin[account])), at)
    later = two & (at >= change)
    cards = tokens("card-", np.arange(setting.numbers.cards), secret + 3)
    order = np.lexsort((hashed(account, secret), at))
    table = pa.table(
        {
            "account_id": names.take(pa.array(account)),
            "at": _times(at),
            "card": cards.take(pa.array(np.where(later, a.card_later[account], a.card[account]))),
            "email": _emails(a, setting, secret).take(pa.array(account)),
        }
    )
    return table.take(pa.array(order))


def _payment_times(
    rng: np.random.Generator, calendar: Calendar, a: Accounts, account: Array, turn: Array
) -> Array:
    """Moments of payments within each account's life: the first soon after it is opened or first seen."""
    begin, end = a.begins()[account], a.ends(calendar)[account]
    span = end - begin
    first = np.where(
        a.created[account] >= 0, rng.exponential(3 * HOUR, len(account)), rng.random(len(account)) * span
    )
    at = begin + np.where(turn == 0, np.minimum(first, span - 1), rng.random(len(account)) * span).astype(
        np.int64
    )
    return np.asarray(np.minimum(at, end - 1))


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
