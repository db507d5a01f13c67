"""The audit log: what was done, by whom and when; verified, and with people erased on request."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.chain import GENESIS, Event, chained, payload_digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.workspace.store import Reading, Row, Store, Writing

_SHORT_NAME = 4  # characters
FORGOTTEN = "(forgotten)"
"""What stands in place of the name of an account that was forgotten."""


class Verified(NamedTuple):
    """A chain that holds.

    Attributes:
        n_events: Events in it.
        n_forgotten: Payloads that were erased since, in whole or in part, and can't be compared.
        last_hash: The hash of the last event: kept elsewhere, it shows later whether the chain was made
            again.
    """

    n_events: int
    n_forgotten: int
    last_hash: str


class Entry(NamedTuple):
    """An event with its payload; None where its part of the store is missing."""

    event: Event
    payload: dict[str, Any]
    is_forgotten: bool


def read_log(rows: Reading, *subjects: str) -> list[Entry]:
    """Read the events, of some subjects or of all, in order."""
    found = rows.rows_of("events", "subject", subjects) if subjects else rows.rows("events")
    return entries_of(rows, sorted(found, key=lambda row: int(row["seq"])))


def read_newest(rows: Reading, offset: int, limit: int) -> tuple[list[Entry], int]:
    """Read a part of the log, the newest first, and how many events there are; the rest is not read."""
    last = rows.last_event()
    total = last.seq if last is not None else 0  # numbers have no gaps
    wanted = range(max(1, total - offset - limit + 1), total - offset + 1)
    return entries_of(rows, rows.rows_of("events", "seq", wanted)[::-1]), total


def entries_of(rows: Reading, found: list[Row]) -> list[Entry]:
    """The entries of rows of the table of events, in their order."""
    events = [Event(**row) for row in found]
    payloads = {row["seq"]: row for row in rows.rows_of("payloads", "seq", [one.seq for one in events])}
    return [
        Entry(one, json.loads(payloads[one.seq]["content"]), payloads[one.seq]["forgotten_at"] is not None)
        for one in events
    ]


def verify_chain(store: Store, last_hash: str = "") -> Verified:
    """Make sure that the log is as it was written.

    Args:
        store: The rows of the workspace.
        last_hash: The last hash of an earlier moment, kept elsewhere: the chain must still hold that event.

    Raises:
        WorkspaceError: An event or a payload was changed, removed or added; names the first.
    """
    prev, n_forgotten, hashes = GENESIS, 0, {GENESIS}
    with store.read() as rows:
        payloads = {row["seq"]: row for row in rows.rows("payloads")}
        events = [Event(**row) for row in rows.rows("events")]
    for seq, event in enumerate(events, 1):
        if event.seq != seq:
            raise WorkspaceError(f"{store.name}: event {seq} is missing; the log was changed")
        if event.prev != prev or chained(event).hash != event.hash:
            raise WorkspaceError(f"{store.name}: event {seq} is not what was written; the log was changed")
        payload = payloads.pop(seq, None)
        if payload is None:
            raise WorkspaceError(f"{store.name}: the payload of event {seq} is missing; the log was changed")
        if payload["salt"] is None:
            n_forgotten += 1
        elif not _is_of(payload, event):
            raise WorkspaceError(f"{store.name}: the payload of event {seq} was changed")
        prev = event.hash
        hashes.add(prev)
    if payloads:
        raise WorkspaceError(f"{store.name}: there is a payload without an event; the log was changed")
    if last_hash and last_hash not in hashes:
        raise WorkspaceError(
            f"{store.name}: the chain holds, but has no event {last_hash[:16]}: it was made again since"
        )
    return Verified(len(events), n_forgotten, prev)


def _is_of(payload: dict[str, Any], event: Event) -> bool:
    try:
        content = json.loads(payload["content"])
    except ValueError:
        return False
    return payload_digest(payload["salt"], content) == event.payload_sha256


def forget_account(rows: Writing, account_id: str) -> int:
    """Erase the name of an account from the rows and the payloads; its number and the chain stay.

    A keyed hash is kept, so that an update can report an input that still holds the account.

    Args:
        rows: The transaction.
        account_id: The account.

    Returns:
        The payloads that named it.
    """
    number = rows.known_accounts([account_id]).get(account_id)
    if number is not None:
        rows.update("accounts", {"account_id": None}, account_no=number)
    key = name_hmac(rows, account_id)
    if rows.row("forgotten", name_hmac=key) is None:
        rows.insert("forgotten", {"name_hmac": key, "forgotten_at": rows.at})
    n = 0
    for row in rows.rows("payloads"):
        content = json.loads(row["content"])
        redacted = without_name(content, account_id)
        if redacted != content:
            changes = {"salt": None, "content": json.dumps(redacted), "forgotten_at": rows.at}
            rows.update("payloads", changes, seq=row["seq"])
            n += 1
    rows.append("account.forgotten", f"account {number or 'unknown'}", {"payloads": n})
    return n


def name_hmac(rows: Reading, account_id: str) -> str:
    """The keyed hash of an account's name; the key is the workspace's."""
    return _keyed(_key(rows), account_id)


def derived_key(rows: Reading, purpose: str) -> bytes:
    """A key for one purpose, from the workspace's; no name of an account has the same hash."""
    return hmac.new(_key(rows), b"\x00" + purpose.encode(), hashlib.sha256).digest()


def _key(rows: Reading) -> bytes:
    key = rows.row("meta", name="key")
    if key is None:
        raise WorkspaceError("the workspace has no key; its database is damaged")
    return bytes.fromhex(key["value"])


def _keyed(key: bytes, account_id: str) -> str:
    return hmac.new(key, account_id.encode(), hashlib.sha256).hexdigest()


def forgotten_of(rows: Reading, accounts: Iterable[str]) -> set[str]:
    """Those of accounts that were forgotten; a result may still hold them."""
    forgotten = {row["name_hmac"] for row in rows.rows("forgotten")}
    if not forgotten:
        return set()
    key = _key(rows)
    return {one for one in accounts if _keyed(key, one) in forgotten}


def without_name(value: object, name: str) -> object:
    """Plain JSON without a name, inside longer texts too; of keys, which we name, only a whole one.

    A short name is a part of many words, so it goes where it stands by itself.
    """
    if isinstance(value, str):
        if len(name) < _SHORT_NAME:
            return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", FORGOTTEN, value)
        return value.replace(name, FORGOTTEN)
    if isinstance(value, list):
        return [without_name(one, name) for one in value]
    if isinstance(value, dict):
        return {FORGOTTEN if key == name else key: without_name(one, name) for key, one in value.items()}
    return value
