"""Rules of the method that several steps follow, each stated once."""

from __future__ import annotations

# What a kind counts when a stronger one of its facet is shared as well: kinds of one facet fail together, so
# the second is mostly the first again.
SAME_FACET = 0.25
# Accounts on a value at a time beyond which it says less than one bit about a candidate pair.
LARGEST_SCORED = 2_048
