"""The infrastructure of a cluster: the routers, relays, exits and networks that its accounts came through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core.wording.infrastructure import (
    INFRASTRUCTURE_ROLES,
    infrastructure_role,
    infrastructure_words,
)
from graphlink.explorer.cluster_rows import cluster_number
from graphlink.explorer.index.columns import UNDATED, iso_time
from graphlink.explorer.index.identifiers import ADDRESS_KIND
from graphlink.explorer.index.runs import distinct, summed
from graphlink.explorer.nodes import identifier_facts, number_or_none
from graphlink.explorer.sightings import least_of_each
from graphlink.kinds.listed_types import EXITS

if TYPE_CHECKING:
    from graphlink.explorer.index.columns import Flags, Floats, Ints, Longs
    from graphlink.explorer.index.identifiers import Identifiers
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query

_FACET = "network"
_ROLES = tuple(INFRASTRUCTURE_ROLES)


@dataclass(frozen=True)
class Infrastructure:
    """The routers of a cluster, and the addresses and ranges of several members, in the order of the list.

    Attributes:
        identifier: Numbers of the identifiers.
        role: Role of each.
        n_members: Members that use it, or that evidence ties by it.
        n: How often members were seen with it; 0 for a range, which no observation holds.
        share: Share of the evidence for the cluster.
        first: When a member was first seen with it, in seconds from the start of the data; `UNDATED` where
            that is not known.
        last: The same of the last.
        n_single: Further addresses, each of one member only.
    """

    identifier: Longs
    role: list[str]
    n_members: Longs
    n: Longs
    share: Floats
    first: Longs
    last: Longs
    n_single: int

    @property
    def n_by_role(self) -> dict[str, int]:
        """Role to how many there are."""
        return {role: self.role.count(role) for role in _ROLES}

    @property
    def words(self) -> str:
        """How many of each role there are."""
        return infrastructure_words(self.n_by_role, self.n_single)


def list_infrastructure(index: Index, query: Query) -> dict[str, Any]:
    """A page of what the accounts of a cluster came through: routers first, of each role the most used."""
    number = cluster_number(index.clusters, query.needed("cluster_id"))
    found = infrastructure_of(index, number)
    role = query.choice("role", ("", *_ROLES))
    kept = [i for i, one in enumerate(found.role) if not role or one == role]
    n_by_role = found.n_by_role
    return {
        **query.page(kept, lambda wanted: [row_of(index, number, found, i) for i in wanted]),
        "n_single": found.n_single,
        "words": found.words,
        "roles": [
            {"role": name, "title": words.one, "about": words.about, "n": n_by_role[name]}
            for name, words in INFRASTRUCTURE_ROLES.items()
        ],
    }


def infrastructure_of(index: Index, number: int) -> Infrastructure:
    """Find what the accounts of a cluster came through."""
    return index.of_cluster("infrastructure", number, lambda: _find_infrastructure(index, number))


def _find_infrastructure(index: Index, number: int) -> Infrastructure:
    members = index.clusters.members_of(number).astype(np.int64)
    identifier, holder, at, n = _sightings(index, members)
    e = index.evidence
    whole = e.rows_of_cluster(number).astype(np.int64)
    rows = whole[_is_network(index, e.identifier[whole])]
    tied = e.identifier[rows].astype(np.int64)
    found, place = distinct(np.concatenate([identifier, tied]), len(index.identifiers.kind))
    seen, joint = place[: len(identifier)], place[len(identifier) :]
    size, width = len(found), np.int64(len(index.accounts.names) + 1)
    # Who is tied by it counts as well: no observation holds a range.
    ties = index.ties_of(number)
    is_network = _is_network(index, ties.identifier)
    tied_place = np.searchsorted(found, ties.identifier[is_network])
    users = np.unique(np.concatenate([seen * width + holder, tied_place * width + ties.account[is_network]]))
    n_members = np.bincount(users // width, minlength=size)
    spans = np.concatenate([at, e.first[rows], e.last[rows]])
    first, last = _spans(np.concatenate([seen, joint, joint]), spans, size)
    total = float(np.maximum(e.bits[whole], 0).sum()) or 1.0
    share = np.maximum(summed(joint, e.bits[rows].astype(np.float64), size), 0) / total
    counts = summed(seen, n, size).astype(np.int64)
    roles = _roles(index.identifiers, found, n_members)
    rank = np.array([_ROLES.index(role) for role in roles], np.int64)
    is_listed = (n_members > 1) | (rank == _ROLES.index("router"))
    order = np.lexsort((found, -counts, -n_members, rank))
    order = order[is_listed[order]]
    return Infrastructure(
        found[order], [roles[i] for i in order], n_members[order], counts[order], share[order],
        first[order], last[order],
        _n_alone(index, members) + int((~is_listed & (rank != _ROLES.index("network"))).sum()),
    )  # fmt: skip


def row_of(index: Index, number: int, found: Infrastructure, i: int) -> dict[str, Any]:
    """One of them as a row."""
    identifier = int(found.identifier[i])
    facts = identifier_facts(index.identifiers, identifier)
    cluster = index.accounts.cluster[index.holders.of(identifier)]
    elsewhere = np.unique(cluster[(cluster >= 0) & (cluster != number)])
    start = index.accounts.span[0]
    return {
        **{name: facts[name] for name in ("id", "kind", "value")},
        "role": found.role[i],
        "role_words": INFRASTRUCTURE_ROLES[found.role[i]].one,
        "owner": facts["label"],
        "owner_type": facts["label_type"],
        "n_members": int(found.n_members[i]),
        "n_others": max(facts["degree"] - int(found.n_members[i]), 0),
        "n_clusters": len(elsewhere),
        "p_exclusive": number_or_none(index.identifiers.p_exclusive[identifier]),
        "share": round(float(found.share[i]), 6),
        "n": int(found.n[i]),
        "first_seen": _moment(start, int(found.first[i])),
        "last_seen": _moment(start, int(found.last[i])),
    }


def _is_network(index: Index, identifier: Ints | Longs) -> Flags:
    """Where an identifier that several accounts hold is of a network."""
    of_kind = np.array([facet == _FACET for facet in index.identifiers.facets], np.bool_)
    is_one = identifier >= 0
    is_one[is_one] = of_kind[index.identifiers.kind[identifier[is_one]]]
    return is_one


def _sightings(index: Index, members: Longs) -> tuple[Longs, Longs, Longs, Longs]:
    """Identifier, account, moment and count of what members were seen with on shared networks."""
    o = index.observations
    rows, place = o.rows_of(members)
    kept = _is_network(index, o.identifier[rows])
    rows, place = rows[kept], place[kept]
    identifier, at, n = (column[rows].astype(np.int64) for column in (o.identifier, o.at, o.n))
    return identifier, members[place], at, n


def _spans(place: Longs, at: Longs, size: int) -> tuple[Longs, Longs]:
    """The first and the last moment at each place; `UNDATED` where there is none."""
    dated = at > UNDATED
    first = least_of_each(at[dated].astype(np.int64), place[dated], size)
    last = -least_of_each(-at[dated].astype(np.int64), place[dated], size)
    known = np.bincount(place[dated], minlength=size) > 0
    return np.where(known, first, UNDATED), np.where(known, last, UNDATED)


def _roles(ids: Identifiers, numbers: Longs, n_members: Longs) -> list[str]:
    """The role of each; an address is own only where most of its holders are of the cluster."""
    types = [ids.label_types[ids.label_type[one]] for one in numbers.tolist()]
    return [
        infrastructure_role(
            ids.kinds[ids.kind[one]],
            label_type,
            number_or_none(ids.p_exclusive[one]) if 2 * n > int(ids.degree[one]) else None,
            is_exit=label_type in EXITS,
        )
        for one, n, label_type in zip(numbers.tolist(), n_members.tolist(), types, strict=True)
    ]


def _n_alone(index: Index, members: Longs) -> int:
    """Addresses that one account of the cluster uses and nobody else does."""
    kinds = index.observations.kinds
    if ADDRESS_KIND not in kinds:
        return 0
    is_member = np.zeros(len(index.accounts.names), np.bool_)
    is_member[members] = True
    wanted = kinds.index(ADDRESS_KIND)
    batches = index.observations.singles.batches
    return sum(int(((kind == wanted) & is_member[account]).sum()) for kind, _, account in batches)


def _moment(start: int, seconds: int) -> str | None:
    return iso_time(start + seconds) if seconds > UNDATED else None
