"""What accounts of a result hold and when: identifiers with their wider ones, first and last seen."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.settings import Settings
from graphlink.kinds import ADDRESSES, KINDS, Kind, identifiers_of, kind_of, network_of
from graphlink.storage.arrow_values import rows_of, text_array

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from graphlink.storage.tables import Tables

Moment = dt.datetime | None


class Identifier(NamedTuple):
    """A value with its kind."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Spelling:
    """How the values of a result are spelled: cleaned, and hashed where a kind is pseudonymised.

    Attributes:
        settings: Settings of the run, as its manifest states them.
        key: Key of the pseudonyms; None without any.
    """

    settings: Settings = field(default_factory=Settings)
    key: bytes | None = None
    _kinds: dict[str, Kind] = field(default_factory=dict, init=False, compare=False, repr=False)

    def identifiers(self, kind: str, value: str) -> tuple[Identifier, ...]:
        """The identifier of a raw value, and the wider ones that follow from it.

        Raises:
            UncleanValue: The value or the name of its kind is none.
            SettingsError: The kind is hashed and there is no key.
        """
        if kind not in self._kinds:
            self._kinds[kind] = kind_of(kind, self.settings)
        hashed = self.settings.pseudonymize.kinds
        return tuple(Identifier(*one) for one in identifiers_of(self._kinds[kind], value, self.key, hashed))


PLAIN = Spelling()
"""The spelling of a result with default settings."""


@dataclass(frozen=True, slots=True)
class Holding:
    """An identifier that an account holds.

    Attributes:
        account_id: The account.
        identifier: The identifier.
        first_seen: When it held it first; None where the data have no time.
        last_seen: When it held it last.
    """

    account_id: str
    identifier: Identifier
    first_seen: Moment
    last_seen: Moment


def holdings_of(result: Tables, accounts: Collection[str]) -> list[Holding]:
    """What accounts hold, with the wider identifiers that follow from it, by account and identifier."""
    columns = ["account_id", "kind", "value", "seen_at"]
    return _grouped(result.table("observations", columns, {"account_id": sorted(accounts)}))


def holdings_on(result: Tables, identifiers: Collection[Identifier]) -> list[Holding]:
    """Who holds some identifiers and when, by account and identifier.

    Of the wider identifiers /64s and mail domains are looked up; networks are not.
    """
    wanted = set(identifiers)
    if not wanted:
        return []
    values = {one.value for one in wanted}
    for narrow, wide in (("email", "email_domain"), ("ip", "ip_64")):
        if any(one.kind == wide for one in wanted):
            known = pc.unique(
                result.table("observations", ["value"], {"kind": [narrow]})["value"]
            ).to_pylist()
            values |= {value for value in known if not wanted.isdisjoint(wider(Identifier(narrow, value)))}
    columns = ["account_id", "kind", "value", "seen_at"]
    seen = result.table("observations", columns, {"value": sorted(values)})
    return [one for one in _grouped(seen) if one.identifier in wanted]


def _grouped(seen: pa.Table) -> list[Holding]:
    """Observations as holdings, with the wider identifiers."""
    seen = seen.append_column("last_seen", seen["seen_at"])
    grouped = seen.group_by(["account_id", "kind", "value"], use_threads=False).aggregate(
        [("seen_at", "min"), ("last_seen", "max")]
    )
    return widened(
        Holding(
            row["account_id"], Identifier(row["kind"], row["value"]), row["seen_at_min"], row["last_seen_max"]
        )
        for row in rows_of(grouped)
    )


def widened(holdings: Iterable[Holding]) -> list[Holding]:
    """The holdings with those of the wider identifiers, each account and identifier once."""
    made: dict[tuple[str, Identifier], Holding] = {}
    for one in holdings:
        for identifier in (one.identifier, *wider(one.identifier)):
            key = (one.account_id, identifier)
            before = made.get(key)
            made[key] = Holding(
                one.account_id,
                identifier,
                one.first_seen if before is None else _earlier(before.first_seen, one.first_seen),
                one.last_seen if before is None else _later(before.last_seen, one.last_seen),
            )
    return [made[key] for key in sorted(made)]


def wider(identifier: Identifier) -> tuple[Identifier, ...]:
    """The wider identifiers that follow from one; none of a pseudonym."""
    kind = KINDS.get(identifier.kind)
    if kind is None or (identifier.kind in ADDRESSES and network_around(identifier) is None):
        return ()
    return tuple(Identifier(*one) for one in kind.generalizations(identifier.value))


def network_around(identifier: Identifier) -> Identifier | None:
    """The network of an address; None of what is no address, and of a pseudonym."""
    if identifier.kind not in ADDRESSES:
        return None
    try:
        ipaddress.ip_address(identifier.value.removesuffix("/64"))
    except ValueError:
        return None
    return Identifier(*network_of(*identifier))


def root_of(identifier: Identifier) -> Identifier:
    """What an identifier stands and falls with: an address with its network, a mailbox with its domain.

    Client strings are one root: who copies one copies another.
    """
    if identifier.kind == "client":
        return Identifier("client", "")
    if identifier.kind == "email" and (domains := wider(identifier)):
        return domains[0]
    return network_around(identifier) or identifier


def opened_since(result: Tables, moment: dt.datetime) -> dict[str, dt.datetime]:
    """The accounts that were opened at a moment or later, or first seen where that is not known.

    Data that begin after the moment say nothing of who was first seen in them: all were, old and new.
    """
    accounts = result.table("accounts", ["account_id", "created_at", "first_seen"])
    opened, begins = accounts["created_at"], pc.min(accounts["first_seen"])
    if begins.is_valid and begins.as_py() < moment:
        opened = pc.coalesce(opened, accounts["first_seen"])
    later = pc.fill_null(pc.greater_equal(opened, pa.scalar(moment, opened.type)), False)
    rows = rows_of(pa.table({"account_id": accounts["account_id"], "opened": opened}).filter(later))
    return {row["account_id"]: row["opened"] for row in rows}


def data_end(result: Tables) -> Moment:
    """The last moment of the data; None where they have no time."""
    last = result.table("accounts", ["last_seen"])["last_seen"]
    (row,) = rows_of(pa.table({"last": pa.chunked_array([pa.array([pc.max(last).cast(last.type)])])}))
    moment: Moment = row["last"]
    return moment


def identifier_rows(
    result: Tables, identifiers: Collection[Identifier]
) -> dict[Identifier, dict[str, object]]:
    """The rows of the table `identifiers` of some; who is alone on a value has none."""
    if not identifiers:
        return {}
    columns = ["kind", "value", "degree", "is_hub", "p_exclusive", "is_overridden", "label", "label_type"]
    where = {name: {getattr(one, name) for one in identifiers} for name in ("kind", "value")}
    wanted = set(identifiers)
    rows = rows_of(result.table("identifiers", columns, where))
    return {key: row for row in rows if (key := Identifier(row["kind"], row["value"])) in wanted}


def _earlier(one: Moment, other: Moment) -> Moment:
    return other if one is None else one if other is None else min(one, other)


def _later(one: Moment, other: Moment) -> Moment:
    return other if one is None else one if other is None else max(one, other)


def texts(values: Iterable[str]) -> pa.Array:
    """Distinct texts as Arrow, sorted."""
    return text_array(sorted(set(values)))
