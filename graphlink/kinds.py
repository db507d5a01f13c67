"""Kinds of identifier: what each says of who operates an account, and how its values are cleaned.

A few kinds are built in; any other well-formed name is an open kind of its own facet. Cleaning is idempotent:
a cleaned value is its own cleaned value, so every spelling of one identifier meets in one value.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import ipaddress
import os
import re
import unicodedata
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.cards import NO_CARD_SQL, is_card_number
from graphlink.errors import GraphlinkError, SettingsError
from graphlink.kind_names import EXPECTED, kind_name
from graphlink.placeholders import (
    MENDS,
    PLACEHOLDER,
    among_sql,
    instrument_sql,
    lowered,
    mailbox_sql,
    reason_of,
    reason_of_domain,
    reason_of_email,
    reason_of_payment,
    reason_of_phone,
)
from graphlink.regular import open_regular
from graphlink.spelling import (
    LOST_DIGITS,
    has_lost_digits,
    may_lose_digits_sql,
    spelled,
    without_zero_fraction,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from graphlink.settings import Settings

LONGEST_VALUE = 4096  # characters; longer cells are documents or mistakes, never identifiers

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Wider = tuple[tuple[str, str], ...]


class UncleanValue(GraphlinkError):  # noqa: N818 - a finding about a value, counted and set aside, not a fault
    """A value that can't be an identifier of its kind. Its text never contains the value.

    Attributes:
        reason: Short code, such as placeholder or card_number.
        mend: What the user can do about it.
    """

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(f"{reason}: {mend}")
        self.reason = reason
        self.mend = mend


def _nothing_wider(_: str) -> _Wider:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of identifier.

    Attributes:
        name: Its name in the tables.
        facet: Group of kinds that fail together: network, payment, identity, client, behaviour; an open
            kind's is its own name.
        about: What it is, for users.
        window_days: Two accounts are together on a value only when both held it within such a window of time;
            None when a value stays with its holder for good.
        private: Prior probability that two accounts, the only ones on a value, have one operator.
        clean: Makes the cleaned value of a raw one, or raises UncleanValue.
        is_clean_sql: Condition on the column `value` that holds only where clean(value) == value, or where
            `placeholders.listed_sql` holds too; it may miss clean values, never the other way. None when
            there is none.
        wider: The wider, weaker identifiers that follow from a cleaned value, as (kind, value).
        wider_sql: The same as (kind, expression of the column `value`), true where `is_clean_sql` holds; the
            expression is null where that wider identifier does not follow.
        spread: How the odds of `private` fall with the number of holders d: by (d - 1) to this power. 1 where
            each holder brings accounts of its own (an address in a cafe); less where it is one operator's
            or it is not, and many holders mostly mean a large operator.
        most_bits: The most that sharing a value may say: what is cheap to copy proves little, however rare.
    """

    name: str
    facet: str
    about: str
    window_days: float | None
    private: float
    clean: Callable[[str], str]
    is_clean_sql: str | None = None
    wider: Callable[[str], _Wider] = _nothing_wider
    wider_sql: _Wider = ()
    spread: float = 1.0
    most_bits: float = 1e6


def shown(value: str, longest: int = 60) -> str:
    """Make a text for a message from any value: one short line, escaped, without card numbers."""
    head = value[: 4 * longest]
    # A card number cut in two by the shortening would slip through, so the longer head is looked at.
    if is_card_number(head, is_payment=True):
        return "a card number"
    told = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in head)
    return told if len(told) <= longest else told[: longest - 1] + "…"


# --- cleaning ----------------------------------------------------------------------------------------------


def _trimmed(value: str, is_payment: bool = False) -> str:
    """What every kind does: trim and compose (NFC), and refuse what can't be an identifier at all."""
    if len(value) > LONGEST_VALUE:
        raise UncleanValue(
            "too_long", f"send an identifier of at most {LONGEST_VALUE:,} characters, or a digest of it"
        )
    if "\x00" in value:
        raise UncleanValue("nul_byte", "the value holds a NUL byte; look for a broken export")
    value = spelled(value)
    if not value:
        raise UncleanValue("empty", "leave the row out, or give the value")
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise UncleanValue("broken_text", "the value is not valid Unicode; export as UTF-8")
    if has_lost_digits(value):
        raise UncleanValue("lost_digits", LOST_DIGITS)
    if is_card_number(value, is_payment=is_payment):
        raise UncleanValue("card_number", "send a fingerprint of the card instead of its number")
    return value


def _said(value: str, is_payment: bool = False) -> str:
    """A trimmed value that may name somebody."""
    value = _trimmed(value, is_payment)
    _refuse(reason_of(value) or (reason_of_payment(value) if is_payment else None))
    return value


def _refuse(reason: str | None) -> None:
    if reason:
        raise UncleanValue(reason, MENDS[reason])


def _clean_token(value: str) -> str:
    return _said(value)


_URL = re.compile(
    r"(?:([a-z][a-z0-9+.-]*)://)?(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[^/?#:\[\]@]+)(:[0-9]{1,5})?([/?#].*)?"
)


def _clean_router(value: str) -> str:
    """The host of a URL, or of a host with its port; any other name in small letters."""
    told = unicodedata.normalize("NFC", _said(value).lower())
    found = _URL.fullmatch(told)
    if found is None:
        return told
    scheme, host, port, rest = found.groups()
    if host.startswith("["):
        return str(_address(host) or told)
    domain = _domain(host)
    if domain:
        return domain
    # A name without a dot is a host only where it is written like one.
    return spelled(host) or told if scheme or (port and rest in (None, "", "/")) else told


def _clean_payment(value: str) -> str:
    iban = re.sub(r"[ -]", "", value[:64]).upper() if len(value) <= 64 else ""
    if re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", iban) and _is_iban(iban):
        return iban
    return _said(value, is_payment=True)


def _is_iban(text: str) -> bool:
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


# IPv4 ranges that no single operator can be seen from over the internet. Documentation ranges pass:
# examples and tests are written with them.
_NOT_PUBLIC_V4 = tuple(
    ipaddress.IPv4Network(told)
    for told in (
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
_NOT_PUBLIC_RANGES = tuple((int(told[0]), int(told[-1])) for told in _NOT_PUBLIC_V4)
CARRIERS_OF_V4 = (0xFFFF, 0x64FF9B << 64)  # the upper 96 bits of ::ffff:0:0/96 and 64:ff9b::/96
_V4_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")
_V6_IN_BRACKETS = re.compile(r"\[([^\[\]]+)\](?::[0-9]{1,5})?")


def _clean_ip(value: str) -> str:
    told = _trimmed(value)
    address = _address(told)
    if address is None:
        _said(told)
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


def _address(told: str) -> _Address | None:
    """Parse an address in any spelling; None when it is none."""
    if bare := _V6_IN_BRACKETS.fullmatch(told) or _V4_WITH_PORT.fullmatch(told):
        told = bare.group(1)
    told = told.partition("%")[0]  # the zone is the logging machine's name of its interface
    host, slash, length = told.partition("/")
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


def _wider_of_ip(value: str) -> _Wider:
    if ":" not in value:
        return (("ip_prefix", value.rpartition(".")[0] + ".0/24"),)
    number = int(ipaddress.IPv6Address(value))
    line, site = (ipaddress.IPv6Address(number >> bits << bits) for bits in (64, 80))
    return (("ip_64", f"{line}/64"), ("ip_prefix", f"{site}/48"))


def _clean_prefix(value: str) -> str:
    network = _network(_trimmed(value))
    if network is None or network.prefixlen == network.max_prefixlen:
        _said(value)
        raise UncleanValue("not_a_prefix", "expected an address prefix such as 203.0.113.0/24")
    return str(network)


def _clean_ip_64(value: str) -> str:
    network = _network(_trimmed(value))
    if network is None or network.version != 6 or network.prefixlen != 64:
        _said(value)
        raise UncleanValue("not_a_prefix", "expected an IPv6 /64 such as 2001:db8:1:2::/64")
    return str(network)


def _network(told: str) -> _Network | None:
    if "%" in told or "/" not in told:
        return None
    try:
        network = ipaddress.ip_network(told, strict=False)
    except ValueError:
        return None
    return network if _is_public(network.network_address) else None


_LONGEST_EMAIL = 512  # with a display name; RFC 5321 takes 254 for the address
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")


# The digests that e-mail addresses and phone numbers are sent as instead: MD5, SHA-1, SHA-256.
_FINGERPRINT = re.compile("[0-9a-fA-F]{32}(?:[0-9a-fA-F]{8})?|[0-9a-fA-F]{64}")
_FINGERPRINT_SQL = "regexp_full_match(value, '[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}')"


def _clean_email(value: str) -> str:
    told = _said(value)
    if _FINGERPRINT.fullmatch(told):
        return told.lower()
    # Beyond the longest a mail server takes there is only a burden: some characters compose to eighteen.
    told = unicodedata.normalize("NFKC", told).strip() if len(told) <= _LONGEST_EMAIL else ""
    if told.endswith(">") and "<" in told:  # Name <address>
        told = told[told.rindex("<") + 1 : -1]
    local, at, domain = told.removeprefix("mailto:").rpartition("@")
    # Plus tags are the holder's own at every large provider; dots count for nothing at Gmail only.
    local = unicodedata.normalize("NFKC", local.strip().lower())
    local = local[: local.find("+", 1)].strip() if "+" in local[1:] else local
    domain = _domain(domain)
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    if not at or not local or not domain:
        raise UncleanValue("not_an_email", "expected an address such as name@mail.example, or its SHA-256")
    address = f"{local}@{domain}"
    _refuse(reason_of_email(address))
    return address


def _domain(told: str) -> str:
    """The ASCII form of a domain (IDNA), or nothing when it is none."""
    try:
        name = told.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    labels = name.split(".")
    return name if len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels) else ""


def _clean_email_domain(value: str) -> str:
    told = _said(value)
    told = unicodedata.normalize("NFKC", told).strip() if len(told) <= _LONGEST_EMAIL else ""
    domain = _domain(told.removeprefix("@"))
    if not domain:
        raise UncleanValue("not_a_domain", "expected the part of an e-mail address behind the @")
    _refuse(reason_of_domain(domain))
    return "gmail.com" if domain == "googlemail.com" else domain


def _wider_of_email(value: str) -> _Wider:
    return (("email_domain", value.rpartition("@")[2]),) if "@" in value else ()


_IN_PHONE = re.compile(r"[\s().\-/\u2010-\u2015\u2212\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def _clean_phone(value: str) -> str:
    """Digits, with a + where a country code was told; without one nothing is guessed."""
    value = without_zero_fraction(spelled(value)) if len(value) <= LONGEST_VALUE else value
    if _FINGERPRINT.fullmatch(value):
        return _said(value).lower()
    if has_lost_digits(value):
        raise UncleanValue("lost_digits", LOST_DIGITS)
    told = unicodedata.normalize("NFKC", value.strip()) if len(value) <= LONGEST_VALUE else value
    told = _IN_PHONE.sub("", told.lower().removeprefix("tel:").replace("(0)", ""))
    plain = "+" + told[2:] if told.startswith("00") and len(told) > 9 else told
    digits = plain.removeprefix("+")
    # German numbers have 13 digits and start with 4, like old Visa cards; no phone number of 14 or 15 digits
    # starts like a card, and longer ones do not exist (E.164).
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 13):
        _said(value)
        _said(told)
    if not re.fullmatch(r"\+[1-9][0-9]*|[0-9]+", plain) or len(digits) > 15:
        _placeholder_or(value, "not_a_phone", "expected digits, best as +4915112345678, or a SHA-256")
    if len(digits) < 7:
        _placeholder_or(value, "too_short", "send the whole number with its country code")
    _refuse(reason_of_phone(plain))
    return plain


def _placeholder_or(value: str, reason: str, mend: str) -> None:
    _said(value)
    raise UncleanValue(reason, mend)


_ASN = re.compile(r"(?:ASN?)?\s*([0-9]{1,10})(?:\.([0-9]{1,5}))?(?:\s.*)?", re.IGNORECASE)
_RESERVED_ASN = (0, 23456, 65535, 4294967295)  # RFC 7607, 6793, 7300


def _clean_asn(value: str) -> str:
    """AS and the number. 64500.0 is 64500 out of a floating column; with the letters, AS1.0 is asdot."""
    told = without_zero_fraction(_said(value))
    found = _ASN.fullmatch(told)
    high, low = (int(found[1]), int(found[2] or -1)) if found else (-1, -1)
    number = high if low < 0 else high * 65536 + low
    if number in _RESERVED_ASN or not 0 < number <= 4294967295 or low > 65535:
        raise UncleanValue("not_an_asn", "expected the number of an autonomous system such as AS64500")
    return f"AS{number}"


def _clean_country(value: str) -> str:
    told = _trimmed(value).upper()
    if told in ("XX", "ZZ", "--"):
        _refuse(PLACEHOLDER)
    if not re.fullmatch("[A-Z]{2}", told):
        _said(value)
        raise UncleanValue("not_a_country", "expected the two letters of ISO 3166 such as DE")
    return told


# --- the kinds ---------------------------------------------------------------------------------------------


_TOKEN_SQL = (
    f"length(value) <= {LONGEST_VALUE} AND regexp_full_match(value, '[!-~]([ -~]*[!-~])?') AND {NO_CARD_SQL} "
    f"AND NOT {may_lose_digits_sql('value')}"
)
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_GROUP = "([1-9a-f][0-9a-f]{0,3})"
# The one canonical spelling of an IPv6 address where that is plain: eight groups of which no two neighbours
# are nought, or groups that are not nought on both sides of a gap of at least two, at most four behind it.
_FULL_V6 = f"[23][0-9a-f]{{3}}(:({_GROUP}|0)){{7}}"
_SHORT_V6 = "|".join(
    f"[23][0-9a-f]{{3}}(:{_GROUP}){{{n - 1}}}::"
    + (f"({_GROUP}(:{_GROUP}){{0,{min(3, 5 - n)}}})?" if n < 6 else "")
    for n in range(1, 7)
)
_IP_SQL = (
    "CASE WHEN contains(value, ':') THEN "
    f"regexp_full_match(value, '{_FULL_V6}|{_SHORT_V6}') AND NOT contains(value, ':0:0') AND {NO_CARD_SQL} "
    f"ELSE regexp_full_match(value, '{_OCTET}([.]{_OCTET}){{3}}') "
    "AND NOT regexp_matches(value, '^(0|10|127|22[4-9]|2[345][0-9])[.]|^100[.](6[4-9]|[789][0-9]|1[01][0-9]|"
    "12[0-7])[.]|^169[.]254[.]|^172[.](1[6-9]|2[0-9]|3[01])[.]|^192[.]168[.]|^192[.]0[.]0[.]|^198[.]1[89][.]')"
    " END"
)
_MAILBOX_SQL = (
    "length(value) <= 254 AND "
    "regexp_full_match(value, '[a-z0-9_-]+([.][a-z0-9_-]+)*@([a-z0-9-]{1,63}[.])+[a-z]{2,63}')"
    " AND NOT regexp_matches(value, '[.].*@gmail[.]com$|@googlemail[.]com$')"
    f" AND {NO_CARD_SQL} AND {mailbox_sql('value')}"
)
_EMAIL_SQL = f"({_FINGERPRINT_SQL} OR {_MAILBOX_SQL})"
_PREFIX_OF = (
    "regexp_replace(regexp_extract(split_part(value, '::', 1) || ':', '^([^:]+:){{1,{n}}}'), '(:0)?:$', '')"
)
_V4_PREFIX = "regexp_extract(value, '^.*[.]') || '0/24'"
_IP_WIDER_SQL = (
    ("ip_64", f"CASE WHEN contains(value, ':') THEN {_PREFIX_OF.format(n=4)} || '::/64' END"),
    (
        "ip_prefix",
        f"CASE WHEN contains(value, ':') THEN {_PREFIX_OF.format(n=3)} || '::/48' ELSE {_V4_PREFIX} END",
    ),
)

# The priors are of pairs that are alone on a value: rarity is already used up, and what is left is what the
# kind itself says. They are first beliefs, for the evidence model to sharpen and the settings to overrule.
_BUILT_IN = (
    Kind(
        "ip",
        "network",
        "Internet address an account was seen from",
        # Home lines keep an address for days; longer windows join strangers through re-leased addresses.
        2.0,
        # A line shared by two is most often a household or an office of two people, each with an account.
        0.3,
        _clean_ip,
        _IP_SQL,
        _wider_of_ip,
        _IP_WIDER_SQL,
    ),
    Kind(
        "ip_64",
        "network",
        "IPv6 /64: one line or one handset, whose devices change their address daily",
        2.0,
        # As an IPv4 address, but some hosting providers put customers of many names into one /64.
        0.25,
        _clean_ip_64,
        "false",
    ),
    Kind(
        "ip_prefix",
        "network",
        "Neighbouring addresses: IPv4 /24, IPv6 /48 (a site, or some hundred lines of a provider)",
        1.0,
        # Neighbours are strangers unless the block is one customer's, which few are.
        0.02,
        _clean_prefix,
        "false",
    ),
    Kind(
        "payment",
        "payment",
        "Payment instrument, as a fingerprint, token or IBAN",
        None,
        # Who pays is who operates; what is left is families, assistants and gifts; they mostly share a place.
        0.9,
        _clean_payment,
        f"{_TOKEN_SQL} AND NOT regexp_matches(value, '^[A-Za-z]{{2}}[0-9 -]') AND {instrument_sql('value')}",
    ),
    Kind(
        "router",
        "network",
        "Third-party router or relay that the requests come through",
        1.0,
        # Tenants of a router are mostly honest strangers; two alone are a little likelier to be its own.
        0.05,
        _clean_router,
        _TOKEN_SQL + " AND NOT regexp_matches(value, '[][A-Z:/?#@]|[.]$')",
    ),
    Kind(
        "client",
        "client",
        "Device or client fingerprint",
        # Devices are sold, reset and updated: a fingerprint is the same device for weeks, not years.
        30.0,
        # Either one device, or one build and one configuration that two people run.
        0.4,
        _clean_token,
        _TOKEN_SQL,
    ),
    Kind(
        "email",
        "identity",
        "E-mail address, without plus tag",
        None,
        # Mail is read by one holder; what is left is family and role addresses.
        0.9,
        _clean_email,
        _EMAIL_SQL,
        _wider_of_email,
        (("email_domain", "CASE WHEN contains(value, '@') THEN regexp_extract(value, '@(.*)$', 1) END"),),
    ),
    Kind(
        "email_domain",
        "identity",
        "Domain of an e-mail address",
        None,
        # A domain with two accounts is one small company, or a vanity provider with two customers.
        0.2,
        _clean_email_domain,
        "false",
    ),
    Kind(
        "phone",
        "identity",
        "Phone number",
        None,
        # Numbers are verified, but rented by the message as well, and given out again after some months.
        0.7,
        _clean_phone,
        f"({_FINGERPRINT_SQL} "
        "OR regexp_full_match(value, '[+][1-9][0-9]{6,12}') "
        "AND NOT regexp_full_match(value, '[+](1+|2+|3+|4+|5+|6+|7+|8+|9+|1234567(89?0?)?)'))",
    ),
    Kind(
        "api_key",
        "identity",
        "API key",
        None,
        # Using one key means holding one secret; what is left is keys that leaked or were published.
        0.8,
        _clean_token,
        _TOKEN_SQL,
    ),
    Kind(
        "asn",
        "network",
        "Autonomous system: the network operator of an address",
        1.0,
        # A network operator with two customers here is a small one, no more.
        0.01,
        _clean_asn,
        "regexp_full_match(value, 'AS[1-9][0-9]{0,8}') AND value NOT IN ('AS23456', 'AS65535')",
    ),
    Kind(
        "country",
        "network",
        "Country of an address",
        1.0,
        # Two accounts of a small country have hardly more in common than any two.
        0.002,
        _clean_country,
        "regexp_full_match(value, '[A-Z]{2}') AND value NOT IN ('XX', 'ZZ')",
    ),
)
# Headers and fingerprints are pinned and copied by relay software: one in 64 is the most that counts.
_FORGEABLE_BITS = 6.0
# Instruments and secrets belong to somebody: a hundred accounts are a large operator's or a reseller's.
_OWNED = ("payment", "email", "phone", "api_key")
_OWNED_SPREAD = 0.15
KINDS: dict[str, Kind] = {
    kind.name: dataclasses.replace(
        kind,
        spread=_OWNED_SPREAD if kind.name in _OWNED else kind.spread,
        most_bits=_FORGEABLE_BITS if kind.name == "client" else kind.most_bits,
    )
    for kind in _BUILT_IN
}

# Of an open kind only its rarity is known: more than what a network says of neighbours, less than what most
# kinds say that somebody thought about.
_OPEN_PRIVATE = 0.2


def clean_kind(name: str) -> str:
    """Make the name of a kind: lower case, aliases resolved.

    Raises:
        UncleanValue: The name has other characters than a-z, 0-9, _, . and -, or not 1 to 64 of them.
    """
    told = kind_name(name)
    if not told:
        raise UncleanValue("bad_kind", EXPECTED)
    return told


OWNED = 0.5
"""Probability of being private from which an instrument, a secret or an address belongs to somebody."""
ADDRESSES = ("ip", "ip_64")
NETWORK = "ip_prefix"
"""Kinds of which one seller lets many, and what they lie in: who has two from one network was seen once."""


def network_of(kind: str, value: str) -> tuple[str, str]:
    """The network that an address lies in, as (kind, value); what is no address is given back."""
    if kind not in ADDRESSES:
        return kind, value
    try:
        return _wider_of_ip(value.removesuffix("/64"))[-1]
    except ValueError:  # a pseudonym
        return kind, value


def kind_of(name: str, settings: Settings) -> Kind:
    """Make the kind of a name: built in, or open; with what the settings say of it.

    A window of 0 days in the settings means no window.

    Raises:
        UncleanValue: The name is not one a kind can have.
        SettingsError: The settings give a kind a facet, window or probability it can't have.
    """
    name = clean_kind(name)
    kind = KINDS.get(name) or Kind(
        name, name, "Kind of your own", None, _OPEN_PRIVATE, _clean_token, _TOKEN_SQL
    )
    for told, setting in settings.kinds.items():
        where = f"settings: kinds.{told}"
        if _settings_name(told, where) != name:
            continue
        if setting.facet is not None:
            kind = dataclasses.replace(kind, facet=_settings_name(setting.facet, f"{where}.facet"))
        if setting.window_days is not None:
            kind = dataclasses.replace(kind, window_days=setting.window_days or None)
        if setting.private is not None:
            kind = dataclasses.replace(kind, private=setting.private)
    if name not in KINDS and kind.facet == "payment":
        is_clean_sql = f"{_TOKEN_SQL} AND {instrument_sql('value')}"
        kind = dataclasses.replace(kind, clean=partial(_said, is_payment=True), is_clean_sql=is_clean_sql)
    return _with_own_placeholders(kind, settings)


def _with_own_placeholders(kind: Kind, settings: Settings) -> Kind:
    """The kind with the values that the settings keep, or reject, of it."""
    keep, reject = (
        lowered(text for told, texts in listed.items() if clean_kind(told) == kind.name for text in texts)
        for listed in (settings.placeholders.keep, settings.placeholders.reject)
    )
    if not keep and not reject:
        return kind
    clean = partial(_clean_with, kind.clean, keep, reject)
    # What is rejected is never clean; what is kept is not clean to SQL, and kept by the slower way.
    is_clean_sql = kind.is_clean_sql
    if reject and is_clean_sql:
        is_clean_sql = f"({is_clean_sql}) AND NOT {among_sql('value', reject)}"
    return dataclasses.replace(kind, clean=clean, is_clean_sql=is_clean_sql)


def _clean_with(clean: Callable[[str], str], keep: frozenset[str], reject: frozenset[str], value: str) -> str:
    told = spelled(value).lower() if len(value) <= LONGEST_VALUE else ""
    _refuse(PLACEHOLDER if told in reject else None)
    try:
        cleaned = clean(value)
    except UncleanValue as error:
        if told in keep and error.reason in MENDS:
            return spelled(value)
        raise
    _refuse(PLACEHOLDER if cleaned.lower() in reject else None)
    return cleaned


def _settings_name(told: str, where: str) -> str:
    try:
        return clean_kind(told)
    except UncleanValue as error:
        raise SettingsError(f"{where}: {told!r} is no name; {error.mend}") from error


# --- keyed hashes ------------------------------------------------------------------------------------------

_SHORTEST_KEY = 16  # bytes: 128 bits, beyond trying
_LONGEST_KEY = 4096


def pseudonym(key: bytes, kind: str, value: str) -> str:
    """Make the keyed hash that stands for a value: 26 characters a-z and 2-7 (130 bits of HMAC-SHA256).

    The kind is part of the message, so a value of two kinds has two pseudonyms that can't be matched.
    """
    digest = hmac.digest(key, f"{kind}\x00{value}".encode(), hashlib.sha256)
    return base64.b32encode(digest)[:26].decode("ascii").lower()


def identifiers_of(kind: Kind, value: str, key: bytes | None, hashed: Collection[str]) -> _Wider:
    """Make the identifiers of a raw value: its own first, then the wider ones; hashed where asked.

    The wider identifiers are made before hashing. They are hashed when their own kind or the kind they follow
    from is: a plain prefix beside a hashed address would give most of the address away.

    Args:
        kind: Kind of the value.
        value: Raw value.
        key: Key of the pseudonyms; needed when a kind is hashed.
        hashed: Names of the kinds to hash.

    Returns:
        (kind, value) of each identifier.

    Raises:
        UncleanValue: The value can't be cleaned.
        SettingsError: A kind is to be hashed and there is no key.
    """
    cleaned = kind.clean(value)
    plain = ((kind.name, cleaned), *kind.wider(cleaned))
    told = [(name, text, name in hashed or kind.name in hashed) for name, text in plain]
    if key is None and any(is_hashed for _, _, is_hashed in told):
        raise SettingsError("pseudonymize.key_file: kinds are to be hashed, and there is no key")
    return tuple(
        (name, pseudonym(key, name, text) if is_hashed and key is not None else text)
        for name, text, is_hashed in told
    )


def read_key(path: str | Path, named_by: str = "pseudonymize.key_file") -> bytes:
    """Read the key of the pseudonyms: the bytes of a file without the line end.

    Args:
        path: The file.
        named_by: The setting or option that names it, for errors.

    Raises:
        SettingsError: The file is missing, readable by every user of the machine, or its key is too short.
    """
    path = Path(path)
    where = f"{named_by}: {path}"
    mend = f"make one with `(umask 077; head -c 32 /dev/urandom | base64 > {path.name})`"
    with open_regular(path, where, error=SettingsError, mend=mend) as file:
        # A hash that anybody can recompute hides nothing, so an open key file is refused, not warned of.
        is_open = os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o004
        key = file.read(_LONGEST_KEY + 1).rstrip(b"\r\n")
    if is_open:
        raise SettingsError(f"{where}: every user can read it; `chmod 600` it")
    if len(key) < _SHORTEST_KEY:
        raise SettingsError(f"{where}: {len(key)} bytes, at least {_SHORTEST_KEY} are needed; {mend}")
    if len(key) > _LONGEST_KEY:
        raise SettingsError(f"{where}: more than {_LONGEST_KEY} bytes, so not a key; {mend}")
    return key


def is_declared(name: str, settings: Settings) -> bool:
    """Whether the prior of a kind was stated: built in, or given in the settings. Others learn freely."""
    return name in KINDS or (name in settings.kinds and settings.kinds[name].private is not None)
