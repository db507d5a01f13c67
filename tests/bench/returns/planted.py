"""Planted worlds in which operators are closed and come back: who returns under which new names is known.

At the closing every account of each operator with enough accounts is closed. After an absence the activity of
the operator goes on as it would have, each account under a new name. API keys and mailboxes are always new, a
mail domain of its own stays. What is not kept is swapped one to one: addresses for ones of other
networks, client strings for other client strings, cards for new cards. Who paid before pays soon after the
sign-up of the new account, as everybody in a planted world does.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.samples import FARM_STYLES
from graphlink.samples.hours import BEGINNING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphlink.samples import World

CLOSED_AT = BEGINNING + dt.timedelta(days=28)
LEAST_ACCOUNTS = 8  # of an operator that is closed
_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Planted:
    """A world with returns.

    Attributes:
        world: Its tables, with the closed accounts and those that came back.
        predecessors: Account that came back to the account that it stands for.
        operators: Operators that were closed.
        back_at: When they begin to come back.
    """

    world: World
    predecessors: Mapping[str, str]
    operators: frozenset[str]
    back_at: dt.datetime

    def until(self, moment: dt.datetime) -> World:
        """The tables as a provider has them at a moment."""
        return cut(self.world, moment)

    def operator_of(self) -> dict[str, str]:
        """Account to its operator."""
        truth = self.world.truth
        return dict(zip(truth["account_id"].to_pylist(), truth["operator_id"].to_pylist(), strict=True))

    def honest_newcomers(self, until: dt.datetime) -> set[str]:
        """Accounts of honest people that were opened between the return and a moment, and were seen."""
        accounts = self.world.accounts
        styles = dict(
            zip(
                self.world.truth["account_id"].to_pylist(), self.world.truth["style"].to_pylist(), strict=True
            )
        )
        requests = self.world.requests
        seen = set(requests.filter(pc.less(requests["at"], until))["account_id"].to_pylist())
        return {
            name
            for name, at in zip(
                accounts["account_id"].to_pylist(), _moments(accounts["created_at"]), strict=True
            )
            if at is not None
            and self.back_at <= at < until
            and name in seen
            and styles[name] not in FARM_STYLES
        }

    def returned(self, until: dt.datetime) -> set[str]:
        """Accounts that came back and were seen before a moment."""
        requests = self.world.requests
        seen = set(requests.filter(pc.less(requests["at"], until))["account_id"].to_pylist())
        return seen & set(self.predecessors)


def cut(world: World, moment: dt.datetime) -> World:
    """The tables of a world as a provider has them at a moment: nothing later, no closing to come."""
    accounts = world.accounts.filter(pc.less(world.accounts["created_at"], moment))
    is_later = pc.fill_null(pc.greater_equal(accounts["closed_at"], moment), False)
    closed = pc.if_else(is_later, pa.scalar(None, accounts["closed_at"].type), accounts["closed_at"])
    status = pc.if_else(is_later, pa.scalar("active"), accounts["status"])
    for name, column in (("closed_at", closed), ("status", status)):
        accounts = accounts.set_column(accounts.schema.get_field_index(name), name, column)
    return dataclasses.replace(
        world,
        accounts=accounts,
        requests=world.requests.filter(pc.less(world.requests["at"], moment)),
        payments=world.payments.filter(pc.less(world.payments["at"], moment)),
        end=moment,
    )


def plant_returns(world: World, kept: frozenset[str], absence: dt.timedelta) -> Planted:
    """Close the operators of a world and let them come back.

    Args:
        world: A planted world of at least six weeks.
        kept: What they come back with: addresses, clients, cards.
        absence: For how long nothing is seen of them.
    """
    back_at = CLOSED_AT + absence
    operator = dict(
        zip(world.truth["account_id"].to_pylist(), world.truth["operator_id"].to_pylist(), strict=True)
    )
    gone = _closed_operators(world)
    is_gone = {name for name, one in operator.items() if one in gone}
    name_of = {name: _token("a-", name) for name in is_gone}
    swap = {
        "ip": _same if "addresses" in kept else _other_address,
        "client": _same if "clients" in kept else _other_client(world.requests["client"].to_pylist()),
        "card": _same if "cards" in kept else lambda card: _token("card-", card),
        "api_key": lambda key: _token("key-", key),
        "email": lambda email: f"{_token('', email)}@{email.partition('@')[2]}",
    }
    spell = (CLOSED_AT, back_at)
    requests = _moved(world.requests, name_of, swap, spell)
    payments = _moved(world.payments, name_of, swap, spell)
    first: dict[str, dt.datetime] = {}
    for name, at in zip(requests["account_id"].to_pylist(), _moments(requests["at"]), strict=True):
        first[name] = min(first.get(name, at), at)
    predecessors = {new: old for old, new in name_of.items() if new in first}
    opened = {new: first[new] - _HOUR * float(_fraction(new)) for new in predecessors}
    payments = pa.concat_tables([payments, _first_payments(world, predecessors, opened, swap)])
    return Planted(
        dataclasses.replace(
            world,
            accounts=_with_successors(world.accounts, is_gone, predecessors, opened),
            requests=requests.sort_by([("at", "ascending"), ("account_id", "ascending")]),
            payments=payments.sort_by([("at", "ascending"), ("account_id", "ascending")]),
            truth=_renamed_rows(world.truth, predecessors),
        ),
        predecessors,
        gone,
        back_at,
    )


def _closed_operators(world: World) -> frozenset[str]:
    """Farms with enough accounts that were seen before the closing."""
    early = world.requests.filter(pc.less(world.requests["at"], CLOSED_AT))
    seen = set(early["account_id"].to_pylist())
    n: dict[str, int] = {}
    for row in world.truth.select(["account_id", "operator_id", "style"]).to_pylist():
        if row["style"] in FARM_STYLES and row["account_id"] in seen:
            n[row["operator_id"]] = n.get(row["operator_id"], 0) + 1
    return frozenset(name for name, count in n.items() if count >= LEAST_ACCOUNTS)


def _moved(
    table: pa.Table,
    name_of: Mapping[str, str],
    swap: Mapping[str, Callable[[str], str]],
    spell: tuple[dt.datetime, dt.datetime],
) -> pa.Table:
    """A log in which closed accounts are silent for a spell, and then go on under new names."""
    closed_at, back_at = spell
    is_theirs = pc.is_in(table["account_id"], value_set=pa.array(sorted(name_of), pa.string()))
    is_before = pc.less(table["at"], closed_at)
    unchanged = table.filter(pc.or_(pc.invert(is_theirs), is_before))
    after = table.filter(pc.and_(is_theirs, pc.greater_equal(table["at"], back_at)))
    columns = {
        name: pa.array([name_of[account] for account in after[name].to_pylist()], pa.string())
        if name == "account_id"
        else _swapped(after[name], swap[name])
        if name in swap
        else after[name]
        for name in table.column_names
    }
    return pa.concat_tables([unchanged, pa.table(columns, schema=table.schema)])


def _swapped(column: pa.ChunkedArray, swap: Callable[[str], str]) -> pa.Array:
    made: dict[str, str] = {}
    values = [None if value is None else made.setdefault(value, swap(value)) for value in column.to_pylist()]
    return pa.array(values, pa.string())


def _first_payments(
    world: World,
    predecessors: Mapping[str, str],
    opened: Mapping[str, dt.datetime],
    swap: Mapping[str, Callable[[str], str]],
) -> pa.Table:
    """A payment soon after each sign-up, by the card that was used last."""
    paid: dict[str, list[dict[str, Any]]] = {}
    for row in world.payments.to_pylist():
        paid.setdefault(row["account_id"], []).append(row)
    rows = []
    for new, old in sorted(predecessors.items()):
        if old not in paid:
            continue
        before = [row for row in paid[old] if row["at"] <= opened[new]]
        last = max(before, key=lambda row: row["at"]) if before else min(paid[old], key=lambda row: row["at"])
        delay = -3 * float(np.log(1 - _fraction(f"{new} pays"))) * _HOUR
        rows.append(
            {
                "account_id": new,
                "at": opened[new] + delay,
                "card": swap["card"](last["card"]),
                "email": swap["email"](last["email"]),
            }
        )
    return pa.Table.from_pylist(rows, world.payments.schema)


def _with_successors(
    accounts: pa.Table, gone: set[str], predecessors: Mapping[str, str], opened: Mapping[str, dt.datetime]
) -> pa.Table:
    rows = {row["account_id"]: row for row in accounts.to_pylist()}
    made = [
        rows[old] | {"account_id": new, "created_at": opened[new], "closed_at": None, "status": "active"}
        for new, old in predecessors.items()
    ]
    kept = []
    for name, row in rows.items():
        if name in gone:
            if row["created_at"] >= CLOSED_AT:
                continue  # opened later: it comes back under its new name only
            if row["closed_at"] is None or row["closed_at"] >= CLOSED_AT:
                row |= {"closed_at": CLOSED_AT, "status": "banned"}
        kept.append(row)
    return pa.Table.from_pylist(kept + made, accounts.schema).sort_by("account_id")


def _renamed_rows(truth: pa.Table, predecessors: Mapping[str, str]) -> pa.Table:
    rows = {row["account_id"]: row for row in truth.to_pylist()}
    made = [rows[old] | {"account_id": new} for new, old in predecessors.items()]
    return pa.Table.from_pylist([*rows.values(), *made], truth.schema).sort_by("account_id")


def _moments(column: pa.ChunkedArray) -> list[Any]:
    moments: list[Any] = column.to_pylist()
    return moments


def _same(value: str) -> str:
    return value


def _other_address(value: str) -> str:
    """An address of another network: neighbours stay neighbours, in a range that nobody else has."""
    address = ipaddress.ip_address(value)
    if address.version == 4:
        network = int(hashlib.sha256(str(int(address) >> 8).encode()).hexdigest(), 16) % (1 << 16)
        return str(ipaddress.IPv4Address((44 << 24) + (network << 8) + int(address) % 256))
    network = int(hashlib.sha256(str(int(address) >> 80).encode()).hexdigest(), 16) % (1 << 28)
    return str(ipaddress.IPv6Address((0x3FFE << 112) + (network << 80) + int(address) % (1 << 80)))


def _other_client(clients: list[str]) -> Callable[[str], str]:
    """The next client string of the world's, sorted by name."""
    names = sorted(set(clients))
    following = dict(zip(names, [*names[1:], names[0]], strict=True))
    return following.__getitem__


def _token(prefix: str, text: str) -> str:
    return prefix + "r" + hashlib.sha256(f"{prefix} {text}".encode()).hexdigest()[:13]


def _fraction(text: str) -> float:
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) / float(1 << 48)
