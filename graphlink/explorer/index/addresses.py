"""The addresses of a result as sorted bytes, so that those of a network are one run of them."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphlink.explorer.index.batches import N_ROWS
from graphlink.explorer.index.identifiers import ADDRESS_KIND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.explorer.index.identifiers import Identifiers

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Longs = NDArray[np.int64]

_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
_N_BYTES = {4: 4, 6: 16}


class Addresses:
    """Addresses in numeric order, those of IPv4 and of IPv6 apart.

    Args:
        texts: The addresses as text; what is none is in no network.
        start: The number of the first of them.
    """

    def __init__(self, texts: Iterable[str], start: int = 0) -> None:
        by_version: dict[int, tuple[bytearray, list[int]]] = {4: (bytearray(), []), 6: (bytearray(), [])}
        for number, text in enumerate(texts, start):
            version = 6 if ":" in text else 4
            with suppress(OSError, ValueError):  # no address; ValueError: a null character in it
                packed = socket.inet_pton(_FAMILIES[version], text)
                content, numbers = by_version[version]
                content += packed
                numbers.append(number)
        self._sorted = {version: _sorted(version, *columns) for version, columns in by_version.items()}

    def __len__(self) -> int:
        return sum(len(numbers) for _, numbers in self._sorted.values())

    def inside(self, network: Network) -> Longs:
        """The numbers of the addresses in a network, by address."""
        packed, numbers = self._sorted[network.version]
        # Fixed-width byte strings of numpy compare as if padded with null bytes: as addresses do.
        ends = np.array([network.network_address.packed, network.broadcast_address.packed], packed.dtype)
        return numbers[np.searchsorted(packed, ends[0]) : np.searchsorted(packed, ends[1], side="right")]


def network_of(text: str) -> Network | None:
    """The network that a text in CIDR notation names; bits behind its length are ignored."""
    address, slash, _ = text.partition("/")
    if not slash or not address:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _sorted(version: int, content: bytearray, numbers: list[int]) -> tuple[NDArray[Any], Longs]:
    packed = np.frombuffer(bytes(content), f"S{_N_BYTES[version]}")
    order = np.argsort(packed, kind="stable")
    return packed[order], np.array(numbers, np.int64)[order]


def read_addresses(identifiers: Identifiers) -> Addresses:
    """The addresses among the identifiers."""
    start, stop = identifiers.ranges.get(ADDRESS_KIND, (0, 0))
    runs = (np.arange(at, min(at + N_ROWS, stop)) for at in range(start, stop, N_ROWS))
    return Addresses((text for run in runs for text in identifiers.names.texts(run)), start)
