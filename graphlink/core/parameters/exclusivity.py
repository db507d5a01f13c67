"""Whether one operator alone holds an identifier."""

from __future__ import annotations

from dataclasses import dataclass

from graphlink.core.parameters.parameter import chosen, elicited, parameter
from graphlink.core.ranges import check_fields


@dataclass(frozen=True, slots=True)
class Exclusivity:
    """Whether one operator alone holds an identifier.

    Attributes:
        joining_odds: Odds, as log2, from which what two accounts share of instruments and secrets ties them.
        loose_odds: Odds, as log2, from which what two accounts share of these is no public provider's.
        single_facet: Share of operators whose accounts share nothing but the identifier in question.
        tied: Of an operator's accounts on one identifier, the share tied to another one by an instrument.
        tied_doubt: How even that share is from operator to operator, in pseudo-accounts.
        guests: Of the holders of an operator's own identifier, the share that are somebody else: guests,
            former tenants of an address.
        guests_doubt: How even that share is from identifier to identifier, in pseudo-accounts.
        site_holders: Accounts that hold two addresses, from which these are one site.
        site_share: Share of the holders of either that these must be.
        site_addresses: Addresses of an account from which it roams, and makes no site of them.
        pool_of_one: How much less likely one operator has an address alone whose holders roam over many.
        settled_sites: Shared addresses of an account up to which it does not roam.
        public_tied: The same of the public: families, couples and friends.
        public_doubt: How even that share is, in pseudo-accounts.
        chance_doubt: How even the share tied by chance is, in pseudo-accounts.
        least_usual: Least share tied by chance, whatever the data show.
        most_usual: Largest share that chance or a family's place explains.
        among_others: Addresses that an operator shares with others, for each that it has alone. The data
            teach it; this is what stands before them.
        among_in_network: Networks (a /24, a /48) that an operator shares with others, for each network.
        learning_units: Networks that the data need for half of their own word on `among_others`.
        parts_of_one: How often two groups of accounts on one identifier, each tied by instruments of its
            own, are one operator's.
        parts_alone: The same of an identifier that nobody else holds.
        in_part: How often two accounts of one such group are, given nothing else of the two.
        several_domains: Organisations whose accounts are under several mail domains of their own.
        joint_instruments: Instruments that pay for accounts under both of two mail domains, from which these
            are one organisation's.
        instrument_domains: Mail domains whose accounts an instrument pays for, beyond which it is a
            marketplace's and joins none.
        gathered: Of an operator's instrument, how often its holders come from one place.
        from_place: Where they do, the share of the holders who do.
        from_place_doubt: How even that share is, in pseudo-accounts.
        locality: How much likelier people who share an instrument are in one place than any two.
        locality_doubt: How even that is from place to place, in pseudo-accounts.
        local_services: Services behind an instrument or a domain, such as a reseller's or a mail provider's,
            whose customers come from one place to any degree.
        infrastructure_sets: Shared addresses whose infrastructure sets what client their users show.
        infrastructure_shows: Users who show what the infrastructure sets.
        agreeing: Share of an operator's accounts on one address that agree on a client.
        agreeing_doubt: How even that share is, in pseudo-accounts.
    """

    joining_odds: float = parameter(0.0, -5.0, 20.0, "bits", chosen("likelier than not"))
    loose_odds: float = parameter(
        -6.0,
        -11.0,
        20.0,
        "bits",
        chosen("one in 64: an instrument of hundreds counts"),
    )
    single_facet: float = parameter(
        0.3,
        0.001,
        0.999,
        "(share)",
        elicited("who evades shares one facet only"),
    )
    tied: float = parameter(
        6 / 7, 0.01, 0.99, "(share)", elicited("of those that pay, one in seven pays by itself")
    )
    tied_doubt: float = parameter(7.0, 0.1, 1000.0, "accounts", elicited("operators differ"))
    guests: float = parameter(
        0.05, 0.001, 0.5, "(share)", elicited("addresses change hands, and have guests")
    )
    guests_doubt: float = parameter(20.0, 0.1, 1000.0, "accounts", elicited("addresses differ"))
    site_holders: int = parameter(
        3, 2, 1_000, "accounts", elicited("two may be a couple at home and at work")
    )
    site_share: float = parameter(
        0.2, 0.01, 1.0, "(share)", elicited("who rotates over a handful of servers meets one in five again")
    )
    site_addresses: int = parameter(
        64, 2, 10_000, "addresses", chosen("pairs of addresses grow by the square of these")
    )
    pool_of_one: float = parameter(
        0.1, 0.001, 1.0, "(factor)", elicited("sellers of exits have many customers, operators among them")
    )
    settled_sites: int = parameter(
        2, 1, 1_000, "addresses", elicited("home and work: who uses no more of them does not roam")
    )
    public_tied: float = parameter(0.1, 0.001, 0.9, "(share)", elicited("families share cards"))
    public_doubt: float = parameter(10.0, 0.1, 1000.0, "accounts", elicited("places differ"))
    chance_doubt: float = parameter(5.0, 0.1, 1000.0, "accounts", elicited("activity differs"))
    least_usual: float = parameter(0.01, 1e-6, 0.5, "(share)", elicited("one in a hundred has a partner"))
    most_usual: float = parameter(
        0.95, 0.5, 0.9999, "(share)", elicited("what is usual has exceptions, one in twenty")
    )
    among_others: float = parameter(
        1.0, 0.001, 1000.0, "(ratio)", elicited("exits are rented as often as servers are")
    )
    among_in_network: float = parameter(
        0.3, 0.001, 1.0, "(share)", elicited("a network has many tenants by nature")
    )
    learning_units: float = parameter(5.0, 0.1, 1e6, "networks", chosen("a few networks are an anecdote"))
    parts_of_one: float = parameter(
        0.3, 0.001, 0.999, "(share)", elicited("one operator with two card sellers, or two rivals")
    )
    parts_alone: float = parameter(
        0.5,
        0.001,
        0.999,
        "(share)",
        elicited("rivals meet at exits that others rent too, but not only; a card pays for a few accounts"),
    )
    in_part: float = parameter(
        0.5, 0.001, 0.999, "(probability)", chosen("their own ties are weighed by themselves")
    )
    several_domains: float = parameter(
        0.05, 0.0001, 1.0, "(share)", elicited("an organisation has one domain for its mail")
    )
    joint_instruments: int = parameter(
        2, 1, 100, "instruments", chosen("two organisations may have one marketplace, seldom two")
    )
    instrument_domains: int = parameter(
        30, 1, 10_000, "domains", chosen("a holding has some subsidiaries, a marketplace any number")
    )
    gathered: float = parameter(
        0.3, 0.001, 0.999, "(share)", elicited("most operators spread an instrument over many exits")
    )
    from_place: float = parameter(0.8, 0.01, 0.99, "(share)", elicited("some have places of their own"))
    from_place_doubt: float = parameter(5.0, 0.1, 1000.0, "accounts", elicited("operators differ"))
    locality: float = parameter(
        3.0, 1.0, 1000.0, "(factor)", elicited("customers of one reseller or provider are of one region")
    )
    locality_doubt: float = parameter(2.0, 0.1, 1000.0, "accounts", elicited("regions differ widely"))
    local_services: float = parameter(
        0.05, 0.0001, 0.999, "(share)", elicited("who sells mail, or resells access, may run the network too")
    )
    infrastructure_sets: float = parameter(
        0.2, 0.001, 0.999, "(share)", elicited("routers that end TLS, and firms whose machines are one build")
    )
    infrastructure_shows: float = parameter(0.97, 0.5, 0.9999, "(share)", elicited("few come around it"))
    agreeing: float = parameter(0.75, 0.01, 0.99, "(share)", elicited("an operator runs one program mostly"))
    agreeing_doubt: float = parameter(4.0, 0.1, 1000.0, "accounts", elicited("operators differ"))

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class Frequency:
    """What the frequency of a value says at most.

    Attributes:
        largest_usual: Accounts of the largest usual operator: the holders of a value with fewer may all be
            one operator's, those of a value with more count each by itself.
    """

    largest_usual: float = parameter(
        32.0, 2.0, 1e6, "accounts", elicited("operators of more accounts are rare among all operators")
    )

    def __post_init__(self) -> None:
        check_fields(self)
