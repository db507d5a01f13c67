"""From links to communities."""

from __future__ import annotations

from dataclasses import dataclass

from graphlink.core.parameters.parameter import chosen, elicited, parameter
from graphlink.core.ranges import check_fields


@dataclass(frozen=True, slots=True)
class Communities:
    """From links to communities.

    Attributes:
        most_link_bits: The most that one link counts when communities are found.
        owned: Probability of being exclusive from which an instrument, a secret or an address belongs to
            somebody.
        own_bits: Bits from which a link has evidence of what belongs to somebody.
        least_group: Accounts of the lesser of two groups from which only what belongs to somebody joins
            them.
        reach_bits: log2 of an operator's pairs against those of them that share something at all.
        larger_doubt: Doubt allowed to a member of a community larger than a household, against that of a
            smaller one.
        repetitions: How often communities are computed again with some identifiers left out.
        left_out: Share of the identifiers left out in each repetition.
    """

    most_link_bits: float = parameter(
        12.0, 1.0, 64.0, "bits", chosen("one very strong link is not worth many of some strength")
    )
    owned: float = parameter(0.5, 0.01, 0.99, "(probability)", chosen("likelier exclusive than public"))
    own_bits: float = parameter(3.0, 0.1, 30.0, "bits", chosen("eight to one"))
    least_group: int = parameter(
        4, 1, 1_000, "accounts", elicited("people who meet in places rarely come in groups of so many")
    )
    reach_bits: float = parameter(
        2.0, 0.0, 20.0, "bits", elicited("about a quarter of an operator's pairs share something")
    )
    larger_doubt: float = parameter(
        3.0, 1.0, 100.0, "(factor)", elicited("of many members some share little, all the same")
    )
    repetitions: int = parameter(16, 2, 31, "repetitions", chosen("steps of 6 % are fine enough for a role"))
    left_out: float = parameter(0.1, 0.001, 0.9, "(share)", chosen("one identifier of ten may mislead"))

    def __post_init__(self) -> None:
        check_fields(self)
