"""Opaque tokens, addresses as text, and hashing of whole columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Array = npt.NDArray[Any]

# IPv4 addresses are their number. IPv6 codes carry this bit, then network (8 bits), region (14), prefix (16)
# and interface (24), so that a region is a /48 and a prefix a /64; the networks lie in 3fff::/20, kept for
# documentation, so no real one is named.
V6 = np.int64(1) << np.int64(62)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_DIGITS = pa.array([a + b for a in _ALPHABET for b in _ALPHABET])
_OCTETS = pa.array([f"{i >> 8}.{i & 255}" for i in range(65536)])
_HEXTETS = pa.array([f"{i:x}" for i in range(65536)])


def scramble(numbers: Array) -> Array:
    """One-to-one scrambling of 64-bit integers (the finaliser of splitmix64, Steele and others 2014)."""
    x = np.atleast_1d(numbers).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def hashed(*columns: Array | int) -> Array:
    """Hash of integer columns, row by row, as unsigned 64-bit integers."""
    mixed = np.zeros(1, np.uint64)
    for column in columns:
        mixed = scramble(mixed ^ np.asarray(column).astype(np.int64).astype(np.uint64))
    return mixed


def fraction(hashes: Array) -> Array:
    """Hashes as numbers in [0, 1)."""
    return (hashes >> np.uint64(11)).astype(np.float64) * 2.0**-53


def tokens(prefix: str, numbers: Array, secret: int) -> pa.Array:
    """Opaque distinct tokens for distinct numbers: neither order nor form reveals the number."""
    mixed = scramble(numbers.astype(np.uint64) ^ scramble(np.array([secret], np.uint64)))
    digits = [_DIGITS.take(pa.array((mixed >> np.uint64(10 * i)) & np.uint64(1023))) for i in range(6)]
    last = _DIGITS.take(pa.array(mixed >> np.uint64(60)))
    return pc.binary_join_element_wise(pa.scalar(prefix), *digits, last, pa.scalar(""))


def within_prefix(codes: Array, hashes: Array) -> Array:
    """Codes of whole IPv6 /64s (interface 0) get an interface by a hash; others stay."""
    is_whole = (codes >= V6) & (codes & 0xFFFFFF == 0)
    interface = ((hashes & np.uint64(0xFFFFFF)) | np.uint64(1)).astype(np.int64)
    return np.where(is_whole, codes | interface, codes)


def addresses_as_text(codes: Array) -> pa.Array:
    """Addresses as text: IPv4 dotted, IPv6 in full hextets with a random-looking interface."""
    distinct, places = np.unique(codes, return_inverse=True)
    split = int(np.searchsorted(distinct, V6))
    v4, v6 = distinct[:split], distinct[split:]
    dotted = pc.binary_join_element_wise(
        _OCTETS.take(pa.array(v4 >> 16)), _OCTETS.take(pa.array(v4 & 65535)), pa.scalar(".")
    )
    interface = scramble(v6 & 0xFFFFFF).astype(np.uint64) | np.uint64(0x1000100010001000)
    numbers = [np.full(len(v6), 0x3FFF), (v6 >> 54) & 255, (v6 >> 40) & 0x3FFF, (v6 >> 24) & 65535]
    numbers += [((interface >> np.uint64(16 * i)) & np.uint64(65535)).astype(np.int64) for i in range(4)]
    colons = pc.binary_join_element_wise(*[_HEXTETS.take(pa.array(n)) for n in numbers], pa.scalar(":"))
    return pa.concat_arrays([dotted, colons]).take(pa.array(places))
