"""The names under which accounts, clusters and identifiers are shown, and back to the raw ones."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from graphlink.kinds.keyed_hash import pseudonym
from graphlink.result.profiles import PLAIN, PREFIX, PUBLIC, SERVICES, Profile

if TYPE_CHECKING:
    from graphlink.result.result import Result

_TAG = 8  # characters that keep the addresses of one prefix apart
_IPV4_PREFIX, _IPV6_PREFIX = 24, 48


class Names:
    """Names of a result as a profile shows them; the same key gives the same names, whatever the result.

    Args:
        raw: The result as its run wrote it.
        profile: What may be seen.
        key: Key of the pseudonyms.
    """

    def __init__(self, raw: Result, profile: Profile, key: bytes) -> None:
        self._raw = raw
        self._profile = profile
        self._key = key
        self._values: dict[tuple[str, str], str] = {}
        self._raw_names: dict[str, dict[str, str]] = {}
        self._public: dict[str, frozenset[str]] = {}

    def account(self, account_id: str) -> str:
        """The name under which an account is shown."""
        if self._profile.accounts == PLAIN:
            return account_id
        return self._pseudonym("account", account_id)

    def cluster(self, cluster_id: str) -> str:
        """The name under which a cluster is shown: its id is a digest of an account anybody could try."""
        if self._profile.accounts == PLAIN:
            return cluster_id
        return "C-" + pseudonym(self._key, "cluster", cluster_id)[:10]

    def value(self, kind: str, value: str) -> str:
        """The name under which an identifier is shown."""
        if not value:  # joint behaviour has none
            return value
        known = self._values.get((kind, value))
        if known is None:
            known = self._values[kind, value] = self._named(kind, value)
        return known

    def raw_of(self, column: str) -> dict[str, str] | None:
        """Replaced to raw names of accounts or clusters; of what stays as it is, None for no narrowing."""
        name_of, source = {
            "account_id": (self.account, "accounts"),
            "component_id": (self.account, "accounts"),
            "cluster_id": (self.cluster, "clusters"),
        }.get(column, (None, ""))
        if name_of is None or self._profile.accounts == PLAIN:
            return None
        if source not in self._raw_names:
            own = "account_id" if source == "accounts" else "cluster_id"
            names = self._raw.table(source, [own])[own].to_pylist()
            self._raw_names[source] = {name_of(name): name for name in names}
        return self._raw_names[source]

    def _named(self, kind: str, value: str) -> str:
        rule = self._profile.kinds.get(kind, self._profile.others)
        if rule == PLAIN or (rule == PUBLIC and value in self._public_values(kind)):
            return value
        network = _network_of(value) if rule == PREFIX else None
        if network is None:
            return self._pseudonym(kind, value)
        return f"{network}~{pseudonym(self._key, kind, value)[:_TAG]}"

    def _public_values(self, kind: str) -> frozenset[str]:
        """The values of a kind that many accounts hold, or that a list names as a public service."""
        if kind not in self._public:
            columns = ["value", "degree", "label_type"]
            rows = self._raw.table("identifiers", columns, {"kind": [kind]})
            is_held = pc.greater_equal(rows["degree"], self._profile.public_from)
            is_service = pc.is_in(rows["label_type"], value_set=pa.array(sorted(SERVICES)))
            self._public[kind] = frozenset(rows.filter(pc.or_(is_held, is_service))["value"].to_pylist())
        return self._public[kind]

    def _pseudonym(self, kind: str, value: str) -> str:
        return pseudonym(self._key, kind, value)[: self._profile.length]


def _network_of(value: str) -> str | None:
    """The network of an address, or of a narrower network; None for what is no address."""
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None
    length = _IPV4_PREFIX if network.version == 4 else _IPV6_PREFIX
    return str(network.supernet(new_prefix=length) if network.prefixlen > length else network)
