"""The kinds that are built in: facet, window, prior and cleaning of each."""

from __future__ import annotations

import dataclasses

from graphlink.kinds.asn import clean_asn
from graphlink.kinds.cleaning import TOKEN_SQL, clean_token
from graphlink.kinds.contact import (
    EMAIL_SQL,
    FINGERPRINT_SQL,
    clean_email,
    clean_email_domain,
    clean_phone,
    wider_of_email,
)
from graphlink.kinds.country import clean_country
from graphlink.kinds.facets import CLIENT, IDENTITY, NETWORK, PAYMENT
from graphlink.kinds.ip import IP_SQL, IP_WIDER_SQL, clean_ip, clean_ip_64, clean_prefix, wider_of_ip
from graphlink.kinds.kind import Kind
from graphlink.kinds.payment import clean_payment
from graphlink.kinds.placeholders import instrument_sql
from graphlink.kinds.router import clean_router

# The priors are of pairs that are alone on a value: rarity is already used up, and what is left is what the
# kind itself says. They are first beliefs, for the evidence model to sharpen and the settings to overrule.
_BUILT_IN = (
    Kind(
        "ip",
        NETWORK.name,
        "Internet address an account was seen from",
        # Home lines keep an address for days; longer windows join strangers through re-leased addresses.
        2.0,
        # A line shared by two is most often a household or an office of two people, each with an account.
        0.3,
        clean_ip,
        IP_SQL,
        wider_of_ip,
        IP_WIDER_SQL,
    ),
    Kind(
        "ip_64",
        NETWORK.name,
        "IPv6 /64: one line or one handset, whose devices change their address daily",
        2.0,
        # As an IPv4 address, but some hosting providers put customers of many names into one /64.
        0.25,
        clean_ip_64,
        "false",
    ),
    Kind(
        "ip_prefix",
        NETWORK.name,
        "Neighbouring addresses: IPv4 /24, IPv6 /48 (a site, or some hundred lines of a provider)",
        1.0,
        # Neighbours are strangers unless the block is one customer's, which few are.
        0.02,
        clean_prefix,
        "false",
    ),
    Kind(
        "payment",
        PAYMENT.name,
        "Payment instrument, as a fingerprint, token or IBAN",
        None,
        # Who pays is who operates; what is left is families, assistants and gifts; they mostly share a place.
        0.9,
        clean_payment,
        f"{TOKEN_SQL} AND NOT regexp_matches(value, '^[A-Za-z]{{2}}[0-9 -]') AND {instrument_sql('value')}",
    ),
    Kind(
        "router",
        NETWORK.name,
        "Third-party router or relay that the requests come through",
        1.0,
        # Tenants of a router are mostly honest strangers; two alone are a little likelier to be its own.
        0.05,
        clean_router,
        TOKEN_SQL + " AND NOT regexp_matches(value, '[][A-Z:/?#@]|[.]$')",
    ),
    Kind(
        "client",
        CLIENT.name,
        "Device or client fingerprint",
        # Devices are sold, reset and updated: a fingerprint is the same device for weeks, not years.
        30.0,
        # Either one device, or one build and one configuration that two people run.
        0.4,
        clean_token,
        TOKEN_SQL,
    ),
    Kind(
        "email",
        IDENTITY.name,
        "E-mail address, without plus tag",
        None,
        # Mail is read by one holder; what is left is family and role addresses.
        0.9,
        clean_email,
        EMAIL_SQL,
        wider_of_email,
        (("email_domain", "CASE WHEN contains(value, '@') THEN regexp_extract(value, '@(.*)$', 1) END"),),
    ),
    Kind(
        "email_domain",
        IDENTITY.name,
        "Domain of an e-mail address",
        None,
        # A domain with two accounts is one small company, or a vanity provider with two customers.
        0.2,
        clean_email_domain,
        "false",
    ),
    Kind(
        "phone",
        IDENTITY.name,
        "Phone number",
        None,
        # Numbers are verified, but rented by the message as well, and given out again after some months.
        0.7,
        clean_phone,
        f"({FINGERPRINT_SQL} "
        "OR regexp_full_match(value, '[+][1-9][0-9]{6,12}') "
        "AND NOT regexp_full_match(value, '[+](1+|2+|3+|4+|5+|6+|7+|8+|9+|1234567(89?0?)?)'))",
    ),
    Kind(
        "api_key",
        IDENTITY.name,
        "API key",
        None,
        # Using one key means holding one secret; what is left is keys that leaked or were published.
        0.8,
        clean_token,
        TOKEN_SQL,
    ),
    Kind(
        "asn",
        NETWORK.name,
        "Autonomous system: the network operator of an address",
        1.0,
        # A network operator with two customers here is a small one, no more.
        0.01,
        clean_asn,
        "regexp_full_match(value, 'AS[1-9][0-9]{0,8}') AND value NOT IN ('AS23456', 'AS65535')",
    ),
    Kind(
        "country",
        NETWORK.name,
        "Country of an address",
        1.0,
        # Two accounts of a small country have hardly more in common than any two.
        0.002,
        clean_country,
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
        degree_exponent=_OWNED_SPREAD if kind.name in _OWNED else kind.degree_exponent,
        most_bits=_FORGEABLE_BITS if kind.name == "client" else kind.most_bits,
    )
    for kind in _BUILT_IN
}
# Probability of being exclusive from which an instrument, a secret or an address belongs to somebody.
OWNED = 0.5
