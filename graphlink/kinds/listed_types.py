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
        is_rented: Whether its addresses are exits that anybody can rent to hide behind, as no carrier's are.
    """

    name: str
    bits: float
    intermediary: float
    is_service: bool
    is_rented: bool


# Name, whose share of the holders is an intermediary's, whether its labels name a service for the public, and
# whether it is rented to hide behind.
# An open or anonymizing proxy, and a home connection that a seller rents out, are exits for anybody, as those
# of a VPN are.
_TYPES = (
    ("router", "router", True, False),
    ("vpn", "exits", True, True),
    ("proxy", "exits", False, True),
    ("residential_proxy", "exits", False, True),
    ("anonymizer", "exits", False, True),
    ("tor", "exits", True, True),
    ("hosting", "rented", True, False),
    ("carrier_nat", "exits", True, False),
    ("campus", "exits", False, False),
    ("corporate", "unlisted", False, False),
    ("other", "unlisted", False, False),
)


def listed_types(parameters: Parameters) -> tuple[ListedType, ...]:
    """Make the types with what the parameters say of each."""
    bits, shares = parameters.listed_bits, parameters.intermediaries
    return tuple(
        ListedType(name, getattr(bits, name), getattr(shares, group), is_service, is_rented)
        for name, group, is_service, is_rented in _TYPES
    )


LISTED_TYPES = listed_types(Parameters())
"""The types by the default parameters."""
ROUTER = LISTED_TYPES[0]
EXITS = frozenset(one.name for one in LISTED_TYPES if one.is_rented) | {ROUTER.name}
"""Types of addresses that strangers share by purpose."""
