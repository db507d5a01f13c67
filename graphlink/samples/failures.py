"""Failed log-ins: owners who mistype, and strangers who try many accounts' passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.samples.hours import BEGINNING, DAY
from graphlink.samples.tokens import Array, addresses_as_text

if TYPE_CHECKING:
    from graphlink.samples.accounts import Accounts
    from graphlink.samples.people import Setting

_MISTYPED = 0.4  # share of the failures that are owners'


def with_failed_logins(
    table: pa.Table, a: Accounts, names: pa.Array, setting: Setting, secret: int
) -> pa.Table:
    """The request log with failed log-ins in order of time, and the column `ok`.

    Args:
        table: The request log.
        a: The accounts.
        names: Their names.
        setting: The world.
        secret: What the chance of the failures depends on, so that no other table moves.
    """
    rng = np.random.default_rng(secret)
    n = int(rng.poisson(setting.dials.failed_logins * len(a)))
    logins = np.flatnonzero(pc.is_null(table["api_key"]).to_numpy())
    n_mistyped = int(_MISTYPED * n) if len(logins) else 0
    mistyped = table.take(pa.array(rng.choice(logins, n_mistyped))) if n_mistyped else table.slice(0, 0)
    # The failure comes seconds after another log-in of the owner's: a second window, or the wrong account.
    later = pc.add(mistyped["at"], pa.array(rng.integers(2, 60, n_mistyped) * 1_000_000, pa.duration("us")))
    mistyped = mistyped.set_column(table.column_names.index("at"), "at", later)
    tried = _tried(rng, n - n_mistyped if len(logins) else 0, (table, logins), a, (names, setting))
    failed = pa.concat_tables([mistyped, tried])
    failed = failed.set_column(table.column_names.index("n"), "n", pa.array(np.ones(len(failed), np.int64)))
    whole = pa.concat_tables([_marked(table, True), _marked(failed, False)])
    return whole.take(pc.sort_indices(whole, [("at", "ascending")])).combine_chunks()


def _marked(table: pa.Table, is_ok: bool) -> pa.Table:
    return table.append_column("ok", pa.repeat(is_ok, len(table)))


def _tried(
    rng: np.random.Generator,
    n: int,
    log: tuple[pa.Table, Array],
    a: Accounts,
    world: tuple[pa.Array, Setting],
) -> pa.Table:
    """Tries from servers of a few strangers, each with one client for some days over open accounts."""
    table, logins = log
    names, setting = world
    if not n:
        return table.slice(0, 0)
    n_strangers = int(rng.integers(1, 5))
    stranger = rng.integers(0, n_strangers, n)
    servers = [setting.places.servers(int(k), adjacent=False) for k in rng.integers(1, 20, n_strangers)]
    start = rng.integers(0, setting.calendar.end - 3 * DAY, n_strangers)
    at = start[stranger] + (rng.random(n) * rng.uniform(0.2, 3, n_strangers)[stranger] * DAY).astype(np.int64)
    account = rng.integers(0, len(a), n)
    is_open = (at >= a.begins()[account]) & (at < a.ends(setting.calendar)[account])
    stranger, at, account = stranger[is_open], at[is_open], account[is_open]
    address = np.array(
        [
            servers[who][int(u * len(servers[who]))]
            for who, u in zip(stranger, rng.random(len(at)), strict=True)
        ],
        np.int64,
    )
    rows = table.take(pa.array(rng.choice(logins, n_strangers)[stranger]))
    begin = pa.scalar(BEGINNING, table.schema.field("at").type)
    moments = pc.add(begin, pa.array(at * 1_000_000, pa.duration("us")))
    columns = {"account_id": names.take(pa.array(account)), "at": moments, "ip": addresses_as_text(address)}
    for name, column in columns.items():
        rows = rows.set_column(table.column_names.index(name), name, column)
    return rows
