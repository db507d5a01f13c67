"""Networks as columns: read from text, checked, made unique, and cut to disjoint segments.

A list of a million lines is one pass over its texts and some sorts of integers; no object is made for a line.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphlink.ingest.reference_lists.types import Rejected
from graphlink.kinds import CARRIERS_OF_V4, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Integers = NDArray[np.int64]
Halves = tuple[NDArray[np.uint64], NDArray[np.uint64]]

BITS = {4: 32, 6: 128}
_BYTES = {4: 4, 6: 16}
_CARRIERS = frozenset(carrier.to_bytes(12, "big") for carrier in CARRIERS_OF_V4)
_ALL = (1 << 64) - 1
_MAY_BE_NETWORK = re.compile(r"[0-9A-Fa-f:.]{2,45}(%[^/]*)?(/[0-9.]{1,15})?")
RANGE = re.compile(r"([0-9A-Fa-f:.]+) *(?:-|\u2013|\.\.) *([0-9A-Fa-f:.]+)")
_WITH_PORT = re.compile(r"([0-9.]{7,15}):[0-9]{1,5}")
_ANY_LEADING_ZERO = re.compile(r"(?:^|\.)0[0-9]", re.MULTILINE)
_LEADING_ZERO = re.compile(r"(?:^|\.)0[0-9]")  # decimal here, octal there: some systems' inet_pton takes it


class Named(NamedTuple):
    """A network of a list: its first address as bytes, and its length."""

    packed: bytes
    length: int


def networks_of(text: str) -> list[Named]:
    """The networks that a text names: one of a CIDR or an address, those that cover it of a range.

    Raises:
        Rejected: The text is none of these, has bits set behind its length, or is every address.
    """
    address, slash, length = text.partition("/")
    is_v6 = ":" in address
    try:
        packed = socket.inet_pton(socket.AF_INET6 if is_v6 else socket.AF_INET, address)
    except (OSError, ValueError):
        return _odd_networks_of(text)
    n_bits = 128 if is_v6 else 32
    if slash:
        # As int() takes signs, spaces and digits of other scripts.
        if not (length.isascii() and length.isdigit() and int(length[:4]) <= n_bits):
            return _odd_networks_of(text)
        n_bits = int(length)
    if not is_v6 and _LEADING_ZERO.search(address):
        return _odd_networks_of(text)
    if is_v6 and n_bits > 96 and packed[:12] in _CARRIERS:
        return [Named(packed[12:], n_bits - 96)]
    return [Named(packed, n_bits)]


_LENGTHS = {n_bits: {"": n_bits} | {str(n): n for n in range(n_bits + 1)} for n_bits in (32, 128)}


def packed_networks(texts: Sequence[str]) -> list[tuple[int, Sequence[int], bytes, bytes]] | None:
    """The networks of texts that are all plain: addresses and CIDR as `networks_of` reads them.

    Returns:
        Per IP version: positions, addresses, lengths. None when a text has to be looked at by itself.
    """
    packed_by_version = []
    is_v6 = [":" in text for text in texts]
    for version, family in ((4, socket.AF_INET), (6, socket.AF_INET6)):
        n_bits = BITS[version]
        at: Sequence[int] = range(len(texts))
        if any(is_v6) and not (version == 6 and all(is_v6)):
            at = [i for i, is_long in enumerate(is_v6) if is_long == (version == 6)]
        elif version == 6 and not any(is_v6):
            continue
        splits = [texts[i].partition("/") for i in at]
        try:
            # A slash without a length is no length, though both are empty.
            lengths = bytes(
                [
                    _LENGTHS[n_bits][split[2] if split[1] else ""]
                    for split in splits
                    if split[2] or not split[1]
                ]
            )
            packed = b"".join([socket.inet_pton(family, split[0]) for split in splits])
        except (KeyError, OSError, ValueError):
            return None
        if len(lengths) < len(splits) or (version == 4 and _ANY_LEADING_ZERO.search("\n".join(texts))):
            return None
        if version == 6 and any(packed[i : i + 12] in _CARRIERS for i in range(0, len(packed), 16)):
            return None
        packed_by_version.append((version, at, packed, lengths))
    return packed_by_version


def _odd_networks_of(text: str) -> list[Named]:
    """The networks of what is no plain CIDR: a range, a netmask, an address with a port or a zone."""
    if edges := RANGE.fullmatch(text):
        return _range(edges[1], edges[2], text)
    if ported := _WITH_PORT.fullmatch(text):
        text = ported[1]
    try:
        if not _MAY_BE_NETWORK.fullmatch(text):
            raise ValueError
        network = ipaddress.ip_network(text, strict=False)
        if "/" in text:
            _refuse_host_bits(int(ipaddress.ip_interface(text).ip), network, text)
    except ValueError:
        raise Rejected("network is no CIDR, address, range or AS number", f"found '{shown(text)}'") from None
    return [_as_cleaned(network)]


def _range(first: str, last: str, text: str) -> list[Named]:
    try:
        edges = ipaddress.ip_address(first), ipaddress.ip_address(last)
        covering: list[Network] = list(ipaddress.summarize_address_range(*edges))
    except (ValueError, TypeError):
        raise Rejected(
            "range is not from an address to a later one of the same version", f"found '{shown(text)}'"
        ) from None
    return [_as_cleaned(network) for network in covering]


def _as_cleaned(network: Network) -> Named:
    """The IPv4 network that an IPv6 network only carries, as the kind `ip` cleans addresses."""
    packed = network.network_address.packed
    if len(packed) == _BYTES[6] and network.prefixlen > 96 and packed[:12] in _CARRIERS:
        return Named(packed[12:], network.prefixlen - 96)
    return Named(packed, network.prefixlen)


def _refuse_host_bits(address: int, network: Network, text: str) -> None:
    # 203.0.113.7/8 is more often a slip for /28 than a wish to label 16 million addresses.
    if address != int(network.network_address):
        raise Rejected(
            "network has bits set behind its length",
            f"found '{shown(text)}'; write {network} or a single address",
        )


@dataclass(slots=True)
class Pile:
    """Networks of one IP version as columns, in the order in which the lists name them.

    Attributes:
        version: IP version.
        packed: First addresses, 4 or 16 bytes each.
        lengths: Prefix lengths.
        entries: The entry of each.
        lines: The line that names it.
    """

    version: int
    packed: bytearray = field(default_factory=bytearray)
    lengths: bytearray = field(default_factory=bytearray)
    entries: array[int] = field(default_factory=lambda: array("q"))
    lines: array[int] = field(default_factory=lambda: array("q"))

    def __len__(self) -> int:
        return len(self.lengths)

    def add(self, network: Named, entry: int, line: int) -> None:
        """Add a network."""
        self.packed += network.packed
        self.lengths.append(network.length)
        self.entries.append(entry)
        self.lines.append(line)

    def halves(self) -> Halves:
        """The upper and the lower 64 bits of the addresses."""
        if self.version == 4:
            low = np.frombuffer(self.packed, ">u4").astype(np.uint64)
            return np.zeros(len(low), np.uint64), low
        both = np.frombuffer(self.packed, ">u8").astype(np.uint64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def masks(self) -> Halves:
        """The bits behind the lengths, as halves."""
        lengths = np.frombuffer(self.lengths, np.uint8).astype(np.int64)
        n_host = BITS[self.version] - lengths
        low, high = _ones(np.minimum(n_host, 64)), _ones(np.maximum(n_host - 64, 0))
        return high, low

    def faults(self) -> Integers:
        """Positions of what labels nothing: networks with bits set behind their length, and every address."""
        (high, low), (mask_high, mask_low) = self.halves(), self.masks()
        wrong = ((high & mask_high) != 0) | ((low & mask_low) != 0)
        wrong |= np.frombuffer(self.lengths, np.uint8) == 0
        return np.flatnonzero(wrong)

    def fault_at(self, at: int) -> Rejected:
        """Why the network at a position labels nothing."""
        size = _BYTES[self.version]
        address = ipaddress.ip_address(bytes(self.packed[at * size : (at + 1) * size]))
        network = ipaddress.ip_network((address, self.lengths[at]), strict=False)
        if network.prefixlen == 0:
            return Rejected("network is every address; leave it out", f"found '{network}'")
        try:
            _refuse_host_bits(int(address), network, f"{address}/{network.prefixlen}")
        except Rejected as rejected:
            return rejected
        raise AssertionError("a fault that is none")

    def without(self, positions: Integers) -> Pile:
        """The networks but for those at some positions."""
        if not len(positions):
            return self
        kept = np.ones(len(self), bool)
        kept[positions] = False
        size = _BYTES[self.version]
        packed = np.frombuffer(self.packed, np.uint8).reshape(-1, size)[kept]
        return Pile(
            self.version,
            bytearray(packed.tobytes()),
            bytearray(np.frombuffer(self.lengths, np.uint8)[kept].tobytes()),
            array("q", np.frombuffer(self.entries, np.int64)[kept].tobytes()),
            array("q", np.frombuffer(self.lines, np.int64)[kept].tobytes()),
        )

    def extend(self, other: Pile) -> None:
        """Add the networks of another pile of this version."""
        self.packed += other.packed
        self.lengths += other.lengths
        self.entries.extend(other.entries)
        self.lines.extend(other.lines)

    def firsts(self) -> Integers:
        """For each network the position of the first that is the same."""
        if not len(self):
            return np.zeros(0, np.int64)
        high, low = self.halves()
        lengths = np.frombuffer(self.lengths, np.uint8)
        order = np.lexsort((lengths, low, high))  # stable: of the same the first comes first
        columns = (high[order], low[order], lengths[order])
        is_new = np.concatenate([[True], np.logical_or.reduce([c[1:] != c[:-1] for c in columns])])
        firsts = np.empty(len(self), np.int64)
        firsts[order] = order[np.maximum.accumulate(np.where(is_new, np.arange(len(order)), 0))]
        return firsts

    def at(self, position: int) -> Network:
        """The network at a position."""
        size = _BYTES[self.version]
        address = ipaddress.ip_address(bytes(self.packed[position * size : (position + 1) * size]))
        return ipaddress.ip_network((address, self.lengths[position]))


def _ones(n: Integers) -> NDArray[np.uint64]:
    """Numbers of so many bits that are all set; 64 at most."""
    shift = np.uint64(64) - n.astype(np.uint64)
    return np.where(n == 0, np.uint64(0), np.uint64(_ALL) >> np.minimum(shift, np.uint64(63)))


class Segments(NamedTuple):
    """Disjoint ranges in order: first and last addresses as halves, and the entry of each."""

    first: Halves
    last: Halves
    entries: Integers


def flatten(pile: Pile) -> Segments:
    """Make disjoint segments of nested networks: each address belongs to the narrowest that holds it.

    Every edge of a network is a boundary; length by length, from the widest, networks are painted over the
    ranges between the boundaries. Networks of one length are disjoint, so a length is one cumulative sum.
    """
    (high, low), (mask_high, mask_low) = pile.halves(), pile.masks()
    after_low = (low | mask_low) + np.uint64(1)
    after_high = (high | mask_high) + (after_low == 0).astype(np.uint64)
    bounds, places = _ranked(np.concatenate([high, after_high]), np.concatenate([low, after_low]))
    n = len(bounds[0])
    starts, ends = places[: len(pile)], places[len(pile) :]
    ends = np.where(
        (after_high == 0) & (after_low == 0), n, ends
    )  # behind the last address of all is nothing
    lengths = np.frombuffer(pile.lengths, np.uint8)
    entries = np.frombuffer(pile.entries, np.int64)
    painted = np.zeros(n + 1, np.int64)
    for length in np.unique(lengths):
        at = lengths == length
        steps = np.zeros(n + 1, np.int64)
        steps[starts[at]] += entries[at] + 1  # of one length, so no start comes twice, nor an end
        steps[ends[at]] -= entries[at] + 1
        level = np.cumsum(steps)
        painted = np.where(level > 0, level, painted)
    owned = np.flatnonzero(painted[:n])
    next_high, next_low = (np.append(half[1:], np.uint64(0))[owned] for half in bounds)
    return Segments(
        (bounds[0][owned], bounds[1][owned]),
        (next_high - (next_low == 0).astype(np.uint64), next_low - np.uint64(1)),
        painted[owned] - 1,
    )


def _ranked(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> tuple[Halves, Integers]:
    """The distinct addresses in order, and the place of each among them."""
    order = np.lexsort((low, high))
    high, low = high[order], low[order]
    is_new = np.append(True, (high[1:] != high[:-1]) | (low[1:] != low[:-1]))[: len(order)]
    places = np.empty(len(order), np.int64)
    places[order] = np.cumsum(is_new) - 1
    return (high[is_new], low[is_new]), places
