"""What requests by POST carry."""

from __future__ import annotations

import msgspec


class LookupBody(msgspec.Struct):
    """Texts to look up."""

    ids: list[str]


class IdentifierName(msgspec.Struct):
    """An identifier by its kind and value."""

    kind: str
    value: str


class CollateralBody(msgspec.Struct):
    """What would be closed or blocked."""

    accounts: list[str] = []
    identifiers: list[IdentifierName] = []


class WhatIfBody(msgspec.Struct):
    """What is left out of a cluster's component.

    Attributes:
        since: ISO 8601; only evidence from then on.
        until: ISO 8601; only evidence up to then.
        resolution_bits: Instead of the setting of the run, as is `cluster_probability`.
    """

    cluster: str
    identifiers: list[IdentifierName] = []
    kinds: list[str] = []
    since: str | None = None
    until: str | None = None
    resolution_bits: float | None = None
    cluster_probability: float | None = None
