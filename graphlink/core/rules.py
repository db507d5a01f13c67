"""Rules of the method that explanations need without a run, each stated once."""

from __future__ import annotations

# What a kind counts when a stronger one of its facet is shared as well, by default: the parameter
# `dependence.same_facet`. Explanations take what counted so much for held down by another of its facet.
SAME_FACET = 0.25
