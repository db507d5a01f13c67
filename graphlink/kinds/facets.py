"""Facets: groups of kinds that fail together, since what deceives about one mostly deceives about all.

A kind of one's own is a facet of its own, which is neither owned nor tying, and is a ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.core.sql import quoted_text

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Facet:
    """A group of kinds that fail together.

    Attributes:
        name: Its name in the tables.
        label: What it holds, in legends.
        owned: Whether its values belong to somebody, as instruments and secrets do.
        tying: Whether accounts that share a value of it count as tied, to corroborate other identifiers.
        ground: Whether sharing it is a ground for one operator: strangers share places and clients.
        colour: Its colour on light ground, as in charts.css.
        dark_colour: Its colour on dark ground.
    """

    name: str
    label: str
    owned: bool
    tying: bool
    ground: bool
    colour: str
    dark_colour: str


NETWORK = Facet("network", "network: address, router", False, True, False, "#2563a8", "#6ea8e6")
PAYMENT = Facet("payment", "payment instrument", True, True, True, "#1a7f4e", "#52c08a")
IDENTITY = Facet("identity", "identity: mail, phone, key", True, True, True, "#7a4bb3", "#b791ea")
# A client string is too easily the same to tie accounts.
CLIENT = Facet("client", "client or device", False, False, False, "#a35a00", "#e0a04d")
BEHAVIOUR = Facet("behaviour", "joint behaviour", False, False, True, "#b02a53", "#ee7fa0")
FACETS = (NETWORK, PAYMENT, IDENTITY, CLIENT, BEHAVIOUR)
OWNED_FACETS = tuple(facet for facet in FACETS if facet.owned)
TYING_FACETS = tuple(facet for facet in FACETS if facet.tying)


def is_facet_sql(column: str, facet: Facet) -> str:
    """Condition that a column holds the name of a facet."""
    return f"{column} = {quoted_text(facet.name)}"


def among_facets_sql(column: str, facets: Iterable[Facet]) -> str:
    """Condition that a column holds the name of one of some facets."""
    return f"{column} IN ({', '.join(quoted_text(facet.name) for facet in facets)})"


def is_ground_sql(column: str) -> str:
    """Condition that a column holds the name of a facet that is a ground; one's own facets are."""
    return f"NOT {among_facets_sql(column, (facet for facet in FACETS if not facet.ground))}"
