"""What people read of the infrastructure that the accounts of a cluster came through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.core.wording.figures import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIKELIER_THAN_NOT = 0.5


@dataclass(frozen=True, slots=True)
class _Role:
    """What an identifier of a network is to a cluster.

    Attributes:
        one: A single one, in a sentence and in a table.
        many: Several.
        about: What it means.
    """

    one: str
    many: str
    about: str


INFRASTRUCTURE_ROLES: Mapping[str, _Role] = {
    "router": _Role("router", "routers", "A third-party router, which has customers of its own"),
    "relay": _Role(
        "own relay", "own relays", "A hosting address of several members that likely one operator alone holds"
    ),
    "own": _Role(
        "own address", "own addresses", "An address of several members that likely one operator alone holds"
    ),
    "exit": _Role("listed exit", "listed exits", "An address listed as one of a router, VPN, proxy or Tor"),
    "place": _Role(
        "listed place", "listed places", "An address listed as hosting, carrier, campus or company"
    ),
    "shared": _Role(
        "shared address", "shared addresses", "An address on no list, which others are likely to use too"
    ),
    "network": _Role("network", "networks", "A range of addresses that is evidence for the cluster"),
}
"""Role to its words, in the order in which they are listed."""


def infrastructure_role(
    kind: str, label_type: str | None, p_exclusive: float | None, *, is_exit: bool
) -> str:
    """What an identifier of a network is to a cluster: a key of `INFRASTRUCTURE_ROLES`.

    Args:
        kind: Its kind; `ip` and `router` name one host, others a range.
        label_type: Its type on a reference list; None where it is on none.
        p_exclusive: Probability that one operator alone holds it; None where not known.
        is_exit: Whether addresses of that type are exits that strangers share by purpose.
    """
    if kind == "router":
        return "router"
    if kind != "ip":
        return "network"
    if is_exit:
        return "exit"
    if p_exclusive is not None and p_exclusive >= _LIKELIER_THAN_NOT:
        return "relay" if label_type == "hosting" else "own"
    return "shared" if label_type in {None, "other"} else "place"


def infrastructure_words(n_by_role: Mapping[str, int], n_single: int) -> str:
    """How many of each role a cluster came through: "2 routers, 6 own relays"; empty where none is known.

    Args:
        n_by_role: Role to how many there are.
        n_single: Further addresses, each of one member only.
    """
    known = [
        counted(n_by_role[role], words.one, words.many)
        for role, words in INFRASTRUCTURE_ROLES.items()
        if role != "network" and n_by_role.get(role)
    ]
    if n_single:
        further = counted(n_single, "further address", "further addresses")
        known.append(f"{further}, each used by a single member")
    return ", ".join(known)
