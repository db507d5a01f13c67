"""Records about a network, of MaxMind, IPinfo and Spur -> label, type, autonomous system and country.

Spellings are those of MaxMind (GeoIP2 Anonymous IP, Anonymous Plus, Connection-Type, Enterprise), of IPinfo
(privacy, residential proxy, carrier, Core, Plus) and of Spur (context of an address), in databases, CSV files
and JSON lines alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink.ingest.reference_lists.types import Rejected, clean_label
from graphlink.kinds import KINDS, UncleanValue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    (("is_anonymous",), "anonymizer", "anonymizer"),
    (("is_mobile",), "mobile carrier", "carrier_nat"),
    (("is_satellite",), "satellite carrier", "carrier_nat"),
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
_CONTEXT = frozenset(("tunnels", "client", "infrastructure", "risks"))
_LABELLING = (
    frozenset(_WORDS) | {name for names, _, _ in _FLAGS for name in names} | {"percent_days_seen", "mcc"}
)
_NAMES = ("provider_name", "service", "vpn_service")  # who runs the VPN
_NESTED = ("traits", "anonymizer", "anonymous", "privacy", "asn", "as", "geo", "carrier")
_SELLERS = ("vpn", "residential_proxy", "proxy", "anonymizer")  # types whose label names who sells the access
_TUNNELS = {"TOR": ("Tor exit", "tor"), "VPN": ("VPN", "vpn"), "PROXY": ("public proxy", "proxy")}
_INFRASTRUCTURE = {"DATACENTER": ("hosting provider", "hosting"), "MOBILE": ("mobile carrier", "carrier_nat")}
_RISKS = {
    "CALLBACK_PROXY": ("residential proxy", "residential_proxy"),
    "TUNNEL": ("anonymizer", "anonymizer"),
}
_ASNS = ("autonomous_system_number", "asn", "as_number")
_COUNTRIES = ("country", "registered_country", "country_code")


class Known(NamedTuple):
    """The fields of a record that are used here; None where it has none."""

    label: str | None
    label_type: str | None
    asn: str | None
    country: str | None


def fields_of(record: object) -> Iterator[str]:
    """The names of the fields of a record, those of its nested records with a point."""
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
    if label_type is None and not _CONTEXT.isdisjoint(record):
        label, label_type = _by_context(record) or (None, None)
    asn = _first_clean("asn", [flat.get(name) for name in _ASNS])
    country = _first_clean("country", [_iso_code(flat.get(name)) for name in _COUNTRIES])
    return Known(label, label_type, asn, country)


def _flattened(record: dict[str, Any]) -> Mapping[str, Any]:
    """A record with the fields of its nested records, such as traits, as its own."""
    nested = [inner for name in _NESTED if isinstance(inner := record.get(name), dict)]
    if not nested:
        return record
    flat = {name: value for inner in nested for name, value in inner.items()}
    anonymous = record.get("anonymous")
    if isinstance(anonymous, dict) and "name" in anonymous:  # of IPinfo, which has names of networks too
        flat["provider_name"] = anonymous["name"]
    return flat | {name: value for name, value in record.items() if name not in _NESTED or name not in flat}


def _labelled(flat: Mapping[str, Any]) -> tuple[str | None, str | None]:
    labelled = _sold(flat) or next(
        ((label, kind) for names, label, kind in _FLAGS if any(_is_true(flat.get(n)) for n in names)), None
    )
    if labelled is None:
        words = (known.get(str(flat.get(name, "")).strip().lower()) for name, known in _WORDS.items())
        labelled = next((word for word in words if word), None)
    if labelled is None:
        return None, None
    label, kind = labelled
    name = next((flat[name] for name in _NAMES if isinstance(flat.get(name), str)), "")
    return _named(label, kind, name) if kind in _SELLERS else (label, kind)


def _named(label: str, kind: str, name: str) -> tuple[str, str]:
    """A label with the name of who sells the access in its place, where that is a usable one."""
    try:
        cleaned = clean_label(name, kind)
    except Rejected:
        return label, kind
    return (label if cleaned == kind else cleaned), kind


def _sold(flat: Mapping[str, Any]) -> tuple[str, str] | None:
    """What databases of residential proxies and of carriers say, whose records have no flag."""
    if "percent_days_seen" in flat and isinstance(flat.get("service"), str):
        return "residential proxy", "residential_proxy"
    return ("mobile carrier", "carrier_nat") if "mcc" in flat and "mnc" in flat else None


def _by_context(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """What Spur knows of an address: its tunnels, the proxies seen on it, its risks and what it runs on."""
    tunnels = [one for one in _listed(record.get("tunnels")) if isinstance(one, dict)]
    operators = {str(one.get("type", "")).upper(): str(one.get("operator") or "") for one in tunnels}
    for name, (label, kind) in _TUNNELS.items():
        if name in operators:
            return _named(label, kind, operators[name]) if kind in _SELLERS else (label, kind)
    client = record.get("client")
    proxies = _listed(client.get("proxies")) if isinstance(client, dict) else []
    if proxies:
        return _named("residential proxy", "residential_proxy", str(proxies[0]))
    risks = {str(one).upper() for one in _listed(record.get("risks"))}
    risk = next((labelled for name, labelled in _RISKS.items() if name in risks), None)
    return risk or _INFRASTRUCTURE.get(str(record.get("infrastructure", "")).upper())


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


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


def is_labelling(name: str) -> bool:
    """Whether a field, or a column of a CSV file, says what hides behind an address."""
    return name in _LABELLING
