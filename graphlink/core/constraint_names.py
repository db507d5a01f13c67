"""Names of constraints and of what became of them."""

from __future__ import annotations

MUST_LINK, CANNOT_LINK = "must_link", "cannot_link"
"""Constraints: accounts labelled "yes" stand together, those labelled "no" apart."""
AGREES, APPLIED, CONFLICT = "agrees", "applied", "conflict"
"""Outcomes of a constraint: the evidence agrees, accounts were moved, or other labels contradict it."""
