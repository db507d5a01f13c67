"""Subgraphs as STIX 2.1 bundles: the one home of the stix2 library, which is an optional dependency."""

from __future__ import annotations

import datetime
import functools
import ipaddress
import uuid
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import SettingsError
from graphlink.core.wording.clusters import named_reason
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphlink.export.subgraph import Subgraph
    from graphlink.workspace.decisions import Decision

# One namespace of our own, so that the same subgraph gives the same identifiers.
_NAMESPACE = uuid.UUID("6f2a0c6e-3f0b-5d0e-9c57-0d8f2f2f6a11")
_EXTENSION = f"extension-definition--{uuid.uuid5(_NAMESPACE, 'identifier')}"
_SOME_TIME = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # where a profile leaves times out
_SENTENCES = 12  # reasons in a note


def bundle_text(subgraph: Subgraph, notes: Sequence[str] = ()) -> str:
    """Make the bundle of a subgraph: observables, shared evidence as relationships, the claim as a note.

    Accounts are user-account; addresses, mail addresses and autonomous systems have observables of their own,
    all else is an x-graphlink-identifier, defined by an extension in the bundle. stix2 checks each object.

    Args:
        subgraph: What it is made of.
        notes: What was left out and made coarse, in sentences for the note.

    Raises:
        SettingsError: The stix2 library is not installed.
    """
    stix2 = _library()
    maker = _StixMaker(stix2, subgraph, notes)
    bundle = stix2.Bundle(maker.objects(), id=f"bundle--{maker.digest('bundle')}", allow_custom=True)
    text: str = bundle.serialize(pretty=False, sort_keys=True, indent=1)
    return text + "\n"


def decision_text(decision: Decision, export_no: int) -> str:
    """Make the bundle of a decision: its accounts as one grouping, and the decision as a note on it.

    Args:
        decision: The decision, which is approved.
        export_no: The number of this export; equal decisions give equal bundles but for that.

    Raises:
        SettingsError: The stix2 library is not installed.
    """
    stix2 = _library()
    key = (decision.name, decision.accounts_sha256, decision.proposal.snapshot_sha256)
    ids = {name: uuid.uuid5(_NAMESPACE, "\x00".join((*key, name))) for name in ("grouping", "note", "bundle")}
    when = datetime.datetime.fromisoformat(decision.decided_at)
    times = {"created": when, "modified": when}
    author = _author(stix2)
    accounts = [stix2.UserAccount(user_id=one.account_id) for one in decision.proposal.accounts]
    group = stix2.Grouping(
        id=f"grouping--{ids['grouping']}",
        name=f"graphlink decision {decision.name}",
        context="suspicious-activity",
        object_refs=[one.id for one in accounts],
        created_by_ref=author.id,
        **times,
    )
    repeated = [f"Export {export_no} of this decision: it may have been acted on already."] * (export_no > 1)
    lines = [
        f"Action: {decision.proposal.action}. {decision.proposal.why}",
        f"Proposed by {decision.proposed_by}, approved by {decision.decided_by}: {decision.decided_why}",
        f"Evidence SHA-256 {decision.proposal.snapshot_sha256}; accounts SHA-256 {decision.accounts_sha256}.",
        *repeated,
    ]
    note = stix2.Note(
        id=f"note--{ids['note']}",
        abstract=group.name,
        content="\n".join(lines),
        object_refs=[group.id],
        created_by_ref=author.id,
        **times,
    )
    bundle = stix2.Bundle([author, *accounts, group, note], id=f"bundle--{ids['bundle']}")
    text: str = bundle.serialize(pretty=False, sort_keys=True, indent=1)
    return text + "\n"


def _library() -> Any:
    try:
        import stix2
    except ModuleNotFoundError as error:
        raise SettingsError("STIX needs the stix2 library: pip install 'graphlink[stix]'") from error
    return stix2


def _author(stix2: Any) -> Any:
    return stix2.Identity(
        id=f"identity--{uuid.uuid5(_NAMESPACE, 'graphlink')}",
        name="graphlink",
        identity_class="system",
        created=_SOME_TIME,
        modified=_SOME_TIME,
    )


class _StixMaker:
    """Makes the objects of one bundle."""

    def __init__(self, stix2: Any, subgraph: Subgraph, notes: Sequence[str]) -> None:
        self._stix2 = stix2
        self._notes = notes
        self._subgraph = subgraph
        times = [row["last_seen"] for row in subgraph.accounts if row.get("last_seen") is not None]
        self._when = {"created": max(times, default=_SOME_TIME), "modified": max(times, default=_SOME_TIME)}
        self._identifier = _identifier_class()

    def digest(self, *key: str) -> uuid.UUID:
        """The same id for the same thing in the same subgraph."""
        return uuid.uuid5(_NAMESPACE, "\x00".join((self._subgraph.what, self._subgraph.name, *key)))

    def objects(self) -> list[Any]:
        author = _author(self._stix2)
        extension = self._stix2.ExtensionDefinition(
            id=_EXTENSION,
            name="graphlink identifier",
            description="An identifier that STIX has no observable for, such as a payment instrument.",
            schema="x-graphlink-identifier: kind (text), value (text)",
            version="1.0.0",
            extension_types=["new-sco"],
            created_by_ref=author.id,
            created=_SOME_TIME,
            modified=_SOME_TIME,
        )
        accounts = {row["account_id"]: self._account(row) for row in self._subgraph.accounts}
        things = {(row["kind"], row["value"]): self._thing(row) for row in self._subgraph.identifiers}
        relations = [*self._holdings(accounts, things), *self._links(accounts)]
        # Two identifiers may be one observable, such as an address and its own network.
        observables = list({one.id: one for one in (*accounts.values(), *things.values())}.values())
        referenced = [*observables, *relations]
        claim = self._claim([one.id for one in referenced], author.id)
        return [author, extension, *referenced, *claim]

    def _account(self, row: Mapping[str, Any]) -> Any:
        optional = {"account_created": row.get("created_at"), "account_first_login": row.get("first_seen")}
        return self._stix2.UserAccount(
            user_id=row["account_id"],
            **{name: value for name, value in optional.items() if value is not None},
        )

    def _thing(self, row: Mapping[str, Any]) -> Any:
        kind, value = row["kind"], row["value"]
        if kind in ("ip", "ip_64", "ip_prefix") and (network := _network(value)):
            maker = self._stix2.IPv4Address if network.version == 4 else self._stix2.IPv6Address
            return maker(value=value)
        if kind == "email" and "@" in value:
            return self._stix2.EmailAddress(value=value)
        if kind == "asn" and value.startswith("AS") and value[2:].isdecimal():
            return self._stix2.AutonomousSystem(number=int(value[2:]))
        return self._identifier(kind=kind, value=value)

    def _holdings(self, accounts: Mapping[str, Any], things: Mapping[tuple[str, str], Any]) -> Iterable[Any]:
        for row in rows_of(self._subgraph.edges):
            account, identifier = row["account_id"], (row["kind"], row["value"])
            times = {"start_time": row["first_seen"], "stop_time": row["last_seen"]}
            if None in times.values() or times["stop_time"] <= times["start_time"]:
                times.pop("stop_time")
            yield self._relation(
                (accounts[account].id, "uses", things[identifier].id),
                (account, *identifier),
                description=f"{row['bits']:+.1f} bits of evidence; kind {row['kind']}",
                **{name: value for name, value in times.items() if value is not None},
            )

    def _links(self, accounts: Mapping[str, Any]) -> Iterable[Any]:
        for row in rows_of(self._subgraph.links):
            ends = row["account_id_l"], row["account_id_r"]
            yield self._relation(
                (accounts[ends[0]].id, "related-to", accounts[ends[1]].id),
                ends,
                description=f"Likely one operator: {row['bits']:+.1f} bits, {row['n_facets']} facets",
                confidence=min(99, int(100 * row["probability"])),
            )

    def _relation(self, triple: tuple[str, str, str], key: tuple[str, ...], **properties: Any) -> Any:
        return self._stix2.Relationship(
            *triple,
            id=f"relationship--{self.digest(triple[1], *key)}",
            allow_custom=True,
            **self._when,
            **properties,
        )

    def _claim(self, references: list[str], author: str) -> list[Any]:
        subgraph = self._subgraph
        group = self._stix2.Grouping(
            id=f"grouping--{self.digest('grouping')}",
            name=f"graphlink {subgraph.what} {subgraph.name}",
            context="suspicious-activity",
            object_refs=references,
            created_by_ref=author,
            allow_custom=True,
            **self._when,
        )
        reasons = [f"{row['bits']:+.1f} bits: {named_reason(row)}" for row in subgraph.reasons[:_SENTENCES]]
        lead = "A lead, not a verdict: honest accounts share addresses, cards and routers too."
        note = self._stix2.Note(
            id=f"note--{self.digest('note')}",
            abstract=group.name,
            content="\n".join([lead, *reasons, *self._notes]),
            object_refs=[group.id],
            created_by_ref=author,
            **self._when,
        )
        return [group, note]


def _network(value: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None


@functools.cache
def _identifier_class() -> Any:
    """The class of identifiers without an observable; stix2 lets a class be registered once."""
    import stix2

    @stix2.CustomObservable(
        "x-graphlink-identifier",
        [
            ("kind", stix2.properties.StringProperty(required=True)),
            ("value", stix2.properties.StringProperty(required=True)),
        ],
        ["kind", "value"],
        _EXTENSION,
    )
    class Identifier:
        pass

    return Identifier
