"""Households: honest people who share a line and a card, and how many they are."""

from __future__ import annotations

# People of one household are few, and use each other's cards; in a larger group the same is not honest.
LARGEST_HOUSEHOLD = 5
# How likely each further person of a household is, given the one before.
_FURTHER_PERSON = 0.4


def household_share(n: int) -> float:
    """Make the probability that a pair of one household, drawn at random, is of a household of n people."""
    q = _FURTHER_PERSON
    return (1.0 - q) ** 3 * n * (n - 1) / 2.0 * q ** (n - 2)
