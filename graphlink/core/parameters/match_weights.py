"""Which pairs are looked at, how the match weights of kinds are learned, and how kinds depend."""

from __future__ import annotations

from dataclasses import dataclass

from graphlink.core.parameters.parameter import chosen, elicited, parameter
from graphlink.core.ranges import check_fields
from graphlink.core.rules import SAME_FACET


@dataclass(frozen=True, slots=True)
class Blocking:
    """Which pairs of accounts are looked at.

    Attributes:
        neighbours: On a value too common to pair all its holders, others that each is paired with, so that a
            large exclusive value (the server of a large farm) can be recognised and does not fall apart.
        largest_scored: Accounts on a value at a time beyond which it is not scored for candidate pairs.
    """

    neighbours: int = parameter(
        12, 1, 1_000, "accounts", chosen("of a random graph of degree 24 nearly all hang together")
    )
    largest_scored: int = parameter(
        2_048, 2, 1_000_000, "accounts", chosen("it says less than one bit about a candidate pair")
    )

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class Mixture:
    """How the share of one-operator pairs of each kind is learned from pairs without labels.

    Attributes:
        prior_pairs: Pairs of data that weigh as much as the prior of a kind in one bucket.
        offset_pairs: The same for the move of all buckets of a kind together.
        most_moved: The most that the data move the prior of all buckets of a kind together.
        bucket_pairs: Pairs from which further ones of a bucket do not move a kind's prior more.
        view_pairs: Pairs from which a kind has a vote of its own on how often operators agree.
        most_share: The largest share of one-operator pairs that a kind may have.
        least_agreeing: Least share of an operator's pairs that agree on a kind, and that differ.
        known_pairs: Pairs from which a kind shows how often strangers agree on another.
        implying_pairs: Pairs from which a kind may imply another.
        common_holders: Holders from which a value is common: who share it are mostly strangers.
        common_pairs: Pairs on common values from which they show how often strangers agree on another kind.
        unknown_agreement: Share of strangers that agree on a kind of which the data show nothing.
        labelled_pairs: Pairs that one labelled by an analyst counts for.
        usual_agreement: Share of a kind's pairs by which the usual agreement, of strangers and of operators,
            counts beside what its own pairs show.
    """

    prior_pairs: float = parameter(10.0, 0.1, 10_000.0, "pairs", chosen("ten pairs are a hint, not proof"))
    offset_pairs: float = parameter(2.5, 0.1, 10_000.0, "pairs", chosen("a few pairs of all buckets hint"))
    most_moved: float = parameter(7.0, 0.1, 30.0, "nats", chosen("a thousand to one against the prior"))
    bucket_pairs: float = parameter(
        200.0, 1.0, 1e6, "pairs", chosen("common values of a kind do not rule its rare ones")
    )
    view_pairs: float = parameter(100.0, 1.0, 1e6, "pairs", chosen("ten by the root, as views count"))
    most_share: float = parameter(
        0.995,
        0.5,
        0.999999,
        "(probability)",
        elicited("every kind of value is shared for honest reasons too"),
    )
    least_agreeing: float = parameter(
        0.02, 0.0001, 0.4, "(share)", elicited("no operator is so tidy, or so careful")
    )
    known_pairs: float = parameter(50.0, 1.0, 1e6, "pairs", chosen("fewer are an anecdote"))
    implying_pairs: float = parameter(20.0, 1.0, 1e6, "pairs", chosen("fewer agree by luck"))
    common_holders: float = parameter(
        17.0, 3.0, 1e6, "accounts", elicited("larger operators are few among the holders of so common values")
    )
    common_pairs: float = parameter(100.0, 1.0, 1e6, "pairs", chosen("fewer are an anecdote"))
    unknown_agreement: float = parameter(
        0.001, 1e-6, 0.5, "(probability)", elicited("an unknown kind has a thousand values")
    )
    labelled_pairs: float = parameter(
        10.0, 1.0, 10_000.0, "pairs", chosen("an analyst knows; of the others it is estimated what they are")
    )
    usual_agreement: float = parameter(
        0.1, 0.001, 10.0, "(share)", chosen("what a kind's own pairs show counts ten times as much")
    )

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class Dependence:
    """How kinds depend on each other, and what differing says.

    Attributes:
        same_facet: What a kind counts, of its own bits, when a stronger one of its facet is shared as well.
        implies: Share of the pairs of a kind that agree on another as well, from which it implies the other.
        background: Share of random pairs that agree on a kind from which it is evidence of where people are,
            not who.
        weak_bits: Bits of which a kind must be able to have fewer to count as weak: how often two of one time
            agree on it is then counted and not learned.
        rarity_stated: By how much the rarity of a value against the usual one of its kind moves what it adds
            to another kind, between stated kinds.
        rarity_open: The same where one of the two is of one's own.
        most_contrary: The most that one group of kinds speaks against a pair.
        single: Share of a kind's accounts with one value from which differing speaks against a pair.
    """

    same_facet: float = parameter(
        SAME_FACET,
        0.001,
        1.0,
        "(share)",
        elicited("kinds of one facet fail together: mostly the first again"),
    )
    implies: float = parameter(
        0.97, 0.5, 0.9999, "(share)", chosen("three exceptions in a hundred are errors")
    )
    background: float = parameter(
        0.05, 0.0001, 0.9, "(probability)", elicited("twenty time zones, languages or mail providers")
    )
    weak_bits: float = parameter(
        12.0, 0.0, 64.0, "bits", chosen("fewer link no pair at a prior of one in 4,096")
    )
    rarity_stated: float = parameter(
        12.0, 0.0, 64.0, "bits", chosen("stated facets fail by themselves: rarity counts in full")
    )
    rarity_open: float = parameter(
        2.0, 0.0, 64.0, "bits", elicited("dependence may be why a rare value of an open kind agrees")
    )
    most_contrary: float = parameter(
        3.0, 0.1, 30.0, "nats", elicited("operators vary what they register with: twenty to one at most")
    )
    single: float = parameter(
        0.95, 0.5, 1.0, "(share)", elicited("of names and birthdays people have one, but for typing errors")
    )

    def __post_init__(self) -> None:
        check_fields(self)
