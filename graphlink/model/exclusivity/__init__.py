"""Exclusivity: how likely one operator alone holds an identifier, and so the bits of sharing it.

The number of holders cannot distinguish a company's exit address from a campus's. Corroboration can: the
accounts of one operator also share cards; those of a campus do not. The unit is the identifier, with a hidden
state: one operator holds it alone, it has several tenants among others, or it is public. What is known of the
state before the data is the prior of its kind and size; its likelihood comes from coverage, the number of
holders who are tied to another holder by a facet that the identifier can't determine, against the number that
chance gives. An operator with many cards has few accounts on each, and yet each of its accounts is tied to
some other: coverage is of holders and not of pairs, and of the addresses together that the same accounts
use. Absence is missing: who has nothing that could tie him is
counted only as far as strangers without any are to be expected.

What an identifier determines never corroborates it. Who ends TLS sets the fingerprint, the agent and the
address that its customers show; it doesn't set their cards. So addresses, clients and kinds of one's own are
corroborated by what belongs to somebody (instruments and secrets) alone, and these by addresses as well.
Corroboration never comes from the pair in question, and once: what follows from it does not feed back into
it, so there is nothing that can oscillate. It moves kinds with a stated prior; of an open kind the data give
how its values fare at each size.
"""

from __future__ import annotations

from graphlink.model.exclusivity.estimates import estimate_exclusivity

__all__ = ["estimate_exclusivity"]
