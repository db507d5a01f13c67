"""The types that reference lists give to addresses, and what each says of who is behind one."""

from __future__ import annotations

from dataclasses import dataclass

from graphlink.core.parameters import Parameters


@dataclass(frozen=True, slots=True)
class ListedType:
    """A type of addresses.

    Attributes:
        name: Its name in reference lists and in the tables.
        bits: What it says of whether one operator alone holds such an address: infrastructure that the public
            shares, or that one organisation runs.
        intermediary: Of its holders who are not one operator, the share that are customers of one
            intermediary rather than people on one network.
        is_service: Whether its labels name a service that is sold to the public, and no customer of it.
    """

    name: str
    bits: float
    intermediary: float
    is_service: bool


# Name, whose share of the holders is an intermediary's, and whether its labels name a service for the public.
# An open or anonymizing proxy, and a home connection that a seller rents out, are exits for anybody, as those
# of a VPN are.
_TYPES = (
    ("router", "router", True),
    ("vpn", "exits", True),
    ("proxy", "exits", False),
    ("residential_proxy", "exits", False),
    ("anonymizer", "exits", False),
    ("tor", "exits", True),
    ("hosting", "rented", True),
    ("carrier_nat", "exits", True),
    ("campus", "exits", False),
    ("corporate", "unlisted", False),
    ("other", "unlisted", False),
)


def listed_types(parameters: Parameters) -> tuple[ListedType, ...]:
    """Make the types with what the parameters say of each."""
    bits, shares = parameters.listed_bits, parameters.intermediaries
    return tuple(
        ListedType(name, getattr(bits, name), getattr(shares, group), is_service)
        for name, group, is_service in _TYPES
    )


LISTED_TYPES = listed_types(Parameters())
"""The types by the default parameters."""
ROUTER = LISTED_TYPES[0]
