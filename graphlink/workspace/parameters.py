"""The numbers of the watch list and of known organisations, each once, with unit, range, origin and source.

They belong to the workspace, not to the model of a run: no result changes with them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphlink.core.parameters import chosen, elicited, parameter
from graphlink.core.ranges import check_fields

NEVER_DAYS = 36_500.0
"""A half-life of a century: what fades so slowly does not fade."""


def _half_life(days: float, reason: str) -> Any:
    return parameter(days, 0.1, NEVER_DAYS, "days", elicited(reason))


def _honest(holders: float, reason: str) -> Any:
    return parameter(holders, 0.001, 100.0, "holders", elicited(reason))


def _probability(value: float, reason: str) -> Any:
    return parameter(value, 0.0, 1.0, "(probability)", chosen(reason))


@dataclass(frozen=True, slots=True)
class HalfLives:
    """After how long a member's holding of a value counts half.

    Attributes:
        ip: Of an Internet address.
        ip_64: Of an IPv6 /64.
        client: Of a device or client fingerprint.
        payment: Of a payment instrument.
        email: Of an e-mail address.
        email_domain: Of the domain of an e-mail address.
        phone: Of a phone number.
        api_key: Of an API key.
        open: Of a kind that only the data name.
    """

    ip: float = _half_life(14.0, "home lines are leased for one to thirty days, servers by the month")
    ip_64: float = _half_life(14.0, "as an IPv4 address")
    client: float = _half_life(60.0, "builds are updated every few weeks; devices last longer")
    payment: float = _half_life(NEVER_DAYS, "a card is not given to somebody else")
    email: float = _half_life(NEVER_DAYS, "a mailbox is not given to somebody else")
    email_domain: float = _half_life(NEVER_DAYS, "a domain stays with its owner for years")
    phone: float = _half_life(NEVER_DAYS, "the share of rented numbers is in the honest holders of a phone")
    api_key: float = _half_life(NEVER_DAYS, "a secret is not given out twice")
    open: float = _half_life(60.0, "nothing is known of the kind: between addresses and instruments")

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class HonestHolders:
    """Honest holders that a value is expected to have before any is seen.

    A value of which the data show one member and no other holder may still be a stranger's: a spouse's card,
    the own card of an account that was bought, an address before its next lease.

    Attributes:
        ip: Of an Internet address; those of its network come on top.
        ip_64: Of an IPv6 /64; those of its network come on top.
        client: Of a device or client fingerprint.
        payment: Of a payment instrument.
        email: Of an e-mail address.
        email_domain: Of the domain of an e-mail address.
        phone: Of a phone number.
        api_key: Of an API key.
        open: Of a kind that only the data name.
        unknown_network: Of an address whose network is not known, as the address is a pseudonym.
    """

    ip: float = _honest(0.25, "one address of four has a holder whom the data do not show")
    ip_64: float = _honest(0.25, "as an IPv4 address")
    client: float = _honest(1.0, "whoever runs the same build shows the same client")
    payment: float = _honest(0.3, "families share cards, and a bought account has its owner's past")
    email: float = _honest(0.1, "mail is read by one holder")
    email_domain: float = _honest(0.5, "small providers have customers")
    phone: float = _honest(0.3, "numbers are rented by the message and given out again")
    api_key: float = _honest(0.1, "keys leak")
    open: float = _honest(0.5, "nothing is known of the kind")
    unknown_network: float = _honest(0.5, "an address of an average home network")

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class WatchRules:
    """When a shared value names an account.

    Attributes:
        network_addresses: Addresses among which the other holders of a network (a /24, a /48) are spread.
        returns_per_member: New accounts on a value, for each member on it, that may be returns; more are
            others, who count as honest holders.
        shared_below: Exclusivity in the result below which a value that the settings override is not watched.
        least_weight: Weight below which a shared value is no hit.
        possible_at: Probability from which an account is listed as a possible return.
        named_at: Probability from which an account is named as a return.
    """

    network_addresses: float = parameter(
        256.0, 1.0, 65_536.0, "addresses", elicited("a /24 has 256, a /48 some hundred lines")
    )
    returns_per_member: float = parameter(
        3.0, 0.1, 1_000.0, "accounts", elicited("operators replace accounts one for one, some twice")
    )
    shared_below: float = _probability(0.5, "an override states whether a value is one operator's")
    least_weight: float = _probability(0.2, "one chance in five: less is shared with strangers")
    possible_at: float = _probability(0.5, "likelier a return than not")
    named_at: float = _probability(0.8, "one strong hit, or two of .56, are wrong in one of five at most")

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class WatchParameters:
    """All numbers of the watch list.

    Attributes:
        half_lives: After how long a member's holding of a value counts half.
        honest_holders: Honest holders that a value is expected to have.
        rules: When a shared value names an account.
    """

    half_lives: HalfLives = field(default_factory=HalfLives)
    honest_holders: HonestHolders = field(default_factory=HonestHolders)
    rules: WatchRules = field(default_factory=WatchRules)


@dataclass(frozen=True, slots=True)
class OrganisationRules:
    """How far the knowledge of an organisation reaches.

    Attributes:
        most_hops: Links from one account to the next on a path from what is known.
        least_probability: Probability below which a path is not followed and an account is not listed.
        likely_at: Probability from which an account counts as linked.
        most_probable: The most that a probability of one that is not known itself can be.
        exclusive_from: Exclusivity from which a shared value is a path.
        chance_links: Links by places and clients that a stranger may have with a cluster by chance.
        hint_bits: The most that hints add to what evidence says, as log2 odds.
        hint_alone: The most that hints say where there is no evidence.
        lone_evidence_share: Share of the bits of a link from which it rests on one identifier.
    """

    most_hops: int = parameter(3, 1, 10, "links", chosen("further paths are products of doubts"))
    least_probability: float = _probability(0.05, "one in twenty: less is nobody's lead")
    likely_at: float = _probability(0.5, "likelier linked than not")
    most_probable: float = _probability(0.99, "no path is surer than the model that weighs it")
    exclusive_from: float = _probability(0.5, "likelier one operator's than shared")
    chance_links: float = parameter(
        4.0,
        0.0,
        100.0,
        "links",
        elicited("accounts with one such link are mostly strangers, with ten hardly"),
    )
    hint_bits: float = parameter(
        2.0,
        0.0,
        10.0,
        "bits",
        elicited("a public profile or a name is right about four times as often as not"),
    )
    hint_alone: float = _probability(0.04, "a hint alone accuses nobody: below what is listed")
    lone_evidence_share: float = _probability(0.9, "what is left would not carry the link")

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class IndicatorRules:
    """What stands for what the report of a value does not say.

    Attributes:
        confidence: Probability that a report without a confidence is right.
        valid_days: Days after which a report without an expiry ends.
    """

    confidence: float = parameter(
        0.5, 0.0, 1.0, "(probability)", elicited("who is sure says so; feeds list shared exits as well")
    )
    valid_days: float = parameter(
        180.0, 1.0, NEVER_DAYS, "days", chosen("a report that nobody renewed for half a year is old")
    )

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class QuestionRules:
    """Which questions are weighed.

    Attributes:
        doubt_from: Exclusivity from which an identifier is asked about.
        doubt_to: Exclusivity up to which it is.
        most_exact: Identifiers of which what "no" takes out is computed; for the rest it is bounded.
    """

    doubt_from: float = _probability(0.05, "below, one in twenty: hardly one operator's")
    doubt_to: float = _probability(0.95, "above, what the answer yes would state is known")
    most_exact: int = parameter(
        50, 1, 10_000, "identifiers", chosen("each reads the evidence of its clusters: some seconds in all")
    )

    def __post_init__(self) -> None:
        check_fields(self)
