"""In which order clusters are looked at: by concealment and harm, not by how sure it is that they are one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphlink.core.parameters.parameter import chosen, elicited, parameter
from graphlink.core.ranges import check_fields


def _points(points: float, reason: str) -> Any:
    return parameter(points, 0.0, 100.0, "points", elicited(reason))


@dataclass(frozen=True, slots=True)
class Priority:
    """In which order clusters are looked at.

    A part of the order is a level between 0 (as usual) and 1, times the points given here.

    Attributes:
        burner_domains: Points of accounts spread over mail domains of the cluster's own.
        routers: Points of sightings through third-party routers, beyond the usual share.
        exits: Points of sightings at VPNs, proxies, residential proxies and Tor, beyond the usual share.
        addresses: Points of more addresses for each account than usual.
        succession: Points of accounts opened after others of the cluster were closed, beyond chance.
        closures: Points of accounts closed for abuse, beyond the usual share.
        volume: Points of use, of all accounts together.
        growth: Points of accounts opened lately, beyond the usual share.
        size: Points of the number of accounts.
        burner_outside: Share of a mail domain's holders that may be outside the cluster it belongs to.
        addresses_full: Addresses for each account, against what is usual, from which the level is 1.
        succession_full: Share of accounts that follow a closing from which the level is 1.
        succession_chance: Accounts beyond those expected by chance that count for nothing.
        volume_full: Use of all accounts, against the usual use of one, from which the level is 1.
        size_full: Accounts from which the level is 1.
        closed_factor: What the points count where every account is closed, so that nothing is left to decide.
    """

    burner_domains: float = _points(2.0, "a company has one domain, or two; throwaway domains are bought")
    routers: float = _points(1.0, "routers hide who calls, and honest customers use them too")
    exits: float = _points(1.5, "who rents exits hides; some honest people do")
    addresses: float = _points(1.5, "people have a home and a phone; rotation has many addresses")
    succession: float = _points(3.0, "whoever comes back after a closing was closed for a reason")
    closures: float = _points(1.5, "what was closed for abuse was abuse; the rest is likely so")
    volume: float = _points(1.0, "harm grows with use, and so does a good customer")
    growth: float = _points(1.0, "what grows is decided early or late")
    size: float = _points(1.0, "many accounts matter more, and so do many seats of a customer")
    burner_outside: float = parameter(0.1, 0.0, 0.9, "(share)", chosen("a domain's stray sign-ups"))
    addresses_full: float = parameter(
        8.0, 1.1, 1e4, "(ratio)", elicited("far beyond travel and mobile networks")
    )
    succession_full: float = parameter(
        0.5, 0.01, 1.0, "(share)", elicited("every other account a replacement")
    )
    succession_chance: float = parameter(1.0, 0.0, 100.0, "accounts", chosen("one may be chance"))
    volume_full: float = parameter(256.0, 1.1, 1e9, "(ratio)", elicited("as much as 256 usual accounts"))
    size_full: float = parameter(256.0, 2.0, 1e9, "accounts", elicited("larger operators are few"))
    closed_factor: float = parameter(0.1, 0.0, 1.0, "(factor)", chosen("closed already: for the record"))

    def __post_init__(self) -> None:
        check_fields(self)
