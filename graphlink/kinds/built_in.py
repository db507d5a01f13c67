"""The kinds that are built in: facet, window, prior and cleaning of each."""

from __future__ import annotations

import dataclasses

from graphlink.core.parameters import KindPriors, KindWindows, Parameters
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
from graphlink.kinds.kind import API_KEY, Kind
from graphlink.kinds.payment import clean_payment
from graphlink.kinds.placeholders import instrument_sql
from graphlink.kinds.router import clean_router

_PRIORS, _WINDOWS = KindPriors(), KindWindows()  # the defaults; `registry.kind_of` takes those of settings
_BUILT_IN = (
    Kind(
        "ip",
        NETWORK.name,
        "Internet address an account was seen from",
        _WINDOWS.ip,
        _PRIORS.ip,
        clean_ip,
        IP_SQL,
        wider_of_ip,
        IP_WIDER_SQL,
    ),
    Kind(
        "ip_64",
        NETWORK.name,
        "IPv6 /64: one line or one handset, whose devices change their address daily",
        _WINDOWS.ip_64,
        _PRIORS.ip_64,
        clean_ip_64,
        "false",
    ),
    Kind(
        "ip_prefix",
        NETWORK.name,
        "Neighbouring addresses: IPv4 /24, IPv6 /48 (a site, or some hundred lines of a provider)",
        _WINDOWS.ip_prefix,
        _PRIORS.ip_prefix,
        clean_prefix,
        "false",
    ),
    Kind(
        "payment",
        PAYMENT.name,
        "Payment instrument, as a fingerprint, token or IBAN",
        None,
        _PRIORS.payment,
        clean_payment,
        f"{TOKEN_SQL} AND NOT regexp_matches(value, '^[A-Za-z]{{2}}[0-9 -]') AND {instrument_sql('value')}",
    ),
    Kind(
        "router",
        NETWORK.name,
        "Third-party router or relay that the requests come through",
        _WINDOWS.router,
        _PRIORS.router,
        clean_router,
        TOKEN_SQL + " AND NOT regexp_matches(value, '[][A-Z:/?#@]|[.]$')",
    ),
    Kind(
        "client",
        CLIENT.name,
        "Device or client fingerprint",
        _WINDOWS.client,
        _PRIORS.client,
        clean_token,
        TOKEN_SQL,
    ),
    Kind(
        "email",
        IDENTITY.name,
        "E-mail address, without plus tag",
        None,
        _PRIORS.email,
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
        _PRIORS.email_domain,
        clean_email_domain,
        "false",
    ),
    Kind(
        "phone",
        IDENTITY.name,
        "Phone number",
        None,
        _PRIORS.phone,
        clean_phone,
        f"({FINGERPRINT_SQL} "
        "OR regexp_full_match(value, '[+][1-9][0-9]{6,12}') "
        "AND NOT regexp_full_match(value, '[+](1+|2+|3+|4+|5+|6+|7+|8+|9+|1234567(89?0?)?)'))",
    ),
    Kind(
        API_KEY,
        IDENTITY.name,
        "API key",
        None,
        _PRIORS.api_key,
        clean_token,
        TOKEN_SQL,
    ),
    Kind(
        "asn",
        NETWORK.name,
        "Autonomous system: the network operator of an address",
        _WINDOWS.asn,
        _PRIORS.asn,
        clean_asn,
        "regexp_full_match(value, 'AS[1-9][0-9]{0,8}') AND value NOT IN ('AS23456', 'AS65535')",
    ),
    Kind(
        "country",
        NETWORK.name,
        "Country of an address",
        _WINDOWS.country,
        _PRIORS.country,
        clean_country,
        "regexp_full_match(value, '[A-Z]{2}') AND value NOT IN ('XX', 'ZZ')",
    ),
)
# Instruments, secrets and domains belong to somebody, whose accounts may be many.
_SIZED = ("payment", "email", "phone", "api_key", "email_domain")
_FORGEABLE = ("client",)


def with_parameters(kind: Kind, parameters: Parameters) -> Kind:
    """Make a built-in kind with other numbers than the default ones."""
    priors = parameters.kind_priors
    return dataclasses.replace(
        kind,
        window_days=getattr(parameters.kind_windows, kind.name, None),
        p_exclusive=getattr(priors, kind.name),
        degree_exponent=priors.owned_degree_exponent if kind.name in _SIZED else kind.degree_exponent,
        most_bits=priors.forgeable_bits if kind.name in _FORGEABLE else kind.most_bits,
    )


KINDS: dict[str, Kind] = {kind.name: with_parameters(kind, Parameters()) for kind in _BUILT_IN}
