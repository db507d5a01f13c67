"""Households: honest people who share a line and a card, and how many they are."""

from __future__ import annotations

from dataclasses import dataclass

from graphlink.core.parameters.parameter import elicited, parameter
from graphlink.core.ranges import check_fields


@dataclass(frozen=True, slots=True)
class Households:
    """Sizes of households.

    Attributes:
        largest: People of a household at most.
        further_person: How likely each further person of a household is, given the one before.
    """

    largest: int = parameter(
        5, 1, 100, "accounts", elicited("households are few people, who use each other's cards")
    )
    further_person: float = parameter(
        0.4, 0.001, 0.99, "(probability)",
        elicited("sizes of households fall about geometrically beyond two people"),
    )  # fmt: skip

    def __post_init__(self) -> None:
        check_fields(self)

    def share_of_pairs(self, n: int) -> float:
        """Make the probability that a pair of people of one household is of a household of n people."""
        q = self.further_person
        return (1.0 - q) ** 3 * n * (n - 1) / 2.0 * q ** (n - 2)
