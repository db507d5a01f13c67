"""Kinds of identifier: what sharing one is worth, and how values are cleaned.

A few kinds are built in; any other well-formed name is an open kind of its own facet. Cleaning is idempotent:
a cleaned value is its own cleaned value, so every spelling of one identifier meets in one value.
"""

from __future__ import annotations

from graphlink.kinds.built_in import KINDS
from graphlink.kinds.cleaning import LONGEST_VALUE
from graphlink.kinds.ip import ADDRESSES, CARRIERS_OF_V4, NETWORK, network_of
from graphlink.kinds.keyed_hash import identifiers_of, key_check, pseudonym, read_key
from graphlink.kinds.kind import Kind, UncleanValue
from graphlink.kinds.messages import shown
from graphlink.kinds.registry import clean_kind, is_declared, is_known, kind_of, known_kind, known_kinds

__all__ = [
    "ADDRESSES",
    "CARRIERS_OF_V4",
    "KINDS",
    "LONGEST_VALUE",
    "NETWORK",
    "Kind",
    "UncleanValue",
    "clean_kind",
    "identifiers_of",
    "is_declared",
    "is_known",
    "key_check",
    "kind_of",
    "known_kind",
    "known_kinds",
    "network_of",
    "pseudonym",
    "read_key",
    "shown",
]
