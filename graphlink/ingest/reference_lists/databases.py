"""MaxMind-format databases: networks with their operator, country, and what hides behind them.

The only module that imports maxminddb. Spellings are those of MaxMind (GeoIP2 Anonymous IP, Anonymous Plus,
Connection-Type, Enterprise) and of IPinfo (privacy, Core, Plus).
"""

from __future__ import annotations

import bisect
import socket
from typing import TYPE_CHECKING, Any, NamedTuple

import maxminddb

from graphlink.core.errors import InputError
from graphlink.core.small_files import MOST_LARGE, check_regular
from graphlink.ingest.reference_lists.networks import BITS
from graphlink.ingest.reference_lists.types import Rejected, clean_label
from graphlink.kinds import KINDS, UncleanValue, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from _typeshed import SupportsLenAndGetItem

_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
_N_FIELDS = 12  # fields that a warning names

# Flags to (label, type). Of a record with several the first here counts: what hides most comes before what it
# runs on, since most exits of VPNs are also at hosting providers.
_FLAGS = (
    (("is_tor_exit_node", "is_tor", "tor"), "Tor exit", "tor"),
    (
        ("is_residential_proxy", "residential_proxy", "is_res_proxy", "resproxy"),
        "residential proxy",
        "residential_proxy",
    ),
    (("is_anonymous_vpn", "is_vpn", "vpn"), "VPN", "vpn"),
    (("is_relay", "relay"), "relay", "vpn"),
    (("is_public_proxy", "is_proxy", "proxy", "is_anonymous_proxy"), "public proxy", "proxy"),
    (("is_hosting_provider", "is_hosting", "hosting"), "hosting provider", "hosting"),
    # Last of these: MaxMind sets it for everything above too, plain hosting included.
    (("is_anonymous",), "anonymous address", "proxy"),
    (("is_mobile",), "mobile carrier", "carrier_nat"),
)
# Fields with a word. "Corporate" and "business" are left out: MaxMind sets them for any line that is no home,
# and here the type is evidence of one operator.
_WORDS = {
    "connection_type": {"cellular": ("mobile carrier", "carrier_nat")},
    "user_type": {
        "cellular": ("mobile carrier", "carrier_nat"),
        **dict.fromkeys(("college", "school", "library"), ("campus", "campus")),
        **dict.fromkeys(("hosting", "content_delivery_network"), ("hosting provider", "hosting")),
        "consumer_privacy_network": ("relay", "vpn"),
    },
}
_LABELLING = frozenset(_WORDS) | {name for names, _, _ in _FLAGS for name in names}
_NAMES = ("provider_name", "service", "vpn_service")  # who runs the VPN
_NESTED = ("traits", "anonymizer", "anonymous", "privacy", "asn", "as", "geo")
_ASNS = ("autonomous_system_number", "asn", "as_number")
_COUNTRIES = ("country", "registered_country", "country_code")


class Known(NamedTuple):
    """The fields of a record that are used here; None where it has none."""

    label: str | None
    label_type: str | None
    asn: str | None
    country: str | None


class Met(NamedTuple):
    """A network of a database that holds an address looked up."""

    first: int
    last: int
    known: Known


class Lookup(NamedTuple):
    """The networks and fields of a database that hold addresses of the input.

    Attributes:
        met: Networks of use, in order.
        fields: Names of the fields of records that were met.
    """

    met: list[Met]
    fields: dict[str, None]


def open_database(path: Path) -> maxminddb.Reader:
    """Open a database.

    Raises:
        InputError: The file can't be read, or is no database.
    """
    check_regular(path, f"reference file {path}", most_bytes=MOST_LARGE)
    try:
        return maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        raise InputError(f"reference file {path}: not a MaxMind-format database ({error})") from error


def look_up(path: Path, version: int, keys: SupportsLenAndGetItem[int]) -> Lookup:
    """The networks of a database that hold at least one address, each looked up once.

    Args:
        path: The database.
        version: IP version of the addresses.
        keys: Addresses as integers, ascending.

    Raises:
        InputError: The database is damaged.
    """
    lookup = Lookup([], {})
    with open_database(path) as reader:
        if version == 6 and reader.metadata().ip_version == 4:
            return lookup
        at = 0
        while at < len(keys):
            address = int(keys[at])
            packed = address.to_bytes(BITS[version] // 8, "big")
            try:
                record, length = reader.get_with_prefix_len(socket.inet_ntop(_FAMILY[version], packed))
            except (ValueError, maxminddb.InvalidDatabaseError) as error:
                raise _damaged(path, error) from error
            host_bits = BITS[version] - max(length, 0)
            first = address >> host_bits << host_bits
            last = first | ((1 << host_bits) - 1)
            if record is not None:
                lookup.fields.update(dict.fromkeys(_fields(record)))
            known = known_of(record)
            if any(known):
                lookup.met.append(Met(first, last, known))
            at = _place_past(keys, at, last)
    return lookup


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(f"reference file {path}: damaged ({error}); fetch it again")


def _place_past(keys: SupportsLenAndGetItem[int], at: int, last: int) -> int:
    """The place of the first key beyond `last`, searched in growing steps: it is most often near."""
    step = 1
    while at + step < len(keys) and keys[at + step] <= last:
        step *= 2
    return bisect.bisect_right(keys, last, at + step // 2, min(at + step, len(keys)))


def shown_fields(fields: Mapping[str, None]) -> str:
    """The names of fields for a message."""
    names = [shown(name) for name in sorted(fields)]
    more = len(names) - _N_FIELDS
    return ", ".join(names[:_N_FIELDS]) + (f" and {more} more" if more > 0 else "") or "none"


def _fields(record: object) -> Iterator[str]:
    if isinstance(record, dict):
        for name, value in record.items():
            if isinstance(value, dict) and name in _NESTED:
                yield from (f"{name}.{inner}" for inner in value)
            else:
                yield str(name)


def known_of(record: object) -> Known:
    """The label, autonomous system and country of a record."""
    if not isinstance(record, dict):
        return Known(None, None, None, None)
    flat = _flattened(record)
    label, label_type = (None, None) if _LABELLING.isdisjoint(flat) else _labelled(flat)
    asn = _first_clean("asn", [flat.get(name) for name in _ASNS])
    country = _first_clean("country", [_iso_code(flat.get(name)) for name in _COUNTRIES])
    return Known(label, label_type, asn, country)


def _flattened(record: dict[str, Any]) -> Mapping[str, Any]:
    """A record with the fields of its nested records, such as traits, as its own."""
    nested = [inner for name in _NESTED if isinstance(inner := record.get(name), dict)]
    if not nested:
        return record
    flat = {name: value for inner in nested for name, value in inner.items()}
    return flat | {name: value for name, value in record.items() if name not in _NESTED or name not in flat}


def _labelled(flat: Mapping[str, Any]) -> tuple[str | None, str | None]:
    labelled = next(
        ((label, kind) for names, label, kind in _FLAGS if any(_is_true(flat.get(n)) for n in names)), None
    )
    if labelled is None:
        words = (known.get(str(flat.get(name, "")).strip().lower()) for name, known in _WORDS.items())
        labelled = next((word for word in words if word), None)
    if labelled is None:
        return None, None
    label, kind = labelled
    name = next((flat[name] for name in _NAMES if isinstance(flat.get(name), str)), "")
    if kind in ("vpn", "residential_proxy", "proxy") and name:
        try:
            cleaned = clean_label(name, kind)
        except Rejected:
            return label, kind
        label = label if cleaned == kind else cleaned
    return label, kind


def _is_true(value: object) -> bool:
    return (
        value is True
        or (isinstance(value, str) and value.strip().lower() in ("true", "1", "yes"))
        or value == 1
    )


def _iso_code(country: object) -> object:
    return country.get("iso_code") if isinstance(country, dict) else country


def _first_clean(kind: str, values: list[object]) -> str | None:
    """The first that is a value of its kind: in some databases `country` is a code, in others a name."""
    for value in values:
        if value is None or isinstance(value, dict | list):
            continue
        try:
            return KINDS[kind].clean(str(value))
        except UncleanValue:
            continue
    return None
