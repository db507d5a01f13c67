"""Where accounts come from: home lines with leased addresses, and pools of fixed addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.hours import DAY
from graphlink.samples.tokens import V6, Array, fraction, hashed

if TYPE_CHECKING:
    from graphlink.samples.dials import Dials

# Networks an account can come from; the columns of its mix.
HOME, CARRIER, VPN, SITE, ROUTER, OWN, EXIT = range(7)
N_NETWORKS = 7

COUNTRIES = ("US", "DE", "IN", "BR", "GB", "FR", "JP", "KR", "CA", "PL", "NG", "AU")
# Hours by which local time is behind UTC's.
SHIFTS = np.array([6, -1, -5, 3, 0, -1, -9, -9, 5, -1, -1, -10])

_REGION_BITS = 12  # a region of homes is a /20: addresses are leased within it
# Addresses have to look public, and documentation ranges are too small. These were given out long ago and are
# hardly seen on the internet; the drawn addresses imply nothing about who holds them.
_FIRST_OCTETS = np.array([22, 26, 28, 29, 30, 33])
_N_BLOCKS = len(_FIRST_OCTETS) << 12
# Networks of IPv6 codes: those of homes are below 100.
_V6_CARRIERS, _V6_NETWORK = 100, 200
_WORDS = (
    "amber", "birch", "cedar", "delta", "ember", "fjord", "glade", "harbor", "iris", "juniper", "kestrel",
    "lark", "meadow", "north", "onyx", "pine", "quartz", "river", "slate", "tundra", "umber", "vale",
    "willow", "zephyr",
)  # fmt: skip


@dataclass
class Pools:
    """Lists of values (addresses, or lines) that moments draw from; built up, then picked from."""

    _chunks: list[Array] = field(default_factory=list)
    _counts: list[Array] = field(default_factory=list)
    _skews: list[Array] = field(default_factory=list)
    _n: int = 0

    def add(self, values: Array, skew: float = 1.0) -> int:
        """Add one pool and give its number; a skew above 1 makes the first values popular."""
        return int(self.add_rows(np.asarray(values)[None, :], skew)[0])

    def add_rows(self, values: Array, skew: float = 1.0) -> Array:
        """Add one pool per row of a matrix and give their numbers."""
        n, width = values.shape
        self._chunks.append(values.astype(np.int64).ravel())
        self._counts.append(np.full(n, width, np.int64))
        self._skews.append(np.full(n, skew))
        self._n += n
        return np.arange(self._n - n, self._n)

    def picker(self) -> PoolPicker:
        """The pools, ready to be picked from."""
        if not self._n:
            self.add(np.zeros(1, np.int64))
        counts = np.concatenate(self._counts)
        return PoolPicker(
            np.concatenate(self._chunks), np.cumsum(counts) - counts, counts, np.concatenate(self._skews)
        )


@dataclass(frozen=True, slots=True)
class PoolPicker:
    """Pools as flat arrays."""

    values: Array
    starts: Array
    counts: Array
    skews: Array

    def pick(self, pools: Array, u: Array) -> Array:
        """Value of each pool at a place in [0, 1)."""
        place = (u ** self.skews[pools] * self.counts[pools]).astype(np.int64)
        return self.values[self.starts[pools] + place]


@dataclass
class Places:
    """The address plan of one world."""

    rng: np.random.Generator
    dials: Dials
    n_accounts: int
    addresses: Pools = field(default_factory=Pools)
    exit_lines: Pools = field(default_factory=Pools)
    _candidates: list[tuple[str, str, str]] = field(default_factory=list)
    _names: int = 0
    _n_v6: int = 0

    def __post_init__(self) -> None:
        """Draw home regions, hosters and business ranges."""
        self._blocks = self.rng.permutation(_N_BLOCKS)
        self._n_blocks = 0
        self._n_lines = 0
        self._draw_regions()
        n = 4 + self.n_accounts // 4000
        hosting, business = self._take_blocks(n), self._take_blocks(n)
        for base in hosting:
            self._note_candidate(base, 20, "hosting")
        chunks = (hosting[:, None] + 16 * np.arange(64)[None, :]).ravel()
        self._chunks = list(self.rng.permutation(chunks))
        servers = (hosting[:, None] + np.arange(1024, 4096)[None, :]).ravel()
        self._servers = self.rng.permutation(servers)
        self._business = self.rng.permutation((business[:, None] + np.arange(4096)[None, :]).ravel())

    def _draw_regions(self) -> None:
        rng, low_high = self.rng, np.log(self.dials.lease_days)
        n_lines = self.n_accounts + 64
        occupancy = rng.uniform(0.1, 0.5)
        n = max(6, int(np.ceil(n_lines / ((1 << _REGION_BITS) * occupancy))))
        n_networks = min(n, int(rng.integers(8, 25)))
        network = np.concatenate([np.arange(n_networks), rng.integers(0, n_networks, n - n_networks)])
        self.region_network = network
        self.region_base = self._take_blocks(n)
        leases = np.exp(rng.uniform(low_high[0], low_high[1], n_networks)) * DAY
        self.region_lease = leases.astype(np.int64)[network]
        self.region_phase = rng.integers(0, 30 * DAY, n)
        popularity = 1 / np.arange(1, len(COUNTRIES) + 1) ** 0.7
        countries = rng.choice(len(COUNTRIES), n_networks, p=popularity / popularity.sum())
        self.region_country = countries[network]
        order = rng.permutation(n_lines)
        self.line_region, self.line_index = order % n, order // n
        self.line_v6 = rng.random(n_lines) < self.dials.ipv6_share

    def _take_blocks(self, n: int) -> Array:
        taken = self._blocks[self._n_blocks : self._n_blocks + n]
        self._n_blocks += n
        return np.asarray((_FIRST_OCTETS[taken >> 12] << 24) + ((taken & 4095) << 12))

    def open_lines(self, n: int) -> Array:
        """Numbers of home lines that nobody has yet."""
        self._n_lines += n
        return np.arange(self._n_lines - n, self._n_lines)

    @property
    def n_lines(self) -> int:
        """Home lines in use."""
        return self._n_lines

    def country_of(self, lines: Array) -> Array:
        """Country of each line."""
        return np.asarray(self.region_country[self.line_region[lines]])

    def servers(self, n: int, adjacent: bool) -> Array:
        """Addresses at hosters: neighbours in one range, or scattered."""
        if adjacent and n <= 16:
            return np.asarray(self._chunks.pop() + self.rng.permutation(16)[:n])
        taken, self._servers = self._servers[:n], self._servers[n:]
        return taken

    def business_addresses(self, n: int) -> Array:
        """Fixed addresses of business lines."""
        taken, self._business = self._business[:n], self._business[n:]
        return taken

    def shared_range(self, kind: str, n: int) -> Array:
        """Addresses of one named shared network at hosters, in ranges of 16."""
        ranges = [int(self._chunks.pop()) for _ in range(-(-n // 16))]
        name = self._note_candidate(ranges[0], 28, kind)
        for base in ranges[1:]:
            self._candidates.append((f"{_dotted(base)}/28", name, kind))
        return (np.array(ranges)[:, None] + np.arange(16)[None, :]).ravel()[:n]

    def own_range(self, kind: str, n: int) -> Array:
        """Addresses of one named network with its own block, such as a carrier's or a campus's."""
        base = int(self._take_blocks(1)[0]) + 256 * int(self.rng.integers(0, 12))
        bits = 24 if n <= 250 else 22
        base &= ~((1 << (32 - bits)) - 1)
        self._note_candidate(base, bits, kind)
        return base + 1 + self.rng.permutation((1 << (32 - bits)) - 2)[:n]

    def v6_prefixes(self, kind: str, n: int, bits: int) -> Array:
        """Codes of n scattered /64s in one named IPv6 range of its own, of /44 or /48."""
        self._n_v6 += 1
        network, region = _V6_NETWORK + self._n_v6 // 1024, self._n_v6 % 1024 << 4
        name = self._name(kind)
        self._candidates.append((f"3fff:{network:x}:{region:x}::/{bits}", name, kind))
        width = 16 + 48 - bits
        taken = self.rng.choice(1 << width, n, replace=False)
        return V6 | (np.int64(network) << 54) | (np.int64(region) << 40) | (taken.astype(np.int64) << 24)

    def exit_of_company(self, addresses: Array) -> None:
        """Let a company's exits appear on the list of corporate ranges."""
        name = self._name("corporate")
        for address in addresses:
            self._candidates.append((f"{_dotted(int(address))}/32", name, "corporate"))

    def _name(self, kind: str) -> str:
        self._names += 1
        return f"{_WORDS[self._names * 7 % len(_WORDS)]}-{kind.replace('_', '-')}-{self._names}"

    def _note_candidate(self, base: int, bits: int, kind: str) -> str:
        name = self._name(kind)
        self._candidates.append((f"{_dotted(int(base))}/{bits}", name, kind))
        return name

    def listed(self) -> list[tuple[str, str, str]]:
        """The reference lists: of each type, the listed share of its names (at least one), in order."""
        kept: list[tuple[str, str, str]] = []
        for kind in sorted({row[2] for row in self._candidates}):
            names = sorted({row[1] for row in self._candidates if row[2] == kind})
            n = max(int(self.dials.listed_share > 0), round(self.dials.listed_share * len(names)))
            chosen = set(self.rng.permutation(names)[:n].tolist())
            kept += [row for row in self._candidates if row[1] in chosen]
        return sorted(kept)

    def attached_addresses(self, phones: tuple[Array, Array, Array], at: Array, v4: Array) -> Array:
        """Addresses of phones: a /64 for each attachment in two thirds of the moments, else the shared IPv4.

        Args:
            phones: Carrier, account, and seconds after which it attaches again.
            at: Seconds.
            v4: Shared addresses.
        """
        carrier, account, each = phones
        drawn = hashed(account, (at + account * 7919) // each, 6)
        network = (_V6_CARRIERS + carrier % 64) << 54
        lower = ((drawn & np.uint64((1 << 46) - 1)) | np.uint64(1)).astype(np.int64)  # 64 ranges of /48
        return np.where(fraction(hashed(account, at, 7)) < 2 / 3, V6 | network | lower, v4)

    def home_addresses(self, lines: Array, at: Array, devices: Array) -> Array:
        """Addresses of home lines at given seconds.

        At any time an address belongs to one line of its region; each lease period permutes them again. Lines
        with IPv6 use it for seven moments in ten, with an interface that each device changes daily.
        """
        region = self.line_region[lines]
        period = (at + self.region_phase[region]) // self.region_lease[region]
        chance = hashed(region, period)
        odd = (chance & np.uint64(0xFFFF)).astype(np.int64) | 1
        offset = ((chance >> np.uint64(16)) & np.uint64(0xFFFF)).astype(np.int64)
        index = self.line_index[lines]
        v4 = self.region_base[region] + _permuted(index, odd, offset, _REGION_BITS)
        code = V6 | (self.region_network[region].astype(np.int64) << 54) | (region.astype(np.int64) << 40)
        interface = (hashed(devices, at // DAY) & np.uint64(0xFFFFFF)).astype(np.int64)
        code = code | (_permuted(index, odd, offset, 16) << 24) | interface
        over_v6 = self.line_v6[lines] & (fraction(hashed(devices, at, 1)) < 0.7)
        return np.where(over_v6, code, v4)


def _permuted(x: Array, odd: Array, offset: Array, bits: int) -> Array:
    """A permutation of 0..2^bits-1: odd multiplier, offset and xor-shift are each one-to-one."""
    mask = (1 << bits) - 1
    x = (x * odd + offset) & mask
    x = x ^ (x >> (bits // 2))
    return np.asarray((x * ((odd >> 3) | 1) + (offset >> 5)) & mask)


def _dotted(address: int) -> str:
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))
