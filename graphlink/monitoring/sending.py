"""Send what waits for webhooks: signed, to public addresses, in limited time, and never in the way."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import os
import queue
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from graphlink.core.errors import GraphlinkError, WorkspaceError
from graphlink.core.small_files import read_regular
from graphlink.workspace.webhooks import (
    WAITING,
    Delivery,
    Outcome,
    Webhook,
    read_deliveries,
    read_webhooks,
    record_outcomes,
)

if TYPE_CHECKING:
    from graphlink.workspace.folder import Folder
    from graphlink.workspace.store import Actor

SECONDS_IN_ALL = 20.0
"""An update waits at most as long for all webhooks together."""
_SECONDS_EACH = 5.0
_AT_ONCE = 200  # deliveries of one update to one webhook; the rest waits for the next
_MOST_SECRET = 4_096
# Networks of IPv6 that a gateway or an old rule may lead to an IPv4 address, and those within a site.
_NOT_PUBLIC = tuple(map(ipaddress.IPv6Network, ("64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96", "fec0::/10")))
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 address is its last 32 bits


def send_waiting(folder: Folder, actor: Actor, seconds: float = SECONDS_IN_ALL) -> list[Outcome]:
    """Send what waits, and record what came of it; what fails waits for the next update.

    Args:
        folder: The workspace.
        actor: Who updates it.
        seconds: The longest that it may take in all.

    Returns:
        What came of each that was begun; nothing is raised for a webhook that fails.

    Raises:
        WorkspaceError: The database refused.
    """
    with folder.store.read() as rows:
        webhooks = {one.number: one for one in read_webhooks(rows) if not one.is_removed}
        every = read_deliveries(rows, WAITING)
    # So many of each webhook: one that hangs takes nothing from the others.
    shares = {number: [one for one in every if one.webhook == number][:_AT_ONCE] for number in webhooks}
    waiting = [one for own in shares.values() for one in own]
    if not waiting:
        return []
    done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    begun: set[int] = set()
    end = time.monotonic() + seconds
    for number, own in shares.items():
        # Ended with the process: one that hangs, such as in a look-up of a name, is left behind.
        sending = _Sending(webhooks[number], own, done, begun, end)
        threading.Thread(target=_send_all, args=(sending,), daemon=True).start()
    outcomes: dict[int, Outcome] = {}
    while len(outcomes) < len(waiting) and (left := end - time.monotonic()) > 0:
        try:
            one = done.get(timeout=left)
        except queue.Empty:
            break
        outcomes[one.delivery] = one
    # What nobody came to is no attempt: behind a webhook that hangs it would be given up unsent.
    tried = sorted(set(begun).union(outcomes))
    made = [outcomes.get(number, Outcome(number, False, "took too long")) for number in tried]
    if not made:
        return []
    with folder.store.write(actor) as writing:
        record_outcomes(writing, made)
    return made


def signature_of(secret: bytes, at: int, content: bytes) -> str:
    """The header X-Graphlink-Signature: the moment, and HMAC-SHA-256 of moment, dot and content."""
    digest = hmac.new(secret, f"{at}.".encode() + content, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class _Sending(NamedTuple):
    """What a thread sends to one webhook, where it says what came of it, and when it stops."""

    webhook: Webhook
    deliveries: list[Delivery]
    done: queue.SimpleQueue[Outcome]
    begun: set[int]
    end: float


def _send_all(given: _Sending) -> None:
    for one in given.deliveries:
        if time.monotonic() >= given.end:  # nobody would record it any more
            return
        given.begun.add(one.number)
        try:
            status = _send(given.webhook, one)
            outcome = Outcome(one.number, 200 <= status < 300, f"answered {status}")
        except GraphlinkError as error:
            outcome = Outcome(one.number, False, str(error))
        except (OSError, http.client.HTTPException, ValueError) as error:
            outcome = Outcome(one.number, False, f"not sent: {type(error).__name__}")
        given.done.put(outcome)


def _send(webhook: Webhook, delivery: Delivery) -> int:
    """Send a delivery and return the status of the answer; a redirection is an answer, and not followed."""
    parts = urlsplit(webhook.url)
    content, at = delivery.content.encode(), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "graphlink",
        "X-Graphlink-Delivery": str(delivery.number),
        "X-Graphlink-Signature": signature_of(secret_of(webhook.secret_from), at, content),
    }
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _connected(parts.scheme, parts.hostname or "", port, is_private=webhook.is_private)
    try:
        connection.request(
            "POST", parts.path + (f"?{parts.query}" if parts.query else "") or "/", content, headers
        )
        return connection.getresponse().status
    finally:
        connection.close()


def _connected(scheme: str, host: str, port: int, *, is_private: bool) -> http.client.HTTPConnection:
    """A connection to the very address that was checked: a name that changes its address changes nothing."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not is_private and not all(map(is_public, addresses)):
        raise WorkspaceError("refused: an address of a private network (webhook add --allow-private)")
    sock = socket.create_connection((addresses[0], port), timeout=_SECONDS_EACH)
    connection = http.client.HTTPConnection(host, port, timeout=_SECONDS_EACH)
    try:
        if scheme == "https":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except BaseException:  # also when interrupted: no socket stays open
        sock.close()
        raise
    connection.sock = sock
    return connection


def is_public(address: str) -> bool:
    """Whether an address is one of the public Internet, also as an IPv4 address inside one of IPv6."""
    actual = ipaddress.ip_address(address)
    if isinstance(actual, ipaddress.IPv6Address):
        if any(actual in network for network in _NOT_PUBLIC):
            return False
        inner = ipaddress.IPv4Address(int(actual) & 0xFFFF_FFFF) if actual in _TRANSLATED else None
        actual = inner or actual.ipv4_mapped or actual.sixtofour or actual
    return actual.is_global and not actual.is_multicast


def secret_of(secret_from: str) -> bytes:
    """The secret of a webhook, from the environment or a file.

    Raises:
        WorkspaceError: It is not there.
    """
    place, _, name = secret_from.partition(":")
    if place == "env":
        secret = os.environ.get(name, "").encode()
    else:
        where = f"the webhook's secret {name}"
        secret = read_regular(Path(name), where, most_bytes=_MOST_SECRET, error=WorkspaceError).strip()
    if not secret:
        raise WorkspaceError(f"not sent: no secret in {secret_from}")
    return secret
