"""IP addresses, IPv6 /64s and prefixes, and the networks that they lie in."""

from __future__ import annotations

import ipaddress
import re

from graphlink.kinds.card_numbers import NO_CARD_SQL
from graphlink.kinds.cleaning import named, trimmed
from graphlink.kinds.kind import UncleanValue, Wider

# Kinds of which one seller lets many, and what they lie in: who has two from one network was seen once.
ADDRESSES = ("ip", "ip_64")
NETWORK = "ip_prefix"
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# IPv4 ranges that no single operator can be seen from over the internet. Documentation ranges pass:
# examples and tests are written with them.
_NOT_PUBLIC_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/3",
    )
)
_NOT_PUBLIC_RANGES = tuple((int(network[0]), int(network[-1])) for network in _NOT_PUBLIC_V4)
CARRIERS_OF_V4 = (0xFFFF, 0x64FF9B << 64)  # the upper 96 bits of ::ffff:0:0/96 and 64:ff9b::/96
_V4_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")
_V6_IN_BRACKETS = re.compile(r"\[([^\[\]]+)\](?::[0-9]{1,5})?")
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_GROUP = "([1-9a-f][0-9a-f]{0,3})"
# The one canonical spelling of an IPv6 address where that is plain: eight groups of which no two neighbours
# are zero, or groups that are not zero on both sides of a gap of at least two, at most four behind it.
_FULL_V6 = f"[23][0-9a-f]{{3}}(:({_GROUP}|0)){{7}}"
_SHORT_V6 = "|".join(
    f"[23][0-9a-f]{{3}}(:{_GROUP}){{{n - 1}}}::"
    + (f"({_GROUP}(:{_GROUP}){{0,{min(3, 5 - n)}}})?" if n < 6 else "")
    for n in range(1, 7)
)
_NOT_PUBLIC_V4_SQL = (
    "^(0|10|127|22[4-9]|2[345][0-9])[.]|^100[.](6[4-9]|[789][0-9]|1[01][0-9]|12[0-7])[.]|^169[.]254[.]|"
    "^172[.](1[6-9]|2[0-9]|3[01])[.]|^192[.]168[.]|^192[.]0[.]0[.]|^198[.]1[89][.]"
)
IP_SQL = (
    "CASE WHEN contains(value, ':') THEN "
    f"regexp_full_match(value, '{_FULL_V6}|{_SHORT_V6}') AND NOT contains(value, ':0:0') AND {NO_CARD_SQL} "
    f"ELSE regexp_full_match(value, '{_OCTET}([.]{_OCTET}){{3}}') "
    f"AND NOT regexp_matches(value, '{_NOT_PUBLIC_V4_SQL}') END"
)
_PREFIX_OF = (
    "regexp_replace(regexp_extract(split_part(value, '::', 1) || ':', '^([^:]+:){{1,{n}}}'), '(:0)?:$', '')"
)
_V4_PREFIX = "regexp_extract(value, '^.*[.]') || '0/24'"
IP_WIDER_SQL = (
    ("ip_64", f"CASE WHEN contains(value, ':') THEN {_PREFIX_OF.format(n=4)} || '::/64' END"),
    (
        "ip_prefix",
        f"CASE WHEN contains(value, ':') THEN {_PREFIX_OF.format(n=3)} || '::/48' ELSE {_V4_PREFIX} END",
    ),
)


def public_address_sql(text: str) -> str:
    """SQL that holds for texts that look like a public address, in any spelling, also with a port.

    It chooses among the addresses of a list; `clean_ip` has the last word on the one that was chosen.
    """
    bare = f"regexp_replace(lower({text}), '^\\[?::ffff:', '')"
    is_v4 = f"regexp_matches({bare}, '^[0-9]{{1,3}}([.][0-9]{{1,3}}){{3}}([:\\]]|$)')"
    is_v6 = f"regexp_matches({bare}, '^\\[?[23][0-9a-f]{{3}}:')"
    return f"({is_v6} OR ({is_v4} AND NOT regexp_matches({bare}, '{_NOT_PUBLIC_V4_SQL}')))"


def clean_ip(value: str) -> str:
    """One public address, in its canonical spelling."""
    text = trimmed(value)
    address = parse_address(text)
    if address is None:
        named(text)
        raise UncleanValue(
            "not_an_address",
            "expected one IPv4 or IPv6 address, with no leading zeros; of a forwarded list send the client's",
        )
    if not _is_public(address):
        raise UncleanValue(
            "not_public_address",
            "private, shared, loopback, link-local, multicast and reserved addresses say nothing about who; "
            "log the address that the client had on the internet",
        )
    return str(address)


def parse_address(text: str) -> _Address | None:
    """Parse an address in any spelling; None when it is none."""
    if bare := _V6_IN_BRACKETS.fullmatch(text) or _V4_WITH_PORT.fullmatch(text):
        text = bare.group(1)
    text = text.partition("%")[0]  # the zone is the logging machine's name of its interface
    host, slash, length = text.partition("/")
    if slash and length != ("128" if ":" in host else "32"):
        return None
    try:
        return _embedded_v4(ipaddress.ip_address(host))
    except ValueError:
        return None


def _embedded_v4(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 address only carries.

    ::ffff:0:0/96 is how a dual-stack socket names an IPv4 peer. 64:ff9b::/96 is how an IPv6-only service
    behind a stateless translator sees its IPv4 clients (RFC 6052, RFC 7755). 6to4 and Teredo addresses stay:
    these are IPv6 hosts behind an IPv4 router, and may be many.
    """
    if address.version == 6 and int(address) >> 32 in CARRIERS_OF_V4:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: _Address | ipaddress.IPv4Address) -> bool:
    number = int(address)
    if address.version == 6:
        return number >> 125 == 1  # 2000::/3, all that IANA has given out as global unicast
    return not any(first <= number <= last for first, last in _NOT_PUBLIC_RANGES)


def wider_of_ip(value: str) -> Wider:
    """The /64 and /48 of an IPv6 address, the /24 of an IPv4 address."""
    if ":" not in value:
        return (("ip_prefix", value.rpartition(".")[0] + ".0/24"),)
    number = int(ipaddress.IPv6Address(value))
    line, site = (ipaddress.IPv6Address(number >> bits << bits) for bits in (64, 80))
    return (("ip_64", f"{line}/64"), ("ip_prefix", f"{site}/48"))


def network_of(kind: str, value: str) -> tuple[str, str]:
    """The network that an address lies in, as (kind, value); what is no address is given back."""
    if kind not in ADDRESSES:
        return kind, value
    try:
        return wider_of_ip(value.removesuffix("/64"))[-1]
    except ValueError:  # a pseudonym
        return kind, value


def clean_prefix(value: str) -> str:
    """A public prefix of addresses."""
    network = _network(trimmed(value))
    if network is None or network.prefixlen == network.max_prefixlen:
        named(value)
        raise UncleanValue("not_a_prefix", "expected an address prefix such as 203.0.113.0/24")
    return str(network)


def clean_ip_64(value: str) -> str:
    """The /64 of a public IPv6 address."""
    network = _network(trimmed(value))
    if network is None or network.version != 6 or network.prefixlen != 64:
        named(value)
        raise UncleanValue("not_a_prefix", "expected an IPv6 /64 such as 2001:db8:1:2::/64")
    return str(network)


def _network(text: str) -> _Network | None:
    if "%" in text or "/" not in text:
        return None
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return network if _is_public(network.network_address) else None
