"""What a cluster may be, and what something harmless explains as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphlink.core.parameters.parameter import chosen, elicited, parameter
from graphlink.core.ranges import check_fields


def _rate(rate: float, reason: str) -> Any:
    return parameter(rate, 0.001, 0.999, "(probability)", elicited(reason))


@dataclass(frozen=True, slots=True)
class Hypotheses:
    """What a cluster may be: one operator, openly one organisation, tenants, people on one network.

    Attributes:
        doubt: Least probability of each hypothesis.
        least_exclusive: Least probability that a tie is exclusive, and that it is not.
        unknown_exclusive: Probability that a tie is exclusive where nothing is known.
        tenant_offset: Of d holders of a value that is no place, (d - 1) / (d + this) are an intermediary's.
        least_tie_bits: Bits from which a behaviour or a client ties two accounts at all.
        least_seen: Sightings at places from which an account's home is known.
        households: Share of the groups on one network that are households.
        largest_usual: Accounts of the largest operators and intermediaries that the law of sizes counts.
        places_same: Share of an operator's accounts seen where another is seen.
        places_intermediary: Share of tenants seen where another is seen.
        places_network: Share of people on one network seen where another is seen.
        further_same: Share of an operator's further ties that bring another instrument.
        further_intermediary: The same of tenants.
        further_network: The same of people on one network.
        further_openly: The same of accounts that are openly one organisation's.
        behaviour_rate: Share of an operator's accounts that act together in time.
        behaviour_openly: The same of accounts that are openly one organisation's.
        client_rate: Share of an operator's accounts that run the same rare clients.
        other_rate: Share of an operator's accounts that share an open kind.
        behaviour_bits: The most that joint behaviour counts.
        client_bits: The most that a client counts.
        other_bits: The most that an open kind counts.
        absent_bits: Bits that a tie would have had where there is none.
        routed_behaviour: What joint behaviour behind a router counts, of its bits.
        tenant_presence: k where tenants spend a share x of their time at shared places with density
            k (1 - x)^(k - 1).
        network_presence: k where people on one network do so with density k x^(k - 1).
        least_presence: Least density of that share.
        concealed: Share of operators that are behind addresses which others use as well.
        domain_others: Share of accounts under one mail domain of their own under the other hypotheses.
        domain_openly: The same of accounts that are openly one organisation's.
        parent_same: Share of a covert operator's accounts under one billing parent.
        parent_intermediary: The same of the tenants of an intermediary.
        parent_network: The same of people on one network.
        parent_openly: The same of accounts that are openly one organisation's.
        unseen_openly: Probability that nothing in the data shows an openly one organisation to be one.
        closed_openly: Share of an openly one organisation's accounts closed for abuse.
        closed_openly_weight: Pseudo-observations of that share: such closings are mistakes, one by one.
        closed_others: Share of accounts closed for abuse under the other hypotheses.
    """

    doubt: float = parameter(
        0.005, 1e-6, 0.2, "(probability)", elicited("a fourth cause, or a law that does not hold")
    )
    least_exclusive: float = parameter(
        0.005, 1e-6, 0.2, "(probability)", elicited("no identifier is surer than the lists that name it")
    )
    unknown_exclusive: float = _rate(0.5, "as likely as not")
    tenant_offset: float = parameter(
        2.0, 0.01, 100.0, "accounts", elicited("families have few holders, resellers many")
    )
    least_tie_bits: float = parameter(2.0, 0.0, 30.0, "bits", chosen("weaker ties are everywhere"))
    least_seen: int = parameter(3, 1, 1_000, "sightings", chosen("fewer say nothing of a home"))
    households: float = _rate(0.9, "most groups on one line are households")
    largest_usual: int = parameter(
        32,
        3,
        100_000,
        "accounts",
        elicited("larger operators are few and matter little"),
    )
    places_same: float = _rate(0.6, "operators reuse exits, not all of them")
    places_intermediary: float = _rate(0.4, "tenants have places of their own")
    places_network: float = _rate(0.9, "people on one network are all seen there")
    further_same: float = _rate(0.5, "operators have several instruments")
    further_intermediary: float = _rate(0.1, "resellers pay by one")
    further_network: float = _rate(0.1, "families share one")
    further_openly: float = _rate(0.1, "companies pay by few cards, or by invoice")
    behaviour_rate: float = _rate(0.4, "operators run jobs, some of them for all accounts")
    behaviour_openly: float = _rate(0.05, "staff work by themselves; few companies run jobs for many seats")
    client_rate: float = _rate(0.3, "operators run one tool, or a different one for each account")
    other_rate: float = _rate(0.5, "nothing is known of the kind")
    behaviour_bits: float = parameter(
        8.0, 0.1, 30.0, "bits", elicited("one cause of joint behaviour is used again and again")
    )
    client_bits: float = parameter(6.0, 0.1, 30.0, "bits", elicited("one tool is used again and again"))
    other_bits: float = parameter(8.0, 0.1, 30.0, "bits", elicited("one habit is used again and again"))
    absent_bits: float = parameter(4.0, 0.1, 30.0, "bits", elicited("a usual tie of these kinds"))
    routed_behaviour: float = parameter(
        0.5, 0.0, 1.0, "(factor)", elicited("a router sets some of the timing of its tenants")
    )
    tenant_presence: float = parameter(
        4.0, 1.0, 20.0, "(exponent)", elicited("tenants have a life of their own elsewhere")
    )
    network_presence: float = parameter(
        2.0, 1.0, 20.0, "(exponent)", elicited("who lives somewhere is mostly there")
    )
    least_presence: float = parameter(0.1, 0.001, 1.0, "(density)", elicited("some live otherwise"))
    concealed: float = _rate(0.3, "some hide behind routers and sold exits, others rent servers")
    domain_others: float = _rate(0.2, "some operators buy a domain and catch all its mail; so do schools")
    domain_openly: float = _rate(0.9, "staff have the mail of their company; some signed up before")
    parent_same: float = _rate(0.02, "who hides states no common parent")
    parent_intermediary: float = _rate(0.3, "some resellers are the billing parent of their customers")
    parent_network: float = _rate(0.05, "people pay for themselves")
    parent_openly: float = _rate(0.9, "seats are billed together; some are paid by card")
    unseen_openly: float = _rate(0.02, "an organisation that nothing shows is not openly one")
    closed_openly: float = _rate(0.02, "closings of honest accounts are mistakes")
    closed_openly_weight: float = parameter(
        200.0, 1.0, 100_000.0, "accounts", elicited("2 % in one organisation, give or take 1 %")
    )
    closed_others: float = _rate(0.2, "operators are caught sooner or later")

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class NullModel:
    """What something harmless explains as well.

    Attributes:
        ground_bits: Bits from which a tie of a pair counts as independent evidence, alone; in a cluster of
            n accounts log2(n - 1) more.
        ground_counted_bits: The same given the other ties of its pair.
        least_paying: Paying members from which it tells something that none pays by another's instrument.
        most_sharing: Share of them who do, up to which they are apart.
    """

    ground_bits: float = parameter(3.0, 0.0, 30.0, "bits", chosen("eight to one"))
    ground_counted_bits: float = parameter(1.0, 0.0, 30.0, "bits", chosen("two to one"))
    least_paying: int = parameter(
        7, 2, 1_000, "accounts", chosen("an operator who reuses any share of cards shows it to three in four")
    )
    most_sharing: float = _rate(0.1, "couples share a card; operators reuse most of theirs")

    def __post_init__(self) -> None:
        check_fields(self)
