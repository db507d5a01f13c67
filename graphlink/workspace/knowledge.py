"""What is known of an organisation, and where in a result it points to."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from graphlink.core.errors import QuestionError
from graphlink.kinds import UncleanValue
from graphlink.storage.arrow_values import rows_of
from graphlink.workspace.holdings import PLAIN, Identifier, Spelling, data_end, texts
from graphlink.workspace.paths import Start
from graphlink.workspace.watch import OPEN_TO_ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphlink.storage.tables import Tables
    from graphlink.workspace.holdings import Moment

_OPEN_TO_ALL = OPEN_TO_ALL - {"campus"}  # a campus may well be the organisation's
ACCOUNT, NETWORK, HINT = "account", "network", "hint"
"""What may be known besides values of a kind: an account, a network in CIDR form, a hint on an account."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """One thing that is known of an organisation.

    Attributes:
        what: `account`, `network`, `hint`, or a kind of identifier such as email_domain or payment.
        value: The account (of a hint too), the network in CIDR form, or the value.
        source: Who says so.
        confidence: Probability that it is right.
        until: From when on it no longer holds; None without an end.
        note: What was seen, such as the words of a public profile.
    """

    what: str
    value: str
    source: str
    confidence: float = 1.0
    until: Moment = None
    note: str = ""

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise QuestionError(f"confidence of {self.what}: expected 0 to 1, found {self.confidence}")
        if self.until is not None and self.until.tzinfo is None:
            raise QuestionError(f"until of {self.what}: it has no time zone; give it in UTC")
        if self.what == NETWORK:
            self.network()

    def network(self) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
        """The network.

        Raises:
            QuestionError: It is none.
        """
        try:
            return ipaddress.ip_network(self.value, strict=False)
        except ValueError as error:
            raise QuestionError("network: expected an address prefix such as 203.0.113.0/24") from error

    def holds_at(self, moment: Moment) -> bool:
        """Whether it still holds at a moment; without one, it does."""
        return self.until is None or moment is None or moment < self.until


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation of which something is known.

    Attributes:
        name: Its name.
        known: What is known of it.
        is_declared: Whether it is openly a customer: its accounts are kept apart and are no news.
    """

    name: str
    known: tuple[Knowledge, ...]
    is_declared: bool = False


@dataclass(frozen=True, slots=True)
class Pointers:
    """Where knowledge points to in a result.

    Attributes:
        starts: Where paths start.
        hints: Account to the hints on it.
        not_used: What is not used, with the reason.
    """

    starts: tuple[Start, ...]
    hints: Mapping[str, tuple[Knowledge, ...]]
    not_used: tuple[tuple[Knowledge, str], ...]


def pointers_of(result: Tables, organisation: Organisation, spelling: Spelling = PLAIN) -> Pointers:
    """Find what is known of an organisation in a result.

    Args:
        result: A finished run.
        organisation: What is known.
        spelling: How values are spelled in the result.
    """
    now = data_end(result)
    valid = [one for one in organisation.known if one.holds_at(now)]
    not_used = [(one, "it holds no longer") for one in organisation.known if not one.holds_at(now)]
    named = sorted({one.value for one in valid if one.what in (ACCOUNT, HINT)})
    there = set(result.table("accounts", ["account_id"], {"account_id": named})["account_id"].to_pylist())
    starts: list[Start] = []
    hints: dict[str, list[Knowledge]] = defaultdict(list)
    for one in valid:
        if one.what not in (ACCOUNT, HINT):
            continue
        if one.value not in there:
            not_used.append((one, "the account is not in the result"))
        elif one.what == HINT:
            hints[one.value].append(one)
        else:
            starts.append(Start(one.value, None, one.confidence))
    held, unclean = _held_values(result, [one for one in valid if one.what not in (ACCOUNT, HINT)], spelling)
    not_used += unclean
    open_to_all = _open_to_all(result, held)
    for identifier, (knowledge, accounts) in sorted(held.items(), key=lambda item: item[0]):
        if identifier in open_to_all:
            not_used.append((knowledge, f"{identifier.value} is listed as {open_to_all[identifier]}"))
        else:
            starts += [Start(account, identifier, knowledge.confidence) for account in sorted(accounts)]
    return Pointers(tuple(starts), {name: tuple(them) for name, them in hints.items()}, tuple(not_used))


def _held_values(
    result: Tables, known: Sequence[Knowledge], spelling: Spelling
) -> tuple[_Held, list[tuple[Knowledge, str]]]:
    """The values and networks that are known with who holds them, and what nobody can or does hold."""
    listed: dict[Identifier, Knowledge] = {}
    not_used: list[tuple[Knowledge, str]] = []
    for one in sorted(known, key=lambda one: -one.confidence):
        if one.what != NETWORK:
            try:
                listed.setdefault(spelling.identifiers(one.what, one.value)[0], one)
            except UncleanValue as error:
                not_used.append((one, str(error)))
    networks = [one for one in known if one.what == NETWORK]
    held = _holders_of(result, listed) | _addresses_in(result, networks)
    seen = {id(knowledge) for knowledge, _ in held.values()}
    idle = [one for one in (*listed.values(), *networks) if id(one) not in seen]
    return held, [*not_used, *((one, "no account holds it") for one in idle)]


_Held = dict[Identifier, tuple[Knowledge, set[str]]]


def _holders_of(result: Tables, listed: Mapping[Identifier, Knowledge]) -> _Held:
    """Who holds the values that are known; of a mail domain, whose mail address is under it."""
    held: _Held = {}
    if not listed:
        return held
    columns = ["account_id", "kind", "value"]
    where = {name: sorted({getattr(one, name) for one in listed}) for name in ("kind", "value")}
    for row in rows_of(result.table("observations", columns, where)):
        key = Identifier(row["kind"], row["value"])
        if key in listed:
            held.setdefault(key, (listed[key], set()))[1].add(row["account_id"])
    domains = {one.value: one for one in listed if one.kind == "email_domain"}
    if domains:
        mail = result.table("observations", columns, {"kind": ["email"]})
        for row in rows_of(mail.group_by(columns, use_threads=False).aggregate([])):
            domain = domains.get(row["value"].rpartition("@")[2])
            if domain is not None:
                held.setdefault(domain, (listed[domain], set()))[1].add(row["account_id"])
    return held


def _addresses_in(result: Tables, networks: Sequence[Knowledge]) -> _Held:
    """The addresses in the networks that are known, with who was seen there."""
    if not networks:
        return {}
    seen = result.table("observations", ["account_id", "value"], {"kind": ["ip"]})
    parsed = [(one.network(), one) for one in sorted(networks, key=lambda one: -one.confidence)]
    inside: dict[str, Knowledge] = {}
    for value in pc.unique(seen["value"]).to_pylist():
        try:
            address = ipaddress.ip_address(value)
        except ValueError:  # a pseudonym
            continue
        for network, one in parsed:
            if address.version == network.version and address in network:
                inside[value] = one
                break
    held: _Held = {}
    kept = seen.filter(pc.is_in(seen["value"], value_set=texts(inside)))
    for row in rows_of(kept):
        key = Identifier("ip", row["value"])
        held.setdefault(key, (inside[row["value"]], set()))[1].add(row["account_id"])
    return held


def _open_to_all(result: Tables, held: Iterable[Identifier]) -> dict[Identifier, str]:
    """The values that a reference list says anybody may use, with the type."""
    wanted = set(held)
    if not wanted:
        return {}
    where = {name: sorted({getattr(one, name) for one in wanted}) for name in ("kind", "value")}
    rows: list[dict[str, Any]] = rows_of(result.table("identifiers", ["kind", "value", "label_type"], where))
    return {
        key: row["label_type"]
        for row in rows
        if row["label_type"] in _OPEN_TO_ALL and (key := Identifier(row["kind"], row["value"])) in wanted
    }
