"""The hash chain of events: the home of canonical JSON (RFC 8785).

Each event holds the hash of the one before it, so no event can be changed, removed or inserted without
changing every later hash. What a person wrote is apart, in a payload of which the chain holds a salted digest
only: the payload can be erased, and the chain still holds. A whole chain can be made again by whoever may
    write the store: only a hash that is kept elsewhere shows that (`graphlink audit show` prints the last
    one).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import rfc8785

if TYPE_CHECKING:
    from collections.abc import Mapping

GENESIS = "0" * 64
"""What stands as the hash before the first event."""


class Event(NamedTuple):
    """An event of a workspace, without its payload.

    Attributes:
        seq: Its number, from 1, without gaps.
        at: When it happened, ISO 8601 in UTC.
        by: Who did it.
        role: In which role.
        action: What was done, such as `label.made`.
        subject: To what, such as `case 12`; never the name of an account.
        payload_sha256: The salted digest of its payload.
        prev: The hash of the event before it.
        hash: Its hash.
    """

    seq: int
    at: str
    by: str
    role: str
    action: str
    subject: str
    payload_sha256: str
    prev: str
    hash: str


def canonical(value: object) -> bytes:
    """A value as canonical JSON: the same bytes for equal values on any machine (RFC 8785)."""
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # its type names plain JSON, which callers give


def digest(content: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def payload_digest(salt: str, payload: Mapping[str, object]) -> str:
    """The digest of a payload; the salt, erased with it, keeps anyone from guessing it back."""
    return digest(canonical({"payload": dict(payload), "salt": salt}))


def chained(event: Event) -> Event:
    """The event with the hash that its other fields give."""
    fields = {name: value for name, value in event._asdict().items() if name != "hash"}
    return event._replace(hash=digest(canonical(fields)))
