"""The types that reference lists give to addresses, and what each says of who is behind one."""

from __future__ import annotations

from dataclasses import dataclass


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


_MANY_STRANGERS = 0.03
UNLISTED_INTERMEDIARY = 0.2  # of an address that no list types
LISTED_TYPES = (
    ListedType("router", -4.0, 0.97, True),
    ListedType("vpn", -4.0, _MANY_STRANGERS, True),
    # An open or anonymizing proxy; and a home connection that a seller rents out to anybody, mostly without
    # its household's knowledge (Mi et al., "Resident Evil: Understanding Residential IP Proxy as a Dark
    # Service", IEEE S&P 2019). Both are exits for anybody, as those of a VPN are.
    ListedType("proxy", -4.0, _MANY_STRANGERS, False),
    ListedType("residential_proxy", -4.0, _MANY_STRANGERS, False),
    ListedType("tor", -4.0, _MANY_STRANGERS, True),
    ListedType("hosting", 0.0, 0.5, True),
    ListedType("carrier_nat", -4.0, _MANY_STRANGERS, True),
    ListedType("campus", -4.0, _MANY_STRANGERS, False),
    ListedType("corporate", 2.0, UNLISTED_INTERMEDIARY, False),
    ListedType("other", 0.0, UNLISTED_INTERMEDIARY, False),
)
ROUTER = LISTED_TYPES[0]
