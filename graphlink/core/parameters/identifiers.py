"""What is believed of kinds of identifiers, and of the types that reference lists give addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphlink.core.parameters.parameter import elicited, parameter
from graphlink.core.ranges import check_fields


def _prior(p_exclusive: float, reason: str) -> Any:
    return parameter(p_exclusive, 1e-9, 1 - 1e-9, "(probability)", elicited(reason))


def _bits(bits: float, reason: str) -> Any:
    return parameter(bits, -30.0, 30.0, "bits", elicited(reason))


def _share(share: float, reason: str) -> Any:
    return parameter(share, 0.001, 0.999, "(probability)", elicited(reason))


@dataclass(frozen=True, slots=True)
class KindPriors:
    """Prior probability that two accounts, alone on a value of a kind, have one operator.

    The priors are of pairs that are alone on a value: rarity is already used up, and what is left is what the
    kind itself says. They are first beliefs, for the evidence model to sharpen and the settings to overrule.

    Attributes:
        ip: Of an Internet address.
        ip_64: Of an IPv6 /64.
        ip_prefix: Of neighbouring addresses.
        payment: Of a payment instrument.
        router: Of a third-party router.
        client: Of a device or client fingerprint.
        email: Of an e-mail address.
        email_domain: Of the domain of an e-mail address.
        phone: Of a phone number.
        api_key: Of an API key.
        asn: Of an autonomous system.
        country: Of a country.
        open: Of a kind that only the data name.
        owned_degree_exponent: How the odds of an instrument, a secret or a mail domain fall with the number
            of holders d: by (d - 1) to this power; those of other kinds by d - 1 itself.
        forgeable_bits: The most that sharing a client fingerprint may say.
    """

    ip: float = _prior(0.3, "a line shared by two is most often a household or a small office")
    ip_64: float = _prior(0.25, "as an IPv4 address, but some hosting providers put many customers into one")
    ip_prefix: float = _prior(0.02, "neighbours are strangers unless the block is one customer's")
    payment: float = _prior(0.9, "who pays is who operates; what is left is families, assistants and gifts")
    router: float = _prior(0.05, "tenants of a router are mostly honest strangers")
    client: float = _prior(0.4, "either one device, or one build and configuration that two people run")
    email: float = _prior(0.9, "mail is read by one holder; what is left is family and role addresses")
    email_domain: float = _prior(0.2, "one small company, or a vanity provider with two customers")
    phone: float = _prior(0.7, "verified, but rented by the message and given out again after some months")
    api_key: float = _prior(0.8, "using one key means holding one secret; what is left is keys that leaked")
    asn: float = _prior(0.01, "a network operator with two customers here is a small one, no more")
    country: float = _prior(0.002, "two accounts of a small country have hardly more in common than any two")
    open: float = _prior(0.2, "only its rarity is known: more than of neighbours, less than of known kinds")
    owned_degree_exponent: float = parameter(
        0.75, 0.0, 3.0, "(exponent)",
        elicited("a card on a hundred accounts is a large operator's or a reseller's"),
    )  # fmt: skip
    forgeable_bits: float = parameter(
        6.0, 0.1, 64.0, "bits", elicited("headers and fingerprints are pinned and copied by relay software")
    )

    def __post_init__(self) -> None:
        check_fields(self)


def _window(days: float, reason: str) -> Any:
    return parameter(days, 0.001, 36_500, "days", elicited(reason))


@dataclass(frozen=True, slots=True)
class KindWindows:
    """Window of a kind: two accounts are together on a value only when both held it within so much time.

    Kinds that are not here have none: a value stays with its holder for good.

    Attributes:
        ip: Of an Internet address.
        ip_64: Of an IPv6 /64.
        ip_prefix: Of neighbouring addresses.
        router: Of a third-party router.
        client: Of a device or client fingerprint.
        asn: Of an autonomous system.
        country: Of a country.
    """

    ip: float = _window(2.0, "home lines keep an address for days; longer windows join strangers")
    ip_64: float = _window(2.0, "as an IPv4 address")
    ip_prefix: float = _window(1.0, "a block has somebody in it at all times")
    router: float = _window(1.0, "many customers come and go")
    client: float = _window(30.0, "devices are sold, reset and updated: the same for weeks, not years")
    asn: float = _window(1.0, "many customers come and go")
    country: float = _window(1.0, "people travel")

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class ListedBits:
    """What the type that a reference list gives an address says of whether one operator alone holds it.

    Attributes:
        router: A third-party router.
        vpn: An exit of a VPN.
        proxy: An open or anonymizing proxy.
        residential_proxy: A home connection that a seller rents out.
        anonymizer: A service that hides its users, of which the list does not say which sort.
        tor: A Tor exit.
        hosting: A hosting provider's.
        carrier_nat: An address that a carrier shares out.
        campus: A campus.
        corporate: A company's.
        other: Of another type.
    """

    router: float = _bits(-4.0, "infrastructure that many customers share")
    vpn: float = _bits(-4.0, "an exit for anybody")
    proxy: float = _bits(-4.0, "an exit for anybody")
    residential_proxy: float = _bits(
        -4.0, "an exit for anybody, mostly without its household's knowledge (Mi et al., IEEE S&P 2019)"
    )
    anonymizer: float = _bits(-4.0, "an exit for anybody, as each of the sorts that it may be")
    tor: float = _bits(-4.0, "an exit for anybody")
    hosting: float = _bits(0.0, "one customer's server as often as a shared one")
    carrier_nat: float = _bits(-4.0, "one address for many subscribers")
    campus: float = _bits(-4.0, "one address for many people")
    corporate: float = _bits(2.0, "one organisation runs it")
    other: float = _bits(0.0, "nothing is known of it")

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class Intermediaries:
    """Of the holders of an address that are not one operator, the share that are an intermediary's customers.

    The rest are people on one network.

    Attributes:
        router: On an address of a third-party router.
        exits: On an address that anybody may use: VPN, proxies, Tor, carriers, campuses.
        rented: On a hosting provider's address.
        unlisted: On an address of another type, or that no list types.
    """

    router: float = _share(0.97, "who comes through a router is its customer")
    exits: float = _share(0.03, "many strangers use it, and few of them through one reseller")
    rented: float = _share(0.5, "a rented server is a tenant's own or a reseller's")
    unlisted: float = _share(0.2, "most shared lines are homes, offices and carriers")

    def __post_init__(self) -> None:
        check_fields(self)
